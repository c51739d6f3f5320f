"""What steps, the actions that nothing is known of, and called workflows are named after, with the rows for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple
from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.interpreter import answer, first
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.rows import AnswerRow, ExceptionRow, NarrowingRow
from devopslint.pipeline.stage_words import COMMAND_INPUTS, GATES
from devopslint.pipeline.vocabulary import Vocabulary, prepares
from devopslint.pipeline.words import words_of
from devopslint.scripts.steps import StepSummary, Uses

_PREPARING = frozenset(
    "setup set install cache upload checkout login log get download configure load pull fetch restore save free init "  # noqa: SIM905  # shorter than a list
    "bootstrap prepare auth authenticate clear clean".split()
)
_DOING = frozenset(("apply", "deploy"))
_NOT_DOING = frozenset("skip no not disable without after before dry auto can wait".split())  # noqa: SIM905  # shorter than a list
_WHAT_TO_DO = frozenset(("command", "action", "operation", "mode", "subcommand"))
_NO_WORK = frozenset(("meta", "plan"))
_EVERY = frozenset(("lint", "test", "security", "build", "publish", "deploy", "notify", "rollback"))


class NamedStep(NamedTuple):
    """A step with the words of its name, or of the action's."""

    words: list[str]
    step: StepSummary


STEP_ROWS: tuple[NarrowingRow[NamedStep], ...] = (
    NarrowingRow(
        "prepares",
        "it gets ready, or keeps what has been done",
        "go: {steps: [{name: Download the tests, run: ./go}]}",
        "",
        lambda named: named.words[0] in _PREPARING or named.words[-1] in _PREPARING,
        _EVERY,
    ),
    NarrowingRow(
        "prepared-by-action",
        "the action only sets something up",
        "go: {steps: [{name: Deploy by hand, uses: step-security/harden-runner@v2}]}",
        "",
        lambda named: named.step.uses is not None and prepares(named.step.uses.action),
        _EVERY,
    ),
    NarrowingRow(
        "started-elsewhere",
        "what is only started elsewhere lets nothing wait for it here",
        "go: {steps: [{name: Trigger the tests, run: ./go}]}",
        "",
        lambda named: named.words[0] in ("trigger", "dispatch"),
        GATES,
    ),
    NarrowingRow(
        "looked-at",
        "what is built is only looked at",
        "go: {steps: [{name: Check the build, run: ./go}]}",
        "",
        lambda named: named.words[0] in ("check", "checks"),
        frozenset(("build",)),
    ),
)
ACTION_ROWS: tuple[NarrowingRow[NamedStep], ...] = (
    NarrowingRow(
        "action-prepares",
        "it gets ready, or keeps what has been done",
        "go: {steps: [{uses: ./.github/actions/setup-tests}]}",
        "",
        lambda named: not _PREPARING.isdisjoint(named.words),
        _EVERY,
    ),
    NarrowingRow(
        "action-runs-another",
        "something else is run in it",
        "go: {steps: [{uses: ./.github/actions/run-docker}]}",
        "",
        lambda named: named.words in (["run", "docker"], ["run", "container"], ["run", "image"]),
        _EVERY,
    ),
)


class CalledWorkflow(NamedTuple):
    """A workflow of another repository, and the job that calls it."""

    file: str
    job: Job
    vocabulary: Vocabulary


class Guess(NamedTuple):
    """The stages that a file's name stands for, and where that comes from."""

    stages: frozenset[str]
    source: str = ""


def _by_file(called: CalledWorkflow) -> Guess | None:
    stages = called.vocabulary.names.of_job(called.file) - {"meta"}
    return Guess(stages) if stages else None


def _by_custom(called: CalledWorkflow) -> Guess | None:
    words = {*words_of(called.file), *words_of(called.job.id)}
    return Guess(frozenset(("lint", "test")), "guess") if words & {"ci", "checks"} else None


def _by_argument(called: CalledWorkflow) -> Guess | None:
    """`terraform_apply: true`, `command: apply`; never `auto-approve`, `skip-deploy` or what comes after a deploy."""
    for key, value in called.job.arguments:
        words, text = words_of(key.text), value.text.strip().lower()
        told = text == "true" or ("==" in text and text.startswith("${{"))
        if (told and words[-1:] and words[-1] in _DOING and _NOT_DOING.isdisjoint(words)) or (
            text in _DOING and words[-1:] and words[-1] in _WHAT_TO_DO
        ):
            return Guess((called.vocabulary.names.of_job(called.file) - {"meta", "plan"}) | {"deploy"})
    return None


WORKFLOW_ROWS: tuple[AnswerRow[CalledWorkflow, Guess], ...] = (
    AnswerRow(
        "told-to-apply",
        "it is told to apply what it plans, or to deploy what it builds",
        "go: {uses: acme/flows/.github/workflows/terraform.yml@v1, with: {terraform_apply: true}}",
        "deploy",
        _by_argument,
    ),
    AnswerRow(
        "its-file",
        "its file's name says so",
        "go: {uses: acme/flows/.github/workflows/security.yml@v1}",
        "security",
        _by_file,
    ),
    AnswerRow(
        "only-ci",
        "what is only called `ci` lints and tests, and may do more",
        "go: {uses: acme/flows/.github/workflows/ci.yml@v1}",
        "lint test",
        _by_custom,
    ),
)


