"""What no report shows: the lines, and the words of messages, in which a secret is suspected."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devopslint.deferred import compiled
from devopslint.model import LINE_BREAK, Location
from devopslint.secrets.judgement import is_strong, names_secret

_VALUE = compiled(r"""[^\s"'=:,{}\[\]]+""")


def hide_in_lines(lines: list[str], location: Location, shown: list[str]) -> None:
    """Star in `shown` the region, the rest of its line, and the lines on which its value goes on; `lines` stay as they are."""
    if location.line > len(lines):
        return
    first = lines[location.line - 1]
    begin = location.column - 1
    _star(shown, location.line - 1, first[:begin] + _starred(first[begin:]))
    open_quote = _open_quote(first)
    continued = first.rstrip().endswith(("\\", "`"))
    for index in range(location.line, len(lines)):
        line = lines[index]
        nested = index < location.end_line or not line.strip() or _indent(line) > _indent(first)
        if not (nested or open_quote or continued):
            return
        _star(shown, index, _starred(line))
        open_quote = _open_quote(line, open_quote)
        continued = continued and line.rstrip().endswith(("\\", "`"))


def _star(shown: list[str], index: int, starred: str) -> None:
    """Keep the stars that are there already."""
    if shown[index] != starred:
        shown[index] = "".join("*" if "*" in pair else pair[0] for pair in zip(shown[index], starred, strict=True))


def texts_of(text: str, locations: Iterable[Location]) -> tuple[str, ...]:
    """The values that stand at these places, the longest first, for what quotes them."""
    lines: list[str] | None = None
    found: set[str] = set()
    for at in locations:
        lines = LINE_BREAK.split(text) if lines is None else lines
        for number in range(at.line, min(at.end_line, at.line + 20, len(lines)) + 1):
            line = lines[number - 1]
            begin = at.column - 1 if number == at.line else 0  # to the end of the line: a place may be the name's
            found.update(word for word in _VALUE.findall(line[begin:]) if _is_value(word))
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def _is_value(word: str) -> bool:
    """Whether it is what is secret, and no option, name or file beside it: those hold no digits."""
    return any(map(str.isdigit, word)) and not word.startswith("-") and is_strong(word) and not names_secret(word)


def hide(words: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret in words:
            words = words.replace(secret, "*" * len(secret))
    return words


def _open_quote(line: str, quote: str = "") -> str:
    """The quote that a line leaves open, where `quote` is open at its beginning."""
    escaped = False
    for character in line:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
    return quote


def _starred(text: str) -> str:
    return re.sub(r"\S", "*", text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
