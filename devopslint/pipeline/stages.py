"""Which stages of delivery a job does, and what says so: its actions and commands first, then its names."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location, StageWords
from devopslint.pipeline import stage_words as tables
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command
from devopslint.scripts.places import placed
from devopslint.scripts.tasks import RUNNERS, Task, default_task, operands_of, tasks_of

GATES = frozenset(("lint", "test", "security"))
"""The stages that decide whether what is delivered is good."""
DELIVERY = frozenset(("publish", "deploy"))

_COPYING = frozenset(("aws", "gsutil", "gcloud", "rsync", "scp"))
_HERE = compiled(
    r"(?:^|[/@=,\s])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal)(?![\w-])|^(?:--connection=|-c)local$"
)
"""A place on the machine that runs the job."""
_REMOTE = compiled(r"(?:s3|gs)://|[^/\\]{2,}:")
_PREPARING_OBJECTS = frozenset(
    "namespace namespaces ns crd crds rbac secret secrets serviceaccount quota storageclass issuer clusterissuer".split()  # noqa: SIM905
)
"""Words of the names of files that prepare a cluster for what is deployed."""
_PODLESS_OBJECTS = _PREPARING_OBJECTS | frozenset(
    "configmap configmaps cm ingress hpa pdb networkpolicy netpol pvc pv servicemonitor".split()  # noqa: SIM905
)
_BETWEEN_WORDS = compiled(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])")
_SENDING = compiled(r"\b(?:curl|wget|http|https|notify|Invoke-\w+)\b")
_KEEPING = compiled(r"\s*(?:(?:export|local|readonly)\s+)?(?:\w+=|echo\b|printf\b|test\b|if\b|\[)")
_ASIDE = compiled(r"\([^()]*\)")
_LINTER = compiled(r"lint(?:er)?\Z")
_IN_BIN = compiled(r"(?:^|/)\.?bin/[\w.-]+\Z")
_VARIABLE = compiled(r"\$(?:\{[^{}]*\}|\w+)")
_EXPRESSION = "${{"
_SHELLS_READ = frozenset(("", "bash", "sh", "pwsh", "powershell", "cmd", "zsh", "dash", "ash", "ksh"))
_SCRIPT_FILE = compiled(r"\.(?:sh|bash|zsh|ps1|py|js|mjs|cjs|ts|rb|pl|php|bat|cmd)\Z")
_MODULE_RUNNERS = compiled(r"python(?:[0-9.]*)\Z|py\Z|pypy3?\Z")
_INTERPRETERS = compiled(r"(?:python[0-9.]*|py|node|ruby|perl|php|bash|sh|zsh|pwsh|tsx|ts-node|source|\.|call)\Z")

_RUNNERS: dict[tuple[str, ...], str] = {
    ("npx",): "-p --package -w --workspace",
    ("bunx",): "",
    ("pnpx",): "",
    ("uvx",): "--from --with --python -p",
    ("pnpm", "exec"): "",
    ("pnpm", "dlx"): "--package",
    ("npm", "exec"): "--package -w --workspace",
    ("yarn", "dlx"): "-p --package",
    ("yarn", "exec"): "",
    ("yarn", "workspace"): "",
    ("bundle", "exec"): "",
    ("poetry", "run"): "",
    (
        "uv",
        "run",
    ): "--with --extra --group --only-group --python -p --directory --project --package --env-file --no-group",
    ("uv", "tool", "run"): "--from --with --python",
    ("pipenv", "run"): "",
    ("pipx", "run"): "--spec --python",
    ("pdm", "run"): "",
    ("hatch", "run"): "",
    ("rye", "run"): "",
    ("pixi", "run"): "-e --environment --manifest-path",
    ("conda", "run"): "-n --name -p --prefix",
    ("mamba", "run"): "-n --name -p --prefix",
    ("micromamba", "run"): "-n --name -p --prefix",
    ("mise", "exec"): "",
    ("mise", "x"): "",
    ("asdf", "exec"): "",
    ("doppler", "run"): "-p --project -c --config -t --token",
    ("op", "run"): "--env-file --account",
    ("infisical", "run"): "--env --path --projectId",
    ("dotenv",): "-e -f",
    ("dotenvx", "run"): "-f",
    ("cross-env",): "",
    ("xvfb-run",): "-s --server-args -e --error-file -n --server-num",
    ("xvfb-maybe",): "",
    ("dbus-run-session",): "",
    ("dotnet", "tool", "run"): "",
    ("dotnet", "dotnet-coverage", "collect"): "-f -o",
    ("coverage", "run"): "-m --source --rcfile --omit --include",
    ("retry",): "-t -d --times --delay",
    ("sshpass",): "-p -f -d -P",
    ("aws-vault", "exec"): "-d --duration --region",
    ("chamber", "exec"): "",
    ("dotenv", "run"): "-f -e",
    ("unbuffer",): "",
    ("catchsegv",): "",
    ("stdbuf",): "",
    ("caffeinate",): "",
    ("direnv", "exec"): "",
    ("wait-on",): "",
    ("start-server-and-test",): "",
    ("turbo", "run"): "",
    ("opam", "exec"): "--switch",
    ("percy", "exec"): "-c --config",
    ("nix", "develop"): "-c --command",
    ("docker-compose", "exec"): "-e --env -u --user -w --workdir",
    ("docker-compose", "run"): "-e --env -u --user -w --workdir -v --volume --name --entrypoint",
    ("docker", "compose", "exec"): "-e --env -u --user -w --workdir",
    ("docker", "compose", "run"): "-e --env -u --user -w --workdir -v --volume --name --entrypoint",
    ("docker", "exec"): "-e --env -u --user -w --workdir --env-file",
    ("devcontainer", "exec"): "--workspace-folder",
}
"""Programs that run another one, with their options that take a value."""
_WITH_OPERAND = frozenset(
    (
        ("yarn", "workspace"),
        ("direnv", "exec"),
        ("docker-compose", "exec"),
        ("docker-compose", "run"),
        ("docker", "compose", "exec"),
        ("docker", "compose", "run"),
        ("docker", "exec"),
        ("aws-vault", "exec"),
        ("chamber", "exec"),
    )
)
"""Those whose first operand is a place to run in: a service, a container, a folder."""
_VALUED_BEFORE_SUBCOMMAND = frozenset(("-f", "--file", "-p", "--project-name", "--env-file", "--profile", "--project"))


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


class Words:
    """A set of words with `*` in some of them."""

    def __init__(self, text: str) -> None:
        words = text.split()
        self.exact = frozenset(word for word in words if "*" not in word)
        globs = [translate(word) for word in words if "*" in word]
        self.pattern = compiled("|".join(globs)) if globs else None

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        return word in self.exact or (self.pattern is not None and self.pattern.match(word) is not None)


class Pattern(NamedTuple):
    """A command of the tables: what follows its program."""

    stage: str
    words: tuple[str, ...]
    options: tuple[str, ...]

    def fits(self, operands: Sequence[tuple[str, bool]], options: Sequence[str]) -> bool:
        """`operands` say of each whether it may be the value of the option before it."""
        for option in self.options:
            if not any(given == option or given.startswith(f"{option}=") for given in options):
                return False
        return not self.words or _follows(self.words, operands)


def _follows(words: tuple[str, ...], operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether the words stand at the begin of the operands, possible values of options aside."""
    start = 0
    while start < len(operands):
        if _matches(words, operands, start):
            return True
        if not operands[start][1] and words[0] != "...":
            return False
        start += 1
    return False


