"""Words of names and scripts, and sets of them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import translate

from devopslint.deferred import compiled

_BETWEEN_WORDS = compiled(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])")
_VARIABLE = compiled(r"\$(?:\{[^{}]*\}|\w+)")
_EXPRESSION = "${{"


class Words:
    """A set of words with `*` in some of them."""

    def __init__(self, text: str) -> None:
        words = text.split()
        self.exact = frozenset(word for word in words if "*" not in word)
        globs = [translate(word) for word in words if "*" in word]
        self.pattern = compiled("|".join(globs)) if globs else None

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        return word in self.exact or (self.pattern is not None and self.pattern.match(word) is not None)


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case; what stands in `${{ … }}`, or in a variable's name, is not looked at."""
    text = _VARIABLE.sub("$", without_expressions(name)).replace("&", " and ")
    return [word.lower() for word in _BETWEEN_WORDS.split(text) if word]


def without_expressions(text: str) -> str:
    """The text with every `${{ … }}` replaced by as many letters: offsets stay, and no shell stumbles over it."""
    at = text.find(_EXPRESSION)
    if at < 0:
        return text
    parts: list[str] = []
    done = 0
    while at >= 0:
        end = text.find("}}", at)
        if end < 0:
            break
        parts.append(text[done:at])
        parts.append("".join("\n" if letter == "\n" else "x" for letter in text[at : end + 2]))
        done = end + 2
        at = text.find(_EXPRESSION, done)
    return "".join([*parts, text[done:]])


def phrase_in(words: list[str], phrases: Iterable[tuple[str, str]]) -> str | None:
    """The stage of the first phrase, `type check;format check`, that stands among the words of a name."""
    if len(words) < 2:
        return None
    padded = f" {' '.join(words)} "
    for stage, text in phrases:
        for phrase in text.split(";"):
            if f" {phrase} " in padded:
                return stage
    return None
