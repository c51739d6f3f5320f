"""Changed copies of nodes: what is not touched is shared, and every value keeps the place where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from devopslint.model import Location
from devopslint.readers.yaml import Mapping, Missing, Node, Scalar, Sequence

MOST_NODES = 200_000
"""Of one file, where aliases and merge keys are written out; real ones have a few hundred."""


class Unbuilt(Exception):
    """What is built is not known; the message says why, and `location` where, as far as a place is known."""

    def __init__(self, reason: str, location: Location | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.location = location


_NONE_TAKEN: dict[str, Node] = {}
_NONE_ADDED: dict[str, Scalar] = {}
_NONE_MERGED: list[Node] = []
"""Of a mapping over another; nobody writes to these."""


class Changed(Mapping):
    """A mapping of which something was changed or taken away."""

    __slots__ = ("_added", "_entries", "of", "said", "taken", "under")

    def __init__(self, like: Node) -> None:
        # A build makes dozens of these: written out, this costs half of calls of super().
        self.source, self.start, self.end = like.source, like.start, like.end
        self.tag, self.key = like.tag, like.key
        self.flow = getattr(like, "flow", False)
        self._entries: list[tuple[Scalar, Node]] | None = []
        self._values, self._merged = {}, []
        changed = isinstance(like, Changed)
        self.taken: dict[str, Node] = dict(like.taken) if changed else {}  # type: ignore[attr-defined]  # a Changed's
        """Key -> what takes it away: a null, `$patch: delete`, the operation of a JSON patch."""
        self.under: Node | None = like.under if changed else None  # type: ignore[attr-defined]  # as above
        """The mapping of the base that a patch has put this into: what it lacks, the base has always lacked."""
        self.of: Mapping | None = None
        """The mapping that this is, but for what is `said`; None where it has all of its own."""
        self.said: dict[str, Node] = {}
        self._added = _NONE_ADDED

    @property
    def entries(self) -> list[tuple[Scalar, Node]]:  # type: ignore[override]  # who changes it changes its own
        if self._entries is None:
            said, of = self.said, self.of
            assert of is not None
            self._entries = [(key, said.get(key._text, value)) for key, value in of.items()]
            self._entries += [(key, said[name]) for name, key in self._added.items()]
        return self._entries

    def items(self) -> list[tuple[Scalar, Node]]:
        return self.entries

    def add(self, key: Scalar, value: Node) -> None:
        self.entries.append((key, value))
        self._values[key._text] = value

    def take(self, entries: list[tuple[Scalar, Node]]) -> None:
        """Be the mapping of these keys, of which none is said twice."""
        self._entries = entries
        self._values = {key.text: value for key, value in entries}

    def __getitem__(self, key: str) -> Node:
        found = self._values.get(key)
        if found is not None:
            return found
        of = self.of
        if of is not None:
            found = of._values.get(key) if not of._merged else of[key]
            if found is not None and found.exists:
                return found
        by = self.taken.get(key, self.under)
        if by is not None:
            return Taken(self, key, by)
        missing = object.__new__(Missing)  # as in the reader: most lookups miss
        missing.parent, missing.wanted = self, key
        return missing


class Taken(Missing):
    """What a patch has taken away: it is missing where the patch says so."""

    __slots__ = ("_by",)

    def __init__(self, parent: Node, wanted: str, by: Node) -> None:
        super().__init__(parent, wanted)
        self._by = by

    def __getitem__(self, key: str) -> Node:
        return Taken(self.parent, key, self._by)

    @property
    def location(self) -> Location:
        return self._by.location._replace(missing=True, wanted=self.wanted)


class List(Sequence):
    """A sequence of items from several places; it stands where the first of them was written."""

    __slots__ = ()

    def __init__(self, like: Node, items: Iterable[Node]) -> None:
        super().__init__(like.source, like.start, like.tag)
        self.end, self.key = like.end, like.key
        self._items = list(items)


def scalar(like: Node, text: str, key: Scalar | None = None) -> Scalar:
    """A text that stands where another value stands."""
    made = Scalar(like.source, like.start, like.end, "tag:yaml.org,2002:str", text, getattr(like, "style", None))
    made.key, made._places = like.key if key is None else key, []
    return made


def named(node: Node, name: str) -> Scalar:
    """A key of this name where the value's own key stands, or the value."""
    at = node.key if node.key is not None else node
    return scalar(at, name, None)


def empty_mapping(at: Node, name: str) -> Changed:
    """A mapping under a key of this name that stands where another value stands."""
    made = Changed(Mapping(at.source, at.start, None, False))
    made.end, made.key = at.end, named(at, name)
    return made


