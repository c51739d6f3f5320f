"""What an overlay may break between the objects that it builds: a Service and its pods, a budget and a number of pods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from devopslint.kubernetes.kustomize import Entry, Overlay
from devopslint.kubernetes.kustomize.building import Built
from devopslint.kubernetes.kustomize.deletions import Deletion
from devopslint.kubernetes.kustomize.given import GivenObjects
from devopslint.kubernetes.kustomize.resources import Resource
from devopslint.kubernetes.workloads import Workload, manifest_of
from devopslint.model import Location
from devopslint.readers.yaml import Node

RULES = frozenset(
    (
        "hpa-unrequested-resource",
        "k8s-missing-headless-service",
        "k8s-replicas-with-hpa",
        "net-dangling-ingress",
        "net-dangling-monitor",
        "net-dangling-policy",
        "net-dangling-route",
        "net-dangling-service",
        "net-missing-target-port",
        "net-unknown-monitor-port",
        "pdb-minimum-above-autoscaler",
        "pdb-minimum-equals-autoscaler",
        "pdb-minimum-not-below-replicas",
        "pdb-selects-nothing",
        "rollout-dangling",
        "rollout-mismatched-service",
    )
)
"""Those that hold objects of one build against each other."""
OF_DELETIONS = frozenset(("kustomize-needed-deletion",))
_SELECT = frozenset(("NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "Service", "ServiceMonitor"))
_SCALE = frozenset(("HorizontalPodAutoscaler", "PodDisruptionBudget", "ScaledObject"))
_REFER = _SELECT | _SCALE | {"GRPCRoute", "HTTPRoute", "Ingress", "Rollout", "TCPRoute", "TLSRoute", "VirtualService"}


def are_changed(changed: Iterable[tuple[Node, Node]], resources: Collection[Resource]) -> bool:
    """Whether something changed is what other objects of the build hold on to, or what holds on to others."""
    kinds = {one.kind for one in resources}
    return len(resources) > 1 and any(_holds_on(node, before, kinds) for node, before in changed)


def _holds_on(node: Node, before: Node, kinds: set[str]) -> bool:
    if node["kind"].text in _REFER:
        return not _same(node["spec"], before["spec"])
    if kinds.isdisjoint(_REFER):
        return False
    if not kinds.isdisjoint(_SCALE) and not _same(node["spec"]["replicas"], before["spec"]["replicas"]):
        return True
    now, then = manifest_of(node), manifest_of(before)
    if not (isinstance(now, Workload) and isinstance(then, Workload)) or now.template is then.template:
        return False
    if not _same(now.template["metadata"]["labels"], then.template["metadata"]["labels"]):
        return True
    had = {one.name: one.node for one in then.containers}
    return any(
        one.name not in had or not all(_same(one.node[key], had[one.name][key]) for key in ("ports", "resources"))
        for one in now.containers
    )


def _same(now: Node, then: Node) -> bool:
    return now is then or not (now.exists or then.exists)


def told(overlay: Overlay, built: Built, deleted: Iterable[Deletion], changed: bool) -> Iterator[object]:
    """What the objects of a build tell others: as they are built, or else as the files have them."""
    if changed:
        yield from deleted
    nodes = [one.node if changed or one.made or one.origin is None else one.origin for one in built.resources]
    yield from GivenObjects(overlay.path, nodes).summaries()
    at = Location(overlay.path, 1, 1, 1, 1)
    entries = tuple(Entry("resources", path, path, at) for path in sorted(built.files - {overlay.path}))
    yield Overlay(overlay.path, at, False, entries, (), (), (), (), frozenset())
