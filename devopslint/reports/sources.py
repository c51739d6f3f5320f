"""The lines of code that a report may show: those of the files, without the secrets that rules suspect in them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from devopslint.model import Location, Rule
from devopslint.reports import Report

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


def lines_of(text: str) -> list[str]:
    """The lines as editors number them, without their line breaks."""
    return _LINE_BREAK.split(text)


def shown_lines(report: Report) -> Callable[[str], list[str]]:
    """Path -> its lines; a suspected secret is starred wherever its line is shown, not only in its own finding."""
    secrets: dict[str, list[Location]] = {}
    for finding in report.findings:
        if shows_secrets(finding.rule):
            secrets.setdefault(finding.location.path, []).append(finding.location)

    @functools.cache
    def lines_at(path: str) -> list[str]:
        lines = lines_of(report.source(path))
        for location in secrets.get(path, ()):
            _hide(lines, location)
        return lines

    return lines_at


def shows_secrets(rule: Rule) -> bool:
    """Whether the rule's findings stand where a secret is written; the tag `secret-name` says: only its name is."""
    return "secret-name" not in rule.tags and ("secret" in rule.tags or "secret" in rule.id.split("-"))


def _hide(lines: list[str], location: Location) -> None:
    """Star the region, the rest of its line and the lines nested below it: a key's value may stand in either."""
    if location.line > len(lines):
        return
    first = lines[location.line - 1]
    lines[location.line - 1] = first[: location.column - 1] + _starred(first[location.column - 1 :])
    for index in range(location.line, len(lines)):
        if index >= location.end_line and lines[index].strip() and _indent(lines[index]) <= _indent(first):
            return
        lines[index] = _starred(lines[index])


def _starred(text: str) -> str:
    return re.sub(r"\S", "*", text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
