"""YAML as nodes that know their place; libyaml is used here and nowhere else.

Nodes are built from libyaml's event stream, which does not recurse: nesting is limited here, aliases stay
shared nodes, merge keys are resolved when a key is looked up. No input can make this expand or overflow.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, count, pairwise
from operator import add
from typing import Any

from devopslint.deferred import compiled, dataclass, field, patterns_later
from devopslint.model import LINE_BREAK, Fault, Location
from devopslint.readers.yaml_dialects import CORE, LONGEST_NUMBER, NULLS, Dialect

with patterns_later():  # 5 ms; libyaml needs none of them
    import yaml
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not re-export it

DEEPEST = 200
"""Levels of nesting; the deepest real file seen (a CRD) has 42."""
MOST_ALIASED = 100_000
"""Values that a document's aliases may stand for, together; go-yaml, and so kubectl and Compose, refuse fewer."""
FEW_ALIASED = 10
"""Values that any alias may stand for, however many there are before it: as much could be written in its place."""
MOST_ERRORS = 20
"""Broken documents that are reported in one file."""

SEPARATOR = compiled(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
"""What stands between two documents."""

_EXOTIC_BREAKS = str.maketrans({"\x85": " ", "\u2028": " ", "\u2029": " "})
_ESCAPE = compiled(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\n])"
)
_SURROGATES = compiled(
    r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})(?:\\u([dD][c-fC-F][0-9A-Fa-f]{2}))?|u[dD][c-fC-F][0-9A-Fa-f]{2}|.)", re.DOTALL
)
"""An escape in JSON: a pair of surrogates, half a pair, or another one."""
_PRIVATE = compiled(r"[\ue000-\ue7ff]|\\u[eE][0-7]")
_PAIR = compiled("[\ue000-\ue3ff][\ue400-\ue7ff]")
"""What stands for a pair of surrogates between the text and the node."""
_SPACE_OF_JSON = compiled(r"[ \t\r\n]*")
_LINE = compiled(r"[^\r\n]*")
_SPACE = compiled(r"[ \t\r\n]+")
_WORD = compiled(r"[^ \t\r\n]+")
_VERBATIM = {"'": compiled(r"[^ \t\r\n']+"), '"': compiled(r"[^ \t\r\n\\]+")}
"""By a scalar's style: characters that stand in its text just as in the file."""
_BLOCK_HEADER = compiled(r"[|>][^\n]*\n?")


Cuts = tuple[tuple[int, int], ...]
"""Of a text of which parts are left out: indices in what is left, each with the offset that holds from there on."""


class Source:
    """The text that nodes stand in."""

    __slots__ = ("_starts", "dialect", "has_pairs", "path", "text")

    def __init__(self, path: str, text: str, dialect: Dialect = CORE) -> None:
        self.path = path
        self.text = text
        self.dialect = dialect
        self.has_pairs = False
        """Whether private characters stand for pairs of surrogates."""
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Index of the first character of every line."""
        if self._starts is None:
            if "\r" in self.text:
                self._starts = [0, *(found.end() for found in LINE_BREAK.finditer(self.text))]
            else:  # a tenth of the time
                lengths = accumulate(map(len, self.text.split("\n")[:-1]))
                self._starts = [0, *map(add, lengths, count(1))]
        return self._starts

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `index`."""
        starts = self._starts or self.line_starts
        line = bisect_right(starts, index)
        return line, index - starts[line - 1] + 1

    def goes_on(self, start: int, end: int) -> bool:
        """Whether these indexes, of which the second may stand before the first, are on two lines."""
        starts = self._starts or self.line_starts
        line = bisect_right(starts, start)
        return end < starts[line - 1] or (line < len(starts) and starts[line] <= end)

    def location(self, start: int, end: int, *, missing: bool = False) -> Location:
        """The region from index `start` to `end`, cut at the end of its first line."""
        starts = self._starts or self.line_starts
        line = bisect_right(starts, start)
        column = start - starts[line - 1] + 1
        if line == len(starts) or end < starts[line]:
            end_column = column + max(0, end - start)
        else:
            end_column = column + len(LINE_BREAK.split(self.text[start:end], 1)[0].rstrip())
        return Location(self.path, line, column, line, end_column, missing)


