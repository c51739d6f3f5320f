"""Objects on their way through a build: what they are, what they were called, and what a selector finds among them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts import table
from devopslint.kubernetes.kustomize.editing import (
    Changed,
    Unbuilt,
    at_path,
    named,
    same_size,
    scalar,
    with_entry,
    with_value,
    without,
)
from devopslint.readers.regular_expressions import RegularError, regular
from devopslint.readers.yaml import Node, Scalar

EVERYWHERE = "_non_namespaceable_"
"""The namespace of what has none."""


class Id(NamedTuple):
    """How an object is told from others."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str

    @property
    def is_cluster_wide(self) -> bool:
        return is_cluster_wide(self.group, self.version, self.kind)

    @property
    def where(self) -> str:
        """The namespace that it is in; nothing and `default` are the same."""
        if self.is_cluster_wide:
            return EVERYWHERE
        return self.namespace or "default"

    def equals(self, other: Id) -> bool:
        return self[:4] == other[:4] and self.where == other.where


class Resource(NamedTuple):
    """One object of a build."""

    node: Node
    earlier: tuple[tuple[str, str, str], ...] = ()
    """(namespace, name, kind) that it had before, the first one first."""
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    hashed: bool = False
    """Whether a hash of what is in it comes behind its name at the end."""
    origin: Node | None = None
    """What names the file, or the generator, that it comes from."""
    made: bool = False
    """Whether a generator has made it."""
    shared: tuple[Node, ...] = ()
    """Values that stand in several places of it, so that whoever changes one of these changes all: see `settled`."""
    variables: tuple[str, ...] = ()
    """The names of those variables that have their value from it."""
    operated: bool = False
    """Whether a JSON patch has changed it since the last one of another kind: it may have put things twice into a list."""

    @property
    def kind(self) -> str:
        return self.node["kind"].text

    @property
    def name(self) -> str:
        return self.node["metadata"]["name"].text

    @property
    def namespace(self) -> str:
        return self.node["metadata"]["namespace"].text

    @property
    def id(self) -> Id:
        node = self.node
        metadata = node["metadata"]
        return Id(
            *group_and_version(node["apiVersion"].text),
            node["kind"].text,
            metadata["name"].text,
            metadata["namespace"].text,
        )

    @property
    def earlier_ids(self) -> list[Id]:
        if not self.earlier:
            return []
        group, version = group_and_version(self.node["apiVersion"].text)
        return [Id(group, version, kind, name, namespace) for namespace, name, kind in self.earlier]

    @property
    def ids(self) -> list[Id]:
        """Of now first, then those before."""
        return [self.id, *self.earlier_ids]

    @property
    def first_id(self) -> Id:
        if not self.earlier:
            return self.id
        namespace, name, kind = self.earlier[0]
        return Id(*group_and_version(self.node["apiVersion"].text), kind, name, namespace)

    def was_called(self, name: str) -> bool:
        """Whether it has the name, or had it."""
        return self.name == name or any(earlier == name for _, earlier, _ in self.earlier)

    def remembering(self, now: Id | None = None) -> Resource:
        """The same, about to be called otherwise; `now` is its id where that is known."""
        one = now or self.id
        return self._replace(earlier=(*self.earlier, (one.where, one.name, one.kind)))

    def moved(self, now: Id, namespace: tuple[Scalar, Scalar]) -> Resource:
        """The same in the namespace of a key and a value; `now` is its id, which it remembers."""
        node, metadata = self.node, self.node["metadata"]
        if metadata.exists:
            node = with_value(node, "metadata", with_entry(metadata, *namespace))
        return self._replace(node=node, earlier=(*self.earlier, (now.where, now.name, now.kind)))

    def called(self, name: str, at: Node) -> Resource:
        """The same under another name, which stands where it was written unless `at` says it whole."""
        return self._replace(
            node=at_path(self.node, ("metadata",), lambda m: with_value(m, "name", scalar(at, name, named(at, "name"))))
        )

    def in_namespace(self, namespace: Node) -> Resource:
        """The same in the namespace of a scalar; in none where that says none."""

        def change(metadata: Node) -> Node:
            if not namespace.text:
                return without(metadata, "namespace", namespace) if metadata["namespace"].exists else metadata
            return with_value(metadata, "namespace", scalar(namespace, namespace.text, named(namespace, "namespace")))

        return self._replace(node=at_path(self.node, ("metadata",), change))


