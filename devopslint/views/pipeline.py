"""Delivery pipelines, whatever CI runs them: jobs with their stages, what they wait for and where they deliver."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, Self

from devopslint.model import Location, StageWords, Summaries
from devopslint.readers.expression import Not, calls, condition, references, walk
from devopslint.readers.shell_words import Command
from devopslint.views import stage_words
from devopslint.views.coverage import CoverageDemand
from devopslint.views.gitlab import GitlabJob, GitlabSummary, resolve
from devopslint.views.jenkins import JenkinsSummary
from devopslint.views.scripts import NamedScripts
from devopslint.views.stages import (
    GATES,
    Evidence,
    Said,
    Vocabulary,
    deploys_to,
    prepares,
    reads,
    tier,
    vocabulary,
    words_of,
)
from devopslint.views.workflow import (
    ActionSummary,
    JobSummary,
    PermissionsSummary,
    StepSummary,
    Text,
    Uses,
    WorkflowSummary,
)

MatrixValues = tuple[tuple[str, tuple[str, ...]], ...]
MOST_VALUES = 12
"""Values of a matrix that are looked at."""

RANK = {stage: rank for rank, stage in enumerate(stage_words.STAGES)}

DEEPEST = 12
"""Levels of workflows, actions and scripts that call each other; GitHub itself allows ten."""

_LOCAL_CLUSTERS = re.compile(r"\b(?:kind|minikube|k3d|k3s|microk8s|ctlptl)\b")
_PREPARING_STEP = frozenset(
    ("setup", "set", "install", "cache", "upload", "checkout", "login", "log", "get", "download", "configure")
)
_TEARDOWN = frozenset(
    ("cleanup", "clean", "teardown", "destroy", "delete", "undeploy", "close", "closed", "remove", "uninstall")
)
_FOR_TESTS = frozenset(
    "test tests testing integration e2e dev develop development sandbox qa nightly demo".split()  # noqa: SIM905
)
_PREVIEW = frozenset(
    "preview previews review pr ephemeral docs doc documentation storybook pages mkdocs wiki".split()  # noqa: SIM905
)
"""Words of what is delivered beside the product."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command of a job with its place."""

    said: Said
    step: StepSummary
    index: int
    location: Location

    @property
    def command(self) -> Command | None:
        return self.said.command


