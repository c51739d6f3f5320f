"""The structure of a file in HCL's native syntax: its blocks and attributes, and where each value stands."""

from __future__ import annotations

import re
from bisect import bisect_left

from devopslint.deferred import NamedTuple, compiled
from devopslint.terraform.flat import FLAT

MOST_NESTED = 250
"""Blocks in blocks, brackets in brackets; the deepest real file seen has 14."""

_GAP = compiled(r"(?:[ \t]++|\r?\n|(?:#|//)[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
"""What may stand between two statements of a body."""
_BLANK = compiled(r"(?:[ \t]++|/\*.*?\*/)*+", re.DOTALL)
"""What may stand between two tokens of one line."""
_END = compiled(r"(?:[ \t]++|/\*.*?\*/)*+(?:(?:#|//)[^\n]*+)?(?:\r?\n|\Z)", re.DOTALL)
_NAME = compiled(r"[^\W\d][\w-]*+")
_LABEL = compiled(r'"((?:[^"\\\n$%]|\\.|\$(?!\{)|%(?!\{))*+)"|([^\W\d][\w-]*+)')
_STATEMENT = compiled(
    r"(?:[ \t\n]++|\r\n|(?:#|//)[^\n]*+|/\*.*?\*/)*+"
    r"(?:([^\W\d][\w-]*+)[ \t]*+"
    r'(?:=[ \t]*+("[^"\\\r\n$%]*+"|\d++|[^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+)[ \t]*+(?:(?:#|//)[^\n]*+)?(?:\r?\n|\Z)'
    r"|=(?![=>])[ \t]*+()(?!/\*)"
    r'|((?:"[^"\\\r\n$%]*+"[ \t]*+)*+)(\{)(?:[ \t]*+\r?\n())?)'
    r"|(\})[ \t]*+(?:\r?\n|\Z))",
    re.DOTALL,
)
"""What most of a file consists of, with the gap before it: an argument to the end of its line, the beginning of one, that
of a block, and the end of one. A statement that this does not know is read piece by piece."""
_PLAIN, _EXPRESSION, _BRACE, _BLOCK, _CLOSE = 2, 3, 5, 6, 7
"""The last group that each of them has; _BLOCK begins one of several lines, of which _BRACE says nothing."""
_FLAT = compiled(rf"({FLAT})[ \t]*+(?:(?:#|//)[^\n]*+)?(?:\r?\n|\Z)")
_EQUALS = compiled(r"=(?![=>])")
_STOP = compiled(r'"(?:[^"\\\n$%]*+")?+|[#\n(){}\[\]]|//|/\*|<<-?([^\W\d][\w-]*+)\r?\n')
"""Where an expression may end, or where something begins that hides its end; a text of which that is plain, as a whole."""
_STOP_INSIDE = compiled(r'"(?:[^"\\\n$%]*+")?+|[#(){}\[\]]|\n(?=\w)|//|/\*|<<-?([^\W\d][\w-]*+)\r?\n')
"""The same inside of brackets, where only a line that begins in its first column may end it."""
_IN_STRING = compiled(r'["\n]|\\.|\$\$\{|%%\{|[$%]\{')
_IN_HEREDOC = compiled(r"\$\$\{|%%\{|[$%]\{")
_MARKER = compiled(r"^[ \t]*([^\W\d][\w-]*+)[ \t]*\r?$", re.MULTILINE)
_CLOSES = {"(": ")", "[": "]", "{": "}", "$": "}"}
_RESUME = compiled(
    r"^(?:(?:resource|data|module|variable|output|provider|ephemeral|check|run|list|action|component|deployment|stack"
    r"|deployment_group|deployment_auto_approve|identity_token|orchestrate|store|upstream_input|publish_output|mock_provider"
    r')[ \t]+["\w]|(?:terraform|locals|moved|import|removed|language|variables|required_providers)[ \t]*\{)',
    re.MULTILINE,
)
_RESUME_VALUES = compiled(r"^[^\W\d][\w-]*+[ \t]*=(?![=>])", re.MULTILINE)
_ESCAPE = compiled(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\$(\$\{)|%(%\{)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Attribute(NamedTuple):
    """`name = value`; offsets count the characters of the text."""

    name: str
    start: int
    value_start: int
    value_end: int
    form: str = ""
    """`plain` for a text, a number or a name with steps, `flat` for what is made of them: neither needs a parser to be
    told to be right. Empty where the reader says nothing of it."""


class Block(NamedTuple):
    """A block, or the file itself, which has no type."""

    type: str
    labels: tuple[str, ...]
    start: int
    header_end: int
    """Behind the last label."""
    end: int
    """Behind the closing brace."""
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    broken: bool = False
    """True where it was not read to its end: what it seems to lack may be there."""


class SyntaxFault(NamedTuple):
    """What HCL's own parser would object to."""

    start: int
    message: str


class Structure(NamedTuple):
    """A file that was read."""

    body: Block
    faults: tuple[SyntaxFault, ...]


class _Stop(Exception):
    """A fault, and where reading may go on: nowhere after what hides the rest of the file."""

    def __init__(self, at: int, message: str, *, final: bool = False, resume: int | None = None) -> None:
        self.at, self.message, self.final = at, message, final
        self.resume = at if resume is None else resume


class _Open:
    """A block whose end has not been met."""

    def __init__(self, type: str, labels: tuple[str, ...], start: int, header_end: int, *, one_line: bool) -> None:
        self.type, self.labels, self.start, self.header_end = type, labels, start, header_end
        self.one_line = one_line
        self.attributes: list[Attribute] = []
        self.names: set[str] = set()
        self.blocks: list[Block] = []
        self.broken = False

    def closed(self, end: int) -> Block:
        return Block(
            self.type,
            self.labels,
            self.start,
            self.header_end,
            end,
            tuple(self.attributes),
            tuple(self.blocks),
            self.broken,
        )


def read_structure(text: str, *, values: bool = False) -> Structure:
    """Never raises, in linear time. After a fault it goes on at the next line that begins something at the top level.

    `values` is true for a file of variables' values, in which that is an attribute.
    """
    resume = _RESUME_VALUES if values else _RESUME
    reader = _Reader(text, None if values else resume)
    position = 1 if text.startswith("\ufeff") else 0
    while True:
        try:
            reader.read(position)
            break
        except _Stop as stop:
            reader.faults.append(SyntaxFault(min(stop.at, len(text)), stop.message))
            reader.abandon(stop.resume)
            hidden = stop.final or text.startswith("/*", stop.at)  # a comment that is not closed: all others are gaps
            found = None if hidden else resume.search(text, max(stop.resume, position + 1))
            if found is None:
                break
            position = found.start()
    return Structure(reader.stack[0].closed(len(text)), tuple(reader.faults))


class _Reader:
    def __init__(self, text: str, top_level: re.Pattern[str] | None) -> None:
        self.text = text
        self.top_level = top_level
        """What cannot begin a line inside brackets."""
        self.stack = [_Open("", (), 0, 0, one_line=False)]
        self.faults: list[SyntaxFault] = []
        self._markers: dict[str, list[tuple[int, int]]] | None = None

    def abandon(self, at: int) -> None:
        for one in self.stack[1:]:
            one.broken = True
        while len(self.stack) > 1:
            closed = self.stack.pop().closed(at)
            self.stack[-1].blocks.append(closed)

    def read(self, position: int) -> None:
        text, stack = self.text, self.stack
        length = len(text)
        while True:
            current = stack[-1]
            found = None if current.one_line else _STATEMENT.match(text, position)
            if found is not None:
                kind = found.lastindex
                if kind == _PLAIN:
                    # What _add() does, which most of a file would be given to.
                    name = found[1]
                    if name in current.names:
                        self.faults.append(SyntaxFault(found.start(1), f"{name} is set twice in one block"))
                    current.names.add(name)
                    current.attributes.append(Attribute(name, found.start(1), *found.span(2), "plain"))
                    position = found.end()
                    continue
                if kind == _EXPRESSION:
                    position = found.end()
                    if (flat := _FLAT.match(text, position)) is not None:
                        self._add(current, found[1], found.start(1), position, flat.end(1), "flat")
                        position = flat.end()
                        continue
                    position = self._attribute(current, found[1], found.start(1), found.end())
                    continue
                if kind in (_BLOCK, _BRACE):
                    labels = tuple(found[4].split('"')[1::2])
                    header_end = found.start(4) + len(found[4].rstrip(" \t")) if labels else found.end(1)
                    position = found.end(_BRACE)
                    one_line = kind == _BRACE and not _END.match(text, position)
                    self._open(found[1], labels, found.start(1), header_end, one_line=one_line)
                    continue
                if len(stack) > 1:
                    position = found.end(_CLOSE)
                    stack.pop()
                    stack[-1].blocks.append(current.closed(position))
                    continue
            position = _GAP.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty text
            if position == length:
                if len(stack) > 1:
                    raise _Stop(stack[-1].start, f"block {stack[-1].type} is not closed", final=True)
                return
            position = self._statement(current, position)

    def _statement(self, current: _Open, position: int) -> int:
        """On behind whatever stands there, piece by piece."""
        text, stack = self.text, self.stack
        if text[position] == "}" and len(stack) > 1:
            position += 1
            stack.pop()
            stack[-1].blocks.append(current.closed(position))
            if not _END.match(text, position):
                after = _BLANK.match(text, position).end()  # type: ignore[union-attr]  # as above
                raise _Stop(after, "expected a new line after the block")
            return position
        name = _NAME.match(text, position)
        if name is None:
            if text.startswith("/*", position):
                raise _Stop(position, "comment is not closed", final=True)
            raise _Stop(position, f"expected an argument or a block, found {_shown(text, position)}")
        after = _BLANK.match(text, name.end()).end()  # type: ignore[union-attr]  # as above
        if equals := _EQUALS.match(text, after):
            after = _BLANK.match(text, equals.end()).end()  # type: ignore[union-attr]  # as above
            return self._attribute(current, name[0], position, after)
        return self._named_block(name, after)

    def _attribute(self, current: _Open, name: str, start: int, value_start: int) -> int:
        text = self.text
        end, position = self._expression(value_start)
        if end == value_start:
            self.faults.append(SyntaxFault(value_start, f"{name} has no value"))
        self._add(current, name, start, value_start, end)
        if current.one_line:
            position = _BLANK.match(text, position).end()  # type: ignore[union-attr]  # as above
            if not text.startswith("}", position):
                raise _Stop(position, "a block on one line holds one argument")
            return position
        found = _END.match(text, position)
        if found is None:
            raise _Stop(position, f"expected a new line after the argument, found {_shown(text, position)}")
        return found.end()

    def _add(self, to: _Open, name: str, start: int, value_start: int, value_end: int, form: str = "") -> None:
        if name in to.names:
            self.faults.append(SyntaxFault(start, f"{name} is set twice in one block"))
        to.names.add(name)
        to.attributes.append(Attribute(name, start, value_start, value_end, form))

    def _named_block(self, name: re.Match[str], position: int) -> int:
        text = self.text
        labels = []
        header_end = name.end()
        while (label := _LABEL.match(text, position)) is not None:
            labels.append(unescape(label[1]) if label[1] is not None else label[2])
            header_end = label.end()
            position = _BLANK.match(text, header_end).end()  # type: ignore[union-attr]  # as above
        if not text.startswith("{", position):
            raise _Stop(position, f"expected = or {{ after {name[0]}, found {_shown(text, position)}")
        one_line = _END.match(text, position + 1) is None
        self._open(name[0], tuple(labels), name.start(), header_end, one_line=one_line)
        return position + 1

    def _open(self, type: str, labels: tuple[str, ...], start: int, header_end: int, *, one_line: bool) -> None:
        """A block begins."""
        if self.stack[-1].one_line:
            raise _Stop(start, "a block on one line holds no other block")
        if len(self.stack) > MOST_NESTED:
            raise _Stop(start, f"more than {MOST_NESTED} blocks inside each other", final=True)
        self.stack.append(_Open(type, labels, start, header_end, one_line=one_line))

    def _expression(self, start: int) -> tuple[int, int]:
        """Where the expression that begins at `start` ends, and where what follows it begins."""
        text = self.text
        length = len(text)
        position = end = start
        nesting: list[str] = []
        while True:
            found = (_STOP_INSIDE if nesting else _STOP).search(text, position)
            stop = length if found is None else found.start()
            if not nesting and stop > position and (spoken := text[position:stop].rstrip(" \t\r\ufeff")):
                end = position + len(spoken)
            if found is None:
                if nesting:
                    raise _Stop(start, f"{nesting[-1]} is not closed", final=True)
                return end, length
            token, position = found[0], found.end()
            if len(token) > 1 and token[0] == '"':
                end = position
            elif token == "\n":
                if not nesting:
                    return end, stop
                if self.top_level is not None and self.top_level.match(text, position):
                    raise _Stop(start, f"{nesting[-1]} is not closed", resume=position)
            elif token in ("#", "//"):
                if not nesting:
                    return end, stop
                position = _line_end(text, position)
            elif token == "/*":
                closing = text.find("*/", position)
                if closing < 0:
                    raise _Stop(stop, "comment is not closed", final=True)
                position = closing + 2
            elif token in ("(", "[", "{"):
                nesting.append(token)
                end = position
            elif token in (")", "]", "}"):
                if not nesting:
                    if token == "}" and self.stack[-1].one_line:
                        return end, stop
                    raise _Stop(stop, f"{token} closes nothing")
                opening = nesting.pop()
                if _CLOSES[opening] != token:
                    raise _Stop(stop, f"{token} does not close {opening}")
                end = position
                if opening == "$":
                    position = end = self._template(nesting, position)
            else:
                nesting.append(token)
                position = end = self._template(nesting, position)

    def _template(self, nesting: list[str], position: int) -> int:
        """On from inside a template, the last of `nesting`, to behind it, or into the next expression in it."""
        text = self.text
        opening = nesting[-1]
        if opening == '"':
            while found := _IN_STRING.search(text, position):
                token, position = found[0], found.end()
                if token == '"':
                    nesting.pop()
                    return position
                if token == "\n":
                    end = found.start() - (text.startswith("\r\n", found.start() - 1))
                    raise _Stop(end, "a string does not go on over the end of its line")
                if token in ("${", "%{"):
                    nesting.append("$")
                    return position
            raise _Stop(len(text), "a string is not closed", final=True)
        marker = opening.lstrip("<-").rstrip("\r\n")
        closing = self._closing(marker, position)
        if closing is None:
            raise _Stop(position - len(opening), f"no line with {marker} ends the text", resume=position)
        while found := _IN_HEREDOC.search(text, position, closing[0]):
            position = found.end()
            if found[0] in ("${", "%{"):
                nesting.append("$")
                return position
        nesting.pop()
        return closing[1]

    def _closing(self, marker: str, position: int) -> tuple[int, int] | None:
        """The next line that is the marker alone: where it begins, and where the marker ends."""
        if self._markers is None:
            self._markers = {}
            for found in _MARKER.finditer(self.text):
                if found.end() < len(self.text):  # the last line of a file must be ended too
                    end = found.end() - self.text.endswith("\r", found.start(), found.end())
                    self._markers.setdefault(found[1], []).append((found.start(), end))
        lines = self._markers.get(marker, [])
        index = bisect_left(lines, (position, 0))
        return lines[index] if index < len(lines) else None


def unescape(text: str) -> str:
    """What a quoted text without `${` says."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text or "$${" in text or "%%{" in text else text


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPED[found[1]]
    if code := found[2] or found[3]:
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
    return found[4] or found[5]


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _shown(text: str, position: int) -> str:
    if position >= len(text):
        return "the end of the file"
    found = re.compile(r"\w+|[^\w\s]+|\s").match(text, position)
    token = found[0][:20] if found is not None else text[position]
    return "a new line" if token in ("\n", "\r") else repr(token)
