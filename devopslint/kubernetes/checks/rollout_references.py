"""What Rollouts and Canaries name: Services that send to their pods, routes that know both versions, analyses with all they need."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.cluster import Member
from devopslint.kubernetes.mesh import RouteWords, VirtualServiceWords
from devopslint.kubernetes.rollouts import CanarySummary, MeshRoute, RolloutSummary, Steered
from devopslint.kubernetes.rollouts_in_cluster import (
    AnalysisRun,
    ClusterRollout,
    SharedService,
    analysis_runs,
    cluster_canaries,
    cluster_rollouts,
    shared_services,
)
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check

_HASH = "rollouts-pod-template-hash"


@check("rollout-mismatched-service", each=cluster_rollouts)
def mismatched_service(rollout: ClusterRollout) -> Iterator[Problem]:
    labels = rollout.pod_labels
    for steered in rollout.own.services if labels is not None else ():
        for service in rollout.services(steered):
            missing = [
                f"{key}={value}"
                for key, value in (service.selector.equalities if service.selector else ())
                if key != _HASH and labels is not None and labels.get(key) != value
            ]
            if missing and service.selector and not rollout.cluster.is_partial(service):
                yield Problem(
                    steered.name.location,
                    f"{rollout.label} steers Service '{service.name}', which selects other pods than its own: "
                    f"{', '.join(missing)}",
                    (Related(service.selector.location, f"the selector of {service.label}"),),
                )


@check("rollout-shared-service", each=shared_services)
def shared_service(shared: SharedService) -> Iterator[Problem]:
    yield Problem(
        shared.location,
        f"{shared.label} steers Service '{shared.steered.name.value}', as {shared.first.label} does",
        (Related(shared.first_steered.name.location, f"{shared.first.label} steers it too"),),
    )


@check("rollout-dangling", each=cluster_rollouts, complete=True)
def dangling(rollout: ClusterRollout, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    pairs = [one for one in rollout.own.services if one.field in ("pingService", "pongService")]
    for named in (*pairs, *rollout.own.others):
        yield from _nowhere(rollout, named, assume_exists)


@check("rollout-dangling", each=analysis_runs, complete=True)
def dangling_analysis(run: AnalysisRun, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for named in run.use.templates:
        yield from _nowhere(run.rollout, named, assume_exists)


@check("rollout-dangling", each=cluster_canaries, complete=True)
def dangling_canary(canary: Member[CanarySummary], *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for named in (canary.own.target, *canary.own.others):
        yield from _nowhere(canary, named, assume_exists)


def _nowhere(
    member: Member[RolloutSummary] | Member[CanarySummary], named: Steered, assume_exists: list[str]
) -> Iterator[Problem | NotKnown]:
    within = named.namespace or None
    if absence := member.lacks(named.kind, named.name.value, assume_exists, within):
        yield absence.at(
            named.name.location, f"{member.label} names {named.kind} '{named.name.value}', which is nowhere"
        )


@check("rollout-missing-argument", each=analysis_runs)
def missing_argument(run: AnalysisRun) -> Iterator[Problem]:
    for steered, template in run.templates:
        for name in template.open_arguments:
            if name not in run.use.arguments:
                yield Problem(
                    steered.name.location,
                    f"{run.label} gives no value for argument '{name}' of {template.label}",
                    (Related(template.location, template.label),),
                )


@check("rollout-endless-analysis", each=analysis_runs)
def endless_analysis(run: AnalysisRun) -> Iterator[Problem]:
    for steered, template in run.templates if not run.use.background else ():
        for metric in template.endless:
            yield Problem(
                steered.name.location,
                f"{run.label} waits for metric '{metric.value}' of {template.label}, which has an interval and no count",
                (Related(metric.location, f"metric '{metric.value}'"),),
            )


@check("rollout-unprepared-route", each=cluster_rollouts)
def unprepared_route(rollout: ClusterRollout) -> Iterator[Problem]:
    for meshed in rollout.own.meshed:
        for service in rollout.virtual_services(meshed):
            yield from _unprepared(rollout, meshed, service)


def _unprepared(rollout: ClusterRollout, meshed: MeshRoute, service: VirtualServiceWords) -> Iterator[Problem]:
    related = (Related(service.location, service.label),)
    managed = rollout.own.managed_routes
    own = [route for route in service.http if route.name not in managed]
    if not service.http:
        if not service.others:
            yield Problem(meshed.name.location, f"{rollout.label} weighs {service.label}, which has no route", related)
        return
    if not meshed.routes and len(own) > 1:
        message = f"{rollout.label} weighs {service.label}, which has {len(own)} http routes, and does not say which"
        yield Problem(meshed.name.location, message, related)
        return
    wanted: list[tuple[RouteWords, object]] = [] if meshed.routes else [(route, meshed.name) for route in own[:1]]
    for name in meshed.routes:
        found = [route for route in service.http if route.name == name.value]
        if not found:
            message = f"{rollout.label} weighs route '{name.value}', which {service.label} does not have"
            yield Problem(name.location, message, related)
        wanted += [(route, name) for route in found[:1]]
    for route, _ in wanted:
        yield from _without_version(rollout, meshed, service, route)


def _without_version(
    rollout: ClusterRollout, meshed: MeshRoute, service: VirtualServiceWords, route: RouteWords
) -> Iterator[Problem]:
    if rollout.own.subsets:
        for subset in rollout.own.subsets:
            if subset.value not in route.subsets:
                message = f"{rollout.label} weighs a route of {service.label} that has no subset '{subset.value}'"
                yield Problem(subset.location, message, (Related(route.location, "the route"),))
        return
    for steered in rollout.own.services:
        host = steered.name.value
        if steered.field in ("stableService", "canaryService") and not route.sends_to(host):
            message = f"{rollout.label} weighs a route of {service.label} that does not send to Service '{host}'"
            yield Problem(steered.name.location, message, (Related(route.location, "the route"),))


@check("rollout-unserved-ingress", each=cluster_rollouts)
def unserved_ingress(rollout: ClusterRollout) -> Iterator[Problem]:
    own = rollout.own
    roots = [one for one in own.others if one.field == "rootService"]
    served = roots or [one for one in own.services if one.field == "stableService"]
    for named in own.others if served else ():
        for ingress in rollout.ingresses(named) if named.kind == "Ingress" else ():
            if not any(backend.service.value == served[0].name.value for backend in ingress.backends):
                yield Problem(
                    named.name.location,
                    f"{rollout.label} weighs {ingress.label}, which does not send to Service '{served[0].name.value}'",
                    (Related(ingress.location, ingress.label),),
                )