Path = tuple[str | int, ...]
"""Keys, and numbers of items, that lead to a value."""


def settled(before: Resource, after: Resource) -> Resource:
    """A resource in which a value that stood in several places is changed in all of them where it was in one.

    kustomize puts one and the same node into all fields that it makes for a label; a patch of `metadata.labels` in an
    overlay then changes the selector too.
    """
    if not before.shared or after.node is before.node:
        return after
    shared = []
    for value in before.shared:
        now, paths = value, places_of(before.node, value)
        for path in paths:
            found = _at(after.node, path)
            if found is not None and found is not value:
                now = found
        for path in paths if now is not value else ():
            after = after._replace(node=put(after.node, path, now))
        shared.append(now)
    return after._replace(shared=(*shared, *(one for one in after.shared if not any(one is b for b in before.shared))))


def places_of(node: Node, value: Node) -> list[Path]:
    """The paths that lead to this very value."""
    found: list[Path] = []
    pending: list[tuple[Node, Path]] = [(node, ())]
    while pending:
        here, path = pending.pop()
        if here is value:
            found.append(path)
        pending += [(inner, (*path, key.text)) for key, inner in here.items()]
        pending += [(item, (*path, number)) for number, item in enumerate(here)]
    return found


def _at(node: Node, path: Path) -> Node | None:
    for step in path:
        if isinstance(step, int):
            if step >= len(node) or not node.is_sequence:
                return None
            node = list(node)[step]
        else:
            node = node[step]
    return node if node.exists else None


