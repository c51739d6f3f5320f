"""Rollouts and Canaries among the Services, routes and analyses of their cluster."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.cluster import Cluster, Member
from devopslint.kubernetes.mesh import VirtualServiceWords
from devopslint.kubernetes.rollouts import (
    AnalysisSummary,
    AnalysisUse,
    CanarySummary,
    MeshRoute,
    RolloutSummary,
    Steered,
)
from devopslint.kubernetes.summaries import IngressSummary, ServiceSummary, WorkloadSummary
from devopslint.model import Location


class ClusterRollout(Member[RolloutSummary]):
    @property
    def pod_labels(self) -> dict[str, str] | None:
        """Of the pods that it runs; None where they are not known."""
        if self.own.owner is None:
            changed = self.cluster.is_partial(self.own) or self.cluster.is_changed(self.own, "labels")
            return None if changed or not self.own.pod_labels else dict(self.own.pod_labels)
        found = self.cluster.named(*self.own.owner, self.own.namespace, self.own)
        workload = next((one for one in found if isinstance(one, WorkloadSummary)), None)
        return None if workload is None or self.cluster.is_partial(workload) else dict(workload.pod_labels)

    def services(self, steered: Steered) -> list[ServiceSummary]:
        found = self.cluster.named("Service", steered.name.value, self.own.namespace, self.own)
        return [one for one in found if isinstance(one, ServiceSummary)]

    def virtual_services(self, meshed: MeshRoute) -> list[VirtualServiceWords]:
        named = self.cluster.others_named(VirtualServiceWords, meshed.name.value)
        return [one for one in self.cluster.nearest(named, self.own) if not self.cluster.is_partial(one)]

    def ingresses(self, steered: Steered) -> list[IngressSummary]:
        found = self.cluster.named("Ingress", steered.name.value, self.own.namespace, self.own)
        return [one for one in found if isinstance(one, IngressSummary)]


class AnalysisRun(NamedTuple):
    """An analysis of a Rollout, with the templates that the tree has of it."""

    rollout: ClusterRollout
    use: AnalysisUse

    @property
    def label(self) -> str:
        return self.rollout.label

    @property
    def location(self) -> Location:
        return self.use.location

    @property
    def templates(self) -> Iterator[tuple[Steered, AnalysisSummary]]:
        """Each template that is named, and those that it names in turn."""
        pending = list(self.use.templates)
        seen: set[tuple[str, str]] = set()
        while pending:
            steered = pending.pop()
            key = (steered.kind, steered.name.value)
            if key in seen:
                continue
            seen.add(key)
            cluster = self.rollout.cluster
            named = [
                one for one in cluster.others_named(AnalysisSummary, steered.name.value) if one.kind == steered.kind
            ]
            for template in cluster.nearest(named, self.rollout.own)[:1]:
                yield steered, template
                pending.extend(template.templates)


def cluster_rollouts(cluster: Cluster) -> list[ClusterRollout]:
    return [ClusterRollout(one, cluster) for one in cluster.others(RolloutSummary)]


def analysis_runs(cluster: Cluster) -> list[AnalysisRun]:
    """Every analysis of every Rollout."""
    return [AnalysisRun(rollout, use) for rollout in cluster_rollouts(cluster) for use in rollout.own.analyses]


class SharedService(NamedTuple):
    """A Service that two Rollouts steer."""

    rollout: RolloutSummary
    steered: Steered
    first: RolloutSummary
    first_steered: Steered

    @property
    def label(self) -> str:
        return self.rollout.label

    @property
    def location(self) -> Location:
        return self.steered.name.location


def shared_services(cluster: Cluster) -> list[SharedService]:
    """Every Service that a Rollout steers though another one of its folder does."""
    steering: dict[tuple[str, str, str], tuple[RolloutSummary, Steered]] = {}
    found = []
    for rollout in cluster.others(RolloutSummary):
        for steered in rollout.services if not cluster.is_partial(rollout) else ():
            key = (rollout.folder, rollout.namespace, steered.name.value)
            first, named = steering.setdefault(key, (rollout, steered))
            if first.name != rollout.name:
                found.append(SharedService(rollout, steered, first, named))
    return found


def cluster_canaries(cluster: Cluster) -> list[Member[CanarySummary]]:
    """Every Canary of Flagger."""
    return [Member(one, cluster) for one in cluster.others(CanarySummary)]
