"""How many pods a workload keeps, also while a new version rolls out, and how it goes back."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.views.cluster import ClusterWorkload, cluster_workloads
from devopslint.views.kinds import deployments, naked_pods, percentage, whole
from devopslint.views.kubernetes import Manifest


@check("k8s-few-replicas", each=cluster_workloads)
def few_replicas(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    own = workload.own
    count = own.replicas.value
    if not workload.replicated or workload.autoscalers or not workload.replicas_known:
        return
    if count is not None and 0 < count < minimum:
        yield Problem(own.replicas.location, f"{own.kind} '{own.name}' runs {_pods(count)}, fewer than {minimum}")


@check("k8s-missing-replicas", each=cluster_workloads)
def missing_replicas(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    own = workload.own
    if workload.stateless and not workload.autoscalers and own.replicas.location.missing:
        yield Problem(own.replicas.location, f"{own.kind} '{own.name}' runs 1 pod, the default, fewer than {minimum}")


@check("k8s-single-replica", each=cluster_workloads)
def single_replica(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    own = workload.own
    count = 1 if own.replicas.location.missing else own.replicas.value
    if workload.stateless and not workload.autoscalers and count is not None and count < minimum:
        yield Problem(own.replicas.location, f"{own.kind} '{own.name}' runs {_pods(count)}, fewer than {minimum}")


@check("k8s-served-single-replica", each=cluster_workloads)
def served_single_replica(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    if workload.services:
        yield from single_replica(workload, minimum=minimum)


@check("k8s-served-recreate-strategy", each=cluster_workloads)
def served_recreate_strategy(workload: ClusterWorkload) -> Iterator[Problem]:
    own, strategy = workload.own, workload.own.strategy
    if own.kind == "Deployment" and workload.services and strategy.value not in ("", "RollingUpdate"):
        message = f"{own.label} has strategy '{strategy.value}' and is behind Service '{workload.services[0].name}'"
        yield Problem(strategy.location, message, (Related(workload.services[0].location, "the Service"),))


def _pods(count: int) -> str:
    return f"{count} pod{'' if count == 1 else 's'}"


@check("k8s-naked-pod", each=naked_pods)
def naked_pod(pod: Manifest) -> Iterator[Problem]:
    yield Problem(pod.location, f"Pod '{pod.name}' has no controller that starts it again when its node goes")


@check("k8s-recreate-strategy", each=deployments)
def recreate_strategy(deployment: Manifest) -> Iterator[Problem]:
    strategy = deployment.spec["strategy"]["type"]
    kind, name = deployment.kind, deployment.name
    if strategy.text == "Recreate":
        yield Problem(strategy.location, f"{kind} '{name}' stops every old pod before it starts a new one")
    elif strategy.text and strategy.text not in ("RollingUpdate", "Rolling"):
        yield Problem(strategy.location, f"{kind} '{name}' has strategy '{strategy.text}', not RollingUpdate")


@check("k8s-rollout-unavailable", each=deployments)
def rollout_unavailable(deployment: Manifest) -> Iterator[Problem]:
    strategy = deployment.spec["strategy"]
    if deployment.kind != "Deployment" or strategy["type"].text not in ("", "RollingUpdate") or _stopped(deployment):
        return
    allowed = strategy["rollingUpdate"]["maxUnavailable"]
    if not allowed.present:
        message = f"Deployment '{deployment.name}' may lose 25 % of its pods in a rollout, the default, more than 0"
        yield Problem(allowed.location, message)
    elif not _is_zero(allowed):
        message = f"Deployment '{deployment.name}' may lose {_amount(allowed)} in a rollout, more than 0"
        yield Problem(allowed.location, message)


@check("k8s-rollout-without-surge", each=deployments)
def rollout_without_surge(deployment: Manifest) -> Iterator[Problem]:
    surge = deployment.spec["strategy"]["rollingUpdate"]["maxSurge"]
    if surge.present and _is_zero(surge):
        message = f"Deployment '{deployment.name}' starts no new pod before it stops an old one: maxSurge is 0"
        yield Problem(surge.location, message)


@check("k8s-missing-revision-history", each=deployments)
def missing_revision_history(deployment: Manifest, *, maximum: int) -> Iterator[Problem]:
    limit = deployment.spec["revisionHistoryLimit"]
    kept = whole(limit)
    kind, name = deployment.kind, deployment.name
    if not limit.present:
        yield Problem(limit.location, f"{kind} '{name}' keeps 10 old revisions, the default, more than {maximum}")
    elif kept is not None and kept > maximum:
        yield Problem(limit.location, f"{kind} '{name}' keeps {kept} old revisions, more than {maximum}")


@check("k8s-no-rollback", each=deployments)
def no_rollback(deployment: Manifest) -> Iterator[Problem]:
    limit = deployment.spec["revisionHistoryLimit"]
    if whole(limit) == 0:
        message = f"{deployment.kind} '{deployment.name}' keeps no old revision, so a rollout cannot be undone"
        yield Problem(limit.location, message)


def _stopped(deployment: Manifest) -> bool:
    return whole(deployment.spec["replicas"]) == 0


def _is_zero(amount: Node) -> bool:
    return whole(amount) == 0 or percentage(amount) == 0 or amount.text == "0"


def _amount(amount: Node) -> str:
    percent = percentage(amount)
    return f"{percent} % of its pods" if percent is not None else _pods(whole(amount) or 1)
