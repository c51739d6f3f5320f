"""# devopslint: allow RULE -- REASON until DATE: reading them, and marking what they accept."""

from __future__ import annotations

import datetime
import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator

from devopslint.catalogue import catalogue
from devopslint.files import glob_matcher
from devopslint.model import Annotation, Finding, Location, Suppression
from devopslint.readers.lines import Lines
from devopslint.registry import worded

ANNOTATION = "devopslint/allow"
"""An annotation of this name, or one that begins with it, holds one allowance a line."""

OWN_ORIGINS = frozenset({"comment", "annotation", "configuration"})
"""Whatever else a suppression comes from is another linter's syntax."""

_FEW_LINES = 20
"""A suppression of no more is looked up by the line of a finding: a file may have thousands of both."""
MOST_HINTS = 100
"""Misspelt names for which the rule that may be meant is looked for, 5 ms each."""

_COMMENT = re.compile(r"#[ \t]*devopslint:[ \t]*allow\b[ \t]*([^\r\n]*)")
_UNTIL = re.compile(r"\s*\b[Uu]ntil[ \t]+(\d{4}-\d{2}-\d{2})[ \t]*\Z")


def read_comments(path: str, text: str, extent: Callable[[int], tuple[int, int]]) -> Iterator[Suppression]:
    """The allowances in a file's comments.

    Behind something on its line, a comment speaks of that line; alone on a line, it speaks of what begins on
    the next line that is no comment: a whole container, job or stage.
    """
    if "devopslint:" not in text:
        return
    lines = Lines(text)
    for number, line in enumerate(lines.texts, 1):
        found = _COMMENT.search(line)
        if found is None:
            continue
        first = last = number
        if not line[: found.start()].strip():
            first, last = extent(lines.next_spoken(number) or number)
        at = Location(path, number, found.start() + 1, number, len(line.rstrip()) + 1)
        yield _parse(found.group(1), at, first, last, "comment")


def read_annotations(annotations: Iterable[Annotation]) -> Iterator[Suppression]:
    """The allowances in a manifest's annotations, each for the lines of the object that carries it."""
    for annotation in annotations:
        if annotation.key.startswith(ANNOTATION):
            for line in annotation.text.splitlines():
                if line.strip():
                    yield _parse(line, annotation.location, annotation.first_line, annotation.last_line, "annotation")


def _parse(text: str, at: Location, first: int, last: int, origin: str) -> Suppression:
    names, _, reason = text.partition("--")
    until = None
    expiry = _UNTIL.search(reason) or _UNTIL.search(names)
    if expiry is not None:
        try:
            until = datetime.date.fromisoformat(expiry.group(1))
        except ValueError:
            until = datetime.date.min  # no such day: it has never been
        reason, names = _UNTIL.sub("", reason), _UNTIL.sub("", names)
    rules = tuple(name for name in re.split(r"[,\s]+", names.strip()) if name)
    return Suppression(rules, at, reason.strip(" \t,;") or None, until, first, last, origin=origin)


def settle(
    findings: Iterable[Finding], suppressions: Iterable[Suppression], today: datetime.date
) -> tuple[list[Finding], set[int]]:
    """The same findings, those that a suppression accepts marked; and the ids of the suppressions that did.

    Nothing is dropped. A suppression whose day has passed accepts nothing.
    """
    in_files: dict[str, list[Suppression]] = {}
    on_lines: dict[tuple[str, int], list[Suppression]] = {}
    in_configuration: list[tuple[Suppression, Callable[[str], bool]]] = []
    for suppression in suppressions:
        if suppression.until is not None and suppression.until < today:
            continue
        if suppression.paths is None and suppression.last_line - suppression.first_line < _FEW_LINES:
            for line in range(suppression.first_line, suppression.last_line + 1):
                on_lines.setdefault((suppression.location.path, line), []).append(suppression)
        elif suppression.paths is None:
            in_files.setdefault(suppression.location.path, []).append(suppression)
        else:
            in_configuration.append((suppression, glob_matcher((suppression.paths,))))
    used: set[int] = set()
    settled = []
    for finding in findings:
        accepted = None
        path, line = finding.location.path, finding.location.line
        for suppression in (*on_lines.get((path, line), ()), *in_files.get(path, ())):
            if _accepts(suppression, finding):
                accepted = accepted or suppression
                used.add(id(suppression))
        for suppression, matches in in_configuration:
            if _accepts(suppression, finding) and matches(path):
                accepted = accepted or suppression
                used.add(id(suppression))
        settled.append(finding._replace(suppressed=accepted) if accepted else finding)
    return settled, used


def _accepts(suppression: Suppression, finding: Finding) -> bool:
    if not suppression.names(finding.rule.id) or finding.rule.id.startswith("suppression-"):
        return False
    places = [finding.location, *(one.location for one in finding.related if suppression.related)]
    here = (place.line for place in places if place.path == finding.location.path)
    if not any(suppression.first_line <= line <= suppression.last_line for line in here):
        return False
    if suppression.said is not None and not _is_said(suppression.origin, suppression.said, finding):
        return False
    return suppression.object is None or fnmatch.fnmatchcase(finding.subject, suppression.object)


def _is_said(peer: str, pattern: str, finding: Finding) -> bool:
    return any(says(peer, pattern, finding) for says in worded())


def judge(
    suppressions: Iterable[Suppression], used: set[int], today: datetime.date, ran: Callable[[Suppression], bool]
) -> Iterator[tuple[str, Location, str]]:
    """(rule id, place, message) of what is wrong with the suppressions themselves.

    `ran` says whether everything that a suppression names has run, so that one without effect is truly unused.
    """
    hints: dict[str, str] = {}
    for suppression in suppressions:
        if suppression.origin not in OWN_ORIGINS:
            continue
        at = suppression.location
        if not suppression.rules:
            yield "suppression-unknown-rule", at, "names no rule: write allow RULE -- REASON"
        unknown = [name for name in suppression.rules if name != "*" and name not in catalogue()]
        for name in unknown:
            if name not in hints:
                hints[name] = _hint(name) if len(hints) < MOST_HINTS else ""
            yield "suppression-unknown-rule", at, f"there is no rule {name!r}{hints[name]}"
        if suppression.reason is None:
            yield "suppression-unexplained", at, "gives no reason: add -- and why this is accepted"
        if suppression.until is not None and suppression.until < today:
            yield "suppression-expired", at, f"has expired: it was accepted until {suppression.until}"
        elif id(suppression) not in used and suppression.rules and not unknown and ran(suppression):
            yield "suppression-unused", at, f"accepts nothing: no finding of {', '.join(suppression.rules)} here"


def _hint(name: str) -> str:
    import difflib  # only for what is misspelt

    close = difflib.get_close_matches(name, catalogue(), 1)
    return f", did you mean {close[0]}?" if close else ""
