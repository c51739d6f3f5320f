"""Whether Istio takes an object, as far as the object alone says it: what its webhook and its definitions refuse."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.names import repeated, stands_in
from devopslint.kubernetes.quantity import is_duration, whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.readers.yaml import Node

Fault = tuple[Node, str]

_WHEN = compiled(
    r"request\.headers\[.+\]\Z|source\.(?:ip|namespace|serviceAccount|trustDomain|principal)\Z|remote\.ip\Z"
    r"|request\.auth\.(?:principal|audiences|presenter|claims(?:\[.+\])+)\Z|destination\.(?:ip|port)\Z"
    r"|connection\.sni\Z|experimental\.envoy\.filters\."
)
_TLS = frozenset({"HTTPS", "TLS"})
_HTTP = frozenset({"HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY", "HBONE"})
_PROTOCOLS = _TLS | _HTTP | {"TCP", "UDP", "MONGO", "REDIS", "MYSQL"}
_OWN_CERTIFICATE = ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL")
_CREDENTIALS = ("credentialName", "credentialNames", "tlsCertificates")
_ANSWERS = ("route", "redirect", "directResponse")
_LARGEST_PORT = 65535
_MUTUAL_TLS = ("UNSET", "DISABLE", "PERMISSIVE", "STRICT")
_BALANCERS = ("ROUND_ROBIN", "LEAST_REQUEST", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "UNSPECIFIED")
_RETRIED = frozenset(
    (
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
        "retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled",
        "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    )
)  # fmt: skip
"""What Envoy tries again, beside statuses."""


def refusals(manifest: Manifest) -> Iterator[Fault]:
    """What is wrong with an object of Istio's, and where."""
    judge = _JUDGES.get(manifest.kind)
    if judge is not None:
        yield from judge(manifest.spec)
    if manifest.kind in _NETWORKING:
        for node in (*manifest.spec["hosts"].strings(), *_single(manifest.spec["host"])):
            yield from _stars(node)
        for node in manifest.spec.walk():
            if node.is_mapping:
                yield from _ports(node)


_NETWORKING = ("DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService")


def _single(node: Node) -> tuple[Node, ...]:
    return (node,) if node.is_scalar else ()


def _ports(node: Node) -> Iterator[Fault]:
    """Numbers of ports, wherever an object has them."""
    named = [value for name, value in node["ports"].items() if value.is_scalar] if node["address"].present else []
    for number in (*_single(node["port"]), node["port"]["number"], node["targetPort"], *named):
        yield from _port(number)
    for port in node["ports"]:
        yield from _port(port["number"])


def _port(number: Node) -> Iterator[Fault]:
    port = whole(number)
    if port is not None and not 1 <= port <= _LARGEST_PORT:
        yield number, f"has the port {port}: ports go from 1 to {_LARGEST_PORT}"


def _stars(host: Node) -> Iterator[Fault]:
    """A star may only begin a name."""
    name = host.text.rpartition("/")[2]
    if "*" in name[1:] and not _is_open(host):
        yield host, f"has '{host.text}' for a host, where a * may only stand at the beginning"


def _matches(*nodes: Node) -> Iterator[Fault]:
    """What is matched in one way."""
    for node in nodes:
        given = [way for way in ("exact", "prefix", "regex") if node[way].present]
        if len(given) > 1:
            yield node[given[1]], f"matches one text by both {given[0]} and {given[1]}"


def _is_open(node: Node) -> bool:
    """Whether something else is put in later."""
    return node.is_scalar and stands_in(node.text)


def _one_of(node: Node, known: Iterable[str], what: str) -> Iterator[Fault]:
    if node.text and node.text not in known and not _is_open(node):
        yield node, f"has '{node.text}' for {what}: none of {', '.join(known)}"


def _durations(*nodes: Node) -> Iterator[Fault]:
    for node in nodes:
        if node.text and isinstance(node.value, str) and not is_duration(node.text) and not _is_open(node):
            yield node, f"has '{node.text}' for a duration, which is written like 5s or 1m30s"


def _within(node: Node, lowest: int, highest: float, what: str) -> Iterator[Fault]:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool) and not lowest <= value <= highest:
        bounds = f"less than {lowest}" if value < lowest else f"more than {highest:g}"
        yield node, f"has {value:g} for {what}, {bounds}"