class Node:
    """A scalar, a mapping, a sequence, or a value that is not there. Lookups never fail."""

    __slots__ = ("end", "key", "source", "start", "tag")

    is_mapping = False
    is_sequence = False
    is_scalar = False
    exists = True
    """False only for a value whose key is not there."""

    def __init__(self, source: Source, start: int, end: int, tag: str | None = None) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.key: Scalar | None = None
        """The key that this is the value of."""

    @property
    def present(self) -> bool:
        """True where there is a value other than null."""
        return self.exists

    @property
    def value(self) -> Any:
        """The scalar as bool, int, float, str or None; None for anything else."""
        return None

    @property
    def text(self) -> str:
        """The scalar's characters, uninterpreted; empty for a null (`null`, `~`, nothing) and for anything else."""
        return ""

    @property
    def canonical(self) -> str:
        """The scalar's text, but a whole number as JSON has it: `8_080` is 8080, `+1` and `0x1` are 1."""
        value = self.value
        return str(value) if type(value) is int else self.text

    @property
    def location(self) -> Location:
        """A small region: the scalar itself; for what goes over several lines, its key or its first entry."""
        if self.key is not None:
            return self.key.location
        return self.source.location(self.start, self.end)

    @property
    def key_location(self) -> Location:
        return self.key.location if self.key is not None else self.location

    @property
    def line(self) -> int:
        return self.location.line

    @property
    def last_line(self) -> int:
        """The last line that the value stands on."""
        return self.source.place(max(self.start, self.end - 1))[0]

    @property
    def comment(self) -> str:
        """What `#` says behind the value on its last line; empty where nothing does."""
        starts = self.source.line_starts
        stop = starts[self.last_line] if self.last_line < len(starts) else len(self.source.text)
        behind = self.source.text[self.end : stop].lstrip(" \t,}]")
        return behind[1:].strip() if behind.startswith("#") else ""

    def get(self, *path: str) -> Node:
        """The value under these keys, one inside the other."""
        node: Node = self
        for key in path:
            node = node[key]
        return node

    def __getitem__(self, key: str) -> Node:
        return Missing(self, key)

    def has(self, key: str) -> bool:
        return self[key].exists

    def items(self) -> list[tuple[Scalar, Node]]:
        """A mapping's pairs, those of merged mappings last; empty for anything else."""
        return []

    def keys(self) -> list[str]:
        return [key.text for key, _ in self.items()]

    def __iter__(self) -> Iterator[Node]:
        """A sequence's items; nothing for anything else."""
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return self.present

    def span(self, start: int, end: int) -> Location:
        """Where the characters `start` to `end` (exclusive) of a scalar's text stand in the file."""
        return self.location

    def strings(self) -> list[Node]:
        """The scalars of a value that may be one scalar or a sequence of them."""
        if self.is_scalar:
            return [self] if self.present else []
        return [item for item in self if item.is_scalar]

    def walk(self) -> Iterator[Node]:
        """This node and all below it, each once however often it is aliased; keys are not visited."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            stack.extend(reversed([value for _, value in node.items()] or list(node)))

    def plain(self) -> Any:
        """The same as dicts, lists and scalars; what is aliased is one shared object."""
        return _plain(self, {})


class Missing(Node):
    """What a lookup gives where nothing is: it stands where its nearest present ancestor stands."""

    __slots__ = ("parent", "wanted")

    exists = False
    key = tag = None  # most lookups miss: a value less to set for each

    def __init__(self, parent: Node, wanted: str) -> None:
        self.parent = parent if parent.exists else parent.parent  # type: ignore[attr-defined]  # Missing
        self.wanted = wanted

    @property
    def source(self) -> Source:  # type: ignore[override]
        return self.parent.source

    @property
    def start(self) -> int:  # type: ignore[override]
        return self.parent.start

    end = start

    def __getitem__(self, key: str) -> Node:
        missing = _new(Missing)
        missing.parent, missing.wanted = self.parent, key
        return missing

    @property
    def location(self) -> Location:
        at = self.parent.location
        return Location(at.path, at.line, at.column, at.end_line, at.end_column, True, self.wanted)


_new = object.__new__
"""Half of the time of a call of the class."""


class Scalar(Node):
    __slots__ = ("_places", "_text", "style")

    is_scalar = True

    def __init__(self, source: Source, start: int, end: int, tag: str | None, text: str, style: str | None) -> None:
        # Most nodes are scalars: written out, this costs two thirds of a call of super().
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.key = None
        self._text = "" if style is None and text in NULLS and tag is None else text
        self.style = style
        """None (plain), `'`, `"`, `|` or `>`."""
        self._places: list[int] | None = None

    @property
    def text(self) -> str:
        return self._text

    @property
    def present(self) -> bool:
        return self._text not in NULLS or self.value is not None

    @property
    def value(self) -> Any:
        if self.tag is None and self.style:
            return self._text
        if self.tag is not None and not self.tag.startswith("tag:yaml.org,2002:"):
            return self._text
        if self.tag == "tag:yaml.org,2002:str":
            return self._text
        return _resolve(self._text, self.source.dialect)

    @property
    def location(self) -> Location:
        source, start, end, key = self.source, self.start, self.end, self.key
        if key is not None and (start == end or self.style in ("|", ">") or source.goes_on(start, end)):
            return key.location
        return source.location(start, end)

    @property
    def last_line(self) -> int:
        """A block scalar ends where the next token begins: the blank lines between are not its own."""
        stop = self.start + len(self.source.text[self.start : self.end].rstrip())
        return self.source.place(max(self.start, stop - 1))[0]

    def saying(self, text: str) -> Scalar:
        """A scalar of another text in the same place."""
        copy = Scalar(self.source, self.start, self.end, self.tag, text, self.style)
        copy.key, copy._places = self.key, []
        return copy

    def leave_open(self) -> None:
        """Have it stand for what is put in later, as `${…}` does."""
        self._text, self._places = f"${{{self._text}}}", []

    def standing_at(self, key: Scalar | None, start: int, end: int) -> Scalar:
        """The same in another place of the file."""
        copy = Scalar(self.source, start, end, self.tag, self._text, self.style)
        copy.key, copy._places = key, []
        return copy

    def span(self, start: int, end: int) -> Location:
        if self._places is None:
            self._places = _places(self)
        places = self._places
        if not places or start >= len(places):
            return self.location
        first = places[max(0, start)]
        last = places[min(max(start, end - 1), len(places) - 1)]
        return self.source.location(first, max(first, last) + 1)


class Sequence(Node):
    __slots__ = ("_items",)

    is_sequence = True

    def __init__(self, source: Source, start: int, tag: str | None) -> None:
        super().__init__(source, start, start, tag)
        self._items: list[Node] = []

    def add(self, item: Node) -> None:
        self._items.append(item)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def location(self) -> Location:
        if self.key is None and self._items and self._items[0] is not self:
            return self.source.location(self.start, self.end)
        return super().location

    @property
    def last_line(self) -> int:
        return _last_line(self)


class Mapping(Node):
    __slots__ = ("_merged", "_values", "entries", "flow")

    is_mapping = True

    def __init__(self, source: Source, start: int, tag: str | None, flow: bool) -> None:
        super().__init__(source, start, start, tag)
        self.flow = flow
        self.entries: list[tuple[Scalar, Node]] = []
        """Every pair as written, a duplicate key's too."""
        self._values: dict[str, Node] = {}
        self._merged: list[Node] = []
        """What stands at `<<`, which may be written several times: a later one wins."""

    def completed(self, *values: Scalar) -> Mapping:
        """The same with these values more, under the keys that they have elsewhere."""
        copy = Mapping(self.source, self.start, self.tag, self.flow)
        copy.end, copy.key = self.end, self.key
        for key, value in self.entries:
            copy.add(key, value)
        for value in values:
            if value.key is not None:
                copy.add(value.key, value)
        return copy

    def add(self, key: Scalar, value: Node) -> None:
        self.entries.append((key, value))
        text = key._text
        self._values[text] = value
        if text == "<<" and not key.style:
            self._merged.append(value)

    def forget(self, key: str) -> None:
        """Take a pair away that whoever reads the file never gets."""
        self.entries = [pair for pair in self.entries if pair[0].text != key]
        self._values.pop(key, None)

    def __getitem__(self, key: str) -> Node:
        found = self._values.get(key)
        if found is not None and not (self._merged and self.source.dialect.merges_in_place):
            return found
        if self._merged:
            for name, value in self._answers():
                if name.text == key:
                    return value
        missing = _new(Missing)
        missing.parent, missing.wanted = self, key
        return missing

    @property
    def _overridden(self) -> bool:
        return bool(self._merged) and self.source.dialect.merges_in_place

    def _answers(self) -> Iterator[tuple[Scalar, Node]]:
        """Every pair of this mapping and of those merged into it, the ones that win first."""
        seen: set[int] = set()
        stack: list[tuple[Mapping | tuple[Scalar, Node], Scalar | None]] = [(self, None)]
        while stack:
            here, through = stack.pop()
            if not isinstance(here, Mapping):
                yield here if through is None else self._merged_pair(here, through)
                continue
            if id(here) in seen:
                continue
            seen.add(id(here))
            # What is put on the stack last is answered first.
            if here._overridden:
                for key, value in here.entries:
                    if _is_merge(key):
                        stack.extend((one, through or key) for one in reversed(_mappings_of(value)))
                    else:
                        stack.append(((key, value), through))
            else:
                stack.extend((one, through) for value in here._merged for one in reversed(_mappings_of(value)))
                stack.extend((pair, through) for pair in here.entries if not _is_merge(pair[0]))

    def _merged_pair(self, pair: tuple[Scalar, Node], through: Scalar) -> tuple[Scalar, Node]:
        """A value that overrides one of the mapping's own stands where it is merged in."""
        key, value = pair
        if key.text in self._values and isinstance(value, Scalar):
            return key, value.standing_at(key, through.start, through.end)
        return pair

    def items(self) -> list[tuple[Scalar, Node]]:
        if not self._merged and len(self._values) == len(self.entries):
            return self.entries
        winning: dict[str, tuple[Scalar, Node]] = {}
        for pair in self._answers():
            winning.setdefault(pair[0].text, pair)
        own = {key.text: winning[key.text] for key, _ in self.entries if not _is_merge(key)}
        return list((own | winning).values())

    def __len__(self) -> int:
        return len(self.items())

    @property
    def location(self) -> Location:
        if self.key is None and self.entries:
            key, value = self.entries[0]
            end = value.end if value.is_scalar and value.start > key.start else key.end
            if self.source.place(key.start)[0] != self.source.place(end)[0] or getattr(value, "style", None) in (
                "|",
                ">",
            ):
                end = key.end
            return self.source.location(key.start, end)
        return super().location

    @property
    def last_line(self) -> int:
        return _last_line(self)


