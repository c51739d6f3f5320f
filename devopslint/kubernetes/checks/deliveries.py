"""Flux and Argo CD: what they wait for and take their objects from is there, and a project allows no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.cluster import Member
from devopslint.kubernetes.deliveries import DeliveryWords
from devopslint.kubernetes.deliveries_in_cluster import MissingFolder, deliveries, missing_folders
from devopslint.kubernetes.flux_versions import Unread, Unserved, old_versions, unread_strategies
from devopslint.kubernetes.gitops import (
    Application,
    applications,
    flux_kustomizations,
    helm_releases,
    projects,
)
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check

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
def missing_folder(missing: MissingFolder) -> Iterator[Problem | NotKnown]:
    path = missing.folder.path
    if missing.changed:
        question = f"whether {missing.label} takes its objects from {path.value}, which the tree does not have"
        yield NotKnown(path.location, question, "a kustomization may name another folder")
        return
    yield Problem(path.location, f"{missing.label} takes its objects from {path.value}, which the tree does not have")


@check("flux-removed-api-version", each=old_versions)
def removed_api_version(unserved: Unserved, *, flux_minor: int) -> Iterator[Problem]:
    old, pinned = unserved
    if (pinned.minor if pinned is not None else flux_minor) >= old.gone:
        since = f"2.{old.gone}" if old.gone else "2"
        yield Problem(old.location, f"{old.api_version} {old.kind} is gone since Flux {since}")


@check("flux-unread-strategy", each=unread_strategies)
def unread_strategy(unread: Unread) -> Iterator[Problem]:
    strategy, pinned = unread
    yield Problem(
        strategy.location,
        f"{strategy.label} names strategy {strategy.name}, which Flux {pinned.words} does not know",
        (Related(pinned.location, "this Flux is installed"),),
    )


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
