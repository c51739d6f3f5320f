"""What a project of Argo CD allows its Applications: where they come from and where they go, as Argo CD 3.6 compares it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled, dataclass
from devopslint.kubernetes.summaries import ObjectSummary, Placed, identity_of
from devopslint.kubernetes.workloads import Manifest, application_spec, decoded
from devopslint.model import Location
from devopslint.readers.yaml import Node

_SSH = compiled(r"(?:ssh://)?[\w.-]+@[\w.-]+:.*|ssh://.*")
_UNREAD_PATTERN = frozenset("[]{}\\")
_STEPS = compiled(r"\*\*|\*|\?")
_MADE_LATER = compiled(
    r"\{\{|\$[{(A-Za-z]|<[A-Za-z]|REPLACE|PLACEHOLDER|CHANGE[-_]?ME|(?i:[/:@](?:your|my)[-_]?(?:company|org|organi[sz]ation|repo|team|user|username)?[/.-])"
)
"""What whoever takes the file puts in: `{{team}}`, `https://github.com/your-org/shop`."""
_SECRET_TYPE = "argocd.argoproj.io/secret-type"
IN_CLUSTER = ("in-cluster", "https://kubernetes.default.svc")
"""The name and the address of the cluster that Argo CD runs in."""


def is_made_later(text: str) -> bool:
    """Whether an address, or a name, is put in by whoever takes the file."""
    return _MADE_LATER.search(text) is not None


class ClusterPlace(NamedTuple):
    """Where objects go; in a project each part is a pattern, and one with ! before it forbids."""

    server: str
    name: str
    namespace: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectWords(ObjectSummary):
    """An AppProject."""

    repositories: tuple[str, ...]
    destinations: tuple[ClusterPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWords(ObjectSummary):
    """An Application, or what an ApplicationSet makes; what is only known later is left out."""

    project: str
    repositories: tuple[Placed[str], ...]
    destination: ClusterPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedRepository(ObjectSummary):
    """A Secret by which a repository belongs to a project: that takes objects from it, too.

    https://argo-cd.readthedocs.io/en/stable/user-guide/projects/#project-scoped-repositories-and-clusters
    """

    project: str
    url: str


def project_summaries(manifests: Iterable[Manifest]) -> Iterator[ProjectWords | ApplicationWords | ScopedRepository]:
    for manifest in manifests:
        if manifest.kind == "Secret" and manifest.metadata["labels"][_SECRET_TYPE].text == "repository":
            project, url = (_said(manifest, key) for key in ("project", "url"))
            if project and url:
                yield ScopedRepository(**identity_of(manifest), project=project, url=url)
        if manifest.group != "argoproj.io":
            continue
        if manifest.kind == "AppProject":
            yield ProjectWords(
                **identity_of(manifest),
                repositories=tuple(one.text for one in manifest.spec["sourceRepos"].strings()),
                destinations=tuple(_destination(one) for one in manifest.spec["destinations"]),
            )
        elif manifest.kind in ("Application", "ApplicationSet"):
            yield _application(manifest)


def _said(secret: Manifest, key: str) -> str:
    return secret.node["stringData"][key].text or decoded(secret.node["data"][key].text)


def _application(manifest: Manifest) -> ApplicationWords:
    spec = application_spec(manifest)
    sources = [spec["source"], *spec["sources"]]
    destination = _destination(spec["destination"])
    known = not any(is_made_later(part) for part in (destination.server, destination.name, destination.namespace))
    return ApplicationWords(
        **identity_of(manifest),
        project=spec["project"].text,
        repositories=tuple(
            Placed(one["repoURL"].text, one["repoURL"].location)
            for one in sources
            if one["repoURL"].text and not is_made_later(one["repoURL"].text)
        ),
        destination=destination if known and (destination.server or destination.name) else None,
    )


def _destination(node: Node) -> ClusterPlace:
    return ClusterPlace(node["server"].text, node["name"].text, node["namespace"].text, node.location)


def allows_repository(project: ProjectWords, repository: str, scoped: Iterable[ScopedRepository] = ()) -> bool:
    """Whether the project takes objects from this address; True where a pattern is of a kind that is not read here."""
    allowed = any(one.project == project.name and _normal(one.url) == _normal(repository) for one in scoped)
    for pattern in project.repositories:
        denies = pattern.startswith("!")
        meets = _meets(_normal(pattern.removeprefix("!")), _normal(repository), "/")
        if denies and meets:
            return False
        allowed = allowed or denies or meets
    return allowed


def allows_destination(project: ProjectWords, wanted: ClusterPlace) -> bool:
    """Whether the project puts objects there; True where only the address of a cluster is known, and the project has its name."""
    if wanted.server == IN_CLUSTER[1] or wanted.name == IN_CLUSTER[0]:
        wanted = ClusterPlace(IN_CLUSTER[1], IN_CLUSTER[0], wanted.namespace, wanted.location)
    allowed = False
    for one in project.destinations:
        inside = _meets_or_not(one.namespace, wanted.namespace)
        if not inside and one.namespace.startswith("!"):
            return False  # whatever other destinations say
        if inside and _cluster(one, wanted):
            allowed = True
        elif any(part.startswith("!") for part in (one.server, one.name)):
            return True  # of a cluster, only one of these words is known
    return allowed


def _cluster(one: ClusterPlace, wanted: ClusterPlace) -> bool:
    known = [(one.server, wanted.server), (one.name, wanted.name)]
    if any(pattern and not value for pattern, value in known):
        return True  # whose other word is not known
    return any(value and _meets_or_not(pattern, value) for pattern, value in known)


def _meets_or_not(pattern: str, value: str) -> bool:
    return not _meets(pattern[1:], value) if pattern.startswith("!") else _meets(pattern, value)


def _meets(pattern: str, value: str, separator: str = "") -> bool:
    """As patterns of gobwas/glob do: one asterisk stays within what separators part."""
    if pattern == "*" or not _UNREAD_PATTERN.isdisjoint(pattern):
        return True
    one = f"[^{separator}]" if separator else "."
    words = {"**": ".*", "*": f"{one}*", "?": one}
    text, at = "", 0
    for step in _STEPS.finditer(pattern):
        text += re.escape(pattern[at : step.start()]) + words[step[0]]
        at = step.end()
    return re.fullmatch(text + re.escape(pattern[at:]), value, re.DOTALL) is not None


def _normal(address: str) -> str:
    address = address.strip().lower()
    if _SSH.fullmatch(address) and not address.startswith("ssh://"):
        address = address.replace(":", "/", 1)
    return address.removesuffix(".git").removeprefix("ssh://")
