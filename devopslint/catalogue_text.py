"""The catalogue in words: the list of rules, and one rule explained."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from devopslint.catalogue import Entry


def listing(entries: Iterable[Entry], format: str) -> str:
    """One line a rule, or JSON."""
    entries = list(entries)
    if format == "json":
        return json.dumps([_data(entry) for entry in entries], indent=2, ensure_ascii=False) + "\n"
    width = max((len(entry.rule.id) for entry in entries), default=0)
    lines = [
        f"{e.rule.id:{width}}  {e.rule.severity!s:7}  {'' if e.rule.enabled else '(off) '}{e.rule.title}"
        for e in entries
    ]
    off = sum(not entry.rule.enabled for entry in entries)
    return "\n".join([*lines, "", f"{len(entries)} rules, {off} of them off by default"]) + "\n"


def explanation(entry: Entry) -> str:
    """All that a rule file says, as Markdown."""
    rule = entry.rule
    lines = [f"# {rule.id}", "", rule.title + ".", ""]
    facts = [f"severity: {rule.severity}"]
    if not rule.enabled:
        facts.append("off by default")
    if rule.dod:
        facts.append(f"Definition of Done: {', '.join(rule.dod)}")
    if rule.tags:
        facts.append(f"tags: {', '.join(rule.tags)}")
    lines += [
        "; ".join(facts),
        "",
        "## Why",
        "",
        rule.rationale.strip(),
        "",
        "## What to do",
        "",
        rule.remediation.strip(),
    ]
    if rule.parameters:
        lines += ["", "## Parameters", ""]
        for name, schema in rule.parameters.items():
            lines.append(
                f"- `{name}` ({schema['type']}, default `{json.dumps(schema['default'])}`): {schema['description']}"
            )
    for title, examples in (("Bad", entry.bad), ("Good", entry.good)):
        for files in examples:
            for path, text in files.items():
                lines += ["", f"## {title}: `{path}`", "", "```", text.rstrip("\n"), "```"]
    if rule.equivalents:
        named = (f"{peer} {', '.join(ids)}" for peer, ids in sorted(rule.equivalents.items()))
        lines += ["", "## The same elsewhere", "", "; ".join(named)]
    if rule.references:
        lines += ["", "## References", "", *(f"- {url}" for url in rule.references)]
    return "\n".join(lines) + "\n"


def _data(entry: Entry) -> dict[str, Any]:
    rule = entry.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": str(rule.severity),
        "enabled": rule.enabled,
        "dod": list(rule.dod),
        "tags": list(rule.tags),
        "rationale": rule.rationale.strip(),
        "remediation": rule.remediation.strip(),
        "parameters": rule.parameters,
        "equivalents": {peer: list(ids) for peer, ids in rule.equivalents.items()},
        "references": list(rule.references),
    }
