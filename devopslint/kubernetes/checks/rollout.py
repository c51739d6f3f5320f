"""How many pods a workload keeps, also while a new version rolls out, and how it goes back."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.cluster import ClusterWorkload, OverlayReplicas, cluster_workloads, overlay_replicas
from devopslint.kubernetes.objects import deployments, naked_pods
from devopslint.kubernetes.quantity import percent, whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem, Related
from devopslint.readers.folders import is_relied_on, is_shown
from devopslint.registry import check


@check("k8s-few-replicas", each=cluster_workloads)
def few_replicas(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    own = workload.own
    count = own.replicas.value
    if not workload.replicated or workload.autoscalers or workload.single or not workload.replicas_known:
        return
    if count is not None and 0 < count < minimum:
        said = f"{own.kind} '{own.name}' runs {_pods(count)}, fewer than {minimum}"
        certain = is_relied_on(own.replicas.location.path, own.namespace) and not workload.gains_nothing
        # What Flux or a patch gives may be accepted where the object itself stands.
        elsewhere = own.replicas.location.path != own.location.path
        yield Problem(own.replicas.location, said, certain=certain, bases=(own.location,) if elsewhere else ())


@check("k8s-few-replicas", each=overlay_replicas)
def few_replicas_of_overlay(set_: OverlayReplicas, *, minimum: int) -> Iterator[Problem]:
    workload, pods = set_.workload, set_.replicas.pods
    if workload.replicated and not (workload.autoscalers or workload.single) and 0 < pods < minimum:
        own = workload.own
        yield Problem(
            set_.location,
            f"{own.kind} '{own.name}' runs {_pods(pods)}, fewer than {minimum}",
            (Related(own.location, own.label),),
            bases=(own.replicas.location, own.location),
            certain=is_relied_on(set_.location.path, own.namespace) and not workload.gains_nothing,
        )


@check("k8s-missing-replicas", each=cluster_workloads)
def missing_replicas(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    own = workload.own
    if workload.stateless and not (workload.autoscalers or workload.single) and own.replicas.location.missing:
        yield Problem(own.replicas.location, f"{own.kind} '{own.name}' runs 1 pod, the default, fewer than {minimum}")


@check("k8s-single-replica", each=cluster_workloads)
def single_replica(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    own = workload.own
    count = 1 if own.replicas.location.missing else own.replicas.value
    if not workload.replicas_known:
        return  # an overlay says how many
    if workload.stateless and not workload.autoscalers and count is not None and count < minimum:
        yield Problem(own.replicas.location, f"{own.kind} '{own.name}' runs {_pods(count)}, fewer than {minimum}")


@check("k8s-served-single-replica", each=cluster_workloads)
def served_single_replica(workload: ClusterWorkload, *, minimum: int) -> Iterator[Problem]:
    if workload.services:
        yield from single_replica(workload, minimum=minimum)


@check("k8s-served-recreate-strategy", each=cluster_workloads)
def served_recreate_strategy(workload: ClusterWorkload) -> Iterator[Problem]:
    own, strategy = workload.own, workload.own.strategy
    if workload.cluster.is_changed(own, "strategy"):
        return
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
    elif strategy.text and strategy.text not in ("RollingUpdate", "Rolling") and not strategy.text.isupper():
        yield Problem(strategy.location, f"{kind} '{name}' has strategy '{strategy.text}', not RollingUpdate")


@check("k8s-rollout-unavailable", each=cluster_workloads)
def rollout_unavailable(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    if own.kind != "Deployment" or own.strategy.value not in ("", "RollingUpdate") or workload.stopped:
        return
    if workload.cluster.is_changed(own, "strategy"):
        return
    allowed = own.unavailable
    lost = _lost(workload, allowed.value or "25%")
    if lost:
        default = "" if allowed.value else ", the default"
        yield Problem(allowed.location, f"Deployment '{own.name}' may lose {lost} in a rollout{default}, more than 0")


def _lost(workload: ClusterWorkload, allowed: str) -> str:
    """What a rolling update may take away; empty where that is nothing, or cannot be known.

    Kubernetes rounds a percentage down, to 0 of three pods and a quarter, and takes one pod where it may not add any.
    """
    share = percent(allowed)
    if share is None:
        count = int(allowed) if allowed.isdecimal() and len(allowed) < 6 else 0
        return _pods(count) if count else ""
    total = None if workload.autoscalers else workload.fewest
    loses = total is None or share * total >= 100 or _is_nothing(workload.own.surge)
    return f"{share} % of its pods" if share and loses else ""


@check("k8s-rollout-without-surge", each=deployments)
def rollout_without_surge(deployment: Manifest) -> Iterator[Problem]:
    surge = deployment.spec["strategy"]["rollingUpdate"]["maxSurge"]
    if _is_nothing(surge.canonical):
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
        yield Problem(limit.location, message, certain=not is_shown(limit.location.path))


def _is_nothing(amount: str) -> bool:
    return amount == "0" or percent(amount) == 0
