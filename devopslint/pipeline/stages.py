"""Which stages the actions, commands and scripts of a job do the work of, by the words of the tables."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location, StageWords
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.command_lines import (
    PACKAGE_MANAGERS,
    SCRIPT_FILE,
    TEXT_FOLLOWS,
    inner_commands,
    program_of,
    unwrapped,
)
from devopslint.pipeline.commands import COMMAND_ROWS, CommandRow, Given, Pattern, shown
from devopslint.pipeline.names import Names, is_vague
from devopslint.pipeline.stage_words import Word
from devopslint.pipeline.words import Words, without_expressions
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command
from devopslint.scripts.places import placed
from devopslint.scripts.tasks import RUNNERS, Task, default_task, operands_of, task_before, tasks_of

_SENDING = compiled(r"\b(?:curl|wget|http|https|notify|Invoke-\w+)\b")
_KEEPING = compiled(r"\s*(?:(?:export|local|readonly)\s+)?(?:\w+=|echo\b|printf\b|test\b|if\b|\[)")
_ELSEWHERE = compiled(r"\$\{?(?:RUNNER_TEMP|TMPDIR)\b|/tmp/")
_LINTER = compiled(r"lint(?:er)?\Z")
_SHELLS_READ = frozenset(("", "bash", "sh", "pwsh", "powershell", "cmd", "zsh", "dash", "ash", "ksh"))


class Evidence(NamedTuple):
    """What says that a job does the work of a stage."""

    stage: str
    said: str
    """As a message quotes it: `kubectl apply`, the action `docker/build-push-action`, its name 'Deploy'."""
    location: Location
    step: int
    """The index of the step; -1 where the job itself says it."""
    strong: bool = True
    """True for what the job runs; False for what it is called."""
    source: str = ""
    """`environment` where only an environment says so, `build` where a build does the stage's work on its way,
    `guess` where a workflow that is only called `ci` may do more."""

    def __str__(self) -> str:
        return f"{self.said}, line {self.location.line}"


class Said(NamedTuple):
    """What a command says: its stage, in which words, and the command itself."""

    stage: str
    words: str
    command: Command | None
    offset: int
    task: Task | None = None
    """The script of the project that it runs."""
    by_file: bool = False
    """True for a script that is known by its file's name alone: `hack/audit.sh`."""
    vague: bool = False
    """True for a script that is only called `check`, or the like."""
    unread: bool = False
    """True for a command of which nothing is known."""
    script: str = ""
    """The text in which it stands, its offsets' own."""


