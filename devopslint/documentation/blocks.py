"""The blocks of a Markdown document: headings, paragraphs, tables, code and HTML, inside of quotes and lists.

https://spec.commonmark.org/0.31.2/, with the tables of https://github.github.com/gfm/
"""

from __future__ import annotations

import re

from devopslint.deferred import NamedTuple, compiled
from devopslint.documentation.inlines import TAG, Definitions, definition

DEEPEST = 20
"""Quotes and items inside of each other; what would begin one more is text."""
MOST_LACKING = 65_536
"""Cells that the rows of a table lack together; a table of more ends."""

_HEADING = compiled(r"(#{1,6})(?=[ \t]|\Z)")
_FENCE = compiled(r"(?:(`{3,})([^`]*)|(~{3,})(.*))\Z")
_UNDERLINE = compiled(r"(=+|-+)[ \t]*\Z")
_RULE = compiled(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_MARKER = compiled(r"(?:[-+*]|([0-9]{1,9})[.)])(?=[ \t]|\Z)")
_DELIMITERS = compiled(r"[-:|][-:|][-:| \t]*\Z|[|:][ \t][-:| \t]*\Z")
_COLUMN = compiled(r":?-+:?\Z")
_BAR = compiled(r"(?<!\\)\|")
_NAMES = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hr|html|iframe|legend|li|link|"
    "main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|"
    "title|tr|track|ul"
)
_HTML = compiled(
    rf"<(?:(?P<raw>(?ai:script|pre|style|textarea)(?=[\s>]|\Z))|(?P<comment>!--)|(?P<instruction>\?)"
    rf"|(?P<declaration>![A-Za-z])|(?P<data>!\[CDATA\[)|(?P<block>/?(?ai:{_NAMES})(?=\s|/?>|\Z)))|(?P<alone>(?:{TAG})\s*\Z)"
)
_HTML_ENDS = {
    "raw": compiled(r"</(?ai:script|pre|style|textarea)>"),
    "comment": compiled("-->"),
    "instruction": compiled(r"\?>"),
    "declaration": compiled(">"),
    "data": compiled(r"\]\]>"),
}
"""What ends a block of HTML on its line; the others end at an empty line."""


class Block(NamedTuple):
    """A piece of a document that holds no other blocks."""

    kind: str
    """`heading`, `text`, `item` (a text in a list), `code` or `html`."""
    text: str
    line: int
    """From 1; of code that of its first line."""
    level: int = 0
    language: str = ""


def blocks(text: str) -> tuple[list[Block], Definitions]:
    """The blocks in their order, and where the labels of links lead to."""
    reading = _Reading(text)
    for number, line in enumerate(reading.lines):
        reading.read(number, line)
    reading.close()
    return reading.found, reading.definitions


