"""The files that kubectl is told to apply, and what their names say of the objects in them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from devopslint.pipeline.words import words_of

_PREPARING_OBJECTS = frozenset(
    "namespace namespaces ns crd crds rbac secret secrets serviceaccount quota storageclass issuer clusterissuer".split()  # noqa: SIM905
)
"""Words of the names of files that prepare a cluster for what is deployed."""
_PODLESS_OBJECTS = _PREPARING_OBJECTS | frozenset(
    "configmap configmaps cm ingress hpa pdb networkpolicy netpol pvc pv servicemonitor".split()  # noqa: SIM905
)


def applied_files(rest: Sequence[str]) -> list[str]:
    """What `-f` names to kubectl."""
    behind = [word for before, word in itertools.pairwise(rest) if before in ("-f", "--filename")]
    joined = [word.partition("=")[2] for word in rest if word.startswith(("-f=", "--filename="))]
    return [*behind, *joined]


def _stem(file: str) -> str:
    return file.rstrip("/").rpartition("/")[2].partition(".")[0]


def only_prepares(file: str) -> bool:
    """Whether a file is named after objects that others need: a namespace, secrets."""
    return not _PREPARING_OBJECTS.isdisjoint(words_of(_stem(file)))


def rolls_nothing_out(file: str) -> bool:
    """Whether a file is named after objects that start no pods."""
    return not _PODLESS_OBJECTS.isdisjoint(words_of(_stem(file))) or _stem(file) in ("service", "svc", "services")
