"""What a fix can ask of a Dockerfile: parts of instructions written otherwise, whole ones added or taken out.

The proof: read again, each instruction is what it was but for the part that was meant, as BuildKit joins its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from devopslint.deferred import NamedTuple
from devopslint.docker.dockerfile import Dockerfile
from devopslint.docker.reader import Heredoc, Instruction, Text, read_dockerfile
from devopslint.model import Edit
from devopslint.readers.rewriting import (
    LineStarts,
    Refused,
    Rewriting,
    Splice,
    Uncomment,
    rewrite,
    spliced,
    uncommented,
)


class Part(NamedTuple):
    """Characters of an instruction, as BuildKit joins its lines, are others."""

    instruction: Instruction
    start: int
    end: int
    text: str
    """A line break in it continues the instruction."""


class Added(NamedTuple):
    """An instruction more, of one line, below another."""

    below: Instruction
    text: str


class Removed(NamedTuple):
    """An instruction less."""

    instruction: Instruction


class Unbroken(NamedTuple):
    """An instruction without the empty lines inside of it."""

    instruction: Instruction


Change = Part | Added | Removed | Unbroken | Uncomment | Edit
"""An Edit is a change of form: no instruction is another one after it."""


def rewritten(view: Dockerfile, text: str, offers: Sequence[Sequence[Change]]) -> Rewriting:
    """The text of the Dockerfile with as many offers followed as can be proved together."""
    return rewrite(text, offers, partial(_planned, view, LineStarts(text)))


def _planned(
    view: Dockerfile, lines: LineStarts, offers: Sequence[Sequence[Change]]
) -> tuple[list[Splice], Callable[[str], None]]:
    plan = _Plan(view.text, lines)
    for changes in offers:
        for change in changes:
            plan.add(change)
    return plan.splices, plan.prove


class _Plan:
    def __init__(self, text: Text, lines: LineStarts) -> None:
        self.text = text
        self.lines = lines
        self.splices: list[Splice] = []
        self.comments: list[str] = []
        self._parts: dict[int, list[Part]] = {}
        """By the first line of an instruction."""
        self._added: dict[int, list[str]] = {}
        self._removed: set[int] = set()

    def add(self, change: Change) -> None:
        """Raises Refused where it does not fit."""
        match change:
            case Part():
                self._part(change)
            case Added():
                name = change.below.first_line
                if change.text not in self._added.setdefault(name, []):
                    self._added[name].append(change.text)
                    self.splices.append(self.lines.below(change.below.last_line, [change.text]))
            case Removed():
                self._remove(change.instruction)
            case Unbroken():
                self.splices += self._empty_lines(change.instruction)
            case Uncomment():
                splice, comment = uncommented(self.lines, change)
                self.comments.append(comment.lstrip("# \t"))
                self.splices.append(splice)
            case _:
                self.splices.append(self.lines.splice(change))

    def _part(self, part: Part) -> None:
        """The characters have to stand in one piece in the file."""
        source = part.instruction.source
        start, end = self._index(source.place(part.start)), self._index(source.place(part.end))
        if part.start == part.end and part.start == len(source.text):
            start = end = self._index(source.place(part.start))
        elif part.start == part.end and part.start:  # behind what is before, not at the begin of the next line
            start = end = self._index(source.place(part.start - 1)) + 1
        elif part.end > part.start:
            end = self._index(source.place(part.end - 1)) + 1
        if self.lines.text[start:end] != source.text[part.start : part.end]:
            raise Refused("it goes over several lines")
        self._parts.setdefault(part.instruction.first_line, []).append(part)
        self.splices.append(Splice(start, end, self.lines.ended(part.text)))

    def _index(self, place: tuple[int, int]) -> int:
        return self.lines.index(*place)

    def _remove(self, instruction: Instruction) -> None:
        if any(instruction.first_line <= one.line <= instruction.last_line for one in self.text.comments):
            raise Refused("a comment would get lost")
        self._removed.add(instruction.first_line)
        start, end = self.lines.start_of(instruction.first_line), self.lines.start_of(instruction.last_line + 1)
        self.splices.append(Splice(start, end, ""))

    def _empty_lines(self, instruction: Instruction) -> Iterator[Splice]:
        last = max(instruction.source.places)[0]  # what stands in a heredoc is its own
        for line in range(instruction.first_line + 1, last):
            if not self.lines.line(line).strip():
                yield Splice(self.lines.start_of(line), self.lines.start_of(line + 1), "")

    def prove(self, changed: str) -> None:
        """Raises Refused where an instruction would be another one than is meant."""
        before, after = self.text, read_dockerfile(self.text.path, changed)
        if (before.escape, _directives(before)) != (after.escape, _directives(after)):
            raise Refused("a directive would be another one")
        comments = [comment.text for comment in before.comments]
        for comment in self.comments:
            if comment in comments:
                comments.remove(comment)
        if comments != [comment.text for comment in after.comments]:
            raise Refused("a comment would get lost")
        if len(after.faults) > len(before.faults):
            raise Refused("BuildKit would refuse the file")
        wanted = [one for instruction in before.instructions for one in self._wanted(instruction)]
        found = [(one.text, _documents(one.heredocs)) for one in after.instructions]
        if wanted != found:
            raise Refused("another instruction would change")

    def _wanted(self, instruction: Instruction) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """What becomes of an instruction: its text with its heredocs, and what is added below."""
        if instruction.first_line not in self._removed:
            parts = self._parts.get(instruction.first_line, ())
            joined = (
                Splice(one.start, one.end, one.text.replace(f"{self.text.escape}\n", ""))
                for one in dict.fromkeys(parts)
            )
            yield spliced(instruction.text, sorted(joined)), _documents(instruction.heredocs)
        yield from ((text, ()) for text in self._added.get(instruction.first_line, ()))


def _directives(text: Text) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in text.directives]


def _documents(heredocs: Sequence[Heredoc]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.content) for one in heredocs)
