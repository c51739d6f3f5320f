"""What a container asks of its node, and how much it may take."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import lasting_containers, objects, workloads
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.quantity import quantity
from devopslint.kubernetes.workloads import Container, Manifest, Workload
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_PLACEHOLDER = compiled(r"\{\{|\$|@[A-Z]|<|\A[A-Z][A-Z_]{3,}\Z")


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
    if stands_in(resources.text) or stands_in(resources[section].text):
        return  # all of them are put in later: `${{RESOURCES}}` of a Template
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


@check("k8s-request-above-limit", each=workloads)
def request_above_pod_limit(workload: Workload) -> Iterator[Problem]:
    own = workload.pod["resources"]
    for name, request in own["requests"].items():
        limit = own["limits"][name.text]
        if _above(request, limit):
            yield Problem(
                request.location,
                f"the pod requests {request.text} {name.text}, more than its limit of {limit.text}",
                (Related(limit.location, "the limit"),),
            )
    for container in workload.containers:
        for name, limit in container.node["resources"]["limits"].items():
            highest = own["limits"][name.text]
            if container.role != "ephemeral" and _above(limit, highest):
                yield Problem(
                    limit.location,
                    f"container '{container.name}' has a {name.text} limit of {limit.text}, above the pod's limit of {highest.text}",
                    (Related(highest.location, "the pod's limit"),),
                )
    for name, request in own["requests"].items():
        whole = quantity(request.text)
        parts = [
            amount
            for container in workload.containers
            if container.role == "main" or container.sidecar
            if (amount := quantity(_request(container, name.text).text)) is not None
        ]
        if whole is not None and sum(parts) > whole:
            yield Problem(
                request.location,
                f"the containers request more {name.text} together than the pod's request of {request.text}",
                tuple(
                    Related(asked.location, f"container '{container.name}' requests {asked.text}")
                    for container in workload.containers
                    if (asked := _request(container, name.text)).present
                ),
            )


def _request(container: Container, resource: str) -> Node:
    """What it requests; a limit stands for a request that is not written."""
    resources = container.node["resources"]
    asked = resources["requests"][resource]
    return asked if asked.present else resources["limits"][resource]


def _above(amount: Node, limit: Node) -> bool:
    asked, allowed = quantity(amount.text), quantity(limit.text)
    return asked is not None and allowed is not None and asked > allowed


@check("k8s-invalid-quantity", each=objects)
def invalid_quantity(manifest: Manifest) -> Iterator[Problem]:
    for what, amount in _amounts(manifest):
        text = amount.text
        if not amount.is_scalar or not amount.present or _PLACEHOLDER.search(text):
            continue
        if not text[:1].isdigit() and stands_in(text):
            continue
        number = quantity(amount.text)
        if number is None:
            yield Problem(amount.location, f"'{amount.text}' is no quantity of {what}")
        elif number < 0:
            yield Problem(amount.location, f"'{amount.text}' of {what} is less than nothing")


def _amounts(manifest: Manifest) -> Iterator[tuple[str, Node]]:
    """Every amount of an object, wherever its kind has one, and what it is an amount of."""
    if isinstance(manifest, Workload):
        nodes = [manifest.pod, *(container.node for container in manifest.containers)]
        nodes += [claim["spec"] for claim in manifest.spec["volumeClaimTemplates"]]
        for volume in manifest.volumes:
            nodes.append(volume["ephemeral"]["volumeClaimTemplate"]["spec"])
            yield "an emptyDir", volume["emptyDir"]["sizeLimit"]
        for key, amount in manifest.pod["overhead"].items():
            yield key.text, amount
    else:
        nodes = [manifest.spec] if manifest.kind == "PersistentVolumeClaim" else []
    for node in nodes:
        for section in ("requests", "limits"):
            yield from ((key.text, amount) for key, amount in node["resources"][section].items())
    tables = []
    match manifest.kind:
        case "PersistentVolume":
            tables.append(manifest.spec["capacity"])
        case "ResourceQuota":
            tables.append(manifest.spec["hard"])
        case "HorizontalPodAutoscaler":
            for metric in manifest.spec["metrics"]:
                for source in ("resource", "containerResource", "pods", "object", "external"):
                    target = metric[source]["target"]
                    yield "a metric", target["averageValue"]
                    yield "a metric", target["value"]
        case "VerticalPodAutoscaler":
            for policy in manifest.spec["resourcePolicy"]["containerPolicies"]:
                tables += [policy[key] for key in ("minAllowed", "maxAllowed")]
        case "LimitRange":
            for limit in manifest.spec["limits"]:
                tables += [limit[key] for key in ("min", "max", "default", "defaultRequest")]
    for table in tables:
        yield from ((key.text, amount) for key, amount in table.items())


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