def put(node: Node, path: Path, value: Node) -> Node:
    """The same with this value at a path, where there is one."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return same_size(node, [put(item, rest, value) if n == step else item for n, item in enumerate(node)])
    inner = node[step]
    return with_value(node, step, put(inner, rest, value)) if inner.exists else node


@functools.lru_cache(maxsize=256)
def group_and_version(api_version: str) -> tuple[str, str]:
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", api_version)


@functools.cache
def _cluster_wide() -> frozenset[str]:
    return frozenset(table("kustomize")["cluster"])


@functools.cache
def is_cluster_wide(group: str, version: str, kind: str) -> bool:
    """Whether objects of the kind are certainly in no namespace."""
    return f"{group}/{version} {kind}".removeprefix("/") in _cluster_wide()


_PLAIN = compiled(r"[\w-]*")
"""An expression that means itself."""


class Selector:
    """What a `target` or `select` says, as regular expressions over the whole of a text."""

    def __init__(self, node: Node) -> None:
        self._fields = {
            field: _whole(node[field]) if node[field].text else None
            for field in ("group", "version", "kind", "name", "namespace")
        }
        self.plain = {field: node[field].text for field in self._fields}
        self._labels = label_conditions(node["labelSelector"])
        self._annotations = label_conditions(node["annotationSelector"])

    @property
    def asks_what_may_change(self) -> bool:
        """Whether it asks for what a kustomization may have given an object: a namespace, labels, annotations."""
        return bool(self.plain["namespace"]) or self.has_conditions

    @property
    def names_something(self) -> bool:
        return any(self.plain.values())

    @property
    def weight(self) -> int:
        """How much it costs to hold an object against it: long expressions are slow."""
        return 1 + sum(5 + len(text) // 20 for text in self.plain.values() if _PLAIN.fullmatch(text) is None)

    @property
    def has_conditions(self) -> bool:
        return bool(self._labels or self._annotations)

    def _says(self, field: str, text: str) -> bool:
        matches = self._fields[field]
        return matches is None or matches(text)

    def fits_kind(self, one: Id) -> bool:
        return all(self._says(field, text) for field, text in zip(("group", "version", "kind"), one, strict=False))

    def fits(self, one: Id) -> bool:
        return self.fits_kind(one) and self._says("name", one.name) and self._says("namespace", one.namespace)

    def fits_conditions(self, node: Node) -> bool:
        metadata = node["metadata"]
        return all(holds(metadata["labels"]) for holds in self._labels) and all(
            holds(metadata["annotations"]) for holds in self._annotations
        )

    def selects(self, resource: Resource) -> bool:
        """As a patch selects: by the first name or the present one, by the first namespace or the present one."""
        if not self._says("kind", resource.kind):  # most are not of the kind
            return False
        now = resource.id
        if not (self.fits_kind(now) and self.fits_conditions(resource.node)):
            return False
        known = (resource.first_id, now) if resource.earlier else (now,)
        return any(self._says("namespace", one.where) for one in known) and any(
            self._says("name", one.name) for one in known
        )


_selectors: dict[tuple[str, ...], Selector] = {}
_SELECTING = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
MOST_SELECTORS = 1_000


def selector_of(target: Node) -> Selector:
    """What a target says, made once for all that say the same. Raises Unbuilt where it is not understood."""
    said = tuple(target[field].text for field in _SELECTING)
    known = _selectors.get(said)
    if known is None:
        if len(_selectors) > MOST_SELECTORS:
            _selectors.clear()
        known = _selectors[said] = Selector(target)
    return known


def is_as_written(one: Resource) -> bool:
    """Whether an object of a file differs from what is there by its metadata at most."""
    node, origin = one.node, one.origin
    if node is origin or origin is None:
        return origin is not None
    if isinstance(node, Changed) and node.of is not None and node.of is origin:
        return all(name == "metadata" or value is origin[name] for name, value in node.said.items())
    before = origin.items()
    if not all(node[key.text] is value for key, value in before if key.text != "metadata"):
        return False
    return len(node) - node.has("metadata") == len(before) - origin.has("metadata")


def _whole(node: Node) -> Callable[[str], bool]:
    text = node.text
    if _PLAIN.fullmatch(text):
        return text.__eq__
    try:
        return regular(f"^(?:{text})$").found_in
    except RegularError as error:
        raise Unbuilt(f"the expression '{text}' is not understood: {error}", node.location) from None


_TERM = compiled(
    r"\s*(?:(?P<absent>!)\s*(?P<gone>[\w./-]+)|(?P<key>[\w./-]+)\s*"
    r"(?:(?P<operator>==|=|!=)\s*(?P<value>[\w.-]*)|(?P<within>in|notin)\s*\((?P<values>[^)]*)\))?)\s*(?:,|\Z)"
)


def label_conditions(node: Node) -> list[Callable[[Node], bool]]:
    """The conditions of a selector in Kubernetes' own language, which all have to hold."""
    text, at, conditions = node.text, 0, []
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            raise Unbuilt(f"the selector '{text}' is not understood", node.location)
        at = found.end()
        conditions.append(_condition(found))
    return conditions


def _condition(found: re.Match[str]) -> Callable[[Node], bool]:
    if found["absent"]:
        gone = found["gone"]
        return lambda labels: not labels[gone].exists
    key = found["key"]
    if found["operator"] is None and found["within"] is None:
        return lambda labels: labels[key].exists
    wanted = {found["value"]} if found["operator"] else {one.strip() for one in found["values"].split(",")}
    if found["operator"] == "!=" or found["within"] == "notin":
        return lambda labels: not labels[key].exists or labels[key].text not in wanted
    return lambda labels: labels[key].exists and labels[key].text in wanted


def only(resources: Iterable[Resource], wanted: Id) -> list[int]:
    """The indexes of those that have this id, or had it."""
    return [
        index
        for index, one in enumerate(resources)
        if one.was_called(wanted.name) and any(wanted.equals(known) for known in one.ids)
    ]