@dataclass(slots=True)
class Document:
    """One YAML document."""

    root: Node
    duplicates: list[tuple[Scalar, Scalar]] = field(default_factory=list)
    """(first key, repeated key) of every key that stands twice in one mapping."""
    templated: Location | None = None
    """Where an unquoted {{ … }} stands, in a text that is a template of YAML rather than YAML."""
    unused_anchors: list[tuple[str, Location]] = field(default_factory=list)
    """The name and the place of every anchor that no alias refers to."""

    @property
    def readings(self) -> list[Node]:
        """The document as its readers may take it: a duplicate key's last value wins, or its first."""
        return [self.root, _first_wins(self.root, {})] if self.duplicates else [self.root]


@dataclass(slots=True)
class Stream:
    """What could be read of a file: its documents, and what could not be."""

    source: Source
    documents: list[Document]
    faults: list[Fault]
    asked: str | None = None
    """The text of which nodes are made, where that is not all of it."""
    _extents: dict[int, int] = field(default_factory=dict)
    """Line -> last line of the largest value that begins there; made when the first is asked for."""

    def extent(self, line: int) -> tuple[int, int]:
        """First and last line of the largest value that begins on `line`; (line, line) where none does."""
        if not self._extents:
            for document in self.documents:
                for node in document.root.walk():
                    begin = node.key if node.key is not None else node
                    first = self.source.place(begin.start)[0]
                    self._extents[first] = max(self._extents.get(first, first), node.last_line)
        return line, max(line, self._extents.get(line, line))


