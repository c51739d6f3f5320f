"""Mends what rules have found: asks the domains how, and has every change proved before anything is written."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from devopslint.catalogue import checks_of
from devopslint.config import Config
from devopslint.deferred import NamedTuple
from devopslint.files import SourceFile, decode, layout_of
from devopslint.model import Edit, Failure, FileView, Finding, Location, Problem, Severity
from devopslint.readers.rewriting import UNSAFE, LineStarts, Refused, Rewriting, Uncomment
from devopslint.registry import FIXES, Fix, domains, named, view_of, view_of_kind
from devopslint.reports import Report, Suggestion
from devopslint.run import Outcome, Scope, conclude_scope, examine_all, examine_path, heeding_peers_in
from devopslint.secrets.hiding import hide, hide_by_looks, texts_of

MOST_TRIALS = 12
"""Rules that are left out one after the other, to find the one whose fix does harm."""
MOST_PASSES = 12
"""A fix that meets another one's place waits for the next pass; what goes on for longer would go on for ever."""

Key = tuple[str, str]
"""A rule and the label of a subject: what is left of a finding's identity when lines move."""


class Unmended(NamedTuple):
    """A finding whose fix was not applied, and why."""

    finding: Finding
    reason: str


class Change(NamedTuple):
    """A file that is another one when it is mended."""

    path: str
    before: bytes
    after: bytes


class Mending(NamedTuple):
    """What comes of a run when it is mended; nothing is written yet."""

    changes: tuple[Change, ...]
    outcome: Outcome
    """The run over the mended files."""
    tried: tuple[Finding, ...]
    """Those whose fixes are in the changes."""
    unmended: tuple[Unmended, ...]
    edits: int
    """How many places change."""
    config: Config
    failures: tuple[Failure, ...] = ()


class _Offer(NamedTuple):
    """How one problem would be mended."""

    finding: Finding
    changes: tuple[Any, ...]
    safe: bool


def _offer(finding: Finding, changes: Iterable[Any]) -> Iterator[_Offer]:
    """Nothing where nothing would change."""
    said = tuple(changes)
    changed = tuple(one for one in said if one is not UNSAFE)
    if changed:
        yield _Offer(finding, changed, finding.rule.fix == "safe" and len(changed) == len(said))


class _Mended(NamedTuple):
    text: str
    tried: tuple[Finding, ...]
    unmended: tuple[Unmended, ...]
    edits: int


def mend(outcome: Outcome, config: Config, findings: Iterable[Finding], *, unsafe: bool = False) -> Mending:
    """Mend these findings of a run in memory, as far as their fixes are safe, or `unsafe` ones are asked for.

    What would bring about something worse than a note is left as it was: a pod that may not run as root any more, with
    an image whose user nobody can tell from root.
    """
    _learn()
    mender = _Mender(outcome, config, unsafe)
    wanted = list(findings)
    mending = mender.mend(wanted)
    spoilt: dict[str, Unmended] = {}
    for _ in range(MOST_TRIALS):
        brought = mender.brought(mending)
        if not brought:
            break
        blamed = mender.blamed(mending, brought, [one for one in wanted if one.fingerprint not in spoilt])
        spoilt |= {one.fingerprint: Unmended(one, f"it would bring {brought[0].rule.id}") for one in blamed}
        mending = mender.mend([one for one in wanted if one.fingerprint not in spoilt])
    return mending._replace(unmended=(*mending.unmended, *spoilt.values()))


