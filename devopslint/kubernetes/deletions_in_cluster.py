"""What a build takes out, or leaves out, and what in the same build holds on to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.cluster import Cluster, Member
from devopslint.kubernetes.kustomize import Entry, Kustomizations, Overlay
from devopslint.kubernetes.rollouts import CanarySummary, RolloutSummary
from devopslint.kubernetes.summaries import (
    AutoscalerSummary,
    BindingSummary,
    BudgetSummary,
    Deletion,
    IngressSummary,
    MonitorSummary,
    ObjectSummary,
    ResizerSummary,
    RouteSummary,
    ServiceSummary,
    VirtualServiceSummary,
    WorkloadSummary,
)
from devopslint.model import Location

S = TypeVar("S", bound=ObjectSummary)
_Named = tuple[str, str, str, Location]
"""The kind, the name and the namespace that an object asks for, and where it does."""


class Need(NamedTuple):
    """An object that still holds on to what is gone."""

    label: str
    location: Location


class ClusterDeletion(NamedTuple):
    deletion: Deletion
    cluster: Cluster

    @property
    def label(self) -> str:
        return self.deletion.label

    @property
    def location(self) -> Location:
        return self.deletion.location

    @property
    def is_made_beside(self) -> bool:
        """Whether somebody mostly makes it by hand, or with the cluster, where it is taken out of a build."""
        return any(kind in ("Secret", "ServiceAccount") for kind, _ in self.deletion.names)

    def needs(self, assume_exists: list[str]) -> list[Need]:
        """Those that name it, and then those that select its pods or its labels, where nothing may stand in for it."""
        naming = (
            need
            for one, named in _naming(self.cluster, self._is_mine)
            if (need := self._named(one, named, assume_exists))
        )
        others = (Need(label, at) for label, at in self.deletion.named if self._is_gone(label, at, assume_exists))
        found = dict.fromkeys((*naming, *others, *self._selecting(assume_exists)))
        return list({need.label: need for need in reversed(found)}.values())[::-1]

    def _named(self, one: ObjectSummary, named: _Named, assume_exists: list[str]) -> Need | None:
        kind, name, namespace, at = named
        if (kind, name) not in self.deletion.names:
            return None
        absence = Member(one, self.cluster).lacks(kind, name, assume_exists, namespace or one.namespace)
        return Need(one.label, at) if absence is not None and absence.unknown is None else None

    def _is_gone(self, label: str, at: Location, assume_exists: list[str]) -> bool:
        """Whether nothing may stand in for what an object of this label names at a place."""
        kind, _, name = label.partition("/")
        one = next(filter(self._is_mine, self.cluster.anywhere(kind, name, "")), None)
        if one is None:
            return False
        absences = (Member(one, self.cluster).lacks(*gone, assume_exists) for gone in self.deletion.names)
        return any(absence is not None and absence.unknown is None for absence in absences)

    def _selecting(self, assume_exists: list[str]) -> Iterator[Need]:
        cluster, gone = self.cluster, self.deletion
        if gone.pod_labels:
            selecting: list[ServiceSummary | BudgetSummary] = [*self._mine(cluster.all(ServiceSummary))]
            for one in (*selecting, *self._mine(cluster.all(BudgetSummary))):
                selector = one.selector
                if selector is None or not selector.requirements or not selector.matches(gone.pod_labels):
                    continue
                absence = cluster.selects_nothing(selector, one.namespace, one, assume_exists)
                if absence is not None and absence.unknown is None:
                    yield Need(one.label, selector.location)
        for monitor in self._mine(cluster.all(MonitorSummary)):
            of_pods = monitor.kind == "PodMonitor"
            watched = gone.pod_labels if of_pods else gone.labels
            is_meant = bool(gone.pod_labels) if of_pods else any(kind == "Service" for kind, _ in gone.names)
            if is_meant and monitor.selector.requirements and monitor.selector.matches(watched):
                absence = cluster.watches_nothing(monitor)
                if absence is not None and absence.unknown is None:
                    yield Need(monitor.label, monitor.selector.location)

    def _mine(self, found: list[S]) -> list[S]:
        """Those of the same build."""
        return [one for one in found if self._is_mine(one)]

    def _is_mine(self, one: ObjectSummary) -> bool:
        return one.location.path in self.deletion.files


def _naming(cluster: Cluster, meant: Callable[[ObjectSummary], bool]) -> Iterator[tuple[ObjectSummary, _Named]]:
    """What the objects that are meant name, in the ways that their summaries tell."""
    for workload in filter(meant, cluster.all(WorkloadSummary)):
        yield from ((workload, (r.kind, r.name, "", r.location)) for r in workload.references)
        yield workload, ("ServiceAccount", workload.account.value, "", workload.account.location)
        yield workload, ("Service", workload.service_name.value, "", workload.service_name.location)
    for ingress in filter(meant, cluster.all(IngressSummary)):
        yield from ((ingress, ("Service", b.service.value, "", b.service.location)) for b in ingress.backends)
    routes: list[RouteSummary | VirtualServiceSummary] = [*filter(meant, cluster.all(RouteSummary))]
    for route in (*routes, *filter(meant, cluster.all(VirtualServiceSummary))):
        yield from ((route, ("Service", t.service.value, t.namespace, t.service.location)) for t in route.targets)
    scalers: list[AutoscalerSummary | ResizerSummary] = [*filter(meant, cluster.all(AutoscalerSummary))]
    for scaler in (*scalers, *filter(meant, cluster.all(ResizerSummary))):
        yield scaler, (scaler.target_kind, scaler.target.value, "", scaler.target.location)
    for binding in filter(meant, cluster.all(BindingSummary)):
        yield binding, (binding.role_kind, binding.role.value, "", binding.role.location)
    for rollout in filter(meant, cluster.others(RolloutSummary)):
        templates = (template for use in rollout.analyses for template in use.templates)
        for named in (*rollout.services, *rollout.others, *templates):
            yield rollout, (named.kind, named.name.value, named.namespace, named.name.location)
    for canary in filter(meant, cluster.others(CanarySummary)):
        for named in (canary.target, *canary.others):
            yield canary, (named.kind, named.name.value, named.namespace, named.name.location)


_LEFT_OUT = ("AnalysisTemplate", "ConfigMap", "DaemonSet", "Deployment", "Role", "Rollout", "Service", "StatefulSet")
"""What one of several overlays brings for all objects of the base; Secrets, claims and accounts somebody may make by hand."""


class LeftOut(NamedTuple):
    """What the objects of a build need, and only other builds of the same base have."""

    entry: Entry
    """By which the object that needs it goes into the build."""
    need: Need
    needed: ObjectSummary
    """As another build has it."""

    @property
    def label(self) -> str:
        return self.need.label

    @property
    def location(self) -> Location:
        return self.entry.location


def left_out(cluster: Cluster) -> list[LeftOut]:
    """Each once of a build, though several objects need it."""
    builds = cluster.kustomizations.builds_of
    by_path = {overlay.path: overlay for overlay in cluster.kustomizations.roots}
    found: dict[tuple[str, str, str], LeftOut] = {}

    def is_shared(one: ObjectSummary) -> bool:
        return len(builds.get(one.location.path, ())) > 1

    for one, (kind, name, namespace, at) in _naming(cluster, is_shared):
        ours = builds[one.location.path]
        known = cluster.anywhere(kind, name, namespace or one.namespace) if kind in _LEFT_OUT else []
        bringing = [builds.get(each.location.path, frozenset()) for each in known]
        if not known or not all(bringing) or not frozenset().union(*bringing) < ours or cluster.is_partial(one):
            continue
        if cluster.absence(f"{kind} '{name}'", frozenset({kind}), name, namespace or one.namespace, one).unknown:
            continue
        brought = frozenset[str]().union(*bringing)
        for path in sorted(ours - brought):
            left = _left_by(cluster.kustomizations, by_path[path], [by_path[other] for other in brought], one)
            if left is not None:
                found.setdefault((path, kind, name), LeftOut(left, Need(one.label, at), known[0]))
    return list(found.values())


def _left_by(
    kustomizations: Kustomizations, overlay: Overlay, others: list[Overlay], one: ObjectSummary
) -> Entry | None:
    """By which entry an overlay builds an object, where it is never beside those that bring what the object needs."""
    if not kustomizations.leaves_alone(overlay, one.kind, one.name):
        return None
    if any(kustomizations.added(other) != kustomizations.added(overlay) for other in others):
        return None
    return kustomizations.entry_of(overlay, one.location.path)
