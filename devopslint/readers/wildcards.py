"""Whether a text matches one of many shell patterns (`*`, `?`, `[…]`), asked for every word of every file."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from fnmatch import translate

from devopslint.deferred import NamedTuple

_WILD = frozenset("*?[")


def matches_any(text: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches the whole text, upper and lower case told apart."""
    prepared = _prepared(tuple(patterns))
    if text in prepared.names or text.startswith(prepared.beginnings) or text.endswith(prepared.ends):
        return True
    for part in prepared.parts:  # any() takes three times as long
        if part in text:
            return True
    return prepared.others is not None and prepared.others.match(text) is not None


class _Prepared(NamedTuple):
    """Patterns by what they are: most need no regular expression, which takes as long to compile as a small file to judge."""

    names: frozenset[str]
    beginnings: tuple[str, ...]
    """`x` of `x*`."""
    ends: tuple[str, ...]
    """`x` of `*x`."""
    parts: tuple[str, ...]
    """`x` of `*x*`."""
    others: re.Pattern[str] | None


@functools.lru_cache(maxsize=256)
def _prepared(patterns: tuple[str, ...]) -> _Prepared:
    names: set[str] = set()
    beginnings: list[str] = []
    ends: list[str] = []
    parts: list[str] = []
    others: list[str] = []
    for pattern in patterns:
        inner = pattern.strip("*")
        before, after = pattern.startswith("*"), pattern.endswith("*")
        if not is_wild(pattern):
            names.add(pattern)
        elif is_wild(inner):
            others.append(pattern)
        elif before and after:
            parts.append(inner)
        else:
            (ends if before else beginnings).append(inner)
    return _Prepared(frozenset(names), tuple(beginnings), tuple(ends), tuple(parts), union(others) if others else None)


def is_wild(pattern: str) -> bool:
    """Whether it matches more than itself."""
    return not _WILD.isdisjoint(pattern)


def union(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern that matches what any of these does."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")
