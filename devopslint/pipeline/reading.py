"""What a job does, told by what it runs and what it is called, with the scripts and actions of the repository known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from devopslint.deferred import NamedTuple, compiled, replace
from devopslint.github.summaries import ActionSummary
from devopslint.pipeline import stage_words
from devopslint.pipeline.jobs import Job, Ran
from devopslint.pipeline.names import GATES, prepares_only
from devopslint.pipeline.stages import Evidence, Said, Vocabulary, prepares, reads, sends
from devopslint.pipeline.words import words_of
from devopslint.scripts.places import folder_behind
from devopslint.scripts.resolution import ProjectScripts
from devopslint.scripts.steps import Script, StepSummary, Uses
from devopslint.scripts.tasks import OUTSIDE, ROOT, UNKNOWN_FOLDER, Task, joined

DEEPEST = 12
"""Levels of workflows, actions and scripts that call each other; GitHub itself allows ten."""
DEEPEST_ACTION = 3
"""Levels of actions whose commands are followed one by one."""
MOST_VALUES = 12
"""Values of a matrix that are looked at."""
LONGEST = 20_000
"""Characters of a script into which they are put."""
LONGEST_VALUE = 2_000
Values = Mapping[str, tuple[str, ...]]
"""`matrix.os`, `env.TARGET`, `inputs.command` -> what it may be."""

_VALUE = compiled(
    r"\$\{\{\s*(?P<expression>(?:matrix|env|inputs)\.[\w.-]+)\s*\}\}|\$\{(?P<braced>[A-Za-z_]\w*)\}|\$(?P<bare>[A-Za-z_]\w*)"
)
_CHOSEN_BY = {"tox": "TOXENV", "nox": "NOXSESSION"}
"""Runner -> the variable that names what it runs where the command does not."""
_INPUT = compiled(r"\{([\w-]+)\}")
_SECRET = compiled(r"\$\{\{\s*(?:secrets|vars)\.(?P<name>\w+)\s*\}\}")
PREPARING_STEP = frozenset(
    (
        "setup",
        "set",
        "install",
        "cache",
        "upload",
        "checkout",
        "login",
        "log",
        "get",
        "download",
        "configure",
        "load",
        "pull",
        "fetch",
        "restore",
        "save",
        "free",
        "init",
        "bootstrap",
        "prepare",
        "auth",
        "authenticate",
        "clear",
        "clean",
    )
)


class Expansion(NamedTuple):
    """What a script of the project does."""

    stages: tuple[tuple[str, str], ...]
    """Each with the command that says so."""
    unread: bool
    """True where it runs something of which nothing is known."""


def _named_by_variable(said: Said, values: Values) -> list[str]:
    """What a variable of the command, of its script or of the job tells tox or nox to run."""
    variable = _CHOSEN_BY.get(said.task.runner) if said.task is not None else None
    if variable is None or said.command is None:
        return []
    here = compiled(rf"\b{variable}=[\"']?([^\s\"';&|]+)").findall(said.script[: said.command.end])
    texts = here[-1:] or values.get(f"env.{variable}", ())
    filled = [_filled(text, values, number) for text in texts for number in range(MOST_VALUES if "$" in text else 1)]
    return [name for name in dict.fromkeys(",".join(filled).replace(" ", "").split(",")) if name and "$" not in name]


class Reader:
    """Says what a job's steps run, with the scripts and actions of the repository known."""

    def __init__(self, words: Vocabulary, scripts: ProjectScripts, actions: Iterable[ActionSummary]) -> None:
        self.words = words
        self.scripts = scripts
        self.actions = {action.folder: action for action in actions}
        self._contents: dict[str, tuple[Evidence, ...]] = {}
        self._expansions: dict[tuple[Task, str], Expansion | None] = {}

    def read(self, job: Job) -> None:
        """Give the job what it runs."""
        one_shell = job.pipeline.system == "gitlab"
        values = {f"matrix.{key}": texts for key, texts in job.matrix_values}
        values.update((f"env.{key.text}", (value.text,)) for key, value in job.env)
        ran = list(self._ran(job.steps, values, one_shell=one_shell, checkouts=tuple(_checkouts(job))))
        job.ran = tuple(one for one in ran if one.said.stage)
        through = list(self._through(job.steps, values))
        job.through = tuple(one for one in through if one.said.stage)
        job.content = self._content(job)
        job.unread = (
            any(one.said.unread for one in (*ran, *through))
            or any(self._is_unread(step) for step in job.steps)
            or (job.called is not None and job.callee is None)
            or (job.callee is not None and any(inner.unread for inner in job.callee.jobs))
            or job.downstream
        )

    def _is_unread(self, step: StepSummary) -> bool:
        """Whether nothing is known of what an action does."""
        uses = step.uses
        if uses is None:
            return step.script is not None and not reads(step.script.shell)
        if uses.local:
            return uses.path not in self.actions
        words = words_of(uses.path or uses.repo)
        return not (
            uses.owner.lower() == "actions"
            or prepares(uses.action)
            or self.words.of_action(uses.action)
            or _command_of(step) is not None
            or any(word in PREPARING_STEP for word in words)
        )

    def _through(self, steps: Iterable[StepSummary], values: Values, depth: int = 0) -> Iterator[Ran]:
        """What the steps of local composite actions run, each as part of the step that uses the action."""
        for index, step in enumerate(steps):
            action = self.actions.get(step.uses.path) if step.uses is not None and step.uses.local else None
            if action is None or depth >= DEEPEST_ACTION:
                continue
            given = {f"inputs.{key.text}": (_filled(value.text, values, 0),) for key, value in step.arguments}
            for ran in (*self._ran(action.steps, given), *self._through(action.steps, given, depth + 1)):
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
        self,
        steps: Iterable[StepSummary],
        values: Values,
        *,
        one_shell: bool = False,
        checkouts: tuple[str, ...] = (),
    ) -> Iterator[Ran]:
        """What the steps run; `one_shell` where each begins in the folder to which the one before has gone."""
        gone = "."
        for index, step in enumerate(steps):
            script = step.script or _command_of(step)
            if script is None or not reads(script.shell):
                continue
            does_more = False
            of_step = (
                {**values, **{f"env.{key.text}": (value.text,) for key, value in step.env}} if step.env else values
            )
            place = self._place(_filled(step.folder, of_step, 0) if not one_shell else gone, checkouts)
            if one_shell:
                gone = joined(gone, folder_behind(script.text))
            for said in self._chosen(self._said(script.text, of_step), of_step):
                does_more = does_more or (bool(said.stage) and said.stage != "notify")
                location = script.at(said.script.count("\n", 0, said.offset) + 1)
                if said.unread:
                    yield Ran(said, step, index, location)
                for stage, words, unread in self._means(said, place):
                    yield Ran(said._replace(stage=stage, words=words, unread=unread), step, index, location)
            if does_more and not sends(script.text):
                continue  # the address is for what is tested or deployed
            for key, value in step.env:
                if service := _service(key.text) or _receiver(value.text):
                    yield Ran(Said("notify", f"a message to {service}", None, 0), step, index, key.location)

    def _place(self, folder: str, checkouts: tuple[str, ...]) -> str:
        """The folder of the repository; a checkout may stand in a folder of its own."""
        place = joined(ROOT, folder)
        if place in (UNKNOWN_FOLDER, OUTSIDE):
            return place
        bare = place.removeprefix(ROOT)
        for checkout in checkouts:
            if bare == checkout or bare.startswith(f"{checkout}/"):
                return bare[len(checkout) + 1 :]
        return bare

    def _means(self, said: Said, folder: str, depth: int = 0) -> Iterator[tuple[str, str, bool]]:
        """The stages of a command, those of the scripts that it runs included; what a script runs outweighs its name.

        With each, whether nothing more is known of what it runs.
        """
        inner = self._expanded(said.task, folder, depth) if said.task is not None else None
        if inner is None:
            if said.stage or said.task is not None:
                yield said.stage, said.words, not said.stage
            return
        prepares = said.task is not None and prepares_only(said.task.name)
        stages = {
            stage: words
            for stage, words in inner.stages
            # A formatter on the way of something else is no lint: it writes.
            if not (prepares and stage in _PREPARED) and (words not in _FORMATTERS or said.stage == "lint")
        }
        named = bool(said.stage) and (
            said.stage in stages
            or (inner.unread and not depth)
            or (said.stage in _NAMED_BUILDS and "build" in stages and stages.keys() <= {"build", "fetch"})
        )
        if named:
            yield said.stage, said.words, inner.unread
        elif not stages and said.stage in GATES and not depth:
            yield (
                said.stage,
                said.words,
                inner.unread,
            )  # what compares or searches files is a check, if it is called one
        elif inner.unread and not stages:
            yield "", said.words, True
        for stage, words in stages.items():
            if stage != said.stage and (not named or stage in _ALONGSIDE):
                yield stage, f"{said.words}: {words}", inner.unread

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
                    texts = self.words.of_script(part) if isinstance(part, str) else self._of_task(part)
                    for said in self._chosen(texts, {}):
                        if said.stage == "deploy" and said.command is not None and said.command.within(*_IN_SOME_RUNS):
                            unread = True
                            continue  # `case "$1" in deploy)`: what it does is told by who calls it
                        unread = unread or said.unread
                        if said.by_file and self.scripts.body(said.task or task, body.folder) is None:
                            unread = True  # of a script in a script the name is not enough
                            continue
                        for stage, words, more in self._means(said, body.folder, depth + 1):
                            unread = unread or more
                            if stage:
                                found.setdefault(stage, words.rpartition("`: ")[2])
                self._expansions[key] = Expansion(tuple(found.items()), unread)
        return self._expansions.get(key)

    def _chosen(self, found: Iterable[Said], values: Values) -> Iterator[Said]:
        """What the commands say; one that runs all by default runs what a variable names: `TOXENV=lint tox`."""
        for said in found:
            names = _named_by_variable(said, values) if said.task is not None and not said.task.name else ()
            if said.task is None or not names:
                yield said
                continue
            for name in names:
                for stage, words, task in self.words.of_task(said.task._replace(name=name)):
                    yield said._replace(stage=stage, words=words, task=task)

    def _of_task(self, task: Task) -> Iterator[Said]:
        """A prerequisite: it may be called after a tool that it fetches."""
        for _, words, _ in self.words.of_task(task):
            yield Said("", words, None, 0, task)

    def _said(self, script: str, values: Values) -> Iterator[Said]:
        """What the commands say, with every value that the matrix, the environment or the inputs put into them."""
        used = _put_in(script, values)
        if not used or len(script) > LONGEST:
            yield from self.words.of_script(script)
            return
        known: set[tuple[str, str]] = set()
        for number in range(min(MOST_VALUES, max(len(texts) for texts in used))):
            for said in self.words.of_script(_filled(script, values, number)):
                if not number or (said.stage, said.words) not in known:
                    known.add((said.stage, said.words))
                    yield said

    def actions_of(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        for index, step in enumerate(steps):
            yield from self._action(step, index)

    def _action(self, step: StepSummary, index: int) -> Iterator[Evidence]:
        uses = step.uses
        if uses is None:
            return
        if uses.kind == "repository":
            stage = self.words.of_action(uses.action)
            if stage in _WORK:
                yield Evidence(stage, f"`{uses.action}`", uses.location, index, source="action")
        elif uses.kind == "docker":
            stage, _ = self.words.of_command(uses.image.rpartition("/")[2], [])
            if stage in _WORK:
                yield Evidence(stage, f"`{uses.image}`", uses.location, index, source="action")

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
            found = list(of_commands(self._ran(action.steps, {})))
            for inner in action.steps:
                found.extend(self._action(inner, 0))
                found.extend(self._composite(inner, 0, depth + 1))
            self._contents[folder] = _firsts(found)
        return self._contents[folder]

    def called(self, job: Job, uses: Uses) -> Iterator[Evidence]:
        """A reusable workflow of another repository is known by its file's name."""
        file = uses.path.rpartition("/")[2].partition(".")[0]
        stages, source = self.words.names.of_job(file) - {"meta"}, ""
        if not stages and {"ci", "checks"} & {*words_of(file), *words_of(job.id)}:
            stages, source = frozenset(("lint", "test")), "guess"
        for stage in sorted(stages):
            yield Evidence(stage, f"the workflow `{file}`", uses.location, -1, strong=False, source=source)

    def unknown_actions(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        """An action that is not known is known by its name: `./.github/actions/deploy`."""
        for index, step in enumerate(steps):
            if step.uses is None or prepares(step.uses.action) or self.words.of_action(step.uses.action):
                continue
            name = (step.uses.path or step.uses.repo).rpartition("/")[2]
            if not PREPARING_STEP.isdisjoint(words_of(name)):
                continue
            if words_of(name)[:1] == ["run"] and words_of(name)[1:] in (["docker"], ["container"], ["image"]):
                continue  # something else is run in it
            for stage in sorted(self.words.names.of_job(name) - {"meta", "plan"}):
                shown = step.uses.action or step.uses.text
                yield Evidence(stage, f"the action `{shown}`", step.uses.location, index, strong=False)

    def step_names(self, steps: Iterable[StepSummary], only: set[int]) -> Iterator[Evidence]:
        for index, step in enumerate(steps):
            if only and index not in only:
                continue
            words = words_of(step.name.text)
            if (
                not words
                or words[0] in PREPARING_STEP
                or words[-1] in PREPARING_STEP
                or (step.uses is not None and prepares(step.uses.action))
            ):
                continue
            stages = self.words.names.of_job(step.name.text) - {"meta", "plan"}
            if words[0] in ("trigger", "dispatch"):
                stages -= GATES  # what is only started elsewhere lets nothing wait for it here
            if words[0] in ("check", "checks"):
                stages -= {"build"}  # what is built is only looked at
            for stage in sorted(stages):
                said = f"its step '{step.name.text}'"
                yield Evidence(stage, said, step.name.location, index, strong=False, source="step")


_WORK = frozenset((*stage_words.STAGES, "plan", "cluster"))
_ALONGSIDE = frozenset((*GATES, "rollout", "rollback", "cluster"))
"""Stages of what a script runs that count beside the one that its name tells."""
_NAMED_BUILDS = frozenset((*GATES, "publish"))
"""Stages of which a build may be all that can be seen: `"typecheck": "tsc"`."""
_PREPARED = frozenset((*GATES, "build"))
"""Stages that a script which only prepares does none of: `make install-tools`."""
_FORMATTERS = ("`go fmt`", "`gofmt`", "`gofumpt`", "`goimports`")
_IN_SOME_RUNS = ("branch",)


def of_commands(ran: Iterable[Ran]) -> Iterator[Evidence]:
    return (Evidence(one.said.stage, one.said.words, one.location, one.index) for one in ran if one.said.stage in _WORK)


def _checkouts(job: Job) -> Iterator[str]:
    """The folders into which the repository itself is fetched."""
    for step in job.actions("actions/checkout"):
        given = {key.text: value.text for key, value in step.arguments}
        if given.get("path") and "repository" not in given:
            yield given["path"].removeprefix("./").rstrip("/")


def _put_in(script: str, values: Values) -> list[tuple[str, ...]]:
    """The values that go into a script, and those that go into these: an environment may take its own from the matrix."""
    if "$" not in script:
        return []
    first = [texts for name, texts in values.items() if name.rpartition(".")[2] in script]
    behind = "\n".join(text for texts in first for text in texts if "${{" in text)
    return [*first, *(texts for name, texts in values.items() if behind and name in behind)]


def _filled(text: str, values: Values, number: int) -> str:
    """The text with one value of each name in its place."""

    def value(found: re.Match[str]) -> str:
        name = found["expression"] or f"env.{found['braced'] or found['bare']}"
        texts = values.get(name)
        if not texts:
            return found[0]
        one = texts[number % len(texts)]
        return one if len(one) <= LONGEST_VALUE else found[0]

    if "$" not in text or not values:
        return text
    once = _VALUE.sub(value, text)
    # An environment may take its value from the matrix.
    return _VALUE.sub(value, once) if "matrix." in once and len(once) <= LONGEST else once


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


def _firsts(found: list[Evidence]) -> tuple[Evidence, ...]:
    """Of each stage the first evidence."""
    return tuple({evidence.stage: evidence for evidence in reversed(found)}.values())


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
