"""The jobs of delivery pipelines, whatever CI runs them: what each does, what it waits for, where it delivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass, field
from devopslint.github.expressions import Not, calls, condition, references, walk
from devopslint.github.summaries import PermissionsSummary
from devopslint.images.summaries import MadeRegistry
from devopslint.model import Location
from devopslint.pipeline import stage_words
from devopslint.pipeline.evidence import Evidence, Said
from devopslint.pipeline.tiers import tier
from devopslint.pipeline.words import words_of
from devopslint.readers.shell_words import Command
from devopslint.scripts.steps import StepSummary, Text, Uses

MatrixValues = tuple[tuple[str, tuple[str, ...]], ...]

RANK = {stage: rank for rank, stage in enumerate(stage_words.STAGES)}
"""Where a stage stands among the others."""

_FOR_TESTS = frozenset(
    "test tests testing integration e2e dev develop development sandbox qa nightly demo".split()  # noqa: SIM905  # shorter than a list
)
_TARGET_KEYS = (
    ["environment"], ["env"], ["resource"], ["vars"], ["stage"], ["target"], ["namespace"], ["cluster"], ["tier"], ["slot"]
)  # fmt: skip
_TARGET_OPTIONS = ("-n", "--namespace", "--context", "--stage", "-e", "--env", "--environment", "--kube-context")
_EXPRESSION = compiled(r"\$\{\{\s*(?P<kind>matrix|env)\.(?P<name>[\w.-]+)\s*\}\}")
_PAGES = compiled(r"`[\w./-]*pages\b|`gh-pages|gh-deploy|ghp-import|`mike ")
"""What puts a site of documents onto the pages of its repository."""
_SPOKEN = {"security": "security scan", "publish": "publication"}
_PREVIEW = frozenset(
    "preview previews review pr ephemeral docs doc documentation storybook pages mkdocs wiki".split()  # noqa: SIM905  # shorter than a list
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

    @property
    def program(self) -> str:
        """What does the work, behind runners and named scripts: `npx cdk deploy` -> cdk."""
        return (self.said.words.rpartition("`: `")[2].strip("`").split() or [""])[0]


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
    starts_itself: bool = False
    """True where nobody has to start it in other runs of the same pipeline."""
    after_failure: Location | None = None
    """What makes it run though what it needs has failed; None where it waits for success."""
    only_after_failure: bool = False
    at_once: Location | None = None
    """What makes it start before the stages ahead of it: an empty `needs`."""
    called: Uses | None = None
    downstream: bool = False
    """True where it starts a pipeline that is not here."""
    arguments: tuple[tuple[Text, Text], ...] = ()
    serialized: bool = False
    """True where a second run of it waits, or the first is stopped."""
    permissions: PermissionsSummary | None = None
    caches: bool = False
    """True where the CI itself, or a runner of one's own, keeps files for the next run."""
    pull_requests_only: bool = False
    by_hand_only: bool = False
    declared_tier: str = ""
    """The tier that GitLab is told of the environment."""
    refs: frozenset[str] = frozenset()
    """The branches that it is limited to, `tags` for any tag; empty where it runs on any."""
    callee: Pipeline | None = None
    env: tuple[tuple[Text, Text], ...] = ()
    """The variables that are set for all of its steps."""
    unread: bool = False
    """True where it runs something of which nothing is known."""
    trace: tuple[str, ...] = ()
    """How its stages were told, step by step."""
    own: tuple[Evidence, ...] = ()
    """What its names and its own steps say."""
    content: tuple[Evidence, ...] = ()
    """What the actions and workflows that it calls do, which its own words may not tell."""
    ran: tuple[Ran, ...] = ()
    through: tuple[Ran, ...] = ()
    """What the local actions run that it uses, as if its own steps did."""

    @property
    def all_ran(self) -> tuple[Ran, ...]:
        return (*self.ran, *self.through)

    @property
    def label(self) -> str:
        return f"job {self.id}"

    @property
    def path(self) -> str:
        return self.location.path

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """In the order of its steps; a stage that only its name tells stands where it belongs among the others."""
        first: dict[str, tuple[int, int]] = {}
        for evidence in self.own:
            if evidence.stage in RANK and evidence.step >= 0:
                place = (evidence.step, evidence.location.line)
                first[evidence.stage] = min(first.get(evidence.stage, place), place)
        ordered = sorted(first, key=lambda stage: (*first[stage], RANK[stage]))
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
        return f"looks like a {_SPOKEN.get(stage, stage)} ({self.said(self.evidence(stage))})"

    def said(self, evidence: Evidence | None) -> str:
        """The evidence with its place, which may be in another file."""
        if evidence is None or evidence.location.path == self.path:
            return str(evidence)
        return f"{evidence.said}, {evidence.location.path}:{evidence.location.line}"

    def evidence(self, stage: str) -> Evidence | None:
        """The best that says so: what it runs rather than what it is called."""
        found = [evidence for evidence in (*self.own, *self.content) if evidence.stage == stage]
        return min(found, key=lambda evidence: (not evidence.strong, max(evidence.step, 0)), default=None)

    def does(self, stage: str) -> bool:
        return stage in self.stages

    def meets(self, other: Job) -> bool:
        """Whether both may run for one change: not where each is limited to branches, or to changed files, of its own."""
        if any(files.isdisjoint(other.components.get(job, files)) for job, files in self.components.items()):
            return False
        if not self.refs or not other.refs or self.refs & other.refs:
            return True
        names = self.refs | other.refs
        return any("$" in name for name in names) and "tags" not in names

    @cached_property
    def components(self) -> dict[str, set[str]]:
        """By the id of the job that looks which files have changed: the outputs that the condition asks for."""
        found: dict[str, set[str]] = {}
        for match in _OUTPUT.finditer(self.condition.text if self.condition is not None else ""):
            asked = self.pipeline.by_id.get(match["job"].lower())
            steps = asked.steps if asked is not None else ()
            if any(step.uses is not None and _CHANGES.search(step.uses.action.lower()) for step in steps):
                found.setdefault(match["job"].lower(), set()).add(match["output"].lower())
        return found

    def any_ahead(self, test: Callable[[Job], bool]) -> bool:
        """Whether a job passes the test that this one waits for, directly or not."""
        return self.pipeline.any_ahead(self, test)

    def first_ahead(self, test: Callable[[Job], bool]) -> Job | None:
        """The first of those that it waits for in its own pipeline that passes."""
        return next((one for one in self.pipeline.passing(test) if self.pipeline.waits_for(self, one)), None)

    def any_behind(self, test: Callable[[Job], bool]) -> bool:
        """Whether a job passes the test that waits for this one, directly or not."""
        return self.pipeline.any_behind(self, test)

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
        return self.surely("deploy")

    def surely(self, stage: str) -> bool:
        """Whether more says so than what it, its steps or its environment are called."""
        named = ("environment", "name", "step")
        return any(e.stage == stage and e.source not in named for e in (*self.own, *self.content))

    @property
    def unseen(self) -> bool:
        """Whether what it calls or starts is not here."""
        return self.downstream or (self.called is not None and self.callee is None)

    @property
    def opaque(self) -> bool:
        """Whether it calls a workflow that is not here and whose name does not tell what it does."""
        if not self.unseen:
            return False
        return all(evidence.stage not in RANK or evidence.source == "guess" for evidence in self.own)

    def actions(self, *names: str) -> Iterator[StepSummary]:
        """Its steps that use one of these actions."""
        for step in self.steps:
            if step.uses is not None and step.uses.action.lower() in names:
                yield step

    @cached_property
    def tier(self) -> str | None:
        """Where a deploy goes: `production`, `staging` (anything before it), or None where nothing says."""
        if self.declared_tier:
            return "production" if self.declared_tier == "production" else "staging"
        environment = self.environment.text if self.environment is not None else ""
        for names in (
            self._values_of(environment),
            self._told_targets,
            self._targets_of_commands,
            (self.id, self.name),
        ):
            found = {named for name in names if (named := tier(name)) is not None}
            if found:
                # The tiers of a matrix are passed side by side, and the id and the name say one thing.
                return "staging" if names[0] == self.id and "staging" in found else min(found)
        inner = {one.tier for one in self.inner if one.does("deploy")} if self.callee is not None else set()
        return inner.pop() if len(inner) == 1 else None

    def _values_of(self, text: str) -> tuple[str, ...]:
        """What a text may be, the matrix and the environment put in; nothing where something else decides."""
        found = _EXPRESSION.fullmatch(text.strip())
        if found is None:
            return (text,) if "$" not in text else ()
        if found["kind"] == "matrix":
            return next((texts for key, texts in self.matrix_values if key == found["name"]), ())
        return tuple(value.text for key, value in self.env if key.text == found["name"] and "$" not in value.text)

    @property
    def _told_targets(self) -> tuple[str, ...]:
        """The environments that are handed to a called workflow, or to the actions that deploy."""
        given = [*self.arguments]
        for evidence in self.own:
            if evidence.stage == "deploy" and evidence.source == "action" and evidence.step >= 0:
                given.extend((*self.steps[evidence.step].arguments, *self.steps[evidence.step].env))
        return tuple(
            one
            for key, value in given
            if words_of(key.text)[-1:] in _TARGET_KEYS
            for one in self._values_of(value.text)
        )

    @property
    def for_tests(self) -> bool:
        """Whether it deploys to where tests or developers work: that comes before the tests."""
        environment = self.environment.text if self.environment is not None else ""
        return bool({*words_of(self.id), *words_of(self.name), *words_of(environment)} & _FOR_TESTS)

    @property
    def _targets_of_commands(self) -> tuple[str, ...]:
        names: list[str] = []
        for ran in self.ran:
            command = ran.command
            if command is None or ran.said.stage != "deploy":
                continue
            option = command.parsed(_TARGET_OPTIONS).option(*_TARGET_OPTIONS)
            if option is not None and option.value is not None and "$" not in option.value.text:
                names.append(option.value.text)
        return tuple(names)

    @property
    def preview(self) -> bool:
        """Whether it delivers something that is not the product's: a pull request's preview, the documentation."""
        words = {*words_of(self.id), *words_of(self.name)}
        if words & _PREVIEW:
            return True
        environment = self.environment.text if self.environment is not None else ""
        if environment == "github-pages" or set(words_of(environment)) & _PREVIEW:
            return True
        deploys = [evidence for evidence in self.own if evidence.stage == "deploy"]
        if deploys and all(_PAGES.search(evidence.said.lower()) for evidence in deploys):
            return True
        return self.pipeline.for_pull_requests


