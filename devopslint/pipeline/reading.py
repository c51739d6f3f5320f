"""What a job does, told by what it runs and what it is called, with the scripts and actions of the repository known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled, replace
from devopslint.github.summaries import ActionSummary
from devopslint.model import Location
from devopslint.pipeline import stage_words
from devopslint.pipeline.command_rows import only_shows
from devopslint.pipeline.evidence import Evidence, Said
from devopslint.pipeline.following import DEEPEST, Following
from devopslint.pipeline.goal_rows import GOAL_ROWS, OnTheWay
from devopslint.pipeline.interpreter import answer
from devopslint.pipeline.jobs import Job, Ran
from devopslint.pipeline.line_rows import DISPATCH, dispatched, says_deploy, sends
from devopslint.pipeline.rows import AnswerRow
from devopslint.pipeline.shell_scripts import shell_scripts
from devopslint.pipeline.step_names import StepNames
from devopslint.pipeline.values import LONGEST, Values, filled
from devopslint.pipeline.vocabulary import Vocabulary, reads
from devopslint.scripts.places import folder_behind
from devopslint.scripts.resolution import ProjectScripts
from devopslint.scripts.steps import Script, StepSummary, Text
from devopslint.scripts.tasks import OUTSIDE, ROOT, UNKNOWN_FOLDER, joined

DEEPEST_ACTION = 3
"""Levels of actions whose commands are followed one by one."""
_INPUT = compiled(r"\{([\w-]+)\}")
_SECRET = compiled(r"\$\{\{\s*(?:secrets|vars)\.(?P<name>\w+)\s*\}\}")


class Reader:
    """Says what a job's steps run, with the scripts and actions of the repository known."""

    def __init__(
        self,
        words: Vocabulary,
        following: Following,
        names: StepNames,
        actions: Iterable[ActionSummary],
        goal_rows: tuple[AnswerRow[Said, OnTheWay], ...] = GOAL_ROWS,
    ) -> None:
        self.words = words
        self.names = names
        self.actions = {action.folder: action for action in actions}
        self._following = following
        self._goal_rows = goal_rows
        self._contents: dict[str, tuple[Evidence, ...]] = {}

    @classmethod
    def of(cls, words: Vocabulary, scripts: ProjectScripts, actions: Iterable[ActionSummary]) -> Reader:
        return cls(words, Following(shell_scripts(words), scripts), StepNames(words), actions)

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
        return not self.names.is_known(step, uses)

    def _through(self, steps: Iterable[StepSummary], values: Values, depth: int = 0) -> Iterator[Ran]:
        """What the steps of local composite actions run, each as part of the step that uses the action."""
        for index, step in enumerate(steps):
            action = self.actions.get(step.uses.path) if step.uses is not None and step.uses.local else None
            if action is None or depth >= DEEPEST_ACTION:
                continue
            given = {f"inputs.{key.text}": (filled(value.text, values, 0),) for key, value in step.arguments}
            for ran in (*self._ran(action.steps, given), *self._through(action.steps, given, depth + 1)):
                said = ran.said._replace(offset=ran.index * LONGEST + ran.said.offset)
                yield replace(ran, said=said, index=index)

    def _content(self, job: Job) -> tuple[Evidence, ...]:
        """What the actions, workflows and builds do that the job calls; of each stage the first."""
        found = [evidence for index, step in enumerate(job.steps) for evidence in self._composite(step, index)]
        off = _left_off(job)
        for inner in job.callee.jobs if job.callee is not None else ():
            if off and _asks_for(inner.condition, off):
                continue
            found.extend(
                evidence._replace(step=-1)
                for evidence in (*inner.own, *(one for one in inner.content if one.source == "build"))
                if not (off and evidence.step >= 0 and _asks_for(inner.steps[evidence.step].condition, off))
            )
        done = [(ran, one) for ran in job.ran if (one := answer(self._goal_rows, ran.said)) is not None]
        found.extend(
            Evidence(one.stage, f"{ran.said.words} {one.said}", ran.location, ran.index, source="build")
            for ran, one in sorted(done, key=lambda pair: pair[1].stage != "test")
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
            place = self._place(filled(step.folder, of_step, 0) if not one_shell else gone, checkouts)
            if one_shell:
                gone = joined(gone, folder_behind(script.text))
            for said in self._following.said(script.text, of_step):
                does_more = does_more or (bool(said.stage) and said.stage != "notify")
                location = script.at(said.script.count("\n", 0, said.offset) + 1)
                if said.unread:
                    yield Ran(said, step, index, location)
                for meant in self._following.means(said, place):
                    yield Ran(meant, step, index, location)
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

    def actions_of(self, steps: Iterable[StepSummary]) -> Iterator[Evidence]:
        for index, step in enumerate(steps):
            yield from self._action(step, index)

    def _action(self, step: StepSummary, index: int) -> Iterator[Evidence]:
        uses = step.uses
        if uses is None:
            return
        if uses.kind == "repository":
            for said, location in _starts(step, uses.action.lower()):
                yield Evidence("deploy", said, location, index, source="action")
            stage = self.words.of_action(uses.action)
            if stage in _WORK and not _is_idle(step, uses.action):
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


def _is_idle(step: StepSummary, action: str) -> bool:
    """Whether an action's inputs make it deliver nothing: to log in is no deploy."""
    name = action.lower()
    given = {key.text: value.text.lower() for key, value in step.arguments}
    if name in _REMOTE_SCRIPTS:
        return only_shows(given.get("script") or given.get("command") or "")
    return any(
        given.get(key, "").partition(" ")[0] in words.split()
        for of, key, words in stage_words.IDLE_INPUTS
        if of == name
    )


_REMOTE_SCRIPTS = frozenset(stage_words.REMOTE_SCRIPTS.split())
_WORK = frozenset((*stage_words.STAGES, "plan", "cluster"))


def of_commands(ran: Iterable[Ran]) -> Iterator[Evidence]:
    return (Evidence(one.said.stage, one.said.words, one.location, one.index) for one in ran if one.said.stage in _WORK)


def _checkouts(job: Job) -> Iterator[str]:
    """The folders into which the repository itself is fetched."""
    for step in job.actions("actions/checkout"):
        given = {key.text: value.text for key, value in step.arguments}
        if given.get("path") and "repository" not in given:
            yield given["path"].removeprefix("./").rstrip("/")


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


def _starts(step: StepSummary, action: str) -> Iterator[tuple[str, Location]]:
    """The workflows of other repositories that an action starts, which say that they deploy."""
    given = {key.text: value for key, value in step.arguments}
    if action == "actions/github-script" and "script" in given:
        for mention in dispatched(given["script"].text):
            yield mention.said, given["script"].location
    event = given.get("event-type")
    if action == _DISPATCHER and "repository" in given and event is not None and says_deploy(event.text):
        yield f"{DISPATCH}`{event.text}`", event.location


_DISPATCHER = "peter-evans/repository-dispatch"


def _service(variable: str) -> str | None:
    """Whom a variable's name, `SLACK_WEBHOOK_URL`, says that a step writes to."""
    return next((name for text, name in stage_words.WEBHOOKS.items() if variable.upper().startswith(text)), None)


def _receiver(value: str) -> str | None:
    """Whom a secret's name, or an address, says that a step writes to: `HOOK: ${{ secrets.SLACK_WEBHOOK }}`."""
    secret = _SECRET.search(value)
    if secret is not None:
        return _service(secret["name"])
    return next((name for text, name in stage_words.WEBHOOKS.items() if "." in text and text in value), None)


def _left_off(job: Job) -> frozenset[str]:
    """The inputs of the workflow that it calls which are empty or false: it does not give them, or gives that."""
    if job.callee is None:
        return frozenset()
    given = {name.text.lower(): value.text for name, value in job.arguments}
    values = {**dict(job.callee.defaults), **given}
    return frozenset(name for name, value in values.items() if value.strip().lower() in ("", "false"))


def _asks_for(condition: Text | None, off: frozenset[str]) -> bool:
    """Whether something runs only where one of these inputs is given: `inputs.push`, `inputs.push && …`."""
    if condition is None or not condition.text or "||" in condition.text:
        return False
    parts = condition.text.strip().removeprefix("${{").removesuffix("}}").split("&&")
    return any(found["name"].lower() in off for part in parts if (found := _INPUT_ASKED.fullmatch(part.strip())))


_INPUT_ASKED = compiled(r"\(?\s*inputs\.(?P<name>[\w-]+)(?:\s*==\s*'?true'?)?\s*\)?")


def _firsts(found: list[Evidence]) -> tuple[Evidence, ...]:
    """Of each stage the first evidence."""
    return tuple({evidence.stage: evidence for evidence in reversed(found)}.values())
