"""A former scorecard, and what has become of it since."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from devopslint.catalogue import items
from devopslint.checklist import Status
from devopslint.config import ConfigError
from devopslint.deferred import NamedTuple
from devopslint.fleet.records import Counts
from devopslint.fleet.scorecard import LETTERS, Line, Scorecard
from devopslint.fleet.shared import total
from devopslint.fleet.tables import FIRST, cell

RULES = "rules.csv"
"""Beside a scorecard: what it says of rules."""


class FormerLine(NamedTuple):
    """A repository that was examined then."""

    counts: Counts
    items: Mapping[str, str]
    """By the item's id, the letter of its status; without items that there were not."""


class Former(NamedTuple):
    """What an earlier scorecard said."""

    path: str
    lines: Mapping[str, FormerLine]
    """By the repository's name, as a table has it."""
    rules: Mapping[str, int] | None
    """In how many repositories each rule found something; None where no table says."""

    def of(self, line: Line) -> FormerLine | None:
        return self.lines.get(str(cell(line.checkout.name)))

    def violated(self, item: str) -> int:
        """How many repositories violated an item."""
        return sum(one.items.get(item) == LETTERS[Status.VIOLATED] for one in self.lines.values())


class Change(NamedTuple):
    """What has become of a repository."""

    mended: tuple[str, ...]
    """Items that were violated and are not any more."""
    broken: tuple[str, ...]
    """Items that are violated now and were not."""


def read_former(path: Path) -> Former:
    """The scorecard.csv of an earlier run, and the rules.csv beside it, if there is one. Raises ConfigError."""
    letters = {status.value: letter for status, letter in LETTERS.items()}
    lines = {}
    for number, row in _rows(path, FIRST):
        if row["examined"] != "yes":
            continue
        try:
            counts = (int(row["errors"]), int(row["warnings"]), int(row["notes"]))
        except (TypeError, ValueError):
            raise ConfigError(f"--since: {path}:{number}: errors, warnings and notes are numbers") from None
        answers = {item: letters[word] for item in items() if (word := row.get(item) or "") in letters}
        lines[row["repository"]] = FormerLine(counts, answers)
    beside = path.parent / RULES
    rules: dict[str, int] | None = None
    if beside.is_file():
        rules = {}
        for number, row in _rows(beside, ("rule", "repositories")):
            try:
                rules[row["rule"]] = int(row["repositories"])
            except (TypeError, ValueError):
                raise ConfigError(f"--since: {beside}:{number}: repositories is a number") from None
    return Former(str(path), lines, rules)


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"--since: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"--since: {path} is not UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(f"--since: {path} is no scorecard.csv: it has no column {missing[0]!r}")
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ConfigError(f"--since: {path}:{reader.line_num}: {error}") from None


def change(line: Line, then: FormerLine) -> Change:
    violated = LETTERS[Status.VIOLATED]
    known = [
        (item, letter == violated, then.items[item] == violated)
        for item, letter in zip(items(), line.items, strict=True)
        if item in then.items
    ]
    return Change(
        tuple(item for item, now, before in known if before and not now),
        tuple(item for item, now, before in known if now and not before),
    )


def changed(scorecard: Scorecard, former: Former) -> str:
    """What has become of everything, in a line."""
    both = [(line, then) for line in scorecard.examined if (then := former.of(line)) is not None]
    changes = [change(line, then) for line, then in both]
    new = len(scorecard.examined) - len(both)
    gone = len(former.lines) - len(both)
    before, now = total(then.counts for _, then in both), total(line.counts for line, _ in both)
    moved = ", ".join(
        f"{count - old:+d} {word}"
        for word, old, count in zip(("errors", "warnings", "notes"), before, now, strict=True)
    )
    mended, broken = sum(len(one.mended) for one in changes), sum(len(one.broken) for one in changes)
    return (
        f"since {former.path}: items mended {mended}, newly violated {broken}; {moved}"
        f" in {len(both)} repositories that were there then; {new} new, {gone} gone"
    )
