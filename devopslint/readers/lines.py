"""The lines of a file by their numbers, and where the next one is that speaks, or begins in some way."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from devopslint.deferred import cached_property
from devopslint.model import LINE_BREAK


class Lines:
    """The lines of a text, from 1."""

    def __init__(self, text: str) -> None:
        self.texts = LINE_BREAK.split(text)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, number: int) -> str:
        return self.texts[number - 1]

    @cached_property
    def spoken(self) -> list[int]:
        """The numbers of those that are neither blank nor comments."""
        return [number for number, line in enumerate(self.texts, 1) if says_something(line)]

    def next_spoken(self, number: int) -> int | None:
        """The first that says something behind this one."""
        return _first_from(self.spoken, number + 1)

    def next_match(self, pattern: re.Pattern[str], number: int) -> int | None:
        """The first, from this one on, whose begin matches."""
        return _first_from(self._matching(pattern), number)

    def last_match(self, pattern: re.Pattern[str], number: int) -> int | None:
        """The last, up to this one, whose begin matches."""
        found = self._matching(pattern)
        index = bisect_right(found, number)
        return found[index - 1] if index else None

    @cached_property
    def _matches(self) -> dict[re.Pattern[str], list[int]]:
        return {}

    def _matching(self, pattern: re.Pattern[str]) -> list[int]:
        if pattern not in self._matches:
            self._matches[pattern] = [number for number, line in enumerate(self.texts, 1) if pattern.match(line)]
        return self._matches[pattern]


def says_something(line: str) -> bool:
    """Whether the line is neither blank nor a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _first_from(numbers: list[int], least: int) -> int | None:
    index = bisect_left(numbers, least)
    return numbers[index] if index < len(numbers) else None