def _twice(nodes: Iterable[Node], what: str) -> Iterator[Fault]:
    for node in repeated(nodes):
        yield node, f"has two {what} '{node.text}'"


def _of_virtual_service(spec: Node) -> Iterator[Fault]:
    routes = [route for protocol in ("http", "tls", "tcp") for route in spec[protocol]]
    if not routes:
        yield spec["http"], "has no route of http, tls or tcp"
    gateways = [one.text for one in spec["gateways"].strings()]
    for host in spec["hosts"].strings():
        if host.text == "*" and (not gateways or "mesh" in gateways):
            yield host, "is for every host of the mesh: '*' goes with gateways alone"
    for http in spec["http"]:
        yield from _of_answer(http)
        yield from _of_faults(http["fault"])
        for match in http["match"]:
            yield from _matches(*(match[part] for part in ("authority", "method", "scheme", "uri")))
            for part in ("headers", "queryParams", "withoutHeaders"):
                yield from _matches(*(value for _, value in match[part].items()))
        yield from _matches(*http["corsPolicy"]["allowOrigins"])
        retries = http["retries"]
        yield from _within(retries["attempts"], 0, float("inf"), "attempts")
        for cause in retries["retryOn"].text.split(","):  # a blank behind the comma is part of the word
            if cause and not cause.isdecimal() and cause not in _RETRIED and not _is_open(retries["retryOn"]):
                yield retries["retryOn"], f"retries on '{cause}', which Envoy does not know"
        yield from _durations(http["timeout"], retries["perTryTimeout"], http["corsPolicy"]["maxAge"])
        for share in (http["mirrorPercentage"]["value"], *(one["percentage"]["value"] for one in http["mirrors"])):
            yield from _within(share, 0, 100, "a percentage")
    for route in routes:
        for entry in route["route"]:
            # A host beside `destination` is a field that is not there, and said so.
            if not entry["destination"]["host"].text and not entry["host"].present:
                yield entry["destination"]["host"], "sends to a destination without a host"
            yield from _within(entry["weight"], 0, float("inf"), "a weight")


def _of_answer(http: Node) -> Iterator[Fault]:
    given = [answer for answer in _ANSWERS if http[answer].present and (answer != "route" or len(http[answer]))]
    if http["delegate"].present:
        if given:
            yield http[given[0]], f"has a rule with both a delegate and {given[0]}"
    elif not given:
        yield http["route"], "has a rule without route, redirect or directResponse"
    elif len(given) > 1:
        yield http[given[1]], f"has a rule with both {given[0]} and {given[1]}"


def _of_faults(fault: Node) -> Iterator[Fault]:
    yield from _within(fault["abort"]["httpStatus"], 200, 599, "httpStatus")
    yield from _durations(fault["delay"]["fixedDelay"])
    for kind in ("abort", "delay"):
        yield from _within(fault[kind]["percentage"]["value"], 0, 100, "a percentage")


def _of_gateway(spec: Node) -> Iterator[Fault]:
    servers = list(spec["servers"])
    if not servers:
        yield spec["servers"], "has no server"
    yield from _twice((server["port"]["name"] for server in servers), "servers whose port is called")
    for server in servers:
        protocol, tls = server["port"]["protocol"], server["tls"]
        spoken = protocol.text.upper()
        if not len(server["hosts"]) and not stands_in(server["hosts"].text):
            yield server["hosts"], "has a server without hosts"
        for host in server["hosts"].strings():
            yield from _stars(host)
            if "://" in host.text:
                yield host, f"has '{host.text}' for a host, which is written without a scheme"
        if protocol.text:
            yield from _one_of_protocols(protocol)
        if spoken in _TLS and not tls.present:
            yield tls, f"has a server of {protocol.text} without tls"
        elif spoken in _HTTP and tls["mode"].text not in ("", "PASSTHROUGH") and not _is_open(tls["mode"]):
            yield tls["mode"], f"ends TLS at a port of {protocol.text}"
        elif spoken in _TLS:
            yield from _of_certificate(tls)


def _one_of_protocols(protocol: Node) -> Iterator[Fault]:
    if protocol.text.upper() not in _PROTOCOLS and not _is_open(protocol):
        yield protocol, f"has a port of protocol '{protocol.text}', which Istio does not know"


