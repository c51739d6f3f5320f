"""Istio: gateways and their ports and certificates, hosts that two objects claim, rules and policies for pods that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.kubernetes.cluster import ClusterWorkload, Member, cluster_workloads
from devopslint.kubernetes.gitops import virtual_services
from devopslint.kubernetes.manifests import objects, workloads
from devopslint.kubernetes.mesh import MeshPolicyWords
from devopslint.kubernetes.mesh_in_cluster import (
    ClusterDestinationRule,
    ClusterGateway,
    ClusterVirtualService,
    Rivals,
    cluster_gateways,
    cluster_virtual_services,
    conflicting_entries,
    conflicting_gateways,
    conflicting_hosts,
    conflicting_settings,
    destination_rules,
    mesh_policies,
    selector_of,
    service_of,
    shared_certificates,
)
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.objects import secrets, services
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.summaries import DataSummary, ServiceSummary
from devopslint.kubernetes.workloads import Manifest, Workload
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_DEFAULT_GATEWAYS = frozenset(
    {"ingressgateway", "egressgateway", "eastwestgateway", "istio-ingressgateway", "istio-egressgateway"}
)
"""The labels' values of the gateways that Istio's own installation brings."""
_GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
_TOPOLOGY = ("topology.kubernetes.io/", "topology.istio.io/", "kubernetes.io/hostname", "security.istio.io/")
"""Labels that the mesh takes from nodes and networks."""
_PROTOCOLS = frozenset(
    {"tcp", "udp", "grpc", "grpc-web", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql"}
)
_STANDARD_PROTOCOLS = frozenset({"kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"})
_KNOWN_PORTS = frozenset({25, 53, 3306, 27017})
_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease", "local-path-storage"})
_VERIFIED_MODES = ("SIMPLE", "MUTUAL")
_MINIMUM = {
    "grpcroutes.gateway.networking.k8s.io": (1, 1),
    "backendtlspolicies.gateway.networking.k8s.io": (1, 4),
    "tlsroutes.gateway.networking.k8s.io": (1, 5),
    "tcproutes.gateway.networking.k8s.io": (1, 6),
}
"""The bundle of the Gateway API from which on Istio 1.32 heeds each kind."""
_PROXY_USER = 1337
_PROXIES = frozenset({"discovery", "istio-init", "istio-proxy", "istio-validation"})
"""Istio's own containers."""


@check("net-refused-mesh-object", each=objects)
def refused_mesh_object(manifest: Manifest) -> Iterator[Problem]:
    if manifest.group.endswith(".istio.io"):
        from devopslint.kubernetes.mesh_refusals import refusals  # only where there is a mesh

        for place, fault in refusals(manifest):
            yield Problem(place.location, f"{manifest.label} {fault}")


@check("net-conflicting-gateways", each=conflicting_gateways)
def conflicting_gateway(rivals: Rivals) -> Iterator[Problem]:
    yield from _rivalry(rivals, "opens {about}, as {others} does on the same pods")


@check("net-conflicting-hosts", each=conflicting_hosts)
def conflicting_host(rivals: Rivals) -> Iterator[Problem]:
    yield from _rivalry(rivals, "routes host '{about}' of the mesh, as {others} does")


@check("net-conflicting-service-entries", each=conflicting_entries)
def conflicting_service_entry(rivals: Rivals) -> Iterator[Problem]:
    yield from _rivalry(rivals, "gives {about} another protocol than {others}")


@check("net-conflicting-mesh-settings", each=conflicting_settings)
def conflicting_setting(rivals: Rivals) -> Iterator[Problem]:
    yield from _rivalry(rivals, "is for {about}, as {others} is")


@check("net-shared-gateway-certificate", each=shared_certificates)
def shared_gateway_certificate(rivals: Rivals) -> Iterator[Problem]:
    yield from _rivalry(rivals, "presents {about} on the same pods as {others}")


