"""A run over files on the disk: which they are, each examined, in several processes where that is worth it."""

from __future__ import annotations

import datetime
import functools
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from devopslint.config import Config, Selection, in_force
from devopslint.deferred import NamedTuple
from devopslint.engine import (
    Joined,
    Settled,
    conclude,
    engine_finding,
    examine,
    heeding_others,
    join,
    judge_builds,
    project_rules,
)
from devopslint.files import (
    SourceFile,
    Status,
    beginning_of,
    classify,
    decode,
    find_files,
    glob_matcher,
    is_folder,
    is_link,
    is_settled,
    layout_of,
    may_be_link_as_text,
    place,
    read_named,
    status_of,
)
from devopslint.model import Failure, Finding, Location, NotChecked, Switch
from devopslint.project import FileReport, Head, Kept, Project, Reports, named_files
from devopslint.registry import kinds, kinds_that_build
from devopslint.suppressions import OWN_ORIGINS
from devopslint.workers import FORKS, can_fork, cores, spread

if TYPE_CHECKING:
    from devopslint.cache import Cache, Written
    from devopslint.joins import Reading

FILES_A_PROCESS = 12 if FORKS else 150
"""So many files are worth one more process: starting it costs about as much as examining these."""
MOST_PROCESSES = 8

WORTH_SHARING = 200
"""Files; what fewer say together is found out sooner by one process."""
OVERLAYS_A_FILE = 4
"""So many files that say how others are built are asked as little over the project as one of the others."""

BATCH = 4_000
"""Files that are examined before what is found out of them is written down."""

EXCLUDED = "is excluded, by --exclude or the configuration"


class Scope(NamedTuple):
    """The files of a run: those that are reported on, and those that are known."""

    root: Path
    files: tuple[str, ...]
    """All that are known, relative to the root."""
    wanted: frozenset[str]
    """Those that are reported on."""
    named: frozenset[str]
    """Those that were given by name."""
    complete: bool
    """True where the known files are all there are."""
    texts: Mapping[str, bytes]
    """What stands in place of a file on the disk."""
    layout: Mapping[str, str] = MappingProxyType({})
    """The kinds of those files of which others tell what they are."""
    not_checked: tuple[NotChecked, ...] = ()
    passed_over: frozenset[str] = frozenset()
    """What is there and is not known: links, and what is excluded."""
    held: dict[str, bytes] | None = None
    """The files that say how others are built, as they were read for their reports: they are read again where they are
    built, and soon. None where the scope outlives a run."""

    @property
    def present(self) -> frozenset[str]:
        """All that is known to be there."""
        return self.passed_over.union(self.files)

    def for_one_file(self) -> Scope:
        """As much of this as the examination of a file needs: little enough to be sent to a process."""
        return Scope(self.root, (), frozenset(), self.named, False, self.texts, self.layout, held=self.held)

    def read(self, path: str) -> bytes:
        if path in self.texts:
            return self.texts[path]
        held = self.held
        if held is None or not _builds(path):
            return read_named(self.root, path)
        if path not in held:
            held[path] = read_named(self.root, path)
        return held[path]

    def text(self, path: str) -> str:
        """A file's text, for code frames; empty where it cannot be read."""
        try:
            return decode(self.read(path))[0]
        except (OSError, ValueError):
            return ""


@functools.cache
def _builders() -> frozenset[str]:
    return frozenset(name for kind in kinds_that_build() for name in kinds()[kind].names)


def _builds(path: str) -> bool:
    """Whether the file says how others are built, by its name."""
    return path.rpartition("/")[2] in _builders()


class Outcome(NamedTuple):
    """A run that is over."""

    scope: Scope
    reports: Sequence[FileReport]
    settled: Settled

    @property
    def seen(self) -> list[FileReport]:
        """The reports on files of a known kind that were asked for."""
        wanted = self.scope.wanted
        concerning = Reports.of(self.reports).concerning(wanted.__contains__)
        return [one for one in concerning if one.file.path in wanted and not one.sources]

    @property
    def files_seen(self) -> int:
        return len(self.seen)

    @property
    def files_checked(self) -> int:
        return sum(not report.unchecked for report in self.seen)