def _of_certificate(tls: Node) -> Iterator[Fault]:
    mode = tls["mode"]
    if mode.text in _OWN_CERTIFICATE and not any(tls[field].present for field in _CREDENTIALS):
        for field in ("serverCertificate", "privateKey"):
            if not tls[field].text:
                yield tls[field], f"ends TLS and names neither a credentialName nor a {field}"
                return
        if mode.text == "MUTUAL" and not tls["caCertificates"].text:
            yield tls["caCertificates"], "wants certificates of clients and names no caCertificates"


def _of_destination_rule(spec: Node) -> Iterator[Fault]:
    if not spec["host"].text:
        yield spec["host"], "has no host"
    subsets = list(spec["subsets"])
    yield from _twice((subset["name"] for subset in subsets), "subsets called")
    for subset in subsets:
        if not subset["name"].text:
            yield subset["name"], "has a subset without a name"
    for policy in (spec["trafficPolicy"], *(subset["trafficPolicy"] for subset in subsets)):
        for part in (policy, *policy["portLevelSettings"]):
            yield from _of_traffic(part)


def _of_traffic(policy: Node) -> Iterator[Fault]:
    pool, outliers, tls = policy["connectionPool"], policy["outlierDetection"], policy["tls"]
    if pool.present and not pool["http"].present and not pool["tcp"].present:
        yield pool, "has a connectionPool with neither http nor tcp"
    yield from _within(pool["tcp"]["maxConnections"], 0, float("inf"), "maxConnections")
    yield from _durations(pool["tcp"]["connectTimeout"], pool["tcp"]["idleTimeout"], pool["http"]["idleTimeout"])
    for share in ("maxEjectionPercent", "minHealthPercent"):
        yield from _within(outliers[share], 0, 100, share)
    yield from _durations(outliers["interval"], outliers["baseEjectionTime"])
    yield from _one_of(policy["loadBalancer"]["simple"], _BALANCERS, "a simple loadBalancer")
    yield from _one_of(tls["mode"], ("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"), "the mode of tls")
    if tls["mode"].text == "MUTUAL" and not tls["credentialName"].text:
        for field in ("clientCertificate", "privateKey"):
            if not tls[field].text:
                yield tls[field], f"speaks mutual TLS and names no {field}"
                return


def _of_service_entry(spec: Node) -> Iterator[Fault]:
    hosts, resolution, endpoints = list(spec["hosts"].strings()), spec["resolution"], spec["endpoints"]
    if not hosts:
        yield spec["hosts"], "has no host"
    by_name = resolution.text in ("DNS", "DNS_ROUND_ROBIN") and not len(endpoints)
    for host in hosts:
        if host.text == "*":
            yield host, "is for every host there is: '*' stands for none of them"
        elif by_name and host.text.startswith("*"):
            yield host, f"looks up '{host.text}' by DNS, which knows no wildcards, and has no endpoints"
    yield from _one_of(resolution, ("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"), "resolution")
    if resolution.text in ("", "NONE") and len(endpoints) and not _is_open(resolution):
        yield endpoints, "has endpoints, which nobody asks for where resolution is NONE"
    yield from _twice((port["number"] for port in spec["ports"]), "ports")
    yield from _twice((port["name"] for port in spec["ports"]), "ports called")
    for port in spec["ports"]:
        if port["protocol"].text:
            yield from _one_of_protocols(port["protocol"])
    names = {port["name"].text for port in spec["ports"]}
    for endpoint in endpoints:
        for port in dict(endpoint["ports"].items()):
            if port.text not in names and not _is_open(port):
                yield port, f"has an endpoint with a port '{port.text}', which it does not list"
    for endpoint in endpoints if resolution.text == "STATIC" else ():
        address = endpoint["address"]
        if address.text and not address.text.startswith("unix://") and not _is_open(address):
            if _is_host(address.text):
                yield address, f"has '{address.text}' for an endpoint, where STATIC wants addresses"
    yield from _addresses(*spec["addresses"].strings())


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return True
    return False


def _addresses(*nodes: Node) -> Iterator[Fault]:
    for node in nodes:
        try:
            ipaddress.ip_network(node.text, strict=False)
        except ValueError:
            if node.text and not _is_open(node):
                yield node, f"has '{node.text}' for an address, which is none"


