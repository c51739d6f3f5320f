"""What a build takes out, and what in the same build still holds on to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.cluster import Cluster, Member
from devopslint.kubernetes.kustomize.deletions import Deletion
from devopslint.kubernetes.rollouts import CanarySummary, RolloutSummary
from devopslint.kubernetes.summaries import (
    AutoscalerSummary,
    BindingSummary,
    BudgetSummary,
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
        naming = (need for one, named in self._naming() if (need := self._named(one, named, assume_exists)))
        found = dict.fromkeys((*naming, *self._selecting(assume_exists)))
        return list({need.label: need for need in reversed(found)}.values())[::-1]

    def _named(self, one: ObjectSummary, named: _Named, assume_exists: list[str]) -> Need | None:
        kind, name, namespace, at = named
        if (kind, name) not in self.deletion.names:
            return None
        absence = Member(one, self.cluster).lacks(kind, name, assume_exists, namespace or one.namespace)
        return Need(one.label, at) if absence is not None and absence.unknown is None else None

    def _naming(self) -> Iterator[tuple[ObjectSummary, _Named]]:
        cluster = self.cluster
        for workload in self._mine(cluster.all(WorkloadSummary)):
            yield from ((workload, (r.kind, r.name, "", r.location)) for r in workload.references)
            yield workload, ("ServiceAccount", workload.account.value, "", workload.account.location)
            yield workload, ("Service", workload.service_name.value, "", workload.service_name.location)
        for ingress in self._mine(cluster.all(IngressSummary)):
            yield from ((ingress, ("Service", b.service.value, "", b.service.location)) for b in ingress.backends)
        routes: list[RouteSummary | VirtualServiceSummary] = [*self._mine(cluster.all(RouteSummary))]
        for route in (*routes, *self._mine(cluster.all(VirtualServiceSummary))):
            yield from ((route, ("Service", t.service.value, t.namespace, t.service.location)) for t in route.targets)
        scalers: list[AutoscalerSummary | ResizerSummary] = [*self._mine(cluster.all(AutoscalerSummary))]
        for scaler in (*scalers, *self._mine(cluster.all(ResizerSummary))):
            yield scaler, (scaler.target_kind, scaler.target.value, "", scaler.target.location)
        for binding in self._mine(cluster.all(BindingSummary)):
            yield binding, (binding.role_kind, binding.role.value, "", binding.role.location)
        for rollout in self._mine(cluster.others(RolloutSummary)):
            templates = (template for use in rollout.analyses for template in use.templates)
            for named in (*rollout.services, *rollout.others, *templates):
                yield rollout, (named.kind, named.name.value, named.namespace, named.name.location)
        for canary in self._mine(cluster.others(CanarySummary)):
            for named in (canary.target, *canary.others):
                yield canary, (named.kind, named.name.value, named.namespace, named.name.location)

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
        return [one for one in found if one.location.path in self.deletion.files]


def cluster_deletions(cluster: Cluster) -> list[ClusterDeletion]:
    """Every object that the build takes out, where the objects of one build are asked for."""
    return [ClusterDeletion(one, cluster) for one in cluster.deletions]
