"""The Definition of Done, answered item by item."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Iterable
from typing import NamedTuple

from devopslint.catalogue import Item, catalogue, items
from devopslint.config import Attestation, Config
from devopslint.engine import Settled
from devopslint.model import Finding


class Status(enum.Enum):
    MET = "met"
    VIOLATED = "violated"
    NOT_APPLICABLE = "not applicable"
    NEEDS_EVIDENCE = "needs evidence"


class Answer(NamedTuple):
    """What a run can say of one item."""

    item: Item
    status: Status
    rules: tuple[str, ...]
    """The rules that ran for it."""
    subjects: int
    """How many things they looked at, counted once for each rule."""
    findings: tuple[Finding, ...]
    attestation: Attestation | None = None

    @property
    def reason(self) -> str:
        """Why the item has this status, in half a line."""
        if self.status is Status.VIOLATED:
            accepted = sum(f.suppressed is not None for f in self.findings)
            counted = len(self.findings) - accepted
            return f"{counted} finding{'s' * (counted != 1)}" + (f", {accepted} more accepted" if accepted else "")
        if self.attestation is not None:
            return f"attested until {self.attestation.until}: {self.attestation.reason}"
        if self.status is Status.MET:
            also = f", {len(self.findings)} findings accepted" if self.findings else ""
            return f"{self.subjects} checks by {len(self.rules)} rule{'s' * (len(self.rules) != 1)}{also}"
        if self.status is Status.NOT_APPLICABLE:
            return "nothing of the kind in the tree"
        if not self.rules:
            return self.item.evidence or "no rule ran for it: attest it in the configuration"
        return self.item.evidence


def answer(settled: Settled, config: Config, today: datetime.date) -> list[Answer]:
    """An answer for every item, in the order of the document.

    An item is met only where its rules saw something and found nothing that counts; a lapsed attestation
    is none.
    """
    ran = set(config.selection(""))
    attested = {a.item: a for a in config.attestations if a.until >= today}
    answers = []
    for item in items().values():
        rules = tuple(rule_id for rule_id in sorted(ran) if item.id in catalogue()[rule_id].rule.dod)
        subjects = sum(settled.subjects.get(rule_id, 0) for rule_id in rules)
        findings = tuple(finding for finding in settled.findings if finding.rule.id in rules)
        attestation = attested.get(item.id)
        if any(finding.suppressed is None for finding in findings):
            status = Status.VIOLATED
        elif attestation is not None:
            status = Status.MET
        elif not rules or item.evidence:
            status = Status.NEEDS_EVIDENCE
        elif not subjects:
            status = Status.NOT_APPLICABLE
        else:
            status = Status.MET
        answers.append(Answer(item, status, rules, subjects, findings, attestation))
    return answers


def render(answers: Iterable[Answer], format: str) -> str:
    """The checklist as text, Markdown or JSON."""
    return {"text": _text, "markdown": _markdown, "json": _json}[format](list(answers))


def _totals(answers: list[Answer]) -> str:
    counts = {status: sum(answer.status is status for answer in answers) for status in Status}
    return ", ".join(f"{count} {status.value}" for status, count in counts.items())


def _text(answers: list[Answer]) -> str:
    width = max(len(answer.item.id) for answer in answers)
    lines: list[str] = []
    section = None
    for one in answers:
        if one.item.section != section:
            section = one.item.section
            lines += ["", section] if lines else [section]
        lines.append(f"  {one.item.id:{width}}  {one.status.value:14}  {one.reason}")
    return "\n".join([*lines, "", f"{len(answers)} items: {_totals(answers)}"]) + "\n"


def _markdown(answers: list[Answer]) -> str:
    marks = {Status.MET: "x", Status.VIOLATED: " ", Status.NOT_APPLICABLE: " ", Status.NEEDS_EVIDENCE: " "}
    lines = [f"# Definition of Done: {_totals(answers)}"]
    section = None
    for one in answers:
        if one.item.section != section:
            section = one.item.section
            lines += ["", f"## {section}", ""]
        lines.append(
            f"- [{marks[one.status]}] **{one.item.title}** (`{one.item.id}`): {one.status.value}: {one.reason}"
        )
    return "\n".join(lines) + "\n"


def _json(answers: list[Answer]) -> str:
    data = [
        {
            "item": one.item.id,
            "title": one.item.title,
            "section": one.item.section,
            "status": one.status.value,
            "reason": one.reason,
            "rules": list(one.rules),
            "subjects": one.subjects,
            "findings": [
                {"rule": f.rule.id, "path": f.location.path, "line": f.location.line, "message": f.message}
                for f in one.findings
                if f.suppressed is None
            ],
        }
        for one in answers
    ]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
