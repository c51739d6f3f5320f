"""What no report shows: the lines, and the words of messages, in which a secret is suspected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.model import LINE_BREAK, Location
from devopslint.secrets.judgement import is_strong, names_secret, passwords_in_urls, token_spans

_GIVEN = compiled(
    r"""(?<![\w.-])-{0,2}(?P<name>[A-Za-z_][\w.-]{1,80})(?P<between>["']?[ \t]{0,20}[:=]>?[ \t]{0,20}["']?|[ \t]{1,20}["']?)"""
    r"""(?P<value>[^\s"',;{}\[\]]{6,400})"""
)
"""A name and what follows it: `db.password=x`, `"clientSecret": "x"`, `--token x`."""
_LOGIN = compiled(
    r"""(?:(?<![\w-])(?:-u|-U|--user|--proxy-user)[ \t=]{1,9}["']?[^\s:"'$]{1,80}:"""
    r"""|\b(?:mysql|mariadb|sshpass|redis-cli)[^\n|;&]{0,200}?[ \t"',]-[pa](?:["']?[ \t,]{1,9}["']?)?)"""
    r"""(?P<value>[^\s"',;{}\[\]]{6,400})"""
)
"""`curl -u name:x`, `mysql -px`, `redis-cli -a x`."""
_VALUE = compiled(r"""[^\s"'=:,{}\[\]]+""")


def hide_in_lines(lines: list[str], location: Location, shown: list[str]) -> None:
    """Star in `shown` the region, the rest of its line, and the lines on which its value goes on; `lines` stay as they are."""
    if location.line > len(lines):
        return
    first = lines[location.line - 1]
    begin = location.column - 1
    star(shown, location.line - 1, first[:begin] + _starred(first[begin:]))
    open_quote = _open_quote(first)
    continued = first.rstrip().endswith(("\\", "`"))
    for index in range(location.line, len(lines)):
        line = lines[index]
        nested = index < location.end_line or not line.strip() or _indent(line) > _indent(first)
        if not (nested or open_quote or continued):
            return
        star(shown, index, _starred(line))
        open_quote = _open_quote(line, open_quote)
        continued = continued and line.rstrip().endswith(("\\", "`"))


def hide_by_looks(line: str) -> str:
    """The line with stars for what looks like a secret, whether a rule judges it or not.

    Nothing is found by it: a value too many that is starred costs nobody anything.
    """
    parts, at = [], 0
    for start, end in sorted(suspected(line)):
        if end > at:
            parts += [line[at : max(start, at)], "*" * (end - max(start, at))]
            at = end
    return "".join([*parts, line[at:]]) if parts else line


def suspected(text: str) -> Iterator[tuple[int, int]]:
    """Where in a line, or a text, there are tokens, passwords in URLs, and values of names that speak of secrets."""
    yield from token_spans(text)
    yield from passwords_in_urls(text)
    yield from (found.span("value") for found in _LOGIN.finditer(text) if is_strong(found["value"]))
    at = 0
    while found := _GIVEN.search(text, at):
        name, value = found["name"], found["value"]
        option = found["between"].strip("\"' \t") or found[0].startswith("-")
        if option and names_secret(name) and is_strong(value):
            yield found.span("value")
            at = found.end()
        else:
            at = found.end("name")


def star(shown: list[str], index: int, starred: str) -> None:
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
