"""The proof that a YAML file says the same but for what was meant; ruamel.yaml, which wrote none of it, reads it for that.

ruamel.yaml is used here and nowhere else. Its scanner is written in Python and its own: it shares no line with libyaml,
out of whose places the edits come.
"""

from __future__ import annotations

import functools
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.rewriting import Refused

Path = tuple[str | int, ...]
"""The number of the part that a document is in, then keys and indices."""

_SEPARATOR = compiled(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
"""Wherever it stands, a document begins: within no value can a line begin so."""


class Parts:
    """A text, cut where its documents begin: only those that have changed are read for a proof."""

    def __init__(self, text: str) -> None:
        begin = text.startswith("\ufeff")
        self.starts = [0, *(found.start() for found in _SEPARATOR.finditer(text, begin) if found.start() > begin)]
        self.texts = [text[start:end] for start, end in pairwise([*self.starts, len(text)])]

    def number(self, index: int) -> int:
        """Of the part that holds the character at an index."""
        return bisect_right(self.starts, index) - 1


class _Gone:
    pass


GONE = _Gone()
"""What is meant to be there no more."""


class Text(NamedTuple):
    """A part of a text is another one."""

    whole: str
    start: int
    end: int
    other: str


class Meant:
    """What is to be another value than before, by its path."""

    def __init__(self) -> None:
        self.values: dict[Path, Any] = {}
        self.items: dict[Path, list[Any]] = {}
        self.texts: dict[Path, list[Text]] = {}
        self.names: dict[Path, dict[str, str]] = {}

    def add(self, path: Path, value: Any, *, item: bool = False) -> None:
        """Raises Refused where something else is meant there."""
        if item:
            self.items.setdefault(path, []).append(value)
        elif self.values.setdefault(path, value) != value or path in self.texts:
            raise Refused("another fix sets it to another value")

    def rename(self, path: Path, key: str, name: str) -> None:
        if self.names.setdefault(path, {}).setdefault(key, name) != name:
            raise Refused("another fix gives it another name")

    def rewrite(self, path: Path, part: Text) -> None:
        if path in self.values:
            raise Refused("another fix sets it to another value")
        if part not in self.texts.setdefault(path, []):
            self.texts[path].append(part)

    def text(self, path: Path, before: str) -> str:
        """What a scalar is to say."""
        after = before
        for part in sorted(self.texts.get(path, ()), key=lambda one: one.start, reverse=True):
            after = after[: part.start] + part.other + after[part.end :]
        return after


class _Shape(NamedTuple):
    """A node as ruamel.yaml reads it."""

    kind: str
    """scalar, sequence, mapping or alias."""
    tag: str
    anchor: str
    value: Any
    """A scalar's text, a list of shapes, a list of pairs of shapes, or the name that an alias has."""


def prove(before: str, after: str, meant: Meant, comments: Sequence[str] = ()) -> None:
    """Raises Refused unless `after` is `before` but for what is meant, and without these comments.

    Compared are the documents, every value with its type, its tag and its anchor, every alias, the order of keys and
    items, and the comments.
    """
    old, new = Parts(before).texts, Parts(after).texts
    if len(old) != len(new):
        raise Refused("the file would have other documents")
    waiting = list(comments)
    touched = {path[0] for path in (*meant.values, *meant.items, *meant.texts, *meant.names)}
    for number, (one, other) in enumerate(zip(old, new, strict=True)):
        if one != other or number in touched:
            _same_part(number, _read(one), _read(other), meant, waiting)


def _same_part(number: int, old: _Reading, new: _Reading, meant: Meant, comments: list[str]) -> None:
    """Comments that are found to be gone are taken off the list of those that go."""
    if len(old.documents) != len(new.documents) or len(old.documents) > 1:
        raise Refused("the file would have other documents")
    for one, other in zip(old.documents, new.documents, strict=True):
        _same((number,), one, other, meant)
    kept = list(old.comments)
    for comment in [one for one in comments if one in kept]:
        kept.remove(comment)
        comments.remove(comment)
    if kept != list(new.comments):
        raise Refused("a comment would get lost")


class _Reading(NamedTuple):
    documents: tuple[_Shape, ...]
    comments: tuple[str, ...]


@functools.lru_cache(maxsize=16)
def _read(text: str) -> _Reading:
    from ruamel.yaml import YAML  # only where something is mended

    text = text.removeprefix("\ufeff")
    try:
        documents = tuple(_shape(node, {}) for node in YAML(typ="rt", pure=True).compose_all(text))
        return _Reading(documents, tuple(_comments(YAML(typ="rt", pure=True).scan(text))))
    except Refused:
        raise
    except Exception as error:  # it raises what it likes on what it does not read
        reason = str(error).strip().partition("\n")[0]
        raise Refused(f"ruamel.yaml does not read the file: {reason}") from None


def _shape(node: Any, seen: dict[int, str]) -> _Shape:
    if node is None:
        return _Shape("scalar", "", "", "")
    if id(node) in seen:
        return _Shape("alias", "", "", seen[id(node)])
    anchor = str(node.anchor or "")
    seen[id(node)] = anchor
    value = node.value
    if node.id == "mapping":
        value = [(_shape(key, seen), _shape(one, seen)) for key, one in value]
    elif node.id == "sequence":
        value = [_shape(one, seen) for one in value]
    return _Shape(node.id, str(node.tag), anchor, value)


def _comments(tokens: Any) -> Iterator[str]:
    """Every comment in the order of the file."""
    found: dict[tuple[int, int], str] = {}

    def gather(held: Any, line: int, column: int) -> None:
        if isinstance(held, list | tuple):
            for one in held:
                gather(one, line, column)
        elif isinstance(held, str):  # of the header of a block scalar, which has no mark of its own
            found[line, column] = held
        elif held is not None:
            found[held.start_mark.line, held.start_mark.column] = held.value

    for token in tokens:
        gather(getattr(token, "_comment", None), token.start_mark.line, token.start_mark.column)
    for _, value in sorted(found.items()):
        yield from (line.strip() for line in value.splitlines() if line.strip().startswith("#"))


def _same(path: Path, one: _Shape, other: _Shape, meant: Meant) -> None:
    if path in meant.values:
        _is(path, meant.values[path], other)
    elif _is_null(one) and _within(path, meant):
        _grown(path, other, meant)
    elif one.kind in ("scalar", "alias"):
        wanted = meant.text(path, one.value) if one.kind == "scalar" else one.value
        if other != one._replace(value=wanted):
            raise _differs(path)
    elif one[:3] != other[:3]:
        raise _differs(path)
    elif one.kind == "mapping":
        _same_mapping(path, one, other, meant)
    else:
        _same_sequence(path, one, other, meant)


def _name(key: _Shape) -> str:
    """What a key is called; one that is no text has no name that a path could have."""
    return key.value if key.kind == "scalar" else f"\0{key!r}"


def _is_null(shape: _Shape) -> bool:
    return shape.kind == "scalar" and not shape.value and shape.tag.endswith(":null") and not shape.anchor


def _same_mapping(path: Path, one: _Shape, other: _Shape, meant: Meant) -> None:
    names = meant.names.get(path, {})
    before = [(_name(key), value) for key, value in one.value]
    after = [(_name(key), value) for key, value in other.value]
    old = [(key, value) for key, value in before if meant.values.get((*path, key)) is not GONE]
    known = dict(before)
    if len(known) != len(before):
        raise Refused("a key stands twice")
    new = [(key, value) for key, value in after if key in known or key in names.values()]
    added = {key: value for key, value in after if key not in known}
    if [names.get(key, key) for key, _ in old] != [key for key, _ in new]:
        raise _differs(path)
    for (key, value), (_, changed) in zip(old, new, strict=True):
        _same((*path, key), value, changed, meant)
    for name, value in added.items():
        if name not in names.values():
            _grown((*path, name), value, meant)
    for wanted in (p for p in meant.values if p[:-1] == path and meant.values[p] is not GONE):
        if wanted[-1] not in known and wanted[-1] not in added:
            raise _differs(wanted)


def _same_sequence(path: Path, one: _Shape, other: _Shape, meant: Meant) -> None:
    old = [(i, item) for i, item in enumerate(one.value) if meant.values.get((*path, i)) is not GONE]
    items = meant.items.get(path, [])
    if len(other.value) != len(old) + len(items):
        raise _differs(path)
    for (index, item), changed in zip(old, other.value, strict=False):
        _same((*path, index), item, changed, meant)
    for value, changed in zip(items, other.value[len(old) :], strict=True):
        _is(path, value, changed)


def _within(path: Path, meant: Meant) -> bool:
    return any(wanted[: len(path)] == path for wanted in meant.values)


def _grown(path: Path, shape: _Shape, meant: Meant) -> None:
    """What is new is what is meant, and no more."""
    if path in meant.values:
        _is(path, meant.values[path], shape)
        return
    wanted = {p[len(path)] for p in meant.values if p[: len(path)] == path and len(p) > len(path)}
    if not wanted or shape.kind != "mapping" or {_name(key) for key, _ in shape.value} != wanted:
        raise _differs(path)
    for key, value in shape.value:
        _grown((*path, _name(key)), value, meant)


def _is(path: Path, value: Any, shape: _Shape) -> None:
    """Whether a node is a value of ours."""
    if isinstance(value, dict):
        pairs = shape.value if shape.kind == "mapping" else []
        if shape.kind != "mapping" or [_name(key) for key, _ in pairs] != list(value):
            raise _differs(path)
        for (key, below), wanted in zip(pairs, value.values(), strict=True):
            _is((*path, _name(key)), wanted, below)
    elif isinstance(value, list):
        if shape.kind != "sequence" or len(shape.value) != len(value):
            raise _differs(path)
        for below, wanted in zip(shape.value, value, strict=True):
            _is(path, wanted, below)
    else:
        kind = {bool: "bool", int: "int", float: "float", type(None): "null"}.get(type(value), "str")
        text = json.dumps(value) if kind in ("bool", "null") else str(value)
        if not shape.tag.endswith(f":{kind}") or shape.value != text:
            raise _differs(path)


def _differs(path: Path) -> Refused:
    return Refused(f"{'.'.join(map(str, path[1:])) or 'the document'} would be another value")
