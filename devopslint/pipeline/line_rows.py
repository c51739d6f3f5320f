"""What tells the stage of a command line, and why nothing is left to know of one, by rows with an example each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from devopslint.deferred import NamedTuple, compiled
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.command_lines import (
    PACKAGE_MANAGERS,
    SCRIPT_FILE,
    TEXT_FOLLOWS,
    inner_commands,
    program_of,
    unwrapped,
)
from devopslint.pipeline.rows import AnswerRow, ExceptionRow
from devopslint.pipeline.vocabulary import SHELLS_READ, Vocabulary
from devopslint.pipeline.words import Words, words_of
from devopslint.readers.shell_words import Command
from devopslint.scripts.tasks import RUNNERS, Task, bare_task, default_task, operands_of, tasks_of

_MOST_NESTED = 3
"""Commands inside a container or a shell, one in another, that are followed."""
_ELSEWHERE = compiled(r"\$\{?(?:RUNNER_TEMP|TMPDIR)\b|/tmp/")
_MONOREPO_RUNNERS = frozenset(("turbo", "nx", "lerna", "wireit", "moon"))
_ORDINARY = frozenset(tables.ORDINARY.split())
_IDLE = {program: frozenset(words.split()) for program, words in tables.IDLE.items()}
_PREPARING = Words(tables.PREPARING_WORDS)


_TOLD_WHAT = frozenset(("run", "run.sh", "do", "do.sh", "go", "x", "task", "cli", "manage", "project", "dev", "tool"))
"""Scripts of a project that are told what to do: `./run deploy`."""


DISPATCH = "the dispatch of "
"""What another repository takes over, whatever the job is called: `update-manifests`."""


class Line(NamedTuple):
    """A command line, its runners taken off."""

    words: list[str]
    program: str
    rest: list[str]
    """The words behind the program."""
    runner: str
    """Who may know the program as a script of the project: `hatch run`."""
    wrapped: bool
    """True where it stands in a container, in a shell, or behind a runner: what a shell is given is not read yet."""
    depth: int
    vocabulary: Vocabulary


class Meaning(NamedTuple):
    """What a command line says: its stage, in which words, and the script that it runs."""

    stage: str
    """Empty for a script whose name says nothing."""
    said: str
    task: Task | None = None


class Answer(NamedTuple):
    """What a row makes of a command line."""

    meanings: list[Meaning]
    inner: list[list[str]] = []  # noqa: RUF012  # nobody changes it
    """Command lines that it runs in its turn."""


def _scripts(line: Line) -> Answer | None:
    program, rest = line.program, line.rest
    tasks = tasks_of(program, rest)
    if not tasks:
        return None
    via = f"{rest[0]} " if rest[0] in RUNNERS[program].split() else ""
    first = tasks[0].name
    behind: Sequence[str] = rest[rest.index(first) :] if program in PACKAGE_MANAGERS and first in rest else ()
    if program == "mvn":
        behind = (first, *(word for word in rest if word.startswith("-")))
    meanings = [
        # What follows the first name of just may be an argument: only the file tells.
        meaning if task is tasks[0] or program != "just" else meaning._replace(stage="")
        for task in tasks
        for meaning in [of_task(line.vocabulary, task, behind, via=via)]
    ]
    return Answer(meanings)


def _tables(line: Line) -> Answer | None:
    stage, said = line.vocabulary.of_command(line.program, line.rest)
    return Answer([Meaning(stage, said, default_task(line.program, line.rest))]) if stage else None


def _inside(line: Line) -> Answer | None:
    inner = inner_commands(line.program, line.rest, wrapped=line.wrapped) if line.depth < _MOST_NESTED else []
    return Answer([], inner) if inner else None


def _builds_by_default(line: Line) -> Answer | None:
    if line.program not in tables.DEFAULT_TASKS or any(word in _PREPARING for word in line.rest):
        return None
    return Answer([Meaning("build", f"`{line.program}`", default_task(line.program, line.rest))])


def _default(line: Line) -> Answer | None:
    task = default_task(line.program, line.rest)
    return Answer([Meaning("", f"`{line.program}`", task)]) if task is not None else None


def _script_or_program(line: Line) -> Answer | None:
    if not line.runner or "/" in line.words[0]:
        return None
    return Answer([of_task(line.vocabulary, Task(line.runner, line.words[0]), via="run ")])


def _alias(line: Line) -> Answer | None:
    """What is no command of Cargo's own may be an alias of its configuration."""
    if line.program != "cargo" or _is_idle(line) or (line.rest[:1] and line.rest[0] in _OF_CARGO):
        return None
    operand = next(operands_of(line.program, line.rest), None)
    return Answer([of_task(line.vocabulary, Task("cargo", operand))]) if operand is not None else None


