"""What the views have in common that see monitoring in a file of manifests."""

from __future__ import annotations

from typing import Self

from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Fault, FileView, NotChecked


class SeenInManifests(FileView):
    """The objects of one file of manifests, as another domain sees them."""

    def __init__(self, manifests: Manifests) -> None:
        self.manifests = manifests
        self.faults: list[Fault] = []
        self.not_checked: list[NotChecked] = []

    @classmethod
    def over(cls, view: FileView) -> Self:
        assert isinstance(view, Manifests)
        return cls(view)

    def extent(self, line: int) -> tuple[int, int]:
        return self.manifests.extent(line)

    @property
    def objects(self) -> list[Manifest]:
        return self.manifests.objects
