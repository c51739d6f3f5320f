"""Kubernetes objects held against the schema of the cluster's version."""

from __future__ import annotations

from devopslint.deferred import dataclass, field
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.schema import Lacking, Unknown, Violation, WrongType, schema_of
from devopslint.kubernetes.workloads import Manifest, minor_version
from devopslint.model import Location

__all__ = ["Lacking", "TypedObject", "Unknown", "WrongType", "typed_objects"]


@dataclass(frozen=True)
class TypedObject:
    """An object that Kubernetes may have a schema for."""

    manifest: Manifest
    _found: dict[str, list[Violation]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return self.manifest.label

    @property
    def location(self) -> Location:
        return self.manifest.location

    def violations(self, kubernetes_version: str) -> list[Violation]:
        """What the API server of this version objects to."""
        if kubernetes_version not in self._found:
            schema = schema_of(minor_version(kubernetes_version))
            found = [] if schema is None else list(schema.violations(self.manifest.node))
            self._found[kubernetes_version] = found
        return self._found[kubernetes_version]


def typed_objects(manifests: Manifests) -> list[TypedObject]:
    """Every object."""
    return [TypedObject(manifest) for manifest in manifests.objects]
