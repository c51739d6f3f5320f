"""Which objects of a base an overlay changes, told before it is built: the others are as their files have them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from devopslint.deferred import cached_property, compiled
from devopslint.kubernetes.kustomize.fields import default_fields
from devopslint.kubernetes.kustomize.resources import Id, Resource, Selector, is_as_written
from devopslint.readers.yaml import Node

BINDINGS = ("ClusterRoleBinding", "RoleBinding")
"""Kinds whose objects name others with the namespaces that these are in."""
_TELLING = frozenset(
    [
        "apiVersion",
        "components",
        "images",
        "kind",
        "labels",
        "metadata",
        "namespace",
        "patches",
        "patchesJson6902",
        "patchesStrategicMerge",
        "replicas",
        "resources",
    ]
)
"""Fields of a kustomization that say which objects they are for, or change only what tells objects apart."""


_PLAIN_IMAGE = compiled(r"[\w./:@-]*")


def tells_what_it_touches(root: Node) -> bool:
    """Whether a kustomization says which objects it changes by more than their metadata."""
    if any(key.text not in _TELLING for key, _ in root.items()):
        return False
    return not any(
        item[field].present for item in root["labels"] for field in ("includeSelectors", "includeTemplates", "fields")
    )


class Base:
    """The objects that overlays are laid over, by what finds them."""

    def __init__(
        self,
        resources: tuple[Resource, ...],
        ids: list[Id],
        identities: frozenset[tuple[str, ...]],
        images_of: Callable[[Resource], frozenset[str] | None],
        stays: Callable[[Node], bool],
    ) -> None:
        self.resources = resources
        self.ids = ids
        self.identities = identities
        self.staying = {
            number: one.origin for number, one in enumerate(resources) if one.origin is not None and stays(one.node)
        }
        """The objects as they are written, by their numbers, less those that are there for other programs only."""
        self.kinds = [one.kind for one in ids]
        self._images_of = images_of
        self._selected: dict[Selector, frozenset[int]] = {}
        self._named: dict[str, list[int]] = {}
        for number, one in enumerate(ids):
            self._named.setdefault(one.name, []).append(number)

    def is_plain(self, following: Collection[str]) -> bool:
        """Whether its objects are as they are written, are called what they were called, and name none that may be moved.

        `following` are the kinds of those that name others with their namespaces, none for whatever kind.
        """
        return (
            len(self.identities) == len(self.resources)
            and "" not in following
            and not any(kind in following for kind in self.kinds)
            and all(one.origin is not None and one == _plain(one) and is_as_written(one) for one in self.resources)
        )

    @cached_property
    def can_move(self) -> bool:
        """Whether another namespace changes nothing but the metadata of its objects."""
        elsewhere = [field for field in default_fields().namespace if field.path != ("metadata", "namespace")]
        return not any(one.kind in BINDINGS or any(field.fits(one) for field in elsewhere) for one in self.ids)

    def named(self, name: str) -> list[int]:
        return self._named.get(name, [])

    def selected(self, selector: Selector) -> frozenset[int]:
        """Those that a target selects, found out once for all overlays that say the same."""
        if selector not in self._selected:
            found = (number for number, one in enumerate(self.resources) if selector.selects(one))
            self._selected[selector] = frozenset(found)
        return self._selected[selector]

    @cached_property
    def _images(self) -> list[tuple[str, int]] | None:
        found = []
        for number, one in enumerate(self.resources):
            images = self._images_of(one)
            if images is None:
                return None
            found += [(image, number) for image in images]
        return found

    @cached_property
    def tags(self) -> frozenset[str]:
        """The versions of images that its objects say, and what else stands behind a colon there."""
        return frozenset(text.rpartition(":")[2] for text, _ in self._images or ())

    def running(self, image: str) -> Iterator[int] | None:
        """Those that say an image of a name; None where that is not known."""
        if self._images is None or not is_plain_image(image):
            return None
        return (number for text, number in self._images if text.startswith(image))


def is_plain_image(name: str) -> bool:
    """Whether an image's name, which is an expression, stands for itself; nobody means any character by its dots."""
    return _PLAIN_IMAGE.fullmatch(name) is not None


def _plain(one: Resource) -> Resource:
    return Resource(one.node, origin=one.origin)