@dataclass(eq=False)
class Job:
    """One job. Equal only to itself: two jobs may look alike."""

    pipeline: Pipeline
    id: str
    location: Location
    name: str
    needs: tuple[str, ...]
    steps: tuple[StepSummary, ...]
    condition: Text | None = None
    environment: Text | None = None
    timeout: Text | None = None
    tolerated: Text | None = None
    """`continue-on-error` or `allow_failure` as it is written."""
    matrix: bool = False
    matrix_values: MatrixValues = ()
    manual: bool = False
    """True where a person starts it."""
    after_failure: Location | None = None
    """What makes it run though what it needs has failed; None where it waits for success."""
    only_after_failure: bool = False
    at_once: Location | None = None
    """What makes it start before the stages ahead of it: an empty `needs`."""
    called: Uses | None = None
    arguments: tuple[tuple[Text, Text], ...] = ()
    serialized: bool = False
    """True where a second run of it waits, or the first is stopped."""
    permissions: PermissionsSummary | None = None
    caches: bool = False
    """True where the CI itself, or a runner of one's own, keeps files for the next run."""
    pull_requests_only: bool = False
    by_hand_only: bool = False
    callee: Pipeline | None = None
    own: tuple[Evidence, ...] = ()
    """What its names and its own steps say."""
    content: tuple[Evidence, ...] = ()
    """What the actions and workflows that it calls do, which its own words may not tell."""
    ran: tuple[Ran, ...] = ()

    @property
    def label(self) -> str:
        return f"job {self.id}"

    @property
    def path(self) -> str:
        return self.location.path

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """In the order of its steps; a stage that only its name tells stands where it belongs among the others."""
        first: dict[str, int] = {}
        for evidence in self.own:
            if evidence.stage in RANK and evidence.step >= 0:
                first[evidence.stage] = min(first.get(evidence.stage, evidence.step), evidence.step)
        ordered = sorted(first, key=lambda stage: (first[stage], RANK[stage]))
        for stage in sorted({e.stage for e in self.own if e.stage in RANK} - first.keys(), key=RANK.__getitem__):
            at = next((n for n, known in enumerate(ordered) if RANK[known] > RANK[stage]), len(ordered))
            ordered.insert(at, stage)
        return tuple(ordered)

    @cached_property
    def all_stages(self) -> frozenset[str]:
        """Those of what it calls, too."""
        return frozenset(e.stage for e in (*self.own, *self.content))

    def looks_like(self, stage: str) -> str:
        """In the words of a message: looks like a deploy (`kubectl apply`, line 41)."""
        return f"looks like a {stage} ({self.evidence(stage)})"

    def evidence(self, stage: str) -> Evidence | None:
        """The best that says so: what it runs rather than what it is called."""
        found = [evidence for evidence in (*self.own, *self.content) if evidence.stage == stage]
        return min(found, key=lambda evidence: not evidence.strong, default=None)

    def does(self, stage: str) -> bool:
        return stage in self.stages

    @property
    def upstream(self) -> list[Job]:
        """All jobs that it waits for, directly or not."""
        return self.pipeline.upstream(self)

    @property
    def downstream(self) -> list[Job]:
        """All jobs that wait for it, directly or not."""
        return self.pipeline.downstream(self)

    @property
    def inner(self) -> list[Job]:
        """Itself, or the jobs of the workflow that it calls."""
        if self.callee is None:
            return [self]
        return [job for job in self.callee.with_called() if job.callee is None]

    @property
    def named_rollback(self) -> bool:
        return any(evidence.stage == "rollback" and not evidence.strong for evidence in self.own)

    @property
    def delivers(self) -> bool:
        """Whether it deploys the product: not a preview, not its documentation.

        An environment alone is no sign of it: tests run in one for its secrets.
        """
        if not self.does("deploy") or self.preview or self.only_after_failure or self.named_rollback:
            return False
        return any(e.stage == "deploy" and e.source != "environment" for e in (*self.own, *self.content))

    @property
    def opaque(self) -> bool:
        """Whether it calls a workflow that is not here and whose name does not tell what it does."""
        return self.called is not None and self.callee is None and not self.stages

    def actions(self, *names: str) -> Iterator[StepSummary]:
        """Its steps that use one of these actions."""
        for step in self.steps:
            if step.uses is not None and step.uses.action.lower() in names:
                yield step

    @cached_property
    def tier(self) -> str | None:
        """Where a deploy goes: `production`, `staging` (anything before it), or None where nothing says."""
        environment = self.environment.text if self.environment is not None else ""
        if environment and "${{" not in environment and "$" not in environment:
            named = tier(environment)
            if named is not None:
                return named
        named = tier(self.id, self.name)
        if named is not None or self.called is None:
            return named or self._tier_of_commands
        targets = [
            value.text
            for key, value in self.arguments
            if words_of(key.text)[-1:] in (["environment"], ["env"], ["stage"], ["target"], ["namespace"])
        ]
        return tier(*(value for value in targets if "${{" not in value))

    @property
    def for_tests(self) -> bool:
        """Whether it deploys to where tests or developers work: that comes before the tests."""
        environment = self.environment.text if self.environment is not None else ""
        return bool({*words_of(self.id), *words_of(self.name), *words_of(environment)} & _FOR_TESTS)

    @property
    def _tier_of_commands(self) -> str | None:
        names: list[str] = []
        for ran in self.ran:
            command = ran.command
            if command is None or ran.said.stage != "deploy":
                continue
            option = command.parsed(
                ("-n", "--namespace", "--context", "--stage", "-e", "--env", "--kube-context")
            ).option("-n", "--namespace", "--context", "--stage", "-e", "--env", "--kube-context")
            if option is not None and option.value is not None:
                names.append(option.value.text)
        return tier(*names)

    @property
    def preview(self) -> bool:
        """Whether it delivers something that is not the product's: a pull request's preview, the documentation."""
        words = {*words_of(self.id), *words_of(self.name)}
        if words & _PREVIEW:
            return True
        environment = self.environment.text if self.environment is not None else ""
        if environment == "github-pages" or set(words_of(environment)) & _PREVIEW:
            return True
        return self.pipeline.for_pull_requests


