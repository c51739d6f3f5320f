"""What Istio's objects, and the Gateway API's, tell the project: hosts, gateways, routes, and whom policies are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devopslint.deferred import NamedTuple, dataclass
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.summaries import ObjectSummary, Placed, identity_of
from devopslint.kubernetes.workloads import Manifest, texts
from devopslint.model import Location
from devopslint.readers.yaml import Node

EVERYWHERE = "*"
GATEWAY_API = "gateway.networking.k8s.io"


class DestinationWords(NamedTuple):
    """One place that a VirtualService sends to."""

    host: Placed[str]
    port: Placed[int | None]
    subset: str


class RouteWords(NamedTuple):
    """One http route of a VirtualService."""

    name: str
    destinations: tuple[DestinationWords, ...]
    location: Location

    @property
    def subsets(self) -> frozenset[str]:
        return frozenset(one.subset for one in self.destinations)

    def sends_to(self, service: str) -> bool:
        return any(one.host.value.partition(".")[0] == service for one in self.destinations)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualServiceWords(ObjectSummary):
    hosts: tuple[Placed[str], ...]
    gateways: tuple[Placed[str], ...]
    """Empty where it is for the mesh alone."""
    export_to: tuple[str, ...]
    http: tuple[RouteWords, ...]
    others: bool
    """Whether it has routes of tls or tcp."""
    destinations: tuple[DestinationWords, ...]
    """All of them, mirrors too."""


class ServerWords(NamedTuple):
    """One server of a Gateway of Istio."""

    port: Placed[int | None]
    hosts: tuple[str, ...]
    bind: str
    credential: Placed[str]
    certificate: tuple[str, str]
    """The paths of its certificate and its key, where they are files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshGatewayWords(ObjectSummary):
    """A Gateway of Istio."""

    selector: Mapping[str, str]
    selector_location: Location
    servers: tuple[ServerWords, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRuleWords(ObjectSummary):
    host: Placed[str]
    export_to: tuple[str, ...]
    subsets: tuple[tuple[Placed[str], Mapping[str, str]], ...]
    plain: tuple[Location, ...]
    """Where it turns TLS off."""


class EntryPort(NamedTuple):
    number: int | None
    protocol: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntryWords(ObjectSummary):
    hosts: tuple[str, ...]
    ports: tuple[EntryPort, ...]
    export_to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshPolicyWords(ObjectSummary):
    """What changes some pods of the mesh: who may speak to them, how they speak, what they tell."""

    selector: Mapping[str, str]
    selector_location: Location
    targeted: bool
    """Whether it names objects in place of labels."""


class Listener(NamedTuple):
    """One listener of a Gateway of the Gateway API."""

    name: str
    port: int | None
    hostname: str
    allows: str
    """`Same`, `All` or `Selector`: the namespaces from which routes may come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenersWords(ObjectSummary):
    """A Gateway of the Gateway API."""

    listeners: tuple[Listener, ...]


class Parent(NamedTuple):
    """What a route hangs on."""

    kind: str
    name: Placed[str]
    namespace: str
    """Empty where it is the route's own."""
    section: Placed[str]
    port: Placed[int | None]


class Crossing(NamedTuple):
    """A reference into another namespace."""

    kind: str
    name: Placed[str]
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingWords(ObjectSummary):
    """A route or a Gateway of the Gateway API, as far as it refers to others."""

    parents: tuple[Parent, ...]
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantWords(ObjectSummary):
    """A ReferenceGrant."""

    sources: frozenset[tuple[str, str]]
    """(kind, namespace)"""
    targets: frozenset[tuple[str, str]]
    """(kind, name); an empty name is any."""


def mesh_summaries(manifests: Iterable[Manifest]) -> Iterator[object]:
    for manifest in manifests:
        if manifest.group.endswith("istio.io") or manifest.group == GATEWAY_API:
            yield from _words(manifest)


def _words(manifest: Manifest) -> Iterator[object]:
    names = identity_of(manifest)
    spec = manifest.spec
    match manifest.group, manifest.kind:
        case ("networking.istio.io", "VirtualService"):
            yield _virtual_service(spec, names)
        case ("networking.istio.io", "Gateway"):
            yield _gateway(spec, names)
        case ("networking.istio.io", "DestinationRule"):
            yield DestinationRuleWords(
                **names,
                host=_text(spec["host"]),
                export_to=_all(spec["exportTo"]),
                subsets=tuple((_text(subset["name"]), texts(subset["labels"])) for subset in spec["subsets"]),
                plain=tuple(_plain(spec)),
            )
        case ("networking.istio.io", "ServiceEntry"):
            yield ServiceEntryWords(
                **names,
                hosts=_all(spec["hosts"]),
                ports=tuple(
                    EntryPort(whole(port["number"]), port["protocol"].text.upper(), port["number"].location)
                    for port in spec["ports"]
                ),
                export_to=_all(spec["exportTo"]),
            )
        case (
            ("security.istio.io", "AuthorizationPolicy" | "RequestAuthentication" | "PeerAuthentication")
            | ("telemetry.istio.io", "Telemetry")
            | ("extensions.istio.io", "WasmPlugin")
            | ("networking.istio.io", "Sidecar")
        ):
            yield _policy(manifest, names)
        case ("gateway.networking.k8s.io", "Gateway"):
            yield ListenersWords(**names, listeners=tuple(map(_listener, spec["listeners"])))
            yield CrossingWords(**names, parents=(), crossings=tuple(_certificates(spec)))
        case ("gateway.networking.k8s.io", "ReferenceGrant"):
            yield GrantWords(
                **names,
                sources=frozenset((one["kind"].text, one["namespace"].text) for one in spec["from"]),
                targets=frozenset((one["kind"].text, one["name"].text) for one in spec["to"]),
            )
        case ("gateway.networking.k8s.io", kind) if kind.endswith("Route"):
            yield CrossingWords(
                **names, parents=tuple(map(_parent, spec["parentRefs"])), crossings=tuple(_backends(spec))
            )


def _plain(spec: Node) -> Iterator[Location]:
    for policy in (spec["trafficPolicy"], *(subset["trafficPolicy"] for subset in spec["subsets"])):
        for part in (policy, *policy["portLevelSettings"]):
            if part["tls"]["mode"].text == "DISABLE":
                yield part["tls"]["mode"].location


def _virtual_service(spec: Node, names: dict[str, Any]) -> VirtualServiceWords:
    routes = tuple(
        RouteWords(
            route["name"].text, tuple(_destination(one["destination"]) for one in route["route"]), route.location
        )
        for route in spec["http"]
    )
    others = [entry["destination"] for kind in ("tls", "tcp") for route in spec[kind] for entry in route["route"]]
    mirrors = [route["mirror"] for route in spec["http"]]
    mirrors += [one["destination"] for route in spec["http"] for one in route["mirrors"]]
    return VirtualServiceWords(
        **names,
        hosts=tuple(map(_text, spec["hosts"].strings())),
        gateways=tuple(map(_text, spec["gateways"].strings())),
        export_to=_all(spec["exportTo"]),
        http=routes,
        others=any(len(spec[kind]) for kind in ("tls", "tcp")),
        destinations=(
            *(one for route in routes for one in route.destinations if one.host.value),
            *(_destination(one) for one in (*others, *mirrors) if one["host"].text),
        ),
    )


def _destination(node: Node) -> DestinationWords:
    port = node["port"]["number"]
    return DestinationWords(_text(node["host"]), Placed(whole(port), port.location), node["subset"].text)


def _gateway(spec: Node, names: dict[str, Any]) -> MeshGatewayWords:
    return MeshGatewayWords(
        **names,
        selector=texts(spec["selector"]),
        selector_location=spec["selector"].location,
        servers=tuple(
            ServerWords(
                Placed(whole(server["port"]["number"]), server["port"]["number"].location),
                _all(server["hosts"]),
                server["bind"].text,
                _text(server["tls"]["credentialName"]),
                (server["tls"]["serverCertificate"].text, server["tls"]["privateKey"].text),
            )
            for server in spec["servers"]
        ),
    )


def _policy(manifest: Manifest, names: dict[str, Any]) -> MeshPolicyWords:
    spec = manifest.spec
    selector = spec["workloadSelector"] if manifest.kind == "Sidecar" else spec["selector"]
    labels = selector["labels" if manifest.kind == "Sidecar" else "matchLabels"]
    return MeshPolicyWords(
        **names,
        selector=texts(labels),
        selector_location=labels.location,
        targeted=spec["targetRef"].present or len(spec["targetRefs"]) > 0,
    )


def _listener(node: Node) -> Listener:
    allows = node["allowedRoutes"]["namespaces"]["from"].text or "Same"
    return Listener(node["name"].text, whole(node["port"]), node["hostname"].text, allows)


def _certificates(spec: Node) -> Iterator[Crossing]:
    for listener in spec["listeners"]:
        for reference in listener["tls"]["certificateRefs"]:
            if reference["namespace"].text and reference["kind"].text in ("", "Secret"):
                yield Crossing("Secret", _text(reference["name"]), reference["namespace"].text)


def _parent(node: Node) -> Parent:
    return Parent(
        node["kind"].text or "Gateway",
        _text(node["name"]),
        node["namespace"].text,
        _text(node["sectionName"]),
        Placed(whole(node["port"]), node["port"].location),
    )


def _backends(spec: Node) -> Iterator[Crossing]:
    for rule in spec["rules"]:
        for reference in (*rule["backendRefs"], *(one["requestMirror"]["backendRef"] for one in rule["filters"])):
            if reference["namespace"].text:
                yield Crossing(
                    reference["kind"].text or "Service", _text(reference["name"]), reference["namespace"].text
                )


def _text(node: Node) -> Placed[str]:
    return Placed(node.text, node.location)


def _all(node: Node) -> tuple[str, ...]:
    return tuple(item.text for item in node.strings())