def _of_peer_authentication(spec: Node) -> Iterator[Fault]:
    ports = spec["portLevelMtls"]
    if ports.items() and not spec["selector"]["matchLabels"].items():
        yield ports, "says how single ports speak, and not of which pods"
    for mode in (spec["mtls"]["mode"], *(port["mode"] for _, port in ports.items())):
        yield from _one_of(mode, _MUTUAL_TLS, "the mode of mtls")


def _of_authorization_policy(spec: Node) -> Iterator[Fault]:
    action, provider = spec["action"], spec["provider"]
    yield from _one_of(action, ("ALLOW", "DENY", "AUDIT", "CUSTOM"), "action")
    if action.text in ("DENY", "CUSTOM") and not spec["rules"].present:
        yield spec["rules"], f"has the action {action.text} and no rules: it never applies"
    elif action.text == "CUSTOM" and not provider["name"].text:
        yield provider["name"], "asks nobody: CUSTOM wants a provider"
    if provider.present and action.text != "CUSTOM" and not _is_open(action):
        yield provider, f"names a provider, whom {action.text or 'ALLOW'} does not ask"
    for rule in spec["rules"]:
        yield from _of_rule(rule)


def _of_rule(rule: Node) -> Iterator[Fault]:
    for part, named in (("from", "source"), ("to", "operation")):
        for entry in rule[part]:
            if not any(len(value) for _, value in entry[named].items()):
                yield entry[named], f"has a rule with an empty {named}"
    for entry in rule["from"]:
        for field in ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"):
            yield from _addresses(*entry["source"][field].strings())
    for entry in rule["to"]:
        for port in (*entry["operation"]["ports"].strings(), *entry["operation"]["notPorts"].strings()):
            if not port.text.isdecimal() and not _is_open(port):
                yield port, f"has '{port.text}' for a port, which is a number"
    for condition in rule["when"]:
        key = condition["key"]
        if key.text and not _WHEN.match(key.text) and not _is_open(key):
            yield key, f"asks for '{key.text}', which no request has"
        if not len(condition["values"]) and not len(condition["notValues"]):
            yield condition["values"], f"has a condition on '{key.text}' without values"


def _of_request_authentication(spec: Node) -> Iterator[Fault]:
    for rule in spec["jwtRules"]:
        keys = rule["jwksUri"]
        if keys.text and not keys.text.startswith(("http://", "https://")) and not _is_open(keys):
            yield keys, f"fetches keys from '{keys.text}', which begins with neither https:// nor http://"
        for header in rule["fromHeaders"]:
            if not header["name"].text:
                yield header["name"], "takes a token from a header without a name"


def _of_sidecar(spec: Node) -> Iterator[Fault]:
    if not any(spec[part].present for part in ("egress", "ingress", "outboundTrafficPolicy", "inboundConnectionPool")):
        yield spec["egress"], "sets nothing: neither egress, ingress nor outboundTrafficPolicy"
    for listener in spec["egress"]:
        if not len(listener["hosts"]):
            yield listener["hosts"], "has an egress without hosts"
        for host in listener["hosts"].strings():
            yield from _stars(host)
            if host.text.count("/") != 1 and not _is_open(host):
                yield host, f"has '{host.text}' for a host, which is written like ./* or namespace/host"
    yield from _one_of(spec["outboundTrafficPolicy"]["mode"], ("REGISTRY_ONLY", "ALLOW_ANY"), "outboundTrafficPolicy")


def _of_telemetry(spec: Node) -> Iterator[Fault]:
    for tracing in spec["tracing"]:
        yield from _within(tracing["randomSamplingPercentage"], 0, 100, "randomSamplingPercentage")


_JUDGES: dict[str, Callable[[Node], Iterator[Fault]]] = {
    "VirtualService": _of_virtual_service,
    "Gateway": _of_gateway,
    "DestinationRule": _of_destination_rule,
    "ServiceEntry": _of_service_entry,
    "PeerAuthentication": _of_peer_authentication,
    "AuthorizationPolicy": _of_authorization_policy,
    "RequestAuthentication": _of_request_authentication,
    "Sidecar": _of_sidecar,
    "Telemetry": _of_telemetry,
}
