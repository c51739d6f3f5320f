"""Flux and Argo CD: what they wait for and take their objects from is there, and a project allows no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devopslint.kubernetes.cluster import Member
from devopslint.kubernetes.deliveries import DeliveryWords
from devopslint.kubernetes.deliveries_in_cluster import (
    Forbidden,
    LateNeed,
    MissingFolder,
    UnseenSize,
    deliveries,
    forbidden_applications,
    late_needs,
    missing_folders,
    unseen_sizes,
)
from devopslint.kubernetes.flux_versions import Unread, Unserved, old_versions, unread_strategies
from devopslint.kubernetes.gitops import (
    Application,
    SyncAnnotation,
    applications,
    flux_kustomizations,
    helm_releases,
    projects,
    sync_annotations,
)
from devopslint.kubernetes.sync_order import (
    DELETE_POLICIES,
    DELETE_POLICY,
    HOOK,
    OPTIONS,
    OUTSIDE,
    PHASES,
    TEMPLATED,
    WAVE,
    is_wave,
)
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_WHOLE = frozenset({"/", "/spec", "/spec/template", "/spec/template/spec", "/data"})
_REPLICAS = "/spec/replicas"


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
    if missing.folder.makes:
        what = f"{missing.label} makes an Application of each {path.value}, and the tree has none"
    else:
        what = f"{missing.label} takes its objects from {path.value}, which the tree does not have"
    if missing.changed:
        yield NotKnown(path.location, f"whether {what}", "a kustomization may name another folder")
        return
    # A pattern may wait for the first file that somebody adds.
    others = tuple(Related(one, "looks for the same") for one in missing.others)
    yield Problem(path.location, what, others, certain=not missing.folder.makes)


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


@check("argo-forbidden-application", each=forbidden_applications)
def forbidden_application(forbidden: Forbidden) -> Iterator[Problem]:
    message = f"{forbidden.label} {forbidden.what}, which {forbidden.project.label} does not allow"
    project = Related(forbidden.project.location, forbidden.project.label)
    yield Problem(forbidden.location, message, (project, *forbidden.others))


@check("argo-ignored-difference", each=applications)
def ignored_difference(application: Application) -> Iterator[Problem]:
    for ignored in application.spec["ignoreDifferences"]:
        for pointer, at in _pointers(ignored) if not ignored["name"].text else ():
            if pointer in _WHOLE:
                message = f"{application.label} does not see changes of {pointer} of any {ignored['kind'].text}"
                yield Problem(at, message)


@check("argo-unseen-size", each=unseen_sizes, complete=True)
def unseen_size(size: UnseenSize) -> Iterator[Problem]:
    yield Problem(
        size.location,
        f"{size.label} does not see how many pods a {size.kind.value} has, and nothing scales {size.workload.label}",
        (Related(size.workload.location, size.workload.label),),
    )


def _pointers(ignored: Node) -> Iterator[tuple[str, Location]]:
    """What is ignored, and where that is said; a plain path of jq is the pointer that it means."""
    yield from ((pointer.text, pointer.location) for pointer in ignored["jsonPointers"].strings())
    for expression in ignored["jqPathExpressions"].strings():
        yield expression.text.strip().replace(".", "/"), expression.location


@check("argo-unrespected-difference", each=applications)
def unrespected_difference(application: Application) -> Iterator[Problem]:
    policy = application.spec["syncPolicy"]
    options = {option.text for option in policy["syncOptions"].strings()}
    if "RespectIgnoreDifferences=true" in options or not policy["automated"].present:
        return
    for ignored in application.spec["ignoreDifferences"]:
        for pointer, at in _pointers(ignored):
            if pointer == _REPLICAS:
                message = f"{application.label} ignores {pointer}, and sets it back whenever it syncs something else"
                yield Problem(at, message)


_BOOLEANS = ("true", "false")
_OF_OBJECTS = {
    "ApplyOutOfSyncOnly": _BOOLEANS,
    "ClientSideApplyMigration": _BOOLEANS,
    "Delete": ("true", "false", "confirm"),
    "Force": _BOOLEANS,
    "Prune": ("true", "false", "confirm"),
    "PruneLast": _BOOLEANS,
    "Replace": _BOOLEANS,
    "ServerSideApply": _BOOLEANS,
    "SkipDryRunOnMissingResource": _BOOLEANS,
    "Validate": _BOOLEANS,
}
"""The options of syncs that an object may have, and those that a whole Application may have; as in Argo CD 3.6."""
_OF_APPLICATIONS = _OF_OBJECTS | {
    "CreateNamespace": _BOOLEANS,
    "FailOnSharedResource": _BOOLEANS,
    "PrunePropagationPolicy": ("background", "foreground", "orphan"),
    "RespectIgnoreDifferences": _BOOLEANS,
}


@check("argo-unknown-hook", each=sync_annotations)
def unknown_hook(annotation: SyncAnnotation) -> Iterator[Problem]:
    if annotation.key != HOOK or any(name in PHASES or name in OUTSIDE for name in annotation.items):
        return
    if not any(key.startswith("helm.sh/hook") for key in annotation.manifest.annotations):
        what = f"'{annotation.value.text}' is no hook of Argo CD"
        yield Problem(annotation.location, f"{annotation.label} is never applied: {what}")


@check("argo-unread-annotation", each=sync_annotations)
def unread_annotation(annotation: SyncAnnotation) -> Iterator[Problem]:
    label, text = annotation.label, annotation.value.text
    if annotation.key == WAVE and not is_wave(text):
        yield Problem(annotation.location, f"{label} is in wave 0: Argo CD reads no number in '{text}'")
    known = PHASES.keys() | OUTSIDE if annotation.key == HOOK else DELETE_POLICIES
    if annotation.key in (HOOK, DELETE_POLICY):
        unread = [name for name in annotation.items if name not in known]
        if unread and (annotation.key == DELETE_POLICY or len(unread) < len(annotation.items)):
            kind = "hook" if annotation.key == HOOK else "policy of deleting hooks"
            yield Problem(annotation.location, f"{label} names '{unread[0]}', which is no {kind} of Argo CD")
    if annotation.key == OPTIONS:
        for option in annotation.items:
            if fault := _option_fault(option, _OF_OBJECTS):
                yield Problem(annotation.location, f"{label} has option '{option}', which Argo CD passes over: {fault}")


@check("argo-unread-annotation", each=applications)
def unread_option(application: Application) -> Iterator[Problem]:
    for option in application.spec["syncPolicy"]["syncOptions"].strings():
        if not TEMPLATED.search(option.text) and (fault := _option_fault(option.text, _OF_APPLICATIONS)):
            message = f"{application.label} has option '{option.text}', which Argo CD passes over: {fault}"
            yield Problem(option.location, message)


def _option_fault(option: str, known: Mapping[str, tuple[str, ...]]) -> str:
    """Why an option is not read: case and blanks count."""
    key, _, value = option.partition("=")
    if value in known.get(key, ()):
        return ""
    meant = next((one for one in known if one.lower() == key.strip().lower()), None)
    if meant is not None:
        return f"it wants {meant}={'|'.join(known[meant])}"
    return f"only an Application has {key}" if key in _OF_APPLICATIONS else ""


@check("argo-late-need", each=late_needs)
def late_need(late: LateNeed) -> Iterator[Problem]:
    after = f", which is applied {late.words.value}" if late.words.value else ", which comes after it"
    message = f"{late.label} ({late.own_words}) needs {late.needed.kind} '{late.needed.name}'{after}"
    yield Problem(late.location, message, (Related(late.words.location, late.needed.label),))
