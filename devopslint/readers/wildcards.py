"""Whether a text matches one of many shell patterns (`*`, `?`, `[…]`), asked for every word of every file."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from fnmatch import translate

_WILD = frozenset("*?[")


def matches_any(text: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches the whole text, upper and lower case told apart."""
    plain, wild = _prepared(tuple(patterns))
    return text in plain or wild.match(text) is not None


@functools.lru_cache(maxsize=256)
def _prepared(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str]]:
    """The patterns that are names, and one pattern for all others."""
    wild = [pattern for pattern in patterns if is_wild(pattern)]
    return frozenset(patterns).difference(wild), union(wild)


def is_wild(pattern: str) -> bool:
    """Whether it matches more than itself."""
    return not _WILD.isdisjoint(pattern)


def union(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern that matches what any of these does."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")
