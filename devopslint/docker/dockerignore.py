""".dockerignore: which files of a build context the builder never sees, as moby's patternmatcher reads it."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import LINE_BREAK, Fault, Location
from devopslint.readers.regular_expressions import Regular, RegularError, regular
from devopslint.readers.text_file import TextFile

_STARS = compiled(r"\*\*/?")
_CLASS = r"\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]"
"""A class as Go's filepath.Match wants it: never empty, and a `-` or `]` in it only behind a backslash."""
_CHUNK = compiled(rf"\**(?:{_CLASS}|\\.|[^\[\\*])*", re.DOTALL)
"""What filepath.Match looks at together: stars, and what stands behind them up to the next ones."""


_ANY_NAMES = ("0", "~.x", "Dockerfile")
"""What excludes these excludes everything."""


class IgnorePattern(NamedTuple):
    """One line: a pattern over paths; `negated` takes back what earlier ones exclude."""

    text: str
    negated: bool

    def matches(self, path: str) -> bool:
        return _matches(self.text, path)

    def may_match_below(self, path: Sequence[str]) -> bool:
        """Whether something inside of the folder `path` may match."""
        folder = "/".join(path) + "/"
        literal = re.split(r"[*?\[\\]", self.text, maxsplit=1)[0]
        if literal == self.text:
            return self.text.startswith(folder)
        deep_enough = "**" in self.text or self.text.count("/") >= len(path)
        return deep_enough and (literal.startswith(folder) or folder.startswith(literal))


class IgnoreRules(NamedTuple):
    """A summary: the patterns of one .dockerignore, and where it stands."""

    path: str
    patterns: tuple[IgnorePattern, ...]
    location: Location

    def excludes(self, path: str) -> bool:
        """Whether the builder does not see this path of the context: the last pattern that matches decides.

        A pattern that matched a folder on the way matches what lies in it; one that was not asked there, because
        nothing was to be excluded or taken back, did not match.
        """
        excluded = False
        matched = [False] * len(self.patterns)
        parts = [part for part in posixpath.normpath(path).split("/") if part not in ("", ".")]
        for end in range(1, len(parts) + 1):
            excluded = False
            for number, pattern in enumerate(self.patterns):
                if not matched[number]:
                    matched[number] = pattern.negated == excluded and pattern.matches("/".join(parts[:end]))
                if matched[number]:
                    excluded = not pattern.negated
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

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.patterns: list[IgnorePattern] = []
        all_excluded = False
        begins, behind = 0, int(text.startswith("\ufeff"))
        for line in text.removeprefix("\ufeff").split("\n"):  # as the builder does; a \r alone ends a line for editors
            begins, behind = behind, behind + len(line) + 1
            written = line.strip()
            if line.startswith("#") or not written:
                continue
            pattern = _pattern(written)
            if pattern is not None and not _is_refused(pattern, asked=pattern.negated == all_excluded):
                all_excluded = all_excluded or (not pattern.negated and all(map(pattern.matches, _ANY_NAMES)))
                self.patterns.append(pattern)
                continue
            above = LINE_BREAK.split(text[: begins + line.index(written)])
            number, column = len(above), len(above[-1]) + 1
            at = Location(path, number, column, number, column + len(LINE_BREAK.split(written)[0]))
            self.faults.append(Fault(at, f"'{written}' is no pattern: the builder refuses the file"))

    def summaries(self) -> Iterable[object]:
        return (IgnoreRules(self.path, tuple(self.patterns), Location(self.path, 1, 1, 1, 1)),)


def _pattern(written: str) -> IgnorePattern | None:
    negated = written.startswith("!")
    text = posixpath.normpath(written[negated:].strip() or "/")
    text = text.removeprefix("/").removeprefix("/") or "/"  # normpath keeps two slashes
    return None if negated and text == "/" else IgnorePattern(text, negated)


def _is_refused(pattern: IgnorePattern, *, asked: bool) -> bool:
    """Whether the builder stops at the pattern: when it reads it, or when a path is held against it."""
    if not _is_well_formed(pattern.text):
        return True
    kind, expression = _compiled(pattern.text)
    return kind == "expression" and asked and _regular(expression) is None


def _is_well_formed(pattern: str) -> bool:
    """What filepath.Match says of the pattern when it is held against `.`: it looks no further than it must."""
    at = 0
    while at < len(pattern):
        chunk = _CHUNK.match(pattern, at)
        if chunk is None or (chunk.end() < len(pattern) and pattern[chunk.end()] != "*"):
            return False
        at = chunk.end()
        text = chunk[0].lstrip("*")
        if text not in (".", "?", "\\.") and not (text.startswith("[") and _found(f"^{text}$", ".")):
            break
    return True


def _matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches the whole path, as Pattern.match of moby/patternmatcher 0.6 does."""
    kind, text = _compiled(pattern)
    if kind == "exact":
        return path == text
    if kind == "prefix":
        return path.startswith(text)
    if kind == "suffix":
        return path.endswith(text) or (text.startswith("/") and path == text[1:])
    return kind == "expression" and _found(text, path)


@functools.lru_cache(maxsize=4096)
def _found(expression: str, path: str) -> bool:
    known = _regular(expression)
    return known is not None and known.found_in(path)


def _regular(expression: str) -> Regular | None:
    try:
        return regular(expression)
    except RegularError:
        return None


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> tuple[str, str]:
    """How the pattern is held against a path, and the text that is.

    What is not escaped here is not escaped there: a `*` in a class is a class in a class, `\\d` is a digit, and `|`
    is an alternative, for the table of what to escape has no room for characters behind `?`.
    """
    kind, expression, at, tokens = "exact", "", 0, 0
    while at < len(pattern):
        character = pattern[at]
        if character == "*" and (stars := _STARS.match(pattern, at)):
            at = stars.end()
            if at < len(pattern):
                expression, kind = expression + "(.*/)?", "expression"
            elif kind == "exact":
                kind = "prefix"
            else:
                expression, kind = expression + ".*", "expression"
            if tokens == 0:
                kind = "suffix"
        else:
            escaped = character == "\\" and at + 1 < len(pattern)
            if character in "*?":
                expression += "[^/]*" if character == "*" else "[^/]"
            elif escaped:
                expression += pattern[at : at + 2]
            else:
                expression += f"\\{character}" if character in ".+()$" else character
            kind = "expression" if character in "*?[]" or escaped else kind
            at += 2 if escaped else 1
        tokens += 1
    if kind == "expression":
        return kind, f"^{expression}$"
    return kind, {"exact": pattern, "prefix": pattern[:-2], "suffix": pattern[2:]}[kind]
