"""Istio's objects among those of their cluster: who answers for a host, which pods a gateway runs on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from devopslint.deferred import NamedTuple, dataclass
from devopslint.kubernetes.cluster import Cluster, Member
from devopslint.kubernetes.mesh import (
    EVERYWHERE,
    CrossingWords,
    DestinationRuleWords,
    GrantWords,
    ListenersWords,
    MeshGatewayWords,
    MeshPolicyWords,
    ServiceEntryWords,
    VirtualServiceWords,
)
from devopslint.kubernetes.summaries import (
    INJECTED,
    LabelSelector,
    ObjectSummary,
    Requirement,
    ServicePort,
    ServiceSummary,
    WorkloadSummary,
)
from devopslint.model import Location

S = TypeVar("S", bound=ObjectSummary)
_MESH = "mesh"
_LOCAL = "."
_CLUSTER_DOMAIN = "svc.cluster.local"


def full_name(host: str, namespace: str) -> str:
    """A host as it is known to the whole mesh: a short name is a Service of the namespace."""
    return host if host.startswith("*") or "." in host else f"{host}.{namespace}.{_CLUSTER_DOMAIN}"


def scopes(export_to: Iterable[str], namespace: str) -> frozenset[str]:
    """The namespaces that an object is there for; `*` for all."""
    named = frozenset(namespace if one == _LOCAL else one for one in export_to)
    return frozenset({EVERYWHERE}) if not named or EVERYWHERE in named else named


def covers(pattern: str, host: str) -> bool:
    """Whether a host name, or one that stands for many, has a name in common with the pattern."""
    if pattern in (host, EVERYWHERE) or host == EVERYWHERE:
        return True
    if pattern.startswith("*") and host.startswith("*"):
        return pattern.endswith(host[1:]) or host.endswith(pattern[1:])
    if pattern.startswith("*"):
        return host.endswith(pattern[1:])
    return host.startswith("*") and pattern.endswith(host[1:])


def selector_of(labels: Mapping[str, str], location: Location) -> LabelSelector:
    return LabelSelector(tuple(Requirement(k, "In", frozenset({v})) for k, v in labels.items()), location)


class ClusterGateway(Member[MeshGatewayWords]):
    @property
    def selector(self) -> LabelSelector:
        return selector_of(self.own.selector, self.own.selector_location)

    @property
    def pods(self) -> list[WorkloadSummary]:
        """Those that it runs on, in whatever namespace."""
        return self.cluster.with_labels(self.selector, "") if self.own.selector else []

    @property
    def ports(self) -> set[int] | None:
        """What the Services of its pods open; None where no pod is known, or a port is not."""
        pods = self.pods
        if not pods:
            return None
        services = {one.location: one for pod in pods for one in self.cluster.services.get(pod.location, ())}
        if any(self.cluster.is_changed(one, "ports") for one in services.values()):
            return None
        ports: set[int] = set()
        for service in services.values():
            for port in service.ports:
                ports.update(_numbers(port))
        return ports


def _numbers(port: ServicePort) -> Iterator[int]:
    for number in (port.number, port.target.value):
        if isinstance(number, int):
            yield number


MOST_RIVALS = 100
"""Objects that each of those that say something of one thing is held against."""


class Rivals(NamedTuple):
    """Objects of one kind that say something of one thing, of which one alone can hold."""

    first: ObjectSummary
    others: tuple[ObjectSummary, ...]
    about: str

    @property
    def label(self) -> str:
        return self.first.label

    @property
    def location(self) -> Location:
        return self.first.location


def cluster_gateways(cluster: Cluster) -> list[ClusterGateway]:
    """Every Gateway of Istio."""
    return [ClusterGateway(one, cluster) for one in cluster.others(MeshGatewayWords) if not cluster.is_partial(one)]


def _worlds(cluster: Cluster, kind: type[S]) -> Iterator[list[S]]:
    """The objects of a kind that go into a cluster together: those of one folder, where none stands for another."""
    found: dict[str, list[S]] = defaultdict(list)
    for one in cluster.others(kind):
        if not cluster.is_partial(one):
            found[one.folder].append(one)
    return iter(found.values())


def _is_another(one: ObjectSummary, other: ObjectSummary) -> bool:
    """Whether two stand for two objects; of one name they may be two states of one, of which a cluster has the last."""
    apart = bool(one.namespace and other.namespace and one.namespace != other.namespace)
    return one.location != other.location and (one.name != other.name or apart)


def conflicting_hosts(cluster: Cluster) -> list[Rivals]:
    """Every VirtualService for the mesh that has a host with another one in common."""
    found: dict[Location, Rivals] = {}
    for world in _worlds(cluster, VirtualServiceWords):
        by_host: dict[tuple[str, str], list[VirtualServiceWords]] = defaultdict(list)
        for one in world:
            if not one.gateways or any(gateway.value == _MESH for gateway in one.gateways):
                for scope in scopes(one.export_to, one.namespace):
                    for placed in one.hosts:
                        by_host[scope, full_name(placed.value, one.namespace)].append(one)
        everywhere = (each for each in by_host.items() if each[0][0] == EVERYWHERE and each[0][1].startswith("*"))
        shared = [(host, services) for (_, host), services in islice(everywhere, MOST_RIVALS)]
        for (scope, host), services in by_host.items():
            rivals = list(services)
            if scope != EVERYWHERE:
                # What is there for everybody is there in this namespace too.
                plain = by_host.get((EVERYWHERE, host), [])
                wide = [one for other, many in shared if covers(other, host) for one in many[:MOST_RIVALS]]
                rivals += [*plain, *wide]
            some = list({id(r): r for r in rivals[:MOST_RIVALS]}.values())
            for one in rivals:
                others = tuple(r for r in some if _is_another(one, r))
                if others:
                    found.setdefault(one.location, Rivals(one, others, host))
    return list(found.values())


def conflicting_entries(cluster: Cluster) -> list[Rivals]:
    """Every ServiceEntry that gives a port of a host another protocol than another one does."""
    found: dict[Location, Rivals] = {}
    for world in _worlds(cluster, ServiceEntryWords):
        entries: dict[tuple[str, str, int], list[tuple[str, ServiceEntryWords]]] = defaultdict(list)
        for one in world:
            for scope in scopes(one.export_to, one.namespace):
                for host in one.hosts:
                    for port in one.ports:
                        entries[scope, host, port.number or 0].append((port.protocol, one))
        for (scope, host, number), pairs in entries.items():
            seen = pairs if scope == EVERYWHERE else [*pairs, *entries.get((EVERYWHERE, host, number), [])]
            for protocol, one in seen:
                some = seen[:MOST_RIVALS]
                others = {o.location: o for p, o in some if p != protocol and _is_another(one, o)}
                if others:
                    found.setdefault(one.location, Rivals(one, tuple(others.values()), f"port {number} of '{host}'"))
    return list(found.values())


def conflicting_gateways(cluster: Cluster) -> list[Rivals]:
    """Every Gateway that opens a port for a host on pods on which another one opens it for that host."""
    found: dict[Location, Rivals] = {}
    for world in _worlds(cluster, MeshGatewayWords):
        opened: dict[tuple[int, str, str], list[MeshGatewayWords]] = defaultdict(list)
        for one in world:
            for server in one.servers:
                for host in server.hosts if server.port.value else ():
                    opened[server.port.value or 0, host, server.bind].append(one)
        for (number, host, _), gateways in opened.items():
            for one in gateways:
                some = [o for o in gateways[:MOST_RIVALS] if _is_another(one, o)]
                others = {o.location: o for o in some if _share(cluster, one, o)}
                if others:
                    about = f"port {number} for '{host}'"
                    found.setdefault(one.location, Rivals(one, tuple(others.values()), about))
    return list(found.values())


def _share(cluster: Cluster, one: MeshGatewayWords, other: MeshGatewayWords) -> bool:
    """Whether two gateways run on the same pods."""
    if one.selector == other.selector:
        return True
    ours, theirs = set(one.selector.items()), set(other.selector.items())
    if not (ours <= theirs or theirs <= ours):
        return False
    both = selector_of({**one.selector, **other.selector}, one.selector_location)
    return bool(cluster.with_labels(both, ""))


_SOLE = ("Sidecar", "Telemetry")
"""Kinds of which one alone holds for a pod."""


def conflicting_settings(cluster: Cluster) -> list[Rivals]:
    """Every Sidecar or Telemetry that is for the same pods as another one of its namespace."""
    found: dict[Location, Rivals] = {}
    for world in _worlds(cluster, MeshPolicyWords):
        alike: dict[tuple[str, str, frozenset[tuple[str, str]]], list[MeshPolicyWords]] = defaultdict(list)
        for one in world:
            if one.kind in _SOLE and one.namespace and not one.targeted:
                alike[one.kind, one.namespace, frozenset(one.selector.items())].append(one)
        for (_, namespace, labels), policies in alike.items():
            about = f"pods with {', '.join(sorted(map('='.join, labels)))}" if labels else f"every pod of {namespace}"
            for one in policies:
                others = tuple(other for other in policies[:MOST_RIVALS] if _is_another(one, other))
                if others:
                    found.setdefault(one.location, Rivals(one, others, about))
    return list(found.values())


def shared_certificates(cluster: Cluster) -> list[Rivals]:
    """Every Gateway whose certificate another one of its namespace and its pods presents too."""
    found: dict[Location, Rivals] = {}
    for world in _worlds(cluster, MeshGatewayWords):
        holders: dict[tuple[object, ...], list[MeshGatewayWords]] = defaultdict(list)
        for one in world:
            for server in one.servers:
                if server.credential.value or all(server.certificate):
                    key = server.credential.value or server.certificate
                    holders[one.namespace, key].append(one)
        for gateways in holders.values():
            for one in gateways:
                ours = set(one.selector.items())
                others = {
                    o.location: o
                    for o in gateways[:MOST_RIVALS]
                    if _is_another(one, o) and ours <= set(o.selector.items())
                }
                if others:
                    found.setdefault(one.location, Rivals(one, tuple(others.values()), "its certificate"))
    return list(found.values())


class ClusterVirtualService(Member[VirtualServiceWords]):
    def gateways(self, name: str) -> list[MeshGatewayWords | ListenersWords]:
        """Those that a name means: `gateway`, or `namespace/gateway`."""
        within, slash, own = name.rpartition("/")
        namespace = within if slash and within != _LOCAL else self.own.namespace
        known: list[MeshGatewayWords | ListenersWords] = [
            *self.cluster.others_named(MeshGatewayWords, own),
            *self.cluster.others_named(ListenersWords, own),
        ]
        found = [one for one in known if one.namespace == namespace or not one.namespace or not namespace]
        return self.cluster.closest(found, self.own)

    def answers(self, gateway: MeshGatewayWords | ListenersWords) -> bool:
        """Whether the gateway lets one of its hosts in from its namespace."""
        hosts = [host.value for host in self.own.hosts]
        if isinstance(gateway, ListenersWords):
            names = [listener.hostname or EVERYWHERE for listener in gateway.listeners]
            return any(covers(name, host) for name in names for host in hosts)
        for server in gateway.servers:
            for pattern in server.hosts:
                within, slash, name = pattern.rpartition("/")
                if slash and within == _LOCAL:
                    within = gateway.namespace
                open_to = within in ("", EVERYWHERE, self.own.namespace) or not self.own.namespace
                if open_to and any(covers(name, host) for host in hosts):
                    return True
        return False


def cluster_virtual_services(cluster: Cluster) -> list[ClusterVirtualService]:
    return [
        ClusterVirtualService(one, cluster)
        for one in cluster.others(VirtualServiceWords)
        if not cluster.is_partial(one)
    ]


@dataclass(frozen=True, eq=False)
class ClusterDestinationRule(Member[DestinationRuleWords]):
    entries: frozenset[str]
    """The hosts that the ServiceEntries of the tree are for."""

    @property
    def service(self) -> tuple[str, str] | None:
        """The (name, namespace) of the Service that it is for; None where it is for no Service of the cluster."""
        return service_of(self.own.host.value, self.own.namespace)

    @property
    def services(self) -> list[ServiceSummary]:
        if self.service is None:
            return []
        found = self.cluster.named("Service", *self.service, self.own)
        return [one for one in found if isinstance(one, ServiceSummary)]

    @property
    def is_for_mesh(self) -> bool:
        """Whether pods of the mesh answer for its host, as far as the tree tells: those of a Service of it, or of many."""
        host = self.own.host.value
        if host == "*.local" or (host.startswith("*.") and host.endswith(f".{_CLUSTER_DOMAIN}")):
            return True
        pods = [pod for service in self.services for pod in self.cluster.pods(service)]
        return bool(pods) and not any(map(_is_outside, pods))

    def has_entry(self) -> bool:
        """Whether a ServiceEntry of the tree is for the host."""
        host = full_name(self.own.host.value, self.own.namespace)
        return host in self.entries or any(covers(name, host) for name in self.entries if name.startswith("*"))


def _is_outside(pod: WorkloadSummary) -> bool:
    """Whether a pod asks for no proxy of the mesh."""
    return any(said.get(INJECTED) == "false" for said in (pod.pod_labels, pod.pod_annotations))


def service_of(host: str, namespace: str) -> tuple[str, str] | None:
    """The (name, namespace) of a host that is a Service: `shop`, `shop.live.svc.cluster.local`."""
    name, _, rest = host.partition(".")
    within, _, domain = rest.partition(".")
    if not name or "*" in host or (rest and domain != _CLUSTER_DOMAIN):
        return None
    return name, within or namespace


def destination_rules(cluster: Cluster) -> list[ClusterDestinationRule]:
    entries = frozenset(host for one in cluster.others(ServiceEntryWords) for host in one.hosts)
    return [
        ClusterDestinationRule(one, cluster, entries)
        for one in cluster.others(DestinationRuleWords)
        if not cluster.is_partial(one)
    ]


def mesh_policies(cluster: Cluster) -> list[Member[MeshPolicyWords]]:
    """Every object of Istio that is for some of the pods."""
    return [Member(one, cluster) for one in cluster.others(MeshPolicyWords) if not cluster.is_partial(one)]


def crossing_routes(cluster: Cluster) -> list[Member[CrossingWords]]:
    """Every route and Gateway of the Gateway API."""
    return [Member(one, cluster) for one in cluster.others(CrossingWords) if not cluster.is_partial(one)]


def grants(cluster: Cluster, namespace: str) -> list[GrantWords]:
    """The ReferenceGrants that may be in a namespace."""
    return [one for one in cluster.others(GrantWords) if one.namespace in ("", namespace)]
