"""Runs the checks: over one file, then over the project."""

from __future__ import annotations

import datetime
import functools
import gc
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from devopslint.catalogue import (
    catalogue,
    checks_of,
    defaults,
    of_rules,
    project_checks_of,
    rules_over,
    rules_over_projects,
    secret_rules,
    witnessing_rules,
)
from devopslint.config import Config, Selection
from devopslint.deferred import NamedTuple
from devopslint.digests import sha256
from devopslint.files import SourceFile, characters, classify, layout_of
from devopslint.model import (
    LINE_BREAK,
    Build,
    Failure,
    FileView,
    Finding,
    Location,
    NotChecked,
    NotKnown,
    Part,
    PartialDocument,
    Problem,
    Related,
    Severity,
    ShellText,
    Suppression,
)
from devopslint.project import FileReport, Project, named_files
from devopslint.registry import (
    Asked,
    AskedBySelector,
    BySelector,
    Check,
    Selector,
    are_built,
    aspects_of,
    builds,
    completions,
    configured,
    is_vendored,
    named,
    other_suppressions,
    view_of_kind,
)
from devopslint.secrets.hiding import hide, texts_of
from devopslint.suppressions import OWN_ORIGINS, judge, read_annotations, read_comments, settle

if TYPE_CHECKING:
    from devopslint.variants import Said

_GIT_CRYPT = "\0GITCRYPT\0"
"""What git-crypt begins an encrypted file with."""
IN_TEMPLATE = "is a part of a template, which gives it another name: what becomes of it is not known here"
"""Of `{{cookiecutter.name}}/Dockerfile`."""
READ_BY_TESTS = "is what a test reads: it lies in {}/"
VENDORED = "is another project's file: it lies in vendor/"
_OF_TESTS = ("testdata", "src/test/resources")
"""Where Go's tools, and Maven and Gradle, look for what tests read."""


_FEW = 100_000
"""Characters, of which the nodes are left as they are: who looks for what holds itself goes through all that was imported."""


class _Nodes:
    """What was read of files, and holds itself."""

    def __init__(self) -> None:
        self._read = 0

    def let_go(self, characters: int) -> None:
        """Have so much more collected before long: later it stands among the reports of other files."""
        self._read += characters
        if self._read > _FEW:
            self._read = 0
            gc.collect(0)


_nodes = _Nodes()


def examine(file: SourceFile, text: str, selection: Selection, *, undecodable: int | None = None) -> FileReport:
    """All that can be said of one file by itself. Pure: the same wherever it runs; it never raises.

    `undecodable` is the index of the first character of `text` that stands for bytes that are not UTF-8.
    """
    collecting = gc.isenabled()
    gc.disable()  # a file's nodes live until its report is made; collecting among them doubles the time
    try:
        return _examine(file, text, selection, undecodable)
    except Exception as error:
        return FileReport(file, failures=(Failure("", file.path, _describe(error)),))
    finally:
        view = view_of_kind(file.kind)
        if view is None or view.knotted:
            _nodes.let_go(len(text))
        if collecting:
            gc.enable()


def _examine(file: SourceFile, text: str, selection: Selection, undecodable: int | None) -> FileReport:
    view_class = view_of_kind(file.kind)
    if view_class is None:
        return FileReport(file, not_checked=(NotChecked(file.path, f"no rule looks at a {file.kind}"),), unchecked=True)
    if is_vendored(file.kind, file.path):
        return FileReport(file, not_checked=(NotChecked(file.path, VENDORED),), unchecked=True)
    for folder in _OF_TESTS:
        if is_vendored(file.kind, file.path, folder):
            return FileReport(file, not_checked=(NotChecked(file.path, READ_BY_TESTS.format(folder)),), unchecked=True)
    if "{{" in file.path or "{%" in file.path:
        return FileReport(file, not_checked=(NotChecked(file.path, IN_TEMPLATE),), unchecked=True)
    if text.startswith(_GIT_CRYPT):
        return FileReport(file, not_checked=(NotChecked(file.path, "is encrypted by git-crypt"),), unchecked=True)
    view = view_class.read(file.path, text)
    aspects = tuple(aspects_of(file.kind, view.asked(text)))
    views = {file.kind: view} | {aspect.name: named(aspect.view).over(view) for aspect in aspects}
    told = Judgement(file.path, selection)
    told.findings.extend(_of_faults(view.faults, selection))
    if undecodable is not None and "unreadable-file" in selection and view_class.judged:
        told.findings.append(_of_byte(file, text, undecodable, selection))
    for kind, seen_as in views.items():
        asked, asked_apart = _asked_in(kind, selection)
        told.judge(seen_as, asked)
        for part in seen_as.judged_apart() if asked_apart else ():
            told.take(*_judged_part(part, path=file.path, checks=asked_apart, selection=selection))
    told.hidden.extend(at for one in told.findings if one.rule.id in secret_rules() for at in _places(one))
    secrets = texts_of(text, told.hidden)
    summaries = _summaries(file.path, view, views, selection, told.failures)
    return FileReport(
        file,
        tuple(_without(one, secrets) for one in told.findings) if secrets else tuple(told.findings),
        summaries,
        tuple(_suppressions(file, text, view)),
        _shared(tuple(sorted(told.subjects.items()))),
        (*(gap for seen_as in views.values() for gap in seen_as.not_checked), *told.gaps),
        tuple(told.failures),
        unchecked=view.unchecked,
        hidden=tuple(dict.fromkeys(told.hidden)),
        sound=tuple(told.sound.values()),
        not_known=tuple(told.not_known),
        aspects=tuple(aspect.name for aspect in aspects),
    )


