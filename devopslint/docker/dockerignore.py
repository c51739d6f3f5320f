""".dockerignore: which files of a build context the builder never sees, by the rules that it follows itself."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from devopslint.model import LINE_BREAK, Location
from devopslint.readers.text_file import TextFile


class IgnorePattern(NamedTuple):
    """One line: a pattern over paths, in its segments; `negated` takes back what earlier ones exclude."""

    segments: tuple[str, ...]
    negated: bool

    def matches(self, path: Sequence[str]) -> bool:
        """Whether the pattern matches the path, or a folder that it lies in."""
        return any(_matches(self.segments, path[:end]) for end in range(1, len(path) + 1))

    def may_match_below(self, path: Sequence[str]) -> bool:
        """Whether something inside of the folder `path` may match."""
        for segment, part in zip(self.segments, path, strict=False):
            if segment == "**":
                return True
            if not fnmatch.fnmatchcase(part, segment):
                return False
        return len(self.segments) > len(path)


class IgnoreRules(NamedTuple):
    """A summary: the patterns of one .dockerignore, and where it stands."""

    path: str
    patterns: tuple[IgnorePattern, ...]
    location: Location

    def excludes(self, path: str) -> bool:
        """Whether the builder does not see this path of the context: the last pattern that matches decides."""
        parts = [part for part in posixpath.normpath(path).split("/") if part not in ("", ".")]
        excluded = False
        for pattern in self.patterns:
            if pattern.negated == excluded and pattern.matches(parts):
                excluded = not excluded
        return excluded

    def hides(self, path: str) -> bool:
        """Whether the path is excluded, and nothing below it is taken back."""
        parts = [part for part in posixpath.normpath(path).split("/") if part not in ("", ".")]
        return self.excludes(path) and not any(
            pattern.negated and pattern.may_match_below(parts) for pattern in self.patterns
        )


class IgnoreFile(TextFile):
    """A .dockerignore, or the NAME.dockerignore of one Dockerfile."""

    kinds: ClassVar[tuple[str, ...]] = ("dockerignore",)

    def summaries(self) -> Iterable[object]:
        return (IgnoreRules(self.path, tuple(_patterns(self.text)), Location(self.path, 1, 1, 1, 1)),)


def _patterns(text: str) -> Iterable[IgnorePattern]:
    for line in LINE_BREAK.split(text.removeprefix("\ufeff")):
        if line.startswith("#") or not line.strip():
            continue
        pattern = line.strip()
        negated = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip()
        if not pattern:
            continue
        path = posixpath.normpath(pattern).lstrip("/")
        yield IgnorePattern(tuple(_segments(path)), negated)


def _segments(path: str) -> Iterable[str]:
    for segment in path.split("/"):
        if segment == "**" or "**" not in segment:
            yield _class(segment)
        else:  # `**.go` is a .go at any depth
            before, _, after = segment.partition("**")
            yield from (f"{before}*",) if before else ()
            yield "**"
            yield _class(f"*{after}".replace("**", "*")) if after else "*"


def _class(segment: str) -> str:
    """Classes of characters as fnmatch writes them: Go excludes with ^, and takes ! for itself."""
    return segment.replace("[!", "[\\!").replace("[^", "[!")


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether the pattern matches the whole path; `**` stands for any number of folders."""
    at = index = 0
    star = retry = -1
    while at < len(path):
        if index < len(pattern) and pattern[index] == "**":
            star, retry = index, at
            index += 1
        elif index < len(pattern) and fnmatch.fnmatchcase(path[at], pattern[index]):
            at, index = at + 1, index + 1
        elif star >= 0:
            retry += 1
            at, index = retry, star + 1
        else:
            return False
    return all(segment == "**" for segment in pattern[index:])