@dataclass(eq=False)
class Pipeline:
    """The jobs of one file that run together, and their order."""

    path: str
    system: str
    """github, gitlab or jenkins."""
    name: str
    location: Location
    triggers: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    starts_after: tuple[Start, ...] = ()
    """The pipelines that it begins behind."""
    followers: list[Pipeline] = field(default_factory=list)
    """The pipelines that begin behind it."""
    callers: list[Job] = field(default_factory=list)
    repository_has_staging: bool = False
    """True where some pipeline of the repository deploys to something before production."""
    complete: bool = True
    """False where a part of it stands in another repository, or could not be read."""
    serialized: bool = False
    inherited: tuple[Evidence, ...] = ()
    """Stages that no job of the file shows: of an included template."""

    label: ClassVar[str] = "pipeline"

    @cached_property
    def by_id(self) -> dict[str, Job]:
        return {job.id.lower(): job for job in self.jobs}

    @cached_property
    def _needed(self) -> list[list[Job]]:
        return [[self.by_id[need.lower()] for need in job.needs if need.lower() in self.by_id] for job in self.jobs]

    def needed(self, job: Job) -> list[Job]:
        """The jobs that it waits for directly."""
        return self._needed[self._places[id(job)]]

    def upstream(self, job: Job) -> list[Job]:
        return self._members(self._ancestors[self._places[id(job)]])

    def downstream(self, job: Job) -> list[Job]:
        return self._members(self._descendants[self._places[id(job)]])

    def waits_for(self, job: Job, other: Job) -> bool:
        return bool(self._ancestors[self._places[id(job)]] >> self._places[id(other)] & 1)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(job): place for place, job in enumerate(self.jobs)}

    def _members(self, places: int) -> list[Job]:
        found: list[Job] = []
        while places:
            lowest = places & -places
            found.append(self.jobs[lowest.bit_length() - 1])
            places ^= lowest
        return found

    @cached_property
    def _ancestors(self) -> list[int]:
        """For each job the set of places of all that it waits for, as bits: pipelines may have thousands of jobs."""
        direct = [[self._places[id(one)] for one in self.needed(job)] for job in self.jobs]
        return _closure(direct)

    @cached_property
    def _descendants(self) -> list[int]:
        behind: list[list[int]] = [[] for _ in self.jobs]
        for place, job in enumerate(self.jobs):
            for one in self.needed(job):
                behind[self._places[id(one)]].append(place)
        return _closure(behind)

    @cached_property
    def _doing(self) -> dict[str, int]:
        """By stage: the places of the jobs that do its work, or call what does, as bits."""
        found: dict[str, int] = {}
        for place, job in enumerate(self.jobs):
            for stage in job.all_stages:
                found[stage] = found.get(stage, 0) | 1 << place
        return found

    def stages_ahead(self, job: Job) -> frozenset[str]:
        """The stages that have been passed when the job begins: its own, those of what it waits for."""
        ancestors = self._ancestors[self._places[id(job)]]
        ahead = {stage for stage, places in self._doing.items() if places & ancestors}
        return frozenset(ahead) | self.stages_before() | job.all_stages

    @cached_property
    def delivering(self) -> int:
        """The places of the jobs that deliver or publish, as bits."""
        return sum(1 << place for place, job in enumerate(self.jobs) if job.delivers or job.does("publish"))

    def delivery_behind(self, job: Job) -> Job | None:
        """The first job that delivers what has passed this one."""
        places = self._descendants[self._places[id(job)]] & self.delivering
        return self._members(places & -places)[0] if places else None

    @cached_property
    def gates(self) -> dict[str, list[Job]]:
        """By stage: the jobs that do its work ahead of every deploy."""
        deploys = sum(1 << place for place, job in enumerate(self.jobs) if job.does("deploy"))
        found: dict[str, list[Job]] = {}
        for place, job in enumerate(self.jobs):
            if job.does("deploy") or job.pull_requests_only or job.by_hand_only or job.preview:
                continue
            if not self._ancestors[place] & deploys:
                for stage in job.stages:
                    found.setdefault(stage, []).append(job)
        return found

    @property
    def only_called(self) -> bool:
        """Whether it runs for other workflows only (and by hand)."""
        return "workflow_call" in self.triggers and set(self.triggers) <= {"workflow_call", "workflow_dispatch"}

    @property
    def only_by_hand(self) -> bool:
        return bool(self.triggers) and set(self.triggers) <= {
            "workflow_dispatch",
            "workflow_call",
            "repository_dispatch",
        }

    @property
    def for_pull_requests(self) -> bool:
        """Whether only pull requests start it, or pipelines that they start."""
        events = {"pull_request", "pull_request_target"}
        if self.starts_after and set(self.triggers) <= {*events, "workflow_run"}:
            return all(set(start.pipeline.triggers) <= events for start in self.starts_after)
        return bool(self.triggers) and set(self.triggers) <= events

    @property
    def told_on_failure(self) -> bool:
        """Whether someone is told when it fails: by one of its jobs, or by a workflow that starts behind it."""
        if any(tells_of_failure(job) for job in self.with_called()):
            return True
        return any(job.does("notify") for follower in self.followers for job in follower.jobs)

    def with_called(self) -> Iterator[Job]:
        """Its jobs and those of the workflows that it calls, each once."""
        seen = {id(self)}
        waiting = [self]
        while waiting:
            pipeline = waiting.pop()
            for job in pipeline.jobs:
                yield job
                if job.callee is not None and id(job.callee) not in seen:
                    seen.add(id(job.callee))
                    waiting.append(job.callee)

    def stages_before(self) -> frozenset[str]:
        """The stages of every pipeline that has to end first."""
        before: frozenset[str] | None = None
        for start in self.starts_after:
            own = frozenset(stage for job in start.pipeline.with_called() for stage in job.all_stages)
            before = own if before is None else before & own  # any of them starts this one
        return before or frozenset()


