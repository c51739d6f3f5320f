"""The lines of code that a report may show: those of the files, without the secrets that rules suspect in them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import overload

from devopslint.model import LINE_BREAK, Location
from devopslint.reports import Report
from devopslint.secrets.hiding import hide_by_looks, hide_in_lines, star

MOST_FILES = 128
"""Of which the lines are held: findings come by path, and what is shown is not shown again."""


def lines_of(text: str) -> list[str]:
    """The lines as editors number them, without their line breaks."""
    return LINE_BREAK.split(text)


class ShownLines(Sequence[str]):
    """The lines of one file without what is suspected in them; each is looked at when it is shown, and most never are."""

    def __init__(self, lines: list[str], secrets: Iterable[Location]) -> None:
        self._lines = lines
        self._shown = list(lines)
        self._waiting = set(range(len(lines)))
        for location in secrets:
            hide_in_lines(lines, location, self._shown)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        if at in self._waiting:
            self._waiting.discard(at)
            star(self._shown, at, hide_by_looks(self._lines[at]))
        return self._shown[at]


def shown_lines(report: Report) -> Callable[[str], Sequence[str]]:
    """Path -> its lines; a suspected secret is starred wherever its line is shown, not only in its own finding."""
    secrets: dict[str, list[Location]] = {}
    for location in report.secrets:
        secrets.setdefault(location.path, []).append(location)
    known = functools.lru_cache(maxsize=MOST_FILES)
    return known(lambda path: ShownLines(lines_of(report.source(path)), secrets.get(path, ())))
