"""What a container asks of its node, and how much it may take."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.manifests import lasting_containers
from devopslint.kubernetes.quantity import quantity
from devopslint.kubernetes.workloads import Container
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check


@check("k8s-missing-cpu-request", each=lasting_containers)
def missing_cpu_request(container: Container) -> Iterator[Problem]:
    yield from missing(container, "requests", "cpu")


@check("k8s-missing-cpu-limit", each=lasting_containers)
def missing_cpu_limit(container: Container) -> Iterator[Problem]:
    yield from missing(container, "limits", "cpu")


@check("k8s-missing-memory-request", each=lasting_containers)
def missing_memory_request(container: Container) -> Iterator[Problem]:
    yield from missing(container, "requests", "memory")


@check("k8s-missing-memory-limit", each=lasting_containers)
def missing_memory_limit(container: Container) -> Iterator[Problem]:
    yield from missing(container, "limits", "memory")


@check("k8s-missing-ephemeral-storage", each=lasting_containers)
def missing_ephemeral_storage(container: Container) -> Iterator[Problem]:
    yield from missing(container, "requests", "ephemeral-storage")
    yield from missing(container, "limits", "ephemeral-storage")


def missing(container: Container, section: str, resource: str) -> Iterator[Problem]:
    """The pod's own resources stand in for those of its containers."""
    resources = container.node["resources"]
    amount, of_pod = resources[section][resource], container.workload.pod["resources"][section][resource]
    if is_amount(amount) or (not amount.present and is_amount(of_pod)):
        return
    message = f"container '{container.name}' has no {resource} {section.removesuffix('s')}"
    limit = resources["limits"][resource]
    if section == "requests" and is_amount(limit) and not amount.present:
        message += f", and so requests its limit of {limit.text}"
    yield Problem(amount.location, message)


@check("k8s-request-above-limit", each=lasting_containers)
def request_above_limit(container: Container) -> Iterator[Problem]:
    resources = container.node["resources"]
    for name, request in resources["requests"].items():
        limit = resources["limits"][name.text]
        asked, allowed = quantity(request.text), quantity(limit.text)
        if asked is not None and allowed is not None and asked > allowed:
            yield Problem(
                request.location,
                f"container '{container.name}' requests {request.text} {name.text}, more than its limit of {limit.text}",
                (Related(limit.location, "the limit"),),
            )


@check("k8s-invalid-quantity", each=lasting_containers)
def invalid_quantity(container: Container) -> Iterator[Problem]:
    for section in ("requests", "limits"):
        for name, amount in container.node["resources"][section].items():
            if amount.is_scalar and amount.present and "{{" not in amount.text and quantity(amount.text) is None:
                yield Problem(amount.location, f"'{amount.text}' is no quantity of {name.text}")


@check("k8s-unequal-cpu", each=lasting_containers)
def unequal_cpu(container: Container) -> Iterator[Problem]:
    yield from unequal(container, "cpu")


@check("k8s-unequal-memory", each=lasting_containers)
def unequal_memory(container: Container) -> Iterator[Problem]:
    yield from unequal(container, "memory")


@check("k8s-unequal-ephemeral-storage", each=lasting_containers)
def unequal_ephemeral_storage(container: Container) -> Iterator[Problem]:
    resources = container.node["resources"]
    if resources["requests"]["ephemeral-storage"].present and resources["limits"]["ephemeral-storage"].present:
        yield from unequal(container, "ephemeral-storage")


def unequal(container: Container, resource: str) -> Iterator[Problem]:
    resources = container.node["resources"]
    request, limit = resources["requests"][resource], resources["limits"][resource]
    if quantity(request.text) != quantity(limit.text):
        yield Problem(
            request.location if request.present else limit.location,
            f"container '{container.name}' requests {request.text or 'no'} {resource}"
            f" and is limited to {limit.text or 'none'}",
        )


def is_amount(node: Node) -> bool:
    """Whether something is asked for: a zero asks for nothing, and what is no number is another rule's matter."""
    return node.present and quantity(node.text) != 0