@dataclass(frozen=True, eq=False)
class Start:
    """`workflow_run`: a pipeline begins when another one has ended."""

    pipeline: Pipeline
    location: Location
    checked: bool
    """True where it goes on only after a success."""


@dataclass(eq=False)
class Repository:
    """All pipelines of the repository."""

    pipelines: tuple[Pipeline, ...]
    location: Location
    demands_coverage: bool = False

    label: ClassVar[str] = "repository"

    @property
    def jobs(self) -> Iterator[Job]:
        for pipeline in self.pipelines:
            yield from pipeline.jobs

    @cached_property
    def stages(self) -> frozenset[str]:
        inherited = {evidence.stage for pipeline in self.pipelines for evidence in pipeline.inherited}
        return frozenset(stage for job in self.jobs for stage in job.all_stages) | inherited

    @cached_property
    def delivery(self) -> Job | None:
        """The job that shows that the product is delivered: a deploy, or else a publication."""
        for stage in ("deploy", "publish"):
            for job in self.jobs:
                evidence = job.evidence(stage) if job.does(stage) and not (job.preview or job.for_tests) else None
                if evidence is not None and (evidence.strong or job.called is not None):
                    return job
        return None

    @property
    def complete(self) -> bool:
        """False where some job runs something of another repository, and nothing tells what."""
        return not any(job.opaque for job in self.jobs) and not any(
            pipeline.system == "gitlab" and not pipeline.complete for pipeline in self.pipelines
        )


def tells_of_failure(job: Job) -> bool:
    """Whether a message is sent when something has failed."""
    if job.does("notify") and (job.after_failure is not None or Condition.read(job.condition).after_failure):
        return True
    for evidence in (*job.own, *job.content):
        if evidence.stage == "notify" and 0 <= evidence.step < len(job.steps):
            state = Condition.read(job.steps[evidence.step].condition)
            if state.after_failure:
                return True
    return False


def _closure(direct: list[list[int]]) -> list[int]:
    """For each place all places that can be reached, as bits. A circle's members reach what its first visit saw."""
    reached: list[int | None] = [None] * len(direct)
    open_places: set[int] = set()
    for start in range(len(direct)):
        stack = [start]
        while stack:
            place = stack[-1]
            if reached[place] is None and place not in open_places:
                open_places.add(place)
                stack.extend(one for one in direct[place] if reached[one] is None and one not in open_places)
                continue
            stack.pop()
            if place in open_places:
                open_places.discard(place)
                found = 0
                for one in direct[place]:
                    found |= 1 << one | (reached[one] or 0)
                reached[place] = found & ~(1 << place)
    return [found or 0 for found in reached]


