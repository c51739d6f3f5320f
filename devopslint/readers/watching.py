"""Copies of trees that note what is looked at in them: what was found there holds for every tree that is the same there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.readers.yaml import Mapping, Missing, Node, Scalar, Sequence

ENTRIES = ""
"""Looked at: which entries there are, in which order. No key that a rule asks for is empty."""
FIRST = "\0first"
"""Looked at: where the first entry stands."""
ALL = "\0all"
"""Looked at: all that is below."""


class Look(NamedTuple):
    """Something that was looked at."""

    number: int
    """Of the collection."""
    key: str
    """The key that was looked up, or one of those above."""


PATH = Look(0, "path")
"""The path that a view gives for that of its file."""


class Unseen(Node):
    """Stands for a value that nobody may look at: whoever does gets an error."""

    __slots__ = ()

    def __init__(self) -> None:
        """Without a place."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise SeenError(name)

    def __getitem__(self, key: str) -> NoReturn:
        raise SeenError(key)

    def __iter__(self) -> NoReturn:
        raise SeenError

    def __len__(self) -> NoReturn:
        raise SeenError

    def __bool__(self) -> NoReturn:
        raise SeenError


class SeenError(Exception):
    """Somebody has looked at what is not there to be looked at."""


class Watched:
    """A copy of a tree, of which `looks` says what has been looked at since it was last emptied."""

    def __init__(self, node: Node) -> None:
        self.looks: set[Look] = set()
        self._count = 0
        self.root = self.watching(node)

    def has_seen(self, *path: str) -> bool:
        """Whether what was looked at shows something of the value under these keys, one inside the other."""
        here: Node = self.root
        for key in path[:-1]:
            if not isinstance(here, _Mapping) or self.looks & {Look(here.number, ALL)}:
                return True
            here = here.by_key.get(key, here)
        if not isinstance(here, _Mapping):
            return True
        return not self.looks.isdisjoint(Look(here.number, key) for key in (path[-1], ALL, ENTRIES, FIRST))

    def watching(self, node: Node) -> Node:
        if node.is_scalar:
            return node  # whoever has it has looked it up
        self._count += 1
        if isinstance(node, Mapping):
            return _Mapping(node, self, self._count)
        return _Sequence(node, self, self._count)

    def differences(self, other: Node) -> frozenset[Look] | None:
        """What another look would show something else for in another tree; None where that may be anything."""
        found: set[Look] = set()
        if not isinstance(self.root, _Mapping) or not _stands_alike(self.root, other):
            return None
        self._compare(self.root, other, found)
        return frozenset(found)

    def _compare(self, mine: _Mapping | _Sequence, other: Node, found: set[Look]) -> bool:
        """Add to `found` what is not the same; whether anything is not."""
        if mine.of is other:
            return False
        before = len(found)
        number = mine.number
        if isinstance(mine, _Mapping) and getattr(other, "of", None) is mine.of:
            self._compare_said(mine, other.said, found)  # type: ignore[attr-defined]  # what has the one has the other
        elif isinstance(mine, _Mapping):
            entries = other.items()
            keys = [key for key, _ in entries]
            if keys != mine.keys_of:
                found.add(Look(number, ENTRIES))
                if keys[:1] != mine.keys_of[:1]:
                    found.add(Look(number, FIRST))
                texts = {key.text for key, _ in entries}
                found.update(Look(number, key) for key in texts.symmetric_difference(mine.by_key))
            for text in getattr(other, "taken", ()):
                found.add(Look(number, text))
            for key, value in entries:
                had = mine.by_key.get(key.text)
                if had is None or (value.is_scalar and had is value):
                    continue
                if not self._is_same(had, value, found):
                    found.add(Look(number, key.text))
                    found.add(Look(number, ENTRIES))
                    if key is mine.keys_of[0]:
                        found.add(Look(number, FIRST))
        else:
            items = list(other)
            same = [self._is_same(had, item, found) for had, item in zip(mine.inner, items, strict=False)]
            if len(items) != len(mine.inner) or not all(same):
                found.add(Look(number, ENTRIES))
                found.add(Look(number, FIRST))
        if len(found) > before:
            found.add(Look(number, ALL))
            return True
        return False

    def _compare_said(self, mine: _Mapping, said: dict[str, Node], found: set[Look]) -> None:
        """_compare() with what is the same mapping but for these values."""
        number = mine.number
        for name, value in said.items():
            had = mine.by_key.get(name)
            if had is None:
                found.add(Look(number, name))
            elif self._is_same(had, value, found):
                continue
            else:
                found.add(Look(number, name))
            found.add(Look(number, ENTRIES))
            if not mine.keys_of or name == mine.keys_of[0].text:
                found.add(Look(number, FIRST))

    def _is_same(self, had: Node, value: Node, found: set[Look]) -> bool:
        """Whether a value is what it was, as far as it tells without being looked into."""
        if not isinstance(had, (_Mapping, _Sequence)):
            return had is value
        if had.of is not value:
            if not _stands_alike(had, value):
                return False
            self._compare(had, value, found)
        return True


def _stands_alike(one: _Mapping | _Sequence, other: Node) -> bool:
    return (
        one.is_mapping == other.is_mapping
        and one.is_sequence == other.is_sequence
        and (one.source, one.start, one.end, one.tag) == (other.source, other.start, other.end, other.tag)
        and one.key is other.key
        and getattr(one, "flow", None) == getattr(other, "flow", None)
        and getattr(other, "under", None) is None
    )


class _Watching(Node):
    __slots__ = ()

    of: Node
    number: int
    _watched: Watched

    @property
    def last_line(self) -> int:
        self._watched.looks.add(Look(self.number, ALL))
        return self.of.last_line

    @property
    def location(self) -> Location:
        if self.key is None:
            self._watched.looks.add(Look(self.number, FIRST))
        return self.of.location


class _Mapping(_Watching, Mapping):
    __slots__ = ("_watched", "by_key", "keys_of", "number", "of")

    def __init__(self, of: Mapping, watched: Watched, number: int) -> None:
        Node.__init__(self, of.source, of.start, of.end, of.tag)
        self.key, self.flow = of.key, of.flow
        self.of, self._watched, self.number = of, watched, number
        pairs = of.items()
        self.keys_of = [key for key, _ in pairs]
        self.by_key = {key.text: watched.watching(value) for key, value in pairs}

    def __getitem__(self, key: str) -> Node:
        self._watched.looks.add(Look(self.number, key))
        found = self.by_key.get(key)
        return Missing(self, key) if found is None else found

    @property
    def entries(self) -> list[tuple[Scalar, Node]]:  # type: ignore[override]  # nobody sets it
        self._watched.looks.add(Look(self.number, ENTRIES))
        return [(key, self.by_key[key.text]) for key in self.keys_of]

    def items(self) -> list[tuple[Scalar, Node]]:
        return self.entries


class _Sequence(_Watching, Sequence):
    __slots__ = ("_watched", "inner", "number", "of")

    def __init__(self, of: Node, watched: Watched, number: int) -> None:
        Node.__init__(self, of.source, of.start, of.end, of.tag)
        self.key = of.key
        self.of, self._watched, self.number = of, watched, number
        self.inner = [watched.watching(item) for item in of]

    def __iter__(self) -> Iterator[Node]:
        self._watched.looks.add(Look(self.number, ENTRIES))
        return iter(self.inner)

    def __len__(self) -> int:
        self._watched.looks.add(Look(self.number, ENTRIES))
        return len(self.inner)
