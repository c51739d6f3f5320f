"""Well-known programs, and ways to configure them, that have opened clusters before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import containers
from devopslint.kubernetes.objects import ingresses, services
from devopslint.kubernetes.workloads import Container, Manifest
from devopslint.model import Problem
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.yaml import Node
from devopslint.registry import check

_SNIPPET = compiled(r"nginx\.ingress\.kubernetes\.io/[a-z-]*snippet\Z|nginx\.org/[a-z-]*snippets\Z")
_CODE = compiled(r"\blua_|_lua\b|_lua_|\bkubernetes\.io\b")
_TILLER = compiled(r"(?<![a-z])tiller(?![a-z])")
_ALIAS = compiled(r"\balias\b")


@check("k8s-tiller", each=containers)
def tiller(container: Container) -> Iterator[Problem]:
    if is_tiller(container):
        yield Problem(container.node["image"].location, f"container '{container.name}' is Tiller, the server of Helm 2")


@check("k8s-open-tiller", each=containers)
def open_tiller(container: Container) -> Iterator[Problem]:
    arguments = container.node["args"]
    local = any("--listen" in one.text and re.search(r"localhost|127\.0\.0\.1", one.text) for one in arguments)
    if is_tiller(container) and not local:
        yield Problem(arguments.location, f"Tiller in container '{container.name}' listens to the whole cluster")


@check("k8s-tiller-service", each=services)
def tiller_service(service: Manifest) -> Iterator[Problem]:
    named = [*service.labels.values(), *(one.text for _, one in service.spec["selector"].items()), service.name]
    if any(_TILLER.search(name.lower()) for name in named):
        yield Problem(service.location, f"{service.label} opens Tiller to the whole cluster")


@check("k8s-dashboard", each=containers)
def dashboard(container: Container) -> Iterator[Problem]:
    labels = container.workload.pod_labels
    image = container.node["image"]
    named = "kubernetes-dashboard" in image.text or "kubernetesui" in image.text
    if named or "kubernetes-dashboard" in (labels.get("app"), labels.get("k8s-app")):
        yield Problem(image.location, f"container '{container.name}' is the Kubernetes dashboard")


@check("k8s-git-sync-program", each=containers)
def git_sync_program(container: Container) -> Iterator[Problem]:
    for variable in container.env:
        if variable["name"].text == "GITSYNC_GIT":
            yield Problem(
                variable["name"].location, f"container '{container.name}' lets a variable choose the git to run"
            )


@check("net-ingress-snippet", each=ingresses)
def ingress_snippet(ingress: Manifest) -> Iterator[Problem]:
    for key, _ in snippets(ingress):
        yield Problem(key.location, f"{ingress.label} writes its own text into the configuration of nginx")


@check("net-ingress-snippet-code", each=ingresses)
def ingress_snippet_code(ingress: Manifest) -> Iterator[Problem]:
    for key, value in snippets(ingress):
        if _CODE.search(value.text):
            yield Problem(key.location, f"{ingress.label} has nginx run code or read the controller's token")


@check("net-ingress-snippet-alias", each=ingresses)
def ingress_snippet_alias(ingress: Manifest) -> Iterator[Problem]:
    for key, value in snippets(ingress):
        if _ALIAS.search(value.text):
            yield Problem(key.location, f"{ingress.label} has nginx serve files of its own container")


def snippets(ingress: Manifest) -> Iterator[tuple[Node, Node]]:
    for key, value in ingress.metadata["annotations"].items():
        if _SNIPPET.match(key.text):
            yield key, value


def is_tiller(container: Container) -> bool:
    labels = container.workload.pod_labels
    return ImageReference.parse(container.node["image"].text).last_name == "tiller" or (
        labels.get("app") == "helm" and labels.get("name") == "tiller"
    )
