"""How far and how fast autoscalers scale, what they watch, and what they scale."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil

from devopslint.kubernetes.cluster import ClusterAutoscaler, ClusterWorkload, cluster_autoscalers, cluster_workloads
from devopslint.kubernetes.objects import autoscalers, scaled_objects
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.readers.folders import is_relied_on
from devopslint.readers.yaml import Node
from devopslint.registry import check

_APPS = ("Deployment", "ReplicaSet", "StatefulSet")
KEDA_MAXIMUM = 100
"""What a ScaledObject that names no maxReplicaCount has."""


@check("hpa-low-minimum", each=(autoscalers, scaled_objects))
def low_minimum(autoscaler: Manifest, *, minimum: int) -> Iterator[Problem]:
    yield from _below(autoscaler, minimum)


@check("hpa-single-minimum", each=(autoscalers, scaled_objects))
def single_minimum(autoscaler: Manifest, *, minimum: int) -> Iterator[Problem]:
    yield from _below(autoscaler, minimum)


def _below(autoscaler: Manifest, minimum: int) -> Iterator[Problem]:
    lowest, default = _lowest(autoscaler)
    count = whole(lowest)
    certain = is_relied_on(lowest.location.path, autoscaler.namespace)
    if not lowest.present:
        message = f"autoscaler '{autoscaler.name}' may scale down to {default}, the default, fewer than {minimum}"
        yield Problem(lowest.location, message, certain=certain)
    elif count is not None and count < minimum:
        message = f"autoscaler '{autoscaler.name}' may scale down to {count}, fewer than {minimum}"
        yield Problem(lowest.location, message, certain=certain)


@check("hpa-high-maximum", each=(autoscalers, scaled_objects))
def high_maximum(autoscaler: Manifest, *, maximum: int) -> Iterator[Problem]:
    highest = _highest(autoscaler)
    count = whole(highest)
    if not highest.present and autoscaler.kind == "ScaledObject" and maximum < KEDA_MAXIMUM:
        if _by_the_clock(autoscaler, maximum):
            return
        message = f"autoscaler '{autoscaler.name}' may scale up to {KEDA_MAXIMUM}, the default, more than {maximum}"
        yield Problem(highest.location, message)
    elif count is not None and count > maximum:
        yield Problem(highest.location, f"autoscaler '{autoscaler.name}' may scale up to {count}, more than {maximum}")


def _lowest(autoscaler: Manifest) -> tuple[Node, int]:
    """Its minimum, and what holds where none is written."""
    keda = autoscaler.kind == "ScaledObject"
    return (autoscaler.spec["minReplicaCount"], 0) if keda else (autoscaler.spec["minReplicas"], 1)


def _highest(autoscaler: Manifest) -> Node:
    return autoscaler.spec["maxReplicaCount" if autoscaler.kind == "ScaledObject" else "maxReplicas"]


def _by_the_clock(autoscaler: Manifest, maximum: int) -> bool:
    """Whether it runs no more than so many pods at times that are written: nothing else asks for more."""
    triggers = list(autoscaler.spec["triggers"])
    counts = [trigger["metadata"]["desiredReplicas"].text for trigger in triggers if trigger["type"].text == "cron"]
    return bool(triggers) and len(counts) == len(triggers) and all(c.isdecimal() and int(c) <= maximum for c in counts)


def is_switch(autoscaler: Manifest) -> bool:
    """Whether it runs one pod at the most: how fast that comes and goes says nothing."""
    return whole(_highest(autoscaler)) == 1


@check("hpa-large-maximum", each=(autoscalers, scaled_objects))
def large_maximum(autoscaler: Manifest, *, maximum: int, ceiling: int) -> Iterator[Problem]:
    highest = _highest(autoscaler)
    count = whole(highest)
    if count is not None and maximum < count <= ceiling:
        yield Problem(highest.location, f"autoscaler '{autoscaler.name}' may scale up to {count}, more than {maximum}")


@check("hpa-fixed-size", each=(autoscalers, scaled_objects))
def fixed_size(autoscaler: Manifest) -> Iterator[Problem]:
    highest = _highest(autoscaler)
    lowest, default = _lowest(autoscaler)
    written, most = whole(lowest), whole(highest)
    least = default if written is None else written
    if most is not None and most < 1 and autoscaler.kind != "ScaledObject":
        message = f"autoscaler '{autoscaler.name}' has a maximum of {most}, and the API server takes none below 1"
        yield Problem(highest.location, message)
        return
    if most is None or most > least:
        return
    related = (Related(lowest.location, "the minimum"),) if lowest.present else ()
    if most == least:
        yield Problem(highest.location, f"autoscaler '{autoscaler.name}' cannot scale: it stays at {most}", related)
    else:
        message = f"autoscaler '{autoscaler.name}' has a maximum of {most}, below its minimum of {least}"
        yield Problem(highest.location, message, related)


def _behaviour(autoscaler: Manifest) -> Node:
    """How it scales; KEDA hands it on to the autoscaler that it makes."""
    keda = autoscaler.kind == "ScaledObject"
    return (
        autoscaler.spec.get("advanced", "horizontalPodAutoscalerConfig", "behavior")
        if keda
        else autoscaler.spec["behavior"]
    )


def _keeps(autoscaler: Manifest, behaviour: Node) -> bool:
    """Whether there is nothing to say of how it scales one way: it does not, or a ScaledObject says nothing of it."""
    silent = autoscaler.kind == "ScaledObject" and not behaviour.present
    return silent or behaviour["selectPolicy"].text == "Disabled" or is_switch(autoscaler)


@check("hpa-fast-scale-up", each=(autoscalers, scaled_objects))
def fast_scale_up(autoscaler: Manifest, *, window: int, percent: int) -> Iterator[Problem]:
    behaviour = _behaviour(autoscaler)["scaleUp"]
    name = autoscaler.name
    if _keeps(autoscaler, behaviour):
        return
    if not behaviour.present:
        yield Problem(behaviour.location, f"autoscaler '{name}' may double every 15 s without waiting, the default")
        return
    waiting = behaviour["stabilizationWindowSeconds"]
    if (whole(waiting) or 0) < window:
        seconds = f"{whole(waiting) or 0} s{'' if waiting.present else ', the default,'}"
        yield Problem(
            waiting.location, f"autoscaler '{name}' waits {seconds} before it scales up, less than {window} s"
        )
    pods = max(1, ceil((whole(_lowest(autoscaler)[0]) or 1) * percent / 100))
    limits = {"Percent": percent, "Pods": pods}
    if not len(behaviour["policies"]):
        yield Problem(behaviour["policies"].location, f"autoscaler '{name}' may double every 15 s, the default")
    for policy in _too_fast(behaviour, limits):
        message = f"autoscaler '{name}' may grow by {_pace(policy)}, faster than {percent} % in 60 s"
        yield Problem(policy["value"].location, message)


@check("hpa-fast-scale-down", each=(autoscalers, scaled_objects))
def fast_scale_down(autoscaler: Manifest, *, window: int, percent: int, pods: int) -> Iterator[Problem]:
    behaviour = _behaviour(autoscaler)["scaleDown"]
    name = autoscaler.name
    if _keeps(autoscaler, behaviour):
        return
    waiting = behaviour["stabilizationWindowSeconds"]
    seconds = whole(waiting)
    if seconds is not None and seconds < window:
        message = f"autoscaler '{name}' waits {seconds} s before it scales down, less than {window} s"
        yield Problem(waiting.location, message)
    if not len(behaviour["policies"]):
        waits = 300 if seconds is None else seconds
        message = f"autoscaler '{name}' may drop to its minimum in one step, the default, once it has waited {waits} s"
        yield Problem(behaviour["policies"].location, message)
    for policy in _too_fast(behaviour, {"Percent": percent, "Pods": pods}):
        message = f"autoscaler '{name}' may shrink by {_pace(policy)}, faster than {percent} % or {pods} pod in 60 s"
        yield Problem(policy["value"].location, message)


def _too_fast(behaviour: Node, limits: dict[str, int]) -> list[Node]:
    """The policies that break their limit per minute; with `selectPolicy: Min` one that keeps it is enough."""
    policies = list(behaviour["policies"])
    fast = [policy for policy in policies if _per_minute(policy) > limits.get(policy["type"].text, 0)]
    if behaviour["selectPolicy"].text == "Min" and len(fast) < len(policies):
        return []
    return fast


def _per_minute(policy: Node) -> float:
    return (whole(policy["value"]) or 0) * 60 / max(1, whole(policy["periodSeconds"]) or 60)


def _pace(policy: Node) -> str:
    value = whole(policy["value"])
    amount = f"{value} %" if policy["type"].text == "Percent" else f"{value} pod{'' if value == 1 else 's'}"
    return f"{amount} in {whole(policy['periodSeconds'])} s"


@check("hpa-late-target", each=autoscalers)
def late_target(autoscaler: Manifest, *, cpu: int, memory: int) -> Iterator[Problem]:
    limits = {"cpu": cpu, "memory": memory}
    for resource, target in _utilizations(autoscaler.spec):
        percent = whole(target)
        if percent is not None and percent > limits.get(resource, percent):
            message = (
                f"autoscaler '{autoscaler.name}' waits for {percent} % of {resource}, more than {limits[resource]} %"
            )
            yield Problem(target.location, message)


def _utilizations(spec: Node) -> Iterator[tuple[str, Node]]:
    """(resource, percent) of every utilization target, in any version of the API."""
    yield "cpu", spec["targetCPUUtilizationPercentage"]
    for metric in spec["metrics"]:
        for source in (metric["resource"], metric["containerResource"]):
            name = source["name"].text
            yield name, source["target"]["averageUtilization"]
            yield name, source["targetAverageUtilization"]


@check("hpa-missing-metrics", each=autoscalers)
def missing_metrics(autoscaler: Manifest) -> Iterator[Problem]:
    spec = autoscaler.spec
    if not len(spec["metrics"]) and not spec["targetCPUUtilizationPercentage"].present:
        yield Problem(
            spec["metrics"].location, f"autoscaler '{autoscaler.name}' names no metric, so it waits for 80 % of cpu"
        )


@check("hpa-dangling", each=cluster_autoscalers, complete=True)
def dangling(autoscaler: ClusterAutoscaler, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    own = autoscaler.own
    if absence := autoscaler.lacks(own.target_kind, own.target.value, assume_exists):
        yield absence.at(
            own.target.location,
            f"autoscaler '{own.name}' scales {own.target_kind} '{own.target.value}', which is nowhere",
        )


@check("hpa-wrong-target-group", each=autoscalers)
def wrong_target_group(autoscaler: Manifest) -> Iterator[Problem]:
    target = autoscaler.spec["scaleTargetRef"]
    version = target["apiVersion"]
    if target["kind"].text in _APPS and version.text.rpartition("/")[0] != "apps" and "$" not in version.text:
        seen = f"API group '{version.text.rpartition('/')[0]}'" if "/" in version.text else "the core API group"
        yield Problem(
            version.location,
            f"autoscaler '{autoscaler.name}' looks for its {target['kind'].text} in {seen}, not in apps",
        )


@check("hpa-unrequested-resource", each=cluster_autoscalers)
def unrequested_resource(autoscaler: ClusterAutoscaler) -> Iterator[Problem]:
    target = autoscaler.target
    if target is None or autoscaler.request_defaults:
        return
    if autoscaler.cluster.is_partial(target) or autoscaler.cluster.is_changed(target, "resources"):
        return
    for metric in autoscaler.own.metrics:
        if not metric.container and metric.resource in target.requested:
            continue  # the pod's own request stands for those of its containers
        for container in target.containers:
            measured = container.long_running and metric.container in ("", container.name)
            if measured and metric.resource not in container.requested:
                yield Problem(
                    metric.location,
                    f"autoscaler '{autoscaler.own.name}' watches {metric.resource}, "
                    f"for which container '{container.name}' has no request",
                    (Related(container.resources, f"container '{container.name}' of {target.label}"),),
                )


@check("hpa-missing", each=cluster_workloads, complete=True)
def missing(workload: ClusterWorkload) -> Iterator[Problem]:
    scaled = workload.autoscalers or workload.resizers
    if workload.stateless and workload.running and not workload.own.claims and not (scaled or workload.gains_nothing):
        yield Problem(workload.location, f"{workload.own.kind} '{workload.own.name}' has no autoscaler")


@check("hpa-duplicate-target", each=cluster_workloads)
def duplicate_target(workload: ClusterWorkload) -> Iterator[Problem]:
    for first, again in pairwise(workload.autoscalers):
        if (again.kind, again.name) == (first.kind, first.name) or first.name == again.takes_over:
            continue
        if again.name != first.takes_over and workload.cluster.in_one_world(first, again):
            other = f"{first.kind} '{first.name}'" if first.name == again.name else f"'{first.name}'"
            yield Problem(
                again.target.location,
                f"autoscaler '{again.name}' scales {workload.own.kind} '{workload.own.name}', as {other} does",
                (Related(first.target.location, f"autoscaler '{first.name}' scales it too"),),
            )


@check("k8s-replicas-with-hpa", each=cluster_workloads)
def replicas_with_hpa(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    for autoscaler in workload.autoscalers[:1] if workload.replicas_known else ():
        if own.replicas.value is not None and own.replicas.value > 0:
            yield Problem(
                own.replicas.location,
                f"{own.kind} '{own.name}' says {own.replicas.value} replicas, which autoscaler '{autoscaler.name}' decides",
                (Related(autoscaler.target.location, f"autoscaler '{autoscaler.name}' scales it"),),
            )
