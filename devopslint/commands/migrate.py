"""`devopslint migrate`: what other linters were told, in the words of devopslint.yaml."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from devopslint.catalogue import catalogue
from devopslint.cli import make_run
from devopslint.config import Config, Layer
from devopslint.deferred import NamedTuple
from devopslint.files import read_file
from devopslint.model import Suppression
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.project import FileReport
from devopslint.readers.yaml import read_yaml
from devopslint.reports.frames import printable
from devopslint.suppressions import OWN_ORIGINS

TRIVY = (".trivyignore", ".trivyignore.yaml")
POLARIS = ("polaris.yaml", ".polaris.yaml", "polaris-config.yaml")
MOST = 30
"""Comments that are listed."""


class Said(NamedTuple):
    """What one file of another linter says, as lines of a configuration."""

    allow: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    """What has no counterpart here."""


@click.command()
@run_options
@click.option(
    "--comments", is_flag=True, help="List every comment of another linter with the one that takes its place."
)
def command(comments: bool, **run: Any) -> None:
    """Print as a devopslint.yaml what hadolint, kube-linter, checkov, trivy, actionlint, zizmor and polaris are told here.

    The configurations of hadolint, kube-linter, checkov, actionlint and zizmor, and the comments of all of them, are heeded
    as they are: this is for the day on which they go.
    """
    with usage_errors():
        config, outcome = make_run(**run)
    root = outcome.scope.root
    others = [_trivy(root), _polaris(root)]
    write(
        "-",
        configuration(config, others)
        + "".join(f"{printable(line)}\n" for line in _comments(outcome.reports, every=comments)),
    )


def configuration(config: Config, others: Iterable[Said]) -> str:
    """The keys that say the same; empty ones are left out."""
    others = list(others)
    overrides = [line for layer in config.peers for line in _override(layer)]
    allow = [_allow(one) for one in config.allow if one.origin not in OWN_ORIGINS and one.said is None]
    allow += [line for one in others for line in one.allow]
    patterns = [one for one in config.allow if one.said is not None]
    rules = [line for one in others for line in one.rules]
    ignore = sorted({name for one in others for name in one.ignore})
    lines = ["# What other linters are told in this repository."]
    lines += [f"ignore: [{', '.join(ignore)}]"] if ignore else []
    for key, entries in (("rules", rules), ("overrides", overrides), ("allow", allow)):
        lines += [f"{key}:", *entries] if entries else []
    for one in patterns:
        place = f"{one.location.path}:{one.location.line}"
        lines.append(
            f"# {place}: {one.origin} compares its own messages with {one.said!r}; accept what is meant by rule and path"
        )
    lines += [f"# {line}" for one in others for line in one.lost]
    if len(lines) == 1:
        lines.append("# None of them has a configuration here.")
    # A line break in what they say begins no line of ours: it would be a key.
    return "".join(f"{printable(line)}\n" for line in lines)


def _override(layer: Layer) -> Iterator[str]:
    yield f"  - paths: {json.dumps(list(layer.paths))}"
    if layer.extend_select:
        yield f"    extend-select: [{', '.join(layer.extend_select)}]"
    if layer.rules:
        yield "    rules:"
        yield from (f"      {rule_id}: {_flow(given)}" for rule_id, given in layer.rules.items())


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _allow(one: Suppression) -> str:
    entry: dict[str, Any] = {"rule": list(one.rules)}
    if one.paths not in (None, "**", "/**"):
        entry["path"] = one.paths
    entry["reason"] = one.reason or f"left out by {one.origin}, {one.location.path}:{one.location.line}"
    if one.until is not None:
        entry["until"] = one.until.isoformat()
    return f"  - {_flow(entry)}"


def _trivy(root: Path) -> Said:
    allow: list[str] = []
    lost: list[str] = []
    for name in TRIVY:
        text = _text(root, name)
        if name.endswith(".yaml"):
            entries = [
                entry for document in read_yaml(name, text).documents for entry in document.root["misconfigurations"]
            ]
            found = [
                (e["id"].text, e["statement"].text, e["expired_at"].text, [p.text for p in e["paths"].strings()])
                for e in entries
            ]
        else:
            words = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
            found = [(one[0], "", next((w[4:] for w in one if w.startswith("exp:")), ""), []) for one in words]
        for identity, statement, expiry, paths in found:
            rules = _equivalents("trivy", identity)
            if not rules:
                lost.append(f"{name}: trivy's {identity} has no rule here")
                continue
            day = _day(expiry)
            reason = statement if len(statement) > 2 else f"left out by trivy, {name}: {identity}"
            for path in paths or ["**"]:
                entry = {"rule": rules, "path": path, "reason": reason} | ({"until": day} if day else {})
                allow.append(f"  - {_flow(entry)}")
    return Said(tuple(allow), lost=tuple(lost))


def _polaris(root: Path) -> Said:
    levels = {"danger": "error", "warning": "warning"}
    rules: dict[str, str] = {}
    ignore: set[str] = set()
    allow: list[str] = []
    lost: list[str] = []
    for name in POLARIS:
        for document in read_yaml(name, _text(root, name)).documents:
            for check, level in document.root["checks"].items():
                same = _equivalents("polaris", check.text)
                if not same:
                    lost.append(f"{name}: polaris' {check.text} has no rule here")
                elif level.text == "ignore":
                    ignore.update(same)
                elif level.text in levels:
                    rules |= dict.fromkeys(same, levels[level.text])
            for exemption in document.root["exemptions"]:
                same = sorted(
                    {r for check in exemption["rules"].strings() for r in _equivalents("polaris", check.text)}
                )
                for controller in exemption["controllerNames"].strings() if same else ():
                    entry = {"rule": same, "object": f"*/{controller.text}*", "reason": f"exempted for polaris, {name}"}
                    allow.append(f"  - {_flow(entry)}")
    return Said(
        tuple(allow), tuple(f"  {rule}: {level}" for rule, level in sorted(rules.items())), tuple(ignore), tuple(lost)
    )


def _equivalents(peer: str, name: str) -> list[str]:
    bare = name.removeprefix("AVD-")
    names = {name, bare, re.sub(r"^(KSV|DS|AWS|GCP|AZU)-?(\d+)$", lambda found: f"{found[1]}-{int(found[2]):04}", bare)}
    return [
        rule_id for rule_id, entry in catalogue().items() if names.intersection(entry.rule.equivalents.get(peer, ()))
    ]


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""


def _text(root: Path, name: str) -> str:
    try:
        if not (root / name).resolve().is_relative_to(root.resolve()):
            return ""
        return read_file(root / name).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _comments(reports: Iterable[FileReport], *, every: bool) -> Iterator[str]:
    """Each comment of another linter, with the one that would take its place."""
    found = [one for report in reports for one in report.suppressions if one.origin not in OWN_ORIGINS]
    if not found:
        return
    yield f"# {len(found)} comments and annotations of other linters are heeded as they are; in their place:"
    for one in found if every else found[:MOST]:
        until = f" until {one.until.isoformat()}" if one.until else ""
        reason = f" -- {one.reason or 'REASON'}"
        at = f"{one.location.path}:{one.location.line}"
        yield f"#   {at} ({one.origin}): devopslint: allow {', '.join(one.rules)}{reason}{until}"
    if not every and len(found) > MOST:
        yield f"#   and {len(found) - MOST} more: --comments"