def approves(job: Job) -> bool:
    """Whether a person lets go on what waits for this job."""
    environment = job.environment.text.lower() if job.environment is not None else ""
    return (
        (job.manual and job.tolerated is None)
        or tier(environment) == "production"
        or "approv" in environment
        or any(job.actions("trstringer/manual-approval"))
    )


def asks_a_person(job: Job) -> bool:
    """Whether the files say so: not an environment, whose protection stands in settings."""
    return (job.manual and job.tolerated is None) or any(job.actions("trstringer/manual-approval"))


_SETTINGS = {"github": "GitHub", "gitlab": "GitLab"}


def protection_unseen(job: Job) -> str:
    """Why nobody knows from the files whether a person lets a job with an environment begin."""
    environment = job.environment.text if job.environment is not None else ""
    named = "its environment" if "$" in environment else f"environment '{environment}'"
    where = _SETTINGS.get(job.pipeline.system, "the server")
    return f"what {named} asks for stands in the settings of {where}"


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
    timeout: Text | None = None
    """How long all of its jobs may take together."""
    child: bool = False
    """True where a job of another GitLab pipeline starts it."""
    wrapper: str = ""
    """The step of a Jenkins library that all of it stands in; empty where there is none."""
    inherited: tuple[Evidence, ...] = ()
    """Stages that no job of the file shows: of an included template."""
    defaults: tuple[tuple[str, str], ...] = ()
    """Of a GitHub workflow that others call: its inputs in lower case, with what they are where a caller gives nothing."""
    _passed: dict[Callable[[Job], bool], int] = field(default_factory=dict, init=False, repr=False)
    """By test: the places of the jobs that pass it, as bits."""

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

    def any_ahead(self, job: Job, test: Callable[[Job], bool]) -> bool:
        return bool(self._ancestors[self._places[id(job)]] & self._passing(test))

    def any_behind(self, job: Job, test: Callable[[Job], bool]) -> bool:
        return bool(self._descendants[self._places[id(job)]] & self._passing(test))

    def passing(self, test: Callable[[Job], bool]) -> list[Job]:
        """The jobs that pass a test, which says the same of a job each time that it is asked."""
        return self._members(self._passing(test))

    def _passing(self, test: Callable[[Job], bool]) -> int:
        """Their places, as bits."""
        if test not in self._passed:
            self._passed[test] = sum(1 << place for place, job in enumerate(self.jobs) if test(job))
        return self._passed[test]

    def waits_for(self, job: Job, other: Job) -> bool:
        return bool(self._ancestors[self._places[id(job)]] >> self._places[id(other)] & 1)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(job): place for place, job in enumerate(self.jobs)}

    def _members(self, places: int) -> list[Job]:
        return [job for place, job in enumerate(self.jobs) if places >> place & 1]

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
        return self.jobs[(places & -places).bit_length() - 1] if places else None

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
                    if job.surely(stage):
                        found.setdefault(stage, []).append(job)
        return found

    @property
    def only_called(self) -> bool:
        """Whether it runs for other workflows only (and by hand)."""
        return self.child or (
            "workflow_call" in self.triggers and set(self.triggers) <= {"workflow_call", "workflow_dispatch"}
        )

    @property
    def only_by_hand(self) -> bool:
        """Whether no change of the repository starts it: a person does, or the clock."""
        return bool(self.triggers) and set(self.triggers) <= {
            "workflow_dispatch",
            "workflow_call",
            "repository_dispatch",
            "schedule",
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
    unread: tuple[str, ...] = ()
    """The paths of pipelines that nobody here can read."""
    registries: tuple[MadeRegistry, ...] = ()
    """Where images are pushed to, as far as the repository makes it."""

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
        """False where something that is not here, or that is not read, may do more."""
        return not self.may_do_more

    @cached_property
    def may_do_more(self) -> str:
        """Why a stage that no job shows may be done all the same; empty where nothing else can do it."""
        if self.unread:
            return f"{self.unread[0]} is a pipeline that is not read"
        opaque = next((job for job in self.jobs if job.opaque), None)
        if opaque is not None:
            return f"job '{opaque.id}' runs what is not here"
        for pipeline in self.pipelines:
            if pipeline.system in ("gitlab", "jenkins") and not pipeline.complete:
                return f"{pipeline.path} takes in what is not here"
        if self.delivery is not None and self._is_for_others(self.delivery.pipeline):
            return f"{self.delivery.pipeline.path} is there for workflows of other repositories"
        return ""

    def _is_for_others(self, pipeline: Pipeline) -> bool:
        """Whether nothing but a call starts it, and nothing here calls it."""
        called = set(pipeline.triggers) == {"workflow_call"}
        return called and not any(job.callee is pipeline for job in self.jobs)


_UNDOING = ("--atomic", "--rollback-on-failure", "--cleanup-on-fail")
_ROLLING_BACK = compiled(r"(?i)\brollback(?:=true)?\Z|\brollback=true\b")
"""A value that tells the platform to go back: `--update-failure-action rollback`, ECS's circuit breaker."""


def going_back(ran: Ran) -> str:
    """What makes a deploy go back by itself when it fails: `--atomic`; empty where nothing does."""
    if ran.command is None or ran.said.stage != "deploy":
        return ""
    words = (text for text in ran.command.texts if text.split("=")[0] in _UNDOING or _ROLLING_BACK.search(text))
    return next(words, "")


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


class Condition(NamedTuple):
    """When an `if` lets something run."""

    after_failure: bool = False
    """Though something before it failed."""
    only_after_failure: bool = False
    checks_results: bool = False
    """It looks at the results of what it needs."""
    pull_requests_only: bool = False
    by_hand_only: bool = False
    refs: frozenset[str] = frozenset()
    """The branch that it asks for, or `tags`; empty where it asks for none, or for one of several things."""

    @classmethod
    def read(cls, text: Text | None) -> Condition:
        span = condition(text.text) if text is not None and text.text else None
        if span is None or span.tree is None:
            return cls()
        written = text.text if text is not None else ""
        denied = {call.name.lower() for part in walk(span.tree) if isinstance(part, Not) for call in calls(part)}
        named = {call.name.lower() for call in calls(span.tree)} - denied
        paths = [reference.path for reference in references(span.tree)]
        failed = "failure" in named or "success" in denied
        always = "always" in named or ("cancelled" in denied and not failed)
        return cls(
            after_failure="success" not in named and "failure" not in denied and (always or failed),
            only_after_failure="success" not in named
            and ((failed and not always) or _FAILED_RESULT.fullmatch(written) is not None),
            checks_results=any(path == ("needs",) or _is_result(path) for path in paths)
            or _TOLD_RESULT.search(written) is not None,
            pull_requests_only=_EVENT_PULL_REQUEST.search(written) is not None,
            by_hand_only=_EVENT_BY_HAND.search(written) is not None,
            refs=_refs(written) if "||" not in written and "!" not in written.replace("!=", "") else frozenset(),
        )


_OUTPUT = compiled(r"(?<!!)needs\.(?P<job>[\w-]+)\.outputs\.(?P<output>[\w-]++)(?!\s*(?:!=|==\s*'false'))")
_CHANGES = compiled(r"paths?-filter|changed-files|changed-paths")
"""The actions that tell which files have changed."""


def _refs(condition: str) -> frozenset[str]:
    found = {match["name"] for match in _BRANCH.finditer(condition)}
    return frozenset(found) if len(found) == 1 else frozenset({"tags"} if not found and _TAG.search(condition) else ())


_BRANCH = compiled(r"github\.ref(?:_name)?\s*==\s*'(?:refs/heads/)?(?P<name>[^'/][^']*)'")
_TAG = compiled(r"startsWith\(\s*github\.ref\s*,\s*'refs/tags/|github\.ref_type\s*==\s*'tag'")


_FAILED_RESULT = compiled(
    r"(?:\$\{\{)?\s*(?:(?:always|failure)\(\)\s*&&\s*)?"
    r"(?:needs|steps)\.[\w-]+\.(?:result|outcome|conclusion)\s*==\s*'(?:failure|cancelled)'\s*(?:\}\})?\s*"
)
"""A condition that looks whether one thing has failed, and asks nothing else."""
_TOLD_RESULT = compiled(
    r"\bneeds\.[\w-]+\.outputs\.[\w-]*(?:success|succeeded|passed|result|conclusion)[\w-]*\s*==\s*'(?:true|success|passed|ok)'"
)
"""A job that looks at the results of others tells of them: `needs.gate.outputs.success == 'true'`."""
_EVENT_PULL_REQUEST = compiled(
    r"github\.event_name\s*==\s*'pull_request|github\.event\.pull_request\.(?!merged)|github\.event\.action"
)
_EVENT_BY_HAND = compiled(r"github\.event_name\s*==\s*'(?:workflow_dispatch|schedule|issue_comment)|\binputs\.")


def _is_result(path: tuple[str, ...]) -> bool:
    return path[:1] in (("needs",), ("steps",)) and path[-1] in ("result", "outcome", "conclusion")