def find_scope(
    root: Path, given: Iterable[Path], config: Config, *, repository: bool, stdin: bytes | None = None
) -> Scope:
    """Which files a run is about. `repository`: whether the whole tree below the root may be looked at."""
    wanted: set[str] = set()
    named: set[str] = set()
    not_checked: list[NotChecked] = []
    texts: dict[str, bytes] = {}
    passed_over: set[str] = set()
    folders = True
    for path in given:
        at = place(path)
        if is_link(at) and is_folder(at) and (inside := Path(os.path.realpath(at))).is_relative_to(root):
            at = inside
        relative = at.relative_to(root).as_posix()
        if is_folder(at) and not is_link(at):
            tree = find_files(root, at, config.exclude)
            wanted.update(tree.files)
            passed_over.update(tree.passed_over)
            not_checked.extend(tree.not_checked)
            if not tree.files and any(map(glob_matcher(config.exclude), (f"{relative}/", *tree.passed_over))):
                not_checked.append(NotChecked(f"{relative}/", EXCLUDED))
            elif not tree.files and tree.ignored:
                not_checked.append(
                    NotChecked(f"{relative}/", "is ignored: a .gitignore names all that could be checked")
                )
            continue
        folders = False
        if stdin is not None and not wanted and not named:
            texts[relative] = stdin
        elif is_link(at) and not Path(os.path.realpath(at)).is_relative_to(root):
            not_checked.append(NotChecked(relative, "is a symbolic link that leads out of the project"))
            continue
        if glob_matcher(config.exclude)(relative):
            not_checked.append(NotChecked(relative, EXCLUDED))
            continue
        wanted.add(relative)
        named.add(relative)
    known: set[str] = set()
    if repository and _needs_context(config, wanted):
        tree = find_files(root, root, config.exclude)
        known.update(tree.files)
        passed_over.update(tree.passed_over)
    files = tuple(sorted(wanted | known))
    scope = Scope(
        root,
        files,
        frozenset(wanted),
        frozenset(named),
        repository or folders,
        texts,
        not_checked=tuple(dict.fromkeys(not_checked)),
        passed_over=frozenset(passed_over),
    )
    return scope._replace(layout=layout_of(files, scope.text))


def as_staged(scope: Scope) -> Scope:
    """The same files as the next commit has them, where that is not as they are on the disk."""
    from devopslint.changes import staged_texts  # only where it is asked for

    texts, untracked = staged_texts(scope.root, scope.files)
    files = tuple(path for path in scope.files if path not in untracked)
    scope = scope._replace(files=files, wanted=scope.wanted - untracked, texts={**scope.texts, **texts})
    return scope._replace(layout=layout_of(files, scope.text))


def as_it_was(
    scope: Scope, reports: Iterable[FileReport], config: Config, before: Mapping[str, bytes], added: Collection[str]
) -> tuple[Finding, ...]:
    """What a run over the same files would have found when some had other texts, and others were not there yet."""
    excluded = glob_matcher(config.exclude)
    texts = {path: text for path, text in before.items() if path in scope.files or not excluded(path)}
    files = tuple(sorted({path for path in scope.files if path not in added} | texts.keys()))
    earlier = scope._replace(files=files, wanted=frozenset(files), texts={**scope.texts, **texts})
    earlier = earlier._replace(layout=layout_of(files, earlier.text))
    examined = (examine_path(earlier, path, config).report for path in sorted(texts))
    unchanged = (one for one in reports if one.file.path not in texts and one.file.path not in added)
    return conclude_scope(earlier, [*unchanged, *(one for one in examined if one is not None)], config).findings


def heeding_peers_in(scope: Scope, config: Config) -> Config:
    """The same with what other linters' configurations in the scope say."""
    return heeding_others(config, scope.files, lambda path: decode(scope.read(path))[0])


