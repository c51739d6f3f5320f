"""Ports that Kubernetes refuses."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import containers
from devopslint.kubernetes.names import is_form
from devopslint.kubernetes.objects import ingresses, network_policies, services
from devopslint.kubernetes.quantity import stands_for_port, whole
from devopslint.kubernetes.workloads import Container, Manifest
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

LARGEST_PORT = 65535
_NAME = compiled(r"(?=.*[a-z])[a-z0-9](?:[a-z0-9]|-(?!-)){0,13}[a-z0-9]\Z|[a-z]\Z")


@check("k8s-invalid-port", each=containers)
def invalid_port(container: Container) -> Iterator[Problem]:
    numbers: dict[tuple[str, str, str], Node] = {}
    names: dict[str, Node] = {}
    for port in container.ports:
        number, name = port["containerPort"], port["name"]
        yield from invalid_number(number)
        yield from invalid_number(port["hostPort"], zero=True)
        yield from invalid_name(name)
        identity = (number.text, port["protocol"].text or "TCP", port["hostIP"].text)
        if number.text and identity in numbers:
            first = numbers[identity]
            yield Problem(
                number.location,
                f"container '{container.name}' declares port {number.text} twice",
                (Related(first.location, "first declared here"),),
            )
        numbers.setdefault(identity, number)
        if name.text in names:
            yield Problem(
                name.location,
                f"container '{container.name}' names two ports '{name.text}'",
                (Related(names[name.text].location, "first named here"),),
            )
        elif name.text:
            names[name.text] = name


@check("k8s-invalid-port", each=containers)
def invalid_probe_port(container: Container) -> Iterator[Problem]:
    for hook in (*container.probes, *(hook for _, hook in container.node["lifecycle"].items())):
        yield from invalid_reference(hook["httpGet"]["port"])
        yield from invalid_reference(hook["tcpSocket"]["port"])
        yield from invalid_number(hook["grpc"]["port"])


@check("k8s-invalid-port", each=services)
def invalid_service_port(service: Manifest) -> Iterator[Problem]:
    if is_form(service.name, service.node.source.path):
        return
    for port in service.spec["ports"]:
        yield from invalid_number(port["port"])
        yield from invalid_number(port["nodePort"], zero=True)
        if port["targetPort"].value != 0:  # as if it were not written: the port itself
            yield from invalid_reference(port["targetPort"])


@check("k8s-invalid-port", each=network_policies)
def invalid_policy_port(policy: Manifest) -> Iterator[Problem]:
    for rule in (*policy.spec["ingress"], *policy.spec["egress"]):
        for port in rule["ports"]:
            yield from invalid_reference(port["port"])
            yield from invalid_number(port["endPort"])
            first, last = whole(port["port"]), whole(port["endPort"])
            if first is not None and last is not None and last < first:
                yield Problem(port["endPort"].location, f"the range of ports ends at {last}, before its begin, {first}")


@check("k8s-invalid-port", each=ingresses)
def invalid_backend_port(ingress: Manifest) -> Iterator[Problem]:
    paths = (path for rule in ingress.spec["rules"] for path in rule["http"]["paths"])
    for backend in (ingress.spec["defaultBackend"], *(path["backend"] for path in paths)):
        port = backend["service"]["port"]
        yield from invalid_number(port["number"], zero=port["name"].present)


def invalid_reference(port: Node) -> Iterator[Problem]:
    """A port that may be given by its name; a number in quotes is a name, and has no letter."""
    yield from invalid_name(port) if whole(port) is None else invalid_number(port)


def invalid_number(number: Node, *, zero: bool = False) -> Iterator[Problem]:
    """`zero` where 0 is as if it were not written."""
    if (port := whole(number)) is not None and not 1 <= port <= LARGEST_PORT and not (zero and port == 0):
        yield Problem(number.location, f"{number.text} is no port: ports go from 1 to {LARGEST_PORT}")


def invalid_name(name: Node) -> Iterator[Problem]:
    if name.text and not stands_for_port(name.text) and not _NAME.match(name.text):
        yield Problem(
            name.location, f"'{name.text}' is no port name: at most 15 of a-z, 0-9 and single -, one letter among them"
        )