def read_yaml(path: str, text: str, dialect: Dialect = CORE, source: Source | None = None) -> Stream:
    """Read every document of `text` as one program does; a broken one is a fault, and those after it are read too.

    `source` is what the nodes take their places from, where the text stands within another.
    """
    source = source or Source(path, text, dialect)
    clean = text if dialect.breaks or text.isascii() else text.translate(_EXOTIC_BREAKS)
    stream = Stream(source, [], [])
    begin = 1 if clean.startswith("\ufeff") else 0
    if dialect.objects_in_a_row and clean.lstrip().startswith("{"):
        if "\\ud" in clean or "\\uD" in clean:
            clean = _without_surrogates(clean)
        source.has_pairs = clean is not text
        for end in _ends_of_objects(clean):
            _read(clean[begin:end], begin, stream)
            begin = end
    unasked = dialect.unasked(clean) if dialect.unasked is not None and begin == 0 else []
    stopped = _read_parts(clean, unasked, stream) if unasked else _read(clean[begin:], begin, stream)
    if stopped is not None:
        starts = [found.start() for found in SEPARATOR.finditer(clean) if found.start() > stopped]
        for start, end in pairwise([*starts, len(clean)]):
            if len(stream.faults) >= MOST_ERRORS:
                break
            _read(clean[start:end], start, stream)
    unread = dialect.unread
    asked = text if stream.asked is None else stream.asked  # no node stands in the rest
    if unread is not None and any(mark in asked for mark in dialect.marks_of_unread) and unread.search(asked):
        for document in stream.documents:
            stream.faults += [_unread(node) for node in document.root.walk() if _is_unread(node, unread)]
    if dialect.decrypted and "sops" in text and "ENC[" in text:
        for document in stream.documents:
            _leave_to_sops(document.root)
    return stream


