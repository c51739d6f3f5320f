"""How new versions come: blue-green, canary, and what keeps a cluster equal to its repository."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.cluster import (
    ClusterRoute,
    ClusterService,
    ClusterWorkload,
    ColourPair,
    cluster_routes,
    cluster_services,
    cluster_workloads,
    colour_of,
    colour_pairs,
)
from devopslint.kubernetes.gitops import (
    Application,
    applications,
    canaries,
    flux_kustomizations,
    git_repositories,
    helm_releases,
    oci_repositories,
    rollouts,
    virtual_services,
)
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_FLOATING_CHART = compiled(r"[*^~<>=|]|(?:^|\.)[xX](?:\.|$)|^$")
_DEFINITIONS = compiled(r"(?:^|[-_/])crds?(?:$|[-_/])")
_FIXED_REVISION = compiled(r"[0-9a-f]{7,64}\Z|(?:refs/tags/)?[A-Za-z]*[-/_.]?v?[0-9]+(?:\.[0-9]+)+[-+.\w]*\Z")
_TEMPLATED = compiled(r"\{\{|\$\{|<")


@check("k8s-mixed-colours", each=cluster_services)
def mixed_colours(service: ClusterService) -> Iterator[Problem]:
    selector = service.own.selector
    coloured = {colour: one for one in service.workloads if (colour := colour_of(one)) is not None}
    if selector is not None and len(coloured) > 1:
        names = " and ".join(sorted(colour.value for colour in coloured))
        key = next(iter(coloured)).key
        yield Problem(
            selector.location,
            f"Service '{service.own.name}' sends to {names} pods at once: its selector does not say {key}",
            tuple(Related(one.location, f"{one.label} is {colour.value}") for colour, one in coloured.items()),
        )


@check("k8s-uneven-colours", each=colour_pairs)
def uneven_colours(pair: ColourPair) -> Iterator[Problem]:
    blue, green = pair.blue, pair.green
    related = (Related(blue.location, f"{blue.label}"),)
    ours, theirs = green.replicas.value, blue.replicas.value
    if ours != theirs and ours != 0 and theirs != 0:
        message = f"{green.label} runs {ours or 1} pods, {blue.label} {theirs or 1}"
        yield Problem(green.replicas.location, message, related)
    if {one.name for one in green.containers} != {one.name for one in blue.containers}:
        yield Problem(green.location, f"{green.label} has other containers than {blue.label}", related)
        return
    for mine, other in zip(
        sorted(green.containers, key=lambda one: one.name),
        sorted(blue.containers, key=lambda one: one.name),
        strict=False,
    ):
        if set(mine.ports) != set(other.ports):
            message = f"container '{mine.name}' of {green.label} has other ports than that of {blue.label}"
            yield Problem(mine.location, message, (Related(other.location, "the other colour"),))
        if mine.resources_text != other.resources_text:
            message = f"container '{mine.name}' of {green.label} has other resources than that of {blue.label}"
            yield Problem(mine.resources, message, (Related(other.resources, "the other colour"),))


_MEANT_AS_PERCENT = (50, 200)


@check("net-route-weights", each=virtual_services)
def route_weights(service: Manifest) -> Iterator[Problem]:
    for route in _routes(service):
        destinations = list(route["route"])
        given = [destination["weight"] for destination in destinations]
        if any(weight.present and whole(weight) is None for weight in given):
            continue  # a placeholder, or of a wrong type
        weights = [whole(weight) or 0 for weight in given]
        # Shares are what counts: 1 to 9, or 200 to 800, are no percentages that somebody got wrong.
        meant = sum(weights) == 0 or _MEANT_AS_PERCENT[0] <= sum(weights) <= _MEANT_AS_PERCENT[1]
        if len(destinations) > 1 and sum(weights) != 100 and meant:
            place = next((d["weight"] for d in destinations if d["weight"].present), route["route"])
            yield Problem(place.location, f"weights of '{service.name}' sum to {sum(weights)}, not 100")


MOST_RULES = 10
"""That are shown beside what none of them has."""


@check("net-missing-subset", each=cluster_routes, complete=True)
def missing_subset(route: ClusterRoute, *, assume_exists: list[str]) -> Iterator[Problem]:
    for destination in route.own.destinations:
        rules, subsets = route.rules(destination)
        name = destination.subset.value
        if route.is_assumed("DestinationRule", destination.host, assume_exists) or _TEMPLATED.search(name):
            continue
        if any(route.cluster.is_changed(rule, "subsets") for rule in rules if name not in subsets):
            continue
        if rules and name not in subsets:
            yield Problem(
                destination.subset.location,
                f"VirtualService '{route.own.name}' sends to subset '{name}', which {rules[0].label} does not have",
                tuple(Related(rule.location, rule.label) for rule in rules[:MOST_RULES]),
            )
        elif not rules and route.cluster.keeps("DestinationRule", route.own):
            yield Problem(
                destination.subset.location,
                f"VirtualService '{route.own.name}' sends to subset '{name}' of '{destination.host}', "
                f"for which there is no DestinationRule",
            )


@check("net-large-canary-weight", each=virtual_services)
def large_canary_weight(service: Manifest, *, maximum: int) -> Iterator[Problem]:
    for route in _routes(service):
        if len(route["match"]):
            continue
        for entry in route["route"]:
            weight, to = entry["weight"], entry["destination"]
            share = whole(weight) or 0
            if maximum < share < 100 and "canary" in f"{to['subset'].text} {to['host'].text}".lower():
                yield Problem(weight.location, f"'{service.name}' sends {share} % to its canary, more than {maximum} %")


def _routes(service: Manifest) -> list[Node]:
    return [route for protocol in ("http", "tls", "tcp") for route in service.spec[protocol]]


@check("k8s-large-first-step", each=rollouts)
def large_first_step(rollout: Manifest, *, maximum: int) -> Iterator[Problem]:
    weights = [step["setWeight"] for step in rollout.spec["strategy"]["canary"]["steps"] if step["setWeight"].present]
    for first in weights[:1]:
        share = whole(first) or 0
        if share > maximum:
            yield Problem(first.location, f"Rollout '{rollout.name}' begins with {share} %, more than {maximum} %")


@check("k8s-large-first-step", each=canaries)
def large_flagger_step(canary: Manifest, *, maximum: int) -> Iterator[Problem]:
    analysis = _analysis(canary)
    weights = list(analysis["stepWeights"])
    first = weights[0] if weights else analysis["stepWeight"]
    share = whole(first) or 0
    if share > maximum:
        yield Problem(first.location, f"Canary '{canary.name}' begins with {share} %, more than {maximum} %")


@check("k8s-unwatched-rollout", each=rollouts)
def unwatched_rollout(rollout: Manifest) -> Iterator[Problem]:
    canary, blue_green = rollout.spec["strategy"]["canary"], rollout.spec["strategy"]["blueGreen"]
    steps = list(canary["steps"])
    judged = canary["analysis"].present or any(
        step["analysis"].present or len(step["experiment"]["analyses"]) or _waits(step["pause"]) for step in steps
    )
    if canary.present and not judged:
        message = f"Rollout '{rollout.name}' goes on whatever its canary does: no analysis, no pause without an end"
        yield Problem(canary.location, message)
    if blue_green.is_mapping and blue_green["autoPromotionEnabled"].value is not False:
        if not blue_green["prePromotionAnalysis"].present:
            place = blue_green["prePromotionAnalysis"].location
            yield Problem(
                place, f"Rollout '{rollout.name}' switches colour as soon as pods are ready: no analysis, no pause"
            )


def _waits(pause: Node) -> bool:
    """Whether a pause lasts until somebody ends it."""
    return pause.exists and not pause["duration"].present


@check("k8s-unwatched-rollout", each=canaries)
def unwatched_canary(canary: Manifest) -> Iterator[Problem]:
    analysis = _analysis(canary)
    if not len(analysis["metrics"]) and not len(analysis["webhooks"]):
        yield Problem(analysis["metrics"].location, f"Canary '{canary.name}' goes on whatever it does: no metrics")


def _analysis(canary: Manifest) -> Node:
    older = canary.spec["canaryAnalysis"]
    return older if older.present else canary.spec["analysis"]


@check("k8s-dangling-rollout", each=cluster_workloads, complete=True)
def dangling_rollout(workload: ClusterWorkload, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for service in workload.own.traffic_services:
        if absence := workload.lacks("Service", service.value, assume_exists):
            yield absence.at(service.location, f"{workload.label} steers Service '{service.value}', which is nowhere")


@check("k8s-gitops-manual-sync", each=applications)
def gitops_manual_sync(application: Application) -> Iterator[Problem | NotKnown]:
    automated = application.spec["syncPolicy"]["automated"]
    if not automated.present or automated["enabled"].value is False:
        place = automated["enabled"] if automated["enabled"].present else automated
        if reason := application.filled_in("automated", place):
            yield NotKnown(place.location, f"whether {application.label} waits for somebody to sync it", reason)
        else:
            yield Problem(place.location, f"{application.label} waits for somebody to sync it")


def _left_off(application: Application, name: str, said: str) -> Iterator[Problem | NotKnown]:
    """What an Application does without a setting of its automated syncs."""
    automated = application.spec["syncPolicy"]["automated"]
    setting = automated[name]
    if not automated.present or setting.value is True:
        return
    if reason := application.filled_in(name, setting):
        yield NotKnown(setting.location, f"whether {application.label} {said}", reason)
    else:
        yield Problem(setting.location, f"{application.label} {said}")


@check("k8s-gitops-unpruned", each=applications)
def gitops_unpruned(application: Application) -> Iterator[Problem | NotKnown]:
    yield from _left_off(application, "prune", "keeps in the cluster what was deleted in Git")


@check("k8s-gitops-unpruned", each=flux_kustomizations)
def flux_unpruned(kustomization: Manifest) -> Iterator[Problem]:
    prune = kustomization.spec["prune"]
    # Where definitions go, all objects of their kinds go with them: they are kept on purpose.
    about_definitions = _DEFINITIONS.search(f"{kustomization.name}/{kustomization.spec['path'].text}")
    if prune.value is not True and not (prune.present and about_definitions):
        yield Problem(prune.location, f"{kustomization.label} keeps in the cluster what was deleted in Git")


@check("k8s-gitops-unhealed-drift", each=applications)
def gitops_unhealed_drift(application: Application) -> Iterator[Problem | NotKnown]:
    yield from _left_off(application, "selfHeal", "leaves changes by hand in place")


@check("k8s-gitops-unhealed-drift", each=helm_releases)
def flux_unhealed_drift(release: Manifest) -> Iterator[Problem]:
    mode = release.spec["driftDetection"]["mode"]
    if mode.text != "enabled":
        yield Problem(mode.location, f"{release.label} leaves changes by hand in place")


@check("k8s-gitops-floating-revision", each=applications)
def gitops_floating_revision(application: Application) -> Iterator[Problem]:
    for source in application.sources:
        revision = source["targetRevision"]
        if source["ref"].present or _TEMPLATED.search(revision.text):
            continue
        chart = source["chart"].present
        floats = _FLOATING_CHART.search(revision.text) if chart else not _FIXED_REVISION.match(revision.text)
        if floats:
            what = f"version '{revision.text or '*'}' of a chart" if chart else f"revision '{revision.text or 'HEAD'}'"
            yield Problem(revision.location, f"{application.label} follows {what}, which changes by itself")


@check("k8s-gitops-floating-revision", each=helm_releases)
def flux_floating_chart(release: Manifest) -> Iterator[Problem]:
    chart = release.spec["chart"]["spec"]
    version = chart["version"]
    if chart.present and _FLOATING_CHART.search(version.text) and not _TEMPLATED.search(version.text):
        message = f"{release.label} follows version '{version.text or '*'}' of a chart, which changes by itself"
        yield Problem(version.location, message)


@check("k8s-gitops-floating-revision", each=git_repositories)
def flux_floating_revision(repository: Manifest) -> Iterator[Problem]:
    reference = repository.spec["ref"]
    if not any(reference[key].present for key in ("commit", "tag", "digest")):
        branch = reference["branch"]
        name = branch.text or reference["semver"].text or reference["name"].text or "master"
        yield Problem(branch.location, f"{repository.label} follows revision '{name}', which changes by itself")


@check("k8s-gitops-floating-revision", each=oci_repositories)
def flux_floating_artifact(repository: Manifest) -> Iterator[Problem]:
    reference = repository.spec["ref"]
    if reference["digest"].present:
        return
    # Flux looks at the range first, and takes the tag where there is none.
    at = reference["semver"] if reference["semver"].present else reference["tag"]
    floats = _FLOATING_CHART.search(at.text) if reference["semver"].present else at.text in ("", "latest")
    if floats and "$" not in at.text and "{{" not in at.text:
        message = f"{repository.label} follows version '{at.text or 'latest'}', which changes by itself"
        yield Problem(at.location, message)


@check("k8s-gitops-unchecked-health", each=flux_kustomizations)
def gitops_unchecked_health(kustomization: Manifest) -> Iterator[Problem]:
    spec = kustomization.spec
    if spec["wait"].value is not True and not len(spec["healthChecks"]) and not len(spec["healthCheckExprs"]):
        yield Problem(spec["wait"].location, f"{kustomization.label} counts as done before its workloads are ready")


@check("k8s-gitops-missing-remediation", each=helm_releases)
def gitops_missing_remediation(release: Manifest) -> Iterator[Problem]:
    upgrade = release.spec["upgrade"]
    remediation = upgrade["remediation"]
    # Since Flux 2.7 a strategy may say what follows a failure; RemediateOnFailure is what is done without one.
    if upgrade["strategy"]["name"].text not in ("", "RemediateOnFailure"):
        return
    # The last failure is only undone where there are retries, of which there are none by default.
    if whole(remediation["retries"]) in (None, 0) and remediation["remediateLastFailure"].value is not True:
        if not _varies(remediation["retries"]):
            at = remediation["retries"].location if remediation.present else remediation.location
            yield Problem(at, f"{release.label} leaves a failed upgrade in place")


def _varies(node: Node) -> bool:
    """Whether something else puts the value in: Flux's ${RETRIES}."""
    return "$" in node.text
