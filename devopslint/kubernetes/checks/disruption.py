"""Whether nodes can be drained: not without a budget, and not with one that never gives way."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from devopslint.kubernetes.cluster import ClusterBudget, ClusterWorkload, cluster_budgets, cluster_workloads
from devopslint.kubernetes.objects import budgets
from devopslint.kubernetes.quantity import percentage, whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check


@check("pdb-missing", each=cluster_workloads, complete=True)
def missing(workload: ClusterWorkload) -> Iterator[Problem]:
    if workload.own.kind != "StatefulSet":
        yield from _without_budget(workload)


@check("pdb-missing-for-statefulset", each=cluster_workloads, complete=True)
def missing_for_statefulset(workload: ClusterWorkload) -> Iterator[Problem]:
    if workload.own.kind == "StatefulSet":
        yield from _without_budget(workload)


def _without_budget(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    alone = own.replicas.value == 1 and not workload.autoscalers
    if workload.replicated and workload.running and workload.labels_known and not alone and not workload.budgets:
        yield Problem(workload.location, f"{own.kind} '{own.name}' has no PodDisruptionBudget")


@check("pdb-blocks-eviction", each=budgets)
def blocks_eviction(budget: Manifest) -> Iterator[Problem]:
    most, least = budget.spec["maxUnavailable"], budget.spec["minAvailable"]
    if most.present and (whole(most) == 0 or percentage(most) == 0 or most.text == "0"):
        yield Problem(most.location, f"budget '{budget.name}' lets no pod go: maxUnavailable is {most.text}")
    if (percentage(least) or 0) == 100:
        yield Problem(least.location, f"budget '{budget.name}' lets no pod go: minAvailable is {least.text}")


@check("pdb-without-limit", each=budgets)
def without_limit(budget: Manifest) -> Iterator[Problem]:
    most, least = budget.spec["maxUnavailable"], budget.spec["minAvailable"]
    if not most.present and not least.present:
        yield Problem(most.location, f"budget '{budget.name}' has neither minAvailable nor maxUnavailable")


@check("pdb-keeps-unhealthy-pods", each=budgets)
def keeps_unhealthy_pods(budget: Manifest) -> Iterator[Problem]:
    policy = budget.spec["unhealthyPodEvictionPolicy"]
    if not policy.present:
        yield Problem(
            policy.location, f"budget '{budget.name}' lets broken pods block a drain: no unhealthyPodEvictionPolicy"
        )


@check("pdb-selects-nothing", each=cluster_budgets, complete=True)
def selects_nothing(budget: ClusterBudget, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    selector = budget.own.selector
    if selector is not None and (absence := budget.selects_nothing(assume_exists)):
        yield absence.at(selector.location, f"budget '{budget.own.name}' selects no pod: {selector}")


@check("pdb-minimum-not-below-replicas", each=cluster_budgets)
def minimum_not_below_replicas(budget: ClusterBudget) -> Iterator[Problem]:
    fewest = _fewest(budget.workloads)
    if not fewest or _above_autoscaler(budget) or _at_autoscaler(budget):
        return
    wanted = _wanted(budget.own.minimum.value, fewest)
    if wanted is not None and wanted >= fewest:
        yield Problem(
            budget.own.minimum.location,
            f"budget '{budget.own.name}' lets no pod go: it keeps {wanted} of at least {fewest}",
            tuple(Related(_size(one).location, f"{one.label} has at least {one.fewest}") for one in budget.workloads),
        )


@check("pdb-minimum-equals-autoscaler", each=cluster_budgets)
def minimum_equals_autoscaler(budget: ClusterBudget) -> Iterator[Problem]:
    if _at_autoscaler(budget):
        autoscaler = budget.workloads[0].autoscalers[0]
        least = autoscaler.minimum
        yield Problem(
            budget.own.minimum.location,
            f"budget '{budget.own.name}' lets no pod go while autoscaler '{autoscaler.name}' runs its minimum of"
            f" {least.value}",
            (Related(least.location, f"the minimum of autoscaler '{autoscaler.name}'"),),
        )


@check("pdb-minimum-above-autoscaler", each=cluster_budgets)
def minimum_above_autoscaler(budget: ClusterBudget) -> Iterator[Problem]:
    if _above_autoscaler(budget):
        autoscaler = budget.workloads[0].autoscalers[0]
        least = autoscaler.minimum
        yield Problem(
            budget.own.minimum.location,
            f"budget '{budget.own.name}' keeps {_wanted(budget.own.minimum.value, least.value or 1)}, "
            f"more than the {least.value} that autoscaler '{autoscaler.name}' may scale down to",
            (Related(least.location, f"the minimum of autoscaler '{autoscaler.name}'"),),
        )


def _above_autoscaler(budget: ClusterBudget) -> bool:
    """Whether the one workload of a budget has an autoscaler whose written minimum is below the budget's."""
    margin = _margin(budget)
    return margin is not None and margin < 0


def _at_autoscaler(budget: ClusterBudget) -> bool:
    return _margin(budget) == 0


def _margin(budget: ClusterBudget) -> int | None:
    """The pods that may go while the autoscaler of a budget's one workload runs its written minimum."""
    workloads = budget.workloads
    if len(workloads) != 1 or len(workloads[0].autoscalers) != 1:
        return None
    least = workloads[0].autoscalers[0].minimum.value
    wanted = _wanted(budget.own.minimum.value, least or 1)
    return None if least is None or wanted is None else least - wanted


def _size(workload: ClusterWorkload) -> Any:
    """The number that says how many pods a workload has at the least."""
    return workload.autoscalers[0].minimum if workload.autoscalers else workload.own.replicas


def _fewest(workloads: list[ClusterWorkload]) -> int | None:
    """The pods of all workloads together at the least; None where one of them cannot be known."""
    numbers = [workload.fewest if workload.replicated else None for workload in workloads]
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _wanted(minimum: Any, total: int) -> int | None:
    """How many of `total` pods a minAvailable keeps; Kubernetes rounds percentages up."""
    if type(minimum) is int:
        return minimum
    if isinstance(minimum, str) and minimum.removesuffix("%").isdecimal() and len(minimum) < 7:
        number = int(minimum.removesuffix("%"))
        return ceil(number * total / 100) if minimum.endswith("%") else number
    return None
