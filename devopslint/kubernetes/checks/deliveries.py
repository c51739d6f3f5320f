"""Flux and Argo CD: what they wait for and take their objects from is there, and a project allows no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.cluster import Member
from devopslint.kubernetes.deliveries import DeliveryWords
from devopslint.kubernetes.deliveries_in_cluster import MissingFolder, deliveries, missing_folders
from devopslint.kubernetes.gitops import (
    Application,
    applications,
    flux_kustomizations,
    flux_objects,
    helm_releases,
    projects,
)
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem
from devopslint.registry import check

_GONE = {"v1alpha1": 0, "v1beta1": 7, "v2beta1": 7, "v1beta2": 8, "v2beta2": 8}
"""The minor of Flux 2 from which on a version of these groups is not served."""
_GONE_GROUPS = ("helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io")
_WHOLE = frozenset({"/", "/spec", "/spec/template", "/spec/template/spec", "/data"})


@check("flux-dangling-dependency", each=deliveries, complete=True)
def dangling_dependency(delivery: Member[DeliveryWords], *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for named in delivery.own.waits_for:
        if absence := delivery.lacks(named.kind, named.name.value, assume_exists, named.namespace or None):
            message = f"{delivery.label} waits for {named.kind} '{named.name.value}', which is nowhere"
            yield absence.at(named.name.location, message)


@check("flux-missing-chart-source", each=deliveries, complete=True)
def missing_chart_source(delivery: Member[DeliveryWords], *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    source = delivery.own.source
    if source is None or not delivery.cluster.has_kind(source.kind):
        return
    if absence := delivery.lacks(source.kind, source.name.value, assume_exists, source.namespace or None):
        message = f"{delivery.label} takes its chart from {source.kind} '{source.name.value}', which is nowhere"
        yield absence.at(source.name.location, message)


@check("flux-missing-folder", each=missing_folders, complete=True)
def missing_folder(missing: MissingFolder) -> Iterator[Problem]:
    path = missing.folder.path
    yield Problem(path.location, f"{missing.label} takes its objects from {path.value}, which the tree does not have")


@check("flux-removed-api-version", each=flux_objects)
def removed_api_version(manifest: Manifest, *, flux_minor: int) -> Iterator[Problem]:
    version = manifest.api_version.rpartition("/")[2]
    gone = _GONE.get(version) if manifest.group in _GONE_GROUPS else None
    if gone is not None and flux_minor >= gone:
        message = f"{manifest.api_version} {manifest.kind} is gone since Flux 2.{gone}"
        if gone == 0:
            message = f"{manifest.api_version} {manifest.kind} is gone since Flux 2"
        yield Problem(manifest.node["apiVersion"].location, message)


@check("flux-suspended", each=(flux_kustomizations, helm_releases))
def suspended(manifest: Manifest) -> Iterator[Problem]:
    suspend = manifest.spec["suspend"]
    if suspend.value is True:
        yield Problem(suspend.location, f"{manifest.label} is suspended: what Git says of it is not applied")


@check("flux-unlimited-install", each=helm_releases)
def unlimited_install(release: Manifest) -> Iterator[Problem]:
    retries = release.spec["install"]["remediation"]["retries"]
    named = release.spec["install"]["strategy"]["name"]
    if (not retries.present or retries.text == "0") and named.text in ("", "RemediateOnFailure"):
        message = f"{release.label} does not try a failed installation again: no install.remediation.retries"
        yield Problem(retries.location, message)


@check("argo-open-project", each=projects)
def open_project(project: Manifest) -> Iterator[Problem]:
    spec = project.spec
    for repository in spec["sourceRepos"].strings():
        if repository.text == "*":
            yield Problem(repository.location, f"{project.label} takes objects from every repository")
    for destination in spec["destinations"]:
        place = destination["namespace"]
        if place.text == "*" and (destination["server"].text or destination["name"].text) == "*":
            yield Problem(place.location, f"{project.label} puts objects into every namespace of every cluster")
    for allowed in spec["clusterResourceWhitelist"]:
        if allowed["group"].text == "*" and allowed["kind"].text == "*":
            yield Problem(allowed["kind"].location, f"{project.label} may change everything that is in no namespace")


@check("argo-default-project", each=applications)
def default_project(application: Application) -> Iterator[Problem]:
    project = application.spec["project"]
    if project.text == "default":
        yield Problem(project.location, f"{application.label} is in project default, which restricts nothing")


@check("argo-missing-project", each=deliveries, complete=True)
def missing_project(delivery: Member[DeliveryWords], *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    project = delivery.own.project
    if project.value in ("", "default") or not delivery.cluster.has_kind("AppProject"):
        return
    if absence := delivery.lacks("AppProject", project.value, assume_exists):
        yield absence.at(project.location, f"{delivery.label} is in AppProject '{project.value}', which is nowhere")


@check("argo-ignored-difference", each=applications)
def ignored_difference(application: Application) -> Iterator[Problem]:
    for ignored in application.spec["ignoreDifferences"]:
        for pointer in ignored["jsonPointers"].strings():
            if pointer.text in _WHOLE:
                message = f"{application.label} does not see changes of {pointer.text} of any {ignored['kind'].text}"
                yield Problem(pointer.location, message)


@check("argo-unrespected-difference", each=applications)
def unrespected_difference(application: Application) -> Iterator[Problem]:
    policy = application.spec["syncPolicy"]
    options = {option.text.replace(" ", "") for option in policy["syncOptions"].strings()}
    if "RespectIgnoreDifferences=true" in options or not policy["automated"].present:
        return
    for ignored in application.spec["ignoreDifferences"]:
        for pointer in ignored["jsonPointers"].strings():
            if pointer.text == "/spec/replicas":
                message = (
                    f"{application.label} ignores /spec/replicas, and sets it back whenever it syncs something else"
                )
                yield Problem(pointer.location, message)