class Used(NamedTuple):
    """A step with the action of another repository that it uses."""

    step: StepSummary
    uses: Uses
    vocabulary: Vocabulary


KNOWN_ACTIONS: tuple[ExceptionRow[Used], ...] = (
    ExceptionRow(
        "owned-by-github",
        "GitHub's own actions do no stage's work",
        "go: {steps: [{uses: actions/github-script@v7}]}",
        "",
        lambda used: used.uses.owner.lower() == "actions",
    ),
    ExceptionRow(
        "sets-up",
        "it is known to set something up",
        "go: {steps: [{uses: step-security/harden-runner@v2}]}",
        "",
        lambda used: prepares(used.uses.action),
    ),
    ExceptionRow(
        "in-the-tables",
        "the tables know it",
        "go: {steps: [{uses: docker/build-push-action@v6}]}",
        "build",
        lambda used: used.vocabulary.of_action(used.uses.action),
    ),
    ExceptionRow(
        "runs-its-input",
        "it runs what it is told",
        "go: {steps: [{uses: nick-fields/retry@v3, with: {command: mkdir dist}}]}",
        "",
        lambda used: used.uses.action.lower() in COMMAND_INPUTS,
    ),
    ExceptionRow(
        "named-after-preparing",
        "its name says that it gets ready",
        "go: {steps: [{uses: acme/setup-shop@v1}]}",
        "",
        lambda used: not _PREPARING.isdisjoint(words_of(used.uses.path or used.uses.repo)),
    ),
    ExceptionRow(
        "named-after-a-gate",
        "its name says that it looks at what others make, or tells of it",
        "deploy: {steps: [{run: docker push acme/shop}, {uses: acme/tools/.github/actions/generate-sbom@v1}]}",
        "build",
        lambda used: _only_looks(used.vocabulary.names.of_job((used.uses.path or used.uses.repo).rpartition("/")[2])),
    ),
)
"""Why nothing is left to know of an action; of any other it is not known what it does."""


def _only_looks(stages: frozenset[str]) -> bool:
    return bool(stages - {"meta"}) and stages <= GATES | {"meta", "notify"}


class StepNames:
    """Says what the names of a job's steps stand for."""

    def __init__(
        self,
        words: Vocabulary,
        step_rows: tuple[NarrowingRow[NamedStep], ...] = STEP_ROWS,
        action_rows: tuple[NarrowingRow[NamedStep], ...] = ACTION_ROWS,
        workflow_rows: tuple[AnswerRow[CalledWorkflow, Guess], ...] = WORKFLOW_ROWS,
        known_actions: tuple[ExceptionRow[Used], ...] = KNOWN_ACTIONS,
    ) -> None:
        self._words = words
        self._step_rows = step_rows
        self._action_rows = action_rows
        self._workflow_rows = workflow_rows
        self._known_actions = known_actions

    def is_known(self, step: StepSummary, uses: Uses) -> bool:
        """Whether nothing is left to know of what an action of another repository does."""
        return first(self._known_actions, Used(step, uses, self._words)) is not None

    def of_workflow(self, job: Job, uses: Uses) -> Iterator[Evidence]:
        """A reusable workflow of another repository is known by its file's name."""
        file = uses.path.rpartition("/")[2].partition(".")[0]
        guess = answer(self._workflow_rows, CalledWorkflow(file, job, self._words)) or Guess(frozenset())
        for stage in sorted(guess.stages):
            yield Evidence(stage, f"the workflow `{file}`", uses.location, -1, strong=False, source=guess.source)

    def of_unknown_actions(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        """An action that is not known is known by its name: `./.github/actions/deploy`."""
        for index, step in enumerate(steps):
            if step.uses is None or prepares(step.uses.action) or self._words.of_action(step.uses.action):
                continue
            name = (step.uses.path or step.uses.repo).rpartition("/")[2]
            for stage in self._of(self._action_rows, name, step):
                shown = step.uses.action or step.uses.text
                yield Evidence(stage, f"the action `{shown}`", step.uses.location, index, strong=False)

    def of_steps(self, steps: Iterable[StepSummary], only: set[int]) -> Iterator[Evidence]:
        for index, step in enumerate(steps):
            if only and index not in only:
                continue
            for stage in self._of(self._step_rows, step.name.text, step):
                said = f"its step '{step.name.text}'"
                yield Evidence(stage, said, step.name.location, index, strong=False, source="step")

    def _of(self, rows: Iterable[NarrowingRow[NamedStep]], name: str, step: StepSummary) -> list[str]:
        named = NamedStep(words_of(name), step)
        stages = self._words.names.of_job(name) - _NO_WORK
        for row in rows if stages else ():
            if row.when(named):
                stages -= row.takes
        return sorted(stages)
