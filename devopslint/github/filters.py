"""The glob patterns of branch, tag and path filters, as GitHub reads them.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled

_ESCAPABLE = "[]?+*\\!"
_DOTS = compiled(r"(?<![^/!])\.\.?(?![^/])")
_SET = compiled(r"\[[^\]]*\]")
_RANGE = compiled(r".-.|.", re.DOTALL)
"""A range, or a character by itself: the `-` behind a range is one."""
_NOT_IN_REFS = compiled(r"[\x00-\x20\x7f~^:]")


class GlobFault(NamedTuple):
    """What is wrong with a pattern, and where in it."""

    start: int
    end: int
    message: str
    refused: bool
    """True where GitHub refuses the pattern, False where it matches nothing."""
    certain: bool = True


def glob_faults(pattern: str, *, path: bool) -> Iterator[GlobFault]:
    """Everything wrong with the pattern of a path, or else of a branch or a tag."""
    begin = 1 if pattern.startswith("!") else 0
    if begin == len(pattern):
        if begin:
            yield GlobFault(0, 1, "a pattern is wanted behind '!'", True)
        return
    yield from _syntax_faults(pattern, begin, path)
    yield from _path_faults(pattern, begin) if path else _ref_faults(pattern, begin)


def _syntax_faults(pattern: str, begin: int, path: bool) -> Iterator[GlobFault]:
    at, quantifiable = begin, False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            following = pattern[at + 1 : at + 2]
            if not path and not following:
                yield GlobFault(at, at + 1, "'\\' escapes nothing at the end of the pattern", True)
            elif not path and following not in _ESCAPABLE:
                said = f"'\\{following}' is no escape; '\\' stands before one of {_ESCAPABLE}"
                # Workflows in use escape dots and dashes, as regular expressions do, and run.
                yield GlobFault(at, at + 2, said, True, certain=following.isalnum())
            elif not path and following in "*?[":
                yield GlobFault(at, at + 2, f"'{following}' itself stands in no name of a branch or tag", False)
            at, quantifiable = at + 2, True
        elif character in "?+":
            if not quantifiable:
                yield GlobFault(
                    at, at + 1, f"'{character}' repeats what stands before it; there is nothing to repeat", True
                )
            at, quantifiable = at + 1, False
        elif character == "[":
            end = pattern.find("]", at + 1)
            if end < 0:
                yield GlobFault(at, at + 1, "'[' is not closed by ']'", True)
                return
            yield from _set_faults(pattern, at, end)
            at, quantifiable = end + 1, True
        else:
            at, quantifiable = at + 1, character != "*"


def _set_faults(pattern: str, start: int, end: int) -> Iterator[GlobFault]:
    """`[a-z0]`, from its bracket to the closing one."""
    inside = pattern[start + 1 : end]
    if not inside:
        yield GlobFault(start, end + 1, "'[]' matches nothing", True)
    if len(inside) > 1 and inside.endswith("-"):
        yield GlobFault(end - 1, end, "the range has no end", True)
    for found in _RANGE.finditer(inside):
        first, last = found.group()[0], found.group()[-1]
        if first > last and len(found.group()) == 3:
            at = start + 1 + found.start()
            yield GlobFault(at, at + 3, f"range '{found.group()}' ends before it begins", True)


def _ref_faults(pattern: str, begin: int) -> Iterator[GlobFault]:
    """What git does not allow in the name of a branch or a tag."""
    plain = _SET.sub(lambda found: "x" * len(found[0]), pattern)
    for at in range(begin, len(pattern)):
        if _NOT_IN_REFS.match(plain[at]):
            hint = "; filters are globs, not regular expressions" if pattern[at] == "^" else ""
            character = f"'{pattern[at]}'" if pattern[at].isprintable() else f"character U+{ord(pattern[at]):04X}"
            yield GlobFault(at, at + 1, f"{character} stands in no name of a branch or tag{hint}", False)
    if pattern[begin] == "/" or pattern.endswith("/"):
        at = begin if pattern[begin] == "/" else len(pattern) - 1
        yield GlobFault(at, at + 1, "no name of a branch or tag begins or ends with '/'", False)
    elif pattern.endswith("."):
        yield GlobFault(len(pattern) - 1, len(pattern), "no name of a branch or tag ends with '.'", False)
    at = pattern.find("//")
    if at >= 0:
        yield GlobFault(at, at + 2, "no name of a branch or tag has '//'", False)


def _path_faults(pattern: str, begin: int) -> Iterator[GlobFault]:
    """What no path from the root of a repository looks like."""
    dots = _DOTS.search(pattern, begin)
    if dots is not None:
        message = f"paths count from the root of the repository; none has the part '{dots[0]}'"
        yield GlobFault(dots.start(), dots.end(), message, False)
    if pattern != pattern.strip() or pattern[begin] == " ":
        at = begin if pattern[begin] == " " else len(pattern) - 1
        yield GlobFault(at, at + 1, "a space at the begin or end is a part of the path", False)
