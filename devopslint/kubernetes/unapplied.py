"""Files that nobody applies, or not to stay: what tests expect and bring up, other projects' files, former releases."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devopslint.deferred import NamedTuple, compiled

_EXPECTED = compiled(
    r"(?:^|/)\d+-(?:[\w.-]+-)?(?:assert|errors?)(?:-[\w.-]+)?\.ya?ml\Z|(?:^|[/_.-])assert(?:-[\w.-]+)?\.ya?ml\Z"
)
"""Names by which chainsaw and kuttl know what a live object must look like, or must not."""
_GOLDEN = compiled(
    r"(?:^|/)(?:testdata|__snapshots?__|snapshots|goldens?|\.golden|tests?/(?:[^/]+/)*baselines?|tests?/data)/"
)
_VENDORED = compiled(r"(?:^|/)(?P<folder>vendor|third[_-]party|bower_components|jspm_packages|vendored)/")
_TRIED = compiled(
    r"(?:^|/)(?P<folder>tests|__tests__|e2e(?:[-_]?tests?)?|(?:integration|functional|system|smoke|conformance)[-_]?tests?"
    r"|tests?[-_](?:e2e|data|files?|fixtures?|resources?|manifests?|cases?|suites?|e2e)|kuttl|chainsaw)/"
    r"|(?:^|/)src/(?P<sources>test)/|^(?P<top>test)/"
)
_ENVIRONMENTS = frozenset(
    "acc acceptance base common dev develop development live overlays preprod prod production qa stage staging uat".split()  # noqa: SIM905  # shorter than a list
)
"""What lies beside a folder `test` that is an environment, and no test."""
_VERSION = compiled(
    r"(?<![0-9.])[vV]?(?P<numbers>[0-9]{1,4}[._][0-9]{1,4}[._][0-9]{1,4})(?P<before>[._-]?(?:alpha|beta|rc|dev)[._-]?[0-9]*)?(?![0-9]|[._][0-9])"
)
"""The version in the name of a file or folder: `install_v2_1_3.yaml`, `1.4.0/`."""


class Tried(NamedTuple):
    """A summary: a file in a folder of tests, which are gone with their cluster unless a kustomization takes it out of there."""

    path: str
    folder: str


def kept_for_others(path: str) -> str:
    """Why a file is neither applied nor mended where it lies; empty for one that is."""
    if _EXPECTED.search(path):
        return "is what a test expects of an object: nothing in it is applied"
    return "is the expected output of a test: nothing in it is applied" if _GOLDEN.search(path) else ""


def vendored(path: str) -> str:
    """Why a file may be another project's; empty for one of this."""
    found = _VENDORED.search(path)
    return f"is another project's file: it lies in {found['folder']}/" if found else ""


def tried_in(path: str) -> str:
    """The folder of tests that a file lies in; empty where it lies in none."""
    found = _TRIED.search(path)
    return (found["folder"] or found["sources"] or found["top"]) if found else ""


def is_environment(folder: str, beside: Iterable[str]) -> bool:
    """Whether a folder called `test` is one of the environments that things are deployed to."""
    return folder == "test" and not _ENVIRONMENTS.isdisjoint(beside)


def newer_release(paths: Iterable[str]) -> dict[str, str]:
    """Of each file that is there in several versions, by its name or a folder's, but for the newest: the newest."""
    releases: dict[tuple[str, str], list[tuple[tuple[int, ...], bool, str, str]]] = {}
    for path in paths:
        found = next(_VERSION.finditer(path), None)
        if found is not None:
            numbers = tuple(map(int, re.split(r"[._]", found["numbers"])))
            parts = path[: found.start()], path[found.end() :]
            releases.setdefault(parts, []).append((numbers, not found["before"], found["before"] or "", path))
    return {one[-1]: max(group)[-1] for group in releases.values() for one in group if one != max(group)}
