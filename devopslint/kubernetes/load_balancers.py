"""Load balancers outside the cluster that reach pods through a port of every node: they need Services of type NodePort."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location, PartialDocument, Summaries
from devopslint.readers.yaml import Node

_CLASS = "kubernetes.io/ingress.class"
_OF_GOOGLE = ("networking.gke.io/", "ingress.gcp.kubernetes.io/", "kubernetes.io/ingress.global-static-ip-name")
_NAMED = compiled(r"""["']?serviceName["']?[ \t]*:[ \t]*["']?([\w.-]+)""", re.IGNORECASE)
"""A Service in the text of an action of the AWS Load Balancer Controller."""


class NodePort(NamedTuple):
    """A summary: a Service of that type, and where it says so."""

    namespace: str
    name: str
    groups: bool
    """Whether its annotations ask for network endpoint groups, which reach pods without a port of the node."""
    location: Location


class Balanced(NamedTuple):
    """A summary: the Services that a load balancer outside the cluster sends to through the nodes."""

    namespace: str
    services: frozenset[str]
    by: str
    google: bool


def balancing_summaries(manifests: Iterable[Manifest]) -> Iterator[NodePort | Balanced]:
    for one in manifests:
        if one.kind == "Service" and one.spec["type"].text == "NodePort":
            groups = "cloud.google.com/neg" in one.annotations
            yield NodePort(one.namespace, one.name, groups, one.spec["type"].location)
        elif one.kind == "Ingress":
            yield from _of_ingress(one)
        elif one.kind == "Rollout":
            canary = one.spec["strategy"]["canary"]
            balancer = canary["trafficRouting"]["alb"]
            if balancer.present:
                pair = canary["pingPong"]
                names = (
                    canary["canaryService"],
                    canary["stableService"],
                    balancer["rootService"],
                    pair["pingService"],
                    pair["pongService"],
                )
                yield Balanced(one.namespace, frozenset(node.text for node in names), one.label, google=False)


def _of_ingress(ingress: Manifest) -> Iterator[Balanced]:
    annotations = ingress.annotations
    kind = ingress.spec["ingressClassName"].text or annotations.get(_CLASS, "")
    services = frozenset(_backends(ingress.spec))
    actions = [(key, value) for key, value in annotations.items() if key.startswith("alb.ingress.kubernetes.io/")]
    if kind == "alb" or actions:
        if annotations.get("alb.ingress.kubernetes.io/target-type", "instance") == "instance":
            named = {name for _, value in actions for name in _NAMED.findall(value)}
            yield Balanced(ingress.namespace, services | named, ingress.label, google=False)
    elif kind in ("gce", "gce-internal") or any(key.startswith(_OF_GOOGLE) for key in annotations):
        yield Balanced(ingress.namespace, services, ingress.label, google=True)


def _backends(spec: Node) -> Iterator[str]:
    backends = [spec["defaultBackend"], spec["backend"]]
    backends += [path["backend"] for rule in spec["rules"] for path in rule["http"]["paths"]]
    for one in backends:
        yield one["service"]["name"].text or one["serviceName"].text


def node_ports_that_are_needed(summaries: Summaries) -> Iterator[PartialDocument]:
    """The types of Services that no load balancer of the cloud reaches without a port of the node."""
    ports = summaries.of(NodePort)
    balanced = summaries.of(Balanced) if ports else ()
    for port in ports:
        for one in balanced:
            near = not (port.namespace and one.namespace) or port.namespace == one.namespace
            if near and port.name in one.services and not (one.google and port.groups):
                at = port.location
                reason = f"is what the load balancer of {one.by} reaches pods through"
                yield PartialDocument(at.path, reason, at.line, at.line, whole=True, column=at.column)
                break
