"""KEDA's objects, and autoscalers that work against each other."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.cluster import ClusterWorkload, cluster_workloads
from devopslint.kubernetes.objects import scaled_jobs, scaled_objects
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem, Related
from devopslint.registry import check

_BY_RESOURCE = frozenset({"cpu", "memory"})


@check("hpa-invalid-idle-count", each=scaled_objects)
def invalid_idle_count(scaled: Manifest) -> Iterator[Problem]:
    idle, least = scaled.spec["idleReplicaCount"], whole(scaled.spec["minReplicaCount"]) or 0
    count = whole(idle)
    if count is not None and count >= least:
        message = f"{scaled.label} idles at {count}, not below its minimum of {least}"
        yield Problem(idle.location, message)


@check("hpa-scaled-to-zero-by-resource", each=scaled_objects)
def scaled_to_zero_by_resource(scaled: Manifest) -> Iterator[Problem]:
    triggers = [trigger["type"].text for trigger in scaled.spec["triggers"]]
    least = scaled.spec["minReplicaCount"]
    if triggers and set(triggers) <= _BY_RESOURCE and (whole(least) or 0) == 0 and "$" not in least.text:
        message = (
            f"{scaled.label} scales to nothing by {' and '.join(sorted(set(triggers)))} alone, which no pod has then"
        )
        yield Problem(least.location, message)


@check("hpa-missing-fallback", each=scaled_objects)
def missing_fallback(scaled: Manifest) -> Iterator[Problem]:
    fallback = scaled.spec["fallback"]
    triggers = [trigger["type"].text for trigger in scaled.spec["triggers"]]
    if any(kind not in (*_BY_RESOURCE, "cron") for kind in triggers) and not fallback.present:
        message = f"{scaled.label} keeps its last size where its source does not answer: no fallback"
        yield Problem(fallback.location, message)


@check("hpa-short-cooldown", each=scaled_objects)
def short_cooldown(scaled: Manifest, *, minimum: int) -> Iterator[Problem]:
    period = scaled.spec["cooldownPeriod"]
    seconds = whole(period)
    if seconds is not None and seconds < minimum:
        message = f"{scaled.label} scales to nothing after {seconds} s without work, less than {minimum} s"
        yield Problem(period.location, message)


@check("hpa-unlimited-jobs", each=scaled_jobs)
def unlimited_jobs(scaled: Manifest, *, maximum: int) -> Iterator[Problem]:
    most = scaled.spec["maxReplicaCount"]
    count = whole(most)
    if not most.present:
        yield Problem(most.location, f"{scaled.label} may start 100 jobs at once, the default, more than {maximum}")
    elif count is not None and count > maximum:
        yield Problem(most.location, f"{scaled.label} may start {count} jobs at once, more than {maximum}")


@check("hpa-vertical-conflict", each=cluster_workloads)
def vertical_conflict(workload: ClusterWorkload) -> Iterator[Problem]:
    for resizer in workload.resizers:
        for scaler in workload.autoscalers:
            shared = {metric.resource for metric in scaler.metrics} & resizer.resources
            if shared and scaler.folder == resizer.folder:
                both = " and ".join(sorted(shared))
                yield Problem(
                    resizer.target.location,
                    f"{resizer.label} sets the requests of {workload.label} by {both}, "
                    f"by which autoscaler '{scaler.name}' scales it",
                    (Related(scaler.target.location, f"autoscaler '{scaler.name}'"),),
                )
