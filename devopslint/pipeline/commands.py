"""Commands of the tables: which of them a program with its arguments is."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate

from devopslint.deferred import NamedTuple
from devopslint.pipeline.stage_words import Word


class Pattern(NamedTuple):
    """A command of the tables: what follows its program."""

    stage: str
    words: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def of(cls, word: Word) -> Pattern:
        rest = word.text.split()[1:]
        words = tuple(part for part in rest if not part.startswith("-"))
        return cls(word.stage, words, tuple(part for part in rest if part.startswith("-")))

    def fits(self, operands: Sequence[tuple[str, bool]], options: Sequence[str]) -> bool:
        """`operands` say of each whether it may be the value of the option before it."""
        for option in self.options:
            if not any(given == option or given.startswith(f"{option}=") for given in options):
                return False
        return not self.words or _follows(self.words, operands)


def _follows(words: tuple[str, ...], operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether the words stand at the begin of the operands, possible values of options aside."""
    start = 0
    while start < len(operands):
        if _matches(words, operands, start):
            return True
        if not operands[start][1] and words[0] != "...":
            return False
        start += 1
    return False


def _matches(words: tuple[str, ...], operands: Sequence[tuple[str, bool]], at: int) -> bool:
    anywhere = False
    for word in words:
        if word == "...":
            anywhere = True
            continue
        while at < len(operands) and not _is(word, operands[at][0]) and (anywhere or operands[at][1]):
            at += 1
        if at >= len(operands) or not _is(word, operands[at][0]):
            return False
        at += 1
        anywhere = False
    return True


@functools.lru_cache(maxsize=4096)
def _glob(word: str) -> re.Pattern[str]:
    return re.compile(translate(word))


def _is(word: str, operand: str) -> bool:
    return word == operand if "*" not in word else _glob(word).match(operand) is not None


def shown(pattern: Pattern, operands: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """The pattern's words as the command has them."""
    for word in pattern.words:
        if word == "...":
            yield "…"
        else:
            yield next((operand for operand, _ in operands if _is(word, operand)), word)
