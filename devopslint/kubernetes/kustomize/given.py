"""Objects that no file holds as they are: what is built, and what the patches in a kustomization say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from devopslint.deferred import cached_property
from devopslint.kubernetes.deliveries import delivery_summaries
from devopslint.kubernetes.load_balancers import balancing_summaries
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.mesh import mesh_summaries
from devopslint.kubernetes.rollouts import rollout_summaries
from devopslint.kubernetes.summaries import summaries_of
from devopslint.kubernetes.workloads import Manifest, manifest_of
from devopslint.readers.watching import PATH, Look
from devopslint.readers.yaml import Node, Source, Stream
from devopslint.readers.yaml_dialects import KUBERNETES


class GivenObjects(Manifests):
    """Objects whose values each stand where they are written."""

    kinds: ClassVar[tuple[str, ...]] = ("manifest", "kustomization")

    def __init__(self, path: str, nodes: list[Node] | Callable[[], list[Node]], looks: set[Look] | None = None) -> None:
        """`nodes` may be read when they are looked at. Who asks for the path is noted in `looks`: others have others."""
        # There are hundreds of these in a run, and no file to ask about.
        self._nodes, self._looks = nodes, looks
        self.path = path
        self.faults, self.not_checked, self.vendored, self.unchecked = [], [], "", False
        self._by_ytt, self._opens, self._processed = False, False, []

    @property
    def path(self) -> str:
        if self._looks is not None:
            self._looks.add(PATH)
        return self._path

    @path.setter
    def path(self, path: str) -> None:
        self._path = path

    def summaries(self) -> Iterator[object]:
        yield from summaries_of(self.objects)
        yield from rollout_summaries(self.objects)
        yield from mesh_summaries(self.objects)
        yield from delivery_summaries(self.objects)
        yield from balancing_summaries(self.objects)

    @cached_property
    def stream(self) -> Stream:  # type: ignore[override]  # hardly anybody asks for the file that there is none of
        return Stream(Source(self._path, "", KUBERNETES), [], [])

    @cached_property
    def objects(self) -> list[Manifest]:
        return [manifest_of(node) for node in (self._nodes() if callable(self._nodes) else self._nodes)]
