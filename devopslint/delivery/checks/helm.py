"""What pipelines tell charts to do with their pods."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.delivery.helm_commands import values_of_commands
from devopslint.kubernetes.helm_values import SHARED, Values
from devopslint.model import Problem
from devopslint.registry import check


@check("helm-privileged-container", each=values_of_commands)
def privileged_container(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences("privileged"):
        yield Problem(location, words)


@check("helm-host-namespace", each=values_of_commands)
def host_namespace(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences(*SHARED):
        yield Problem(location, words)


@check("helm-root-user", each=values_of_commands)
def root_user(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences("runAsUser"):
        yield Problem(location, words)


@check("helm-latest-tag", each=values_of_commands)
def latest_tag(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences("latest"):
        yield Problem(location, words)
