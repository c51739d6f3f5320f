"""What the patches of a build take out of it, as far as nothing puts it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.kustomize import Kustomizations, Overlay
from devopslint.kubernetes.summaries import ObjectSummary, summaries_of
from devopslint.kubernetes.workloads import Workload, manifest_of
from devopslint.model import Location

if TYPE_CHECKING:
    from devopslint.kubernetes.kustomize.building import Built  # which reads trees: most runs have no builds


class Deletion(NamedTuple):
    """A summary: an object that a patch takes out of a build."""

    location: Location
    """Of the patch."""
    label: str
    names: frozenset[tuple[str, str]]
    """(kind, name) of the object, and of what a controller makes of it. The name is that in its file: kustomize leaves a
    reference to what is gone as it is written."""
    labels: Mapping[str, str]
    pod_labels: Mapping[str, str]
    files: frozenset[str]
    """Those that go into the build."""


def deletions(kustomizations: Kustomizations, overlay: Overlay, built: Built) -> Iterator[Deletion]:
    """The objects that the build leaves out, but for those that another build may put beside it."""
    for one in built.deleted:
        resource, by = one
        path = resource.origin.source.path if resource.origin is not None else ""
        if not path or any(_is_beside(kustomizations, overlay, other) for other in kustomizations.users.get(path, ())):
            continue
        manifest = manifest_of(resource.node)
        pods = manifest.pod_labels if isinstance(manifest, Workload) else {}
        said = (summary for summary in summaries_of([manifest]) if isinstance(summary, ObjectSummary))
        first = resource.first_id.name
        names = frozenset((s.kind, first if s.name == resource.name else s.name) for s in said)
        label = f"{resource.kind}/{first}"
        yield Deletion(by.location, label, names, manifest.labels, dict(pods), built.files)


def _is_beside(kustomizations: Kustomizations, overlay: Overlay, other: Overlay) -> bool:
    """Whether two builds may go into one namespace: what both have of one base goes by other names in each."""
    if other.component or any(part.path == other.path for part in kustomizations.parts(overlay)):
        return False
    return _added(kustomizations, overlay) != _added(kustomizations, other)


def _added(kustomizations: Kustomizations, overlay: Overlay) -> frozenset[tuple[str, str]]:
    """What a build puts around names."""
    parts = kustomizations.parts(overlay)
    return frozenset((part.prefix, part.suffix) for part in parts if part.prefix or part.suffix)