def _leave_to_sops(root: Node) -> None:
    """Take away what SOPS has written into a document, and have what it has encrypted stand for what is put in later."""
    if not (isinstance(root, Mapping) and root["sops"].is_mapping):
        return
    root.forget("sops")
    for node in root.walk():
        if isinstance(node, Scalar) and node.text.startswith("ENC["):
            node.leave_open()


def _is_unread(node: Node, unread: re.Pattern[str]) -> bool:
    return isinstance(node, Scalar) and node.tag is None and not node.style and unread.fullmatch(node.text) is not None


def _unread(node: Node) -> Fault:
    return Fault(
        node.location, f"is not read by {node.source.dialect.program}: '{node.text}' without quotes is no text"
    )


def _ends_of_objects(text: str) -> Iterator[int]:
    """Where each JSON object ends of those that the text begins with, one behind the other without a separator."""
    decoder = json.JSONDecoder(strict=False)
    at = _SPACE_OF_JSON.match(text, 0).end()  # type: ignore[union-attr]  # it matches nothing too
    while text.startswith("{", at):
        try:
            at = decoder.raw_decode(text, at)[1]
        except (ValueError, RecursionError):
            return
        yield at
        at = _SPACE_OF_JSON.match(text, at).end()  # type: ignore[union-attr]


def _without_surrogates(text: str) -> str:
    """The same, as long, with pairs of surrogates written so that libyaml reads them: see _PAIR."""
    return text if _PRIVATE.search(text) is not None else _SURROGATES.sub(_private, text)


def _private(escape: re.Match[str]) -> str:
    if escape[1] and escape[2]:
        return f"\\u{int(escape[1], 16) + 0x800:04x}\\u{int(escape[2], 16) + 0x800:04x}"
    return "\\ufffd" if escape[0][1:3] in ("ud", "uD") and escape[0][3] in "89abcdefABCDEF" else escape[0]


def _joined(pair: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(pair[0][0]) - 0xE000) << 10) + ord(pair[0][1]) - 0xE400)


def _read_parts(text: str, unasked: list[tuple[int, int]], stream: Stream) -> int | None:
    """Add the documents of `text` without nodes for what nobody asks for; as a whole where what is left is not sound."""
    parts, cuts, at, kept = [], [], 0, 0
    for start, end in unasked:
        parts.append(text[at:start])
        kept += start - at
        cuts.append((kept, end - kept))
        at = end
    parts.append(text[at:])
    stream.asked = "".join(parts)
    stopped = _read(stream.asked, 0, stream, tuple(cuts))
    # What is left out may use an anchor.
    if stopped is None and not any(document.unused_anchors for document in stream.documents):
        return None
    stream.asked = None
    stream.documents.clear()
    stream.faults.clear()
    return _read(text, 0, stream)