def turned_off(config: Config) -> tuple[Switch, ...]:
    """What configurations in the tree turn off, those of other linters too."""
    peers: dict[Location, tuple[str, set[str]]] = {}
    for one in config.allow:
        if one.origin not in OWN_ORIGINS and one.first_line == 1 and one.said is None:
            peers.setdefault(one.location, (one.origin, set()))[1].update(one.rules)
    switches = list(config.switches)
    for at, (peer, rules) in peers.items():
        switches.append(Switch(at, f"{len(rules)} rule{'' if len(rules) == 1 else 's'}, as {peer} is told"))
    if config.floor is not None and config.floor.required:
        return tuple(one._replace(words=f"{one.words}, but for what the policy keeps") for one in switches)
    return tuple(switches)


def _needs_context(config: Config, wanted: Iterable[str]) -> bool:
    """Whether other files matter: to a rule, or because a manifest may be a patch, a base or a template of them."""
    return bool(project_rules(config)) or any(path.endswith((".yaml", ".yml", ".json")) for path in wanted)


def examine_all(
    scope: Scope,
    config: Config,
    jobs: int | None = None,
    advance: Callable[[int], None] = lambda done: None,
    cache: Cache | None = None,
) -> Reports:
    """Examine every file of the scope, in several processes where that is worth it; this one does its share.

    A report that is kept is read when somebody asks for it.
    """
    keys: dict[str, bytes] = {}
    recalled = {} if cache is None else _recall_all(scope, config, cache, keys)
    advance(len(recalled))
    waiting = [path for path in scope.files if path not in recalled]
    # What builds is read again where it is built, which is here: another process would read it for itself.
    own = frozenset(filter(_builds, waiting))
    jobs = jobs or min(cores(), MOST_PROCESSES, 1 + (len(waiting) - len(own)) // FILES_A_PROCESS)
    examine_one = functools.partial(examine_path, scope.for_one_file(), config=config, to_keep=cache is not None)
    reports = dict(recalled)
    lost = functools.partial(_lost, scope)
    for batch in _batches(waiting):
        paths = sorted(batch, key=own.__contains__)
        shared = len(paths) - len(own.intersection(paths))
        # What the first file needs is imported before there are more processes: once, and not in each.
        examined = [
            *map(examine_one, paths[:1]),
            *spread(examine_one, paths[1:shared], jobs, advance, lost=lost, own=paths[max(shared, 1) :]),
        ]
        if cache is not None:
            _remember_all(scope, config, cache, zip(paths, examined, strict=True), keys)
        reports.update((path, one.report) for path, one in zip(paths, examined, strict=True))
    return Reports((report for path in scope.files if (report := reports[path]) is not None), keys)


def _batches(paths: list[str]) -> Iterator[list[str]]:
    """What is kept of a batch is on the disk before the next one begins: it is twice as large as a report in memory."""
    for first in range(0, len(paths), BATCH):
        yield paths[first : first + BATCH]


def _recall_all(
    scope: Scope, config: Config, cache: Cache, keys: dict[str, bytes]
) -> dict[str, FileReport | Kept | None]:
    """What is known without an examination, by path; the keys of the reports are added to `keys`."""
    if cache.empty:
        return {}
    recalled: dict[str, FileReport | Kept | None] = {}
    for path in scope.files:
        status = _status(scope, path)
        seen = cache.seen(path)
        source: Source | FileReport | None
        if seen is not None and seen.status == status and seen.claimed == scope.layout.get(path):
            if seen.kind is None:
                recalled[path] = _of_no_kind(scope, path)
                continue
            file, digest = SourceFile(path, seen.kind), seen.digest
        else:
            now = time.time_ns()
            source = read_source(scope, path, config)
            if isinstance(source, FileReport):
                recalled[path] = source
                continue
            digest = b"" if source is None else source.digest
            _note(scope, cache, path, status, now, digest, source.file.kind if source is not None else None)
            if source is None:
                recalled[path] = None
                continue
            file = source.file
        key = cache.key(file, digest, config.selection(path))
        head = cache.head(key)
        if head is not None:
            keys[path] = key
            asked = (scope, path, config, cache, key)
            recalled[path] = Kept(
                file, head, functools.partial(_recall, *asked), functools.partial(_recall_told, *asked)
            )
    return recalled


def _recall_told(scope: Scope, path: str, config: Config, cache: Cache, key: bytes) -> tuple[object, ...]:
    told = cache.recall_told(key)
    return told if told is not None else _recall(scope, path, config, cache, key).summaries


def _recall(scope: Scope, path: str, config: Config, cache: Cache, key: bytes) -> FileReport:
    """A report that is kept, or what is found out anew where that is damaged."""
    report = cache.recall(key) or examine_path(scope, path, config).report
    return report or FileReport(SourceFile(path, ""), unchecked=True)  # it has changed in the meantime


def _status(scope: Scope, path: str) -> Status | None:
    """None for what stands in place of a file, and for one that cannot be asked."""
    if path in scope.texts:
        return None
    try:
        return status_of(f"{scope.root}/{path}")
    except (OSError, ValueError):
        return None


def _note(
    scope: Scope, cache: Cache, path: str, status: Status | None, now: int, digest: bytes, kind: str | None
) -> None:
    """Have the next run know what a file holds by its status, where a change from `now` on would show in that."""
    if status is None or not is_settled(status, now) or may_be_link_as_text(path, status[0]):
        return
    from devopslint.cache import Seen  # only for who keeps reports

    cache.note(path, Seen(status, digest, kind, scope.layout.get(path)))


def _remember_all(
    scope: Scope,
    config: Config,
    cache: Cache,
    examined: Iterable[tuple[str, Examined]],
    keys: dict[str, bytes],
) -> None:
    for path, (report, digest, written, status, now) in examined:
        if report is not None and written is not None:
            keys[path] = key = cache.key(report.file, digest, config.selection(report.file.path))
            cache.remember(key, written, Head.of(report))
        if (report is None or written is not None) and now:
            _note(scope, cache, path, status, now, digest, report.file.kind if report is not None else None)
    cache.save()


class Source(NamedTuple):
    """A file that was read and is of a known kind."""

    file: SourceFile
    text: str
    undecodable: int | None
    """The index of the first character that stands for bytes that are not UTF-8."""

    @property
    def digest(self) -> bytes:
        from devopslint.cache import digest_of  # only for who keeps reports

        return digest_of(self.text, self.undecodable)


class Examined(NamedTuple):
    """What came of a file."""

    report: FileReport | None
    """None where it is of no known kind."""
    digest: bytes = b""
    """Of the text that was examined, which may not be there any more; empty where none was, or none was asked for."""
    written: Written | None = None
    """The report as it is kept for the next run: made where the file is examined, which may be in another process."""
    status: Status | None = None
    """What tells later that the file is still the one that was examined."""
    now: int = 0
    """Nanoseconds since 1970 before it was read; 0 where nobody asks."""


def examine_path(scope: Scope, path: str, config: Config, *, to_keep: bool = False) -> Examined:
    """Read a file, find out what it is and examine it; `to_keep` asks for the digest of its text too."""
    in_force(config)  # this may be another process than the one that has read the configuration
    status, now = (_status(scope, path), time.time_ns()) if to_keep else (None, 0)
    source = read_source(scope, path, config)
    if source is None:
        return Examined(None, status=status, now=now)
    if not isinstance(source, Source):
        return Examined(source)
    report = examine(source.file, source.text, config.selection(path), undecodable=source.undecodable)
    if not to_keep or report.failures:
        return Examined(report)
    from devopslint.cache import written_report  # only for who keeps reports

    return Examined(report, source.digest, written_report(report), status, now)


def _lost(scope: Scope, path: str, how: str) -> Examined:
    """What there is to say of a file whose examination ends the process that it is in."""
    file = SourceFile(path, classify(path, layout=scope.layout) or "")
    gap = NotChecked(path, f"{how}, twice")
    return Examined(FileReport(file, not_checked=(gap,), failures=(Failure("", path, gap.reason),), unchecked=True))


def read_source(scope: Scope, path: str, config: Config) -> Source | FileReport | None:
    """A file and its text; the report on one that cannot be examined; None where it is of no known kind."""
    try:
        text, undecodable = decode(scope.read(path))
    except (OSError, ValueError) as error:
        return _unread(SourceFile(path, classify(path, layout=scope.layout) or ""), error, config.selection(path))
    kind = classify(path, text, scope.layout)
    if kind is not None:
        return Source(SourceFile(path, kind), text, undecodable)
    return _of_no_kind(scope, path)


def _of_no_kind(scope: Scope, path: str) -> FileReport | None:
    if path not in scope.named:
        return None
    reason = "is of no kind that any rule knows"
    return FileReport(SourceFile(path, ""), not_checked=(NotChecked(path, reason),), unchecked=True)


def _unread(file: SourceFile, error: OSError | ValueError, selection: Selection) -> FileReport:
    """A file that is too large is left out on purpose; one that cannot be opened is a finding."""
    reason, findings = str(error), tuple[Finding, ...]()
    if isinstance(error, OSError):
        reason = f"cannot be opened: {error.strerror or error}"
        if "unreadable-file" in selection:
            at = Location(file.path, 1, 1, 1, 1)
            findings = (engine_finding("unreadable-file", selection, at, reason),)
    return FileReport(file, findings, not_checked=(NotChecked(file.path, reason),), unchecked=True)


class Begun(NamedTuple):
    """A run whose files are examined, or known."""

    config: Config
    scope: Scope
    reports: Sequence[FileReport]
    cache: Cache | None = None
    jobs: int | None = None
    """Processes; by default as many as the work is worth."""

    def project(self) -> Project:
        """The files as far as their reports tell: what looks across them looks at this."""
        return project_of(self.scope, self.reports, self.config)

    def concluded(self, project: Project, reading: Reading | None = None) -> Outcome:
        processes = self.jobs or min(cores(), MOST_PROCESSES)
        settled = conclude_project(self.scope, project, self.config, self.cache, reading, processes)
        return Outcome(self.scope, self.reports, settled)


def project_of(scope: Scope, reports: Iterable[FileReport], config: Config) -> Project:
    reports = Reports.of(reports)
    named = named_files(reports, functools.partial(beginning_of, scope.root))
    return Project(reports, complete=scope.complete, others=scope.present, told=(*config.told(scope.files), *named))


def conclude_scope(scope: Scope, reports: Iterable[FileReport], config: Config, cache: Cache | None = None) -> Settled:
    """conclude() for files on the disk: what is reported on, and what else was not checked.

    With a `cache`, what the files say together is kept, and taken from there where they say the same.
    """
    return conclude_project(scope, project_of(scope, reports, config), config, cache)


def conclude_project(
    scope: Scope,
    project: Project,
    config: Config,
    cache: Cache | None = None,
    reading: Reading | None = None,
    processes: int = 1,
) -> Settled:
    """`reading` is how files are read beside those that there are reports on."""
    joined = _join(scope, project, config, cache, reading, processes)
    settled = conclude(project, config, datetime.date.today(), scope.wanted.__contains__, joined=joined)
    return settled._replace(not_checked=(*scope.not_checked, *settled.not_checked))


def _join(
    scope: Scope, project: Project, config: Config, cache: Cache | None, reading: Reading | None, processes: int
) -> Joined:
    parts = None
    if cache is not None and not project.reports.builds:
        from devopslint import joins  # only for who keeps reports

        parts = joins.parts_of(project, project.reports.keys)
    if cache is None or parts is None:
        return _join_anew(scope, project, config, reading or scope.read, processes)
    reading = reading or joins.Reading(scope.read)
    key = joins.scope_key(project, config)
    if (known := joins.recall(cache, key, parts, project, reading, scope.wanted)) is not None:
        return known
    joined = _join_anew(scope, project, config, reading, processes)
    joins.keep(cache, key, parts, joined, reading.digests)
    return joined


def _is_worth_sharing(project: Project) -> bool:
    builders = kinds_that_build()
    overlays = sum(file.kind in builders for file in project.reports.files)
    return len(project.reports) - overlays + overlays // OVERLAYS_A_FILE >= WORTH_SHARING


def _join_anew(scope: Scope, project: Project, config: Config, read: Callable[[str], bytes], processes: int) -> Joined:
    wanted = scope.wanted.__contains__
    if processes > 1 and _is_worth_sharing(project) and can_fork():
        from devopslint.shares import join_in_shares  # most runs are too small for it

        if (joined := join_in_shares(project, config, wanted, read, processes)) is not None:
            return joined
    return join(project, config, wanted, judge_builds(project, config, read))
