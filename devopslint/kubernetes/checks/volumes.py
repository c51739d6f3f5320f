"""What a pod mounts, and from where."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import containers, workloads
from devopslint.kubernetes.names import repeated, stands_in
from devopslint.kubernetes.workloads import AS_WRITTEN, Container, Workload
from devopslint.model import Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check

RESTRICTED_VOLUMES = frozenset(
    (
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
        "secret",
    )
)  # fmt: skip
"""What the restricted level lets a pod mount."""

SENSITIVE_PATHS = frozenset(
    (
        "/", "/boot", "/dev", "/etc", "/etc/kubernetes", "/home", "/lib", "/lib64", "/proc", "/root", "/run", "/sys",
        "/usr", "/var", "/var/lib", "/var/lib/containerd", "/var/lib/docker", "/var/lib/etcd", "/var/lib/kubelet",
        "/var/run",
    )
)  # fmt: skip

_RUNTIME_SOCKET = compiled(r"/(?:docker|containerd|crio|cri-dockerd|dockershim|podman|k3s/containerd)\.sock\Z")


@check("k8s-host-path", each=workloads)
def host_path(workload: Workload) -> Iterator[Problem]:
    for volume, path in host_paths(workload):
        if not is_sensitive(path) and not is_runtime_socket(path):
            yield Problem(path.location, f"volume '{volume['name'].text}' is {shown(path)} of the node")


@check("k8s-sensitive-host-path", each=workloads)
def sensitive_host_path(workload: Workload) -> Iterator[Problem]:
    for volume, path in host_paths(workload):
        if is_sensitive(path):
            yield Problem(
                path.location, f"volume '{volume['name'].text}' is {shown(path)} of the node, which the node lives on"
            )


@check("k8s-runtime-socket", each=workloads)
def runtime_socket(workload: Workload) -> Iterator[Problem]:
    for volume, path in host_paths(workload):
        if is_runtime_socket(path):
            yield Problem(
                path.location,
                f"volume '{volume['name'].text}' is the node's container runtime: it starts any container as root",
            )


@check("k8s-writable-host-path", each=containers)
def writable_host_path(container: Container) -> Iterator[Problem]:
    from_host = {volume["name"].text: path for volume, path in host_paths(container.workload)}
    for mount in container.node["volumeMounts"]:
        path = from_host.get(mount["name"].text)
        if path is not None and mount["readOnly"].value is not True:
            yield Problem(
                mount["readOnly"].location, f"container '{container.name}' can write to {shown(path)} of the node"
            )


@check("k8s-unrestricted-volume", each=workloads)
def unrestricted_volume(workload: Workload) -> Iterator[Problem]:
    for volume in workload.volumes:
        # `$patch: delete` of a patch is no type.
        sources = [
            (key, value)
            for key, value in volume.items()
            if key.text != "name" and not key.text.startswith("$") and value.present
        ]
        if any(key.text in RESTRICTED_VOLUMES for key, _ in sources):
            continue
        for key, _ in sources:
            if key.text != "hostPath":
                yield Problem(
                    key.location, f"volume '{volume['name'].text}' is of type {key.text}, not a PersistentVolumeClaim"
                )


def host_paths(workload: Workload) -> Iterator[tuple[Node, Node]]:
    """Each volume that is a path of the node, and that path."""
    for volume in workload.volumes:
        if volume["hostPath"].present:
            yield volume, volume["hostPath"]["path"]


def is_sensitive(path: Node) -> bool:
    return bool(path.text) and normal(path) in SENSITIVE_PATHS


def is_runtime_socket(path: Node) -> bool:
    return _RUNTIME_SOCKET.search(normal(path)) is not None


def normal(path: Node) -> str:
    """The path without doubled or trailing slashes."""
    return "/" + posixpath.normpath(path.text or ".").lstrip("/")


def shown(path: Node) -> str:
    return f"'{path.text}'" if path.text else "a path"


@check("k8s-refused-pod", each=workloads)
def refused_pod(workload: Workload) -> Iterator[Problem]:
    if workload.kind not in AS_WRITTEN:
        return
    names = [volume["name"] for volume in workload.volumes]
    for again in repeated(names):
        yield Problem(again.location, f"{workload.label} has two volumes called '{again.text}'")
    known = {name.text for name in names}
    known |= {claim["metadata"]["name"].text for claim in workload.spec["volumeClaimTemplates"]}
    known |= {"workspace-volume"} if workload.kind == "Pod" else set()  # Jenkins gives it to each of its agents
    # A webhook adds what its annotation asks for.
    is_open = any("inject" in annotation for annotation in workload.pod_annotations) or any(map(stands_in, known))
    for container in workload.containers:
        mounts = list(container.node["volumeMounts"])
        for again in repeated(mount["mountPath"] for mount in mounts):
            yield Problem(again.location, f"container '{container.name}' has two mounts at {again.text}")
        for name in (mount["name"] for mount in mounts if not is_open):
            if name.text and name.text not in known and not stands_in(name.text):
                place = name.location._replace(missing=True, wanted="volumes")
                lost = f"container '{container.name}' mounts volume '{name.text}', which {workload.label} does not have"
                yield Problem(place, lost)
