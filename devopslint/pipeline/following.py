"""What the scripts of a project run in their turn, and what that says beside the names that they are called by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.pipeline.evidence import Said
from devopslint.pipeline.interpreter import first
from devopslint.pipeline.line_rows import of_task
from devopslint.pipeline.rows import ExceptionRow
from devopslint.pipeline.script_names import prepares_only
from devopslint.pipeline.shell_scripts import ShellScripts
from devopslint.pipeline.stage_words import GATES
from devopslint.pipeline.values import LONGEST, MOST_VALUES, Values, filled, put_in
from devopslint.scripts.resolution import ProjectScripts
from devopslint.scripts.tasks import Task

DEEPEST = 12
"""Levels of workflows, actions and scripts that call each other; GitHub itself allows ten."""
_CHOSEN_BY = {"tox": "TOXENV", "nox": "NOXSESSION"}
"""Runner -> the variable that names what it runs where the command does not."""
_ALONGSIDE = frozenset((*GATES, "rollout", "rollback", "cluster"))
"""Stages of what a script runs that count beside the one that its name tells."""
_NAMED_BUILDS = frozenset((*GATES, "publish"))
"""Stages of which a build may be all that can be seen: `"typecheck": "tsc"`."""
_PREPARED = frozenset((*GATES, "build"))
"""Stages that a script which only prepares does none of: `make install-tools`."""
_FORMATTERS = ("`go fmt`", "`gofmt`", "`gofumpt`", "`goimports`")
_IN_SOME_RUNS = ("branch",)


class Expansion(NamedTuple):
    """What a script of the project does."""

    stages: tuple[tuple[str, str], ...]
    """Each with the command that says so."""
    unread: bool
    """True where it runs something of which nothing is known."""


class Part(NamedTuple):
    """A stage of what a script runs."""

    caller: Said
    stage: str
    words: str


PART_ROWS: tuple[ExceptionRow[Part], ...] = (
    ExceptionRow(
        "gets-ready",
        "its name says that it only prepares",
        "go: {steps: [{run: make install-tools}]}",
        "",
        lambda part: part.stage in _PREPARED and part.caller.task is not None and prepares_only(part.caller.task.name),
        files=(("Makefile", "install-tools:\n\tgo build ./tools\n"),),
    ),
    ExceptionRow(
        "writes",
        "a formatter on the way of something else is no lint: it writes",
        "go: {steps: [{run: make all}]}",
        "",
        lambda part: part.words in _FORMATTERS and part.caller.stage != "lint",
        files=(("Makefile", "all:\n\tgo fmt ./...\n"),),
    ),
)
"""Stages of what a script runs that do not count."""


class Called(NamedTuple):
    """A script as it is called, and what it runs."""

    said: Said
    stages: dict[str, str]
    unread: bool
    depth: int


def _is_guessed(called: Called) -> bool:
    """Whether its stage is the runner's, not its name's: the environments of tox are mostly tests."""
    return called.said.task is not None and called.said.task.runner == "tox"


CALLED_ROWS: tuple[ExceptionRow[Called], ...] = (
    ExceptionRow(
        "runs-it",
        "it runs what its name stands for; what it builds for that is on the way",
        "go: {steps: [{run: make test}]}",
        "test",
        lambda called: called.said.stage in called.stages,
        files=(("Makefile", "test:\n\tgo build ./...\n\tgo test ./...\n"),),
    ),
    ExceptionRow(
        "runs-more",
        "it runs something of which nothing is known",
        "go: {steps: [{run: make deploy}]}",
        "deploy",
        lambda called: called.unread and not called.depth,
        files=(("Makefile", "deploy:\n\tshipper send\n"),),
    ),
    ExceptionRow(
        "only-builds",
        "a build may be all that can be seen of it",
        "go: {steps: [{run: npm run typecheck}]}",
        "lint",
        lambda called: (
            called.said.stage in _NAMED_BUILDS
            and not _is_guessed(called)
            and "build" in called.stages
            and called.stages.keys() <= {"build", "fetch"}
        ),
        files=(("package.json", '{"scripts": {"typecheck": "tsc"}}\n'),),
    ),
    ExceptionRow(
        "compares",
        "what compares or searches files is a check, if it is called one",
        "go: {steps: [{run: make lint}]}",
        "lint",
        lambda called: (
            not called.stages and called.said.stage in GATES and not called.depth and not _is_guessed(called)
        ),
        files=(("Makefile", "lint:\n\tdiff -r a b\n"),),
    ),
)
"""Why the name of a script counts beside what it runs."""


class Inner(NamedTuple):
    """A command of a script of the project."""

    said: Said
    found: bool
    """True where the script that it runs is in the repository."""


INNER_ROWS: tuple[ExceptionRow[Inner], ...] = (
    ExceptionRow(
        "in-some-runs",
        "whether it delivers is told by who calls it",
        "go: {steps: [{run: ./go.sh}]}",
        "",
        lambda inner: (
            inner.said.stage in ("deploy", "plan")
            and inner.said.command is not None
            and inner.said.command.within(*_IN_SOME_RUNS)
        ),
        files=(("go.sh", 'case "$TASK" in\n  up) kubectl apply -f k8s ;;\nesac\n'),),
    ),
    ExceptionRow(
        "only-named",
        "of a script in a script the name is not enough",
        "go: {steps: [{run: ./go.sh}]}",
        "",
        lambda inner: inner.said.by_file and not inner.found,
        files=(("go.sh", "./deploy.sh\n"),),
    ),
)
"""Commands of a script that leave it unknown what the script does."""


class Following:
    """Follows scripts into what they run, each once."""

    def __init__(
        self,
        shell: ShellScripts,
        scripts: ProjectScripts,
        part_rows: tuple[ExceptionRow[Part], ...] = PART_ROWS,
        called_rows: tuple[ExceptionRow[Called], ...] = CALLED_ROWS,
        inner_rows: tuple[ExceptionRow[Inner], ...] = INNER_ROWS,
    ) -> None:
        self._shell = shell
        self._scripts = scripts
        self._part_rows = part_rows
        self._called_rows = called_rows
        self._inner_rows = inner_rows
        self._expansions: dict[tuple[Task, str], Expansion | None] = {}

    def said(self, script: str, values: Values) -> Iterator[Said]:
        """What the commands of a script say, with every value that the matrix, the environment or the inputs put in."""
        return self._chosen(self._said(script, values), values)

    def means(self, said: Said, folder: str, depth: int = 0) -> Iterator[Said]:
        """What a command does, the scripts that it runs included; what a script runs outweighs its name."""
        inner = self._expanded(said.task, folder, depth) if said.task is not None else None
        if inner is None:
            if said.stage or said.task is not None:
                yield said._replace(unread=not said.stage)
            return
        stages = {stage: words for stage, words in inner.stages if not self._is_left_out(Part(said, stage, words))}
        called = Called(said, stages, inner.unread, depth)
        named = bool(said.stage) and first(self._called_rows, called) is not None
        if named:
            yield said._replace(unread=inner.unread)
        elif inner.unread and not stages:
            yield said._replace(stage="", unread=True)
        for stage, words in stages.items():
            if stage != said.stage and (not named or stage in _ALONGSIDE):
                yield said._replace(stage=stage, words=f"{said.words}: {words}", unread=inner.unread)

    def _is_left_out(self, part: Part) -> bool:
        return first(self._part_rows, part) is not None

    def _expanded(self, task: Task, folder: str, depth: int = 0) -> Expansion | None:
        """The stages of what a script of the project runs, each once; None where the repository does not have it."""
        key = task, folder
        if key not in self._expansions and depth < DEEPEST:
            self._expansions[key] = None  # a script that runs itself adds nothing
            body = self._scripts.body(task, folder)
            if body is not None:
                found: dict[str, str] = {}
                unread = False
                for part in body.parts:
                    for said in self._chosen(self._shell.read(part) if isinstance(part, str) else self._of(part), {}):
                        known = not said.by_file or self._scripts.body(said.task or task, body.folder) is not None
                        if first(self._inner_rows, Inner(said, known)) is not None:
                            unread = True
                            continue
                        unread = unread or said.unread
                        for one in self.means(said, body.folder, depth + 1):
                            unread = unread or one.unread
                            if one.stage:
                                found.setdefault(one.stage, one.words.rpartition("`: ")[2])
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
                stage, words, task = of_task(self._shell.words, said.task._replace(name=name))
                yield said._replace(stage=stage, words=words, task=task)

    def _of(self, task: Task) -> Iterator[Said]:
        """A prerequisite: it may be called after a tool that it fetches."""
        yield Said("", of_task(self._shell.words, task).said, None, 0, task)

    def _said(self, script: str, values: Values) -> Iterator[Said]:
        used = put_in(script, values)
        if not used or len(script) > LONGEST:
            yield from self._shell.read(script)
            return
        known: set[tuple[str, str]] = set()
        for number in range(min(MOST_VALUES, max(len(texts) for texts in used))):
            for said in self._shell.read(filled(script, values, number)):
                if not number or (said.stage, said.words) not in known:
                    known.add((said.stage, said.words))
                    yield said


def _named_by_variable(said: Said, values: Values) -> list[str]:
    """What a variable of the command, of its script or of the job tells tox or nox to run."""
    variable = _CHOSEN_BY.get(said.task.runner) if said.task is not None else None
    if variable is None or said.command is None:
        return []
    here = compiled(rf"\b{variable}=[\"']?([^\s\"';&|]+)").findall(said.script[: said.command.end])
    texts = here[-1:] or values.get(f"env.{variable}", ())
    names = [filled(text, values, number) for text in texts for number in range(MOST_VALUES if "$" in text else 1)]
    return [name for name in dict.fromkeys(",".join(names).replace(" ", "").split(",")) if name and "$" not in name]
