"""What a run has to say, and one module per format that says it; a report is a function of a `Report`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping

from devopslint.deferred import NamedTuple
from devopslint.model import Edit, Failure, Finding, Location, NotChecked, NotKnown, Rule, Severity, Switch

HOMEPAGE = "https://github.com/devopslint/devopslint"


def page_of(rule: Rule) -> str:
    """The address of what there is to read of a rule; empty where one's own names none."""
    if rule.own:
        return rule.references[0] if rule.references else ""
    return f"{HOMEPAGE}/blob/main/docs/rules.md#{rule.id}"


FORMATS = {
    "text": "for people: grouped on a terminal, full elsewhere",
    "grouped": "a screen: what is wrong by what it is about, and what to do first",
    "full": "every finding with its code",
    "concise": "one line per finding",
    "json": "everything, versioned: docs/json-report.md",
    "sarif": "SARIF 2.1.0, for GitHub code scanning and other viewers",
    "github": "workflow commands that annotate a pull request",
    "markdown": "a summary for the page of a CI run or a comment",
    "gitlab": "GitLab Code Quality",
    "junit": "JUnit XML",
    "rdjson": "reviewdog, for comments on the lines of a change",
    "azure": "commands that Azure Pipelines shows as issues of a run",
    "checkstyle": "Checkstyle XML, which most CI systems read",
}
"""Name of each format -> what it is for. The module of the same name renders it."""


_MODULES = {"full": "text"}
"""Formats that have another module than that of their name."""


class Held(NamedTuple):
    """How much of the Definition of Done holds."""

    met: int
    violated: int
    all: int


class Suggestion(NamedTuple):
    """How one finding by itself can be mended."""

    safe: bool
    edits: tuple[Edit, ...]


class Revision(NamedTuple):
    """Which state of which repository was checked."""

    repository: str
    """The repository's web address."""
    commit: str
    branch: str = ""


class Report(NamedTuple):
    """The outcome of a run: all that a format may show, and nothing that differs between two equal runs."""

    findings: tuple[Finding, ...] = ()
    """Sorted by path, line, column and rule; the suppressed ones are among them, marked."""
    not_checked: tuple[NotChecked, ...] = ()
    failures: tuple[Failure, ...] = ()
    rules: Collection[Rule] = ()
    """The selected rules, also those that found nothing."""
    files_seen: int = 0
    files_checked: int = 0
    """Files that rules have seen, in whole or in part."""
    source: Callable[[str], str] = lambda path: ""
    """The text of a file that findings name, its byte order mark included; empty where there is none."""
    revision: Revision | None = None
    hidden: int = 0
    """How many findings that count are left out, because they are less severe than was asked for."""
    secrets: tuple[Location, ...] = ()
    """Where secrets are suspected: nothing that stands there is shown."""
    not_known: tuple[NotKnown, ...] = ()
    """What the files leave open; it is no finding."""
    turned_off: tuple[Switch, ...] = ()
    """What configurations in the tree turn off."""
    baseline: str = ""
    """The file of the baseline that the findings were held against; empty where there is none."""
    gone: tuple[str, ...] = ()
    """What the baseline holds and is there no more, in words."""
    expired: int = 0
    """Entries of the baseline whose day has passed."""
    changes: str = ""
    """Which changes the report is about, in words: `since main`; empty where it is about all there is."""
    outside: int = 0
    """How many findings that count are left out, because they are not of the changes."""

    fixed: tuple[Finding, ...] = ()
    """What was found, and is mended now; it is not among the findings."""
    unmended: tuple[str, ...] = ()
    """Fixes that were not applied, in words."""
    suggestions: Mapping[str, Suggestion] = {}  # nobody writes to it
    """By the fingerprint of a finding, how it can be mended, where that was asked for."""

    items: Held | None = None
    """None where nobody has counted."""
    next: str = ""
    """What a newcomer would do after this run."""

    @property
    def counted(self) -> tuple[Finding, ...]:
        """The findings that no suppression covers."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)

    def at_least(self, severity: Severity) -> Report:
        """The same without the less severe findings, which are counted only."""
        shown = tuple(finding for finding in self.findings if finding.severity >= severity)
        hidden = sum(finding.suppressed is None and finding.severity < severity for finding in self.findings)
        return self._replace(findings=shown, hidden=self.hidden + hidden)

    def within(self, covers: Callable[[Location], bool], brought: Collection[str], changes: str) -> Report:
        """The same, of some changes alone: what stands in them, and what has these fingerprints. The rest is counted."""
        kept = tuple(one for one in self.findings if one.fingerprint in brought or any(covers(at) for at in one.places))
        gaps = (gap for gap in self.not_checked if not gap.path or covers(Location(gap.path, gap.line, 1, gap.line, 1)))
        return self._replace(
            findings=kept,
            not_checked=tuple(gaps),
            not_known=tuple(one for one in self.not_known if covers(one.location)),
            gone=(),
            changes=changes,
            outside=len(self.counted) - sum(finding.suppressed is None for finding in kept),
        )

    @property
    def baselined(self) -> tuple[Finding, ...]:
        """The findings that the baseline holds."""
        return tuple(one for one in self.suppressed if one.suppressed and one.suppressed.origin == "baseline")

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.suppressed is not None)


def render(
    report: Report, format: str, *, color: bool = False, show_suppressed: bool = False, statistics: bool = False
) -> str:
    """The report in one of `FORMATS`, ending with a line break unless it is empty.

    `color` and `statistics` mean something to the formats for people only. `show_suppressed` adds suppressed
    findings to text, concise, markdown and sarif; json always has them, the others never.
    """
    module = importlib.import_module(f"devopslint.reports.{_MODULES.get(format, format)}")
    text: str = module.render(report, color=color, show_suppressed=show_suppressed, statistics=statistics)
    return text