@functools.lru_cache(maxsize=1_000)
def _shared(counts: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """The same, once for all files of which it is the same: those of a kind are much alike."""
    return counts


class Judgement:
    """What the checks say of one file."""

    def __init__(self, path: str, selection: Selection) -> None:
        self._path = path
        self._selection = selection
        self.findings: list[Finding] = []
        self.not_known: list[NotKnown] = []
        self.failures: list[Failure] = []
        self.subjects: dict[str, int] = {}
        self.gaps: dict[NotChecked, None] = {}
        self.hidden: list[Location] = []
        """Where a rule that is not selected suspects secrets."""
        self.sound: dict[str, tuple[str, str, Location]] = {}
        """By rule whose silence is a witness: the first subject that it has nothing to say of."""

    def judge(self, view: FileView, checks: Iterable[AskedBySelector]) -> None:
        # A file is asked by fifty checks, most of which have nothing to say: what is done for each of them counts.
        subjects_of, findings, selection, sound = self.subjects, self.findings, self._selection, self.sound
        for asked, subjects in _asked(view, checks, self._path, self.failures):
            count = len(subjects)
            for rule_id, check, ask, selected, witnessing in asked:
                try:
                    if check.needs is not None and (reason := check.needs()) is not None:
                        self.gaps[NotChecked("", reason)] = None
                        continue
                    if not selected:
                        self.hidden.extend(_suspected(ask, subjects))
                        continue
                    subjects_of[rule_id] = subjects_of.get(rule_id, 0) + count
                    wall: Wall | None = None
                    for subject in subjects:
                        said: Problem | NotKnown | None = None
                        for said in ask(subject):
                            if isinstance(said, NotKnown):
                                self.not_known.append(said._replace(rule_id=rule_id))
                                continue
                            wall = wall or Wall(rule_id, selection, self.hidden)
                            if wall.admits(said):
                                findings.append(_finding(rule_id, selection, said, _label(subject)))
                        if witnessing and said is None and rule_id not in sound:
                            sound[rule_id] = (rule_id, _label(subject), subject.location)
                    if wall is not None:
                        findings.extend(wall.rest())
                except Exception as error:
                    self.failures.append(Failure(rule_id, self._path, _describe(error)))

    def leave_out(self, completed: PartialDocument) -> None:
        """Forget what is found to be missing in what is completed elsewhere: nobody would hear of it."""
        excused = [one for one in self.findings if completed.excuses(one.location)]
        self.hidden += (at for one in excused if one.rule.id in secret_rules() for at in _places(one))
        self.findings = [one for one in self.findings if not completed.excuses(one.location)]

    def take(self, part: Judgement, lines: int) -> None:
        """What is said of a part, which in the file that it was judged in stands so many lines further up."""

        def here(at: Location) -> Location:
            moved = at.line + lines, at.column, at.end_line + lines, at.end_column
            return Location(self._path, *moved, at.missing, at.wanted)

        self.findings += [
            one._replace(
                location=here(one.location),
                related=tuple(other._replace(location=here(other.location)) for other in one.related),
                bases=tuple(map(here, one.bases)),
            )
            for one in part.findings
        ]
        self.not_known += [one._replace(location=here(one.location)) for one in part.not_known]
        self.failures += part.failures
        if self.subjects.keys().isdisjoint(part.subjects):  # as most
            self.subjects |= part.subjects
        else:
            for rule_id, count in part.subjects.items():
                self.subjects[rule_id] = self.subjects.get(rule_id, 0) + count
        self.gaps |= part.gaps
        self.hidden += map(here, part.hidden)
        for rule_id, label, at in part.sound.values():
            if rule_id not in self.sound:
                self.sound[rule_id] = rule_id, label, here(at)


_judged_parts: dict[tuple[object, ...], tuple[Judgement, int, list[AskedBySelector]]] = {}
"""The checks, by their id, and what equal parts have in common -> what they say of one, the line that it stands on, and they."""


def _judged_part(
    part: Part, *, path: str, checks: list[AskedBySelector], selection: Selection
) -> tuple[Judgement, int]:
    """What the checks say of a part of a file, or have said of an equal one, so many lines further up."""
    key = (id(checks), *part.alike)
    known = _judged_parts.get(key)
    if known is not None:
        return known[0], part.line - known[1]
    told = Judgement(path, selection)
    told.judge(part.view, checks)
    told.subjects = dict(sorted(told.subjects.items()))  # as those of each file are, which have them
    if part.completed is not None:
        told.leave_out(part.completed)
    if not (part.looks or told.failures):
        if len(_judged_parts) > 1_000:
            _judged_parts.clear()
        _judged_parts[key] = told, part.line, checks
    return told, 0


class Wall:
    """What one rule says of files, as far as anybody reads it: the rest of a file is counted in one more finding."""

    def __init__(self, rule_id: str, selection: Selection, hidden: list[Location]) -> None:
        self._rule_id, self._selection = rule_id, selection
        self._hidden = hidden if rule_id in secret_rules() else None
        self._told: dict[str, set[int]] = {}
        """By path, the hashes of what was told: what is told of several calls of a module is one finding."""
        self._rest: dict[str, tuple[Problem, set[int]]] = {}
        """By path: the first that is counted, and the hashes of all."""

    def admits(self, problem: Problem) -> bool:
        at = problem.location
        one = hash((at.line, at.column, at.end_line, at.end_column, problem.message))
        told = self._told.get(at.path) or self._told.setdefault(at.path, set())
        if len(told) < MOST_IN_A_FILE or one in told:
            told.add(one)
            return True
        rest = self._rest.get(at.path) or self._rest.setdefault(at.path, (problem, set()))
        rest[1].add(one)
        if self._hidden is not None:
            self._hidden += (at, *(one.location for one in problem.related))
        return False

    def rest(self) -> Iterator[Finding]:
        for first, others in self._rest.values():
            more = len(others)
            message = first.message if more == 1 else f"and {more:,} more findings of this rule in this file"
            yield _finding(self._rule_id, self._selection, first._replace(message=message, related=()), "")


def _of_byte(file: SourceFile, text: str, undecodable: int, selection: Selection) -> Finding:
    before = LINE_BREAK.split(text[:undecodable])
    line, column = len(before), len(before[-1]) + 1
    at = Location(file.path, line, column, line, column + 1)
    said = "is not UTF-8: a byte here is no character"
    certain = file.kind != "document"  # whoever reads it reads on
    return _finding("unreadable-file", selection, Problem(at, said, certain=certain), "")


def _summaries(
    path: str, view: FileView, views: Mapping[str, FileView], selection: Selection, failures: list[Failure]
) -> tuple[object, ...]:
    """What others may ask about the file, as far as that can be told."""
    summaries: tuple[object, ...] = ()
    try:
        for seen_as in views.values():
            summaries += tuple(seen_as.summaries())
        summaries += tuple(_shell_texts(view, selection))
    except Exception as error:
        failures.append(Failure("", path, _describe(error)))
    return summaries


def _suppressions(file: SourceFile, text: str, view: FileView) -> Iterator[Suppression]:
    comments, annotations = view.commentary(text), tuple(view.annotations)
    yield from read_comments(file.path, comments, view.extent)
    yield from read_annotations(annotations)
    yield from other_suppressions(file.path, file.kind, comments, view.extent, annotations)


def _asked(
    view: FileView, checks: Iterable[AskedBySelector], path: str, failures: list[Failure]
) -> Iterator[tuple[list[Asked], list[Any]]]:
    """The checks that have something to look at in a view, and what; a selector that raises is a failure of each of its rules."""
    for each, asked in checks:
        try:
            subjects = list(each(view))
        except Exception as error:
            failures.extend(Failure(one.rule_id, path, _describe(error)) for one in asked)
            continue
        if subjects:
            yield asked, subjects


def _suspected(ask: Callable[..., Iterable[Problem | NotKnown]], subjects: Iterable[Any]) -> Iterator[Location]:
    """Where a rule that is not selected suspects secrets."""
    for subject in subjects:
        for said in ask(subject):
            if isinstance(said, Problem):
                yield from (said.location, *(one.location for one in said.related))


def _asking(check: Check, selection: Selection) -> Callable[..., Iterable[Problem | NotKnown]]:
    """The check's function with its rule's parameters: those of the selection, or else the rule's own."""
    setting = selection.get(check.rule_id)
    if setting is not None:
        parameters = setting.parameters
    else:
        parameters = {name.replace("-", "_"): value for name, value in defaults()[check.rule_id][1].items()}
    return functools.partial(check.function, **parameters) if parameters else check.function


def _places(finding: Finding) -> tuple[Location, ...]:
    return (finding.location, *(one.location for one in finding.related))


def _without(finding: Finding, secrets: tuple[str, ...]) -> Finding:
    """The same without any of these texts in its words."""
    related = tuple(one._replace(message=hide(one.message, secrets)) for one in finding.related)
    return finding._replace(
        message=hide(finding.message, secrets), subject=hide(finding.subject, secrets), related=related
    )


_asked_of: dict[int, tuple[Selection, frozenset[str], frozenset[str]]] = {}
"""id of a selection -> itself, the rules that suspect secrets, and what is asked: the files of a run share selections."""


def _asked_for(selection: Selection) -> frozenset[str]:
    """The rules that are asked of a file: those selected, and those that suspect secrets."""
    known = _asked_of.get(id(selection))
    suspecting = secret_rules()
    if known is None or known[0] is not selection or known[1] is not suspecting:
        if len(_asked_of) > 100:  # a server reads configurations again and again
            _asked_of.clear()
        known = _asked_of[id(selection)] = selection, suspecting, suspecting.union(selection)
    return known[2]


@of_rules
@functools.lru_cache(maxsize=256)
def file_checks(kind: str, rule_ids: frozenset[str]) -> list[BySelector]:
    """The checks of these rules that look at one file of this kind, by what they are asked of.

    Most files have none of the subjects of most checks.
    """
    found: dict[Selector[Any], list[tuple[str, Check]]] = {}
    for rule_id in sorted(rule_ids.intersection(rules_over(kind))):
        for check in checks_of(rule_id, kind):
            found.setdefault(check.each, []).append((rule_id, check))
    return list(found.items())


Ready = tuple[list[AskedBySelector], list[AskedBySelector]]
"""What is asked of a file as a whole, and of its parts."""
_made_ready: dict[tuple[int, str], tuple[Selection, list[BySelector], Ready]] = {}
"""id of a selection, kind -> itself, the checks, and the same as they are asked."""


def _asked_in(kind: str, selection: Selection) -> Ready:
    """What a file of this kind is asked: made ready once for all of a selection."""
    checks = file_checks(kind, _asked_for(selection))
    known = _made_ready.get((id(selection), kind))
    if known is None or known[0] is not selection or known[1] is not checks:
        if len(_made_ready) > 1_000:  # as above
            _made_ready.clear()
        known = _made_ready[id(selection), kind] = selection, checks, _apart(kind, _as_asked(checks, selection))
    return known[2]


def _apart(kind: str, checks: list[AskedBySelector]) -> Ready:
    view = view_of_kind(kind)
    apart = view.apart if view is not None else None
    if apart is None:
        return checks, []
    of_parts = [one for one in checks if issubclass(apart, one[1][0].check.view)]
    return [one for one in checks if one not in of_parts], of_parts


def _as_asked(checks: Iterable[BySelector], selection: Selection) -> list[AskedBySelector]:
    witnessing = witnessing_rules()
    return [
        (
            each,
            [
                Asked(rule_id, check, _asking(check, selection), rule_id in selection, rule_id in witnessing)
                for rule_id, check in asked
            ],
        )
        for each, asked in checks
    ]


SHELLCHECK_RULES = frozenset({"docker-shellcheck", "gha-shellcheck"})
"""The rules that another program judges: a view gives its scripts only where one of them runs."""


class ProjectReport(NamedTuple):
    """What the rules over the whole project found."""

    findings: tuple[Finding, ...]
    subjects: tuple[tuple[str, int], ...]
    not_checked: tuple[NotChecked, ...]
    failures: tuple[Failure, ...]
    not_known: tuple[NotKnown, ...] = ()
    hidden: tuple[Location, ...] = ()
    """Where a secret is suspected."""
    asked: Mapping[str, tuple[tuple[str, int], ...]] = {}  # nobody writes to it
    """Path -> (rule id, how many subjects it has seen there), an empty path for the project as a whole."""


def run_project_checks(
    project: Project, config: Config, wanted: Callable[[str], bool] = lambda path: True
) -> ProjectReport:
    """Run the rules that need more than one file.

    Overlays of one base are never deployed together: each is judged in a world of its own, and what stands outside
    of them is wrong only where it is wrong in every world. Subjects are counted in files that are `wanted`.
    """
    worlds = project.worlds()
    rule_ids = asked_over_project(config)
    reports = [ask(world, config, rule_ids).reported(wanted) for world in worlds]
    if len(reports) == 1:
        return reports[0]
    found = [{_identity(f): f for f in report.findings} for report in reports]
    everywhere = set(found[0]).intersection(*found)
    findings = {key: found[0][key] for key in everywhere}
    subjects: Counter[str] = Counter()
    for world, report, in_world in zip(worlds, reports, found, strict=True):
        own = {path for build in world.reports for path in build.sources}
        findings |= {key: finding for key, finding in in_world.items() if finding.location.path in own}
        subjects |= Counter(dict(report.subjects))
    return ProjectReport(
        tuple(findings.values()),
        tuple(sorted(subjects.items())),
        reports[0].not_checked,
        tuple(dict.fromkeys(failure for report in reports for failure in report.failures)),
        tuple(dict.fromkeys(one for report in reports for one in report.not_known)),
        tuple(dict.fromkeys(at for report in reports for at in report.hidden)),
    )


class Answers(NamedTuple):
    """What some of the rules over the project say, in the order of their ids."""

    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    not_known: tuple[NotKnown, ...]
    hidden: tuple[Location, ...]
    waiting: tuple[str, ...]
    """The rules that want to know the whole repository."""
    asked: Mapping[str, tuple[tuple[str, int], ...]]

    def reported(self, wanted: Callable[[str], bool]) -> ProjectReport:
        return ProjectReport(
            self.findings,
            subjects_in(self.asked, wanted),
            (_waiting(self.waiting),) if self.waiting else (),
            self.failures,
            self.not_known,
            (*self.hidden, *(at for one in self.findings if one.rule.id in secret_rules() for at in _places(one))),
            self.asked,
        )


def asked_over_project(config: Config) -> set[str]:
    """The rules that the project as a whole is asked by: those that run, and those that suspect secrets."""
    return {*project_rules(config), *secret_rules().intersection(rules_over_projects())}


def ask(project: Project, config: Config, rule_ids: Iterable[str]) -> Answers:
    """Ask these rules over the project, each subject under the configuration of its own path."""
    findings: list[Finding] = []
    asking: dict[Any, list[str]] = {}
    failures: list[Failure] = []
    open_questions: list[NotKnown] = []
    waiting: list[str] = []
    selections: dict[str, Selection] = {}
    views: dict[Any, Any] = {}
    selected: dict[Any, list[Any]] = {}
    configured: dict[Any, list[tuple[Any, Selection]]] = {}
    """By selector: what it gives, each with what runs on its path."""
    paths: dict[Any, list[str]] = {}
    """By selector: the path of each."""
    present = project.reports.kinds
    hidden: list[Location] = []
    chosen = set(project_rules(config))
    for rule_id in sorted(rule_ids):
        for check in project_checks_of(rule_id, present):
            try:
                if check.view not in views:
                    views[check.view] = project.summaries.seen_by(check.view)
                if check.each not in selected:
                    selected[check.each] = list(check.each(views[check.view]))
                if rule_id not in chosen:
                    hidden.extend(_suspected(_asking(check, {}), selected[check.each]))
                    continue
                if check.complete and not project.complete:
                    waiting.extend([rule_id] if selected[check.each] else [])
                    continue
                asking.setdefault(check.each, []).append(rule_id)
                told: list[tuple[Any, Finding]] = []
                if check.each not in configured:
                    paths[check.each] = list(map(_path, selected[check.each]))
                    found = _selections_of(paths[check.each], config, selections)
                    configured[check.each] = list(zip(selected[check.each], found, strict=True))
                function = check.function
                walls: dict[int, Wall] = {}
                last: Selection | None = None
                for subject, selection in configured[check.each]:
                    if selection is not last:
                        last, setting = selection, selection.get(rule_id)
                        wall = walls.get(id(selection)) or walls.setdefault(
                            id(selection), Wall(rule_id, selection, hidden)
                        )
                    if setting is None:
                        hidden.extend(_suspected(_asking(check, {}), [subject]) if rule_id in secret_rules() else ())
                        continue
                    for said in function(subject, **setting.parameters):
                        if isinstance(said, NotKnown):
                            open_questions.append(said._replace(rule_id=rule_id))
                        elif wall.admits(said):
                            told.append((subject, _finding(rule_id, selection, said, _label(subject))))
                findings.extend(_told_once(told))
                findings.extend(rest for wall in walls.values() for rest in wall.rest())
            except Exception as error:
                failures.append(Failure(rule_id, "", _describe(error)))
    asked = _asked_by_path({each: paths[each] for each in asking}, asking, selections)
    return Answers(tuple(findings), tuple(failures), tuple(open_questions), tuple(hidden), tuple(waiting), asked)


def _selections_of(paths: Iterable[str], config: Config, selections: dict[str, Selection]) -> Iterator[Selection]:
    """What runs on each of these, which is known of each once."""
    for path in paths:
        if path not in selections:
            selections[path] = config.selection(path)
        yield selections[path]


def _asked_by_path(
    paths: Mapping[Any, list[str]], asking: Mapping[Any, list[str]], selections: Mapping[str, Selection]
) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """How many subjects each rule has seen, by path. Most files are alike: what is said of them is made once."""
    numbers: dict[str, list[tuple[Any, int]]] = {}
    for each, in_files in paths.items():
        for path, count in Counter(in_files).items():
            numbers.setdefault(path, []).append((each, count))
    made: dict[tuple[Any, ...], tuple[tuple[str, int], ...]] = {}
    asked = {}
    for path, counts in numbers.items():
        selection = selections.get(path, {})
        alike = (id(selection), *counts)
        if alike not in made:
            seen: Counter[str] = Counter()
            for each, count in counts:
                for rule_id in asking[each]:
                    seen[rule_id] += count if rule_id in selection else 0
            made[alike] = tuple(sorted((+seen).items()))
        asked[path] = made[alike]
    return asked


def subjects_in(
    asked: Mapping[str, tuple[tuple[str, int], ...]], wanted: Callable[[str], bool]
) -> tuple[tuple[str, int], ...]:
    """How many subjects each rule has seen in the files that are wanted."""
    subjects: Counter[str] = Counter()
    for seen, times in Counter(one for path, one in asked.items() if not path or wanted(path)).items():
        for rule_id, count in seen:
            subjects[rule_id] += count * times
    return tuple(sorted(subjects.items()))


def heeding_others(config: Config, files: Iterable[str], read: Callable[[str], str]) -> Config:
    """The same with what the configurations of other tools among `files` ask for; `read` gives a text, or raises OSError."""
    for heeding in configured():
        config = heeding(config, files, read)
    return config


class Settled(NamedTuple):
    """The outcome of a run: what was found, what was not checked, what the files leave open, and what broke."""

    findings: tuple[Finding, ...]
    subjects: Mapping[str, int]
    """How many subjects each rule has seen."""
    not_checked: tuple[NotChecked, ...]
    failures: tuple[Failure, ...]
    not_known: tuple[NotKnown, ...] = ()
    """Sorted by place, each question once."""
    hidden: tuple[Location, ...] = ()
    """Where secrets are suspected, in the files that are only known, too: no report shows what is there."""


def check_texts(files: Mapping[str, str], config: Config) -> Settled:
    """One run over texts in memory, which are taken for the whole project."""
    read = {path: characters(text) for path, text in files.items()}
    files = {path: text for path, (text, _) in read.items()}
    config = heeding_others(config, files, files.__getitem__)
    layout = layout_of(files, files.__getitem__)
    reports = [
        examine(SourceFile(path, kind), text, config.selection(path), undecodable=undecodable)
        for path, (text, undecodable) in sorted(read.items())
        if (kind := classify(path, text, layout)) is not None
    ]
    told = (*config.told(files), *named_files(reports, files.get))
    project = Project(reports, others=files, told=told)
    judged = judge_builds(project, config, lambda path: _encoded(files, path))
    return conclude(project, config, datetime.date.today(), judged=judged)


def _encoded(files: Mapping[str, str], path: str) -> bytes:
    if path not in files:
        raise FileNotFoundError(path)
    return files[path].encode("utf-8", "surrogateescape")


class Judged(NamedTuple):
    """What there is to say of builds, in place of what was said of the files that go into them."""

    findings: tuple[Finding, ...] = ()
    questions: tuple[NotKnown, ...] = ()
    failures: tuple[Failure, ...] = ()
    files: frozenset[str] = frozenset()
    """Those that are judged through builds alone."""
    rules: frozenset[str] = frozenset()
    """Those that have seen what is built."""
    untouched: Mapping[str, tuple[tuple[int, int], ...]] = {}  # nobody writes to it
    """Path -> first and last lines of what a build takes as it stands."""
    mended: frozenset[tuple[str, tuple[str, int, int, int, int]]] = frozenset()
    """The rules over the project with the places at which they say what holds in no build."""

    def replaces(self, finding: Finding) -> bool:
        at = finding.location
        if at.path not in self.files or finding.rule.id not in self.rules:
            return False
        return not any(first <= at.line <= last for first, last in self.untouched.get(at.path, ()))

    def mends(self, finding: Finding) -> bool:
        return bool(self.mended) and (finding.rule.id, finding.location.region) in self.mended


def judge_builds(project: Project, config: Config, read: Callable[[str], bytes]) -> Judged:
    """Every build by itself; what holds in all of them is said once, what does not names a build in which it does.

    `read` gives the bytes of a file, or raises OSError or ValueError.
    """
    rendered = {report.file.path for report in project.reports.builds}
    present = {file.kind for file in project.reports.files}
    made = list(builds(present, project.summaries, read, rendered)) if are_built(present) else []
    if not made:
        return Judged()
    from devopslint.variants import Known, Variants  # which reads trees: most runs have no builds

    of_file: Counter[str] = Counter(path for build in made if build.known for path in build.files)
    found: dict[tuple[object, ...], tuple[Finding, list[str]]] = {}
    named: dict[tuple[object, ...], tuple[str, str, int, int, str]] = {}
    """What is said at an object's own lines without its name -> what was said of it first."""
    failures: list[Failure] = []
    questions = [build.question for build in made if build.question is not None]
    rules: set[str] = set()
    selected = functools.cache(config.selection)
    variants: dict[int, Variants] = {}
    unchanged: dict[int, tuple[Said, list[str]]] = {}
    """What is said of an object at the object's own lines, by its id: of its variants, too, without another look."""
    again_of: dict[int, tuple[Known, list[str]]] = {}
    """All that is said of builds of which the same is said, where each is such: by its id, with the others of them."""

    def failed(rule_id: str, error: Exception) -> None:
        failures.append(Failure(rule_id, "", _describe(error)))

    untouched: dict[str, set[tuple[int, int]]] = {}
    for left in {id(build.untouched): build.untouched for build in made}.values():
        for path, first, last in left:
            untouched.setdefault(path, set()).add((first, last))
    for build in made:
        if not build.changed:
            continue
        selection = config.selection(build.path)
        if id(selection) not in variants:
            checks = _as_asked(file_checks("manifest", frozenset(selection)), selection)
            variants[id(selection)] = Variants(checks, made)
        told = variants[id(selection)].judge(build, rules, failed)
        if id(told) in again_of:
            again_of[id(told)][1].append(build.path)
            continue
        for one in told:
            _, _, rule_id, said, subject, own = one
            again = unchanged.get(id(one))
            if again is not None:
                again[1].append(build.path)
                continue
            if isinstance(said, NotKnown):
                questions.append(said._replace(rule_id=rule_id))
                continue
            bases = (*said.bases, *_in_bases(build, said.location, own))
            if rule_id in selected(said.location.path):
                at = said.location
                # What Flux names by a variable has its name from outside the build.
                at_own_lines = own is not None and (own.path == at.path or own.path not in build.files)
                identity = rule_id, at.path, at.line, at.column, said.message
                if identity not in found and at_own_lines:
                    identity = named.setdefault(_nameless(rule_id, at, said.message, subject), identity)
                if identity not in found:  # most are said of many builds
                    found[identity] = _finding(rule_id, selection, said._replace(bases=bases), subject), [build.path]
                    if not bases and at_own_lines:
                        unchanged[id(one)] = one, found[identity][1]
                    continue
                known, paths = found[identity]
                paths.append(build.path)
                if known.bases != bases:  # what one line does to two objects is accepted where it stands
                    found[identity] = known._replace(bases=()), paths
                if known.message != said.message:  # of the names that builds give it, the shortest is the base's own
                    other = _finding(rule_id, selection, said._replace(bases=found[identity][0].bases), subject)
                    if (-other.severity, len(other.message)) < (-known.severity, len(known.message)):
                        found[identity] = other, paths
        if isinstance(told, Known) and all(id(one) in unchanged for one in told):
            again_of[id(told)] = told, []
    for again_told, again_in in again_of.values():
        for one in again_told:
            unchanged[id(one)][1].extend(again_in)
    broken: dict[tuple[object, ...], Finding] = {}
    mended: Counter[Place] = Counter()
    related_of: dict[Hashable, _Related] = {}
    for build in made:
        related = related_of.get(build.alike) if build.alike is not None else None
        if related is None:
            related = _related(build, project, config, broken) if build.relations else _NOTHING_RELATED
            if build.alike is not None and related.everywhere:
                related_of[build.alike] = related
        mended.update(related.mended)
        for finding in related.broken:
            if finding.location.path != build.path:
                finding = finding._replace(related=(*finding.related, _about(build.path)))
            broken.setdefault(_identity(finding), finding)
    standing = {path for build in made if not build.known for path in build.files}
    unchecked = project.reports.unchecked
    secrets = _secrets_in(project, of_file, read) if found or broken else ()
    said_of_builds = [*(_in_builds(finding, paths, of_file) for finding, paths in found.values()), *broken.values()]
    return Judged(
        tuple(_without(one, secrets) for one in said_of_builds if one.location.path not in unchecked),
        tuple(questions),
        tuple(failures),
        frozenset(of_file).difference(standing),
        frozenset(rules),
        {path: tuple(sorted(lines)) for path, lines in untouched.items()},
        frozenset(
            (rule_id, region)
            for (rule_id, region), times in mended.items()
            if times == of_file[region[0]] and region[0] not in standing
        ),
    )


Place = tuple[str, tuple[str, int, int, int, int]]
"""A rule, and where it says something."""


class _Related(NamedTuple):
    """What a build changes between its objects."""

    broken: list[Finding]
    """What rules over the project say of the objects as they are built, and not as the files have them."""
    mended: frozenset[Place]
    """What they say of them as the files have them alone."""
    everywhere: bool = True
    """Whether what they say is true in the whole tree, or known: another build alike has nothing to add."""


_NOTHING_RELATED = _Related([], frozenset())


def _related(build: Build, project: Project, config: Config, known: Container[tuple[object, ...]]) -> _Related:
    """The rules are asked of the objects of a build alone, which is soon done, and of the whole tree only where these say
    something new that is not `known` of a build before."""
    asked = build.relations & asked_over_project(config)

    def said(
        changed: bool, beside: Iterable[FileReport], others: frozenset[str], asked: Iterable[str]
    ) -> list[Finding]:
        report = FileReport(SourceFile(build.path, "manifest"), summaries=tuple(build.told(changed)))
        world = Project([*beside, report], complete=project.complete, others=others, told=project.told)
        return [*ask(world, config, asked).findings]

    before, after = said(False, (), build.files, asked), said(True, (), build.files, asked)
    then, now = ({(one.rule.id, one.location.region) for one in found} for found in (before, after))
    mended = frozenset(then - now)
    messages = {(one.rule.id, one.message) for one in before}
    times, times_before = (Counter((one.rule.id, one.subject) for one in found) for found in (after, before))
    new = [
        one
        for one in after
        if (one.rule.id, one.location.region) not in then
        and (one.rule.id, one.message) not in messages
        and _identity(one) not in known
        # Of an object that a rule has something against before, only what comes to it is new.
        if times[one.rule.id, one.subject] > times_before[one.rule.id, one.subject]
    ]
    if not new:
        return _Related([], mended)
    beside = [report for report in project.reports if report.file.path not in build.files]
    rules = {one.rule.id for one in new}
    in_tree = {_identity(one) for one in said(True, beside, project.others | project.reports.paths, rules)}
    found = [one for one in new if _identity(one) in in_tree]
    return _Related(found, mended, len(found) == len(new))


def _secrets_in(project: Project, paths: Container[str], read: Callable[[str], bytes]) -> tuple[str, ...]:
    """The texts in these files that no message may quote."""
    found: dict[str, None] = {}
    for report in project.reports:
        if report.hidden and report.file.path in paths:
            try:
                text = read(report.file.path).decode("utf-8", "replace")
            except (OSError, ValueError):
                continue
            found.update(dict.fromkeys(texts_of(text, report.hidden)))
    return tuple(found)


def _nameless(rule_id: str, at: Location, message: str, subject: str) -> tuple[object, ...]:
    """What is said at an object's own line without its name, to which each build may give a prefix of its own."""
    name = subject.partition("/")[2].partition(" ")[0]
    said = message.replace(f"'{name}'", "''").replace(f"/{name} ", "/ ") if name else message
    return rule_id, at.path, at.line, at.column, said


def _in_bases(build: Build, at: Location, own: Location | None) -> Iterator[Location]:
    """Where the base has what the build changes at a place; and the base's own object, container or other subject."""
    if own is not None and own.path == at.path:
        return
    before = build.before(at)
    if before is not None:
        yield before
    if own is not None:
        yield own


def _in_builds(finding: Finding, paths: list[str], of_file: Mapping[str, int]) -> Finding:
    """A finding in a file that several builds share, and that does not hold in all of them, names one where it does."""
    at = finding.location
    if at.path in paths or len(set(paths)) >= of_file[at.path]:
        return finding
    return finding._replace(related=(*finding.related, _about(paths[0])))


def _about(build: str) -> Related:
    return Related(Location(build, 1, 1, 1, 1), f"in what {build.rpartition('/')[0] or '.'} builds")


def _but_for_names(findings: list[Finding], told: Iterable[Finding]) -> list[Finding]:
    """What is said of builds less what a file says already of the same line, of an object that goes by its own name."""
    paths = {one.location.path for one in findings}
    known = {
        _nameless(one.rule.id, one.location, one.message, one.subject) for one in told if one.location.path in paths
    }
    return [f for f in findings if _nameless(f.rule.id, f.location, f.message, f.subject) not in known]


class Joined(NamedTuple):
    """What the files of a project say together, beside what each says by itself."""

    across: ProjectReport
    judged: Judged
    partial: tuple[PartialDocument, ...]


def join(
    project: Project,
    config: Config,
    wanted: Callable[[str], bool],
    judged: Judged | None = None,
    across: ProjectReport | None = None,
) -> Joined:
    """`judged` and `across` are what builds and the rules over the project say, where that is known already."""
    across = across or run_project_checks(project, config, wanted)
    return Joined(across, judged or Judged(), tuple(partial_documents(project)))


def conclude(
    project: Project,
    config: Config,
    today: datetime.date,
    wanted: Callable[[str], bool] = lambda path: True,
    judged: Judged | None = None,
    joined: Joined | None = None,
) -> Settled:
    """From the files' reports to the outcome: project checks, suppressions, order.

    `wanted` says which paths are reported on: a finding is, where it or a related place is in one of them. `joined` is
    join(), as far as it touches these, where that is known already.
    """
    across, judged, partial = joined or join(project, config, wanted, judged)
    reports = project.reports.concerning(wanted)
    remarks, unasked = _ask_shellcheck(reports, config, wanted)
    findings = [one for report in reports for one in report.findings if not judged.replaces(one)]
    paths = project.reports.paths
    over_project = (one for one in across.findings if not judged.mends(one))
    findings, withdrawn = _without_partial([*findings, *over_project, *remarks], partial, paths)
    whole = [one for one in partial if one.but_secrets or one.built or (one.whole and one.column)]
    findings += _but_for_names(_without_partial(list(judged.findings), whole, paths)[0], findings)
    # A word in a base that is reported on is used by findings at the lines of overlays that are not.
    findings = [f for f in findings if any(wanted(at.path) for at in (*f.places, *f.bases))]
    suppressions = [s for report in reports for s in report.suppressions] + list(config.allow)
    if not config.peer_suppressions:
        suppressions = [s for s in suppressions if s.origin in OWN_ORIGINS]
    suppressions, refused = _above_floor(suppressions, config, today)
    findings, used = settle(findings, suppressions, today)
    findings = [one for one in findings if any(wanted(at.path) for at in one.places)]
    findings.extend(one for one in refused if wanted(one.location.path))
    reported = [s for s in suppressions if s.paths is not None or wanted(s.location.path)]
    verdicts = judge(reported, used, today, functools.partial(_has_run, config, project.complete))
    findings.extend(
        engine_finding(rule_id, selection, at, message)
        for rule_id, at, message in verdicts
        if rule_id in (selection := config.selection(at.path))
    )
    subjects = Counter(dict(across.subjects))
    for counts, times in Counter(report.subjects for report in reports if wanted(report.file.path)).items():
        for rule_id, count in counts:
            subjects[rule_id] += count * times
    unread = [gap for report in reports for gap in report.not_checked if wanted(report.file.path)]
    return Settled(
        tuple(finished(findings)),
        subjects,
        tuple(dict.fromkeys((*unread, *(gap for gap in withdrawn if wanted(gap.path)), *across.not_checked, *unasked))),
        (*(failure for report in reports for failure in report.failures), *across.failures, *judged.failures),
        _open_questions(
            (*(one for report in reports for one in report.not_known), *across.not_known, *judged.questions),
            wanted,
        ),
        (*(at for report in reports for at in report.hidden), *across.hidden),
    )


def _above_floor(
    suppressions: list[Suppression], config: Config, today: datetime.date
) -> tuple[list[Suppression], list[Finding]]:
    """The suppressions that the policy takes; and what it says of the others."""
    if config.floor is None:
        return suppressions, []
    taken, findings = [], []
    for one in suppressions:
        lacking = config.floor.refusal(one, today)
        selection = config.selection(one.location.path)
        if lacking is None:
            taken.append(one)
        elif one.origin in OWN_ORIGINS and "suppression-malformed" in selection:
            message = f"accepts nothing: the policy asks for {lacking}"
            findings.append(engine_finding("suppression-malformed", selection, one.location, message))
    return taken, findings


def _open_questions(asked: Iterable[NotKnown], wanted: Callable[[str], bool]) -> tuple[NotKnown, ...]:
    """Each question once, for whichever rule asks it first, in the order of the places."""
    once = {(one.location.region, one.reason): one for one in reversed([*asked]) if wanted(one.path)}
    return tuple(sorted(once.values(), key=lambda one: (one.location.region, one.reason)))


_FEW_LINES = 1_000
"""A partial document of no more is looked up by the line of a finding: a file may have thousands of both."""


def _without_partial(
    findings: list[Finding], documents: Iterable[PartialDocument], paths: Container[str]
) -> tuple[list[Finding], list[NotChecked]]:
    """A partial document is completed elsewhere: what it leaves out is no fault of its."""
    partial: dict[tuple[str, int], list[PartialDocument]] = {}
    for document in documents:
        if document.path in paths:
            few = document.last_line - document.first_line < _FEW_LINES
            for line in range(document.first_line, document.last_line + 1) if few else (0,):
                partial.setdefault((document.path, line), []).append(document)
    kept: list[Finding] = []
    told = {document for around in partial.values() for document in around if document.keys is None}
    for finding in findings:
        at = finding.location
        around = (*partial.get((at.path, at.line), ()), *partial.get((at.path, 0), ()))
        secret = "secret" in finding.rule.tags
        excuse = next((d for d in around if d.excuses(at) and not (secret and d.but_secrets)), None)
        if excuse is None:
            kept.append(finding)
        else:
            told.add(excuse)
    reasons = {(d.path, d.first_line): d.reason for d in sorted(told, key=lambda d: d.reason, reverse=True)}
    return kept, [NotChecked(path, reason, line) for (path, line), reason in sorted(reasons.items())]


def partial_documents(project: Project) -> Iterator[PartialDocument]:
    """What of the files is completed elsewhere, or not applied as it stands."""
    yield from project.summaries.of(PartialDocument)
    yield from completions(project.reports.kinds, project.summaries)


def _has_run(config: Config, complete: bool, suppression: Suppression, rule_id: str) -> bool:
    """Whether a rule that a suppression names has run on all that it covers."""
    if rule_id == "*":
        return complete
    selection = config.selection(suppression.location.path if suppression.paths is None else "")
    return rule_id in selection and (complete or rule_id not in rules_over_projects())


def project_rules(config: Config) -> list[str]:
    """The ids of the rules over the project that run on some path."""
    selections = [config.selection(""), *config.selections()]
    return sorted(rules_over_projects().keys() & {rule_id for selection in selections for rule_id in selection})


def _waiting(rule_ids: Iterable[str]) -> NotChecked:
    names = ", ".join(sorted(set(rule_ids)))
    return NotChecked("", f"not run, because the repository around these files is not known: {names}")


MOST_ON_A_LINE = 50
"""Findings of one rule that are told one by one; a generated line may have thousands, and nobody reads them."""
MOST_IN_A_FILE = 1_000
"""Findings of one rule in one file that are told one by one. Nobody reads more, and 100,000 take seconds to make."""
MOST_RELATED = 50
"""Places that a finding shows beside its own."""
LONGEST_MESSAGE = 1_000
"""Characters; a name may be as long as the file."""


def finished(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted, each once, and each with a fingerprint that moves with its text and not with its line."""
    unique: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        same = unique.setdefault(_identity(one), one)
        if same.related != one.related and len(same.related) < MOST_RELATED:
            # Two pods of one name that run one image: whoever looks at either file sees the finding.
            unique[_identity(one)] = same._replace(related=tuple(dict.fromkeys((*same.related, *one.related))))
    ordered = _bounded(sorted(unique.values(), key=_order))
    seen: Counter[str] = Counter()
    result = []
    for finding in ordered:
        identity = "\0".join((finding.rule.id, finding.location.path, finding.subject, finding.message))
        digest = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        rule, severity, at, message = finding.rule, finding.severity, finding.location, finding.message
        related = finding.related
        if len(related) > MOST_RELATED or any(len(one.message) > LONGEST_MESSAGE for one in related):
            related = tuple(one._replace(message=_shortened(one.message)) for one in related[:MOST_RELATED])
            if len(finding.related) > MOST_RELATED:
                message = f"{message} (and {len(finding.related) - MOST_RELATED:,} more places)"
        fingerprint = f"{digest}:{seen[digest]}"  # dataclasses.replace takes three times as long
        result.append(
            Finding(rule, severity, at, _shortened(message), related, finding.subject, fingerprint, finding.suppressed)
        )
    return result


def _shortened(message: str) -> str:
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[: LONGEST_MESSAGE // 2]}…{message[-LONGEST_MESSAGE // 2 :]}"


def _bounded(ordered: list[Finding]) -> list[Finding]:
    """The same with what is beyond MOST_ON_A_LINE counted in one more finding, at the first of them."""
    counts = Counter((f.rule.id, f.location.path, f.location.line, f.suppressed is None) for f in ordered)
    if all(count <= MOST_ON_A_LINE for count in counts.values()):
        return ordered
    told: Counter[tuple[str, str, int, bool]] = Counter()
    kept = []
    for finding in ordered:
        place = (finding.rule.id, finding.location.path, finding.location.line, finding.suppressed is None)
        told[place] += 1
        if told[place] <= MOST_ON_A_LINE:
            kept.append(finding)
        elif told[place] == MOST_ON_A_LINE + 1:
            message = f"and {counts[place] - MOST_ON_A_LINE:,} more findings of this rule on this line"
            kept.append(finding._replace(message=message, related=()))
    return kept


def _identity(finding: Finding) -> tuple[object, ...]:
    """What two findings that say the same have in common."""
    return finding.rule.id, finding.location.region, finding.message


def _order(finding: Finding) -> tuple[str, int, int, int, int, str, str]:
    at = finding.location
    return at.path, at.line, at.column, at.end_line, at.end_column, finding.rule.id, finding.message


def engine_finding(rule_id: str, selection: Selection, location: Location, message: str) -> Finding:
    """A finding of one of the rules that the engine itself judges."""
    return _finding(rule_id, selection, Problem(location, message), "")


def _shell_texts(view: FileView, selection: Selection) -> Iterator[ShellText]:
    """The view's scripts, where a program that judges scripts is to see them."""
    if any(rule_id in selection for rule_id in SHELLCHECK_RULES):
        yield from (text for text in view.shell_texts() if text.rule in selection)


def _ask_shellcheck(
    reports: Iterable[FileReport], config: Config, wanted: Callable[[str], bool]
) -> tuple[list[Finding], list[NotChecked]]:
    texts = [one for report in reports for one in report.summaries if type(one) is ShellText and wanted(one.path)]
    if not texts:
        return [], []
    from devopslint.shellcheck import ask_shellcheck

    remarks, gaps = ask_shellcheck(texts)
    return [
        _finding(r.script.rule, config.selection(r.script.path), r.problem, r.script.subject) for r in remarks
    ], gaps


def _of_faults(faults: Iterable[Any], selection: Selection) -> Iterator[Finding]:
    for fault in faults:
        if fault.rule in selection:
            yield _finding(fault.rule, selection, Problem(fault.location, fault.message), "")


def _finding(rule_id: str, selection: Selection, problem: Problem, subject: str) -> Finding:
    severity = selection[rule_id].severity if rule_id in selection else Severity.ERROR
    if not problem.certain and severity > Severity.NOTE:
        severity = Severity(severity - 1)
    # What a message quotes may hold line breaks: a key in quotes, the name of a job.
    message = problem.message if problem.message.isprintable() else " ".join(problem.message.splitlines())
    rule = catalogue()[rule_id].rule
    place, related, bases = problem.location, problem.related, problem.bases
    return Finding(rule, severity, place, _one_text(message), related, _one_text(subject), bases=bases)


@functools.lru_cache(maxsize=1_000)
def _one_text(text: str) -> str:
    """The same, once for many findings: those of a subject and those of a rule are worded alike."""
    return text


def _told_once(told: list[tuple[Any, Finding]]) -> Iterable[Finding]:
    """What subjects take over from one another, once, with the others as related places.

    A subject that `follows` others of its file lacks what they lack, and what it has of theirs stands in one place.
    """
    if not any(getattr(subject, "follows", None) is not None for subject, _ in told):
        return [finding for _, finding in told]
    kept: dict[object, Finding] = {}
    of_name: dict[object, tuple[int, object]] = {}
    words = [finding.message.replace(f"'{subject.name}'", "''") for subject, finding in told]
    for (subject, finding), said in zip(told, words, strict=True):
        of_name.setdefault((subject.path, subject.name, said), (len(subject.follows), (finding.location, said)))
    for (subject, finding), said in zip(told, words, strict=True):
        key: object = (finding.location, said)
        bases = [of_name[name] for base in sorted(subject.follows) if (name := (subject.path, base, said)) in of_name]
        key = min(bases, key=itemgetter(0))[1] if bases else key
        if key not in kept:
            kept[key] = finding
        elif finding.subject != kept[key].subject:
            related = Related(subject.location, f"{finding.subject} takes it over")
            if related not in kept[key].related:
                kept[key] = kept[key]._replace(related=(*kept[key].related, related))
    return kept.values()


def _label(subject: object) -> str:
    return str(getattr(subject, "label", ""))


def _path(subject: object) -> str:
    path = getattr(subject, "file_path", None)  # what says it without its line, which takes longer
    if path is not None:
        return str(path)
    location = getattr(subject, "location", None)
    return location.path if isinstance(location, Location) else ""


def _describe(error: Exception) -> str:
    """The error and the place in our own code that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})" if trace is not None else ""
    return f"{type(error).__name__}: {error}{where}"