_OF_CARGO = frozenset(
    "add binstall cache clean config d info init locate-project new owner package pkgid r read-manifest remove rm run search".split()  # noqa: SIM905  # shorter than a list
)


def _bare_operands(line: Line) -> list[str]:
    """What stands behind a package manager that runs scripts, or installed programs, by their bare names."""
    known = line.program in PACKAGE_MANAGERS and line.program != "npm"  # which knows only its own commands so
    operand = next(iter(operands_of(line.program, line.rest)), None) if known else None
    return line.rest[line.rest.index(operand) :] if operand is not None else []


def _monorepo(line: Line) -> Answer | None:
    behind = _bare_operands(line)
    follows = behind[:1] and behind[0] in _MONOREPO_RUNNERS and line.depth < _MOST_NESTED
    return Answer([], [behind]) if follows else None


def _bare_script(line: Line) -> Answer | None:
    behind = _bare_operands(line)
    if not behind:
        return None
    return Answer([of_task(line.vocabulary, bare_task(line.program, behind[0], line.rest), behind)])


def _script_file(line: Line) -> Answer | None:
    path, program = line.words[0], line.program
    if not SCRIPT_FILE.search(program) and not ("/" in path and "." not in program) and program != "script":
        return None
    # A script that another one has put there is none of the project's.
    known = not _ELSEWHERE.match(path)
    by_name = line.vocabulary.names.of_script(SCRIPT_FILE.sub("", program)) if known else None
    if known and not by_name and program in _TOLD_WHAT and line.rest and not line.rest[0].startswith("-"):
        # What else the file does, it does when it is told something else.
        told = line.vocabulary.names.of_script(line.rest[0])
        return Answer([Meaning(told or "", f"`{program} {line.rest[0]}`", Task("file", f"{path} {line.rest[0]}"))])
    return Answer([Meaning(by_name or "", f"`{program}`", Task("file", path, arguments=tuple(line.rest[:4])))])


def _told_to_dispatch(line: Line) -> Answer | None:
    """A script that starts a workflow, which it is told: `./dispatch.sh --targetWorkflow deploy.yml`."""
    if _DISPATCHER.search(line.program) is None or "destroy" in line.rest:
        return None
    workflow = next((word for word in line.rest if word.endswith((".yml", ".yaml")) and says_deploy(word)), None)
    return Answer([Meaning("deploy", f"{DISPATCH}`{workflow}`")]) if workflow is not None else None


_DISPATCHER = compiled(r"(?:\A|[-_/.])(?:dispatch|trigger)")

LINE_ROWS: tuple[AnswerRow[Line, Answer], ...] = (
    AnswerRow(
        "dispatcher",
        "a script starts the workflow that it is told",
        "./dispatch_workflow.sh --targetWorkflow dispatch-deploy.yaml",
        "deploy",
        _told_to_dispatch,
    ),
    AnswerRow("scripts", "it runs scripts of the project by name", "npm run lint", "lint", _scripts),
    AnswerRow("tables", "the tables know the command", "pytest -q", "test", _tables),
    AnswerRow(
        "inside", "a container or a shell runs another command", "docker exec web sh -c 'pytest'", "test", _inside
    ),
    AnswerRow("builds-by-default", "it builds where it is given no goal", "make", "build", _builds_by_default),
    AnswerRow("default", "a task runner runs its default, which only its file tells", "just", "", _default),
    AnswerRow(
        "script-or-program", "the project may have a script of that name", "hatch run check", "test", _script_or_program
    ),
    AnswerRow("alias", "it may be an alias", "cargo lint", "lint", _alias),
    AnswerRow("monorepo", "it runs the scripts of the packages", "yarn turbo run lint", "lint", _monorepo),
    AnswerRow("bare-script", "it runs a script by its bare name", "yarn lint", "lint", _bare_script),
    AnswerRow("script-file", "it is a script of the project", "./deploy.sh", "deploy", _script_file),
)


def of_task(vocabulary: Vocabulary, task: Task, words: Sequence[str] = (), via: str = "") -> Meaning:
    """A script run by its name; of a tool that has goals of its own, the goal."""
    runner, name = task.runner, task.name
    # `npm run ci` is not `npm ci`.
    own = via == "" or runner not in PACKAGE_MANAGERS
    stage, said = vocabulary.of_command(runner, [name, *words[1:]], bare=False) if own else ("", "")
    if not stage:
        last = name.rpartition(":")[2] if runner == "gradle" else name  # before it stands the project
        stage, said = vocabulary.names.of_script(last) or "", f"`{runner} {via}{_quoted(name)}`"
    if not stage and words:
        stage, said = vocabulary.of_command(name, list(words[1:]))
    if not stage and own and runner != "nox":  # whose sessions do anything; the environments of tox are mostly tests
        stage, said = vocabulary.of_command(runner, [name])
    return Meaning(stage, said or f"`{runner} {via}{_quoted(name)}`", task)


