"""The API versions that Kubernetes has taken back, and what took their place."""

from __future__ import annotations

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts import table
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location


class Retirement(NamedTuple):
    """The end of an API version, in minors of Kubernetes 1."""

    successor: str
    """The API version, or the other kind, to use; empty where there is none."""
    since: int
    """The first version that calls it deprecated, and has the successor."""
    removed: int | None
    """The first version that does not serve it; None where none is announced."""


_ANY = "*"
"""Every other kind of an API version that is gone as a whole."""

_RELEASED = compiled(
    r"(?:^|/)(?:olm[\w-]*|csv|bundles?|operatorhub|[\w-]*-?catalogs?)/(?:[^/]+/)*v?\d+\.\d+\.\d+[\w.-]*/"
)
"""What was released in a version of its own: it is for the clusters of its day, and is changed no more."""


class RetiredObject(NamedTuple):
    """An object in an API version that has an end."""

    manifest: Manifest
    retirement: Retirement

    @property
    def label(self) -> str:
        return self.manifest.label

    @property
    def location(self) -> Location:
        return self.manifest.node["apiVersion"].location

    @property
    def name(self) -> str:
        return f"{self.manifest.api_version} {self.manifest.kind}"

    @property
    def advice(self) -> str:
        """What to do; what there is to say where nothing is to be done."""
        return f"use {self.retirement.successor}" if self.retirement.successor else "nothing took its place"


def retired_objects(manifests: Manifests) -> list[RetiredObject]:
    """Every object whose API version is deprecated in some version of Kubernetes, or gone from it."""
    found = []
    for manifest in manifests.objects:
        kinds = table("kubernetes_versions")["retirements"].get(manifest.api_version, {})
        row = kinds.get(manifest.kind) or kinds.get(_ANY)
        if row is not None:
            found.append(RetiredObject(manifest, Retirement(*row)))
    return found if found and _RELEASED.search(manifests.path) is None else []
