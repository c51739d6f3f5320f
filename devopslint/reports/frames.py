"""Code frames: lines of a file with carets under a region, safe to print whatever the file holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from devopslint.deferred import NamedTuple
from devopslint.model import Location

TAB = "    "
WIDEST = 120
"""Columns of a source line that a frame shows; the rest of a longer line is cut away around the region."""
NEAR = 4 * WIDEST
"""Characters before and behind a region's beginning that may come to be shown; some take no column."""
TALLEST = 4
"""Lines of a region that a frame shows."""

_JOINER = "\u200d"
_JOINING = _JOINER + "🏻🏼🏽🏾🏿"
"""Characters that change the emoji before them and take no room of their own."""


class Frame(NamedTuple):
    """A source line and what stands under it."""

    number: int
    code: str
    indent: str
    """What stands before the carets on the line below the code."""
    carets: str


def printable(text: str) -> str:
    """The text on one line and without characters that steer a terminal, hide or reorder others."""
    if text.isascii() and text.isprintable():  # most are
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isascii():
        code = ord(character)
        if 0x20 <= code < 0x7F:
            return character
        return chr(0x2421 if code == 0x7F else 0x2400 + code)
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != _JOINER
    if hidden or character in "\ufffe\uffff":  # the last two are forbidden in XML
        return "\N{REPLACEMENT CHARACTER}"
    return character


def width(text: str) -> int:
    """Terminal columns that printable text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if character in _JOINING or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def frames(lines: Sequence[str], location: Location) -> Iterator[Frame]:
    """The region's lines, each with carets under its part of the region; none where the file is empty or has no such line."""
    if len(lines) == 1 and not lines[0]:
        return
    last = min(location.end_line, location.line + TALLEST - 1, len(lines))
    for number in range(location.line, last + 1):
        line = lines[number - 1]
        first = location.column if number == location.line else len(line) - len(line.lstrip()) + 1
        end = location.end_column if number == location.end_line else len(line) + 1
        yield _frame(number, line, first - 1, end - 1)


def _frame(number: int, line: str, start: int, end: int) -> Frame:
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    # Of a line as long as a file, only what is near the region is looked at, for each of its findings.
    first, last = max(start - NEAR, 0), min(end, start + NEAR)
    before = _cells(line[first:start], number == 1 and first == 0)
    marked = _cells(line[start:last], number == 1 and start == 0)
    after = _cells(line[last : last + NEAR], False)
    if first or last + NEAR < len(line) or width(before) + width(marked) + width(after) > WIDEST:
        before = _last_columns(before, WIDEST // 3)
        marked = _first_columns(marked, WIDEST - width(before))
        after = _first_columns(after, WIDEST - width(before) - width(marked))
    return Frame(number, (before + marked + after).rstrip(), " " * width(before), "^" * max(width(marked), 1))


def _cells(text: str, first: bool) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_cell(character, first and at == 0) for at, character in enumerate(text))


def _cell(character: str, first: bool) -> str:
    if character == "\t":
        return TAB
    if first and character == "\N{ZERO WIDTH NO-BREAK SPACE}":
        return ""
    return _shown(character)


def _first_columns(text: str, columns: int) -> str:
    """At most so many columns of the text's beginning, with an ellipsis in the place of what is cut away."""
    if width(text) <= columns:
        return text
    kept, room = [], columns - 1
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _last_columns(text: str, columns: int) -> str:
    """At most so many columns of the text's end."""
    if width(text) <= columns:
        return text
    return _first_columns(text[::-1], columns)[::-1]
