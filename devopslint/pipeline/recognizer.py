"""What a job does, told by what it runs and what it is called, with the scripts and actions of the repository known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from devopslint.github.summaries import ActionSummary
from devopslint.pipeline import stage_words
from devopslint.pipeline.jobs import Job, MatrixValues, Ran
from devopslint.pipeline.stages import (
    GATES,
    Evidence,
    Said,
    Vocabulary,
    deploys_to,
    prepares,
    reads,
    says_little,
    sends,
    without_expressions,
    words_of,
)
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command
from devopslint.scripts.places import folder_behind
from devopslint.scripts.resolution import ProjectScripts
from devopslint.scripts.steps import Script, StepSummary, Uses
from devopslint.scripts.tasks import ROOT, UNKNOWN_FOLDER, Task, joined

DEEPEST = 12
"""Levels of workflows, actions and scripts that call each other; GitHub itself allows ten."""
DEEPEST_ACTION = 3
"""Levels of actions whose commands are followed one by one."""
MOST_VALUES = 12
"""Values of a matrix that are looked at."""
LONGEST = 20_000
"""Characters of a script into which they are put."""

_CLUSTER_ACTION = re.compile(r"\b(?:kind|minikube|k3d|k3s|microk8s|ctlptl)\b")
_CLUSTER_COMMAND = re.compile(r"\bkind create\b|\bk3d cluster\b|\bminikube start\b|\bctlptl create\b")
"""Clusters that live as long as the job."""
_PUSH = re.compile(r"\bgit\b[^\n;&|]*\bpush\b")
_MANIFEST = re.compile(r"\.ya?ml\Z")
_IMAGE = re.compile(r"\b(?:image|tag)\b")
_INPUT = re.compile(r"\{([\w-]+)\}")
_SECRET = re.compile(r"\$\{\{\s*(?:secrets|vars)\.(?P<name>\w+)\s*\}\}")
_PREPARING_STEP = frozenset(
    ("setup", "set", "install", "cache", "upload", "checkout", "login", "log", "get", "download", "configure")
)
_ALERTS = frozenset(("alert", "alerts", "alerting"))
_TEARDOWN = frozenset(
    ("cleanup", "clean", "teardown", "destroy", "delete", "undeploy", "close", "closed", "remove", "uninstall")
)


class Expansion(NamedTuple):
    """What a script of the project does."""

    stages: tuple[tuple[str, str], ...]
    """Each with the command that says so."""
    unread: bool
    """True where it runs something of which nothing is known."""


class Recognizer:
    """Says what a job's steps and names stand for, with the scripts and actions of the repository known."""

    def __init__(self, words: Vocabulary, scripts: ProjectScripts, actions: Iterable[ActionSummary]) -> None:
        self.words = words
        self.scripts = scripts
        self.actions = {action.folder: action for action in actions}
        self._contents: dict[str, tuple[Evidence, ...]] = {}
        self._expansions: dict[tuple[Task, str], Expansion | None] = {}

    def recognize(self, job: Job) -> None:
        """Give the job its evidence."""
        named, told_by = self.words.named(job.id, job.name)
        names = named - {"meta"} if not self._only_keeps_house(job.steps) else frozenset[str]()
        meta = "meta" in named
        job.ran = tuple(self._ran(job.steps, job.matrix_values, one_shell=job.pipeline.system == "gitlab"))
        job.through = tuple(self._through(job.steps))
        job.content = self._content(job)
        own = _sensible(list(_of_commands(job.ran)), list(self._actions(job.steps)), names, job, meta)
        own.extend(_by_commit(job))
        known = {evidence.stage for evidence in own}
        kind = "stage" if job.pipeline.system == "gitlab" and told_by == job.name else "name"
        if told_by == job.id and says_little(job.id) and known and known <= {"lint", "security"}:
            names -= {"build"}  # templates call any job so
        if "deploy" in known and {*words_of(job.id), *words_of(job.name)} & _ALERTS:
            names -= {"notify"}  # the rules that alert are what is deployed
        if job.called is not None and _is_target(job):
            names = frozenset()
        # The stage that a GitLab job stands in says little of what the job does there.
        if kind == "name" or not (known or job.content):
            own.extend(
                Evidence(stage, f"its {kind} '{told_by}'", job.location, -1, strong=False)
                for stage in sorted(names - known)
            )
        if not meta:
            self._ask_further(job, own, names)
        job.own = tuple(own)

    def _ask_further(self, job: Job, own: list[Evidence], names: frozenset[str]) -> None:
        """What is looked at only where the job's own words are silent."""
        if not names - {"plan"}:
            own.extend(evidence for evidence in job.content if evidence.source != "build")
        if job.called is not None and not own:
            own.extend(self._called(job, job.called))
        own.extend(_by_environment(job, {evidence.stage for evidence in own}))
        if not own and job.called is not None and _is_target(job):
            said = f"its target '{job.id}'"
            own.append(Evidence("deploy", said, job.location, -1, strong=False, source="environment"))
        if not names & (GATES | {"plan", "deploy"}) and not _has_local_cluster(job):
            own.extend(_deploying_steps(job.steps, {evidence.step for evidence in own}))
        if not names - GATES - {"build"} and not _has_local_cluster(job):
            own.extend(_gating_steps(job.steps, own))
        if not own:
            own.extend(self._unknown_actions(job.steps))
        vague = {ran.index for ran in job.ran if ran.said.vague}
        if not own or vague:
            own.extend(self._step_names(job.steps, vague))

    def _through(self, steps: Iterable[StepSummary], depth: int = 0) -> Iterator[Ran]:
        """What the steps of local composite actions run, each as part of the step that uses the action."""
        for index, step in enumerate(steps):
            action = self.actions.get(step.uses.path) if step.uses is not None and step.uses.local else None
            if action is None or depth >= DEEPEST_ACTION:
                continue
            for ran in (*self._ran(action.steps), *self._through(action.steps, depth + 1)):
                said = ran.said._replace(offset=ran.index * LONGEST + ran.said.offset)
                yield replace(ran, said=said, index=index)

    def _content(self, job: Job) -> tuple[Evidence, ...]:
        """What the actions, workflows and builds do that the job calls; of each stage the first."""
        found = [evidence for index, step in enumerate(job.steps) for evidence in self._composite(step, index)]
        for inner in job.callee.jobs if job.callee is not None else ():
            found.extend(evidence._replace(step=-1) for evidence in (*inner.own, *inner.content))
        found.extend(
            Evidence("test", f"{ran.said.words} runs tests", ran.location, ran.index, source="build")
            for ran in job.ran
            if _tests_too(ran)
        )
        found.extend(
            Evidence("build", f"{ran.said.words} builds on its way", ran.location, ran.index, source="build")
            for ran in job.ran
            if _builds_too(ran)
        )
        return _firsts(found)

    def _ran(
        self, steps: Iterable[StepSummary], matrix: MatrixValues = (), *, one_shell: bool = False
    ) -> Iterator[Ran]:
        """What the steps run; `one_shell` where each begins in the folder to which the one before has gone."""
        gone = "."
        for index, step in enumerate(steps):
            script = step.script or _command_of(step)
            if script is None or not reads(script.shell):
                continue
            does_more = False
            folder = joined(f"{ROOT}", step.folder) if not one_shell else joined(ROOT, gone)
            place = folder if folder == UNKNOWN_FOLDER else folder.removeprefix(ROOT)
            if one_shell:
                gone = joined(gone, folder_behind(script.text))
            for said in self._said(script.text, matrix):
                does_more = does_more or (bool(said.stage) and said.stage != "notify")
                location = script.at(script.text.count("\n", 0, said.offset) + 1)
                for stage, words in self._means(said, place):
                    yield Ran(said._replace(stage=stage, words=words), step, index, location)
            if does_more and not sends(script.text):
                continue  # the address is for what is tested or deployed
            for key, value in step.env:
                if service := _service(key.text) or _receiver(value.text):
                    yield Ran(Said("notify", f"a message to {service}", None, 0), step, index, key.location)

    def _means(self, said: Said, folder: str, depth: int = 0) -> Iterator[tuple[str, str]]:
        """The stages of a command, those of the scripts that it runs included; what a script runs outweighs its name."""
        inner = self._expanded(said.task, folder, depth) if said.task is not None else None
        if inner is None or not inner.stages:
            if said.stage:
                yield said.stage, said.words
            return
        stages = dict(inner.stages)
        named = (
            said.stage in stages
            or (said.stage in GATES and stages.keys() <= {"build"})
            or (inner.unread and said.stage != "")
        )
        if named:
            yield said.stage, said.words
        for stage, words in stages.items():
            if stage != said.stage and (not named or stage in GATES or stage in ("rollout", "rollback", "cluster")):
                yield stage, f"{said.words}: {words}"

    def _expanded(self, task: Task, folder: str, depth: int = 0) -> Expansion | None:
        """The stages of what a script of the project runs, each once; None where the repository does not have it."""
        key = task, folder
        if key not in self._expansions and depth < DEEPEST:
            self._expansions[key] = None  # a script that runs itself adds nothing
            body = self.scripts.body(task, folder)
            if body is not None:
                found: dict[str, str] = {}
                unread = False
                for part in body.parts:
                    for said in self.words.of_script(part) if isinstance(part, str) else self._of_task(part):
                        unread = unread or said.unread
                        for stage, words in self._means(said, body.folder, depth + 1):
                            found.setdefault(stage, words.rpartition("`: ")[2])
                self._expansions[key] = Expansion(tuple(found.items()), unread)
        return self._expansions.get(key)

    def _of_task(self, task: Task) -> Iterator[Said]:
        for stage, words, _ in self.words.of_task(task):
            yield Said(stage, words, None, 0, task)

    def _said(self, script: str, matrix: MatrixValues) -> Iterator[Said]:
        """What the commands say, with every value that the matrix puts into them."""
        yield from self.words.of_script(script)
        values = [(key, texts) for key, texts in matrix if f"matrix.{key}" in script]
        if not values or len(script) > LONGEST:
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
                    yield said._replace(offset=min(said.offset, len(script)))

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

    def _only_keeps_house(self, steps: Iterable[StepSummary]) -> bool:
        """Whether all that it runs does no stage's work: labels, comments, old packages."""
        used = [step.uses.action if step.uses is not None else "" for step in steps]
        working = [action for action in used if not (action and prepares(action)) and action != "actions/checkout"]
        return bool(working) and all(action and self.words.of_action(action) == "meta" for action in working)

    def _composite(self, step: StepSummary, index: int, depth: int = 0) -> Iterator[Evidence]:
        """What the steps of a local composite action do, as the step that uses it."""
        if step.uses is not None and step.uses.local:
            for evidence in self._of_action(step.uses.path, depth):
                yield evidence._replace(step=index)

    def _of_action(self, folder: str, depth: int) -> tuple[Evidence, ...]:
        action = self.actions.get(folder)
        if action is None or depth >= DEEPEST:
            return ()
        if folder not in self._contents:
            self._contents[folder] = ()  # an action that uses itself adds nothing
            found = list(_of_commands(self._ran(action.steps)))
            for inner in action.steps:
                found.extend(self._action(inner, 0))
                found.extend(self._composite(inner, 0, depth + 1))
            self._contents[folder] = _firsts(found)
        return self._contents[folder]

    def _called(self, job: Job, uses: Uses) -> Iterator[Evidence]:
        """A reusable workflow of another repository is known by its file's name."""
        file = uses.path.rpartition("/")[2].partition(".")[0]
        stages, source = self.words.of_name(file) - {"meta"}, ""
        if not stages and {"ci", "checks"} & {*words_of(file), *words_of(job.id)}:
            stages, source = frozenset(("lint", "test")), "guess"
        for stage in sorted(stages):
            yield Evidence(stage, f"the workflow `{file}`", uses.location, -1, strong=False, source=source)

    def _unknown_actions(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        """An action that is not known is known by its name: `./.github/actions/deploy`."""
        for index, step in enumerate(steps):
            if step.uses is None or prepares(step.uses.action) or self.words.of_action(step.uses.action):
                continue
            name = (step.uses.path or step.uses.repo).rpartition("/")[2]
            if words_of(name)[:1] == ["run"] and words_of(name)[1:] in (["docker"], ["container"], ["image"]):
                continue  # something else is run in it
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
            said = self.words.of_name(step.name.text) - {"meta", "plan"}
            if words[0] in ("trigger", "dispatch"):
                said -= GATES  # what is only started elsewhere lets nothing wait for it here
            for stage in sorted(said):
                yield Evidence(stage, f"its step '{step.name.text}'", step.name.location, index, strong=False)


_WORK = frozenset((*stage_words.STAGES, "plan"))
_NOT_BY_ENVIRONMENT = frozenset(("test", "notify", "security", "lint", "build", "publish", "plan", "rollback"))


def _of_commands(ran: Iterable[Ran]) -> Iterator[Evidence]:
    return (Evidence(one.said.stage, one.said.words, one.location, one.index) for one in ran if one.said.stage in _WORK)


def _by_commit(job: Job) -> Iterator[Evidence]:
    """A job that writes an image into manifests and pushes them deploys: Argo CD or Flux does the rest.

    Only where it pushes to another repository, or its names say to which stage: a release may just as well
    write its own version into an example.
    """
    scripts = [(n, step.script) for n, step in enumerate(job.steps) if step.script is not None]
    if not any(_PUSH.search(script.text) for _, script in scripts):
        return
    elsewhere = any("git clone" in script.text for _, script in scripts) or any(
        key.text == "repository" and "github.repository" not in value.text
        for step in job.actions("actions/checkout")
        for key, value in step.arguments
    )
    if not elsewhere and job.tier is None:
        return
    for index, script in scripts:
        for command in read_commands(without_expressions(script.text)) if reads(script.shell) else ():
            if _sets_image(command):
                location = script.at(script.text.count("\n", 0, command.start) + 1)
                yield Evidence("deploy", f"`{command.name}` and `git push`", location, index)
                return


def _sets_image(command: Command) -> bool:
    texts = command.texts
    if command.name == "kustomize":
        return texts[:3] == ("edit", "set", "image")
    if command.name not in ("yq", "sed"):
        return False
    in_place = any(text.startswith(("-i", "--in")) for text in texts)
    return in_place and any(_MANIFEST.search(text) for text in texts) and any(_IMAGE.search(text) for text in texts)


def _command_of(step: StepSummary) -> Script | None:
    """What an action is told to run, as far as the inputs say."""
    form = stage_words.COMMAND_INPUTS.get(step.uses.action.lower()) if step.uses is not None else None
    if form is None:
        return None
    given = {key.text: value for key, value in step.arguments}
    text, place = form, step.location
    for name in _INPUT.findall(form):
        value = given.get(name)
        text = text.replace(f"{{{name}}}", value.text if value is not None else "")
        place = value.location if value is not None else place
    return Script(text, "", (place,))


def _service(variable: str) -> str | None:
    """Whom a variable's name, `SLACK_WEBHOOK_URL`, says that a step writes to."""
    return next((name for text, name in stage_words.WEBHOOKS.items() if variable.upper().startswith(text)), None)


def _receiver(value: str) -> str | None:
    """Whom a secret's name, or an address, says that a step writes to: `HOOK: ${{ secrets.SLACK_WEBHOOK }}`."""
    secret = _SECRET.search(value)
    if secret is not None:
        return _service(secret["name"])
    return next((name for text, name in stage_words.WEBHOOKS.items() if "." in text and text in value), None)


def _deploying_steps(steps: Iterable[StepSummary], known: set[int]) -> Iterator[Evidence]:
    """The first step that is called a deploy and runs what is not known."""
    for index, step in enumerate(steps):
        words = words_of(step.name.text)
        if words[:1] == ["deploy"] and index not in known and step.script is not None and _works(step):
            yield Evidence("deploy", f"its step '{step.name.text}'", step.name.location, index, strong=False)
            return


def _gating_steps(steps: Iterable[StepSummary], own: list[Evidence]) -> Iterator[Evidence]:
    """Of each gate the first step that is called so, `Run the tests`, and runs what is not known."""
    known = {evidence.step for evidence in own}
    stages = {evidence.stage for evidence in own}
    for index, step in enumerate(steps):
        words = words_of(step.name.text)
        stage = "test" if _is_test_step(words) else "lint" if words[:1] == ["lint"] else ""
        if stage and stage not in stages and index not in known and step.script is not None and _works(step):
            stages.add(stage)
            yield Evidence(stage, f"its step '{step.name.text}'", step.name.location, index, strong=False)


def _is_test_step(words: list[str]) -> bool:
    if words[:1] in (["test"], ["tests"]):
        return True
    return words[:1] in (["run"], ["execute"]) and words[-1] in ("test", "tests")


def _firsts(found: list[Evidence]) -> tuple[Evidence, ...]:
    """Of each stage the first evidence."""
    return tuple({evidence.stage: evidence for evidence in reversed(found)}.values())


def _by_environment(job: Job, known: set[str]) -> Iterator[Evidence]:
    """A job with an environment delivers to it, unless it is known for something else that needs the secrets."""
    environment = job.environment
    stage = deploys_to(environment.text) if environment is not None else None
    if environment is None or stage is None or not (job.called is not None or any(_works(s) for s in job.steps)):
        return
    if stage not in known and not known & _NOT_BY_ENVIRONMENT:
        said = f"its environment '{environment.text}'"
        yield Evidence(stage, said, environment.location, -1, strong=False, source="environment")


def _is_target(job: Job) -> bool:
    """Whether a job that calls a workflow is only called after the environment that it hands over: `test`."""
    return deploys_to(job.id) == "deploy" and any(
        value.text == job.id and words_of(key.text)[-1:] in (["environment"], ["env"], ["stage"], ["target"])
        for key, value in job.arguments
    )


def _works(step: StepSummary) -> bool:
    """Whether a step does more than fetch the sources and print a line: one that waits for an approval does not."""
    if step.uses is not None:
        return step.uses.action.lower() not in ("actions/checkout", "actions/download-artifact")
    if step.script is None:
        return False
    return any(command.name not in _TALKING for command in read_commands(without_expressions(step.script.text)))


_TALKING = frozenset(("", "echo", "printf", "exit", "true", "false", ":", "test", "[", "[[", "sleep", "date", "cat"))


def _sensible(
    commands: list[Evidence], actions: list[Evidence], names: frozenset[str], job: Job, meta: bool
) -> list[Evidence]:
    """Without what only looks like a deploy: to a cluster that lives as long as the job, for a test, or away."""
    dropped: set[str] = set()
    if names & (GATES | {"plan"}) and "deploy" not in names:
        commands = [evidence for evidence in commands if evidence.stage != "deploy"]
        if "test" in names or "plan" in names:
            dropped.add("deploy")
    own = [*commands, *actions]
    if _has_local_cluster(job):
        dropped.add("deploy")
    if meta or {*words_of(job.id), *words_of(job.name)} & _TEARDOWN:
        dropped.add("deploy")
    if "plan" in names:
        dropped.add("publish")
    kept = [evidence for evidence in own if evidence.stage not in dropped]
    if names & GATES and "test" not in names:
        # Which of tox's environments run is told by its configuration, and by the job's name.
        kept = [evidence for evidence in kept if evidence.said not in ("`tox`", "`nox`")]
    deploys = [evidence.said for evidence in kept if evidence.stage == "deploy"]
    if deploys and "deploy" not in names and job.environment is None and set(deploys) <= _MIGRATIONS:
        # Tests, and whoever documents or checks a schema, migrate a database of their own.
        kept = [evidence for evidence in kept if evidence.stage != "deploy"]
    return kept


_MIGRATIONS = frozenset(("`flyway migrate`", "`liquibase update`", "`prisma migrate deploy`", "`supabase db push`"))


def _tests_too(ran: Ran) -> bool:
    """Whether a build runs the tests on its way: Maven's and Gradle's do, unless they are told not to."""
    command = ran.command
    if command is None or ran.said.stage not in ("build", "publish") or ran.said.task is None:
        return False
    runner, goal = ran.said.task.runner, ran.said.task.name
    texts = command.texts
    if runner == "mvn":
        return goal in ("package", "install", "verify", "deploy") and not any("skip" in t and "est" in t for t in texts)
    return runner == "gradle" and goal.rpartition(":")[2] in ("build", "check") and "test" not in texts


def _builds_too(ran: Ran) -> bool:
    """Whether a test runs behind the packaging: Maven goes through all phases before the one that is named."""
    task = ran.said.task
    return (
        ran.said.stage == "test"
        and task is not None
        and task.runner == "mvn"
        and task.name in ("verify", "integration-test")
    )


def _has_local_cluster(job: Job) -> bool:
    for step in job.steps:
        if step.uses is not None and _CLUSTER_ACTION.search(step.uses.action.lower()):
            return True
        if step.script is not None and _CLUSTER_COMMAND.search(step.script.text):
            return True
    return False
