"""What delivers to a cluster: Argo CD's and Flux's objects, Argo Rollouts, Flagger, and Istio's routes."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.sync_order import DELETE_POLICY, HOOK, OPTIONS, TEMPLATED, WAVE, listed
from devopslint.kubernetes.workloads import Manifest, application_spec
from devopslint.model import Location
from devopslint.readers.yaml import Node


class Application(NamedTuple):
    """An Argo CD Application, or what an ApplicationSet makes them from."""

    manifest: Manifest
    spec: Node

    @property
    def label(self) -> str:
        return self.manifest.label

    @property
    def location(self) -> Location:
        return self.manifest.location

    @property
    def sources(self) -> list[Node]:
        return [source for source in (self.spec["source"], *self.spec["sources"]) if source.is_mapping]

    def filled_in(self, name: str, setting: Node) -> str:
        """Why a setting is known only when an ApplicationSet makes its Applications; empty where it stands here."""
        if TEMPLATED.search(setting.text):
            return f"'{setting.text}' is filled in later"
        patched = f"{name}:" in self.manifest.spec["templatePatch"].text
        return f"the templatePatch speaks of {name}" if patched else ""


def applications(manifests: Manifests) -> list[Application]:
    """Every Application of Argo CD, and every ApplicationSet's template of one."""
    kinds = ("Application", "ApplicationSet")
    found = [Application(one, application_spec(one)) for kind in kinds for one in _of(manifests, "argoproj.io", kind)]
    return [application for application in found if application.spec.is_mapping]


class SyncAnnotation(NamedTuple):
    """An annotation by which an object tells Argo CD how to apply it."""

    manifest: Manifest
    key: str
    value: Node

    @property
    def label(self) -> str:
        return self.manifest.label

    @property
    def location(self) -> Location:
        return self.value.location

    @property
    def items(self) -> list[str]:
        return listed(self.value)


def sync_annotations(manifests: Manifests) -> list[SyncAnnotation]:
    """Those whose values are known before anything is rendered."""
    return [
        SyncAnnotation(manifest, key, value)
        for manifest in manifests.objects
        if (annotations := manifest.metadata["annotations"]).is_mapping
        for key in (HOOK, WAVE, DELETE_POLICY, OPTIONS)
        if (value := annotations[key]).is_scalar and not TEMPLATED.search(value.text)
    ]


def rollouts(manifests: Manifests) -> list[Manifest]:
    """Every Rollout of Argo."""
    return _of(manifests, "argoproj.io", "Rollout")


def analysis_templates(manifests: Manifests) -> list[Manifest]:
    """Every AnalysisTemplate of Argo, and every ClusterAnalysisTemplate."""
    return [
        one for kind in ("AnalysisTemplate", "ClusterAnalysisTemplate") for one in _of(manifests, "argoproj.io", kind)
    ]


def canaries(manifests: Manifests) -> list[Manifest]:
    """Every Canary of Flagger."""
    return _of(manifests, "flagger.app", "Canary")


def virtual_services(manifests: Manifests) -> list[Manifest]:
    """Every VirtualService of Istio."""
    return _of(manifests, "networking.istio.io", "VirtualService")


def flux_kustomizations(manifests: Manifests) -> list[Manifest]:
    """Every Kustomization that Flux applies."""
    return _of(manifests, "kustomize.toolkit.fluxcd.io", "Kustomization")


def projects(manifests: Manifests) -> list[Manifest]:
    """Every AppProject of Argo CD."""
    return _of(manifests, "argoproj.io", "AppProject")


def helm_releases(manifests: Manifests) -> list[Manifest]:
    """Every HelmRelease of Flux."""
    return _of(manifests, "helm.toolkit.fluxcd.io", "HelmRelease")


def git_repositories(manifests: Manifests) -> list[Manifest]:
    """Every GitRepository of Flux."""
    return _of(manifests, "source.toolkit.fluxcd.io", "GitRepository")


def oci_repositories(manifests: Manifests) -> list[Manifest]:
    """Every OCIRepository of Flux."""
    return _of(manifests, "source.toolkit.fluxcd.io", "OCIRepository")


def _of(manifests: Manifests, group: str, kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests.by_kind.get(kind, ()) if manifest.group == group]
