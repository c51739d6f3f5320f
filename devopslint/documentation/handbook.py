"""All documents of a tree together, beside what they speak of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import ClassVar, Self
from urllib.parse import unquote

from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.documentation.commands import WORKLOAD_KINDS, Mention
from devopslint.documentation.documents import AlertTitle, DocumentSummary, SectionSummary
from devopslint.documentation.names import is_no_answer, purposes
from devopslint.kubernetes.cluster import Cluster
from devopslint.kubernetes.summaries import AutoscalerSummary, IngressSummary, RouteSummary, WorkloadSummary
from devopslint.model import KnownFiles, Location, Opening, ProjectView, Summaries
from devopslint.monitoring.landscape import Landscape
from devopslint.monitoring.summaries import BackupSummary, RestoreSummary, RuleSummary
from devopslint.readers.folders import ASIDE, uppermost

_ASIDE = ASIDE | {"hack", "templates", ".github"}
_SHOWS = compiled(
    r"(?i)example|sample|\bdemo|catalog|starter|template|tutorial|workshop|boilerplate|playground|awesome"
)
_HANDBOOK = compiled(
    r"(?i)wiki|confluence|notion\.|readthedocs|gitbook|docs?\.|/docs?\b|documentation|handbook|backstage|sharepoint|guide"
)
_OF_OTHERS = compiled(
    r"(?i)//(?:[\w.-]+\.)?(?:kubernetes\.io|k8s\.io|docker\.com|helm\.sh|github\.com/[\w.-]+/?$|istio\.io|prometheus\.io|golang\.org|python\.org"
    r"|shields\.io|badge|nodejs\.org|microsoft\.com|amazon\.com|cloud\.google\.com|hashicorp\.com|terraform\.io|npmjs\.com|pypi\.org)"
)
_UNREAD = (".docx", ".odt", ".pdf", ".ipynb", ".org", ".textile")


class Handbook(ProjectView):
    """The documents of a tree, and the workloads and files that they may name."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("document",)

    def __init__(self, summaries: Summaries) -> None:
        self.documents = summaries.of(DocumentSummary)
        self.mentions = summaries.of(Mention)
        self.titles = summaries.of(AlertTitle)
        self.backups = summaries.of(BackupSummary)
        self.restores = summaries.of(RestoreSummary)
        self._summaries = summaries
        self._places: dict[str, frozenset[str]] = {}

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)

    @cached_property
    def files(self) -> frozenset[str]:
        return frozenset(path for known in self._summaries.of(KnownFiles) for path in known.paths)

    @cached_property
    def cluster(self) -> Cluster:
        return self._summaries.seen_by(Cluster)

    @cached_property
    def landscape(self) -> Landscape:
        return self._summaries.seen_by(Landscape)

    @cached_property
    def alerts(self) -> dict[str, RuleSummary]:
        """The alerts of the tree by their names."""
        return {rule.name: rule for rule in self._summaries.of(RuleSummary) if rule.alerts}

    @cached_property
    def by_path(self) -> dict[str, DocumentSummary]:
        return {document.path: document for document in self.documents}

    def leads_to(self, document: DocumentSummary, anchor: str) -> bool:
        """Whether a document has a heading, or another place, that a link calls so: sites make different links of one."""
        if document.path not in self._places:
            names = [section.title for section in document.sections] + list(document.anchors)
            self._places[document.path] = frozenset(map(_plain, names))
        wanted, names_there = _plain(anchor), self._places[document.path]
        return not wanted or wanted in names_there or re.sub(r"[0-9]+\Z", "", wanted) in names_there

    @cached_property
    def unread_folders(self) -> tuple[str, ...]:
        """The folders that were not looked into."""
        return tuple(path for path in self.files if path.endswith("/"))

    @cached_property
    def of_alerts(self) -> frozenset[str]:
        """The groups of headings that are names of alerts: most of them are those of the tree."""
        groups: dict[str, list[bool]] = {}
        for title in self.titles:
            groups.setdefault(title.group, []).append(title.name in self.alerts)
        return frozenset(group for group, known in groups.items() if sum(known) * 2 >= len(known))

    @cached_property
    def workloads(self) -> list[WorkloadSummary]:
        return [one for one in self.cluster.all(WorkloadSummary) if one.kind in WORKLOAD_KINDS.values()]

    @cached_property
    def deployed(self) -> list[WorkloadSummary]:
        """The workloads that are no test's and no example's."""
        return [one for one in self.workloads if not uppermost(one.location.path, _ASIDE)]

    @cached_property
    def keepers(self) -> list[WorkloadSummary]:
        """The deployed workloads that keep data."""
        return [one for one in self.deployed if one.claims or one.kind == "StatefulSet"]

    @property
    def serves(self) -> bool:
        """Whether the tree runs something for users: it is reached from outside, or scales with them.

        One that shows how things are done runs nothing.
        """
        if self.readme is not None and _SHOWS.search(self.readme.title):
            return False
        kinds = (AutoscalerSummary, IngressSummary, RouteSummary)
        return bool(self.deployed) and any(
            not uppermost(one.location.path, _ASIDE) for kind in kinds for one in self.cluster.all(kind)
        )

    @cached_property
    def openings(self) -> list[Opening]:
        return self._summaries.of(Opening)

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Every namespace that an object of the tree is in."""
        return frozenset(one.namespace for one in self.workloads if one.namespace)

    @cached_property
    def readme(self) -> DocumentSummary | None:
        """That of the repository: the first that a reader meets."""
        found = [one for one in self.documents if "/" not in one.path and one.path.lower().startswith("readme")]
        return found[0] if found else None

    def about(self, purpose: str, also: tuple[str, ...] = ()) -> Iterator[tuple[DocumentSummary, SectionSummary]]:
        """Every section about something; `also` are more words that tell it."""
        more = [word.lower() for word in also]
        for document in self.documents:
            if is_no_answer(document.path):
                continue
            whole = purpose in document.purposes
            for section in document.sections:
                told = any(word in section.title.lower() for word in more)
                if whole or told or purpose in section.purposes:
                    yield document, section

    def outside(self, purpose: str) -> tuple[str, Location] | None:
        """A link of the README that leads to documents which are not in the tree, and may be about it."""
        if self.readme is None:
            return None
        for words, address, at in self.readme.links:
            if "://" not in address or _OF_OTHERS.search(address):
                continue
            if purpose in purposes(words) or _HANDBOOK.search(f"{words} {address}"):
                return address, at
        return None

    def unread(self, purpose: str) -> str:
        """A file that may be about it, of a format that is not read; empty where there is none."""
        for path in sorted(self.files):
            if path.endswith(_UNREAD) and purpose in purposes(
                posixpath.basename(path).replace("_", " ").replace("-", " ")
            ):
                return path
        return ""


class Named(NamedTuple):
    """Something that a command of a document names, before what the tree has."""

    handbook: Handbook
    own: Mention

    @property
    def label(self) -> str:
        return self.own.name

    @property
    def location(self) -> Location:
        return self.own.location


def mentions(handbook: Handbook) -> list[Named]:
    return [Named(handbook, one) for one in handbook.mentions]


class Titled(NamedTuple):
    """A heading that is the name of an alert, before the alerts of the tree."""

    handbook: Handbook
    own: AlertTitle

    @property
    def label(self) -> str:
        return self.own.name

    @property
    def location(self) -> Location:
        return self.own.location


def alert_titles(handbook: Handbook) -> list[Titled]:
    """The headings that stand among those which are names of alerts."""
    if not handbook.alerts:
        return []
    return [Titled(handbook, one) for one in handbook.titles if one.group in handbook.of_alerts]


class Page(NamedTuple):
    """A document among the others."""

    handbook: Handbook
    own: DocumentSummary

    @property
    def label(self) -> str:
        return self.own.title or self.own.path

    @property
    def location(self) -> Location:
        return self.own.location


def _plain(name: str) -> str:
    return "".join(character for character in unquote(name).lower() if character.isalnum())


def pages(handbook: Handbook) -> list[Page]:
    """Every document of the tree."""
    return [Page(handbook, one) for one in handbook.documents]


class Followed(NamedTuple):
    """An alert whose runbook is a document of the tree."""

    handbook: Handbook
    alert: RuleSummary
    document: DocumentSummary
    anchor: str

    @property
    def label(self) -> str:
        return self.alert.label

    @property
    def location(self) -> Location:
        return self.alert.runbook_location


def runbooks(handbook: Handbook) -> Iterator[Followed]:
    """Every alert with the document that its runbook leads to."""
    for alert in handbook.landscape.alerts:
        path, anchor = handbook.landscape.led_to(alert.runbook, alert.location.path) if alert.runbook else ("", "")
        if path in handbook.by_path:
            yield Followed(handbook, alert, handbook.by_path[path], anchor)


def whole(handbook: Handbook) -> list[Handbook]:
    """The handbook as one, where the repository has a README to say something in."""
    return [handbook] if handbook.readme is not None else []
