"""What a run knows of the whole tree: the summaries of every file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import overload

from devopslint.deferred import NamedTuple, cached_property
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


class Head(NamedTuple):
    """What is asked of every report: little enough to be had without reading it."""

    aspects: tuple[str, ...] = ()
    unchecked: bool = False
    quiet: bool = False
    """True where nothing in it matters to a run that does not report on its file."""

    @classmethod
    def of(cls, report: FileReport) -> Head:
        path = report.file.path
        places = [at.path for one in report.findings for at in one.places] + [one.path for one in report.not_known]
        loud = report.suppressions or report.failures or report.hidden or report.sources
        return cls(report.aspects, report.unchecked, not loud and all(place == path for place in places))

    def write(self) -> str:
        return " ".join(("u" if self.unchecked else "-", "q" if self.quiet else "-", *self.aspects))

    @classmethod
    def read(cls, written: str) -> Head:
        unchecked, quiet, *aspects = written.split(" ")
        return cls(tuple(aspects), unchecked == "u", quiet == "q")


class Kept(NamedTuple):
    """A report that an earlier run has made, and that nobody has read yet."""

    file: SourceFile
    head: Head
    read: Callable[[], FileReport]
    tell: Callable[[], tuple[object, ...]]
    """The summaries alone: most of a report is what nobody else asks about."""


class Reports(Sequence[FileReport]):
    """The reports of a run, in the order of their paths. One that is kept is read when it is asked for."""

    def __init__(self, reports: Iterable[FileReport | Kept], keys: Mapping[str, bytes] | None = None) -> None:
        self._reports = sorted(reports, key=lambda one: one.file.path)
        self.keys = keys or {}
        """Path -> what tells a report from every other one, where something does."""

    @classmethod
    def of(cls, reports: Iterable[FileReport]) -> Reports:
        return reports if isinstance(reports, cls) else cls(reports)

    def __len__(self) -> int:
        return len(self._reports)

    @overload
    def __getitem__(self, index: int) -> FileReport: ...
    @overload
    def __getitem__(self, index: slice) -> list[FileReport]: ...
    def __getitem__(self, index: int | slice) -> FileReport | list[FileReport]:
        if isinstance(index, slice):
            return [self._at(one) for one in range(*index.indices(len(self)))]
        return self._at(index)

    def __iter__(self) -> Iterator[FileReport]:
        return (self._at(index) for index in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (Reports, tuple)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def _at(self, index: int) -> FileReport:
        found = self._reports[index]
        if isinstance(found, Kept):
            found = self._reports[index] = found.read()
        return found

    def concerning(self, wanted: Callable[[str], bool]) -> list[FileReport]:
        """Those that matter to who asks for some paths; of what has been examined just now, all."""
        return [
            self._at(index)
            for index, one in enumerate(self._reports)
            if not isinstance(one, Kept) or not one.head.quiet or wanted(one.file.path)
        ]

    @property
    def unread(self) -> frozenset[str]:
        """The paths of those that are kept and that nobody has asked for."""
        return frozenset(one.file.path for one in self._reports if isinstance(one, Kept))

    @property
    def files(self) -> list[SourceFile]:
        return [one.file for one in self._reports]

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(one.file.path for one in self._reports)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of file, and the aspects, that there are."""
        return frozenset(
            kind
            for one in self._reports
            for kind in (one.file.kind, *(one.head.aspects if isinstance(one, Kept) else one.aspects))
        )

    @property
    def unchecked(self) -> frozenset[str]:
        """The paths of those of which no rule has seen anything."""
        return frozenset(
            one.file.path for one in self._reports if (one.head.unchecked if isinstance(one, Kept) else one.unchecked)
        )

    @property
    def builds(self) -> list[FileReport]:
        """Those on what is made of several files: none of them is ever kept."""
        return [one for one in self._reports if not isinstance(one, Kept) and one.sources]

    def told(self, kind: str | None = None) -> Iterator[object]:
        """The summaries of all, or of the files of one kind."""
        for one in self._reports:
            if kind is None or one.file.kind == kind:
                yield from one.tell() if isinstance(one, Kept) else one.summaries


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
        self.reports = Reports.of(reports)
        self.complete = complete
        """False where there may be files that no report speaks of."""
        self.others = frozenset(others)
        self.told = tuple(told)

    @cached_property
    def summaries(self) -> Summaries:
        known = KnownFiles(self.others | self.reports.paths)
        return Summaries([known, *self.told, *self.reports.told()])

    def worlds(self) -> list[Project]:
        """The projects that can be at one time: of builds that share a file, two overlays of a base, each has one."""
        builds = self.reports.builds
        chosen = {_beside(build, builds): None for build in builds}
        if len(chosen) < 2:
            return [self]
        files = [report for report in self.reports if not report.sources]
        others = self.others | self.reports.paths
        return [
            Project(
                [*files, *(builds[index] for index in world)], complete=self.complete, others=others, told=self.told
            )
            for world in chosen
        ]


def named_files(reports: Collection[FileReport], beginning: Callable[[str], str | None]) -> Iterator[NamedFile]:
    """The files that others name, where `beginning` has something of them."""
    reports = Reports.of(reports)
    for naming in namings():
        told = [*reports.told(naming.kind)]
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