class _Mender:
    """Mends findings of one run; a file is mended once for the same findings."""

    def __init__(self, outcome: Outcome, config: Config, unsafe: bool) -> None:
        self.outcome = outcome
        self.config = config
        self.unsafe = unsafe
        self.failures: list[Failure] = []
        self._files = {report.file.path: report.file for report in outcome.reports if not report.sources}
        self._accepted: dict[str, set[Key]] = {}
        for one in outcome.settled.findings:
            if one.suppressed is not None:
                self._accepted.setdefault(one.location.path, set()).add(_key(one))
        self._known = {(one.rule.id, one.location.path, one.subject) for one in outcome.settled.findings}
        self._mended: dict[tuple[str, frozenset[str]], tuple[Change | None, _Mended]] = {}

    def mend(self, findings: Iterable[Finding]) -> Mending:
        changes: list[Change] = []
        tried: list[Finding] = []
        unmended: list[Unmended] = []
        edits = 0
        for path, wanted in _by_path(findings, self.unsafe).items():
            file = self._files.get(path)
            if file is None or path not in self.outcome.scope.wanted or _writer(file.kind) is None:
                continue
            key = path, frozenset(one.fingerprint for one in wanted)
            if key not in self._mended:
                self._mended[key] = self._mend(file, wanted)
            change, mended = self._mended[key]
            unmended += mended.unmended
            if change is not None:
                changes.append(change)
                tried += mended.tried
                edits += mended.edits
        again = _again(self.outcome, self.config, changes)
        return Mending(
            tuple(changes),
            again,
            tuple(tried),
            tuple(unmended),
            edits,
            self.config,
            tuple(dict.fromkeys(self.failures)),
        )

    def _mend(self, file: SourceFile, wanted: list[Finding]) -> tuple[Change | None, _Mended]:
        try:
            data = self.outcome.scope.read(file.path)
            text, undecodable = decode(data)
        except (OSError, ValueError):
            return None, _Mended("", (), (), 0)
        if undecodable is not None or text.encode("utf-8", "surrogatepass") != data:
            return None, _Mended(text, (), tuple(Unmended(one, "the file is not UTF-8") for one in wanted), 0)
        accepted = self._accepted.get(file.path, set())
        mended = _mend_file(file, text, wanted, accepted, self.config, self.failures, unsafe=self.unsafe)
        after = mended.text.encode("utf-8", "surrogatepass")
        return (Change(file.path, data, after) if after != data else None), mended

    def brought(self, mending: Mending) -> list[Finding]:
        """What is found after a mending, was not before, and stands in a mended file or is related to one."""
        changed = {one.path for one in mending.changes}
        return [
            one
            for one in mending.outcome.settled.findings
            if one.suppressed is None
            and one.severity > Severity.NOTE
            and (one.rule.id, one.location.path, one.subject) not in self._known
            and any(at.path in changed for at in one.places)
        ]

    def blamed(self, mending: Mending, brought: list[Finding], wanted: list[Finding]) -> list[Finding]:
        """Those whose fixes bring it about: of one rule in the files that it is about, or all in them."""
        files = {at.path for one in brought for at in one.places} & {one.path for one in mending.changes}
        there = [one for one in mending.tried if one.location.path in files]
        for rule_id in sorted({one.rule.id for one in there})[:MOST_TRIALS]:
            suspects = [one for one in there if one.rule.id == rule_id]
            left_out = {one.fingerprint for one in suspects}
            less = self.mend([one for one in wanted if one.fingerprint not in left_out])
            if len(self.brought(less)) < len(brought):
                return suspects
        return there


def without(mending: Mending, refused: Mapping[str, str], outcome: Outcome) -> Mending:
    """The same where these files stay as they were; `outcome` is that of the run before."""
    changes = tuple(one for one in mending.changes if one.path not in refused)
    left = [Unmended(one, refused[one.location.path]) for one in mending.tried if one.location.path in refused]
    return mending._replace(
        changes=changes,
        outcome=_again(outcome, mending.config, changes),
        tried=tuple(one for one in mending.tried if one.location.path not in refused),
        unmended=(*mending.unmended, *left),
    )


def told(mending: Mending, before: Report, after: Report) -> Report:
    """The report after a mending: with what is mended, and what is not although it has a fix."""
    remaining = Counter(map(_identity, after.findings))
    mended = {one.path for one in mending.changes}
    fixed = []
    for one in before.counted:
        if remaining[_identity(one)] > 0:
            remaining[_identity(one)] -= 1
        elif one.location.path in mended and one.rule.fix:
            fixed.append(one)
    words = (f"{one.finding.location}: {one.finding.rule.id}: {one.reason}" for one in mending.unmended)
    return after._replace(fixed=tuple(fixed), unmended=tuple(words), failures=(*after.failures, *mending.failures))


def _identity(finding: Finding) -> tuple[str, ...]:
    return finding.rule.id, finding.location.path, finding.subject, finding.message


def difference(mending: Mending, secrets: Iterable[Location]) -> str:
    """What would change, as one unified diff, in which no secret is shown."""
    import difflib  # only to look

    parts: list[str] = []
    hidden: dict[str, list[Location]] = {}
    for at in secrets:
        hidden.setdefault(at.path, []).append(at)
    for change in mending.changes:
        before, after = decode(change.before)[0], decode(change.after)[0]
        concealed = texts_of(before, hidden.get(change.path, ()))
        lines = difflib.unified_diff(
            before.splitlines(True), after.splitlines(True), f"a/{change.path}", f"b/{change.path}"
        )
        for line in lines:
            shown = hide_by_looks(hide(line, concealed))
            parts.append(shown if shown.endswith("\n") else f"{shown}\n\\ No newline at end of file\n")
    return "".join(parts)