def _matches(words: tuple[str, ...], operands: Sequence[tuple[str, bool]], at: int) -> bool:
    anywhere = False
    for word in words:
        if word == "...":
            anywhere = True
            continue
        while at < len(operands) and not _is(word, operands[at][0]) and (anywhere or operands[at][1]):
            at += 1
        if at >= len(operands) or not _is(word, operands[at][0]):
            return False
        at += 1
        anywhere = False
    return True


@functools.lru_cache(maxsize=4096)
def _glob(word: str) -> re.Pattern[str]:
    return re.compile(translate(word))


def _is(word: str, operand: str) -> bool:
    return word == operand if "*" not in word else _glob(word).match(operand) is not None


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case; what stands in `${{ … }}`, or in a variable's name, is not looked at."""
    text = _VARIABLE.sub("$", without_expressions(name)).replace("&", " and ")
    return [word.lower() for word in _BETWEEN_WORDS.split(text) if word]


def without_expressions(text: str) -> str:
    """The text with every `${{ … }}` replaced by as many letters: offsets stay, and no shell stumbles over it."""
    at = text.find(_EXPRESSION)
    if at < 0:
        return text
    parts: list[str] = []
    done = 0
    while at >= 0:
        end = text.find("}}", at)
        if end < 0:
            break
        parts.append(text[done:at])
        parts.append("".join("\n" if letter == "\n" else "x" for letter in text[at : end + 2]))
        done = end + 2
        at = text.find(_EXPRESSION, done)
    return "".join([*parts, text[done:]])


