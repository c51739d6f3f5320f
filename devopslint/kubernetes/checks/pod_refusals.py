"""Whether the API server takes a pod, where its parts contradict each other: volumes and mounts, probes, variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.kubernetes.manifests import workloads
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Container, Workload
from devopslint.model import Location, Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check

_KINDS = frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "Rollout", "StatefulSet"})
"""Whose pods are what the API server is given: what other controllers run may be completed by them."""
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
Fault = tuple[Location, str]


@check("k8s-refused-pod", each=workloads)
def refused_pod(workload: Workload) -> Iterator[Problem]:
    if workload.kind not in _KINDS:
        return
    for place, fault in (*_of_volumes(workload), *(one for c in workload.containers for one in _of_container(c))):
        yield Problem(place, fault)


def _of_volumes(workload: Workload) -> Iterator[Fault]:
    names = [volume["name"] for volume in workload.volumes]
    for again in _again(names):
        yield again.location, f"{workload.label} has two volumes called '{again.text}'"
    known = {name.text for name in names}
    known |= {claim["metadata"]["name"].text for claim in workload.spec["volumeClaimTemplates"]}
    if any("inject" in annotation for annotation in workload.pod_annotations) or any(map(stands_in, known)):
        return  # a webhook adds what its annotation asks for
    for container in workload.containers:
        for mount in container.node["volumeMounts"]:
            name = mount["name"]
            if name.text and name.text not in known and not stands_in(name.text):
                place = name.location._replace(missing=True, wanted="volumes")
                yield (
                    place,
                    f"container '{container.name}' mounts volume '{name.text}', which {workload.label} does not have",
                )


def _of_container(container: Container) -> Iterator[Fault]:
    node, name = container.node, container.name
    for again in _again(mount["mountPath"] for mount in node["volumeMounts"]):
        yield again.location, f"container '{name}' has two mounts at {again.text}"
    for kind in _PROBES:
        probe = node[kind]
        given = [handler for handler in _HANDLERS if probe[handler].present]
        if probe.is_mapping and probe.items() and len(given) != 1:
            place = probe[_HANDLERS[0]].location if not given else probe[given[1]].location
            said = (
                f"by both {given[0]} and {given[1]}" if given else "nobody: neither exec, grpc, httpGet nor tcpSocket"
            )
            yield place, f"{kind} of container '{name}' asks {said}"
        if kind != "readinessProbe" and (whole(probe["successThreshold"]) or 1) != 1:
            yield probe["successThreshold"].location, f"{kind} of container '{name}' wants more than 1 success"
    for variable in node["env"]:
        if variable["value"].text and variable["valueFrom"].present:
            said = f"variable '{variable['name'].text}' of container '{name}' has both a value and a valueFrom"
            yield variable["valueFrom"].location, said


def _again(nodes: Iterable[Node]) -> Iterator[Node]:
    """What stands a second time."""
    seen: set[str] = set()
    for node in nodes:
        if node.text and node.text in seen and not stands_in(node.text):
            yield node
        seen.add(node.text)
