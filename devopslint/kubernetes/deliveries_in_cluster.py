"""Flux's and Argo CD's objects among those of the tree that they deliver, and in which order these are applied."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.argo_projects import (
    ApplicationWords,
    ProjectWords,
    ScopedRepository,
    allows_destination,
    allows_repository,
)
from devopslint.kubernetes.cluster import Cluster, Member, cluster_workloads
from devopslint.kubernetes.deliveries import DeliveryWords, Folder, Tree, own_repositories
from devopslint.kubernetes.rollouts import CanarySummary, RolloutSummary
from devopslint.kubernetes.summaries import ObjectSummary, Placed, WorkloadSummary
from devopslint.kubernetes.sync_order import HOOK, WAVE, SyncOrder
from devopslint.model import Location, Related


class MissingFolder(NamedTuple):
    """A folder of this repository that something delivers, and that is not there."""

    delivery: DeliveryWords
    folder: Folder
    changed: bool
    """Whether a kustomization may have it take another folder."""
    others: tuple[Location, ...] = ()
    """Where else the same pattern stands, for which an Application is made each."""

    @property
    def label(self) -> str:
        return self.delivery.label

    @property
    def location(self) -> Location:
        return self.folder.path.location


def deliveries(cluster: Cluster) -> list[Member[DeliveryWords]]:
    return [Member(one, cluster) for one in cluster.others(DeliveryWords) if not cluster.is_partial(one)]


def missing_folders(cluster: Cluster) -> list[MissingFolder]:
    """Every folder that is delivered from this repository, as the other folders tell, and that it lacks."""
    pairs = [(one.own, folder) for one in deliveries(cluster) for folder in one.own.folders]
    if not pairs:
        return []
    tree = Tree(cluster.folders, cluster.files)
    own = own_repositories((folder for _, folder in pairs), tree)
    missing = [
        MissingFolder(delivery, folder, cluster.is_changed(delivery, "generators" if folder.makes else "path"))
        for delivery, folder in pairs
        if folder.repository in own and tree.found(folder) == []
    ]
    return [one for one in missing if not one.folder.makes] + _once([one for one in missing if one.folder.makes])


def _once(missing: list[MissingFolder]) -> list[MissingFolder]:
    """Of several that look for the same the first, with the places of the others."""
    same: dict[tuple[str, str], list[MissingFolder]] = defaultdict(list)
    for one in sorted(missing, key=lambda one: (one.location.path, one.location.line)):
        same[one.folder.repository, one.folder.path.value].append(one)
    return [first._replace(others=tuple(one.location for one in others)) for first, *others in same.values()]


class UnseenSize(NamedTuple):
    """A number of pods that an Application does not see, and that nothing in the tree sets either."""

    delivery: DeliveryWords
    kind: Placed[str]
    workload: WorkloadSummary

    @property
    def label(self) -> str:
        return self.delivery.label

    @property
    def location(self) -> Location:
        return self.kind.location


def unseen_sizes(cluster: Cluster) -> list[UnseenSize]:
    """Every kind of workload whose number of pods an Application ignores, though nothing scales what it delivers."""
    ignoring = [one.own for one in deliveries(cluster) if one.own.unseen_sizes]
    if not ignoring or cluster.openings.may_bring("HorizontalPodAutoscaler") is not None:
        return []
    if cluster.others(CanarySummary) or any(one.owner for one in cluster.others(RolloutSummary)):
        return []  # they set the pods of what they take over
    tree = Tree(cluster.folders, cluster.files)
    own = own_repositories((folder for one in deliveries(cluster) for folder in one.own.folders), tree)
    found: list[UnseenSize] = []
    for delivery in ignoring:
        if len(delivery.folders) != delivery.sources or any(one.repository not in own for one in delivery.folders):
            continue
        files = {path for folder in delivery.folders for path in _delivered(cluster, tree.found(folder) or ())}
        workloads = [one for one in cluster_workloads(cluster) if one.own.location.path in files]
        if not any(one.autoscalers or one.resizers for one in workloads):
            for kind in delivery.unseen_sizes:
                fixed = [one.own for one in workloads if one.own.kind == kind.value]
                found += [UnseenSize(delivery, kind, one) for one in fixed[:1]]
    return found


def _delivered(cluster: Cluster, folders: Iterable[str]) -> Iterator[str]:
    """The files of the objects that are applied from these folders."""
    for folder in folders:
        overlay = cluster.kustomizations.by_folder.get(folder)
        if overlay is not None:
            yield from cluster.kustomizations.resources_of(overlay)
        else:
            yield from (path for path in cluster.files if posixpath.dirname(path) == folder)


_AWAITED = frozenset({"DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "Rollout", "StatefulSet"})
"""Kinds of workload that a sync waits for: a CronJob is healthy before it has run."""
_IN_ITS_TURN = (0, 0)


class LateNeed(NamedTuple):
    """What a workload needs to start, and what is applied only after a sync, or a release, has waited for it."""

    workload: WorkloadSummary
    own_words: str
    needed: ObjectSummary
    words: Placed[str]
    location: Location

    @property
    def label(self) -> str:
        return self.workload.label


def late_needs(cluster: Cluster) -> list[LateNeed]:
    """Every ConfigMap, Secret and ServiceAccount that comes after the workload that needs it, the first use of each."""
    orders = {one.location: one for one in cluster.others(SyncOrder)}
    if not orders:
        return []
    by = {one.own.kind for one in deliveries(cluster)}
    if "Kustomization" in by and by.isdisjoint(("Application", "ApplicationSet")):
        return []  # Flux reads nobody's hooks and waves: it applies all at once
    found: list[LateNeed] = []
    for workload in cluster_workloads(cluster):
        own = workload.own
        if own.kind in _AWAITED and (step := _step_of(cluster, orders, own)) is not None:
            found += _needed_after(cluster, orders, own, step)
    return found


def _needed_after(
    cluster: Cluster, orders: dict[Location, SyncOrder], own: WorkloadSummary, step: tuple[int, int]
) -> Iterator[LateNeed]:
    needs = {(one.kind, one.name): one.location for one in reversed(own.references)}
    if own.account.value not in ("", "default"):
        needs["ServiceAccount", own.account.value] = own.account.location
    for (kind, name), location in needs.items():
        found = cluster.anywhere(kind, name, own.namespace)
        steps = [_step_of(cluster, orders, one) if cluster.in_one_world(one, own) else None for one in found]
        if found and all(one is not None and one > step for one in steps):
            words = orders[own.location].words.value if own.location in orders else "with all others"
            late = orders.get(found[0].location)
            yield LateNeed(own, words, found[0], late.words if late else Placed("", found[0].location), location)


def _step_of(cluster: Cluster, orders: dict[Location, SyncOrder], one: ObjectSummary) -> tuple[int, int] | None:
    """When an object is applied; None where that is not known, or never."""
    users = cluster.kustomizations.users.get(one.location.path, ())
    if cluster.is_changed(one, "annotations") or any(not {HOOK, WAVE}.isdisjoint(user.everywhere) for user in users):
        return None
    order = orders.get(one.location)
    return _IN_ITS_TURN if order is None else order.step


class Forbidden(NamedTuple):
    """What an Application asks for, and what its project does not allow it."""

    application: ApplicationWords
    project: ProjectWords
    what: str
    location: Location
    others: tuple[Related, ...] = ()
    """Who asks for it, too."""

    @property
    def label(self) -> str:
        return self.application.label


def forbidden_applications(cluster: Cluster) -> Iterator[Forbidden]:
    """Every source and destination that the one AppProject of that name in the tree does not allow, once."""
    asked: dict[tuple[int, str], list[Forbidden]] = {}
    for one in _forbidden(cluster):
        asked.setdefault((id(one.project), one.what), []).append(one)
    for first, *others in asked.values():
        told = (Related(one.location, f"{one.label} {one.what}, too") for one in others[:_MOST_OTHERS])
        yield first._replace(others=tuple(told))


_MOST_OTHERS = 20


def _forbidden(cluster: Cluster) -> list[Forbidden]:
    found: list[Forbidden] = []
    scoped = cluster.others(ScopedRepository)
    for one in cluster.others(ApplicationWords):
        projects = cluster.others_named(ProjectWords, one.project)
        if len(projects) != 1 or any(
            cluster.is_partial(each) or cluster.is_changed(each, "spec") for each in (one, *projects)
        ):
            continue
        project = projects[0]
        # A project whose labels the setting globalProjects selects allows what another allows, too.
        allowing = cluster.others(ProjectWords) if project.labels else projects
        for repository in one.repositories:
            if not any(allows_repository(each, repository.value, scoped) for each in allowing):
                found.append(Forbidden(one, project, f"takes objects from {repository.value}", repository.location))
        wanted = one.destination
        if wanted is not None and not any(allows_destination(each, wanted) for each in allowing):
            namespace = wanted.namespace or "(none)"
            cluster_words = wanted.name or wanted.server
            what = f"puts objects into namespace {namespace} of {cluster_words}"
            found.append(Forbidden(one, project, what, wanted.location))
    return found
