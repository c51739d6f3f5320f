"""How rows are read: one by one, the first that speaks or all of them; what they say is kept for `pipeline --why`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.rows import AnswerRow, ExceptionRow, JobRow, NameRow, WordRow


class Asked(Protocol):
    """What is known of a name while the rows are asked."""

    said: list[str]
    """The rows that spoke."""


class Spelled(Asked, Protocol):
    """A name that is read word by word."""

    words: list[str]

    def take(self, row: WordRow[Any]) -> None:
        """What the row says of a word."""

    def look_up(self, index: int) -> None:
        """What the tables say of a word."""


class Weighed(Protocol):
    """What is known of a job while the rows are asked."""

    names: frozenset[str]
    found: list[Evidence]


S = TypeVar("S")
V = TypeVar("V")
N = TypeVar("N", bound=Asked)
P = TypeVar("P", bound=Spelled)
W = TypeVar("W", bound=Weighed)


def first(rows: Iterable[ExceptionRow[S]], subject: S) -> ExceptionRow[S] | None:
    """The row that decides: those behind it are not asked."""
    return next((row for row in rows if row.when(subject)), None)


def answer(rows: Iterable[AnswerRow[S, V]], subject: S) -> V | None:
    """What the first row says that has an answer."""
    answers = (row.tells(subject) for row in rows)
    return next((one for one in answers if one is not None), None)


def tell(rows: Iterable[NameRow[N, V]], name: N) -> V | None:
    """What a name stands for where a row has the last word; None where they have only changed what is found."""
    for row in rows:
        if row.when(name):
            if not row.silent:
                name.said.append(f"{row.id}: {row.reason}")
            verdict = row.then(name)
            if verdict is not None:
                return verdict
    return None


def spell(rows: Sequence[WordRow[P]], name: P) -> None:
    """Each word of a name: as the first row says that speaks of it, else as the tables say."""
    for index, word in enumerate(name.words):
        row = next((row for row in rows if row.when(name, index)), None)
        if row is None:
            name.look_up(index)
            continue
        name.said.append(f"{row.id}: {row.reason} ('{word}')")
        name.take(row)
        if row.ends:
            return


def weigh(rows: Iterable[JobRow[W]], seen: W) -> list[str]:
    """All rows, one after the other; what each changes of a job is its line in the trace."""
    trace: list[str] = []
    for row in rows:
        if row.when(seen):
            trace.extend(f"{line} ({row.id}: {row.reason})" for line in _change(row, seen))
    return trace


def _change(row: JobRow[W], seen: W) -> list[str]:
    lines: list[str] = []
    if row.forgets is not None and (gone := row.forgets(seen) & seen.names):
        seen.names -= gone
        lines.append(f"its names no longer stand for {', '.join(sorted(gone))}")
    if row.adds is not None:
        added = list(row.adds(seen))
        seen.found.extend(added)
        lines.extend(f"{one.stage}: {one}" for one in added)
    if row.drops is not None:
        for one in [one for one in seen.found if row.drops(seen, one)]:
            place = seen.found.index(one)
            seen.found[place : place + 1] = [one._replace(stage=row.turns)] if row.turns else []
            lines.append(f"not {one.stage}{f' but {row.turns}' if row.turns else ''}: {one}")
    return lines
