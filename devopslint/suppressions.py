"""# devopslint: allow RULE -- REASON until DATE: reading them, and marking what they accept."""

from __future__ import annotations

import datetime
import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator

from devopslint.catalogue import catalogue
from devopslint.deferred import compiled
from devopslint.files import glob_finder
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

_COMMENT = compiled(r"#[ \t]*devopslint(?P<colon>[ \t]*:)?[ \t]*(?P<word>[\w-]+)\b[ \t]*(?P<rest>[^\r\n]*)")
_WORDS = ("accept", "allow", "disable", "exclude", "except", "ignore", "noqa", "nolint", "skip", "suppress")
"""What others say for `allow`: whoever writes one of them means to accept something."""
_RULE = compiled(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+|\*")
_UNTIL = compiled(r"\s*\b[Uu]ntil[ \t]+(\d{4}-\d{2}-\d{2})[ \t]*\Z")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_NEARLY_UNTIL = compiled(
    r"\s*\b(?:(?:valid[ \t-]+)?until|till|exp(?:ir(?:y|es|ed?|ation|ing))?)\b[ \t]*(?:on\b|date\b)?[ \t]*[:=]?[ \t]*"
    r"(?P<day>\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{8}"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)?[ \t]+)?{_MONTH}[ \t]+(?:\d{{1,2}},?[ \t]+)?\d{{4}})(?!\d)[ \t.;,)]*",
    re.IGNORECASE,
)
"""A last day in words, an order or a place that is not the one: never passed over, for it would hold for ever."""
_FORM = "write allow RULE, RULE -- REASON, until YYYY-MM-DD"


def read_comments(path: str, text: str, extent: Callable[[int], tuple[int, int]]) -> Iterator[Suppression]:
    """The allowances in a file's comments.

    Behind something on its line, a comment speaks of that line; alone on a line, it speaks of what begins on
    the next line that is no comment: a whole container, job or stage.
    """
    if "devopslint" not in text:
        return
    lines = Lines(text)
    for number, line in enumerate(lines.texts, 1):
        found = _COMMENT.search(line)
        if found is None or not _is_meant(found):
            continue
        first = last = number
        if not line[: found.start()].strip():
            first, last = extent(lines.next_spoken(number) or number)
        at = Location(path, number, found.start() + 1, number, len(line.rstrip()) + 1)
        if found["colon"] and found["word"] == "allow":
            yield _parse(found["rest"], at, first, last, "comment")
        else:
            said = f"{'' if found['colon'] else 'devopslint '}{found['word']}"
            malformed = f"accepts nothing: {said!r} is not 'devopslint: allow'; {_FORM}"
            yield Suppression((), at, None, None, first, last, origin="comment", malformed=malformed)


def _is_meant(found: re.Match[str]) -> bool:
    """Whether a comment that speaks of devopslint is meant to accept something; others only speak of it."""
    if found["colon"] and found["word"] == "allow":
        return True
    rest = found["rest"].lstrip("=:([ \t")  # between the word and the rule, as pylint, trivy and ruff have them
    names_rule = _RULE.match(rest) is not None and rest != "*"
    word = found["word"].lower()
    if not any(word.startswith(known[:4]) for known in _WORDS):
        import difflib  # only for what is misspelt

        if not difflib.get_close_matches(word, _WORDS, 1, 0.75):
            return bool(found["colon"]) and _RULE.fullmatch(word) is not None and word in catalogue()
    return names_rule


def read_annotations(annotations: Iterable[Annotation]) -> Iterator[Suppression]:
    """The allowances in a manifest's annotations, each for the lines of the object that carries it."""
    for annotation in annotations:
        if annotation.key.startswith(ANNOTATION):
            for line in annotation.text.splitlines():
                if line.strip():
                    yield _parse(line, annotation.location, annotation.first_line, annotation.last_line, "annotation")