def differing(mapping: Node, before: Node) -> Iterable[tuple[str, Node]]:
    """The entries of a mapping that may not be those of another, which it was once."""
    if isinstance(mapping, Changed) and mapping.of is before:
        return mapping.said.items()
    return ((key.text, value) for key, value in mapping.items())


def keyed(node: Node, key: Scalar) -> Node:
    """The same as the value of another key; it stands where it stood."""
    if isinstance(node, Scalar):
        copy = Scalar(node.source, node.start, node.end, node.tag, node._text, node.style)
        copy.key = key
        return copy
    if isinstance(node, Mapping):
        mapping = Changed(node)
        for entry in node.items():
            mapping.add(*entry)
        mapping.key = key
        return mapping
    items = List(node, node)
    items.key = key
    return items


def with_value(mapping: Node, name: str, value: Node) -> Changed:
    """A mapping with this value under the name, where it was or at the end."""
    key = value.key
    return with_entry(mapping, key if key is not None and key._text == name else named(value, name), value)


def with_entry(mapping: Node, key: Scalar, value: Node) -> Changed:
    """The same under a key that is there or not."""
    if not isinstance(mapping, Mapping) or (isinstance(mapping, Changed) and mapping.of is None):
        return _with_entry_of_its_own(mapping, key, value)
    made: Changed = object.__new__(Changed)
    made.source, made.start, made.end = mapping.source, mapping.start, mapping.end
    made.tag, made.key, made.flow = mapping.tag, mapping.key, mapping.flow
    made._merged, made.taken, made._entries = _NONE_MERGED, _NONE_TAKEN, None
    name = key._text
    if isinstance(mapping, Changed):
        made.of, made.under = mapping.of, mapping.under
        made.said = made._values = {**mapping.said, name: value}
        made._added = mapping._added
    else:
        made.of, made.under = mapping, None
        made.said = made._values = {name: value}
        made._added = _NONE_ADDED
    if not mapping[name].exists:
        made._added = {**made._added, name: key}
    return made


def _with_entry_of_its_own(mapping: Node, key: Scalar, value: Node) -> Changed:
    made = Changed(mapping)
    name, entries = key._text, mapping.items()
    if mapping[name].exists:
        made.take([(had, value if had._text == name else old) for had, old in entries])
    else:
        made.take([*entries, (key, value)])
    if made.taken:
        made.taken.pop(name, None)
    return made


def added_to(base: Node, value: Node) -> Node:
    """A value that a patch adds to a mapping of the base."""
    if not isinstance(value, Mapping):
        return value
    made = Changed(value)
    made.under = base
    for key, inner in value.items():
        made.add(key, added_to(base, inner))
    return made


def without(mapping: Node, name: str, by: Node) -> Changed:
    """A mapping without a key, which something has taken away."""
    made = Changed(mapping)
    made.take([(key, value) for key, value in mapping.items() if key.text != name])
    if mapping[name].exists:
        made.taken[name] = by
    return made


def at_path(node: Node, path: tuple[str, ...], change: Callable[[Node], Node]) -> Node:
    """The same with the value at the end of a path of keys changed; as it is where the path ends before."""
    if not path:
        return change(node)
    inner = node[path[0]]
    if not inner.exists:
        return node
    changed = at_path(inner, path[1:], change)
    return node if changed is inner else with_value(node, path[0], changed)


def same_size(sequence: Node, items: list[Node]) -> Node:
    """A sequence with these items in place of its own; itself where they are the very same."""
    return sequence if all(map(_is, sequence, items)) else List(sequence, items)


def _is(one: Node, other: Node) -> bool:
    return one is other


def is_null(node: Node) -> bool:
    return not node.exists or (node.is_scalar and not node.present)


def written_out(root: Node) -> Node:
    """The same without aliases and merge keys: each is a copy. Raises Unbuilt where that has no end."""
    left = MOST_NODES

    def copy(node: Node, above: tuple[int, ...]) -> Node:
        nonlocal left
        left -= 1
        if left < 0 or id(node) in above:
            raise Unbuilt("its aliases are too many to be written out", root.location)
        if isinstance(node, Scalar):
            return node
        made: Node
        if isinstance(node, Mapping):
            made = Mapping(node.source, node.start, node.tag, node.flow)
            for key, value in node.items():
                inner = copy(value, (*above, id(node)))
                made.add(key, inner)
        else:
            made = Sequence(node.source, node.start, node.tag)
            for item in node:
                made.add(copy(item, (*above, id(node))))
        made.end, made.key = node.end, node.key
        return made

    return copy(root, ())