class Vocabulary:
    """The tables, made ready, with what a configuration adds to them."""

    def __init__(
        self,
        added: Iterable[StageWords] = (),
        words: Iterable[Word] | None = None,
        command_rows: tuple[CommandRow, ...] = COMMAND_ROWS,
    ) -> None:
        added = tuple(added)
        self.names = Names({one.stage: Words(" ".join(one.names).lower()) for one in added})
        self.exact_actions: dict[str, str] = {}
        self.action_globs: list[tuple[str, re.Pattern[str], str]] = []
        """Each with its longest piece without a wildcard, which says at once that most do not match."""
        self.commands: dict[str, list[Pattern]] = {}
        self._open: set[str] = set()
        """Programs of which the tables give only the begin: `clang-tidy*`."""
        self._command_rows = command_rows
        for word in (*_configured(added), *(tables.words() if words is None else words)):
            if word.kind == "action":
                self._add_action(word)
            else:
                self.commands.setdefault(word.program.rstrip("*"), []).append(Pattern.of(word))
                if word.program.endswith("*"):
                    self._open.add(word.program.rstrip("*"))
        for patterns in self.commands.values():
            patterns.sort(key=lambda pattern: -len(pattern.words) - len(pattern.options))

    def _add_action(self, word: Word) -> None:
        name = word.text.lower()
        if "*" in name:
            piece = max(re.split(r"[*?]|\[.*?\]", name), key=len)
            self.action_globs.append((piece, compiled(translate(name)), word.stage))
        else:
            self.exact_actions.setdefault(name, word.stage)

    @functools.cache  # noqa: B019  # vocabularies live as long as the run
    def of_action(self, action: str) -> str | None:
        """The stage that an action does the work of: `docker/build-push-action` -> build."""
        name = action.lower()
        if name in _PREPARING_ACTIONS:
            return None
        parts = name.split("/")
        for length in range(len(parts), 1, -1):
            stage = self.exact_actions.get("/".join(parts[:length]))
            if stage is not None:
                return stage
        short = "/".join(parts[:2])
        return next(
            (
                stage
                for piece, glob, stage in self.action_globs
                if piece in name and (glob.match(name) or glob.match(short))
            ),
            None,
        )

    @functools.cache  # noqa: B019  # vocabularies live as long as the run
    def of_script(self, script: str) -> tuple[Said, ...]:
        """What each command of a shell script says, in their order; those that say nothing are left out."""
        found: list[Said] = []
        piping: Command | None = None
        for command, folder in placed(read_commands(without_expressions(script))):
            source, piping = piping, command
            if command.before == "|" and source is not None and _makes_plain_object(source):
                continue
            if command.name == "trap":
                found.extend(self._of_trap(command))
            elif command.words:
                before = len(found)
                for stage, words, task in self._of_words([word.text for word in command.words]):
                    if stage == "lint" and words.endswith("compose config`") and command.redirections:
                        continue  # it writes down what the files come to
                    by_file = task is not None and task.runner == "file"
                    vague = task is not None and not by_file and self._is_vague(task)
                    placed_task = task.within(folder) if task is not None else None
                    found.append(Said(stage, words, command, command.start, placed_task, by_file, vague, script=script))
                if len(found) == before and self._is_unread([word.text for word in command.words]):
                    found.append(Said("", f"`{command.name}`", command, command.start, unread=True, script=script))
        for text, service in tables.WEBHOOKS.items():
            at = script.find(text)
            if at >= 0 and ("." in text or _is_used(script, text)):
                found.append(Said("notify", f"a message to {service}", None, at))
        hook = next((at for text in tables.DEPLOY_HOOKS if (at := script.find(text)) >= 0), None)
        if hook is not None and "curl" in script:
            found.append(Said("deploy", "the deploy hook", None, hook))
        return tuple(sorted(found, key=lambda said: said.offset))

    def _is_unread(self, words: list[str]) -> bool:
        """Whether nothing is known of what a command does."""
        inner, _ = unwrapped(words)
        if not inner:
            return False
        program = program_of(inner[0])
        if (
            program in _ORDINARY
            or (program in _SHELLS_READ and any(TEXT_FOLLOWS.match(word) for word in inner))
            or program.startswith(("${{", "#"))
        ):
            return False
        idle = _IDLE.get(program)
        operand = next((word for word in inner[1:] if not word.startswith("-")), "")
        if idle is not None and (operand in idle or not operand):
            return False
        return not (self._patterns(program) and any(word in _PREPARING for word in inner[1:3]))

    def _is_vague(self, task: Task) -> bool:
        return bool(task.name) and is_vague(task.name) and not self.of_command(task.runner, [task.name])[0]

    def _of_trap(self, command: Command) -> Iterator[Said]:
        """What a trap undoes when a command behind it fails."""
        for inner in read_commands(command.texts[0]) if command.texts else ():
            for stage, said, _ in self._of_words([word.text for word in inner.words]):
                if stage == "rollback":
                    yield Said(stage, said, command, command.start)

    def _of_words(self, words: list[str], depth: int = 0) -> Iterator[tuple[str, str, Task | None]]:
        """(stage, what says it, the script that it runs); stage is empty for a script whose name says nothing."""
        given, (words, runner) = words, unwrapped(words)
        if not words:
            return
        wrapped = depth > 0 or words is not given  # else what a shell is given has been read already
        program = program_of(words[0])
        rest = words[1:]
        tasks = tasks_of(program, rest)
        if tasks:
            via = f"{rest[0]} " if rest[0] in RUNNERS[program].split() else ""
            first = tasks[0].name
            behind = rest[rest.index(first) :] if program in PACKAGE_MANAGERS and first in rest else ()
            for task in tasks:
                for stage, said, own in self.of_task(task, behind, via=via):
                    # What follows the first name of just may be an argument: only the file tells.
                    yield stage if task is tasks[0] or program != "just" else "", said, own
            return
        stage, said = self.of_command(program, rest)
        first_task = task_before(program, rest)
        if first_task is not None:
            yield "", f"`{program} {first_task.name}`", first_task
        if stage:
            yield stage, said, default_task(program, rest)
        elif depth < _MOST_NESTED and (inner := inner_commands(program, rest, wrapped=wrapped)):
            for command in inner:
                yield from self._of_words(command, depth + 1)
        else:
            yield from self._of_own(words, runner, depth)

    def _of_own(self, words: list[str], runner: str, depth: int) -> Iterator[tuple[str, str, Task | None]]:
        """What a command says that only the project can know: a task runner's default, a script by its name or file."""
        program, rest = program_of(words[0]), words[1:]
        default = default_task(program, rest)
        if program in tables.DEFAULT_TASKS and not any(word in _PREPARING for word in rest):
            yield "build", f"`{program}`", default
        elif default is not None:
            yield "", f"`{program}`", default
        elif runner and "/" not in words[0]:
            yield from self.of_task(Task(runner, words[0]), via="run ")
        elif program in PACKAGE_MANAGERS and program != "npm" and (operands := list(operands_of(program, rest))):
            # They run a script or an installed program by its bare name; npm knows only its own commands so.
            behind = rest[rest.index(operands[0]) :]
            if operands[0] in _MONOREPO_RUNNERS and depth < _MOST_NESTED:
                yield from self._of_words(behind, depth + 1)
            else:
                yield from self.of_task(Task(program, operands[0]), behind)
        elif SCRIPT_FILE.search(program) or ("/" in words[0] and "." not in program) or program in ("script",):
            # A script that another one has put there is none of the project's.
            by_name = "" if _ELSEWHERE.match(words[0]) else self.names.of_script(SCRIPT_FILE.sub("", program)) or ""
            yield by_name, f"`{program}`", Task("file", words[0], arguments=tuple(rest[:4]))

    def of_task(self, task: Task, words: Sequence[str] = (), via: str = "") -> Iterator[tuple[str, str, Task | None]]:
        """A script run by its name; of a tool that has goals of its own, the goal."""
        runner, name = task.runner, task.name
        # `npm run ci` is not `npm ci`.
        own = via == "" or runner not in PACKAGE_MANAGERS
        stage, said = self.of_command(runner, [name, *words[1:]], bare=False) if own else ("", "")
        if not stage:
            stage, said = self.names.of_script(name) or "", f"`{runner} {via}{_quoted(name)}`"
        if not stage and words:
            stage, said = self.of_command(name, list(words[1:]))
        if (
            not stage and own and runner != "nox"
        ):  # whose sessions do anything; the environments of tox are mostly tests
            stage, said = self.of_command(runner, [name])
        yield stage, said or f"`{runner} {via}{_quoted(name)}`", task

    def _patterns(self, program: str) -> list[Pattern]:
        found = self.commands.get(program)
        if found is None:
            begins = (program[:length] for length in range(min(len(program) - 1, _LONGEST_PROGRAM), 4, -1))
            found = next((self.commands[begin] for begin in begins if begin in self._open), None)
        return found if found is not None else [_LINTS] if _LINTER.search(program) else []

    def of_command(self, program: str, rest: Sequence[str], *, bare: bool = True) -> tuple[str, str]:
        """The stage of one program with its arguments, and the words that say so; empty where it has none."""
        rest = rest[:_MOST_WORDS]
        options = [word for word in rest if word.startswith("-") and len(word) > 1]
        operands = [
            (word, index > 0 and rest[index - 1].startswith("-") and "=" not in rest[index - 1])
            for index, word in enumerate(rest)
            if not word.startswith("-")
        ]
        for pattern in self._patterns(program):
            if not pattern.words and not pattern.options and (not bare or _prepares(operands, options)):
                continue
            if pattern.fits(operands, options):
                stage = pattern.stage
                given = Given(program, rest, operands, options, stage)
                row = next((row for row in self._command_rows if row.when(given)), None)
                if row is not None:
                    stage = row.turns
                if not stage:
                    return "", ""
                return stage, "`" + " ".join([program, *(shown(pattern, operands)), *pattern.options]) + "`"
        return "", ""


