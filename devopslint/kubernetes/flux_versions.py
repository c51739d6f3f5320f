"""Which Flux a tree installs, and what its objects ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple, compiled
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location, ProjectView, Summaries
from devopslint.readers.yaml import Node

_VERSION = compiled(r"v?(?P<major>[0-9]+)\.(?P<minor>[0-9]+)(?:\.|\Z|-)")
_INSTALLED = compiled(r"\bfluxcd/flux2(?:\.git)?(?://?[\w./-]*)?\?(?:[\w=&]*&)?(?:ref|version)=(?P<version>v?[0-9.]+)")
_SOURCE = compiled(r"\bfluxcd/(?:flux2(?:\.git)?/?|flux-manifests)\Z")

GONE = {"v1alpha1": 0, "v1beta1": 7, "v2beta1": 7, "v1beta2": 8, "v2beta2": 8}
"""The minor of Flux 2 from which on a version of these groups is not served."""
_GONE_GROUPS = ("helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io")
_NOTIFICATIONS = "notification.toolkit.fluxcd.io"
"""Of which later versions are still served."""
STRATEGIES_SINCE = 7
"""The minor from which on a HelmRelease may say by a strategy what follows a failure."""


class FluxVersion(NamedTuple):
    """Summary: a place that says which Flux is installed."""

    minor: int
    """Of Flux 2; -1 for what came before."""
    words: str
    location: Location


class OldVersion(NamedTuple):
    """Summary: an object of Flux in a version that some Flux no longer serves."""

    label: str
    kind: str
    api_version: str
    gone: int
    location: Location


class NamedStrategy(NamedTuple):
    """Summary: what a HelmRelease says of failures, in a way that older versions of Flux do not read."""

    label: str
    name: str
    location: Location


def flux_versions(manifest: Manifest) -> Iterator[object]:
    """What an object says of the Flux that is installed, and asks of it."""
    labels = manifest.metadata["labels"]
    if labels["app.kubernetes.io/part-of"].text == "flux":
        yield from _pinned(labels["app.kubernetes.io/version"])
    if not manifest.group.endswith(".fluxcd.io") and manifest.group != "fluxcd.controlplane.io":
        return
    spec = manifest.spec
    if manifest.kind == "FluxInstance":
        yield from _pinned(spec["distribution"]["version"])
    elif manifest.kind in ("GitRepository", "OCIRepository") and _SOURCE.search(spec["url"].text):
        yield from _pinned(spec["ref"]["tag"] if spec["ref"]["tag"].present else spec["ref"]["semver"])
    version = manifest.api_version.rpartition("/")[2]
    gone = manifest.group in _GONE_GROUPS or (manifest.group == _NOTIFICATIONS and version in ("v1alpha1", "v1beta1"))
    if gone and version in GONE:
        at = manifest.node["apiVersion"].location
        yield OldVersion(manifest.label, manifest.kind, manifest.api_version, GONE[version], at)
    if manifest.kind == "HelmRelease":
        for action in ("install", "upgrade"):
            name = spec[action]["strategy"]["name"]
            if name.text:
                yield NamedStrategy(manifest.label, name.text, name.location)


def version_of_entry(node: Node) -> Iterator[FluxVersion]:
    """The Flux that a kustomization builds with: `github.com/fluxcd/flux2/manifests/install?ref=v2.6.4`."""
    found = _INSTALLED.search(node.text)
    if found is not None:
        yield from _version(found["version"], node.location)


def _pinned(node: Node) -> Iterator[FluxVersion]:
    yield from _version(node.text, node.location)


def _version(text: str, at: Location) -> Iterator[FluxVersion]:
    found = _VERSION.match(text)
    if found is not None:
        yield FluxVersion(int(found["minor"]) if found["major"] == "2" else -1, text, at)


class FluxInTree(ProjectView):
    """Flux's objects beside the Flux that the tree installs."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("manifest",)

    def __init__(self, summaries: Summaries) -> None:
        self.old = summaries.of(OldVersion)
        self.strategies = summaries.of(NamedStrategy)
        self.oldest = min(summaries.of(FluxVersion), default=None)
        """Of several clusters the one that understands the least; None where nothing says what is installed."""

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)


class Unserved(NamedTuple):
    """An object of an old version, and the Flux that is to serve it."""

    object: OldVersion
    pinned: FluxVersion | None

    @property
    def label(self) -> str:
        return self.object.label

    @property
    def location(self) -> Location:
        return self.object.location


class Unread(NamedTuple):
    """A strategy that the Flux of the tree does not read."""

    strategy: NamedStrategy
    pinned: FluxVersion

    @property
    def label(self) -> str:
        return self.strategy.label

    @property
    def location(self) -> Location:
        return self.strategy.location


def old_versions(flux: FluxInTree) -> list[Unserved]:
    return [Unserved(one, flux.oldest) for one in flux.old]


def unread_strategies(flux: FluxInTree) -> list[Unread]:
    if flux.oldest is None or flux.oldest.minor >= STRATEGIES_SINCE:
        return []
    return [Unread(one, flux.oldest) for one in flux.strategies]
