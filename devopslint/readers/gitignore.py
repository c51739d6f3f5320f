"""Which paths a .gitignore names, as Git reads it (dir.c and wildmatch.c of Git 2.39).

Names are bytes: Git knows no characters, so a `?` is half of an `é`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled

MOST_WILDCARDS = 1_000
"""Patterns of which each is held against each path; those that are a name, a path or an ending are looked up."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LITERAL = compiled(rb"[^*?\[\\]*")
_FOLDER_STARS = compiled(rb"\*\*+(?=/|\\/|\Z)")
_STARS = compiled(rb"\*+")
_CLASSES = {
    b"alnum": (b"AZ", b"az", b"09"),
    b"alpha": (b"AZ", b"az"),
    b"blank": (b"  ", b"\t\t"),
    b"cntrl": (b"\x00\x1f", b"\x7f\x7f"),
    b"digit": (b"09",),
    b"graph": (b"!~",),
    b"lower": (b"az",),
    b"print": (b" ~",),
    b"punct": (b"!/", b":@", b"[`", b"{~"),
    b"space": (b"  ", b"\t\n", b"\r\r"),
    b"upper": (b"AZ",),
    b"xdigit": (b"09", b"AF", b"af"),
}
"""First and last byte of each range; Git's own table knows neither form feeds nor vertical tabs for space."""


class Pattern(NamedTuple):
    """One line of a .gitignore."""

    text: bytes
    taken_back: bool
    """Whether `!` stands before it."""
    folders_only: bool
    in_names: bool
    """Whether it is held against the last part of a path; a pattern with a slash is held against the whole."""


class Gitignore:
    """The patterns of one file; a path is given from the folder that the file stands in, without a slash at its end."""

    def __init__(self, content: bytes) -> None:
        self._patterns = tuple(read_patterns(content))
        self._names: dict[bytes, list[int]] = {}
        self._paths: dict[bytes, list[int]] = {}
        self._endings: dict[bytes, list[int]] = {}
        self._others: list[int] = []
        for number in reversed(range(len(self._patterns))):
            self._file(number, self._patterns[number])

    @property
    def wildcards(self) -> int:
        """How many patterns are held against each path."""
        return len(self._others)

    def _file(self, number: int, pattern: Pattern) -> None:
        literal = _LITERAL.match(pattern.text)
        if literal is not None and literal.end() == len(pattern.text):
            where, text = (self._names, pattern.text) if pattern.in_names else (self._paths, pattern.text)
            self._add(where.setdefault(text if pattern.in_names else text.removeprefix(b"/"), []), number)
        elif pattern.in_names and pattern.text.startswith(b"*") and _LITERAL.fullmatch(pattern.text, 1):
            self._add(self._endings.setdefault(pattern.text[1:], []), number)
        else:
            self._others.append(number)

    def _add(self, later: list[int], number: int) -> None:
        """One more pattern of the same text, unless a later one says all that it could."""
        if all(self._patterns[one].folders_only and not self._patterns[number].folders_only for one in later):
            later.append(number)

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Whether the last pattern that names the path ignores it or takes it back; None where none does."""
        try:
            name = path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # no file has such a name; a library may be given one
            name = path.encode("utf-8", "surrogatepass")
        last = name[name.rfind(b"/") + 1 :]
        found = -1
        for number in (*self._names.get(last, ()), *self._paths.get(name, ())):
            if number > found and (is_folder or not self._patterns[number].folders_only):
                found = number
        for at in range(len(last) + 1) if self._endings else ():
            for number in self._endings.get(last[at:], ()):
                if number > found and (is_folder or not self._patterns[number].folders_only):
                    found = number
        for number in self._others:
            if number < found:
                break
            pattern = self._patterns[number]
            if is_folder or not pattern.folders_only:
                if _expression(pattern.text, pattern.in_names).fullmatch(last if pattern.in_names else name):
                    found = number
                    break
        return None if found < 0 else not self._patterns[found].taken_back


def read_patterns(content: bytes) -> Iterator[Pattern]:
    """The patterns of a .gitignore in the order in which they stand."""
    for line in content.removeprefix(_BYTE_ORDER_MARK).split(b"\n"):
        if line == b"" or line.startswith(b"#"):
            continue
        text = _without_trailing_spaces(line.removesuffix(b"\r").partition(b"\0")[0])
        taken_back = text.startswith(b"!")
        text = text[taken_back:]
        folders_only = text.endswith(b"/")
        text = text[: len(text) - folders_only]
        yield Pattern(text, taken_back, folders_only, b"/" not in text)


def _without_trailing_spaces(line: bytes) -> bytes:
    """Spaces alone: a tab stays, and so does a space behind a backslash."""
    kept = len(line.rstrip(b" "))
    if kept == len(line):
        return line
    backslashes = kept - len(line[:kept].rstrip(b"\\"))
    return line[: kept + backslashes % 2]


class _NeverMatches(ValueError):
    """The pattern ends within a class or behind a backslash, or names a class that there is not."""


@functools.lru_cache(maxsize=4096)
def _expression(pattern: bytes, in_names: bool) -> re.Pattern[bytes]:
    """The same as a regular expression, in time that grows with the path: patterns come from strangers' files.

    What stands between two stars may be taken where it is first found, for the star behind it takes the rest.
    """
    try:
        return re.compile(_name(_tokens(pattern), b".") if in_names else _path(pattern.removeprefix(b"/")), re.DOTALL)
    except _NeverMatches:
        return re.compile(b"(?!)")


def _path(pattern: bytes) -> bytes:
    """An expression for paths, where only `**` goes over a slash."""
    # Git compares what stands before the first wildcard by itself and begins anew behind it: the stars of `a/b**`
    # stand at a beginning, and go over folders.
    literal = _LITERAL.match(pattern)
    begin = literal.end() if literal is not None else 0
    done, gap, unit = re.escape(pattern[:begin]), b"", list[bytes]()
    tokens = list(_tokens(pattern, begin))
    at = 0
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else b""
        alone = at == 0 or tokens[at - 1].endswith(b"/")
        if token.startswith(b"**") and alone and following in _GAPS:
            done += b"(?>%s%s)" % (gap, _segments(unit))
            gap, unit = _GAPS[following], []
            at += 1
        else:
            unit.append(token)
        at += 1
    return done + gap + _segments(unit)


_GAPS = {b"": b".*", b"/": b"(?:.*?/)??", b"\\/": b".*?/"}
"""By what stands behind them: what stars between slashes stand for, with the slash behind them."""


def _segments(tokens: list[bytes]) -> bytes:
    segments: list[list[bytes]] = [[]]
    for token in tokens:
        if token in (b"/", b"\\/"):
            segments.append([])
        else:
            segments[-1].append(token)
    return b"/".join(_name(segment, b"[^/]") for segment in segments)


def _name(tokens: Iterable[bytes], any_byte: bytes) -> bytes:
    """An expression for what stands between two slashes."""
    runs: list[bytes] = [b""]
    for token in tokens:
        if token.startswith(b"*"):
            runs.append(b"")
        elif token == b"?":
            runs[-1] += any_byte
        elif token.startswith(b"[") and len(token) > 1:
            runs[-1] += _class(token)
        else:
            runs[-1] += re.escape(token[-1:])
    if len(runs) == 1:
        return runs[0]
    middle = b"".join(b"(?>%s*?%s)" % (any_byte, run) for run in runs[1:-1] if run)
    return b"%s%s%s*%s" % (runs[0], middle, any_byte, runs[-1])


def _tokens(pattern: bytes, at: int = 0) -> Iterator[bytes]:
    """Stars in a row, a class, a character behind a backslash, or a byte."""
    while at < len(pattern):
        begin = at
        if pattern.startswith(b"*", at):
            while pattern.startswith(b"*", at):
                at += 1
        elif pattern.startswith(b"[", at):
            at = _read_class(pattern, at)[1]
        else:
            at += 1 + pattern.startswith(b"\\", at)
        if at > len(pattern):
            raise _NeverMatches
        yield pattern[begin:at]


@functools.lru_cache(maxsize=1024)
def _class(text: bytes) -> bytes:
    members = _read_class(text, 0)[0] - {ord("/")}
    return b"[%s]" % b"".join(b"\\x%02x" % member for member in sorted(members)) if members else b"(?!)"


def _read_class(pattern: bytes, at: int) -> tuple[set[int], int]:
    """The bytes that the class at an index stands for, and the index behind it."""
    at += 1
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    members = set[int]()
    before = 0
    first = True
    while first or not pattern.startswith(b"]", at):
        first = False
        if (
            pattern.startswith(b"[:", at)
            and (end := pattern.find(b"]", at + 2)) >= 0
            and pattern[end - 1] == ord(":")
            and end > at + 2
        ):
            name = pattern[at + 2 : end - 1]
            if name not in _CLASSES:
                raise _NeverMatches
            for low, high in _CLASSES[name]:
                members.update(range(low, high + 1))
            before, at = 0, end + 1
            continue
        is_range = before and pattern.startswith(b"-", at) and pattern[at + 1 : at + 2] not in (b"", b"]")
        at += bool(is_range)
        at += pattern.startswith(b"\\", at)
        if at >= len(pattern):
            raise _NeverMatches
        byte = pattern[at]
        members.update(range(before, byte + 1) if is_range else (byte,))
        before = 0 if is_range else byte
        at += 1
    return (set(range(256)) - members if negated else members), at + 1