@functools.cache
def vocabulary(added: tuple[StageWords, ...]) -> Vocabulary:
    return Vocabulary(added)


def _configured(added: Iterable[StageWords]) -> Iterator[Word]:
    for one in added:
        yield from (Word("action", one.stage, action) for action in one.actions)
        yield from (Word("command", one.stage, command) for command in one.commands if command.split())


def sends(script: str) -> bool:
    """Whether something in a script may send a message."""
    return _SENDING.search(script) is not None


def _is_used(script: str, variable: str) -> bool:
    """Whether a line does more with a webhook's address than to fetch, mask or keep it."""
    return any(sends(line) or not _KEEPING.match(line) for line in script.splitlines() if variable in line)


def prepares(action: str) -> bool:
    """Whether an action only sets something up, whatever its owner's others do."""
    return action.lower() in _PREPARING_ACTIONS


def reports_only(action: str) -> bool:
    """Whether an action of a gate's stage only prepares or reports, so that its failure says nothing of the product."""
    name = action.lower()
    return name in _REPORTING or "/".join(name.split("/")[:2]) in _REPORTING


def reads(shell: str) -> bool:
    """Whether scripts of this `shell:` are read as commands."""
    return (shell.split() or [""])[0].rpartition("/")[2].removesuffix(".exe") in _SHELLS_READ


def _makes_plain_object(command: Command) -> bool:
    """`kubectl create secret … --dry-run=client -o yaml`, which is applied next."""
    texts = command.texts
    return command.name in ("kubectl", "oc") and "create" in texts and "deployment" not in texts


def _prepares(operands: Sequence[tuple[str, bool]], options: Sequence[str]) -> bool:
    if (operands and operands[0][0] in _PREPARING) or any(option.startswith(_PREPARING_OPTIONS) for option in options):
        return True
    return not operands and any(option in _PREPARING for option in options)


def _quoted(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


_MONOREPO_RUNNERS = frozenset(("turbo", "nx", "lerna", "wireit", "moon"))
_LINTS = Pattern("lint", (), ())
"""What any program does that is called a linter."""
_MOST_WORDS = 256
"""Words of one command that are compared with the tables."""
_LONGEST_PROGRAM = 60
"""Characters of a name that may begin with that of another."""
_MOST_NESTED = 3
"""Commands inside a container or a shell, one in another, that are followed."""
_ORDINARY = frozenset(tables.ORDINARY.split())
_IDLE = {program: frozenset(words.split()) for program, words in tables.IDLE.items()}
_PREPARING_OPTIONS = ("--update-", "--install-", "--download-")
_PREPARING_ACTIONS = Words(tables.NOT_A_STAGE)
_REPORTING = Words(tables.REPORTS)
_PREPARING = Words(tables.PREPARING_WORDS)
