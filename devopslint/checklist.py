"""The Definition of Done, answered item by item."""

from __future__ import annotations

import datetime
import enum
import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from devopslint.catalogue import Item, catalogue, items
from devopslint.config import Attestation, Config
from devopslint.deferred import NamedTuple
from devopslint.engine import Settled, partial_documents
from devopslint.evidence.model import Evidence
from devopslint.model import Finding, PartialDocument, Severity, Witness
from devopslint.project import FileReport, Project
from devopslint.readers.folders import is_shown
from devopslint.registry import witnesses_of
from devopslint.reports.frames import printable
from devopslint.reports.markdown import escaped


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
    witness: Witness | None = None
    """What shows that it is addressed; where it is not met, what calls for it."""
    attestation: Attestation | None = None
    evidence: tuple[Evidence, ...] = ()
    """What other programs have measured of it, as far as it has not lapsed."""
    lapsed: Evidence | None = None
    """The latest that counts no more."""

    @property
    def _measured(self) -> str:
        """What was measured and counts: what speaks against the item, else what speaks for it."""
        against = [one for one in self.evidence if not one.holds]
        return "; ".join(f"{one.words}, {one.path} of {one.taken}" for one in against or self.evidence)

    @property
    def reason(self) -> str:
        """Why the item has this status, in half a line."""
        if self.status is Status.VIOLATED:
            accepted = sum(f.suppressed is not None for f in self.findings)
            counted = len(self.findings) - accepted
            found = f"{counted} finding{'s' * (counted != 1)}" + (f", {accepted} more accepted" if accepted else "")
            if any(not one.holds for one in self.evidence):
                return f"{self._measured}; {found}" if counted else self._measured
            return found
        if self.status is Status.MET and any(one.whole for one in self.evidence):
            return self._measured
        if self.attestation is not None:
            return f"attested until {self.attestation.until}: {self.attestation.reason}"
        if self.status is Status.NOT_APPLICABLE:
            return "nothing in the tree calls for it"
        seen = "" if self.witness is None else f"{self.witness.words}, {_place(self.witness)}"
        if self.status is Status.MET:
            accepted = sum(f.suppressed is not None for f in self.findings)
            advice = len(self.findings) - accepted
            also = f"; {accepted} finding{'s' * (accepted != 1)} accepted" if accepted else ""
            also += f"; {advice} note{'s' * (advice != 1)}" if advice else ""
            return f"{seen}{also}"
        lapsed = "" if self.lapsed is None else f"; {self.lapsed.path} of {self.lapsed.taken} has lapsed"
        return f"{self.item.settles} would settle it" + (f"; {seen} calls for it" if seen else "") + lapsed


def _place(witness: Witness) -> str:
    return f"{witness.location.path}:{witness.location.line}"


def answer(
    settled: Settled,
    witnesses: Iterable[Witness],
    config: Config,
    today: datetime.date,
    evidence: Iterable[Evidence] = (),
) -> list[Answer]:
    """An answer for every item, in the order of the document; `evidence` counts for the days of the configuration.

    What was measured goes above what the files show: a base image is small, and the image made of it may not be.
    Advice violates nothing, but where it says that the item is not there at all, and nothing shows it. An item is met
    where a witness shows that it is addressed, or a person attests it, and its rules found nothing that counts; never because nothing was found. A lapsed attestation is none.
    """
    ran: dict[str, list[str]] = {}
    for rule_id in sorted(config.selection("")):
        for item_id in catalogue()[rule_id].rule.dod:
            ran.setdefault(item_id, []).append(rule_id)
    attested = {a.item: a for a in config.attestations if a.until >= today}
    shown: dict[str, Witness] = {}
    called: dict[str, Witness] = {}
    for one in sorted(witnesses, key=_by_weight):
        (called if one.calls else shown).setdefault(one.item, one)
    fresh, lapsed = _by_item(evidence, today - datetime.timedelta(config.evidence.days))
    answers = []
    for item in items().values():
        rules = tuple(ran.get(item.id, ()))
        subjects = sum(settled.subjects.get(rule_id, 0) for rule_id in rules)
        findings = tuple(finding for finding in settled.findings if finding.rule.id in rules)
        attestation = attested.get(item.id)
        witness = shown.get(item.id)
        is_called = item.id in called or any(settled.subjects.get(rule_id) for rule_id in item.rules)
        measured = fresh.get(item.id, ())
        counts = any(finding.suppressed is None and finding.severity > Severity.NOTE for finding in findings)
        if counts or any(not one.holds for one in measured):
            status = Status.VIOLATED
        elif attestation is not None or witness is not None or any(one.whole for one in measured):
            status = Status.MET
        elif any(finding.suppressed is None and finding.rule.id in item.lacking for finding in findings):
            status = Status.VIOLATED
        elif is_called:
            status, witness = Status.NEEDS_EVIDENCE, called.get(item.id)
        else:
            status = Status.NOT_APPLICABLE
        answers.append(
            Answer(item, status, rules, subjects, findings, witness, attestation, measured, lapsed.get(item.id))
        )
    return answers