class Pipelines:
    """Every pipeline of the project."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("workflow", "gitlab", "jenkinsfile")

    def __init__(self, pipelines: Iterable[Pipeline], demands: Iterable[CoverageDemand] = ()) -> None:
        self.demands = tuple(demands)
        self.pipelines = tuple(sorted(pipelines, key=lambda pipeline: pipeline.path))
        staging = any(job.does("deploy") and job.tier == "staging" for p in self.pipelines for job in p.jobs)
        for pipeline in self.pipelines:
            pipeline.repository_has_staging = staging
            for start in pipeline.starts_after:
                start.pipeline.followers.append(pipeline)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        words = vocabulary(tuple(summaries.of(StageWords)))
        recognizer = Recognizer(words, summaries.of(NamedScripts), summaries.of(ActionSummary))
        pipelines = github_pipelines(summaries.of(WorkflowSummary), recognizer)
        pipelines.extend(gitlab_pipelines(summaries.of(GitlabSummary), recognizer))
        pipelines.extend(_jenkins(summary, recognizer) for summary in summaries.of(JenkinsSummary))
        return cls(pipelines, summaries.of(CoverageDemand))

    def within(self, paths: Collection[str]) -> Pipelines:
        """Only the pipelines of these files, with what the others told of them."""
        chosen = Pipelines((), self.demands)
        chosen.pipelines = tuple(pipeline for pipeline in self.pipelines if pipeline.path in paths)
        return chosen


class Recognizer:
    """Says what a job's steps and names stand for, with the scripts and actions of the repository known."""

    def __init__(self, words: Vocabulary, scripts: Iterable[NamedScripts], actions: Iterable[ActionSummary]) -> None:
        self.words = words
        self.actions = {action.folder: action for action in actions}
        self._contents: dict[str, tuple[Evidence, ...]] = {}
        self._expansions: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
        self.scripts: dict[tuple[str, str], str] = {}
        for one in sorted(scripts, key=lambda scripts: (scripts.path.count("/"), scripts.path)):
            for runner in one.runners:
                for name, text in one.scripts:
                    self.scripts.setdefault((runner, name), text)

    def recognize(self, job: Job) -> None:
        """Give the job its evidence."""
        named, told_by = self.words.named(job.id, job.name)
        meta = "meta" in named
        names = named - {"meta"}
        job.ran = tuple(self._ran(job.steps, job.matrix_values))
        own = [Evidence(r.said.stage, r.said.words, r.location, r.index) for r in job.ran if r.said.stage in _WORK]
        own.extend(self._actions(job.steps))
        own = _sensible(own, names, job, meta)
        resolved = [
            e
            for step, index in zip(job.steps, range(len(job.steps)), strict=True)
            for e in self._composite(step, index)
        ]
        if job.callee is not None:
            for inner in job.callee.jobs:
                resolved.extend(replace(e, step=-1) for e in (*inner.own, *inner.content))
        resolved.extend(
            Evidence("test", f"{r.said.words} runs tests", r.location, r.index, source="build")
            for r in job.ran
            if _tests_too(r)
        )
        resolved = list({evidence.stage: evidence for evidence in reversed(resolved)}.values())
        job.content = tuple(resolved)
        found = {evidence.stage for evidence in own}
        quoted = f"its name '{told_by}'"
        own.extend(Evidence(stage, quoted, job.location, -1, strong=False) for stage in sorted(names - found, key=str))
        if not (names - {"plan"}) and not meta:
            own.extend(evidence for evidence in resolved if evidence.source != "build")
        if job.called is not None and not own and not meta:
            own.extend(self._called(job, job.called))
        self._by_environment(job, own, meta)
        vague = {r.index for r in job.ran if r.said.vague}
        if not own and not meta:
            own.extend(self._unknown_actions(job.steps))
        if (not own or vague) and not meta:
            own.extend(self._step_names(job.steps, vague))
        job.own = tuple(own)

    def _ran(self, steps: Iterable[StepSummary], matrix: MatrixValues = ()) -> Iterator[Ran]:
        for index, step in enumerate(steps):
            script = step.script
            if script is None or not reads(script.shell):
                continue
            for said in self._said(script.text, matrix):
                location = script.at(script.text.count("\n", 0, said.offset) + 1)
                if said.stage:
                    yield Ran(said, step, index, location)
                if said.task is not None:
                    for stage, words in self._expanded(said.task):
                        if not said.stage or stage in GATES or stage in ("rollout", "rollback"):
                            words = f"{said.words}: {words}"
                            yield Ran(Said(stage, words, said.command, said.offset), step, index, location)
            for key, _ in step.env:
                if "WEBHOOK" in key.text.upper():
                    service = next(
                        (name for text, name in stage_words.WEBHOOKS.items() if text in key.text.upper()), None
                    )
                    if service is not None:
                        yield Ran(Said("notify", f"a message to {service}", None, 0), step, index, key.location)

    def _said(self, script: str, matrix: MatrixValues) -> Iterator[Said]:
        """What the commands say, with every value that the matrix puts into them."""
        yield from self.words.of_script(script)
        values = [(key, texts) for key, texts in matrix if f"matrix.{key}" in script]
        if not values:
            return
        known = {(said.stage, said.words) for said in self.words.of_script(script)}
        for number in range(min(MOST_VALUES, max(len(texts) for _, texts in values))):
            text = script
            for key, texts in values:
                pattern = re.compile(rf"\$\{{\{{\s*matrix\.{re.escape(key)}\s*\}}\}}")
                text = texts[number % len(texts)].join(pattern.split(text))
            for said in self.words.of_script(text):
                if (said.stage, said.words) not in known:
                    known.add((said.stage, said.words))
                    yield replace(said, offset=min(said.offset, len(script)))

    def _expanded(self, task: tuple[str, str], depth: int = 0) -> tuple[tuple[str, str], ...]:
        """The stages of what a script of the project runs, scripts that it runs in turn included; each once."""
        if task not in self._expansions and depth < DEEPEST:
            self._expansions[task] = ()  # a script that runs itself adds nothing
            found: dict[str, str] = {}
            for said in self.words.of_script(self.scripts.get(task, "")):
                if said.stage:
                    found.setdefault(said.stage, said.words)
                elif said.task is not None:
                    for stage, words in self._expanded(said.task, depth + 1):
                        found.setdefault(stage, words)
            self._expansions[task] = tuple(found.items())
        return self._expansions.get(task, ())

    def _actions(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        for index, step in enumerate(steps):
            yield from self._action(step, index)

    def _action(self, step: StepSummary, index: int) -> Iterator[Evidence]:
        uses = step.uses
        if uses is None:
            return
        if uses.kind == "repository":
            stage = self.words.of_action(uses.action)
            if stage in _WORK:
                yield Evidence(stage, f"`{uses.action}`", uses.location, index)
        elif uses.kind == "docker":
            stage, _ = self.words.of_command(uses.image.rpartition("/")[2], [])
            if stage in _WORK:
                yield Evidence(stage, f"`{uses.image}`", uses.location, index)

    def _composite(self, step: StepSummary, index: int, depth: int = 0) -> Iterator[Evidence]:
        """What the steps of a local composite action do, as the step that uses it."""
        if step.uses is not None and step.uses.local:
            for evidence in self._of_action(step.uses.path, depth):
                yield replace(evidence, step=index)

    def _of_action(self, folder: str, depth: int) -> tuple[Evidence, ...]:
        action = self.actions.get(folder)
        if action is None or depth >= DEEPEST:
            return ()
        if folder not in self._contents:
            self._contents[folder] = ()  # an action that uses itself adds nothing
            found = [
                Evidence(r.said.stage, r.said.words, r.location, 0)
                for r in self._ran(action.steps)
                if r.said.stage in _WORK
            ]
            for inner in action.steps:
                found.extend(self._action(inner, 0))
                found.extend(self._composite(inner, 0, depth + 1))
            self._contents[folder] = tuple({evidence.stage: evidence for evidence in reversed(found)}.values())
        return self._contents[folder]

    def _called(self, job: Job, uses: Uses) -> Iterator[Evidence]:
        """A reusable workflow of another repository is known by its file's name."""
        file = uses.path.rpartition("/")[2].partition(".")[0]
        stages = self.words.of_name(file) - {"meta"}
        if not stages and {"ci", "checks"} & {*words_of(file), *words_of(job.id)}:
            stages = frozenset(("lint", "test"))
        for stage in sorted(stages):
            yield Evidence(stage, f"the workflow `{file}`", uses.location, -1, strong=False)

    def _by_environment(self, job: Job, own: list[Evidence], meta: bool) -> None:
        if job.environment is None or not job.environment.text or meta:
            return
        stage = deploys_to(job.environment.text)
        known = {evidence.stage for evidence in own}
        if stage is None or stage in known or known & _NOT_BY_ENVIRONMENT:
            return
        said = f"its environment '{job.environment.text}'"
        own.append(Evidence(stage, said, job.environment.location, -1, strong=False, source="environment"))

    def _unknown_actions(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        """An action that is not known is known by its name: `./.github/actions/deploy`."""
        for index, step in enumerate(steps):
            if step.uses is None or prepares(step.uses.action) or self.words.of_action(step.uses.action):
                continue
            name = (step.uses.path or step.uses.repo).rpartition("/")[2]
            for stage in sorted(self.words.of_name(name) - {"meta", "plan"}):
                shown = step.uses.action or step.uses.text
                yield Evidence(stage, f"the action `{shown}`", step.uses.location, index, strong=False)

    def _step_names(self, steps: Iterable[StepSummary], only: set[int]) -> Iterator[Evidence]:
        for index, step in enumerate(steps):
            if only and index not in only:
                continue
            words = words_of(step.name.text)
            if not words or words[0] in _PREPARING_STEP or (step.uses is not None and prepares(step.uses.action)):
                continue
            for stage in sorted(self.words.of_name(step.name.text) - {"meta", "plan"}):
                yield Evidence(stage, f"its step '{step.name.text}'", step.name.location, index, strong=False)


_WORK = frozenset((*stage_words.STAGES, "plan"))
_NOT_BY_ENVIRONMENT = frozenset(("test", "notify", "security", "lint", "build", "publish", "plan", "rollback"))


def _sensible(own: list[Evidence], names: frozenset[str], job: Job, meta: bool) -> list[Evidence]:
    """Without what only looks like a deploy: to a cluster that lives as long as the job, for a test, or away."""
    dropped: set[str] = set()
    if (names & (GATES | {"plan"}) and "deploy" not in names) or _has_local_cluster(job):
        dropped.add("deploy")
    if meta or {*words_of(job.id), *words_of(job.name)} & _TEARDOWN:
        dropped.add("deploy")
    if "plan" in names:
        dropped.add("publish")
    return [evidence for evidence in own if evidence.stage not in dropped]


def _tests_too(ran: Ran) -> bool:
    """Whether a build runs the tests on its way: Maven's and Gradle's do, unless they are told not to."""
    command = ran.command
    if command is None or ran.said.stage not in ("build", "publish") or ran.said.task is None:
        return False
    runner, goal = ran.said.task
    texts = command.texts
    if runner == "mvn":
        return goal in ("package", "install", "verify", "deploy") and not any("skip" in t and "est" in t for t in texts)
    return runner == "gradle" and goal.rpartition(":")[2] in ("build", "check") and "test" not in texts


def _has_local_cluster(job: Job) -> bool:
    for step in job.steps:
        if step.uses is not None and _LOCAL_CLUSTERS.search(step.uses.action.lower().replace("-", " ")):
            return True
        if step.script is not None and re.search(
            r"\b(?:kind|k3d) (?:create )?cluster|\bminikube start|\bkind create", step.script.text
        ):
            return True
    return False


def pipelines(view: Pipelines) -> Iterable[Pipeline]:
    return view.pipelines


def pipeline_jobs(view: Pipelines) -> Iterator[Job]:
    for pipeline in view.pipelines:
        yield from pipeline.jobs


def deploys(view: Pipelines) -> Iterator[Job]:
    """Jobs that look like a deploy."""
    return (job for job in pipeline_jobs(view) if job.does("deploy"))


def coverage_demands(view: Pipelines) -> Iterable[CoverageDemand]:
    """The thresholds of a repository with pipelines."""
    return view.demands if view.pipelines else ()


def deliveries(view: Pipelines) -> Iterator[Job]:
    """Jobs that deploy the product, where their pipeline begins; what is only called is judged at its callers."""
    return (job for job in deploys(view) if job.delivers and not job.pipeline.only_called)


def repositories(view: Pipelines) -> Iterator[Repository]:
    """The repository, where it delivers something."""
    if view.pipelines:
        repository = Repository(view.pipelines, view.pipelines[0].location, bool(view.demands))
        if repository.delivery is not None:
            repository.location = repository.delivery.location
            yield repository


# GitHub Actions


def github_pipelines(summaries: Iterable[WorkflowSummary], recognizer: Recognizer) -> list[Pipeline]:
    files = {summary.path: summary for summary in summaries if summary.readable}
    made: dict[str, Pipeline] = {}
    for path in files:
        _github(path, files, recognizer, made, ())
    by_name = {files[path].name.text or path: pipeline for path, pipeline in made.items()}
    for path, pipeline in made.items():
        pipeline.starts_after = tuple(_starts(files[path], by_name))
    return list(made.values())


def _github(
    path: str,
    files: dict[str, WorkflowSummary],
    recognizer: Recognizer,
    made: dict[str, Pipeline],
    calling: tuple[str, ...],
) -> Pipeline:
    if path in made:
        return made[path]
    summary = files[path]
    location = next((job.id.location for job in summary.jobs), summary.name.location)
    pipeline = Pipeline(
        path,
        "github",
        summary.name.text or path,
        location,
        triggers=tuple(trigger.event.text for trigger in summary.triggers),
        serialized=summary.serialized,
    )
    pipeline.jobs = tuple(_github_job(pipeline, job) for job in summary.jobs)
    for job in pipeline.jobs:
        uses = job.called
        known = uses is not None and uses.local and uses.path in files and len(calling) < DEEPEST
        if uses is not None and known and uses.path not in (*calling, path):
            job.callee = _github(uses.path, files, recognizer, made, (*calling, path))
            job.callee.callers.append(job)
        elif uses is not None:
            pipeline.complete = False
        recognizer.recognize(job)
    made[path] = pipeline
    return pipeline


def _github_job(pipeline: Pipeline, job: JobSummary) -> Job:
    state = Condition.read(job.condition)
    return Job(
        pipeline,
        job.id.text,
        job.id.location,
        job.name.text,
        tuple(need.text for need in job.needs),
        job.steps,
        condition=job.condition if job.condition.text else None,
        environment=job.environment if job.environment.text else None,
        timeout=job.timeout if job.timeout.text else None,
        tolerated=job.continue_on_error if job.continue_on_error.text else None,
        matrix=job.matrix,
        matrix_values=job.matrix_values,
        after_failure=job.condition.location if state.after_failure and not state.checks_results else None,
        only_after_failure=state.only_after_failure,
        called=job.uses,
        arguments=job.arguments,
        serialized=job.serialized,
        permissions=job.permissions,
        caches="self-hosted" in job.runs_on,
        pull_requests_only=state.pull_requests_only,
        by_hand_only=state.by_hand_only,
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """When an `if` lets something run."""

    after_failure: bool = False
    """Though something before it failed."""
    only_after_failure: bool = False
    checks_results: bool = False
    """It looks at the results of what it needs."""
    pull_requests_only: bool = False
    by_hand_only: bool = False

    @classmethod
    def read(cls, text: Text | None) -> Condition:
        span = condition(text.text) if text is not None and text.text else None
        if span is None or span.tree is None:
            return cls()
        denied = {call.name.lower() for part in walk(span.tree) if isinstance(part, Not) for call in calls(part)}
        named = {call.name.lower() for call in calls(span.tree)} - denied
        paths = [reference.path for reference in references(span.tree)]
        return cls(
            after_failure="success" not in named
            and "failure" not in denied
            and ("always" in named or "failure" in named or "cancelled" in denied),
            only_after_failure="failure" in named and not named & {"always", "success"},
            checks_results=any(path == ("needs",) or _is_result(path) for path in paths),
            pull_requests_only=_EVENT_PULL_REQUEST.search(span_text(text)) is not None,
            by_hand_only=_EVENT_BY_HAND.search(span_text(text)) is not None,
        )


_EVENT_PULL_REQUEST = re.compile(
    r"github\.event_name\s*==\s*'pull_request|github\.event\.pull_request\.(?!merged)|github\.event\.action"
)
_EVENT_BY_HAND = re.compile(r"github\.event_name\s*==\s*'(?:workflow_dispatch|schedule|issue_comment)|\binputs\.")


def span_text(text: Text | None) -> str:
    return text.text if text is not None else ""


def _is_result(path: tuple[str, ...]) -> bool:
    return path[:1] in (("needs",), ("steps",)) and path[-1] in ("result", "outcome", "conclusion")


_AFTER_FAILED_RUN = re.compile(r"workflow_run\.conclusion\s*==\s*'(?:failure|cancelled|timed_out)'")


def _starts(summary: WorkflowSummary, by_name: dict[str, Pipeline]) -> Iterator[Start]:
    trigger = summary.trigger("workflow_run")
    if trigger is None:
        return
    texts = [text for job in summary.jobs for text in (job.condition, *(step.condition for step in job.steps))]
    scripts = [step.script.text for job in summary.jobs for step in job.steps if step.script is not None]
    looking = [text for text in (*(text.text for text in texts), *scripts) if "workflow_run.conclusion" in text]
    checked = any(not _AFTER_FAILED_RUN.search(text) for text in looking)
    for name in trigger.filter("workflows"):
        if name in by_name:
            yield Start(by_name[name], trigger.event.location, checked)


# GitLab CI


def gitlab_pipelines(summaries: Iterable[GitlabSummary], recognizer: Recognizer) -> Iterator[Pipeline]:
    for resolved in resolve(summaries):
        pipeline = Pipeline(resolved.path, "gitlab", resolved.path, resolved.location, complete=resolved.complete)
        pipeline.inherited = tuple(
            Evidence(stage, f"the template `{name.text}`", name.location, -1)
            for name in resolved.templates
            for stage in recognizer.words.of_name(name.text)
            if stage in RANK
        )
        pipeline.jobs = tuple(_gitlab_job(pipeline, job) for job in resolved.jobs)
        for job in pipeline.jobs:
            recognizer.recognize(job)
        yield pipeline


def _gitlab_job(pipeline: Pipeline, job: GitlabJob) -> Job:
    return Job(
        pipeline,
        job.id.text,
        job.id.location,
        "" if recognizable(job.id.text) else job.stage,
        job.needs,
        job.steps,
        environment=job.environment,
        timeout=job.timeout,
        tolerated=job.allow_failure,
        matrix=job.parallel,
        manual=job.manual,
        after_failure=job.after_failure,
        only_after_failure=job.only_after_failure,
        at_once=job.at_once,
        serialized=job.resource_group,
        caches="cache" in job.keys,
    )


def recognizable(job_id: str) -> bool:
    """Whether a job's own name says its stage; of a GitLab job the stage that it stands in says it otherwise."""
    return bool(vocabulary(()).of_name(job_id) - {"meta"})


# Jenkins


def _jenkins(summary: JenkinsSummary, recognizer: Recognizer) -> Pipeline:
    pipeline = Pipeline(summary.path, "jenkins", summary.path, summary.location)
    pipeline.jobs = tuple(
        Job(
            pipeline,
            stage.name.text,
            stage.name.location,
            "",
            stage.needs,
            stage.steps,
            condition=stage.when,
            timeout=stage.timeout or summary.timeout,
            tolerated=stage.tolerated,
            manual=stage.input,
            serialized=summary.serialized,
        )
        for stage in summary.stages
    )
    if summary.after_failure:
        pipeline.jobs += (
            Job(
                pipeline,
                "post",
                summary.after_failure[0].location,
                "",
                tuple(job.id for job in pipeline.jobs),
                summary.after_failure,
                after_failure=summary.after_failure[0].location,
                only_after_failure=True,
            ),
        )
    for job in pipeline.jobs:
        recognizer.recognize(job)
    return pipeline
