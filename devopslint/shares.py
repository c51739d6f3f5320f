"""What the files of a project say together, found out in several processes: rules over unlike kinds of file have nothing in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from devopslint.catalogue import rules_over_projects
from devopslint.config import Config
from devopslint.deferred import NamedTuple
from devopslint.engine import Answers, Joined, Judged, ask, asked_over_project, join, judge_builds
from devopslint.joins import Reading
from devopslint.project import Project
from devopslint.registry import asked_apart
from devopslint.workers import spread

ENOUGH = 50
"""Files that a group of rules looks at, for which it may have a process of its own."""


class _Builds(NamedTuple):
    """What was found out of builds, and what they have read beside the files that there are reports on."""

    judged: Judged
    digests: Mapping[str, str]


def join_in_shares(
    project: Project, config: Config, wanted: Callable[[str], bool], read: Callable[[str], bytes], processes: int
) -> Joined | None:
    """engine.join() of files that this run has examined, in several processes; None where it is not worth them.

    `read` gives the bytes of a file, as judge_builds() wants it; a joins.Reading hears what other processes have read.
    """
    groups = _groups(project, asked_over_project(config))
    if len(groups) < 2 or project.reports.unread or project.reports.builds:
        return None
    assert project.summaries is not None  # made before there are more processes: once, and not in each
    reading = read if isinstance(read, Reading) else Reading(read)

    def work(number: int) -> Answers | _Builds:
        if number < len(groups):
            return ask(project, config, groups[number])
        return _Builds(judge_builds(project, config, reading), reading.digests)

    answers: list[Answers] = []
    judged = Judged()
    # The builds are the second piece: they take long where there are any, and the last piece had better be small.
    order = [0, len(groups), *range(1, len(groups))]
    for told in spread(work, order, processes, lost=lambda number, _: work(number)):
        if isinstance(told, Answers):
            answers.append(told)
        else:
            judged = told.judged
            reading.digests.update(told.digests)
    return join(project, config, wanted, judged, _together(answers).reported(wanted))


def _groups(project: Project, rule_ids: Iterable[str]) -> list[frozenset[str]]:
    """The rules by the kinds of file that they look at, those of most files first; the last are those of few."""
    groups: list[tuple[frozenset[str], frozenset[str]]] = []
    for rule_id in rule_ids:
        kinds, rules = frozenset[str]().union(*rules_over_projects()[rule_id].values()), frozenset((rule_id,))
        apart = []
        for known, others in groups:
            if known.isdisjoint(kinds):
                apart.append((known, others))
            else:
                kinds, rules = kinds | known, rules | others
        groups = [*apart, (kinds, rules)]
    files = Counter(file.kind for file in project.reports.files)
    counted = sorted(((sum(files[kind] for kind in kinds), sorted(rules)) for kinds, rules in groups), reverse=True)
    large = [part for count, rules in counted if count >= ENOUGH for part in _parts(rules)]
    return [*large, frozenset(rule_id for count, rules in counted if count < ENOUGH for rule_id in rules)]


def _parts(rule_ids: Iterable[str]) -> Iterator[frozenset[str]]:
    """The rules of a group, those that another process may ask by themselves."""
    rules, modules = frozenset(rule_ids), asked_apart()
    apart = frozenset(rule_id for rule_id in rules if modules.issuperset(rules_over_projects()[rule_id]))
    return (part for part in (rules - apart, apart) if part)


def _together(answers: list[Answers]) -> Answers:
    asked: dict[str, tuple[tuple[str, int], ...]] = {}
    for one in answers:
        for path, counts in one.asked.items():
            asked[path] = tuple(sorted((*asked[path], *counts))) if path in asked else counts
    return Answers(
        tuple(sorted((found for one in answers for found in one.findings), key=lambda found: found.rule.id)),
        tuple(sorted((failure for one in answers for failure in one.failures), key=lambda failure: failure.rule_id)),
        tuple(sorted((question for one in answers for question in one.not_known), key=lambda one: one.rule_id)),
        tuple(at for one in answers for at in one.hidden),
        tuple(rule_id for one in answers for rule_id in one.waiting),
        asked,
    )
