"""Which images containers run, and whether they stay the same."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.manifests import containers
from devopslint.kubernetes.workloads import Container
from devopslint.model import Problem
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.wildcards import matches_any
from devopslint.registry import check


@check("k8s-latest-tag", each=containers)
def latest_tag(container: Container) -> Iterator[Problem]:
    image = container.image
    if image is None or image.digest or container.node["imagePullPolicy"].text == "Never":
        return  # what is never pulled is what somebody has put on the node
    if image.tag is None:
        yield Problem(container.image_location, f"image '{image.text}' names no tag, and so means latest")
    elif image.tag == "latest":
        yield Problem(container.image_location, f"image '{image.text}' changes with every push to latest")


@check("k8s-unpinned-image", each=containers)
def unpinned_image(container: Container) -> Iterator[Problem]:
    image = container.image
    if image is not None and not image.digest:
        yield Problem(container.image_location, f"image '{image.text}' is not pinned by digest")


@check("k8s-cached-image", each=containers)
def cached_image(container: Container) -> Iterator[Problem]:
    policy = container.node["imagePullPolicy"]
    image = container.image
    if image is not None and image.digest:
        return
    if policy.present and policy.text != "Always":
        yield Problem(policy.location, f"container '{container.name}' has imagePullPolicy {policy.text}, not Always")
    elif not policy.present and image is not None and not always_pulled(image):
        yield Problem(policy.location, f"container '{container.name}' runs what its node holds as '{image.text}'")


@check("k8s-cached-digest", each=containers)
def cached_digest(container: Container) -> Iterator[Problem]:
    policy = container.node["imagePullPolicy"]
    image = container.image
    if image is not None and image.digest and policy.text != "Always":
        yield Problem(policy.location, f"container '{container.name}' runs a pinned image without asking its registry")


@check("k8s-unset-pull-policy", each=containers)
def unset_pull_policy(container: Container) -> Iterator[Problem]:
    policy = container.node["imagePullPolicy"]
    image = container.image
    if not policy.present and (image is None or always_pulled(image)):
        yield Problem(policy.location, f"container '{container.name}' names no imagePullPolicy")


@check("k8s-untrusted-registry", each=containers)
def untrusted_registry(container: Container, *, registries: list[str]) -> Iterator[Problem]:
    image = container.image
    if image is not None and not matches_any(image.registry, registries):
        yield Problem(
            container.node["image"].location, f"image '{image.text}' comes from {image.registry}, which is not trusted"
        )


def always_pulled(image: ImageReference) -> bool:
    """Whether Kubernetes pulls the image on every start where no policy is set."""
    return not image.digest and image.tag in (None, "latest")


@check("k8s-missing-pull-secret", each=containers)
def missing_pull_secret(container: Container, *, registries: list[str]) -> Iterator[Problem]:
    image = container.image
    secrets = container.workload.pod["imagePullSecrets"]
    if image is not None and not len(secrets) and matches_any(image.registry, tuple(registries)):
        yield Problem(
            secrets.location, f"container '{container.name}' pulls from {image.registry} without a pull secret"
        )