def _rivalry(rivals: Rivals, message: str) -> Iterator[Problem]:
    others = " and ".join(
        one.label if not one.namespace else f"{one.label} of {one.namespace}" for one in rivals.others
    )
    said = message.format(about=rivals.about, others=others)
    related = tuple(Related(one.location, one.label) for one in rivals.others[:3])
    yield Problem(rivals.location, f"{rivals.label} {said}", related)


@check("net-gateway-without-pods", each=cluster_gateways, complete=True)
def gateway_without_pods(gateway: ClusterGateway, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    own = gateway.own
    if not own.selector or _DEFAULT_GATEWAYS & set(own.selector.values()):
        return
    if not (gateway.cluster.labels_pods_with(own.selector) or any(map(_is_misspelt, own.selector.values()))):
        return  # the proxies of the mesh are installed elsewhere
    if not gateway.cluster.fills(own.namespace, own):
        return
    absence = gateway.cluster.selects_nothing(gateway.selector, "", own, assume_exists)
    if absence is not None:
        yield absence.at(own.selector_location, f"{gateway.label} runs on no pod: {gateway.selector}")


def _is_misspelt(value: str) -> bool:
    """Whether a gateway is nearly called what Istio's own are; `ingressgateway-2` is one more."""
    from difflib import get_close_matches  # only where something is wrong

    return not value.startswith(tuple(_DEFAULT_GATEWAYS)) and bool(get_close_matches(value, _DEFAULT_GATEWAYS, 1, 0.9))


@check("net-unserved-gateway-port", each=cluster_gateways, complete=True)
def unserved_gateway_port(gateway: ClusterGateway) -> Iterator[Problem]:
    ports = gateway.ports
    for server in gateway.own.servers if ports is not None else ():
        if server.port.value is not None and ports is not None and server.port.value not in ports:
            yield Problem(
                server.port.location,
                f"{gateway.label} listens on port {server.port.value}, which no Service of its pods opens",
                tuple(Related(pod.location, pod.label) for pod in gateway.pods[:3]),
            )


@check("net-missing-gateway-credential", each=cluster_gateways, complete=True)
def missing_gateway_credential(gateway: ClusterGateway, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    cluster, own = gateway.cluster, gateway.own
    namespaces = {pod.namespace for pod in gateway.pods} or {""}
    for server in own.servers:
        name = server.credential.value
        if not name or name.startswith("kubernetes-gateway://") or not cluster.keeps("Secret", own):
            continue
        if all(gateway.lacks("Secret", name, assume_exists, namespace) for namespace in namespaces):
            absence = gateway.lacks("Secret", name, assume_exists, min(namespaces))
            if absence is not None:
                message = f"{gateway.label} presents Secret '{name}', which is nowhere"
                yield absence.at(server.credential.location, message)


@check("net-invalid-gateway-credential", each=cluster_gateways)
def invalid_gateway_credential(gateway: ClusterGateway) -> Iterator[Problem]:
    cluster, own = gateway.cluster, gateway.own
    for server in own.servers:
        name = server.credential.value
        for secret in cluster.named("Secret", name, "", own) if name else ():
            if not isinstance(secret, DataSummary) or secret.keys is None or cluster.is_partial(secret):
                continue
            if not ({"tls.crt", "tls.key"} <= secret.keys or {"cert", "key"} <= secret.keys):
                yield Problem(
                    server.credential.location,
                    f"{gateway.label} presents Secret '{name}', which has no tls.crt and tls.key",
                    (Related(secret.location, secret.label),),
                )


@check("net-invalid-gateway-credential", each=secrets)
def invalid_certificate(secret: Manifest) -> Iterator[Problem]:
    if secret.node["type"].text != "kubernetes.io/tls" or not secret.node["data"].is_mapping:
        return
    data = secret.node["data"]
    for key in ("tls.crt", "tls.key"):
        given = data[key]
        if not given.text and secret.node["stringData"][key].text:
            continue
        if not given.present:
            yield Problem(given.location, f"{secret.label} has no {key}, which its type asks for")
        elif given.text and not _is_pem(given.text):
            yield Problem(given.location, f"{key} of {secret.label} is no PEM")


def _is_pem(text: str) -> bool:
    """Whether a value is base64 of what begins like a PEM block; what some tool fills in later may be anything."""
    packed = "".join(text.split())
    if re.search(r"[^A-Za-z0-9+/=]", packed) or len(packed) < 8:
        return True
    from base64 import b64decode  # most runs see none

    try:
        return b"-----BEGIN " in b64decode(packed, validate=True)
    except ValueError:
        return True


@check("net-dangling-gateway", each=cluster_virtual_services, complete=True)
def dangling_gateway(service: ClusterVirtualService, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for named in service.own.gateways:
        if named.value in ("", "mesh") or service.gateways(named.value):
            continue
        within, _, name = named.value.rpartition("/")
        namespace = within if within not in ("", ".") else service.own.namespace
        if not service.cluster.knows_kind("Gateway", namespace, service.own):
            continue  # whoever keeps the gateways keeps them elsewhere
        if absence := service.lacks("Gateway", name, assume_exists, namespace):
            message = f"{service.label} listens at Gateway '{named.value}', which is nowhere"
            yield absence.at(named.location, message)


@check("net-host-outside-gateway", each=cluster_virtual_services)
def host_outside_gateway(service: ClusterVirtualService) -> Iterator[Problem]:
    hosts = ", ".join(host.value for host in service.own.hosts)
    if not hosts or "$" in hosts or "{" in hosts:
        return
    for named in service.own.gateways:
        found = [one for one in service.gateways(named.value) if not service.cluster.is_partial(one)]
        if found and not any(service.answers(one) for one in found):
            yield Problem(
                named.location,
                f"{service.label} is for {hosts}, which {found[0].label} does not let in",
                (Related(found[0].location, found[0].label),),
            )


@check("net-ambiguous-port", each=cluster_virtual_services)
def ambiguous_port(service: ClusterVirtualService) -> Iterator[Problem]:
    cluster, own = service.cluster, service.own
    for destination in own.destinations:
        named = service_of(destination.host.value, own.namespace)
        if named is None or destination.port.value is not None:
            continue
        for found in cluster.named("Service", *named, own)[:1]:
            several = (
                isinstance(found, ServiceSummary) and len(found.ports) > 1 and not cluster.is_changed(found, "ports")
            )
            if several and not cluster.is_partial(found):
                yield Problem(
                    destination.host.location,
                    f"{service.label} sends to {found.label}, which has {len(found.ports)} ports, and names none of them",
                    (Related(found.location, found.label),),
                )


@check("net-unreachable-rule", each=virtual_services)
def unreachable_rule(service: Manifest) -> Iterator[Problem]:
    earlier = _Earlier()
    for number, route in enumerate(service.spec["http"], 1):
        matches = list(route["match"])
        first = earlier.taking(matches)
        if first is not None:
            message = f"rule {number} of {service.label} is never asked: rule {first} takes its requests"
            yield Problem(route.location, message, (Related(earlier.places[first], f"rule {first}"),))
        # What a rule hands on to another VirtualService may come back to the next one.
        elif not route["delegate"].present and not any(map(_has_placeholder, matches)):
            earlier.add(number, route, matches)


class _Earlier:
    """The rules that stand above one, by what they ask for: each is asked about once, however many there are."""

    def __init__(self) -> None:
        self.places: dict[int, Location] = {}
        self._all: int | None = None
        """The first that takes every request."""
        self._same: dict[object, list[int]] = {}
        self._above: dict[str, list[int]] = {}
        """By the path under which everything is theirs, without the `/` at its end."""

    def add(self, number: int, route: Node, matches: list[Node]) -> None:
        self.places[number] = route.location
        if any(not match.items() for match in matches) or not matches:
            self._all = number  # and nothing that comes after it is asked
            return
        for match in matches:
            self._same.setdefault(_shape(match), []).append(number)
            prefix = match["uri"]["prefix"].text
            if prefix and {key.text for key, _ in match.items()} - {"name"} == {"uri"}:
                self._same.setdefault(prefix, []).append(number)
                self._above.setdefault(prefix.rstrip("/"), []).append(number)

    def taking(self, matches: list[Node]) -> int | None:
        """The first rule that takes all requests of these matches."""
        shared = set.intersection(*(set(self._taking(match)) for match in matches)) if matches else set[int]()
        return min(shared, default=self._all)

    def _taking(self, match: Node) -> Iterator[int]:
        yield from self._same.get(_shape(match), ())
        path = match["uri"]["prefix"].text or match["uri"]["exact"].text
        if path and not match["ignoreUriCase"].present:
            yield from self._same.get(path, ())
            for end in (at for at, character in enumerate(path) if character == "/"):
                yield from self._above.get(path[:end], ())


def _shape(node: Node) -> object:
    """What a match says, without its name and its place."""
    if node.is_mapping:
        return frozenset((key.text, _shape(value)) for key, value in node.items() if key.text != "name")
    return tuple(map(_shape, node)) if node.is_sequence else (type(node.value), node.text)


def _has_placeholder(match: Node) -> bool:
    return any(node.is_scalar and stands_in(node.text) for node in match.walk())


@check("net-dangling-destination-rule", each=destination_rules, complete=True)
def dangling_destination_rule(
    rule: ClusterDestinationRule, *, assume_exists: list[str]
) -> Iterator[Problem | NotKnown]:
    if rule.service is None or rule.has_entry():
        return
    name, namespace = rule.service
    if absence := rule.lacks("Service", name, assume_exists, namespace):
        yield absence.at(rule.own.host.location, f"{rule.label} is for Service '{name}', which is nowhere")


@check("net-empty-subset", each=destination_rules, complete=True)
def empty_subset(rule: ClusterDestinationRule, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    services = [one for one in rule.services if one.selector is not None]
    if rule.service is None or not services or any(rule.cluster.is_partial(one) for one in services):
        return
    for name, labels in rule.own.subsets:
        empty = [key for key, value in labels.items() if not value and key.startswith(_TOPOLOGY)]
        if empty:
            yield Problem(name.location, f"subset '{name.value}' of {rule.label} has no pod: {empty[0]} is empty")
            continue
        own = {key: value for key, value in labels.items() if not key.startswith(_TOPOLOGY)}
        for service in services[:1]:
            selected = {**dict(service.selector.equalities if service.selector else ()), **own}
            selector = selector_of(selected, name.location)
            absence = rule.cluster.selects_nothing(selector, service.namespace, rule.own, assume_exists)
            if own and absence is not None:
                yield absence.at(name.location, f"subset '{name.value}' of {rule.label} has no pod: {selector}")


@check("net-unverified-tls", each=objects)
def unverified_tls(manifest: Manifest) -> Iterator[Problem]:
    if manifest.kind != "DestinationRule" or manifest.group != "networking.istio.io":
        return
    policy = manifest.spec["trafficPolicy"]
    named = manifest.spec["workloadSelector"].present
    for place, part in (
        ("", policy),
        *((f" of port {p['port']['number'].text}", p) for p in policy["portLevelSettings"]),
    ):
        tls = part["tls"]
        verified = tls["caCertificates"].text or (tls["credentialName"].text and named)
        if tls["mode"].text in _VERIFIED_MODES and not verified and tls["insecureSkipVerify"].value is not False:
            yield Problem(
                tls["mode"].location,
                f"{manifest.label} names no caCertificates{place}: before Istio 1.20 whoever answers is believed",
            )


@check("net-service-entry-without-address", each=objects)
def service_entry_without_address(manifest: Manifest) -> Iterator[Problem]:
    spec = manifest.spec
    if manifest.kind != "ServiceEntry" or manifest.group != "networking.istio.io":
        return
    if spec["addresses"].present or len(manifest.node["status"]["addresses"]):
        return
    for port in spec["ports"]:
        if port["protocol"].text.upper() in ("", "TCP"):
            number = port["number"].text
            message = f"{manifest.label} takes all TCP traffic to port {number}, whatever its host: it has no addresses"
            yield Problem(port["protocol"].location, message)


@check("net-ineffective-selector", each=mesh_policies)
def ineffective_selector(policy: Member[MeshPolicyWords]) -> Iterator[Problem]:
    own = policy.own
    if own.kind in ("Sidecar", "PeerAuthentication") or own.targeted or not own.selector:
        return
    named = _GATEWAY_NAME in own.selector
    for pod in policy.cluster.with_labels(selector_of(own.selector, own.selector_location), own.namespace):
        named = named or _GATEWAY_NAME in pod.pod_labels
    if named:
        yield Problem(
            own.selector_location,
            f"{policy.label} selects the pods of a Gateway by labels, which has no effect there: targetRefs names it",
        )


@check("net-dangling-mesh-policy", each=mesh_policies, complete=True)
def dangling_mesh_policy(policy: Member[MeshPolicyWords], *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    own = policy.own
    if own.targeted or not own.selector or _DEFAULT_GATEWAYS & set(own.selector.values()):
        return
    selector = selector_of(own.selector, own.selector_location)
    namespace = "" if own.namespace == "istio-system" else own.namespace
    absence = policy.cluster.selects_nothing(selector, namespace, own, assume_exists)
    if absence is not None:
        yield absence.at(own.selector_location, f"{policy.label} is for no pod: {selector}")


@check("net-old-gateway-api", each=objects)
def old_gateway_api(manifest: Manifest) -> Iterator[Problem]:
    minimum = _MINIMUM.get(manifest.name) if manifest.kind == "CustomResourceDefinition" else None
    if minimum is not None:
        bundle = manifest.metadata["annotations"]["gateway.networking.k8s.io/bundle-version"]
        found = re.match(r"v?(\d{1,4})\.(\d{1,4})", bundle.text)
        if found is not None and (int(found[1]), int(found[2])) < minimum:
            wanted = ".".join(map(str, minimum))
            message = f"{manifest.name} is of the Gateway API {bundle.text}, which Istio does not heed before v{wanted}"
            yield Problem(bundle.location, message)


@check("net-unconventional-port-name", each=services)
def unconventional_port_name(service: Manifest) -> Iterator[Problem]:
    if service.labels.get("release") == "istio" or "istio" in service.labels or service.namespace in _SYSTEM:
        return
    if service.labels.get("gateway.istio.io/managed", "").startswith("istio.io-"):
        return
    outside = service.spec["type"].text == "ExternalName"
    for port in service.spec["ports"]:
        name, said = port["name"], port["appProtocol"]
        text = said.text if said.present else name.text
        if port["protocol"].text == "UDP" or said.text in _STANDARD_PROTOCOLS or text.lower().startswith("grpc-web"):
            continue
        known = text.partition("-")[0].lower() in _PROTOCOLS or (whole(port["port"]) or 0) in _KNOWN_PORTS
        if not known or (outside and name.text == "tcp"):
            place = said if said.present else name
            message = f"port {port['port'].text} of {service.label} is called '{text}', which says no protocol"
            yield Problem(
                place.location, message if text else f"port {port['port'].text} of {service.label} has no name"
            )


@check("net-port-of-two-protocols", each=cluster_workloads)
def port_of_two_protocols(workload: ClusterWorkload) -> Iterator[Problem]:
    ports: dict[int, dict[str, ServiceSummary]] = {}
    for service in _together(workload):
        for port in service.ports:
            if port.number is not None:
                ports.setdefault(port.number, {}).setdefault(port.protocol, service)
    for number, of in ports.items():
        if len(of) > 1 and len({one.location for one in of.values()}) > 1:
            names = " and ".join(f"'{one.name}' ({protocol})" for protocol, one in sorted(of.items()))
            yield Problem(
                workload.location,
                f"{workload.label} is behind port {number} of two Services with two protocols: {names}",
                tuple(Related(one.location, one.label) for one in of.values()),
            )


@check("net-target-port-of-two-services", each=cluster_workloads)
def target_port_of_two_services(workload: ClusterWorkload) -> Iterator[Problem]:
    targets: dict[str, dict[int, ServiceSummary]] = {}
    for service in _together(workload):
        for port in service.ports:
            if port.number is not None and port.target.value is not None:
                targets.setdefault(str(port.target.value or port.number), {}).setdefault(port.number, service)
    for target, of in targets.items():
        if len({one.location for one in of.values()}) > 1:
            names = " and ".join(f"'{one.name}' ({number})" for number, one in sorted(of.items()))
            yield Problem(
                workload.location,
                f"port {target} of {workload.label} is behind several ports of its Services: {names}",
                tuple(Related(one.location, one.label) for one in of.values()),
            )


def _together(workload: ClusterWorkload) -> list[ServiceSummary]:
    """The Services of its own folder that select it."""
    own = workload.own
    if workload.cluster.is_partial(own) or own.kind != "Deployment":
        return []
    return [one for one in workload.services if one.folder == own.folder and one.namespace == own.namespace]


@check("net-mutual-tls-disabled", each=objects)
def mutual_tls_disabled(manifest: Manifest) -> Iterator[Problem]:
    if manifest.kind != "PeerAuthentication" or manifest.group != "security.istio.io":
        return
    for mode in (manifest.spec["mtls"]["mode"], *(p["mode"] for _, p in manifest.spec["portLevelMtls"].items())):
        if mode.text == "DISABLE":
            yield Problem(mode.location, f"{manifest.label} turns mutual TLS off")


@check("net-mutual-tls-disabled", each=destination_rules)
def plain_destination(rule: ClusterDestinationRule) -> Iterator[Problem]:
    for place in rule.own.plain if rule.is_for_mesh else ():
        yield Problem(place, f"{rule.label} has the mesh speak plain text to '{rule.own.host.value}'")


@check("net-permissive-mutual-tls", each=objects)
def permissive_mutual_tls(manifest: Manifest) -> Iterator[Problem]:
    mode = manifest.spec["mtls"]["mode"]
    if manifest.kind == "PeerAuthentication" and manifest.group == "security.istio.io" and mode.text == "PERMISSIVE":
        yield Problem(mode.location, f"{manifest.label} takes plain text beside mutual TLS")


@check("net-open-authorization", each=objects)
def open_authorization(manifest: Manifest) -> Iterator[Problem]:
    spec = manifest.spec
    if manifest.kind != "AuthorizationPolicy" or manifest.group != "security.istio.io":
        return
    if spec["action"].text in ("", "ALLOW"):
        for rule in spec["rules"]:
            if not any(_limits(rule[part]) for part in ("from", "to", "when")):
                yield Problem(rule.location, f"{manifest.label} allows everybody everything")


def _limits(part: Node) -> bool:
    return any(entry.items() for entry in part)


@check("k8s-proxy-user", each=workloads)
def proxy_user(workload: Workload) -> Iterator[Problem]:
    own = [one for one in workload.containers if one.name not in _PROXIES]
    pod = workload.pod["securityContext"]["runAsUser"]
    if whole(pod) == _PROXY_USER and any(not one.node["securityContext"]["runAsUser"].present for one in own):
        yield Problem(pod.location, f"pods of {workload.label} run as user {_PROXY_USER}, which is the mesh proxy's")
    for container in own:
        user = container.node["securityContext"]["runAsUser"]
        if whole(user) == _PROXY_USER:
            message = f"container '{container.name}' runs as user {_PROXY_USER}, which is the mesh proxy's"
            yield Problem(user.location, message)