def mended_texts(files: Mapping[str, str], config: Config, rule_id: str | None = None) -> dict[str, str]:
    """What becomes of texts that are taken for the whole project, unsafe fixes included, of one rule or of all."""
    paths = tuple(sorted(files))
    texts = {path: text.encode("utf-8", "surrogatepass") for path, text in files.items()}
    scope = Scope(Path(), paths, frozenset(paths), frozenset(), True, texts)
    scope = scope._replace(layout=layout_of(paths, scope.text))
    config = heeding_peers_in(scope, config)
    reports = examine_all(scope, config, jobs=1)
    outcome = Outcome(scope, reports, conclude_scope(scope, reports, config))
    counted = [one for one in outcome.settled.findings if one.suppressed is None and rule_id in (None, one.rule.id)]
    mending = mend(outcome, config, counted, unsafe=True)
    if mending.failures:
        raise RuntimeError(mending.failures[0].message)
    return {**files, **{one.path: one.after.decode("utf-8", "surrogatepass") for one in mending.changes}}


def suggestions(
    outcome: Outcome, config: Config, findings: Iterable[Finding], *, unsafe: bool = True
) -> Mapping[str, Suggestion]:
    """By the fingerprint of a finding, how it alone can be mended: with edits that were proved together. Unsafe fixes
    are among them unless that is refused, and say so."""
    _learn()
    kinds = {report.file.path: report.file for report in outcome.reports if not report.sources}
    found: dict[str, Suggestion] = {}
    for path, wanted in _by_path(findings, unsafe).items():
        file = kinds.get(path)
        if file is None or (write := _writer(file.kind)) is None:
            continue
        text = outcome.scope.text(path)
        view = _read(file, text)
        if view is None:
            continue
        asked = {_place(one): one for one in wanted}
        offers = [one for one in _offers(file, view, asked, _at_place, wanted, config, []) if unsafe or one.safe]
        secrets = texts_of(text, [at for at in outcome.settled.hidden if at.path == path])
        try:
            together: Rewriting = write(view, text, [one.changes for one in offers])
        except Refused:
            continue
        lines = LineStarts(text)
        for index in together.taken:
            alone: Rewriting = write(view, text, [offers[index].changes])
            edits = tuple(Edit(lines.location(path, one), one.text) for one in alone.splices)
            if edits and not any(secret in edit.text for edit in edits for secret in secrets):
                found[offers[index].finding.fingerprint] = Suggestion(offers[index].safe, edits)
    return found


def _learn() -> None:
    """Have every domain say how it mends."""
    for domain in domains():
        if domain.fixes is not None:
            importlib.import_module(domain.fixes[0])


def _writer(kind: str) -> Callable[..., Rewriting] | None:
    for domain in domains():
        if any(one.name == kind for one in domain.kinds):
            return named(domain.fixes[1]) if domain.fixes is not None else None
    return None


def _by_path(findings: Iterable[Finding], unsafe: bool) -> dict[str, list[Finding]]:
    by_path: dict[str, list[Finding]] = {}
    for one in findings:
        if one.rule.fix == "safe" or (unsafe and one.rule.fix):
            by_path.setdefault(one.location.path, []).append(one)
    return dict(sorted(by_path.items()))


def _mend_file(
    file: SourceFile,
    text: str,
    wanted: list[Finding],
    accepted: set[Key],
    config: Config,
    failures: list[Failure],
    *,
    unsafe: bool,
) -> _Mended:
    """Pass after pass: first what stands where it was found, then what had to wait, by what it is about."""
    write = _writer(file.kind)
    assert write is not None  # the caller has asked
    places = {_place(one): one for one in wanted}
    subjects: dict[Key, Finding] = {_key(one): one for one in reversed(wanted) if _key(one) not in accepted}
    tried: dict[str, Finding] = {}
    unmended: dict[str, Unmended] = {}
    edits = 0
    waiting = wanted
    for number in range(MOST_PASSES):
        view = _read(file, text)
        if view is None:
            break
        asked, at = (places, _at_place) if number == 0 else (subjects, _about)
        offers = [
            one
            for one in _offers(file, view, asked, at, waiting, config, failures)
            if one.finding.fingerprint not in unmended and (unsafe or one.safe)
        ]
        if not offers:
            break
        try:
            rewriting = write(view, text, [one.changes for one in offers])
        except Refused as reason:
            unmended |= _unmended(offers, str(reason))
            break
        except Exception as error:  # a defect of ours is said, and the file stays as it was
            failures.append(Failure("", file.path, f"its fixes failed: {type(error).__name__}: {error}"))
            break
        for index, why in rewriting.refused.items():
            unmended |= _unmended([offers[index]], why)
        if rewriting.text == text:
            break
        again = _read(file, rewriting.text)
        if again is None or len(again.faults) > len(view.faults):
            unmended |= _unmended(offers, "the file could not be read after it")
            break
        tried |= {offers[index].finding.fingerprint: offers[index].finding for index in rewriting.taken}
        waiting = [one for one in waiting if one.fingerprint not in tried]
        edits += len(rewriting.splices)
        text = rewriting.text
    left = tuple(one for fingerprint, one in unmended.items() if fingerprint not in tried)
    return _Mended(text, tuple(tried.values()), left, edits)


