"""What one document says of itself: that it is to be written, how much may be lost, how long a rollback takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.documentation.documents import DocumentFile, Section, documents, sections
from devopslint.documentation.names import RECOVERY, ROLLBACK, RUNBOOK, is_of_design
from devopslint.documentation.targets import names_targets
from devopslint.model import Problem
from devopslint.registry import check

_PLAN = compiled(
    r"(?i)disaster|\bdrp?\b|recovery[ _-]plan|business[ _-]continuity|notfallplan|plan de reprise|灾|災害|재해"
)
_OF_TEAM = compiled(
    r"(?i)(?:disaster|continuity)[^/]*\b(?:plan|procedure|runbook|strategy|manual)|\b(?:recovery|drp?)[ _-]plan"
    r"|(?:\A|/)disaster[ _-]recovery\W*(?:\Z|\.)|notfallplan|plan de reprise|灾备|災害復旧"
)
"""A plan that a team made for itself, and no page of a manual about a feature of that name."""
_HOUR = 3600.0
_MINUTES = compiled(
    r"(?i)(?<![\w.])(\d+(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(\d+))?\s*-?(seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|h)\b"
)
_VERIFIED = compiled(
    r"(?i)rollout +status|--wait\b|--atomic\b|\bget +(?:pods?|po|deploy\w*|all|events)\b|\bhelm +(?:status|test)\b|app +wait\b"
    r"|\bcurl\b|\bwget\b|smoke|verif|check|confirm|health|dashboard|monitor|überprüf|vérifi|comprob"
)
_REPORT = compiled(
    r"(?i)post[ _-]?mortem|incident[ _-]report|(?:19|20)\d\d-?[01]\d-?[0-3]\d[^/]*(?:incident|outage)|störungsbericht|rapport d.incident"
)
_NO_REPORT = compiled(
    r"(?i)template|process|guide|guidelines|policy|how[ _-]?to|culture|checklist|example|/blog/|procedure|index\b|meeting"
)
_OF_INCIDENTS = {
    "timeline": compiled(r"(?i)time ?line|chronolog|zeitverlauf|ablauf|(?:\b[0-2]?\d:[0-5]\d\b[^\n]*\n[\s\S]*){3}"),
    "cause": compiled(r"(?i)\bcauses?\b|\bcaused by\b|contributing|\bwhy\b|trigger|ursache"),
    "action": compiled(r"(?i)action|follow[ -]?ups?|next steps|to[ -]?dos?\b|remediation|improvement|prevent|maßnahme"),
}
"""What a report tells, in whatever place."""
_SHORTEST = 3
"""Lines with words below which a document says next to nothing."""


@check("doc-stub", each=documents)
def stub(document: DocumentFile) -> Iterator[Problem]:
    if document.is_readme or not document.purposes:
        return
    found = document.stubs
    if found:
        more = f", and {len(found) - 1} more such lines" if len(found) > 1 else ""
        yield Problem(
            document.at(found[0].line), f"'{_short(found[0].text)}' stands where something is to be read{more}"
        )
    elif document.purposes & {RUNBOOK, RECOVERY, ROLLBACK} and _says_nothing(document):
        yield Problem(document.at(document.title_line), f"the document '{document.whole.label}' says next to nothing")


def _says_nothing(document: DocumentFile) -> bool:
    whole = document.whole
    spoken = sum(bool(line.strip()) for line in document.lines)
    return (
        bool(document.title)
        and spoken <= _SHORTEST
        and not whole.gives_steps
        and not any(part.links or part.images for part in whole.content)
    )


@check("doc-recovery-targets", each=documents)
def recovery_targets(document: DocumentFile, *, rpo_hours: float, rto_hours: float) -> Iterator[Problem]:
    if not _is_plan(document):
        return
    limits = {"RPO": rpo_hours, "RTO": rto_hours}
    for one in document.targets:
        if one.seconds > limits[one.name] * _HOUR:
            yield Problem(document.at(one.line), f"the {one.name} is {one.words}, more than {limits[one.name]:g} h")
    lacking = sorted(limits.keys() - _named(document))
    if lacking and not document.stubs and (_OF_TEAM.search(document.title) or _OF_TEAM.search(document.path)):
        yield Problem(document.at(document.title_line), f"the plan names no {' and no '.join(lacking)}")


@check("doc-recovery-without-restore", each=documents)
def recovery_without_restore(document: DocumentFile) -> Iterator[Problem]:
    if _is_plan(document) and _named(document) and not document.restores:
        yield Problem(document.at(document.title_line), "the plan has targets, and no step that restores anything")


def _named(document: DocumentFile) -> set[str]:
    return names_targets("\n".join(document.prose))


def _is_plan(document: DocumentFile) -> bool:
    """Whether it is about a disaster, and no page of a product's manual that has a word for it."""
    where = document.path.replace("_", " ").replace("-", " ").replace("/", " ")
    return (
        RECOVERY in document.purposes
        and not document.is_readme
        and _PLAN.search(f"{document.title} {where}") is not None
    )


@check("doc-rollback-time", each=sections)
def rollback_time(section: Section, *, minutes: float) -> Iterator[Problem]:
    if not _is_procedure(section):
        return
    times = [_minutes(found) for found in _MINUTES.finditer(_prose(section))]
    if not times:
        yield Problem(section.location, "the rollback names no time that it takes")
    elif min(times) > minutes:
        yield Problem(section.location, f"the rollback takes {min(times):g} minutes, more than {minutes:g}")
    if not _VERIFIED.search(section.text):
        yield Problem(section.location, "nothing is looked at after the rollback")


def _is_procedure(section: Section) -> bool:
    """Whether it is a procedure of its own, with commands, and no part of another that is."""
    document = section.document
    if ROLLBACK not in section.purposes or not section.code or is_of_design(document.path):
        return False
    first = next(one for one in document.sections if ROLLBACK in one.purposes)
    return first.line == section.line


def _prose(section: Section) -> str:
    return "\n".join(part.text for part in section.content if part.kind != "code")


def _minutes(found: re.Match[str]) -> float:
    number = float(found[2] or found[1])
    unit = found[3][0].lower()
    return number / 60 if unit == "s" else number * 60 if unit == "h" else number


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 40 else f"{line[:39]}…"


@check("doc-incomplete-incident", each=documents)
def incomplete_incident(document: DocumentFile) -> Iterator[Problem]:
    where = f"{document.path} {document.title}"
    if document.is_readme or document.stubs or not _REPORT.search(where) or _NO_REPORT.search(where):
        return
    text = "\n".join(document.prose)
    lacking = [name for name, words in _OF_INCIDENTS.items() if not words.search(text)]
    if lacking:
        at = document.at(document.title_line)
        yield Problem(at, f"the report of the incident has no {' and no '.join(lacking)}")