class Vocabulary:
    """The tables, made ready, with what a configuration adds to them."""

    def __init__(self, added: Iterable[StageWords] = ()) -> None:
        self.names = {stage: Words(words) for stage, words in tables.JOB_NAMES}
        self.exact_actions: dict[str, str] = {}
        self.action_globs: list[tuple[str, re.Pattern[str], str]] = []
        """Each with its longest piece without a wildcard, which says at once that most do not match."""
        self.commands: dict[str, list[Pattern]] = {}
        self.own_names: dict[str, Words] = {}
        for one in added:
            self._add_actions(one.stage, one.actions)
            self._add_commands(one.stage, one.commands)
            self.own_names[one.stage] = Words(" ".join(one.names).lower())
        for stage, text in tables.ACTIONS.items():
            self._add_actions(stage, text.split())
        for stage in tables.COMMAND_ORDER:
            self._add_commands(stage, tables.COMMANDS[stage].split(";"))
        for patterns in self.commands.values():
            patterns.sort(key=lambda pattern: -len(pattern.words) - len(pattern.options))

    def _add_actions(self, stage: str, actions: Iterable[str]) -> None:
        for action in actions:
            name = action.lower()
            if "*" in name:
                piece = max(re.split(r"[*?]|\[.*?\]", name), key=len)
                self.action_globs.append((piece, compiled(translate(name)), stage))
            else:
                self.exact_actions.setdefault(name, stage)

    def _add_commands(self, stage: str, commands: Iterable[str]) -> None:
        for command in commands:
            program, *rest = command.split() or [""]
            if program:
                words = tuple(word for word in rest if not word.startswith("-"))
                options = tuple(word for word in rest if word.startswith("-"))
                self.commands.setdefault(program.rstrip("*"), []).append(Pattern(stage, words, options))

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
        inner, _ = _unwrapped(words)
        if not inner:
            return False
        program = _program(inner[0])
        if (
            program in _ORDINARY
            or (program in _SHELLS_READ and any(_TEXT_FOLLOWS.match(word) for word in inner))
            or program.startswith(("${{", "#"))
        ):
            return False
        idle = _IDLE.get(program)
        operand = next((word for word in inner[1:] if not word.startswith("-")), "")
        if idle is not None and (operand in idle or not operand):
            return False
        return not (program in self.commands and any(word in _PREPARING for word in inner[1:3]))

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
        given, (words, runner) = words, _unwrapped(words)
        if not words:
            return
        wrapped = depth > 0 or words is not given  # else what a shell is given has been read already
        program = _program(words[0])
        rest = words[1:]
        tasks = tasks_of(program, rest)
        if tasks:
            via = f"{rest[0]} " if rest[0] in RUNNERS[program].split() else ""
            first = tasks[0].name
            behind = rest[rest.index(first) :] if program in _PACKAGE_MANAGERS and first in rest else ()
            for task in tasks:
                yield from self.of_task(task, behind, via=via)
            return
        stage, said = self.of_command(program, rest)
        if stage:
            yield stage, said, default_task(program, rest)
        elif depth < _MOST_NESTED and (inner := _in_container(program, rest, wrapped=wrapped)):
            for command in inner:
                yield from self._of_words(command, depth + 1)
        elif program in tables.DEFAULT_TASKS and not any(word in _PREPARING for word in rest):
            yield "build", f"`{program}`", default_task(program, rest)
        elif (default := default_task(program, rest)) is not None:
            yield "", f"`{program}`", default
        elif runner and "/" not in words[0]:
            yield from self.of_task(Task(runner, words[0]), via="run ")
        elif program in _PACKAGE_MANAGERS and program != "npm" and (operands := list(operands_of(program, rest))):
            # They run a script or an installed program by its bare name; npm knows only its own commands so.
            behind = rest[rest.index(operands[0]) :]
            if operands[0] in _MONOREPO_RUNNERS and depth < _MOST_NESTED:
                yield from self._of_words(behind, depth + 1)
            else:
                yield from self.of_task(Task(program, operands[0]), behind)
        elif _SCRIPT_FILE.search(program) or ("/" in words[0] and "." not in program) or program in ("script",):
            by_name = self.of_script_name(_SCRIPT_FILE.sub("", program)) or ""
            yield by_name, f"`{program}`", Task("file", words[0], arguments=tuple(rest[:4]))

    def of_task(self, task: Task, words: Sequence[str] = (), via: str = "") -> Iterator[tuple[str, str, Task | None]]:
        """A script run by its name; of a tool that has goals of its own, the goal."""
        runner, name = task.runner, task.name
        # `npm run ci` is not `npm ci`.
        own = via == "" or runner not in _PACKAGE_MANAGERS
        stage, said = self.of_command(runner, [name, *words[1:]], bare=False) if own else ("", "")
        if not stage:
            stage, said = self.of_script_name(name) or "", f"`{runner} {via}{_quoted(name)}`"
        if not stage and words:
            stage, said = self.of_command(name, list(words[1:]))
        if (
            not stage and own and runner != "nox"
        ):  # whose sessions do anything; the environments of tox are mostly tests
            stage, said = self.of_command(runner, [name])
        yield stage, said or f"`{runner} {via}{_quoted(name)}`", task

    def of_command(self, program: str, rest: Sequence[str], *, bare: bool = True) -> tuple[str, str]:
        """The stage of one program with its arguments, and the words that say so; empty where it has none."""
        patterns = self.commands.get(program)
        if patterns is None:
            patterns = next(
                (
                    self.commands[program[:n]]
                    for n in range(min(len(program) - 1, _LONGEST_PROGRAM), 4, -1)
                    if program[:n] in _OPEN_PROGRAMS
                ),
                None,
            )
        if patterns is None:
            is_linter = _LINTER.search(program) is not None and not any(word in _PREPARING for word in rest)
            return ("lint", f"`{program}`") if is_linter else ("", "")
        rest = rest[:_MOST_WORDS]
        options = [word for word in rest if word.startswith("-") and len(word) > 1]
        operands = [
            (word, index > 0 and rest[index - 1].startswith("-") and "=" not in rest[index - 1])
            for index, word in enumerate(rest)
            if not word.startswith("-")
        ]
        for pattern in patterns:
            if not pattern.words and not pattern.options and (not bare or _prepares(operands, options)):
                continue
            if pattern.fits(operands, options):
                stage = pattern.stage
                if stage == "deploy" and _delivers_nothing(program, operands, rest):
                    return "", ""
                if stage in ("deploy", "publish") and any(_HERE.search(word) for word in rest):
                    return "", ""  # what runs beside the job is gone with it
                if stage in ("deploy", "publish") and any(option.startswith("--dry-run") for option in options):
                    stage = "plan"
                return stage, "`" + " ".join([program, *(_shown(pattern, operands)), *pattern.options]) + "`"
        return "", ""

    @functools.cache  # noqa: B019  # vocabularies live as long as the run
    def of_script_name(self, name: str) -> str | None:
        """The stage that the name of a script stands for: `test:unit`, `lint-fix`, `build_docs`."""
        words = words_of(name)
        if not words or words[0] in _PREPARING_SCRIPTS:
            return None
        phrase = _phrase(words, tables.SCRIPT_PHRASES)
        if phrase:
            return phrase
        stage = self._of_script_words(words)
        if len(words) > 1 and words[0] in _CHECKING:
            if stage in DELIVERY or stage == "rollback":
                return "test" if words[0] in _VERIFYING else None  # what is delivered is only looked at
            if words[0] in _VERIFYING and stage == "test" and not self._says_more(words[1:]):
                return "lint"  # `check-licenses`; a bare `check` is mostly the tests
        of_files = len(words) > 1 and words[-1] in _VERIFYING and not any(word in _RUNNING for word in words)
        if of_files and stage == "test" and not self._says_more(words[:-1]):
            return "lint"  # `go-mod-check`
        return stage

    def _says_more(self, words: list[str]) -> bool:
        return self._of_script_words(words) is not None or all(word in _WHOLE for word in words)

    def _of_script_words(self, words: list[str]) -> str | None:
        weak: str | None = None
        for word in words:
            stage = next((stage for stage, known in _SCRIPT_WORDS if word in known and word not in _NO_TESTS), None)
            if stage and word not in _WEAK_SCRIPT_WORDS:
                return stage
            weak = weak or stage
        return weak

    @functools.cache  # noqa: B019  # vocabularies live as long as the run
    def of_name(self, name: str, targets: frozenset[str] = frozenset()) -> frozenset[str]:
        """The stages that a job's id or name stands for; `meta` where it says that it does no stage's work.

        `targets` are words that are known to say where to: `TEST Deployments` of the job `deploy-test`.
        """
        words = words_of(name)
        if not words:
            return frozenset()
        found: set[str] = {stage for stage, known in self.own_names.items() if any(word in known for word in words)}
        if found:
            return frozenset(found)
        for stage in ("notify", "rollback"):
            if any(word in self.names[stage] and word not in _WEAK_JOB_WORDS for word in words):
                return frozenset((stage,))
        if words[0] == "install" and words[-1] in _EQUIPMENT:
            return frozenset()
        phrase = _phrase(words, tables.JOB_PHRASES)
        if phrase:
            found.add(phrase)
        if words[0] in _CHECKING and any(word in _OF_CHANGES for word in words):
            return frozenset(("meta",))
        weak: set[str] = set()
        to_places = False
        for index, word in enumerate(words):
            if word == "for" and (found or weak) and "and" not in words[index:]:
                break  # `Build the artifact for the scan`
            if word in targets or (word in _TARGETS and _directed(words, index)):
                continue
            if index and (words[index - 1] in _AROUND or not _LATER.isdisjoint(words[:index])):
                continue
            if word in _PLACES:
                to_places = True
                if index and words[index - 1] in ("in", "into", "to"):
                    weak.add("deploy")
                continue
            if word in ("migration", "migrations") and words[index + 1 : index + 2] in (["image"], ["images"]):
                continue
            if word.startswith("promot") and not _IMAGES.isdisjoint(words):
                continue
            if word in ("deployment", "deployments") and words[index + 1 : index + 2] and words[index + 1] in _WRITTEN:
                continue
            if word in ("deploy", "deploys") and not _PACKAGED.isdisjoint(words[index + 1 :]):
                found.add("publish")
                continue
            if word in ("release", "releases", "releasing") and _goes_to(words[index + 1 :]):
                found.add("deploy")
                continue
            for stage, known in self.names.items():
                if word in known and word not in _NO_TESTS:
                    strong = word not in _WEAK_JOB_WORDS or (index > 0 and words[index - 1] == "and")
                    (found if strong else weak).add(stage)
        if to_places and not found | weak and all(_says_where(word) for word in words):
            weak.add("deploy")
        more = any(word == "and" and self._is_stage(after) for word, after in itertools.pairwise(words))
        removing = words[0] in _REMOVING and not more and (words[0] != "clean" or found <= DELIVERY)
        if words[0] in _META and (removing or (words[0] not in _META_NOUNS and len(found | weak) < 2)):
            return frozenset(("meta",))
        if (words[0] in _CHECKING or words[-1] in _CHECKED) and "and" not in words:
            found, weak = found - DELIVERY, weak - DELIVERY
            if words[-1] in ("secret", "secrets") and "for" not in words:
                weak.discard("security")  # whether those of a deploy are there: `check-ios-secrets`
        if words[-1] in ("report", "reports"):
            found, weak = found - {"publish"}, weak - {"publish"}  # what was found is shown, not the product
        found = found or weak
        if "plan" in words:
            found -= DELIVERY
            found.add("plan")
        if (not phrase and any(word in _META_NOUNS for word in _heads(name, words))) or (
            not found and any(word in _META for word in words)
        ):
            return frozenset(("meta",))
        return frozenset(found)

    def _is_stage(self, word: str) -> bool:
        return any(word in known for known in self.names.values())

    def named(self, job_id: str, name: str) -> tuple[frozenset[str], str]:
        """The stages by id and name, and which of the two says so; a generic id yields to the name."""
        by_id = self.of_name(job_id)
        by_name = self.of_name(name, _directions(words_of(job_id)))
        if by_name == {"meta"} and words_of(name)[0] in _FINDING:
            by_id -= GATES
        if "plan" in by_id | by_name:
            by_id, by_name = by_id - DELIVERY, by_name - DELIVERY
        if by_name and (not by_id or all(word in _GENERIC for word in words_of(job_id))):
            return by_name, name
        if by_id - {"meta"} and all(word in _GENERIC for word in words_of(name)):
            return by_id, job_id
        return (by_id | by_name, job_id if by_id else name)