def _by_weight(witness: Witness) -> tuple[object, ...]:
    """What says most first: what is no example, and nearest to the root."""
    path = witness.location.path
    own = path.removeprefix(".github/").removeprefix("workflows/")
    return is_shown(own), own.count("/"), path, witness.location.line, witness.words


def _by_item(
    evidence: Iterable[Evidence], first: datetime.date
) -> tuple[dict[str, tuple[Evidence, ...]], dict[str, Evidence]]:
    """By item what was measured last of each thing since a day, and what is the latest from before it."""
    latest: dict[tuple[str, str], Evidence] = {}
    for one in sorted(evidence, key=lambda one: (one.taken, one.path)):
        latest[one.item, one.subject] = one
    fresh: dict[str, tuple[Evidence, ...]] = {}
    lapsed: dict[str, Evidence] = {}
    for one in latest.values():
        if one.taken >= first:
            fresh[one.item] = (*fresh.get(one.item, ()), one)
        elif one.item not in lapsed or lapsed[one.item].taken < one.taken:
            lapsed[one.item] = one
    return fresh, lapsed


def witnesses_in(reports: Iterable[FileReport], project: Project) -> Iterator[Witness]:
    """All that shows that items are addressed, or calls for them: what domains know, and subjects that are sound.

    What nothing is found in, because nothing of it is applied as it stands (a test's fixture, a former release), shows nothing.
    """
    unused: dict[str, list[PartialDocument]] = {}
    for document in partial_documents(project):
        if document.whole:
            unused.setdefault(document.path, []).append(document)
    told = itertools.chain(witnesses_of(project.summaries), _sound(reports))
    yield from (one for one in told if not any(d.excuses(one.location) for d in unused.get(one.location.path, ())))


def _sound(reports: Iterable[FileReport]) -> Iterator[Witness]:
    of_rule: dict[str, list[str]] = {}
    for item in items().values():
        for rule_id in item.rules:
            of_rule.setdefault(rule_id, []).append(item.id)
    for report in reports:
        for rule_id, label, at in report.sound:
            for item_id in of_rule.get(rule_id, ()):
                yield Witness(item_id, at, label)


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
        lines.append(f"  {one.item.id:{width}}  {one.status.value:14}  {printable(one.reason)}")
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
            f"- [{marks[one.status]}] **{one.item.title}** (`{one.item.id}`): {one.status.value}: {escaped(one.reason)}"
        )
    return "\n".join(lines) + "\n"


def _json(answers: list[Answer]) -> str:
    return json.dumps(data_of(answers), indent=2, ensure_ascii=False) + "\n"


def data_of(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """The checklist in JSON's terms."""
    return [
        {
            "item": one.item.id,
            "title": one.item.title,
            "section": one.item.section,
            "status": one.status.value,
            "reason": one.reason,
            "rules": list(one.rules),
            "subjects": one.subjects,
            "witness": None
            if one.witness is None
            else {
                "words": one.witness.words,
                "path": one.witness.location.path,
                "line": one.witness.location.line,
                "shows": not one.witness.calls,
            },
            "evidence": [
                {"words": e.words, "holds": e.holds, "path": e.path, "taken": e.taken.isoformat()} for e in one.evidence
            ],
            "findings": [
                {"rule": f.rule.id, "path": f.location.path, "line": f.location.line, "message": f.message}
                for f in one.findings
                if f.suppressed is None
            ],
        }
        for one in answers
    ]
