"""What pipelines tell charts to do with their pods."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.delivery.helm_commands import values_of_commands
from devopslint.kubernetes.helm_values import SHARED, Values
from devopslint.model import Problem
from devopslint.registry import check


@check("helm-privileged-container", each=values_of_commands)
def privileged_container(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("privileged", ()):
        yield Problem(setting.location, f"{setting.said}: a container is root on the node")


@check("helm-host-namespace", each=values_of_commands)
def host_namespace(values: Values) -> Iterator[Problem]:
    for key, what in SHARED.items():
        for setting in values.meanings.get(key, ()):
            yield Problem(setting.location, f"{setting.said}: a pod shares the {what} of its node")


@check("helm-root-user", each=values_of_commands)
def root_user(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("runAsUser", ()):
        yield Problem(setting.location, f"{setting.said}: a container runs as root")


@check("helm-latest-tag", each=values_of_commands)
def latest_tag(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("latest", ()):
        yield Problem(setting.location, f"{setting.said}, which changes with every push")
