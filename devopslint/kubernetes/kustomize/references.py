"""Names of objects in other objects, which follow when the objects are renamed or put into another namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.kustomize.editing import Unbuilt, is_null, named, same_size, scalar, with_value
from devopslint.kubernetes.kustomize.fields import Field, References, set_in
from devopslint.kubernetes.kustomize.resources import Resource
from devopslint.readers.yaml import Node


class ByKind(NamedTuple):
    """Fields by the kind of object that they stand in; those of any kind under no name."""

    all: dict[str, list[tuple[References, Field]]]
    with_namespaces: dict[str, list[tuple[References, Field]]]
    """Those that are no name alone, but have a namespace beside it."""


def by_referrer(references: Iterable[References]) -> ByKind:
    found = ByKind({}, {})
    for one in references:
        for field in one.fields:
            found.all.setdefault(field.kind, []).append((one, field))
            if not field.path[-1].lower().endswith(("name", "names")):
                found.with_namespaces.setdefault(field.kind, []).append((one, field))
    return found


def followed(resources: list[Resource], references: ByKind) -> list[Resource]:
    """The same with every name brought up to date that stands for an object among them."""
    renamed: dict[str, list[int]] = {}
    for index, one in enumerate(resources):
        for name in {name for _, name, _ in one.earlier}:
            renamed.setdefault(name, []).append(index)
    if not renamed:
        return resources
    moved = all(name == one.name for one in resources for _, name, _ in one.earlier)
    fields = references.with_namespaces if moved else references.all
    any_kind = fields.get("", [])
    return [
        _Referrer(one, resources, renamed).followed([*mine, *any_kind])
        if (mine := fields.get(one.kind, [])) or any_kind
        else one
        for one in resources
    ]


class _Referrer:
    """An object that may name others."""

    def __init__(self, resource: Resource, resources: list[Resource], renamed: dict[str, list[int]]) -> None:
        self._resource = resource
        self._resources = resources
        self._renamed = renamed
        self._id = resource.id
        self._bound = _namespaces_of_subjects(resource)

    def followed(self, references: list[tuple[References, Field]]) -> Resource:
        first, resource = self._resource.first_id, self._resource
        for what, field in references:
            if field.fits(first):
                resource = set_in(
                    resource,
                    [field._replace(group="", version="", kind="")],
                    self._change(what, field),
                    None,
                    scalar=False,
                )
        return resource

    def _change(self, what: References, field: Field) -> Callable[[Node], Node]:
        of_role = field.path[-2:] == ("roleRef", "name")

        def change(node: Node) -> Node:
            if is_null(node):
                return node
            if node.is_sequence:
                return same_size(node, [change(item) for item in node])
            return self._mapping(node, what, of_role) if node.is_mapping else self._scalar(node, what, of_role)

        return change

    def _scalar(self, node: Node, what: References, of_role: bool) -> Node:
        found = self._meant(node, self._candidates(node.text), what, of_role, lambda one: one.name)
        return node if found is None or found.name == node.text else scalar(node, found.name)

    def _mapping(self, node: Node, what: References, of_role: bool) -> Node:
        name = node["name"]
        if not name.exists:
            raise Unbuilt("a reference has no name", node.location)
        candidates = self._candidates(name.text)
        if node["namespace"].exists:
            where = node["namespace"].text
            candidates = [
                one for one in candidates if not one.id.is_cluster_wide and where in (one.first_id.where, one.id.where)
            ]
            first = [one for one in candidates if one.first_id.where == where]
            candidates = first if any(one.first_id.where == where for one in self._resources) else candidates
        found = self._meant(name, candidates, what, of_role, lambda one: (one.name, one.namespace))
        if found is None or (found.name == name.text and not found.namespace):
            return node
        if found.name != name.text:
            node = with_value(node, "name", scalar(name, found.name))
        if found.namespace and found.namespace != node["namespace"].text:
            at = found.node["metadata"]["namespace"]
            node = with_value(node, "namespace", scalar(at, found.namespace, named(at, "namespace")))
        return node

    def _candidates(self, name: str) -> list[Resource]:
        """What has been called so, and can be named from here."""
        found = [self._resources[index] for index in self._renamed.get(name, ())]
        if self._id.is_cluster_wide:
            return found
        return [
            one
            for one in found
            if one.id.is_cluster_wide or one.id.where == self._id.where or one.namespace in self._bound
        ]

    def _meant(
        self,
        at: Node,
        candidates: list[Resource],
        what: References,
        of_role: bool,
        identity: Callable[[Resource], object],
    ) -> Resource | None:
        found = [one for one in candidates if any(what.fits(earlier) for earlier in one.earlier_ids)]
        if of_role:
            role = self._resource.node["roleRef"]
            if role["apiGroup"].exists and role["kind"].exists:
                wanted = (role["apiGroup"].text, role["kind"].text)
                found = [
                    o
                    for o in found
                    if any(_fits_role(earlier.group, earlier.kind, wanted) for earlier in o.earlier_ids)
                ]
        if not self._id.is_cluster_wide:
            found = [
                one
                for one in found
                if one.id.is_cluster_wide or one.kind == "ServiceAccount" or one.id.where == self._id.where
            ]
        if len(found) == 1:
            return found[0]
        found = [one for one in found if _ends_alike(self._resource, one, empty=True)]
        if len(found) > 1:
            found = [one for one in found if _ends_alike(self._resource, one, empty=False)]
        if not found:
            return None
        if len({identity(one) for one in found}) > 1:
            raise Unbuilt(f"'{at.text}' may be one of several objects", at.location)
        return found[0]


def _fits_role(group: str, kind: str, wanted: tuple[str, str]) -> bool:
    return (not wanted[0] or wanted[0] == group) and (not wanted[1] or wanted[1] == kind)


def _ends_alike(one: Resource, other: Resource, *, empty: bool) -> bool:
    """Whether both went through the same prefixes and suffixes at the end; `empty` lets none be like any."""
    pairs = ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    return all((empty and not (a and b)) or _same_ending(a, b) for a, b in pairs)


def _same_ending(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    length = min(len(one), len(other))
    return one == other if length == 0 else one[-length:] == other[-length:]


def _namespaces_of_subjects(resource: Resource) -> frozenset[str]:
    if resource.kind != "RoleBinding":
        return frozenset()
    return frozenset(
        subject["namespace"].text for subject in resource.node["subjects"] if subject["kind"].text == "ServiceAccount"
    ) - {""}