@functools.cache
def vocabulary(added: tuple[StageWords, ...]) -> Vocabulary:
    return Vocabulary(added)


def sends(script: str) -> bool:
    """Whether something in a script may send a message."""
    return _SENDING.search(script) is not None


def _is_used(script: str, variable: str) -> bool:
    """Whether a line does more with a webhook's address than to fetch, mask or keep it."""
    return any(sends(line) or not _KEEPING.match(line) for line in script.splitlines() if variable in line)


def says_little(name: str) -> bool:
    """Whether an id is one that a template gives to any job: `build`, `main`."""
    return all(word in _GENERIC for word in words_of(name))


def prepares(action: str) -> bool:
    """Whether an action only sets something up, whatever its owner's others do."""
    return action.lower() in _PREPARING_ACTIONS


def is_vague(script: str) -> bool:
    """Whether a script's name ends with a word that says little: `ci-check`."""
    return all(word in _WEAK_SCRIPT_WORDS for word in words_of(script)[-1:])


def prepares_only(script: str) -> bool:
    """Whether a script's name says that it only gets ready: `install-tools`, `setup-kind.sh`."""
    words = words_of(script.rpartition("/")[2])
    return bool(words) and words[0] in _PREPARING_SCRIPTS


def reports_only(action: str) -> bool:
    """Whether an action of a gate's stage only prepares or reports, so that its failure says nothing of the product."""
    name = action.lower()
    return name in _REPORTING or "/".join(name.split("/")[:2]) in _REPORTING


