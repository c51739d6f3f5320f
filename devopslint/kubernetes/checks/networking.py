"""How traffic reaches pods: Services, Ingresses, network policies, and what scrapes their metrics."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, pairwise

from devopslint.kubernetes.cluster import (
    ClusterIngress,
    ClusterMonitor,
    ClusterPolicy,
    ClusterService,
    ClusterTarget,
    ClusterWorkload,
    Member,
    cluster_ingresses,
    cluster_monitors,
    cluster_policies,
    cluster_services,
    cluster_workloads,
    leading_workloads,
    plain_gateways,
    route_targets,
)
from devopslint.kubernetes.manifests import objects
from devopslint.kubernetes.names import serves_ssh
from devopslint.kubernetes.objects import ingresses, network_policies, services
from devopslint.kubernetes.quantity import stands_for_port
from devopslint.kubernetes.summaries import GatewaySummary, ServicePort, ServiceSummary, WorkloadSummary
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.readers.folders import are_of_one_sample, is_relied_on
from devopslint.readers.yaml import Node
from devopslint.registry import check

_ANYWHERE = ("0.0.0.0/0", "::/0")
_TLS_ELSEWHERE = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
)
"""Annotations by which the load balancer in front has the certificate."""


@check("net-dangling-service", each=cluster_services, complete=True)
def dangling_service(service: ClusterService, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    selector = service.own.selector
    if selector is not None and (absence := service.selects_nothing(assume_exists)):
        yield absence.at(selector.location, f"Service '{service.own.name}' selects no pod: {selector}")


@check("net-missing-target-port", each=cluster_services)
def missing_target_port(service: ClusterService) -> Iterator[Problem]:
    for port in _unserved(service):
        if isinstance(port.target.value, str) and not stands_for_port(port.target.value):
            message = (
                f"Service '{service.own.name}' sends to port '{port.target.value}', which no container of its pods has"
            )
            yield Problem(port.target.location, message, _selected(service))


@check("net-unlisted-target-port", each=cluster_services)
def unlisted_target_port(service: ClusterService) -> Iterator[Problem]:
    for port in _unserved(service):
        if not isinstance(port.target.value, str):
            message = (
                f"Service '{service.own.name}' sends to port {port.target.value}, which no container of its pods lists"
            )
            yield Problem(port.target.location, message, _selected(service))


def _unserved(service: ClusterService) -> list[ServicePort]:
    """The ports whose target is in none of the selected pods."""
    workloads, cluster = service.workloads, service.cluster
    if any(not one.containers or cluster.is_changed(one, "containerPort") for one in workloads):
        return []
    path = service.location.path
    if cluster.openings.in_file(path) and all(one.location.path != path for one in workloads):
        return []  # its own pods may stand in what of its file cannot be read
    folder = service.own.folder
    if cluster.openings.installs_in(folder) and all(one.folder != folder for one in workloads):
        return []  # its own pods may be what is installed beside it
    return [port for port in service.own.ports if workloads and not any(_serves(one, port) for one in workloads)]


def _selected(service: ClusterService) -> tuple[Related, ...]:
    return tuple(Related(one.containers[0].location, f"{one.label} is selected") for one in service.workloads)


def _serves(workload: WorkloadSummary, port: ServicePort) -> bool:
    """Whether a container has the port. One that lists no port may listen on any number, yet on no name."""
    if isinstance(port.target.value, str):
        return any(port.target.value == one.name for one in workload.ports)
    listed = [one.number for one in workload.ports]
    return not listed or port.target.value is None or port.target.value in listed


MOST_SERVICES = 50
"""Of one workload that are compared: each says of each workload what it said of the last."""


@check("net-duplicate-service", each=cluster_workloads)
def duplicate_service(workload: ClusterWorkload) -> Iterator[Problem]:
    steered = {service.value for service in workload.own.traffic_services}
    for first, again in islice(pairwise(one for one in workload.services if one.name not in steered), MOST_SERVICES):
        if again.name != first.name and again.folder == first.folder and _shape(again) == _shape(first):
            yield Problem(
                again.location,
                f"Service '{again.name}' does for {workload.own.kind} '{workload.own.name}' what '{first.name}' does",
                (Related(first.location, f"Service '{first.name}'"),),
            )


def _shape(service: ServiceSummary) -> tuple[object, ...]:
    ports = tuple((port.number, port.target.value) for port in service.ports)
    selector = service.selector.requirements if service.selector else ()
    return (frozenset(selector), ports, service.headless, service.type)


@check("net-node-port", each=services)
def node_port(service: Manifest) -> Iterator[Problem]:
    kind = service.spec["type"]
    if kind.text == "NodePort":
        said = f"Service '{service.name}' opens a port on every node"
        yield Problem(kind.location, said, certain=is_relied_on(kind.location.path, service.namespace))


@check("net-open-load-balancer", each=services)
def open_load_balancer(service: Manifest) -> Iterator[Problem]:
    kind = service.spec["type"]
    internal = any("internal" in f"{key}: {value}".lower() for key, value in service.annotations.items())
    if kind.text == "LoadBalancer" and not len(service.spec["loadBalancerSourceRanges"]) and not internal:
        yield Problem(kind.location, f"Service '{service.name}' is open to everyone: no loadBalancerSourceRanges")


@check("net-external-ip", each=services)
def external_ip(service: Manifest) -> Iterator[Problem]:
    for address in service.spec["externalIPs"].strings():
        yield Problem(address.location, f"Service '{service.name}' takes the traffic of address {address.text}")


@check("net-external-name", each=services)
def external_name(service: Manifest) -> Iterator[Problem]:
    name = service.spec["externalName"]
    if name.text:
        yield Problem(name.location, f"Service '{service.name}' stands for a host outside the cluster: {name.text}")


@check("net-ssh-service", each=services)
def ssh_service(service: Manifest) -> Iterator[Problem]:
    if serves_ssh(service.name):
        return
    for port in service.spec["ports"]:
        offers = "22" in (port["port"].canonical, port["targetPort"].canonical) or port["targetPort"].text == "ssh"
        if offers and port["protocol"].text in ("", "TCP"):
            yield Problem(port["port"].location, f"Service '{service.name}' offers SSH")


@check("net-plain-route", each=objects)
def plain_route(manifest: Manifest) -> Iterator[Problem]:
    insecure = manifest.spec["tls"]["insecureEdgeTerminationPolicy"]
    if manifest.kind == "Route" and manifest.group == "route.openshift.io" and insecure.text == "Allow":
        yield Problem(insecure.location, f"Route '{manifest.name}' serves plain HTTP beside HTTPS")


def _is_missing(port: object, ports: list[ServicePort]) -> bool:
    """Whether Services have no port of this number or name: not where one of them, or that, is put in later."""
    if port is None or (isinstance(port, str) and stands_for_port(port)):
        return False
    if isinstance(port, int) and any(one.number is None for one in ports):
        return False
    return not any(port in (one.number, one.name) for one in ports)


@check("net-dangling-ingress", each=cluster_ingresses, complete=True)
def dangling_ingress(ingress: ClusterIngress, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    if ingress.cluster.is_changed(ingress.own, "backend"):
        return  # where it sends to stands in an overlay
    lacking = {
        one.service.value: absence
        for one in ingress.own.backends
        if (absence := ingress.lacks("Service", one.service.value, assume_exists))
    }
    elsewhere = _sends_elsewhere(ingress, lacking)
    for backend in ingress.own.backends:
        name, port = backend.service, backend.port
        if port.value == "use-annotation":  # an action of the AWS Load Balancer Controller, and no Service
            continue
        if absence := lacking.get(name.value):
            if elsewhere and absence.unknown is None:
                absence = absence._replace(unknown=_ELSEWHERE)
            yield absence.at(
                name.location, f"Ingress '{ingress.own.name}' sends to Service '{name.value}', which is nowhere"
            )
            continue
        found = [
            one
            for one in ingress.services(backend)
            if not ingress.cluster.is_changed(one, "ports") and are_of_one_sample(one.location.path, name.location.path)
        ]
        numbers = [one for service in found for one in service.ports]
        if numbers and _is_missing(port.value, numbers):
            shown = f"'{port.value}'" if isinstance(port.value, str) else port.value
            yield Problem(
                port.location,
                f"Ingress '{ingress.own.name}' sends to port {shown}, which Service '{name.value}' does not have",
                tuple(
                    Related(service.ports[0].target.location, f"{service.label}") for service in found if service.ports
                ),
            )


_ELSEWHERE = ("most of what the Ingress sends to is not in the tree, so that it comes from elsewhere", "assume-exists")


def _sends_elsewhere(ingress: ClusterIngress, lacking: Collection[str]) -> bool:
    """Whether it is what many applications are reached by that have trees of their own."""
    names = {backend.service.value for backend in ingress.own.backends}
    return len(lacking) >= 3 and len(lacking) * 2 > len(names)


@check("net-ingress-without-tls", each=ingresses)
def ingress_without_tls(ingress: Manifest) -> Iterator[Problem]:
    tls = ingress.spec["tls"]
    if any(key in ingress.annotations for key in _TLS_ELSEWHERE):
        return
    if not len(tls):
        yield Problem(tls.location, f"Ingress '{ingress.name}' serves plain HTTP: it has no tls")
        return
    covered = {host.text for entry in tls for host in entry["hosts"].strings()}
    for rule in ingress.spec["rules"]:
        host = rule["host"]
        if covered and host.text and not {host.text, f"*.{host.text.partition('.')[2]}"} & covered:
            yield Problem(host.location, f"Ingress '{ingress.name}' serves host '{host.text}' without TLS")


@check("net-wildcard-host", each=ingresses)
def wildcard_host(ingress: Manifest) -> Iterator[Problem]:
    for rule in ingress.spec["rules"]:
        host = rule["host"]
        if not host.text or host.text == "*":
            yield Problem(host.location, f"Ingress '{ingress.name}' answers for every host name")
        elif host.text.startswith("*."):
            yield Problem(host.location, f"Ingress '{ingress.name}' answers for every name under {host.text[2:]}")


@check("net-missing-policy", each=cluster_workloads, complete=True)
def missing_policy(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    if workload.running and workload.labels_known and not own.host_network and not workload.policies:
        yield Problem(workload.location, f"no NetworkPolicy selects the pods of {own.kind} '{own.name}'")


@check("net-missing-default-deny", each=leading_workloads, complete=True)
def missing_default_deny(workload: ClusterWorkload) -> Iterator[Problem]:
    if not workload.cluster.denies_by_default(workload.own.namespace):
        where = f"namespace '{workload.own.namespace or 'default'}', in which {workload.label} runs,"
        yield Problem(workload.location, f"{where} has no NetworkPolicy that denies all traffic by default")


@check("net-half-open-pod", each=cluster_workloads, complete=True)
def half_open_pod(workload: ClusterWorkload) -> Iterator[Problem]:
    own, policies = workload.own, workload.policies
    if not policies or not workload.running or not workload.labels_known or own.host_network:
        return
    if not all(policy.selector is None or policy.selector.is_certain for policy in policies):
        return
    related = tuple(Related(policy.location, f"NetworkPolicy '{policy.name}' selects them") for policy in policies[:3])
    if not any(policy.ingress for policy in policies):
        yield Problem(workload.location, f"pods of {own.kind} '{own.name}' take traffic from anywhere", related)
    if not any(policy.egress for policy in policies):
        yield Problem(workload.location, f"pods of {own.kind} '{own.name}' send traffic anywhere", related)


@check("net-dangling-policy", each=cluster_policies, complete=True)
def dangling_policy(policy: ClusterPolicy, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    selector = policy.own.selector
    if selector is not None and selector.requirements and (absence := policy.selects_nothing(assume_exists)):
        yield absence.at(selector.location, f"NetworkPolicy '{policy.own.name}' selects no pod: {selector}")


@check("net-dangling-peer", each=cluster_policies, complete=True)
def dangling_peer(policy: ClusterPolicy, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for peer, absence in policy.empty_peers(assume_exists):
        if peer.requirements:
            yield absence.at(peer.location, f"NetworkPolicy '{policy.own.name}' has a rule for no pod: {peer}")


@check("net-unselective-policy", each=network_policies)
def unselective_policy(policy: Manifest) -> Iterator[Problem]:
    spec = policy.spec
    peers = [
        peer for rules, side in ((spec["ingress"], "from"), (spec["egress"], "to")) for r in rules for peer in r[side]
    ]
    selectors = [spec["podSelector"], *(peer[kind] for peer in peers for kind in ("podSelector", "namespaceSelector"))]
    if not any(selector.present for selector in selectors):
        yield Problem(
            spec["podSelector"].location, f"NetworkPolicy '{policy.name}' selects neither pods nor namespaces"
        )


@check("net-open-ingress", each=network_policies)
def open_ingress(policy: Manifest) -> Iterator[Problem]:
    for rule in _unlimited(policy.spec["ingress"], "from"):
        yield Problem(rule.location, f"NetworkPolicy '{policy.name}' lets traffic in from everywhere")


@check("net-open-egress", each=network_policies)
def open_egress(policy: Manifest) -> Iterator[Problem]:
    for rule in _unlimited(policy.spec["egress"], "to"):
        yield Problem(rule.location, f"NetworkPolicy '{policy.name}' lets traffic out to everywhere")


@check("net-public-ingress", each=network_policies)
def public_ingress(policy: Manifest) -> Iterator[Problem]:
    for block in _every_address(policy.spec["ingress"], "from"):
        yield Problem(block.location, f"NetworkPolicy '{policy.name}' lets traffic in from every address: {block.text}")


@check("net-public-egress", each=network_policies)
def public_egress(policy: Manifest) -> Iterator[Problem]:
    for block in _every_address(policy.spec["egress"], "to"):
        yield Problem(block.location, f"NetworkPolicy '{policy.name}' lets traffic out to every address: {block.text}")


def _unlimited(rules: Node, side: str) -> Iterator[Node]:
    """The rules that name neither peer nor port."""
    return (rule for rule in rules if not len(rule[side]) and not len(rule["ports"]))


def _every_address(rules: Node, side: str) -> Iterator[Node]:
    for rule in rules:
        for peer in rule[side]:
            block = peer["ipBlock"]
            if block["cidr"].text in _ANYWHERE and not len(block["except"]):
                yield block["cidr"]


@check("net-dangling-monitor", each=cluster_monitors, complete=True)
def dangling_monitor(monitor: ClusterMonitor, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    own = monitor.own
    wanted = "pod" if own.kind == "PodMonitor" else "Service"
    named = [value for _, value in own.selector.equalities]
    assumes = any(monitor.is_assumed(wanted, name, assume_exists) for name in named or [""])
    if not assumes and (absence := monitor.selects_nothing):
        yield absence.at(own.selector.location, f"{own.kind} '{own.name}' selects no {wanted}: {own.selector}")


@check("net-unknown-monitor-port", each=cluster_monitors, complete=True)
def unknown_monitor_port(monitor: ClusterMonitor) -> Iterator[Problem]:
    own = monitor.own
    wanted = "pod" if own.kind == "PodMonitor" else "Service"
    for port in monitor.unknown_ports:
        yield Problem(
            port.location,
            f"{own.kind} '{own.name}' scrapes port '{port.value}', which no {wanted} that it selects has",
            tuple(Related(one.location, f"{one.label} is selected") for one in monitor.cluster.watched(own)[:3]),
        )


@check("net-contradicted-monitor-path", each=cluster_monitors)
def contradicted_monitor_path(monitor: ClusterMonitor) -> Iterator[Problem]:
    for path, pod in monitor.contradicted:
        said = pod.pod_annotations["prometheus.io/path"]
        yield Problem(
            path.location,
            f"{monitor.own.kind} '{monitor.own.name}' scrapes '{path.value}', and the pods say prometheus.io/path: {said}",
            (Related(pod.location, f"{pod.kind} '{pod.name}'"),),
        )


@check("net-dangling-route", each=route_targets, complete=True)
def dangling_route(target: ClusterTarget, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    name, port = target.target.service, target.target.port
    if absence := target.absence(assume_exists):
        yield absence.at(name.location, f"{target.label} sends to Service '{name.value}', which is nowhere")
        return
    at = name.location.path
    services = [one for one in target.services if are_of_one_sample(one.location.path, at)]
    numbers = [one for service in services for one in service.ports]
    if numbers and _is_missing(port.value, numbers):
        yield Problem(
            port.location,
            f"{target.label} sends to port {port.value}, which Service '{name.value}' does not have",
            tuple(Related(service.location, service.label) for service in services),
        )


@check("net-gateway-without-tls", each=plain_gateways)
def gateway_without_tls(gateway: Member[GatewaySummary]) -> Iterator[Problem]:
    if gateway.own.plain is not None:
        message = f"{gateway.label} serves plain HTTP only: none of its listeners has TLS"
        yield Problem(gateway.own.plain, message)


@check("net-unscraped-workload", each=cluster_workloads, complete=True)
def unscraped_workload(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    asked = own.pod_annotations.get("prometheus.io/scrape") == "true"
    if not workload.services or not workload.running or workload.monitored:
        return
    if not asked and not any(service.scraped for service in workload.services):
        yield Problem(workload.location, f"nothing scrapes metrics from {own.kind} '{own.name}'")
    elif asked and "prometheus.io/port" not in own.pod_annotations:
        yield Problem(workload.location, f"{own.kind} '{own.name}' asks to be scraped and names no prometheus.io/port")