class _Container:
    """A quote, or an item of a list."""

    __slots__ = ("empty", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        """Columns that the content of an item is indented by; 0 for a quote."""
        self.empty = True
        """Whether nothing is in it so far."""


class _Leaf:
    """The block that is open."""

    __slots__ = ("end", "fence", "indent", "kind", "language", "line", "lines", "table_may_begin")

    def __init__(self, kind: str, line: int) -> None:
        self.kind = kind
        """`text`, `table`, `fence`, `code`, or `html`."""
        self.line = line
        self.lines: list[str] = []
        self.fence = ""
        """What begins it, and ends it too."""
        self.end: re.Pattern[str] | None = None
        """What ends it if no empty line does."""
        self.indent = 0
        """Of a fence; of a table the number of columns."""
        self.language = ""
        self.table_may_begin = False
        """Whether the last line of a text may be the first of a table."""


class _Reading:
    """A document on its way, line by line."""

    def __init__(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
        self.lines = text.split("\n")
        self._last_is_whole = not self.lines[-1].strip(" \t")
        if self._last_is_whole:
            self.lines.pop()
        self.found: list[Block] = []
        self.definitions: Definitions = {}
        self._containers: list[_Container] = []
        self._leaf: _Leaf | None = None
        self._number = 0
        self._lacking = 0

    def read(self, number: int, line: str) -> None:
        """One more line. `number` counts from 0."""
        self._number = number
        rest, column, matched = self._into_containers(line)
        blank = not rest.strip(" \t")
        whole = matched == len(self._containers)
        leaf = self._leaf
        if leaf is not None and leaf.kind != "text":
            if whole:
                if leaf.kind != "table" and self._continues(leaf, rest, column, blank):
                    return
            else:
                self.close()
        if blank:
            if self._leaf is not None and self._leaf.kind in ("text", "table"):
                self.close()
            del self._containers[matched:]
            return
        if self._leaf is None:
            del self._containers[matched:]
        self._begin(rest, column, matched)

    def _into_containers(self, line: str) -> tuple[str, int, int]:
        """What is left of a line behind what it says of the open quotes and items, its column, and how many go on."""
        rest, column, matched = line, 0, 0
        for one in self._containers:
            body = rest.lstrip(" \t")
            if one.width:
                if not body:
                    if one.empty:
                        break
                    rest, column = _without(rest, column, one.width)
                elif _width(rest, body, column) >= one.width:
                    rest, column = _without(rest, column, one.width)
                else:
                    break
            elif body[:1] == ">" and _width(rest, body, column) < 4:
                rest, column = _behind(rest, column, len(rest) - len(body) + 1)
                if rest[:1] in (" ", "\t"):
                    rest, column = _without(rest, column, 1)
            else:
                break
            matched += 1
        return rest, column, matched

    def _continues(self, leaf: _Leaf, rest: str, column: int, blank: bool) -> bool:
        """Whether a line belongs to code or HTML that is open; it ends that where it does not."""
        if leaf.kind == "fence":
            body = rest.strip(" \t")
            if (
                body.startswith(leaf.fence)
                and not body.strip(leaf.fence[0])
                and _width(rest, rest.lstrip(" \t"), column) < 4
            ):
                self.close()
            else:
                leaf.lines.append(_without(rest, column, leaf.indent)[0] if leaf.indent else rest)
            return True
        if leaf.kind == "html":
            if leaf.end is None and blank:
                self.close()
                return True
            leaf.lines.append(rest)
            if leaf.end is not None and leaf.end.search(rest):
                self.close()
            return True
        if not blank and _width(rest, rest.lstrip(" \t"), column) < 4:
            self.close()
            return False
        leaf.lines.append(_without(rest, column, 4)[0])
        return True

    def _begin(self, rest: str, column: int, matched: int) -> None:
        """What a line begins, and what it adds to a text or a table."""
        while True:
            leaf = self._leaf
            going_on = leaf is not None and matched == len(self._containers)
            body = rest.lstrip(" \t")
            if not body:
                return
            indent = _width(rest, body, column)
            if indent >= 4:
                if leaf is not None and leaf.kind == "table":
                    self.close()
                    leaf = None
                if leaf is None:
                    self._open("code").lines.append(_without(rest, column, 4)[0])
                    return
                break
            first = body[0]
            if first == ">" and len(self._containers) < DEEPEST:
                self._enter(_Container(0), matched)
                rest, column = _behind(rest, column, len(rest) - len(body) + 1)
                if rest[:1] in (" ", "\t"):
                    rest, column = _without(rest, column, 1)
            elif (going_on and self._is_table(body)) or (
                first in "#`~<=-*_" and self._is_one(first, body, rest, indent, matched, going_on)
            ):
                return
            elif (
                (first in "-+*" or first.isdigit())
                and (marker := _MARKER.match(body))
                and len(self._containers) < DEEPEST
            ):
                behind, at = _behind(rest, column, len(rest) - len(body) + marker.end())
                words = behind.lstrip(" \t")
                leaf = self._leaf
                interrupts = leaf is not None and leaf.kind == "text" and going_on
                if interrupts and not (words and (marker[1] is None or int(marker[1]) == 1)):
                    break
                spaces = _width(behind, words, at) if words else 1
                spaces = spaces if spaces <= 4 else 1
                self._enter(_Container(indent + marker.end() + spaces), matched)
                rest, column = _without(behind, at, spaces)
            else:
                break
            matched = len(self._containers)
        lacking = sum(one.width for one in self._containers[matched:])
        self._add(_without(rest, column, lacking)[0] if lacking else rest, body, indent, matched)

    def _is_one(self, first: str, body: str, rest: str, indent: int, matched: int, going_on: bool) -> bool:
        """Whether a line is a heading, a line across, or begins code between fences or HTML."""
        leaf = self._leaf
        if first == "#":
            if (heading := _HEADING.match(body)) is None:
                return False
            self._leave(matched)
            text = body[heading.end() :].rstrip(" \t")
            shorter = text.rstrip("#")
            text = shorter if shorter[-1:] in (" ", "\t", "") else text
            self.found.append(Block("heading", text.strip(), self._number + 1, heading.end()))
            self._fill()
        elif first in "`~":
            if (fence := _FENCE.match(body)) is None:
                return False
            self._leave(matched)
            opened = self._open("fence")
            opened.fence, opened.indent = fence[1] or fence[3], indent
            opened.language = (((fence[2] if fence[1] else fence[4]) or "").split() or [""])[0].lower()
        elif first == "<":
            html = _HTML.match(body)
            if html is None or (html.lastgroup == "alone" and leaf is not None):
                return False
            self._leave(matched)
            opened = self._open("html")
            opened.lines.append(rest)
            opened.end = _HTML_ENDS.get(html.lastgroup or "")
            if opened.end is not None and opened.end.search(body):
                self.close()
        elif self._is_underline(first, body, going_on):
            pass
        elif first != "=" and _RULE.match(body):
            self._leave(matched)
            self._fill()
        else:
            return False
        return True

    def _is_underline(self, first: str, body: str, going_on: bool) -> bool:
        """Whether a line makes a heading of the text before; what only defines links is none."""
        leaf = self._leaf
        if leaf is None or leaf.kind != "text" or not going_on or first not in "=-" or not _UNDERLINE.match(body):
            return False
        self._leaf = None
        text, line = self._without_definitions(leaf)
        if text is None:
            return False
        self.found.append(Block("heading", text, line + 1, 1 if first == "=" else 2))
        return True

    def _add(self, rest: str, body: str, indent: int, matched: int) -> None:
        leaf = self._leaf
        if leaf is None:
            leaf = self._open("text")
        elif leaf.kind == "table":
            self._row(body.rstrip(" \t"), leaf.indent)
            return
        leaf.table_may_begin = matched == len(self._containers) and indent < 4 and "|" in body
        leaf.lines.append(rest)

    def _is_table(self, body: str) -> bool:
        """Whether a line makes a table of the line before."""
        leaf = self._leaf
        if leaf is None or not leaf.table_may_begin or not _DELIMITERS.match(body):
            return False
        columns = [column.strip(" \t") for column in body.split("|")]
        wanted = [column for n, column in enumerate(columns) if column or 0 < n < len(columns) - 1]
        if not wanted or not all(map(_COLUMN.match, wanted)):
            return False
        cells = _cells(leaf.lines[-1].strip(" \t"))
        if len(cells) != len(wanted):
            return False
        head = leaf.lines.pop()
        if leaf.lines:
            self.close()
        table = self._open("table")
        table.indent = len(wanted)
        self._row(head.strip(" \t"), table.indent, self._number)
        return True

    def _row(self, text: str, columns: int, line: int | None = None) -> None:
        cells = _cells(text)
        kind = self._kind()
        self._lacking += max(0, columns - len(cells))
        if self._lacking > MOST_LACKING:
            return
        for n in range(columns):
            cell = cells[n].strip(" \t") if n < len(cells) else ""
            self.found.append(Block(kind, cell, line or self._number + 1))

    def _kind(self) -> str:
        return "item" if any(one.width for one in self._containers) else "text"

    def _enter(self, container: _Container, matched: int) -> None:
        self._leave(matched)
        self._fill()
        self._containers.append(container)

    def _leave(self, matched: int) -> None:
        """Close what the line does not go on with."""
        self.close()
        del self._containers[matched:]

    def _open(self, kind: str) -> _Leaf:
        self._fill()
        self._leaf = leaf = _Leaf(kind, self._number)
        return leaf

    def _fill(self) -> None:
        for one in self._containers:
            one.empty = False

    def close(self) -> None:
        """Whatever is open ends before this line, or with it."""
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        if leaf.kind == "text":
            text, line = self._without_definitions(leaf)
            if text is not None:
                self.found.append(Block(self._kind(), text, line + 1))
        elif leaf.kind == "fence":
            text = "".join(f"{line}\n" for line in leaf.lines)
            self.found.append(Block("code", self._to_the_end(leaf, text, 1), leaf.line + 2, language=leaf.language))
        elif leaf.kind == "html":
            text = "".join(f"{line}\n" for line in leaf.lines)
            self.found.append(Block("html", self._to_the_end(leaf, text, 0), leaf.line + 1))
        elif leaf.kind == "code":
            while not leaf.lines[-1].strip(" \t"):
                leaf.lines.pop()
            self.found.append(Block("code", "\n".join(leaf.lines) + "\n", leaf.line + 1))

    def _to_the_end(self, leaf: _Leaf, text: str, fences: int) -> str:
        """A text as it is: without a line break where the file ends without one."""
        at_the_end = leaf.line + fences + len(leaf.lines) == len(self.lines)
        return text[:-1] if at_the_end and not self._last_is_whole else text

    def _without_definitions(self, leaf: _Leaf) -> tuple[str | None, int]:
        """A text without the definitions of links that it begins with, None for nothing more; the line where it begins."""
        text, line, at = "\n".join(leaf.lines).strip(), leaf.line, 0
        while text.startswith("[", at) and (found := definition(text, at)) is not None:
            label, address, end = found
            self.definitions.setdefault(label, address)
            line += text.count("\n", at, end)
            at = end
        return (None if 0 < at == len(text) else text[at:].strip()), line


def _cells(row: str) -> list[str]:
    cells = [cell.replace("\\|", "|") for cell in _BAR.split(row)]
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


def _width(rest: str, body: str, column: int) -> int:
    """Columns of the white space before a body; `column` is where it begins."""
    count = len(rest) - len(body)
    if not count or "\t" not in rest[:count]:
        return count
    at = column
    for character in rest[:count]:
        at += 4 - at % 4 if character == "\t" else 1
    return at - column


def _behind(rest: str, column: int, count: int) -> tuple[str, int]:
    """A text without its first characters, of which the white space counts as columns."""
    before = rest[:count]
    return rest[count:], column + (
        count if "\t" not in before else _width(before, before.lstrip(" \t"), column) + len(before.lstrip(" \t"))
    )


def _without(rest: str, column: int, width: int) -> tuple[str, int]:
    """A text without white space of so many columns; of a tab that goes further, the rest is left as spaces."""
    if rest.startswith(" " * width):
        return rest[width:], column + width
    at, stop = column, column + width
    for index, character in enumerate(rest):
        if at >= stop or character not in " \t":
            return " " * (at - stop) + rest[index:], max(at, stop) if at < stop else stop
        at += 4 - at % 4 if character == "\t" else 1
    return " " * (at - stop), min(at, stop)
