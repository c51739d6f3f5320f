"""What the patches of a build take out of it, as far as nothing puts it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from devopslint.kubernetes.kustomize import Kustomizations, Overlay
from devopslint.kubernetes.summaries import Deletion, ObjectSummary, summaries_of
from devopslint.kubernetes.workloads import Workload, manifest_of
from devopslint.model import Location

if TYPE_CHECKING:
    from devopslint.kubernetes.kustomize.building import Built  # which reads trees: most runs have no builds
    from devopslint.kubernetes.kustomize.resources import Resource


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
        named = tuple(place for other in built.resources for place in _named_in(other, names))
        yield Deletion(by.location, label, names, manifest.labels, dict(pods), built.files, named)


def _named_in(other: Resource, names: frozenset[tuple[str, str]]) -> Iterator[tuple[str, Location]]:
    """Where an object names one of these by its kind: a route its Gateway, an ExternalSecret its store."""
    for node in other.node["spec"].walk():
        if node.is_mapping and node.key is not None and node.key.text in ("secretStoreRef", "issuerRef"):
            kind = node["kind"].text or ("SecretStore" if node.key.text == "secretStoreRef" else "Issuer")
            if (kind, node["name"].text) in names:
                yield f"{other.kind}/{other.name}", node["name"].location
    for parent in other.node["spec"]["parentRefs"]:
        if (parent["kind"].text or "Gateway", parent["name"].text) in names:
            yield f"{other.kind}/{other.name}", parent["name"].location


def _is_beside(kustomizations: Kustomizations, overlay: Overlay, other: Overlay) -> bool:
    """Whether two builds may go into one namespace: what both have of one base goes by other names in each."""
    if other.component or any(part.path == other.path for part in kustomizations.parts(overlay)):
        return False
    return kustomizations.added(overlay) != kustomizations.added(other)
