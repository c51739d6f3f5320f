"""What stands inside of a text in Markdown: links, pictures, commands, and the words without their marks.

https://spec.commonmark.org/0.31.2/#inlines
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_left

from devopslint.deferred import NamedTuple, compiled

Definitions = dict[str, str]
"""Label -> where it leads to."""

_SPECIAL = compiled(r"[\\`*_\[\]!<&\n]")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ESCAPES = compiled(r"\\([!-/:-@\[-`{-~])|&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ENTITY = compiled(r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_TICKS = compiled("`+")
_AUTOLINK = compiled(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^<>\x00-\x20]*)>")
_MAIL = compiled(
    r"<([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*)>"
)
TAG = (
    r"<[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][A-Za-z0-9:._-]*"
    r"(?:\s*=\s*(?:[^\"'=<>`\x00-\x20]+|'[^']*'|\"[^\"]*\"))?)*\s*/?>|</[A-Za-z][A-Za-z0-9-]*\s*>"
)
"""An opening or a closing tag of HTML."""
_TAG = compiled(TAG)
_UNTIL = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">"))
_LABEL = compiled(r"\[((?:[^\[\]\\]|\\.)*)\]", re.DOTALL)
_IN_ANGLES = compiled(r"<((?:[^<>\n\\]|\\.)*)>")
_TITLE = compiled(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)", re.DOTALL)
_SPACE = compiled(r"[ \t\n]*")
_INDENT = compiled(r"[ \t]*")
_REST_OF_LINE = compiled(r"[ \t]*(?:\n|\Z)")
_REFUSED = compiled(r"(?:vbscript|javascript|file|data):", re.IGNORECASE)
_PICTURE = compiled(r"data:image/(?:gif|png|jpeg|webp);", re.IGNORECASE)
_UNSAFE = compiled(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9;/?:@&=+$,\-_.!~*'()#%]+")
LONGEST_LABEL = 1_000


class Piece(NamedTuple):
    """A part of a text."""

    kind: str
    """`text`, `code`, `break`, `image`, `html`; `link` where one begins, `end` where it ends."""
    text: str = ""
    address: str = ""
    """Where a link leads to, and where an image is from."""


class _Run:
    """Asterisks or underscores, of which some may turn out to be no text."""

    __slots__ = ("closes", "index", "left", "length", "mark", "opens")

    def __init__(self, mark: str, length: int, index: int, opens: bool, closes: bool) -> None:
        self.mark = mark
        self.length = self.left = length
        self.index = index
        self.opens = opens
        self.closes = closes


class _Bracket:
    """A bracket that may turn out to begin a link or an image."""

    __slots__ = ("active", "image", "index", "runs", "start")

    def __init__(self, start: int, index: int, runs: int, image: bool) -> None:
        self.start = start
        """Where the words behind it begin."""
        self.index = index
        """Of its piece."""
        self.runs = runs
        """How many runs there are before it."""
        self.image = image
        self.active = True


def pieces(text: str, definitions: Definitions) -> list[Piece]:
    """The parts of a text in their order."""
    if _SPECIAL.search(text) is None:
        return [Piece("text", text)] if text else []
    return _Reading(text, definitions).read()


class _Reading:
    """A text on its way from its first character to its last."""

    def __init__(self, text: str, definitions: Definitions) -> None:
        self._text = text
        self._definitions = definitions
        self._found: list[Piece] = []
        self._runs: list[_Run] = []
        self._brackets: list[_Bracket] = []
        self._ticks: dict[int, list[int]] | None = None
        """Length of a run of backticks -> where there are such; None until somebody asks."""
        self._last: dict[str, int] = {}
        """What ends a piece of markup -> the last place where it stands."""

    def read(self) -> list[Piece]:
        text, found, at = self._text, self._found, 0
        while (special := _SPECIAL.search(text, at)) is not None:
            start = special.start()
            if start > at:
                found.append(Piece("text", text[at:start]))
            at = self._special(text[start], start)
        if at < len(text):
            found.append(Piece("text", text[at:]))
        self._pair(0)
        return [piece for piece in found if piece.text or piece.kind != "text"]

    def _special(self, character: str, at: int) -> int:
        """What begins at a character that means something; the index behind it."""
        text, found = self._text, self._found
        match character:
            case "\n":
                return self._line_break(at)
            case "\\":
                following = text[at + 1 : at + 2]
                if following == "\n":
                    return self._next_line(at + 2)
                escaped = following in _PUNCTUATION and following != ""
                found.append(Piece("text", following if escaped else "\\"))
                return at + 1 + escaped
            case "`":
                return self._code(at)
            case "*" | "_":
                return self._run(character, at)
            case "[":
                return self._bracket(at, "[")
            case "!" if text.startswith("![", at):
                return self._bracket(at, "![")
            case "]":
                return self._close(at)
            case "<":
                return self._angle(at)
            case "&" if (entity := _ENTITY.match(text, at)) is not None:
                found.append(Piece("text", unescaped(entity[0])))
                return entity.end()
        found.append(Piece("text", character))
        return at + 1

    def _line_break(self, at: int) -> int:
        if self._found and self._found[-1].kind == "text":
            self._found[-1] = Piece("text", self._found[-1].text.rstrip(" "))
        return self._next_line(at + 1)

    def _next_line(self, at: int) -> int:
        self._found.append(Piece("break"))
        while self._text[at : at + 1] in (" ", "\t"):
            at += 1
        return at

    def _code(self, at: int) -> int:
        text = self._text
        behind = _end(_TICKS, text, at)
        if self._ticks is None:
            self._ticks = {}
            for run in _TICKS.finditer(text, at):
                self._ticks.setdefault(run.end() - run.start(), []).append(run.start())
        closing = self._ticks.get(behind - at, [])
        later = bisect_left(closing, behind)
        if later == len(closing):
            self._found.append(Piece("text", text[at:behind]))
            return behind
        code = text[behind : closing[later]].replace("\n", " ")
        if code[0] == code[-1] == " " and code.strip(" "):
            code = code[1:-1]
        self._found.append(Piece("code", code))
        return closing[later] + behind - at

    def _run(self, mark: str, at: int) -> int:
        text, end = self._text, at
        while text[end : end + 1] == mark:
            end += 1
        before, after = text[at - 1] if at else " ", text[end] if end < len(text) else " "
        spaced, ending = _is_space(before), _is_space(after)
        marked, punctuated = _is_punctuation(before), _is_punctuation(after)
        left = not ending and (not punctuated or spaced or marked)
        right = not spaced and (not marked or ending or punctuated)
        opens = left and (mark == "*" or not right or marked)
        closes = right and (mark == "*" or not left or punctuated)
        self._runs.append(_Run(mark, end - at, len(self._found), opens, closes))
        self._found.append(Piece("text", text[at:end]))
        return end

    def _bracket(self, at: int, words: str) -> int:
        behind = at + len(words)
        self._brackets.append(_Bracket(behind, len(self._found), len(self._runs), words != "["))
        self._found.append(Piece("text", words))
        return behind

    def _close(self, at: int) -> int:
        opening = self._brackets.pop() if self._brackets else None
        told = self._target(opening, at) if opening is not None and opening.active else None
        if opening is None or told is None:
            self._found.append(Piece("text", "]"))
            return at + 1
        address, end = told
        if opening.image:
            del self._runs[opening.runs :]
            self._found[opening.index :] = [Piece("image", self._text[opening.start : at], address)]
            return end
        self._found[opening.index] = Piece("link", "", address)
        self._found.append(Piece("end"))
        self._pair(opening.runs)
        for one in reversed(self._brackets):
            if not one.image:
                if not one.active:
                    break
                one.active = False
        return end

    def _target(self, opening: _Bracket, at: int) -> tuple[str, int] | None:
        """Where a link leads to whose words end at an index, and where it ends; None where it is no link."""
        text = self._text
        if text[at + 1 : at + 2] == "(" and (told := _inline_target(text, at + 2)) is not None:
            return told
        end = at + 1
        if at - opening.start >= LONGEST_LABEL:
            return None
        label = text[opening.start : at]
        if (second := _LABEL.match(text, at + 1)) is not None and len(second[1]) < LONGEST_LABEL:
            end = second.end()
            label = second[1] or label
        address = self._definitions.get(normalized(label))
        return None if address is None else (address, end)

    def _angle(self, at: int) -> int:
        text, found = self._text, self._found
        if (mail := _MAIL.match(text, at)) is not None:
            found += (Piece("link", "", encoded(f"mailto:{mail[1]}")), Piece("text", mail[1]), Piece("end"))
            return mail.end()
        if (link := _AUTOLINK.match(text, at)) is not None and _is_allowed(link[1]):
            found += (Piece("link", "", encoded(link[1])), Piece("text", _decoded(link[1])), Piece("end"))
            return link.end()
        if (tag := _TAG.match(text, at)) is not None:
            end = tag.end()
        else:
            end = self._end_of_markup(at)
        if not end:
            found.append(Piece("text", "<"))
            return at + 1
        found.append(Piece("html", text[at:end]))
        return end

    def _end_of_markup(self, at: int) -> int:
        """Where a comment, an instruction, a declaration or literal data ends; 0 where there is none."""
        text = self._text
        for begin, end in _UNTIL:
            if text.startswith(begin, at):
                if text.startswith(("<!-->", "<!--->"), at):
                    return text.index(">", at) + 1
                if begin == "<!" and not text[at + 2 : at + 3].isalpha():
                    return 0
                if end not in self._last:
                    self._last[end] = text.rfind(end)
                behind = at + len(begin)
                return text.index(end, behind) + len(end) if self._last[end] >= behind else 0
        return 0

    def _pair(self, bottom: int) -> None:
        """Take the marks of emphasis out of the text, from a run on; none of these is asked again."""
        runs = self._runs[bottom:]
        del self._runs[bottom:]
        lowest: dict[tuple[str, int, bool], int] = {}
        openings: list[_Run] = []
        for closing in runs:
            while closing.closes and closing.left:
                key = closing.mark, closing.length % 3, closing.opens
                found = len(openings) - 1
                while found >= 0 and openings[found].index > lowest.get(key, -1):
                    if openings[found].mark == closing.mark and not _is_odd(openings[found], closing):
                        break
                    found -= 1
                else:
                    lowest[key] = closing.index - 1
                    break
                opening = openings[found]
                both = 2 if opening.left >= 2 and closing.left >= 2 else 1
                opening.left -= both
                closing.left -= both
                del openings[found + bool(opening.left) :]
            if closing.opens and closing.left:
                openings.append(closing)
        for one in runs:
            if one.left < one.length:
                self._found[one.index] = Piece("text", one.mark * one.left)


def _is_odd(opening: _Run, closing: _Run) -> bool:
    return (
        (opening.closes or closing.opens)
        and (opening.length + closing.length) % 3 == 0
        and bool(opening.length % 3 or closing.length % 3)
    )


def _inline_target(text: str, at: int) -> tuple[str, int] | None:
    at = _end(_SPACE, text, at)
    address, end = _destination(text, at) or ("", at)
    behind = _end(_SPACE, text, end)
    if behind > end and (title := _TITLE.match(text, behind)) is not None:
        behind = _end(_SPACE, text, title.end())
    return (encoded(address), behind + 1) if text[behind : behind + 1] == ")" and _is_allowed(address) else None


def _destination(text: str, at: int) -> tuple[str, int] | None:
    """An address and where it ends; None where there is none."""
    if text[at : at + 1] == "<":
        within = _IN_ANGLES.match(text, at)
        return (unescaped(within[1]), within.end()) if within is not None else None
    index, deep = at, 0
    while index < len(text):
        character = text[index]
        if character <= " " or character == "\x7f":
            break
        if character == "\\" and index + 1 < len(text):
            if text[index + 1] == " ":
                break
            index += 2
            continue
        if character == "(":
            deep += 1
            if deep > 32:
                return None
        elif character == ")":
            if not deep:
                break
            deep -= 1
        index += 1
    return (unescaped(text[at:index]), index) if index > at and not deep else None


def definition(text: str, at: int) -> tuple[str, str, int] | None:
    """The label and the address that stand at an index, and where the line ends; None where no link is defined there."""
    label = _LABEL.match(text, at)
    if label is None or text[label.end() : label.end() + 1] != ":" or label.end() - at > LONGEST_LABEL:
        return None
    name = normalized(label[1])
    told = _destination(text, _end(_SPACE, text, label.end() + 1))
    if not name or told is None or not _is_allowed(told[0]):
        return None
    address, end = told
    behind = _end(_SPACE, text, end)
    if behind > end and (title := _TITLE.match(text, behind)) is not None:
        whole = _REST_OF_LINE.match(text, title.end())
        if whole is not None:
            return name, encoded(address), _end(_INDENT, text, whole.end())
    line = _REST_OF_LINE.match(text, end)
    return (name, encoded(address), _end(_INDENT, text, line.end())) if line is not None else None


def normalized(label: str) -> str:
    return " ".join(label.split()).lower().upper()


def encoded(address: str) -> str:
    """An address as it stands in HTML."""
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), address)


def _decoded(address: str) -> str:
    """An address as it is shown: with the characters that it encodes, but for those that would mean something else."""
    if "%" not in address:
        return address
    from urllib.parse import unquote_to_bytes  # few addresses need it

    def shown(found: re.Match[str]) -> str:
        try:
            text = unquote_to_bytes(found[0]).decode()
        except UnicodeDecodeError:
            return found[0]
        return (
            "".join(found[0] if one in ";/?:@&=+$,#%" else one for one in text)
            if len(text) > 1
            else (found[0] if text in ";/?:@&=+$,#%" else text)
        )

    return re.sub(r"(?:%[89A-Fa-f][0-9A-Fa-f])+|%[0-7][0-9A-Fa-f]", shown, address)


def _is_allowed(address: str) -> bool:
    address = address.strip()
    return _REFUSED.match(address) is None or _PICTURE.match(address) is not None


def unescaped(text: str) -> str:
    """The text that escapes and entities stand for."""
    if "\\" not in text and "&" not in text:
        return text
    return _ESCAPES.sub(lambda found: found[1] or _of_entity(found[0]), text)


def _of_entity(entity: str) -> str:
    if entity[1] == "#":
        code = int(entity[3:-1], 16) if entity[2] in "xX" else int(entity[2:-1])
        return chr(code) if _is_character(code) else "\ufffd"
    return _entities().get(entity[1:], entity)


def _is_character(code: int) -> bool:
    return (
        code <= 0x10FFFF
        and not 0xD800 <= code <= 0xDFFF
        and not 0xFDD0 <= code <= 0xFDEF
        and code & 0xFFFE != 0xFFFE
        and (code > 0x1F or code in (9, 10, 12, 13))
        and not 0x7F <= code <= 0x9F
    )


@functools.cache
def _entities() -> dict[str, str]:
    from html.entities import html5  # two thousand names, which few documents use

    return html5


def _is_space(character: str) -> bool:
    return character in " \t\n\x0b\x0c\r" or (character > "~" and unicodedata.category(character) == "Zs")


def _is_punctuation(character: str) -> bool:
    if character <= "~":
        return character in _PUNCTUATION
    return unicodedata.category(character)[0] in "PS"


def _end(run: re.Pattern[str], text: str, at: int) -> int:
    found = run.match(text, at)
    return found.end() if found is not None else at