def _unmended(offers: Iterable[_Offer], reason: str) -> dict[str, Unmended]:
    return {one.finding.fingerprint: Unmended(one.finding, reason) for one in offers}


def _read(file: SourceFile, text: str) -> FileView | None:
    view_class = view_of_kind(file.kind)
    view = view_class.read(file.path, text) if view_class is not None else None
    return None if view is None or view.unchecked else view


Asked = Mapping[Any, Finding]
At = Callable[[str, Problem, str], Any]


def _at_place(rule_id: str, problem: Problem, label: str) -> tuple[object, ...]:
    return rule_id, problem.location.region, " ".join(problem.message.splitlines())


def _about(rule_id: str, problem: Problem, label: str) -> Key:
    return rule_id, label


def _place(finding: Finding) -> tuple[object, ...]:
    return finding.rule.id, finding.location.region, finding.message


def _key(finding: Finding) -> Key:
    return finding.rule.id, finding.subject


def _offers(
    file: SourceFile,
    view: FileView,
    asked: Asked,
    at: At,
    waiting: list[Finding],
    config: Config,
    failures: list[Failure],
) -> Iterator[_Offer]:
    """What the domains offer for the findings that are asked for, each once."""
    selection = config.selection(file.path)
    selected: dict[Any, list[Any]] = {}
    for rule_id in sorted({finding.rule.id for finding in asked.values()}):
        try:
            for fix in FIXES.get(rule_id, ()):
                if fix.each is not None:
                    yield from _of_project(fix, view, waiting, config)
                    continue
                for check in checks_of(rule_id, file.kind):
                    if not isinstance(view, check.view):
                        continue
                    if check.each not in selected:
                        selected[check.each] = list(check.each(view))
                    given = selection[rule_id].parameters if rule_id in selection else {}
                    for subject in selected[check.each]:
                        label = str(getattr(subject, "label", ""))
                        for problem in check.function(subject, **given):
                            if isinstance(problem, Problem) and (finding := asked.get(at(rule_id, problem, label))):
                                yield from _offer(finding, fix.function(subject, problem, **_given(fix, given, config)))
            if rule_id in COMMENTS:
                for one in waiting:
                    if one.rule.id == rule_id and at is _at_place and one.message.startswith("accepts nothing"):
                        yield from _offer(one, (Uncomment(one.location, "devopslint:"),))
        except Refused:
            continue
        except Exception as error:
            failures.append(Failure(rule_id, file.path, f"its fix failed: {type(error).__name__}: {error}"))


COMMENTS = frozenset({"suppression-unused"})
"""Rules that speak of comments which do nothing: they are mended by taking those away."""


def _of_project(fix: Fix, view: FileView, waiting: list[Finding], config: Config) -> Iterator[_Offer]:
    """What a fix offers that finds its own subjects: by their label, or by their place."""
    wanted = [one for one in waiting if one.rule.id == fix.rule_id]
    if fix.each is None or not wanted or not isinstance(view, view_of(fix.each)):
        return
    subjects = list(fix.each(view))
    for finding in wanted:
        about = [one for one in subjects if finding.subject and getattr(one, "label", "") == finding.subject]
        about = about or [one for one in subjects if one.location.region == finding.location.region]
        problem = Problem(finding.location, finding.message, finding.related)
        for subject in about[:1] if len(about) == 1 else ():
            given = config.selection(finding.location.path)[fix.rule_id].parameters
            yield from _offer(finding, fix.function(subject, problem, **_given(fix, given, config)))


def _given(fix: Fix, parameters: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """What a fix takes of the rule's parameters, and of what the configuration says of fixes."""
    known = {**config.fixes, **parameters}
    return {name: known[name] for name in fix.parameters if name in known}


def _again(outcome: Outcome, config: Config, changes: Iterable[Change]) -> Outcome:
    """The run over the mended files: they are examined, and all is concluded anew."""
    texts = {one.path: one.after for one in changes}
    if not texts:
        return outcome
    scope = outcome.scope._replace(texts={**outcome.scope.texts, **texts})
    reports = tuple(
        examine_path(scope, one.file.path, config).report or one if one.file.path in texts and not one.sources else one
        for one in outcome.reports
    )
    return Outcome(scope, reports, conclude_scope(scope, reports, config))