def deploys_to(environment: str) -> str | None:
    """`deploy` or `publish` where the name of an environment says that the job delivers to it."""
    words = words_of(environment)
    joined = environment.lower()
    if joined in _PUBLISHING_ENVIRONMENTS or any(word in _PUBLISHING_ENVIRONMENTS for word in words):
        return "publish"
    if joined in _ENVIRONMENTS or any(word in _ENVIRONMENTS for word in words):
        return "deploy"
    return None


def tier(*names: str) -> str | None:
    """`production` or `staging` (anything before it), where a name says to which a deploy goes."""
    found: str | None = None
    for name in names:
        lowered = name.lower()
        words = [lowered, *words_of(name)]
        if any(word in _NON_PRODUCTION for word in words) or ("pre" in words or "non" in words):
            return "staging"
        if any(word in _PRODUCTION for word in words):
            found = found or "production"
    return found


def reads(shell: str) -> bool:
    """Whether scripts of this `shell:` are read as commands."""
    return (shell.split() or [""])[0].rpartition("/")[2].removesuffix(".exe") in _SHELLS_READ


def _heads(name: str, words: list[str]) -> set[str]:
    """The nouns that the others may only describe: the last one, and that before `for` or `of`; no brackets."""
    proper = words_of(_ASIDE.sub(" ", name)) or words
    cut = next((index for index, word in enumerate(proper) if index and word in ("for", "of")), len(proper))
    return {proper[-1], proper[cut - 1]}