def _parse(text: str, at: Location, first: int, last: int, origin: str) -> Suppression:
    names, _, reason = text.partition("--")
    malformed = ""
    until = None
    expiry = _UNTIL.search(reason) or _UNTIL.search(names)
    if expiry is not None:
        until = _day(expiry[1])
        if until is None:
            malformed = f"accepts nothing: {expiry[1]} is no day"
        reason, names = _UNTIL.sub("", reason), _UNTIL.sub("", names)
    elif (nearly := _NEARLY_UNTIL.search(reason) or _NEARLY_UNTIL.search(names)) is not None:
        until = _day(nearly["day"])
        heard = "is not read as" if until is None else "stands for"
        malformed = f"{nearly[0].strip()!r} {heard} a last day: end with until YYYY-MM-DD"
        if until is None:
            malformed = f"accepts nothing: {malformed}"
        reason, names = (_NEARLY_UNTIL.sub("", one) for one in (reason, names))
    rules: list[str] = []
    for name in filter(None, re.split(r"[,\s]+", names.strip())):
        if _RULE.fullmatch(name) is None:
            malformed = malformed or f"{name!r} is not understood: {_FORM}"
            break
        rules.append(name)
    if malformed.startswith("accepts nothing"):
        until = datetime.date.min
    reason = reason.strip(" \t,;.")
    return Suppression(tuple(rules), at, reason or None, until, first, last, origin=origin, malformed=malformed)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def settle(
    findings: Iterable[Finding], suppressions: Iterable[Suppression], today: datetime.date
) -> tuple[list[Finding], set[tuple[int, str]]]:
    """The same findings, those that a suppression accepts marked; and (id of a suppression, rule that it accepted).

    Nothing is dropped. A suppression whose day has passed accepts nothing.
    """
    in_files: dict[str, list[Suppression]] = {}
    on_lines: dict[tuple[str, int], list[Suppression]] = {}
    in_configuration: list[Suppression] = []
    for suppression in suppressions:
        if suppression.until is not None and suppression.until < today:
            continue
        if suppression.paths is None and suppression.last_line - suppression.first_line < _FEW_LINES:
            for line in range(suppression.first_line, suppression.last_line + 1):
                on_lines.setdefault((suppression.location.path, line), []).append(suppression)
        elif suppression.paths is None:
            in_files.setdefault(suppression.location.path, []).append(suppression)
        else:
            in_configuration.append(suppression)
    allowing = glob_finder(tuple((one.paths or "",) for one in in_configuration))
    used: set[tuple[int, str]] = set()
    settled = []
    for_path: dict[str, list[Suppression]] = {}
    for finding in findings:
        accepted = None
        path, line = finding.location.path, finding.location.line
        places = {(path, line): None, **{(one.location.path, one.location.line): None for one in finding.related}}
        places |= {(one.path, one.line): None for one in finding.bases}
        nearby = [one for place in places for one in on_lines.get(place, ())]
        nearby += [one for file in {place[0]: None for place in places} for one in in_files.get(file, ())]
        for suppression in nearby:
            if _accepts(suppression, finding):
                accepted = accepted or suppression
                used.add((id(suppression), finding.rule.id))
        if path not in for_path:
            for_path[path] = [in_configuration[index] for index in allowing(path)]
        for suppression in for_path[path]:
            if _accepts(suppression, finding):
                accepted = accepted or suppression
                used.add((id(suppression), finding.rule.id))
        settled.append(finding._replace(suppressed=accepted) if accepted else finding)
    return settled, used


def _accepts(suppression: Suppression, finding: Finding) -> bool:
    if not suppression.names(finding.rule.id) or finding.rule.id.startswith("suppression-"):
        return False
    places = [finding.location, *finding.bases, *(one.location for one in finding.related if suppression.related)]
    file = suppression.location.path if suppression.paths is None else finding.location.path
    here = (place.line for place in places if place.path == file)
    if not any(suppression.first_line <= line <= suppression.last_line for line in here):
        return False
    if suppression.said is not None and not _is_said(suppression.origin, suppression.said, finding):
        return False
    return suppression.object is None or fnmatch.fnmatchcase(finding.subject, suppression.object)


def _is_said(peer: str, pattern: str, finding: Finding) -> bool:
    return any(says(peer, pattern, finding) for says in worded())


def judge(
    suppressions: Iterable[Suppression],
    used: set[tuple[int, str]],
    today: datetime.date,
    ran: Callable[[Suppression, str], bool],
) -> Iterator[tuple[str, Location, str]]:
    """(rule id, place, message) of what is wrong with the suppressions themselves.

    `ran` says whether a rule has run on all that a suppression covers, so that one without effect is truly unused.
    """
    hints: dict[str, str] = {}
    accepting = {suppression for suppression, _ in used}
    for suppression in suppressions:
        if suppression.origin not in OWN_ORIGINS:
            continue
        at = suppression.location
        if suppression.malformed:
            yield "suppression-malformed", at, suppression.malformed
            if not suppression.rules or suppression.until == datetime.date.min:
                continue
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
            continue
        unused = [
            name
            for name in suppression.rules
            if name not in unknown
            and (id(suppression) not in accepting if name == "*" else (id(suppression), name) not in used)
            and ran(suppression, name)
        ]
        if unused:
            every = unused == list(suppression.rules)
            what = "accepts nothing: no finding" if every else "accepts no finding"
            yield "suppression-unused", at, f"{what} of {', '.join(unused)} here"


def _hint(name: str) -> str:
    import difflib  # only for what is misspelt

    close = difflib.get_close_matches(name, catalogue(), 1)
    return f", did you mean {close[0]}?" if close else ""
