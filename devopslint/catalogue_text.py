"""The catalogue in words: the list of rules, and one rule explained."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from typing import Any

from devopslint.catalogue import Entry, catalogue

_GENERAL = frozenset({"duplicate", "suppression", "unreadable"})
"""First words of rules that speak of files as such and belong to no family."""


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
    if rule.fix:
        facts.append(_FIXES[rule.fix])
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
        lines += ["", "## Parameters", "", *_parameters(entry)]
    for title, examples in (("Bad", entry.bad), ("Fixed", entry.fixed), ("Good", entry.good)):
        for files in examples:
            for path, text in files.items():
                lines += ["", f"## {title}: `{path}`", "", "```", text.rstrip("\n"), "```"]
    if rule.equivalents:
        lines += ["", "## The same elsewhere", "", _equivalents(entry)]
    if rule.references:
        lines += ["", "## References", "", *(f"- {url}" for url in rule.references)]
    return "\n".join(lines) + "\n"


def for_terminal(markdown: str, *, colored: bool) -> str:
    """An explanation set for 80 columns: paragraphs wrapped, headings without their marks, examples indented."""
    lines: list[str] = []
    in_code = False
    for line in markdown.splitlines():
        if line == "```":
            in_code = not in_code
        elif in_code:
            lines.append(f"    {line}".rstrip())
        elif line.startswith("#"):
            title = line.lstrip("# ").replace("`", "")
            lines.append(f"\x1b[1m{title}\x1b[0m" if colored else title)
        else:
            indent = "    " if line.startswith("- ") else "  "
            first = "  " if lines else ""
            lines += textwrap.wrap(
                line, 80, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
            ) or [""]
    return "\n".join(lines) + "\n"


def page() -> str:
    """docs/rules.md: every rule, by family."""
    lines = [
        "# Rules",
        "",
        "Written by `make docs` from `rules/`. `devopslint explain RULE` shows a rule's examples too.",
    ]
    families: dict[str, list[Entry]] = {}
    for entry in catalogue().values():
        families.setdefault("" if entry.rule.family in _GENERAL else entry.rule.family, []).append(entry)
    for family, entries in sorted(families.items()):
        lines += ["", f"## {family}-" if family else "## The files and their suppressions", ""]
        lines += ["| rule | severity | fix | what is wrong |", "|---|---|---|---|"]
        lines += [f"| [{e.rule.id}](#{e.rule.id}) | {_level(e)} | {e.rule.fix} | {e.rule.title} |" for e in entries]
        for entry in entries:
            lines += ["", *_section(entry)]
    return "\n".join(lines) + "\n"


_FIXES = {"safe": "mended by --fix", "unsafe": "mended by --fix --unsafe-fixes"}


def _level(entry: Entry) -> str:
    return str(entry.rule.severity) if entry.rule.enabled else f"{entry.rule.severity}, off"


def _section(entry: Entry) -> list[str]:
    rule = entry.rule
    lines = [f"### {rule.id}", "", f"**{rule.title}** ({_level(entry)}). {rule.rationale.strip()}", ""]
    lines += [f"*What to do:* {rule.remediation.strip()}"]
    if rule.fix:
        lines[-1] += f" (`{_FIXES[rule.fix].removeprefix('mended by ')}` does.)"
    facts = [*_parameters(entry)]
    if rule.dod:
        facts.append(f"- Definition of Done: {', '.join(rule.dod)}")
    if rule.equivalents:
        facts.append(f"- The same elsewhere: {_equivalents(entry)}")
    if rule.references:
        facts.append(f"- See {', '.join(f'<{url}>' for url in rule.references)}")
    return [*lines, "", *facts] if facts else lines


def _parameters(entry: Entry) -> list[str]:
    return [
        f"- `{name}` ({schema['type']}, default `{json.dumps(schema['default'])}`): {schema['description']}"
        for name, schema in entry.rule.parameters.items()
    ]


def _equivalents(entry: Entry) -> str:
    return "; ".join(f"{peer} {', '.join(ids)}" for peer, ids in sorted(entry.rule.equivalents.items()))


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
        "fix": rule.fix,
    }


if __name__ == "__main__":
    from devopslint.config_text import write_docs

    print(page(), end="")  # noqa: T201  # `make docs`
    write_docs()  # what else is made of the catalogue changes with it
