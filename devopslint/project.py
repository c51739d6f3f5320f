"""What a run knows of the whole tree: the summaries of every file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from devopslint.deferred import NamedTuple
from devopslint.files import SourceFile
from devopslint.model import (
    Failure,
    Finding,
    KnownFiles,
    Location,
    NamedFile,
    NotChecked,
    NotKnown,
    Summaries,
    Suppression,
)
from devopslint.registry import named, namings


class FileReport(NamedTuple):
    """All that the examination of one file gives; small, and picklable."""

    file: SourceFile
    findings: tuple[Finding, ...] = ()
    summaries: tuple[object, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    subjects: tuple[tuple[str, int], ...] = ()
    """(rule id, how many subjects its checks saw), for the rules that saw any."""
    not_checked: tuple[NotChecked, ...] = ()
    failures: tuple[Failure, ...] = ()
    unchecked: bool = False
    """True where no rule has seen any of it; `not_checked` says why."""
    hidden: tuple[Location, ...] = ()
    """Where a secret is suspected, whether or not a rule that says so is selected."""
    sound: tuple[tuple[str, str, Location], ...] = ()
    """(rule id, label, place) of a first subject that has nothing wrong with it, for catalogue.witnessing_rules()."""
    sources: frozenset[str] = frozenset()
    """The files that went into a build, where this is a report on one."""
    not_known: tuple[NotKnown, ...] = ()
    aspects: tuple[str, ...] = ()
    """What other domains than that of its kind have seen in it."""


class Project:
    """The files of a run, as far as their reports tell."""

    def __init__(
        self,
        reports: Iterable[FileReport],
        *,
        complete: bool = True,
        others: Iterable[str] = (),
        told: Iterable[object] = (),
    ) -> None:
        """`others` are the paths of files that exist and have no report; `told` is what the configuration adds."""
        self.reports = sorted(reports, key=lambda report: report.file.path)
        self.complete = complete
        """False where there may be files that no report speaks of."""
        known = KnownFiles(frozenset((*others, *(report.file.path for report in self.reports))))
        self.told = tuple(told)
        self.summaries = Summaries(
            [known, *self.told, *(summary for report in self.reports for summary in report.summaries)]
        )

    def worlds(self) -> list[Project]:
        """The projects that can be at one time: of builds that share a file, two overlays of a base, each has one."""
        builds = [report for report in self.reports if report.sources]
        chosen = {_beside(build, builds): None for build in builds}
        if len(chosen) < 2:
            return [self]
        files = [report for report in self.reports if not report.sources]
        others = self.summaries.of(KnownFiles)[0].paths
        return [
            Project(
                [*files, *(builds[index] for index in world)], complete=self.complete, others=others, told=self.told
            )
            for world in chosen
        ]


def named_files(reports: Collection[FileReport], beginning: Callable[[str], str | None]) -> Iterator[NamedFile]:
    """The files that others name, where `beginning` has something of them."""
    for naming in namings():
        told = [summary for report in reports if report.file.kind == naming.kind for summary in report.summaries]
        for path in dict.fromkeys(named(naming.function)(told) if told else ()):
            text = beginning(path)
            if text is not None:
                yield NamedFile(path, text)


def _beside(build: FileReport, builds: list[FileReport]) -> tuple[int, ...]:
    """The indexes of a build and of those that can be beside it."""
    taken = build.sources
    chosen = []
    for index, other in enumerate(builds):
        if other is build or taken.isdisjoint(other.sources):
            chosen.append(index)
            taken |= other.sources
    return tuple(chosen)
