"""What Argo's Rollouts and analyses, and Flagger's Canaries, tell the project: the Services they steer, what judges them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devopslint.deferred import NamedTuple, dataclass
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.summaries import ObjectSummary, Placed, identity_of
from devopslint.kubernetes.workloads import Manifest, Workload
from devopslint.model import Location
from devopslint.readers.yaml import Node

CANARY, ACTIVE = "canary", "blueGreen"


class Steered(NamedTuple):
    """Something that a Rollout or a Canary changes while it goes on, or takes its words from."""

    kind: str
    name: Placed[str]
    namespace: str
    """Empty where it is the Rollout's own."""
    field: str
    """Where it is named: `canaryService`."""


class AnalysisUse(NamedTuple):
    """The templates that one analysis runs, and what it gives them."""

    templates: tuple[Steered, ...]
    arguments: frozenset[str]
    background: bool
    """Whether it goes on beside the steps, and may have no end."""
    location: Location


class MeshRoute(NamedTuple):
    """A VirtualService whose weights a Rollout sets."""

    name: Placed[str]
    routes: tuple[Placed[str], ...]
    """The names of its http routes; empty where it is to have one alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSummary(ObjectSummary):
    """A Rollout as its traffic sees it."""

    pod_labels: Mapping[str, str]
    owner: tuple[str, str] | None
    """(kind, name) of the workload whose pods it takes over."""
    services: tuple[Steered, ...]
    others: tuple[Steered, ...]
    """Ingresses, VirtualServices, DestinationRules, the workload that it takes over."""
    analyses: tuple[AnalysisUse, ...]
    meshed: tuple[MeshRoute, ...]
    subsets: tuple[Placed[str], ...]
    """The subsets of its DestinationRule that it sends to."""
    managed_routes: frozenset[str]
    """The routes that it makes by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSummary(ObjectSummary):
    """An AnalysisTemplate, or a ClusterAnalysisTemplate."""

    open_arguments: tuple[str, ...]
    """Those without a value of their own."""
    endless: tuple[Placed[str], ...]
    """The metrics that are measured at an interval, and as often as that."""
    templates: tuple[Steered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySummary(ObjectSummary):
    """A Canary of Flagger."""

    target: Steered
    others: tuple[Steered, ...]
    """Its autoscaler, its Ingress, the MetricTemplates of its metrics."""


def rollout_summaries(manifests: Iterable[Manifest]) -> Iterator[object]:
    for manifest in manifests:
        if isinstance(manifest, Workload) and manifest.kind == "Rollout":
            yield _rollout(manifest, identity_of(manifest))
        elif manifest.group == "argoproj.io" and manifest.kind in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
            yield _analysis(manifest, identity_of(manifest))
        elif manifest.group == "flagger.app" and manifest.kind == "Canary":
            yield _canary(manifest, identity_of(manifest))


def _rollout(rollout: Workload, names: dict[str, Any]) -> RolloutSummary:
    strategy, owner = rollout.spec["strategy"], rollout.spec["workloadRef"]
    istio = strategy[CANARY]["trafficRouting"]["istio"]
    rule = istio["destinationRule"]
    others = [*_others(strategy[CANARY]["trafficRouting"])]
    if owner["name"].text:
        others.append(_steered(owner["kind"].text, owner["name"], "workloadRef"))
    return RolloutSummary(
        **names,
        pod_labels=rollout.pod_labels,
        owner=(owner["kind"].text, owner["name"].text) if owner.present else None,
        services=tuple(_services(strategy)),
        others=tuple(others),
        analyses=tuple(_analyses(strategy)),
        meshed=tuple(_meshed(istio)),
        subsets=tuple(
            Placed(rule[field].text, rule[field].location)
            for field in ("canarySubsetName", "stableSubsetName")
            if rule[field].text
        ),
        managed_routes=frozenset(route["name"].text for route in strategy[CANARY]["trafficRouting"]["managedRoutes"]),
    )


def _steered(kind: str, name: Node, field: str) -> Steered:
    namespace, _, own = name.text.rpartition("/") if kind == "VirtualService" else ("", "", name.text)
    if kind == "VirtualService" and "." in own:  # name.namespace is an older way of saying it
        own, _, namespace = own.partition(".")
    return Steered(kind, Placed(own, name.location), namespace, field)


def _services(strategy: Node) -> Iterator[Steered]:
    canary = strategy[CANARY]
    places = [
        (strategy[ACTIVE], "activeService"),
        (strategy[ACTIVE], "previewService"),
        (canary, "stableService"),
        (canary, "canaryService"),
        (canary["pingPong"], "pingService"),
        (canary["pingPong"], "pongService"),
    ]
    for node, field in places:
        if node[field].text:
            yield _steered("Service", node[field], field)


def _others(traffic: Node) -> Iterator[Steered]:
    for router in ("alb", "smi"):
        if traffic[router]["rootService"].text:
            yield _steered("Service", traffic[router]["rootService"], "rootService")
    for router, one, several in (("nginx", "stableIngress", "stableIngresses"), ("alb", "ingress", "ingresses")):
        for name in (traffic[router][one], *traffic[router][several]):
            if name.text:
                yield _steered("Ingress", name, one)
    istio = traffic["istio"]
    for service in (istio["virtualService"], *istio["virtualServices"]):
        if service["name"].text:
            yield _steered("VirtualService", service["name"], "virtualService")
    if istio["destinationRule"]["name"].text:
        yield _steered("DestinationRule", istio["destinationRule"]["name"], "destinationRule")


def _meshed(istio: Node) -> Iterator[MeshRoute]:
    for service in (istio["virtualService"], *istio["virtualServices"]):
        if service["name"].text and not len(service["tlsRoutes"]) and not len(service["tcpRoutes"]):
            name = _steered("VirtualService", service["name"], "virtualService").name
            yield MeshRoute(name, tuple(Placed(r.text, r.location) for r in service["routes"].strings()))


def _analyses(strategy: Node) -> Iterator[AnalysisUse]:
    canary, blue_green = strategy[CANARY], strategy[ACTIVE]
    if canary["analysis"].present:
        yield _use(canary["analysis"], background=True)
    inline = [step["analysis"] for step in canary["steps"]]
    for analysis in (*inline, blue_green["prePromotionAnalysis"], blue_green["postPromotionAnalysis"]):
        if analysis.present:
            yield _use(analysis, background=False)
    for step in canary["steps"]:
        for analysis in step["experiment"]["analyses"]:
            # An experiment ends its analyses when it ends itself.
            use = _use(analysis, background=True)
            named = _template(analysis["templateName"], analysis["clusterScope"])
            if named is not None:
                yield use._replace(templates=(named,))


def _use(analysis: Node, *, background: bool) -> AnalysisUse:
    return AnalysisUse(
        tuple(_templates(analysis)),
        frozenset(argument["name"].text for argument in analysis["args"]),
        background,
        analysis.location,
    )


def _templates(analysis: Node) -> Iterator[Steered]:
    for template in analysis["templates"]:
        named = _template(template["templateName"], template["clusterScope"])
        if named is not None:
            yield named


def _template(name: Node, everywhere: Node) -> Steered | None:
    kind = "ClusterAnalysisTemplate" if everywhere.value is True else "AnalysisTemplate"
    return _steered(kind, name, "templateName") if name.text else None


def _analysis(template: Manifest, names: dict[str, Any]) -> AnalysisSummary:
    return AnalysisSummary(
        **names,
        open_arguments=tuple(
            one["name"].text
            for one in template.spec["args"]
            if not one["value"].present and not one["valueFrom"].present
        ),
        endless=tuple(
            Placed(metric["name"].text, metric["interval"].location)
            for metric in template.spec["metrics"]
            if metric["interval"].present and not metric["count"].text.strip() and not whole(metric["count"])
        ),
        templates=tuple(_templates(template.spec)),
    )


def _canary(canary: Manifest, names: dict[str, Any]) -> CanarySummary:
    spec = canary.spec
    target, scaler = spec["targetRef"], spec["autoscalerRef"]
    analysis = spec["analysis"] if spec["analysis"].present else spec["canaryAnalysis"]
    others = [_steered(scaler["kind"].text or "HorizontalPodAutoscaler", scaler["name"], "autoscalerRef")]
    others.append(_steered("Ingress", spec["ingressRef"]["name"], "ingressRef"))
    for metric in analysis["metrics"]:
        reference = metric["templateRef"]
        others.append(
            Steered(
                "MetricTemplate",
                Placed(reference["name"].text, reference["name"].location),
                reference["namespace"].text,
                "templateRef",
            )
        )
    return CanarySummary(
        **names,
        target=_steered(target["kind"].text or "Deployment", target["name"], "targetRef"),
        others=tuple(one for one in others if one.name.value),
    )
