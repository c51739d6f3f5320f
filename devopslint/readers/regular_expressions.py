"""Regular expressions as Go writes them, matched in time that grows with text and expression alone.

They come from strangers' configurations: Python's own matcher would take for ever over some of them.
https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from devopslint.deferred import NamedTuple, compiled

MOST_STEPS = 2_000
"""Steps that an expression may have, its counted repetitions written out."""
LONGEST = 1_000
"""Characters of an expression."""
DEEPEST = 50
"""Groups within groups."""
MOST_REPETITIONS = 1_000
"""What Go allows in `{…}`."""

_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": lambda character: "0" <= character <= "9",
    "w": lambda character: character.isascii() and (character.isalnum() or character == "_"),
    "s": lambda character: character in "\t\n\f\r ",
}
_NAMED_CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": lambda character: character.isascii() and character.isalnum(),
    "alpha": lambda character: character.isascii() and character.isalpha(),
    "ascii": str.isascii,
    "blank": lambda character: character in "\t ",
    "cntrl": lambda character: character < " " or character == "\x7f",
    "digit": _CLASSES["d"],
    "graph": lambda character: "!" <= character <= "~",
    "lower": lambda character: "a" <= character <= "z",
    "print": lambda character: " " <= character <= "~",
    "punct": lambda character: "!" <= character <= "~" and not character.isalnum(),
    "space": lambda character: character in "\t\n\v\f\r ",
    "upper": lambda character: "A" <= character <= "Z",
    "word": _CLASSES["w"],
    "xdigit": lambda character: character in "0123456789abcdefABCDEF",
}
_COUNTS = compiled(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


class RegularError(ValueError):
    """The expression is not understood; the message says why."""


class _Step(NamedTuple):
    """A step of the machine: it takes a character, or goes on to one of two places, or asks where it stands."""

    takes: Callable[[str], bool] | None = None
    first: int = -1
    second: int = -1
    asks: str = ""


@functools.lru_cache(maxsize=1_024)  # all of a file together: each finding meets every one of them
def regular(source: str) -> Regular:
    """Raises RegularError."""
    return Regular(source)


class Regular:
    """One expression."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0
        self._ignores_case = False
        self._steps: list[_Step] = []
        if len(source) > LONGEST:
            raise RegularError("it is too large")
        self._either()
        if self._at < len(source):
            raise RegularError(f"'{source[self._at]}' closes what is not open")

    def found_in(self, text: str) -> bool:
        """Whether it matches a part of the text."""
        end = len(self._steps)
        here: set[int] = set()
        for at in range(len(text) + 1):
            self._follow(0, at, text, here)
            if end in here:
                return True
            if at < len(text):
                following: set[int] = set()
                answers: dict[Callable[[str], bool], bool] = {}
                for number in here:
                    takes = self._steps[number].takes
                    if takes is None:
                        continue
                    if takes not in answers:  # a repetition that is written out asks the same many times
                        answers[takes] = takes(text[at])
                    if answers[takes]:
                        self._follow(number + 1, at + 1, text, following)
                here = following
        return False

    def _follow(self, number: int, at: int, text: str, reached: set[int]) -> None:
        """Everything that can be reached from a step without taking a character."""
        pending = [number]
        while pending:
            number = pending.pop()
            if number in reached:
                continue
            reached.add(number)
            step = self._steps[number] if number < len(self._steps) else None
            if step is None or step.takes is not None:
                continue
            if step.asks:
                if _stands(step.asks, at, text):
                    pending.append(number + 1)
            else:
                pending.extend(place for place in (step.first, step.second) if place >= 0)

    def _add(self, step: _Step) -> None:
        if len(self._steps) >= MOST_STEPS:
            raise RegularError("it is too large")
        self._steps.append(step)

    @property
    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _either(self) -> None:
        begin = len(self._steps)
        ends: list[int] = []
        self._sequence()
        while self._next == "|":
            self._at += 1
            branch = self._cut(begin)
            self._add(_Step(first=begin + 1, second=begin + len(branch) + 2))
            self._paste(branch, begin, begin + 1)
            ends.append(len(self._steps))
            self._add(_Step())
            begin = len(self._steps)
            self._sequence()
        for place in ends:
            self._steps[place] = _Step(first=len(self._steps))

    def _sequence(self) -> None:
        while self._next and self._next not in "|)":
            begin = len(self._steps)
            self._atom()
            if (bounds := self._bounds()) is not None:
                self._repeat(self._cut(begin), begin, *bounds)
                if self._bounds() is not None:
                    raise RegularError("what repeats is repeated at once")

    def _cut(self, begin: int) -> list[_Step]:
        steps = self._steps[begin:]
        del self._steps[begin:]
        return steps

    def _paste(self, steps: list[_Step], made_at: int, at: int) -> None:
        for step in steps:
            first, second = (place + at - made_at if place >= 0 else place for place in (step.first, step.second))
            self._add(step._replace(first=first, second=second))

    def _repeat(self, steps: list[_Step], made_at: int, least: int, most: int | None) -> None:
        for _ in range(least):
            self._paste(steps, made_at, len(self._steps))
        if most is None:
            begin = len(self._steps)
            self._add(_Step(first=begin + 1, second=begin + len(steps) + 2))
            self._paste(steps, made_at, begin + 1)
            self._add(_Step(first=begin))
        else:
            for _ in range(most - least):
                begin = len(self._steps)
                self._add(_Step(first=begin + 1, second=begin + len(steps) + 1))
                self._paste(steps, made_at, begin + 1)

    def _bounds(self) -> tuple[int, int | None] | None:
        """What stands behind an atom: how often it may come."""
        bounds: tuple[int, int | None] | None = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self._next)
        length = 1
        if found := _COUNTS.match(self._source, self._at):
            if any(len(count) > 4 or int(count) > MOST_REPETITIONS for count in (found[1], found[3] or "0")):
                raise RegularError("it repeats too often")
            bounds = int(found[1]), (int(found[3]) if found[3] else None) if found[2] else int(found[1])
            length = len(found[0])
        if bounds is None:
            return None
        self._at += length
        if self._next == "?":  # the shortest match is as good as the longest
            self._at += 1
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise RegularError("a repetition ends before it begins")
        return bounds

    def _atom(self) -> None:
        character = self._next
        self._at += 1
        if character == "(":
            self._group()
        elif character == "[":
            self._add(_Step(self._set()))
        elif character == ".":
            self._add(_Step(lambda given: given != "\n"))
        elif character in "^$":
            self._add(_Step(asks=character))
        elif character in "*+?":
            raise RegularError(f"'{character}' has nothing to repeat")
        elif character == "\\" and self._next in "bBAz" and self._next:
            self._add(_Step(asks=self._next))
            self._at += 1
        else:
            self._add(_Step(self._escaped() if character == "\\" else self._is(character)))

    def _group(self) -> None:
        if self._next == "?":
            flags, closing, _ = self._source[self._at + 1 : self._at + 40].partition(")")
            begin, colon, _ = flags.partition(":")
            if closing and flags and set(flags) <= set("ism") and len(self._steps) == 0:
                self._ignores_case = "i" in flags
                self._at += len(flags) + 2
                return
            if colon and not begin:
                self._at += 2
            elif begin.startswith(("P<", "<")) and begin[1:2] not in ("=", "!") and ">" in begin:
                self._at += 1 + begin.index(">") + 1
            else:
                raise RegularError(f"'(?{begin[:1]}' is no group that is understood")
        self._depth += 1
        if self._depth > DEEPEST:
            raise RegularError("it nests too deep")
        self._either()
        self._depth -= 1
        if self._next != ")":
            raise RegularError("'(' is not closed")
        self._at += 1

    def _is(self, wanted: str) -> Callable[[str], bool]:
        if self._ignores_case:
            return lambda given: given.lower() == wanted.lower()
        return lambda given: given == wanted

    def _escaped(self) -> Callable[[str], bool]:
        character = self._next
        self._at += 1
        if character.lower() in _CLASSES and character:
            inside = _CLASSES[character.lower()]
            return inside if character.islower() else lambda given: not inside(given)
        if not character or (character.isalnum() and character not in _ESCAPES):
            raise RegularError(f"'\\{character}' is no escape that is understood")
        return self._is(_ESCAPES.get(character, character))

    def _set(self) -> Callable[[str], bool]:
        negated = self._next == "^"
        self._at += negated
        parts: list[Callable[[str], bool]] = []
        while self._next != "]" or not parts:
            character = self._next
            if not character:
                raise RegularError("'[' is not closed")
            if self._source.startswith("[:", self._at) and ":]" in self._source[self._at :]:
                parts.append(self._named_class())
                continue
            self._at += 1
            if character == "\\":
                parts.append(self._escaped())
            elif self._next == "-" and self._source[self._at + 1 : self._at + 2] not in ("]", ""):
                last = self._source[self._at + 1]
                self._at += 2
                parts.append(self._range(character, last))
            else:
                parts.append(self._is(character))
        self._at += 1
        return lambda given: any(part(given) for part in parts) != negated

    def _named_class(self) -> Callable[[str], bool]:
        end = self._source.index(":]", self._at)
        name = self._source[self._at + 2 : end]
        inside = _NAMED_CLASSES.get(name.removeprefix("^"))
        if inside is None:
            raise RegularError(f"'[:{name}:]' is no class that is understood")
        self._at = end + 2
        return (lambda given: not inside(given)) if name.startswith("^") else inside

    def _range(self, first: str, last: str) -> Callable[[str], bool]:
        if last == "\\" or first > last:
            raise RegularError(f"the range '{first}-{last}' is not understood")
        if self._ignores_case:
            return lambda given: first <= given.lower() <= last or first <= given.upper() <= last
        return lambda given: first <= given <= last


def _stands(asks: str, at: int, text: str) -> bool:
    if asks in "^A":
        return at == 0
    if asks in "$z":
        return at == len(text)
    word = _CLASSES["w"]
    before, behind = (at > 0 and word(text[at - 1])), (at < len(text) and word(text[at]))
    return (before != behind) == (asks == "b")