def _quoted(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


def _is_idle(line: Line) -> bool:
    idle = _IDLE.get(line.program)
    operand = next((word for word in line.rest if not word.startswith("-")), "")
    return idle is not None and (operand in idle or not operand)


KNOWN_ROWS: tuple[ExceptionRow[Line], ...] = (
    ExceptionRow(
        "ordinary",
        "the program does no stage's work whatever it is told",
        "mkdir -p dist",
        "",
        lambda line: line.program in _ORDINARY,
    ),
    ExceptionRow(
        "shell",
        "what the shell is given is read by itself",
        "bash -c 'mkdir dist'",
        "",
        lambda line: line.program in SHELLS_READ and any(TEXT_FOLLOWS.match(word) for word in line.words),
    ),
    ExceptionRow(
        "no-program",
        "it is an expression, or a remark",
        "${{",
        "",
        lambda line: line.program.startswith(("${{", "#")),
    ),
    ExceptionRow("idle", "with these words it does no stage's work", "kubectl get pods", "", _is_idle),
    ExceptionRow(
        "gets-ready",
        "a program of the tables only prepares",
        "playwright install",
        "",
        lambda line: line.vocabulary.patterns_of(line.program) and any(word in _PREPARING for word in line.words[1:3]),
    ),
)
"""Why a command that says nothing leaves nothing to know; of any other it is not known what it does."""


class Passing(NamedTuple):
    """A command in its place, and what it would say."""

    command: Command
    source: Command | None
    """What is piped into it."""
    meaning: Meaning | None = None


def _makes_plain_object(command: Command) -> bool:
    texts = command.texts
    return command.name in ("kubectl", "oc") and "create" in texts and "deployment" not in texts


def _only_lists(command: Command) -> bool:
    """Whether a task runner is told to show what it would run, and to run nothing."""
    if _SAYS_SO.isdisjoint(command.texts):
        return False  # as most commands do
    words, _ = unwrapped([word.text for word in command.words])
    program = program_of(words[0]) if words else ""
    operand = next(operands_of(program, words[1:]), "")
    return any(word in _LISTING.get(program, ()) for word in words[1:]) or operand in _LISTING_WORDS.get(program, ())


_OF_MAKE = frozenset(("-n", "--dry-run", "--just-print", "--recon", "-q", "--question"))
_OF_TASK = frozenset(("-l", "--list", "-a", "--list-all", "-n", "--dry", "--dry-run", "--summary", "--status"))
_LISTING = {
    "make": _OF_MAKE,
    "gmake": _OF_MAKE,
    "just": frozenset(("-l", "--list", "-n", "--dry-run", "--summary", "-s", "--show", "--dump", "--evaluate")),
    "task": _OF_TASK,
    "go-task": _OF_TASK,
    "tox": frozenset(("-l", "--listenvs", "-a", "--listenvs-all", "-n", "--notest", "--showconfig")),
    "nox": frozenset(("-l", "--list", "--list-sessions", "--install-only")),
}
_LISTING_WORDS = {"tox": frozenset(("l", "list", "c", "config", "d", "devenv", "de", "depends", "schema"))}
_SAYS_SO = frozenset().union(*_LISTING.values(), *_LISTING_WORDS.values())

PASSING_ROWS: tuple[ExceptionRow[Passing], ...] = (
    ExceptionRow(
        "only-lists",
        "a task runner only shows what it would run",
        "make -n test",
        "",
        lambda one: _only_lists(one.command),
    ),
    ExceptionRow(
        "plain-object",
        "it applies an object that is made on the spot",
        "kubectl create secret generic key --dry-run=client -o yaml | kubectl apply -f -",
        "",
        lambda one: one.source is not None and _makes_plain_object(one.source),
    ),
    ExceptionRow(
        "written-down",
        "it writes down what the files come to",
        "docker compose config > all.yml",
        "",
        lambda one: (
            one.meaning is not None
            and one.meaning.stage == "lint"
            and one.meaning.said.endswith("compose config`")
            and one.command.redirections
        ),
    ),
)
"""Commands, and what they would say, that are left out."""


class Mention(NamedTuple):
    """Where a text stands in a script, and what it says there."""

    said: str
    offset: int


def sends(script: str) -> bool:
    """Whether something in a script may send a message."""
    return _SENDING.search(script) is not None


_SENDING = compiled(r"\b(?:curl|wget|http|https|notify|Invoke-\w+)\b")
_KEEPING = compiled(r"\s*(?:(?:export|local|readonly)\s+)?(?:\w+=|echo\b|printf\b|test\b|if\b|\[)")


def _is_used(script: str, variable: str) -> bool:
    """Whether a line does more with a webhook's address than to fetch, mask or keep it."""
    return any(sends(line) or not _KEEPING.match(line) for line in script.splitlines() if variable in line)


def _webhooks(script: str) -> Iterator[Mention]:
    for text, service in tables.WEBHOOKS.items():
        at = script.find(text)
        if at >= 0 and ("." in text or _is_used(script, text)):
            yield Mention(f"a message to {service}", at)


def _deploy_hook(script: str) -> Iterator[Mention]:
    hook = next((at for text in tables.DEPLOY_HOOKS if (at := script.find(text)) >= 0), None)
    if hook is not None and "curl" in script:
        yield Mention("the deploy hook", hook)


def _dispatch(script: str) -> Iterator[Mention]:
    """A request to GitHub that starts a workflow of another repository, and hands an image's tag over."""
    found = _DISPATCH.search(script)
    if found is not None and _HANDED_IMAGE.search(script, found.end()):
        yield Mention(f"{DISPATCH}an image", found.start())


def dispatched(script: str) -> Iterator[Mention]:
    """A request that starts a workflow of another repository whose file says that it deploys."""
    for found in _STARTED.finditer(script):
        workflow = next(filter(None, found.groupdict().values()))
        around = script[max(0, found.start() - _NEAR) : found.end() + _NEAR]
        if says_deploy(workflow) and _OF_ANOTHER.search(around) is not None:
            yield Mention(f"{DISPATCH}`{workflow}`", found.start())


def says_deploy(workflow: str) -> bool:
    """Whether a workflow's file is called after a deploy, and after nothing that only looks at one."""
    words = frozenset(words_of(workflow.rpartition("/")[2].partition(".")[0]))
    return not _DEPLOYING.isdisjoint(words) and _LOOKING.isdisjoint(words)


_DEPLOYING = frozenset(("apply", "deploy", "deploys", "deployment", "promote", "rollout"))
_LOOKING = frozenset(
    "check checks cleanup destroy e2e lint notify plan preview status test tests undeploy verify".split()  # noqa: SIM905
)
_NEAR = 400
"""Characters around the workflow's name in which the repository is named."""
_STARTED = compiled(
    r"workflow_id[\"']?\s*:\s*[\"'](?P<script>[\w./-]+\.ya?ml)[\"']|\bgh workflow run (?:-\S+ \S+ )*(?P<gh>[\w./-]+\.ya?ml)\b"
    r"|/actions/workflows/(?P<url>[\w.-]+\.ya?ml)/dispatches\b"
)
_OF_ANOTHER = compiled(
    r"\brepo[\"']?\s*:\s*[\"'][\w.-]+[\"']|(?:--repo|-R)[ =][\"']?(?:\$\{\{ ?github\.repository_owner ?\}\}|[\w.${}-]+)/[\w.-]+|api\.github\.com/repos/[\w.-]+/[\w.-]+/actions"
)
"""Another repository by its name: `context.repo.repo` and `$GITHUB_REPOSITORY` are this one."""
_DISPATCH = compiled(r"api\.github\.com/repos/[\w.${}/-]+/dispatches\b")
_HANDED_IMAGE = compiled(r"[\"'](?:\w*_)?(?:docker_tag|image_tag|image|sha_tag|imageTag|dockerTag)[\"']\s*:")

TEXT_ROWS: tuple[AnswerRow[str, Iterator[Mention]], ...] = (
    AnswerRow("webhook", "it writes to a service", "./say https://hooks.slack.com/services/x", "notify", _webhooks),
    AnswerRow(
        "deploy-hook", "it makes a platform deploy", 'curl -X POST "$RENDER_DEPLOY_HOOK_URL"', "deploy", _deploy_hook
    ),
    AnswerRow(
        "dispatch",
        "it has another repository take an image over",
        """curl -X POST https://api.github.com/repos/acme/manifests/dispatches -d '{"client_payload": {"image_tag": "2"}}'""",
        "deploy",
        _dispatch,
    ),
    AnswerRow(
        "dispatched",
        "it starts a workflow of another repository that deploys",
        "gh workflow run deploy.yml --repo acme/infra",
        "deploy",
        dispatched,
    ),
)
"""Texts of a script that say something wherever they stand."""
