"""What every pod and container owes its cluster: the hardening that pod security asks for."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.registry import check
from devopslint.views.kubernetes import Container, containers


@check("k8s-root-container", each=containers)
def root_container(container: Container) -> Iterator[Problem]:
    user = container.security("runAsUser")
    non_root = container.security("runAsNonRoot")
    if user.value == 0 and user.value is not False:
        yield Problem(user.location, f"container '{container.name}' runs as user 0")
    elif not user.present and non_root.value is not True:
        yield Problem(non_root.location, f"container '{container.name}' may run as root")


@check("k8s-writable-root-filesystem", each=containers)
def writable_root_filesystem(container: Container) -> Iterator[Problem]:
    read_only = container.node["securityContext"]["readOnlyRootFilesystem"]
    if read_only.value is not True and not container.workload.windows:
        yield Problem(read_only.location, f"container '{container.name}' can write to its root file system")
