"""How a container tells that it lives and that it can serve."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.cluster import ClusterWorkload, cluster_workloads
from devopslint.kubernetes.manifests import containers, long_running_containers
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import AS_WRITTEN, PROBES, Container
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

ACTIONS = ("httpGet", "tcpSocket", "grpc", "exec")


@check("k8s-missing-liveness-probe", each=long_running_containers)
def missing_liveness_probe(container: Container) -> Iterator[Problem]:
    yield from missing(container, "liveness")


@check("k8s-missing-readiness-probe", each=long_running_containers)
def missing_readiness_probe(container: Container) -> Iterator[Problem]:
    yield from missing(container, "readiness")


@check("k8s-unprobed-container", each=long_running_containers)
def unprobed_container(container: Container) -> Iterator[Problem]:
    readiness = container.node["readinessProbe"]
    if not readiness.present and not container.node["livenessProbe"].present:
        yield Problem(readiness.location, f"container '{container.name}' has neither a liveness nor a readiness probe")


@check("k8s-refused-pod", each=containers)
def refused_probe(container: Container) -> Iterator[Problem]:
    if container.workload.kind not in AS_WRITTEN:
        return
    for kind in PROBES:
        probe = container.node[kind]
        given = [action for action in ACTIONS if probe[action].present]
        if probe.is_mapping and probe.items() and len(given) != 1:
            said = f"by both {given[0]} and {given[1]}" if given else f"nobody: none of {', '.join(ACTIONS)}"
            place = probe[given[1] if given else ACTIONS[0]]
            yield Problem(place.location, f"{kind} of container '{container.name}' asks {said}")
        successes = probe["successThreshold"]
        if kind != "readinessProbe" and (whole(successes) or 1) != 1:
            yield Problem(successes.location, f"{kind} of container '{container.name}' wants more than 1 success")


@check("k8s-served-without-readiness", each=cluster_workloads)
def served_without_readiness(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    ready = any(container.ready_when_asked for container in own.containers)
    if workload.services and own.containers and not ready and own.kind not in ("Job", "CronJob"):
        service = workload.services[0]
        yield Problem(
            own.location,
            f"{own.label} gets the traffic of {service.label}, and no container of it has a readiness probe",
            (Related(service.location, "sends traffic to it"),),
        )


@check("k8s-missing-startup-probe", each=long_running_containers)
def missing_startup_probe(container: Container) -> Iterator[Problem]:
    yield from missing(container, "startup")


@check("k8s-identical-probes", each=containers)
def identical_probes(container: Container) -> Iterator[Problem]:
    liveness, readiness = container.node["livenessProbe"], container.node["readinessProbe"]
    for action in ACTIONS:
        if liveness[action].present and what_it_asks(liveness, action) == what_it_asks(readiness, action):
            yield Problem(
                liveness.key_location,
                f"container '{container.name}' is restarted by the same check that takes it out of service",
                (Related(readiness.key_location, "the same check for readiness"),),
            )


@check("k8s-unknown-probe-port", each=containers)
def unknown_probe_port(container: Container) -> Iterator[Problem]:
    for probe, port in probe_ports(container):
        if not is_number(port) and not stands_in(port.text) and not declares(container, port):
            yield Problem(
                port.location, f"container '{container.name}' declares no port named '{port.text}' for its {probe}"
            )


@check("k8s-undeclared-probe-port", each=containers)
def undeclared_probe_port(container: Container) -> Iterator[Problem]:
    for probe, port in probe_ports(container):
        if is_number(port) and not declares(container, port):
            yield Problem(
                port.location, f"container '{container.name}' does not declare port {port.text} of its {probe}"
            )


@check("k8s-hasty-liveness-probe", each=containers)
def hasty_liveness_probe(container: Container, *, minimum: int) -> Iterator[Problem]:
    probe = container.node["livenessProbe"]
    if not probe.items() or container.node["startupProbe"].present:
        return
    patience = whole_or(0, probe["initialDelaySeconds"]) + whole_or(10, probe["periodSeconds"]) * whole_or(
        3, probe["failureThreshold"]
    )
    if patience < minimum:
        yield Problem(
            probe.key_location,
            f"container '{container.name}' is restarted when it has not started after {patience} s,"
            f" sooner than {minimum} s",
        )


@check("k8s-slow-probe-timeout", each=containers)
def slow_probe_timeout(container: Container) -> Iterator[Problem]:
    for name in PROBES:
        probe = container.node[name]
        timeout, period = probe["timeoutSeconds"], whole_or(10, probe["periodSeconds"])
        if timeout.present and whole_or(1, timeout) > period:
            yield Problem(
                timeout.location, f"{name} waits {timeout.text} s for an answer, longer than its period of {period} s"
            )


def missing(container: Container, purpose: str) -> Iterator[Problem]:
    probe = container.node[f"{purpose}Probe"]
    if not probe.present:
        yield Problem(probe.location, f"container '{container.name}' has no {purpose} probe")


def probe_ports(container: Container) -> Iterator[tuple[str, Node]]:
    """Each probe that calls a port of its own container, and that port."""
    for name in PROBES:
        for action in ("httpGet", "tcpSocket", "grpc"):
            called = container.node[name][action]
            if called["port"].text and not called["host"].text:
                yield name, called["port"]


def declares(container: Container, port: Node) -> bool:
    """Whether a container port of this number or name takes TCP, as probes do, or may once its name is filled in."""
    key = "containerPort" if is_number(port) else "name"
    return any(
        (declared[key].canonical == port.canonical or stands_in(declared[key].text))
        and declared["protocol"].text in ("", "TCP")
        for declared in container.ports
    )


def is_number(port: Node) -> bool:
    return port.canonical.isdecimal()


def what_it_asks(probe: Node, action: str) -> object:
    """What an action of a probe does, the same for every way to write it."""
    asked = probe[action]
    if action == "exec":
        return [word.text for word in asked["command"]]
    if not asked.present:
        return None
    return tuple(asked[key].canonical for key in ("path", "port", "host", "service"))


def whole_or(default: int, node: Node) -> int:
    """The whole number that is written, or what Kubernetes takes in place of none and of zero."""
    return whole(node) or default