def _read(text: str, offset: int, stream: Stream, cuts: Cuts = ()) -> int | None:
    """Add the documents of `text`, which begins at index `offset`; the index where a broken one begins."""
    begun = offset
    source = stream.source
    turn = 0
    anchored = "&" in text
    try:
        parser = CParser(text)
        while parser.check_event():
            event = parser.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                while turn < len(cuts) and cuts[turn][0] <= event.start_mark.index:  # type: ignore[union-attr]  # parsers always give marks
                    offset = cuts[turn][1]
                    turn += 1
                begun = offset + event.start_mark.index  # type: ignore[union-attr]  # as above
                if event.explicit and source.dialect.program:
                    _refuse(event, offset, stream)
                document = _build(parser, offset, stream, cuts, turn, Anchors(source, counting=anchored))
                if document is not None:
                    stream.documents.append(document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = offset + (mark.index if mark is not None else 0)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        stream.faults.append(Fault(_point(source, at), f"is not YAML: {what}"))
        return begun
    except yaml.reader.ReaderError as error:
        at = _character(text, error)
        stream.faults.append(Fault(_point(source, offset + at), f"is not YAML: {error.reason}"))
        return begun
    except UnicodeEncodeError as error:
        stream.faults.append(Fault(_point(source, offset + error.start), "is not YAML: half of a surrogate pair"))
        return begun
    except TooDeep as error:
        stream.faults.append(Fault(_point(source, error.index), f"nests deeper than {DEEPEST} levels"))
        return begun
    return None


def _refuse(event: yaml.DocumentStartEvent, offset: int, stream: Stream) -> None:
    """Say where the program that reads the file stops at the beginning of a document."""
    source = stream.source
    start, end = (offset + mark.index for mark in (event.start_mark, event.end_mark))  # type: ignore[union-attr]
    separator = source.text[end - 3 : _end(_LINE, source.text, end, len(source.text))]
    reason = source.dialect.refusal(event.version, bool(event.tags), separator)
    if reason:
        stream.faults.append(Fault(source.location(start, _end(_LINE, source.text, start, len(source.text))), reason))


class TooDeep(Exception):
    def __init__(self, index: int) -> None:
        self.index = index


def _character(text: str, error: yaml.reader.ReaderError) -> int:
    """libyaml counts bytes; the place is the first character that YAML does not allow."""
    found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return found.start() if found else 0


def _point(source: Source, index: int) -> Location:
    """One character, inside the file whatever the index."""
    text = source.text
    index = min(index, len(text))
    while index > 0 and (index == len(text) or text[index] in "\r\n") and text[index - 1] in "\r\n ":
        index -= 1
    at = source.location(index, index)
    return Location(at.path, at.line, at.column, at.line, at.column + (index < len(text) and text[index] not in "\r\n"))


class Anchors:
    """The anchors of a document, and how much their aliases stand for together."""

    def __init__(self, source: Source, *, counting: bool) -> None:
        """`counting` says whether there may be any: nothing is counted where there is none."""
        self._source = source
        self._nodes: dict[str, Node] = {}
        self._latest: dict[str, int] = {}
        self._unused: dict[int, str] = {}
        self._extents: dict[int, tuple[int, int]] = {}
        """Of each node with an anchor: how many values it holds, itself included, and how many levels of them."""
        self._aliased = 0
        self.counting = counting
        self._cut: Fault | None = None
        """The first alias that means more than is read."""

    def name(self, name: str, node: Node, at: int) -> None:
        self._nodes[name] = node
        self._extents[id(node)] = (1, 0) if node.is_scalar else (1, 1)
        self._latest[name] = at = self._source.text.find("&", at)
        self._unused[at] = name

    def close(self, node: Node, values: int, levels: int) -> None:
        """Say what a collection holds, now that it is read to its end."""
        if id(node) in self._extents:
            self._extents[id(node)] = values, levels

    def alias(self, event: Any, at: int, depth: int, *, merged: bool) -> tuple[Node, int, int]:
        """What an alias stands for, with its extent; an empty text where all of it would be too much."""
        node = self._nodes.get(event.anchor)
        if node is None:
            raise yaml.composer.ComposerError(None, None, f"found undefined alias {event.anchor!r}", event.start_mark)
        self._unused.pop(self._latest[event.anchor], None)
        values, levels = self._extents[id(node)]
        # What is merged in lies no deeper than what it is merged into.
        levels += not merged
        many = values > FEW_ALIASED and self._aliased + values > MOST_ALIASED
        if many or depth + levels > DEEPEST:
            many_said = f"aliases stand for more than {MOST_ALIASED:,} values"
            reason = many_said if many else f"nests deeper than {DEEPEST} levels"
            self._cut = self._cut or Fault(_point(self._source, at), reason)
            node, values, levels = Scalar(self._source, at, at + 1 + len(event.anchor), None, "", None), 1, 0
        self._aliased += values
        return node, values, levels

    @property
    def faults(self) -> tuple[Fault, ...]:
        return (self._cut,) if self._cut is not None else ()

    @property
    def unused(self) -> list[tuple[str, Location]]:
        return [(name, self._source.location(at, at + 1 + len(name))) for at, name in self._unused.items()]


def _build(parser: Any, offset: int, stream: Stream, cuts: Cuts, turn: int, anchors: Anchors) -> Document | None:
    """The next document's nodes, from its events; None where it is empty. `turn` is the first of `cuts` in it."""
    source = stream.source
    limit = cuts[turn][0] if turn < len(cuts) else sys.maxsize
    counting = anchors.counting
    stack: list[Any] = []
    keys: list[Scalar | None] = []
    """Of each collection that is open: the key whose value comes next."""
    beyond: list[list[int]] = []
    """Of each, where there are anchors: how many values lie deeper than its own entries, and how many levels there are."""
    root: Node | None = None
    duplicates: list[tuple[Scalar, Scalar]] = []
    templated: Location | None = None
    text_tag = "tag:yaml.org,2002:str" if source.dialect.tag_of_text else None
    scalar_event, alias_event = yaml.ScalarEvent, yaml.AliasEvent
    mapping_start, sequence_start = yaml.MappingStartEvent, yaml.SequenceStartEvent
    while True:
        event = parser.get_event()
        kind = type(event)
        start = event.start_mark.index
        while start >= limit:
            offset = cuts[turn][1]
            turn += 1
            limit = cuts[turn][0] if turn < len(cuts) else sys.maxsize
        node: Any
        if kind is scalar_event:
            style = event.style
            node = Scalar(
                source,
                offset + start,
                offset + event.end_mark.index,
                event.tag if event.tag not in (None, "!") else (text_tag if event.tag else None),
                # The keys and most values of a tree are a few words: each is held once.
                sys.intern(_PAIR.sub(_joined, event.value) if source.has_pairs else event.value),
                style if style else None,
            )
        elif kind is mapping_start:
            node = Mapping(source, offset + start, event.tag, bool(event.flow_style))
        elif kind is sequence_start:
            node = Sequence(source, offset + start, event.tag)
        elif kind is alias_event:
            node = _aliased(event, offset + start, stack, keys, beyond, anchors)
        elif kind is yaml.DocumentEndEvent:
            stream.faults.extend(anchors.faults)
            return Document(root, duplicates, templated, anchors.unused) if root is not None else None
        else:  # the end of a mapping or a sequence
            keys.pop()
            done = stack.pop()
            done.end = offset + event.end_mark.index
            if counting:
                _count(done, stack, keys, beyond, anchors)
            continue
        if kind is not alias_event and event.anchor is not None:
            anchors.name(event.anchor, node, offset + start)
        if not stack:
            root = node
        elif not (parent := stack[-1]).is_mapping:
            parent._items.append(node)
        elif (key := keys[-1]) is not None:
            if key._text in parent._values and not _is_merge(key):
                duplicates.append((next(k for k, _ in parent.entries if k.text == key.text), key))
            if node.key is None and kind is not alias_event:
                node.key = key
            parent.add(key, node)
            keys[-1] = None
        elif node.is_scalar:
            if kind is scalar_event and not node._text:
                node._text = event.value  # `null` is a name like any other
            keys[-1] = node
        else:
            if node.is_mapping and node.flow and parent.flow and templated is None:
                templated = _point(source, parent.start)
            # A complex key has no name to look it up by: its text stands for it.
            keys[-1] = Scalar(source, node.start, node.start + 1, None, f"\0{node.start}", "?")
        if kind is mapping_start or kind is sequence_start:
            if len(stack) >= DEEPEST:
                raise TooDeep(node.start)
            stack.append(node)
            keys.append(None)
            if counting:
                beyond.append([0, 1])


def _aliased(
    event: Any, at: int, stack: list[Any], keys: list[Scalar | None], beyond: list[list[int]], anchors: Anchors
) -> Node:
    """What an alias stands for, which is counted where it stands."""
    key = keys[-1] if keys else None
    node, values, levels = anchors.alias(event, at, len(stack), merged=key is not None and _is_merge(key))
    is_key = stack[-1].is_mapping and key is None
    beyond[-1][0] += values if is_key else values - 1
    beyond[-1][1] = max(beyond[-1][1], levels)
    return node


def _count(done: Any, stack: list[Any], keys: list[Scalar | None], beyond: list[list[int]], anchors: Anchors) -> None:
    """A collection has ended: its entries are counted, not one by one, and so it is in what holds it."""
    deeper, levels = beyond.pop()
    values = 1 + deeper + len(done.entries if done.is_mapping else done._items)
    anchors.close(done, values, levels)
    if stack:
        is_key = keys[-1] is not None
        beyond[-1][0] += values if is_key else values - 1
        beyond[-1][1] = max(beyond[-1][1], levels + 1)


def _is_merge(key: Scalar) -> bool:
    return key.text == "<<" and not key.style


def _mappings_of(merged: Node) -> list[Mapping]:
    """What stands at `<<`: a mapping, or several, of which the first wins."""
    return [one for one in ([merged] if merged.is_mapping else merged) if isinstance(one, Mapping)]


def _last_line(node: Node) -> int:
    """A block collection ends where the next token begins, so its last value says where it ends."""
    last, line = node, 1
    seen: set[int] = set()
    while id(last) not in seen:
        seen.add(id(last))
        line = max(line, last.source.place(last.start)[0])
        if isinstance(last, Mapping) and last.entries and not last.flow:
            key, value = last.entries[-1]
            line = max(line, key.source.place(key.start)[0])
            if value.start < key.start:  # an alias: the node itself stands elsewhere
                return line
            last = value
        elif isinstance(last, Sequence) and last._items and last.source.text[last.start] != "[":
            if last._items[-1].start < last.start:
                return line
            last = last._items[-1]
        elif last.is_scalar:
            return max(line, last.last_line)
        else:
            return max(line, last.source.place(max(last.start, last.end - 1))[0])
    return line


def _first_wins(node: Node, copies: dict[int, Node]) -> Node:
    """A copy in which a duplicate key has its first value."""
    if id(node) in copies or node.is_scalar:
        return copies.get(id(node), node)
    copy: Mapping | Sequence
    if isinstance(node, Mapping):
        copies[id(node)] = copy = Mapping(node.source, node.start, node.tag, node.flow)
        seen: set[str] = set()
        for key, value in node.entries:
            if key.text not in seen:
                seen.add(key.text)
                copy.add(key, _first_wins(value, copies))
    else:
        copies[id(node)] = copy = Sequence(node.source, node.start, node.tag)
        copy._items = [_first_wins(item, copies) for item in node]
    copy.end, copy.key = node.end, node.key
    return copy


def _plain(node: Node, made: dict[int, Any]) -> Any:
    if not (node.is_mapping or node.is_sequence):
        return node.value
    if id(node) in made:
        return made[id(node)]
    if node.is_sequence:
        items: list[Any] = []
        made[id(node)] = items
        items.extend(_plain(item, made) for item in node)
        return items
    mapping: dict[str, Any] = {}
    made[id(node)] = mapping
    for key, value in node.items():
        mapping[key.text] = _plain(value, made)
    return mapping


def _resolve(text: str, dialect: Dialect) -> Any:
    """What a plain scalar means to the program that reads the file."""
    if text in NULLS:
        return None
    if text[0] in "0123456789+-." and len(text) <= LONGEST_NUMBER:
        number = dialect.number(text)
        return text if number is None else number
    return dialect.booleans.get(text, text)


def _places(scalar: Scalar) -> list[int]:
    """For every character of the scalar's text, the index in the file that it comes from.

    Text and source agree character for character but for white space (indentation, folding) and escapes:
    runs of white space are matched as a whole, and so are the words between them.
    """
    text, source, style = scalar.text, scalar.source.text, scalar.style
    at, stop = scalar.start, scalar.end
    verbatim = _VERBATIM.get(style or "", _WORD)
    if style in ("|", ">"):
        header = _BLOCK_HEADER.match(source, at)
        at = header.end() if header else at
    elif style in ("'", '"'):
        at += 1
    places: list[int] = []
    index = 0
    while index < len(text) and at < stop:
        end = _end(verbatim, source, at, stop)
        if end > at:
            places.extend(range(at, end))
            at, index = end, index + end - at
        elif source[at] in " \t\r\n" and (style != '"' or text[index] in " \t\n"):
            run = _end(_SPACE, source, at, stop)
            gap = _end(_SPACE, text, index, len(text))
            if gap - index == run - at:
                places.extend(range(at, run))
            else:
                # The white space of a run cannot be told apart: all of it but the last stands at its begin.
                places.extend([at] * (gap - index))
            at, index = run, gap
        elif style == '"' and source[at] == "\\":
            if source.startswith(("\\\n", "\\\r\n"), at):
                at += 2
                while at < stop and source[at] in " \t\r\n":
                    at += 1
                continue
            escape = _ESCAPE.match(source, at)
            places.append(at)
            at = escape.end() if escape else at + 1
            index += 1
        elif style == "'" and source.startswith("''", at):
            places.append(at)
            at, index = at + 2, index + 1
        else:
            places.append(at)
            at, index = at + 1, index + 1
    return places[: len(text)]


def _end(run: re.Pattern[str], text: str, at: int, stop: int) -> int:
    """Where the run that begins at an index ends; the index itself where none begins there."""
    found = run.match(text, at, stop)
    return found.end() if found is not None else at
