"""Many objects of one name, kind or label, to be looked through by namespace and by nearness without asking each of them."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Generic, TypeVar

from devopslint.kubernetes.summaries import ANY_NAMESPACE, ObjectSummary

S = TypeVar("S", bound=ObjectSummary)

FEW = 16
"""Objects of which each is asked: an index costs more."""


def meets_any(namespace: str, others: Collection[str]) -> bool:
    """Whether an object may be in a namespace with another one, which are in these."""
    if not namespace or namespace == ANY_NAMESPACE:
        return bool(others)
    return namespace in others or "" in others or ANY_NAMESPACE in others


def meet(one: str, other: str) -> bool:
    """Whether two objects may be in one namespace."""
    return one == other or not one or not other or ANY_NAMESPACE in (one, other)


class Crowds:
    """The lists in which objects of a cluster are looked for. What it gives is in the order of the list."""

    def __init__(self, is_partial: Callable[[ObjectSummary], bool]) -> None:
        self._is_partial = is_partial
        self._known: dict[int, _Crowd[Any]] = {}
        """By the id of the list, which is no other's as long as the crowd has it."""

    def meeting(self, objects: list[S], namespace: str) -> list[S]:
        """Those that may be in the namespace."""
        if len(objects) <= FEW:
            return [one for one in objects if meet(one.namespace, namespace)]
        return self._crowd(objects).meeting(namespace)

    def around(self, objects: list[S], namespace: str, folder: str) -> list[S]:
        """Those that may be in the namespace, less some that stand further from the folder than others.

        One that is written in full is nearer than any that is not.
        """
        if len(objects) <= FEW:
            return [one for one in objects if meet(one.namespace, namespace)]
        return self._crowd(objects).around(namespace, folder, self._is_partial)

    def _crowd(self, objects: list[S]) -> _Crowd[S]:
        known = self._known.get(id(objects))
        if known is None:
            known = self._known[id(objects)] = _Crowd(objects)
        return known


class Standing:
    """Where objects of one kind are written down: their folders, each with the namespaces of those in it."""

    def __init__(self, objects: Iterable[ObjectSummary]) -> None:
        self._in: dict[str, set[str]] = defaultdict(set)
        self._in_or_below: dict[str, set[str]] = defaultdict(set)
        self._beside: dict[str, set[str]] = defaultdict(set)
        """By the folder that theirs are in."""
        for folder, namespace in {(one.folder, one.namespace) for one in objects}:
            self._in[folder].add(namespace)
            self._beside[posixpath.dirname(folder)].add(namespace)
            for above in upwards(folder):
                self._in_or_below[above].add(namespace)

    def is_around(self, folder: str, namespace: str) -> bool:
        """Whether any that may be in the namespace stands in the folder, beside it, above it or below it."""
        around = [self._in.get(above) for above in upwards(folder)]
        around += self._in_or_below.get(folder), self._beside.get(posixpath.dirname(folder))
        return any(meets_any(namespace, namespaces) for namespaces in around if namespaces)


class _Crowd(Generic[S]):
    def __init__(self, objects: list[S]) -> None:
        self._objects = objects
        self._by_namespace: dict[str, list[int]] = {}
        self._below: list[dict[str, _Crowd[S]]] = []
        """Of those in full, and of the others: by folder, what stands in it or below it."""

    def meeting(self, namespace: str) -> list[S]:
        objects = self._objects
        if not namespace or namespace == ANY_NAMESPACE:
            return objects
        if len(objects) <= FEW:
            return [one for one in objects if meet(one.namespace, namespace)]
        if not self._by_namespace:
            for number, one in enumerate(objects):
                self._by_namespace.setdefault(one.namespace, []).append(number)
        found = [number for there in {namespace, "", ANY_NAMESPACE} for number in self._by_namespace.get(there, ())]
        return [objects[number] for number in sorted(found)]

    def around(self, namespace: str, folder: str, is_partial: Callable[[ObjectSummary], bool]) -> list[S]:
        if not self._below:
            self._below = [_below(objects) for objects in self._whole_and_partial(is_partial)]
        for below in self._below:
            for here in upwards(folder):
                if here in below and (found := below[here].meeting(namespace)):
                    return found
        return []

    def _whole_and_partial(self, is_partial: Callable[[ObjectSummary], bool]) -> tuple[list[S], list[S]]:
        told: tuple[list[S], list[S]] = [], []
        for one in self._objects:
            told[is_partial(one)].append(one)
        return told


def _below(objects: list[S]) -> dict[str, _Crowd[S]]:
    found: dict[str, list[S]] = defaultdict(list)
    for one in objects:
        for folder in upwards(one.folder):
            found[folder].append(one)
    return {folder: _Crowd(those) for folder, those in found.items()}


def upwards(folder: str) -> Iterator[str]:
    """A folder, and those above it up to the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
