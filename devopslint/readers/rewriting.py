"""How the changes that fixes ask for become a new text: none without a proof, and none over another's place."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from devopslint.deferred import NamedTuple
from devopslint.model import LINE_BREAK, Edit, Location


class Refused(Exception):
    """Why something is not changed, in words that go after "not fixed:"."""


UNSAFE = "unsafe"
"""What a fix of a rule whose fixes are safe yields first where this one is not."""


class Uncomment(NamedTuple):
    """A comment is taken away; with its line, where nothing else stands there. Every writer knows this change, and Edits."""

    location: Location
    saying: str
    """A word that is in it: another comment stays."""


class Splice(NamedTuple):
    """Text in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str
    depth: int = 0
    """Of what begins at one place, the deeper one stands first: it belongs to what is above."""


class Rewriting(NamedTuple):
    """A text in which some offers are followed."""

    text: str
    splices: tuple[Splice, ...]
    taken: tuple[int, ...]
    """The offers that are in it, by their index."""
    refused: dict[int, str]
    """Those that no text can follow, and why; the others meet one that was taken, and can be asked again."""


Making = Callable[[Sequence[Any]], tuple[list[Splice], Callable[[str], None]]]
"""Of some offers the splices, and a proof of the text that comes of them; both raise Refused."""


def rewrite(text: str, offers: Sequence[Any], make: Making) -> Rewriting:
    """Follow as many of the offers as can be proved together."""
    refused: dict[int, str] = {}

    def attempt(indices: Sequence[int]) -> tuple[str, tuple[Splice, ...]] | str:
        try:
            splices, prove = make([offers[index] for index in indices])
            ordered = in_order(splices)
            changed = spliced(text, ordered)
            if changed != text:
                prove(changed)
        except Refused as reason:
            return str(reason)
        return changed, tuple(ordered)

    def sound(indices: Sequence[int]) -> Sequence[int]:
        """Those that hold together; by halves, since nearly always all of them do."""
        if not indices:
            return ()
        outcome = attempt(indices)
        if not isinstance(outcome, str):
            return indices
        if len(indices) == 1:
            refused[indices[0]] = outcome
            return ()
        first, second = sound(indices[: len(indices) // 2]), sound(indices[len(indices) // 2 :])
        both = (*first, *second)
        return both if not isinstance(attempt(both), str) else first or second

    taken = tuple(sound(range(len(offers))))
    outcome = attempt(taken)
    assert not isinstance(outcome, str)  # sound() has just seen it
    return Rewriting(*outcome, taken, refused)


def in_order(splices: Iterable[Splice]) -> list[Splice]:
    """By place, each once. Raises Refused where one reaches into another."""
    ordered = sorted(dict.fromkeys(splices), key=lambda one: (one.start, one.end, -one.depth))
    for before, after in itertools.pairwise(ordered):
        if after.start < before.end:
            raise Refused("another fix changes the same place")
    return ordered


def spliced(text: str, ordered: Iterable[Splice]) -> str:
    parts, at = [], 0
    for start, end, new, _ in ordered:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


class LineStarts:
    """Where lines begin in a text, and what ends them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
        self.end = "\r\n" if "\r\n" in text else "\n"

    def index(self, line: int, column: int) -> int:
        """Of the character at a line and a column, both from 1."""
        return self.starts[line - 1] + column - 1

    def start_of(self, line: int) -> int:
        """Where a line begins; the end of the text for the one after the last."""
        return self.starts[line - 1] if line <= len(self.starts) else len(self.text)

    def line(self, line: int) -> str:
        """A line with what ends it."""
        return self.text[self.start_of(line) : self.start_of(line + 1)]

    def splice(self, edit: Edit) -> Splice:
        at = edit.location
        return Splice(self.index(at.line, at.column), self.index(at.end_line, at.end_column), self.ended(edit.text))

    def ended(self, text: str) -> str:
        """A text of ours, its lines ended as the file's are."""
        return text if self.end == "\n" else text.replace("\r\n", "\n").replace("\n", self.end)

    def below(self, line: int, new: Sequence[str], depth: int = 0) -> Splice:
        """New lines under a line, which may be the last one and lack its end."""
        text = "".join(f"{one}{self.end}" for one in new)
        at = self.start_of(line + 1)
        if at == len(self.text) and not self.text.endswith(("\n", "\r")) and self.text:
            text = self.end + text.removesuffix(self.end)
        return Splice(at, at, text, depth)

    def location(self, path: str, splice: Splice) -> Location:
        """The region that a splice replaces."""
        (line, column), (end_line, end_column) = self.place(splice.start), self.place(splice.end)
        return Location(path, line, column, end_line, end_column)

    def place(self, index: int) -> tuple[int, int]:
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1


def uncommented(lines: LineStarts, change: Uncomment) -> tuple[Splice, str]:
    """What takes a comment away, and the comment. Raises Refused where none is."""
    at = change.location
    line = lines.line(at.line)
    begin = lines.start_of(at.line)
    column = line.find("#", at.column - 1)
    if column < 0 or change.saying not in line[column:]:
        raise Refused("there is no comment")
    stop = len(line.rstrip("\r\n"))
    before = line[:column].rstrip(" \t")
    if before:
        return Splice(begin + len(before), begin + stop, ""), line[column:stop].strip()
    return Splice(begin, lines.start_of(at.line + 1), ""), line[column:stop].strip()
