"""A repository whose files are being edited: every report is kept, and only what was touched is examined again."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from devopslint import run
from devopslint.cache import Cache
from devopslint.config import Config, ConfigError
from devopslint.config_reading import NAMES, find_config, read_config
from devopslint.deferred import NamedTuple
from devopslint.engine import conclude
from devopslint.files import find_root, is_folder
from devopslint.fixes import suggestions
from devopslint.model import Finding
from devopslint.project import FileReport, Project
from devopslint.reports import Suggestion
from devopslint.run import Outcome, Scope


class Answer(NamedTuple):
    """What a Snapshot says: the findings of each open file, and the run that they come from."""

    findings: dict[str, list[Finding]]
    outcome: Outcome
    config: Config

    def fixes(self, findings: Iterable[Finding]) -> Mapping[str, Suggestion]:
        """By fingerprint, how these can be mended, each by itself."""
        return suggestions(self.outcome, self.config, findings)


class Snapshot(NamedTuple):
    """What is known at one moment; it does not change while it is looked at."""

    scope: Scope
    reports: tuple[FileReport, ...]
    config: Config
    opened: frozenset[str]

    def answer(self) -> Answer:
        """What a run over the whole repository says of each open file."""
        wanted = self.scope._replace(wanted=self.opened)
        settled = run.conclude_scope(wanted, self.reports, self.config)
        found: dict[str, list[Finding]] = {path: [] for path in self.opened}
        for one in settled.findings:
            if one.suppressed is None and one.location.path in found:
                found[one.location.path].append(one)
        return Answer(found, Outcome(wanted, self.reports, settled), self.config)


class Workspace:
    """One repository: the files on the disk, and in their place the texts that an editor has."""

    def __init__(self, path: Path, folders: Iterable[Path] = ()) -> None:
        """`path` is a file or a folder in it, `folders` are what an editor works in. Nothing is examined before load().

        Around a file that lies in no repository and in none of these, nothing is looked at: that may be a whole disk.
        """
        self.root, self._repository = find_root([path])
        self._alone_there = False
        if not self._repository:
            real = Path(os.path.realpath(path))
            around = next((one for one in map(_real, folders) if real.is_relative_to(one)), None)
            self.root = around or (real if is_folder(real) else real.parent)
            self._alone_there = around is None
        self.complaint = ""
        """What is wrong with the configuration; the last one that was sound holds."""
        self._texts: dict[str, bytes] = {}
        self._config = Config()
        self._scope = Scope(self.root, (), frozenset(), frozenset(), False, {})
        self._reports: dict[str, FileReport] = {}
        self.answer: Answer | None = None
        """The last one."""
        self._across: dict[str, list[Finding]] = {}
        self._withdrawn: dict[str, set[tuple[str, str]]] = {}

    def name(self, path: Path) -> str | None:
        """How the repository calls a file; None for one that lies outside."""
        real = Path(os.path.realpath(path))
        return real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else None

    def load(self) -> None:
        """Read the configuration and examine every file, or recall what an earlier run found out."""
        try:
            found = find_config(self.root, self.root)
            self._config = Config() if found is None else read_config(self.root, found)
            self.complaint = ""
        except ConfigError as error:
            self.complaint = str(error)
        self._look_around()
        reports = run.examine_all(self._scope, self._config, 1, cache=Cache.of(self.root))
        self._reports = {report.file.path: report for report in reports}

    def _look_around(self) -> None:
        """Find out which files there are."""
        config = self._config
        if self._alone_there:
            scope = Scope(self.root, (), frozenset(), frozenset(), False, {})
        else:
            scope = run.find_scope(self.root, [self.root], config, repository=self._repository)
        self._scope = scope._replace(files=tuple(sorted({*scope.files, *self._texts})), texts=self._texts)
        self._config = run.heeding_peers_in(self._scope, config)

    def change(self, name: str, text: str) -> None:
        """An editor has this text in place of the file."""
        self._texts[name] = text.encode("utf-8", "surrogatepass")
        self._examine([name])

    def close(self, name: str) -> None:
        """The file on the disk holds again."""
        self._texts.pop(name, None)
        self._examine([name])

    def changed_on_disk(self, names: Iterable[str]) -> None:
        """Files have come, gone or become others without an editor."""
        names = list(names)
        if any(Path(name).name in NAMES or name in self._config.sources for name in names):
            self.load()
        elif names:
            self._look_around()
            self._examine(names)

    def _examine(self, names: Iterable[str]) -> None:
        known = {*self._scope.files}
        if any(name not in known for name in names):
            self._look_around()
            known = {*self._scope.files}
        self._scope = self._scope._replace(texts=dict(self._texts))
        for name in names:
            report = run.examine_path(self._scope, name, self._config).report if name in known else None
            if report is None:
                self._reports.pop(name, None)
            else:
                self._reports[name] = report

    def snapshot(self) -> Snapshot:
        reports = tuple(self._reports[path] for path in self._scope.files if path in self._reports)
        return Snapshot(self._scope, reports, self._config, frozenset(self._texts))

    def keep(self, answer: Answer) -> None:
        """Remember what a Snapshot said, for what is asked before the next one is through."""
        self.answer = answer
        for name, findings in answer.findings.items():
            alone = {_key(one) for one in self._alone(name)}
            said = {_key(one) for one in findings}
            self._across[name] = [one for one in findings if _key(one) not in alone]
            self._withdrawn[name] = alone - said

    def at_once(self, name: str) -> list[Finding]:
        """What a file says by itself, but for what was known better, and what was last known from all the others."""
        known_better = self._withdrawn.get(name, set())
        own = [one for one in self._alone(name) if _key(one) not in known_better]
        return [*own, *self._across.get(name, ())]

    def _alone(self, name: str) -> list[Finding]:
        report = self._reports.get(name)
        if report is None:
            return []
        project = Project([report], complete=False, others=self._scope.present)
        settled = conclude(project, self._config, datetime.date.today(), name.__eq__)
        return [one for one in settled.findings if one.suppressed is None]


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def _key(finding: Finding) -> tuple[str, str]:
    return finding.rule.id, finding.message