def _phrase(words: list[str], phrases: Iterable[tuple[str, str]]) -> str | None:
    if len(words) < 2:
        return None
    joined = " ".join(words)
    padded = f" {joined} "
    for stage, text in phrases:
        for phrase in text.split(";"):
            if f" {phrase} " in padded:
                return stage
    return None


def _directed(words: list[str], index: int) -> bool:
    """Whether the word names a target: what stands before it, small words aside, says into what."""
    before = index - 1
    while before >= 0 and (words[before] in _SMALL or words[before] in _TARGETS):
        before -= 1
    return before >= 0 and words[before] in _DIRECTIONAL and words[before + 1] != "and"


def _says_where(word: str) -> bool:
    """Whether a word names a place, or says nothing: `prod-eu` is a deploy, `prod-safari-nightly` may be anything."""
    return word in _PLACES or word in _GENERIC or word in _SMALL or len(word) <= 3 or word.isdigit()


def _goes_to(behind: list[str]) -> bool:
    """Whether the words that follow name an environment: `release to production`."""
    return behind[:1] in (["to"], ["into"]) and any(
        word in _PRODUCTION or word in _NON_PRODUCTION for word in behind[1:3]
    )


def _directions(words: list[str]) -> frozenset[str]:
    """The words of a job's id that say where to."""
    return frozenset(word for index, word in enumerate(words) if word in _TARGETS and _directed(words, index))


def _delivers_nothing(program: str, operands: Sequence[tuple[str, bool]], rest: Sequence[str]) -> bool:
    if program in _COPYING:
        return _fetches(operands)
    if program == "ssh":
        return _only_looks(rest)
    if program in ("kubectl", "oc"):
        files = applied_files(rest)
        return bool(files) and all(not _PREPARING_OBJECTS.isdisjoint(words_of(_stem(file))) for file in files)
    return program in ("terraform", "tofu") and "-destroy" in rest


def _only_looks(rest: Sequence[str]) -> bool:
    """Whether ssh runs commands that show something: `ssh build-host docker version`."""
    host = next((n for n, word in enumerate(rest) if not word.startswith("-") and not _valued(rest, n)), len(rest))
    remote = " ".join(rest[host + 1 :])
    commands = [words for part in re.split(r"[;&|]+", remote) if (words := part.split())]
    return bool(commands) and all(
        words[0] in _SHOWING or (words[0] in ("docker", "systemctl") and words[1:2] and words[1] in _SHOWING)
        for words in commands
    )


def _valued(rest: Sequence[str], index: int) -> bool:
    return index > 0 and rest[index - 1] in ("-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-c", "-b", "-E")


_SHOWING = frozenset(
    "echo true exit hostname uptime whoami ls cat df free date uname version info ps images status --version".split()  # noqa: SIM905  # shorter than a list
)
"""Commands that change nothing, alone or behind `docker`."""


def applied_files(rest: Sequence[str]) -> list[str]:
    """What `-f` names to kubectl."""
    behind = [word for before, word in itertools.pairwise(rest) if before in ("-f", "--filename")]
    joined = [word.partition("=")[2] for word in rest if word.startswith(("-f=", "--filename="))]
    return [*behind, *joined]


def _stem(file: str) -> str:
    return file.rstrip("/").rpartition("/")[2].partition(".")[0]


def rolls_nothing_out(file: str) -> bool:
    """Whether a file is named after objects that start no pods."""
    return not _PODLESS_OBJECTS.isdisjoint(words_of(_stem(file))) or _stem(file) in ("service", "svc", "services")


def _makes_plain_object(command: Command) -> bool:
    """`kubectl create secret … --dry-run=client -o yaml`, which is applied next."""
    texts = command.texts
    return command.name in ("kubectl", "oc") and "create" in texts and "deployment" not in texts


