"""What many checkouts come to together: items by repository, and the rules that speak most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from devopslint.checklist import Status
from devopslint.deferred import NamedTuple
from devopslint.fleet.listing import Checkout
from devopslint.fleet.records import Counts, Folder, Record
from devopslint.fleet.shared import CalledWorkflow, Gathering, Template, total

LETTERS = {Status.MET: "m", Status.VIOLATED: "v", Status.NOT_APPLICABLE: "n", Status.NEEDS_EVIDENCE: "e"}
MOST_FAILED = 100
"""Checkouts that were not examined, as far as they are listed; the tables have all."""
UNSEEN = "no record of it is seen here: the folder of the reports has to be the same for all who examine"


class Line(NamedTuple):
    """One checkout on the scorecard."""

    checkout: Checkout
    failure: str = ""
    """Why it was not examined, or not in whole; empty where it was."""
    examined: bool = True
    files: int = 0
    items: str = ""
    counts: Counts = (0, 0, 0)

    @property
    def statuses(self) -> dict[Status, int]:
        return {status: self.items.count(letter) for status, letter in LETTERS.items()}


class RuleTotal(NamedTuple):
    """What a rule has found in all checkouts."""

    rule: str
    repositories: int
    errors: int
    warnings: int
    notes: int

    @property
    def findings(self) -> int:
        return self.errors + self.warnings + self.notes


class Scorecard(NamedTuple):
    """All of it, in the order of the list."""

    lines: tuple[Line, ...]
    rules: tuple[RuleTotal, ...]
    """The worst first."""
    fails: bool
    """Whether a finding is at or above the threshold."""
    templates: tuple[Template, ...] = ()
    workflows: tuple[CalledWorkflow, ...] = ()

    @property
    def failed(self) -> list[Line]:
        return [one for one in self.lines if one.failure]

    @property
    def examined(self) -> list[Line]:
        return [one for one in self.lines if one.examined]

    def statuses_of(self, number: int) -> dict[Status, int]:
        """How many checkouts answer an item so, by its number in the order of items."""
        letters = [one.items[number] for one in self.examined]
        return {status: letters.count(letter) for status, letter in LETTERS.items()}


def score(
    checkouts: Iterable[Checkout], failures: Mapping[str, str], folder: Folder, fail_on: str | None = None
) -> Scorecard:
    """Read what is kept of each checkout, one after the other. `failures` are by name; `fail_on` goes above theirs."""
    lines: list[Line] = []
    rules: dict[str, list[int]] = {}
    fails = False
    shared = Gathering()
    for checkout in checkouts:
        record = None if checkout.name in failures else folder.known(checkout)
        if record is None:
            lines.append(Line(checkout, failures.get(checkout.name, UNSEEN), examined=False))
            continue
        for rule, counts in record.rules.items():
            total = rules.setdefault(rule, [0, 0, 0, 0])
            for at, count in enumerate((1, *counts)):
                total[at] += count
        shared.add(checkout.name, record)
        line = _line(checkout, record)
        fails = fails or any(line.counts[: _COLUMNS.index(fail_on or record.fail_on) + 1])
        lines.append(line)
    totals = [RuleTotal(rule, *counts) for rule, counts in rules.items()]
    totals.sort(key=lambda one: (-one.errors, -one.warnings, -one.notes, one.rule))
    names = (line.checkout.name for line in lines if line.examined)
    return Scorecard(tuple(lines), tuple(totals), fails, shared.templates(), shared.workflows(names))


_COLUMNS = ("error", "warning", "note")


def _line(checkout: Checkout, record: Record) -> Line:
    return Line(
        checkout,
        "; ".join(record.failures),
        files=record.files,
        items=record.items,
        counts=total(record.rules.values()),
    )


def summary(scorecard: Scorecard) -> Iterator[str]:
    """The lines that a run ends with."""
    failed = scorecard.failed
    for line in failed[:MOST_FAILED]:
        yield f"{line.checkout.name}: {line.failure} ({line.checkout.path})"
    if len(failed) > MOST_FAILED:
        yield f"and {len(failed) - MOST_FAILED} more, in scorecard.csv"
    examined, count = len(scorecard.examined), len(scorecard.lines)
    errors, warnings, notes = total(line.counts for line in scorecard.lines)
    yield f"{count} checkout{'s' * (count != 1)}: {examined} examined, {count - examined} not"
    yield f"{errors} errors, {warnings} warnings, {notes} notes"