def _fetches(operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether it copies from elsewhere to here: a remote place, and one on this machine behind it."""
    first = next((n for n, (word, _) in enumerate(operands) if _REMOTE.match(word)), len(operands))
    return any(not valued and not _REMOTE.match(word) for word, valued in operands[first + 1 :])


def _prepares(operands: Sequence[tuple[str, bool]], options: Sequence[str]) -> bool:
    if (operands and operands[0][0] in _PREPARING) or any(option.startswith(_PREPARING_OPTIONS) for option in options):
        return True
    return not operands and any(option in _PREPARING for option in options)


def _shown(pattern: Pattern, operands: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """The pattern's words as the command has them."""
    for word in pattern.words:
        if word == "...":
            yield "…"
        else:
            yield next((operand for operand, _ in operands if _is(word, operand)), word)


def _quoted(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


def _program(word: str) -> str:
    name = word.replace("\\", "/").rpartition("/")[2]
    for suffix in (".exe", ".bat", ".cmd"):
        if name.endswith(suffix) and not _SCRIPT_FILE.search(name.removesuffix(suffix)):
            name = name.removesuffix(suffix)
            break
    return {"gradlew": "gradle", "mvnw": "mvn", "docker-buildx": "docker", "tofu": "tofu", "pip3": "pip"}.get(
        name, name
    )


def _unwrapped(words: list[str]) -> tuple[list[str], str]:
    """The command that runners run, `poetry run python -m pytest` -> `pytest`; and who may know it as a script."""
    runner = ""
    for _ in range(8):
        inner = _inner(words)
        if inner is None:
            break
        program = _program(words[0])
        runner = program if f"{program} {' '.join(words[1:2])}" in _SCRIPTS_OR_PROGRAMS else ""
        words = inner
    return words, runner


def _inner(words: list[str]) -> list[str] | None:
    if not words:
        return None
    program = _program(words[0])
    if _MODULE_RUNNERS.match(program) and "-m" in words[1:4]:
        return words[words.index("-m") + 1 :]
    if program == "go" and words[1:2] in (["run"], ["tool"]):
        target = next((word for word in words[2:] if not word.startswith("-")), "")
        tool = target.partition("@")[0].rpartition("/")[2]
        return [tool, *words[words.index(target) + 1 :]] if tool and ("/" in target or words[1] == "tool") else None
    if program == "cargo" and len(words) > 1 and words[1].startswith("+"):
        return ["cargo", *words[2:]]
    if program == "git" and words[1:2] == ["-C"]:
        return ["git", *words[3:]]
    if _INTERPRETERS.match(program) and not _MODULE_RUNNERS.match(words[0] if "/" in words[0] else ""):
        script = next((index for index, word in enumerate(words[1:], 1) if not word.startswith("-")), None)
        found = script is not None and (_SCRIPT_FILE.search(words[script]) or _IN_BIN.search(words[script]))
        return words[script:] if found else None
    for length in (3, 2, 1):
        prefix = (program, *_subcommand(program, words, length))
        if prefix in _RUNNERS:
            return _after(words, prefix)
    return None


def _in_container(program: str, rest: Sequence[str], *, wrapped: bool) -> list[list[str]]:
    """The commands that `docker run IMAGE …` runs, or that a shell inside one is given."""
    if program == "concurrently":
        return [words for word in rest if not word.startswith("-") for words in _beside(word)]
    if program in ("docker", "podman") and rest[:1] == ["run"]:
        image = next(_operands_of_run(rest), len(rest))
        words = list(rest[image + 1 :])
        if len(words) == 1 and " " in words[0]:
            text = words[0]
        else:
            tool = [_tool_of(rest[image]), *words] if image < len(rest) and "-d" not in rest[:image] else []
            return [words, tool] if words and not words[0].startswith("-") else [tool]
    elif wrapped and program in ("bash", "sh") and len(rest) > 1 and _TEXT_FOLLOWS.match(rest[0]):
        text = rest[1]
    else:
        return []
    return [[word.text for word in command.words] for command in read_commands(text)]


def _beside(text: str) -> list[list[str]]:
    """A command that `concurrently` runs; `npm:test` is a script."""
    runner, mark, name = text.partition(":")
    if mark and runner in _PACKAGE_MANAGERS and " " not in runner:
        return [[runner, "run", *name.split()]]
    return [[word.text for word in command.words] for command in read_commands(text)]


def _tool_of(image: str) -> str:
    """The program that an image is mostly named after: `ghcr.io/google/addlicense:v1`."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _operands_of_run(rest: Sequence[str]) -> Iterator[int]:
    """Where the operands of `docker run` stand; the first of them is the image."""
    index = 1
    while index < len(rest):
        word = rest[index]
        if not word.startswith("-"):
            yield index
        elif (
            "=" not in word
            and word not in _RUN_FLAGS
            and not _RUN_SHORT_FLAGS.match(word)
            and (word.startswith("--") or len(word) == 2)
        ):
            index += 1
        index += 1


def _subcommand(program: str, words: list[str], length: int) -> tuple[str, ...]:
    """The operands that may be a runner's own words: `docker compose -f x.yml exec` has options between."""
    found: list[str] = []
    index = 1
    while index < len(words) and len(found) < length - 1:
        word = words[index]
        if word in _VALUED_BEFORE_SUBCOMMAND and program in ("docker", "docker-compose"):
            index += 1
        elif not word.startswith("-") or (program, word) in _RUNNERS:
            found.append(word)
        index += 1
    return tuple(found)


def _after(words: list[str], prefix: tuple[str, ...]) -> list[str]:
    index = 0
    for part in prefix[1:]:
        index = words.index(part, index + 1)
    valued = _RUNNERS[prefix].split()
    operands = 1 if prefix in _WITH_OPERAND else 0
    index += 1
    while index < len(words):
        word = words[index]
        if word == "--" and not operands:
            return words[index + 1 :]
        if word.startswith("-") and len(word) > 1:
            if word in ("-c", "--command") and prefix == ("nix", "develop"):
                return words[index + 1 :]
            if word == "-m" and prefix == ("coverage", "run"):
                return words[index + 1 :]
            index += 2 if word in valued else 1
        elif operands:
            operands -= 1
            index += 1
        elif prefix == ("yarn", "workspace"):
            return ["yarn", *words[index:]]
        elif prefix == ("cross-env",) and "=" in word:
            index += 1
        else:
            return words[index:]
    return []


_MONOREPO_RUNNERS = frozenset(("turbo", "nx", "lerna", "wireit", "moon"))
_MOST_WORDS = 256
"""Words of one command that are compared with the tables."""
_MOST_NESTED = 3
"""Commands inside a container or a shell, one in another, that are followed."""
_PACKAGE_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun", "composer"))
_SCRIPTS_OR_PROGRAMS = frozenset(("hatch run", "pdm run", "pixi run", "rye run", "pipenv run", "turbo run"))
"""Runners of a script of the project or, where none has that name, of a program."""
_TEXT_FOLLOWS = compiled(r"-[a-z]*c\Z")
_RUN_FLAGS = frozenset(
    "--rm --init --privileged --read-only --tty --interactive --detach --publish-all --quiet --no-healthcheck".split()  # noqa: SIM905  # shorter than a list
)
_RUN_SHORT_FLAGS = compiled(r"-[itdPq]+\Z")
_VERIFYING = frozenset(("check", "checks", "verify", "verifies"))
_WHOLE = frozenset(("all", "ci", "full", "fast", "quick", "local", "parallel", "everything", "world"))
_ORDINARY = frozenset(tables.ORDINARY)
_IDLE = {program: frozenset(words.split()) for program, words in tables.IDLE.items()}
_PREPARING_OPTIONS = ("--update-", "--install-", "--download-")
_PREPARING_ACTIONS = Words(tables.NOT_A_STAGE)
_REPORTING = Words(tables.REPORTS)
_PREPARING = Words(tables.PREPARING_WORDS)
_SCRIPT_WORDS = [(stage, Words(words)) for stage, words in tables.SCRIPT_NAMES]
_PREPARING_SCRIPTS = Words(tables.PREPARING_SCRIPT_WORDS)
_WEAK_SCRIPT_WORDS = Words(tables.WEAK_SCRIPT_WORDS)
_WEAK_JOB_WORDS = Words(tables.WEAK_JOB_WORDS)
_NO_TESTS = Words(tables.NO_TESTS)
_META = Words(tables.META_NAMES)
_META_NOUNS = Words(
    "setup preparation metadata info inputs params parameters settings context matrix changes result results status summary gate required cleanup comment conclusion paths vars approval guard label filter"
)
_GENERIC = Words(tables.GENERIC_NAMES)
_DIRECTIONAL = Words(tables.DIRECTIONAL)
_TARGETS = Words(tables.TARGETS)
_CHECKING = Words(tables.CHECKING)
_REMOVING = Words(tables.REMOVING)
_FINDING = Words(tables.FINDING)
_CHECKED = frozenset(("check", "checks", "verification", "verify"))
_EQUIPMENT = Words(tables.EQUIPMENT)
_AROUND = Words(tables.AROUND)
_RUNNING = Words("health healthy status alive ready readiness site sites cluster system service services node")
"""What is looked at while it runs: `health-check` is a test."""
_IMAGES = frozenset(("image", "images", "containers"))
_OF_CHANGES = frozenset("issue issues label labels pr pull milestone changelog branch commenter assignee".split())  # noqa: SIM905
"""What is looked at in a change beside its files."""
_WRITTEN = frozenset("yaml yml file files manifest manifests template templates config key keys status".split())  # noqa: SIM905
"""What a deployment is described in: `Release deployment YAML`."""
_PACKAGED = frozenset("artifacts artefacts snapshot snapshots maven nexus sonatype jar jars packages".split())  # noqa: SIM905
"""What is published, whoever calls it a deploy: Maven does."""
_LATER = frozenset(("before", "after"))
_PLACES = frozenset(tables.PLACES.split())
_SMALL = Words("to on in into for the a of and with from")
_ENVIRONMENTS = Words(tables.ENVIRONMENTS)
_PUBLISHING_ENVIRONMENTS = Words(tables.PUBLISHING_ENVIRONMENTS)
_PRODUCTION = Words(tables.PRODUCTION)
_NON_PRODUCTION = Words(tables.NON_PRODUCTION)
_LONGEST_PROGRAM = 60
"""Characters of a name that may begin with that of another."""
_OPEN_PROGRAMS = frozenset(
    command.split()[0].rstrip("*")
    for text in tables.COMMANDS.values()
    for command in text.split(";")
    if command.split() and command.split()[0].endswith("*")
)
"""Programs of which the tables give only the begin: `clang-tidy*`."""
