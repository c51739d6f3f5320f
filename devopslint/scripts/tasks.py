"""Which scripts of a project a command runs by name: `make -C api test`, `npm run lint`, `tox -e py312`."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from devopslint.deferred import NamedTuple, compiled
from devopslint.images.builds import build_place

if TYPE_CHECKING:
    from devopslint.scripts.makefile import Line

UNKNOWN_FOLDER = "?"
"""A folder that the files do not tell: `cd "$WORK"`."""
OUTSIDE = "!"
"""A folder that is none of the repository's: `/tmp/tools`."""
ROOT = "//"
"""What a folder begins with that is given from the repository's own, not from where a command runs."""
MOST_TASKS = 12
"""Tasks that one command is followed to."""

RUNNERS = {
    "npm": "run run-script rum urn",
    "pnpm": "run",
    "yarn": "run",
    "bun": "run",
    "deno": "task",
    "node": "",
    "composer": "run run-script",
    "poe": "",
    "make": "",
    "gmake": "",
    "just": "",
    "task": "",
    "go-task": "",
    "rake": "",
    "rails": "",
    "invoke": "",
    "inv": "",
    "nox": "",
    "tox": "",
    "mage": "",
    "gulp": "",
    "grunt": "",
    "doit": "",
    "hatch": "run",
    "pdm": "run",
    "pixi": "run",
    "mise": "run r",
    "turbo": "",
    "rush": "",
    "moon": "run",
    "nx": "",
    "lerna": "run",
    "wireit": "",
    "gradle": "",
    "mvn": "",
    "sbt": "",
    "ant": "",
    "fastlane": "",
    "earthly": "",
    "dagger": "call",
    "cargo-make": "",
    "makers": "",
    "run-s": "",
    "run-p": "",
    "npm-run-all": "",
    "npm-run-all2": "",
}
"""Program -> the words before the name of a script; where there are none, every operand is such a name."""

DEFAULTS = frozenset(("make", "gmake", "just", "task", "go-task", "tox", "nox"))
"""Programs that run something of the project where they are given no name."""

SEVERAL = frozenset(("run-s", "run-p", "npm-run-all", "npm-run-all2"))
"""Programs that run several of npm's scripts."""

_VALUED = frozenset(
    ("-C", "-f", "-j", "-s", "-w", "-p", "-P", "-x", "-F", "-d", "--filter", "--workspace", "--prefix", "--dir", "--cwd",
     "--file", "--makefile", "--directory", "--justfile", "--working-directory", "--taskfile")
)  # fmt: skip
"""Options that take the next word as their value."""
_VALUED_OF = {
    "mvn": frozenset(("-pl", "-gs", "-T", "-l", "--projects", "--settings", "--threads")),
    "make": frozenset(("-I", "-o", "-W", "--eval")),
    "gmake": frozenset(("-I", "-o", "-W", "--eval")),
    "task": frozenset(("-t", "-o", "-C", "-I", "--output", "--concurrency", "--interval")),
    "go-task": frozenset(("-t", "-o", "-C", "-I", "--output", "--concurrency", "--interval")),
    "just": frozenset(("-E", "--dotenv-path", "--dotenv-filename", "--shell", "--shell-arg", "--chooser", "--color")),
}
_OF_NPM = {"test": "test", "t": "test", "tst": "test", "start": "start", "stop": "stop", "restart": "restart"}
"""npm's own commands -> the script of the project that they run."""
_FIRST_OF_NPM = {"publish": "prepublishOnly", "version": "preversion"}
"""npm's own commands -> the script of the project that they run before they do their own work."""
_BARE = {
    "make": frozenset(("-s", "-w", "-p", "-d", "-P")),
    "gmake": frozenset(("-s", "-w", "-p", "-d", "-P")),
    "task": frozenset(("-f", "-p", "-s", "-w", "-x")),
    "go-task": frozenset(("-f", "-p", "-s", "-w", "-x")),
    "run-s": frozenset(("-s", "-p", "-P")),
    "run-p": frozenset(("-s", "-p", "-P")),
    "npm-run-all": frozenset(("-s", "-p", "-P")),
    "npm-run-all2": frozenset(("-s", "-p", "-P")),
    "npm": frozenset(("-s", "-f", "-d", "-p")),
    "yarn": frozenset(("-s", "-p", "-P", "-w", "-d")),
    "pnpm": frozenset(("-s", "-w", "-P")),
}
"""Those that take none with these programs."""
_FOLDER = {
    "make": ("-C", "--directory"),
    "gmake": ("-C", "--directory"),
    "npm": ("--prefix", "-C"),
    "pnpm": ("-C", "--dir"),
    "yarn": ("--cwd",),
    "bun": ("--cwd",),
    "just": ("-d", "--working-directory"),
    "task": ("-d", "--dir"),
    "go-task": ("-d", "--dir"),
    "composer": ("-d", "--working-dir"),
}
_FILE = {
    "make": ("-f", "--file", "--makefile"),
    "gmake": ("-f", "--file", "--makefile"),
    "just": ("-f", "--justfile"),
    "task": ("-t", "--taskfile"),
    "go-task": ("-t", "--taskfile"),
    "tox": ("-c", "--conf"),
    "nox": ("-f", "--noxfile"),
}
_PACKAGE = {
    "npm": ("-w", "--workspace"),
    "yarn": ("--workspace",),  # as `yarn workspace NAME` is read
    "pnpm": ("-F", "--filter"),
    "turbo": ("--filter", "-F"),
    "lerna": ("--scope",),
}
_EVERYWHERE = {
    "npm": ("--workspaces", "-ws"),
    "pnpm": ("-r", "--recursive"),
    "yarn": ("workspaces",),
}
_MONOREPO = frozenset(("turbo", "nx", "lerna", "moon", "rush"))
_VARIABLE = compiled(r"([A-Za-z_][\w.-]*)\??[:+]{0,2}=(.*)\Z", re.DOTALL)


class Task(NamedTuple):
    """A script of the project that is run by its name, or by its file's."""

    runner: str
    """`file` for a script that is run itself."""
    name: str
    """Empty for what the runner runs by default."""
    folder: str = "."
    """Where the runner looks, from where the command runs."""
    file: str = ""
    arguments: tuple[str, ...] = ()
    """What follows the name, where the runner may take it for the script's own."""
    variables: tuple[tuple[str, str], ...] = ()
    package: str = ""
    """The package of a repository of several; `*` for each."""
    inherited: tuple[Line, ...] = ()
    """Variables of the targets of a Makefile that this one is made for."""

    def within(self, folder: str) -> Task:
        """The same, of a command that runs in a folder."""
        return self if folder == "." else self._replace(folder=joined(folder, self.folder))


def joined(folder: str, path: str) -> str:
    """A path that is given in a folder."""
    if path.startswith(ROOT):
        return path
    inside = build_place("\0", path)
    if not inside.startswith("\0"):
        # $GITHUB_WORKSPACE/api
        if inside.startswith("/"):
            return OUTSIDE
        return f"{ROOT}{inside if inside != '.' else ''}" if "$" not in inside else UNKNOWN_FOLDER
    if path.startswith("~") or (folder == OUTSIDE and "$" not in path):
        return OUTSIDE
    if folder in (UNKNOWN_FOLDER, OUTSIDE) or path in (UNKNOWN_FOLDER, OUTSIDE) or "$" in path or "{{" in path:
        return OUTSIDE if path == OUTSIDE else UNKNOWN_FOLDER
    if folder.startswith(ROOT):
        bare = posixpath.normpath(posixpath.join(folder.removeprefix(ROOT), path))
        return OUTSIDE if bare.startswith("..") else f"{ROOT}{bare if bare != '.' else ''}"
    return posixpath.normpath(posixpath.join(folder, path))


def tasks_of(program: str, rest: Sequence[str]) -> list[Task]:
    """The scripts of the project that a task runner runs; nothing where it runs none by name."""
    if program not in RUNNERS:
        return []
    names = list(itertools.islice(_names(program, list(rest)), MOST_TASKS))
    if not names:
        return []
    folder, file, package, variables = _settings(program, rest)
    runner = "npm" if program in SEVERAL else "cargo-make" if program == "makers" else program
    tasks = [Task(runner, name, folder, file, (), variables, package) for name in names]
    if program in ("task", "go-task") and "--" in rest:
        behind_dashes = tuple(rest[rest.index("--") + 1 :])
        tasks = [task._replace(arguments=behind_dashes) for task in tasks]
    if program == "just":
        # What follows a name may be its arguments or more names: the file tells.
        words = list(rest)
        behind = [tuple(words[words.index(name) + 1 :]) if name in words else () for name in names]
        tasks = [_in_its_folder(task, arguments) for task, arguments in zip(tasks, behind, strict=True)]
    return tasks


def _in_its_folder(task: Task, arguments: tuple[str, ...]) -> Task:
    """A recipe of just with its arguments; `api/test` is `test` of the folder `api`."""
    place, slash, name = task.name.rpartition("/")
    if not slash:
        return task._replace(arguments=arguments)
    return task._replace(name=name, folder=joined(task.folder, place), arguments=arguments)


def default_task(program: str, rest: Sequence[str]) -> Task | None:
    """What a task runner runs that is given no name: `make -j4`."""
    if program not in DEFAULTS or _names_something(program, list(rest)):
        return None
    folder, file, package, variables = _settings(program, rest)
    return Task(program, "", folder, file, (), variables, package)


def task_before(program: str, rest: Sequence[str]) -> Task | None:
    """The script of the project that a command runs before its own work: `npm publish` runs `prepublishOnly`."""
    operand = next(operands_of(program, rest), "") if program in ("npm", "pnpm", "yarn") else ""
    if operand not in _FIRST_OF_NPM or "--ignore-scripts" in rest:
        return None
    folder, file, package, variables = _settings(program, rest)
    return Task(program, _FIRST_OF_NPM[operand], folder, file, (), variables, package)


def _names_something(program: str, rest: list[str]) -> bool:
    listing = ("--list", "-l", "--version", "--help", "-h", "-V", "--summary", "--init", "--show", "-n", "--dry-run")
    return any(word in listing or word in ("config", "list") for word in rest) or bool(list(_names(program, rest)))


def bare_task(program: str, name: str, rest: Sequence[str]) -> Task:
    """The script that a package manager runs by its bare name: `yarn lint`, `pnpm --filter web lint`."""
    folder, file, package, _ = _settings(program, rest)
    return Task(program, name, folder, file, package=package)


def _settings(program: str, rest: Sequence[str]) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """The folder, the file, the package and the variables that a command gives."""
    folder = "."
    for value in _values(rest, _FOLDER.get(program, ())):
        folder = joined(folder, value)
    file = next(iter(_values(rest, _FILE.get(program, ()))), "")
    package = next(iter(_values(rest, _PACKAGE.get(program, ()))), "")
    if program in _MONOREPO or any(word in _EVERYWHERE.get(program, ()) for word in rest):
        package = package or "*"
    if program == "yarn" and rest[:1] == ["workspace"]:
        package = rest[1] if len(rest) > 1 else ""
    variables = tuple(
        (found[1], found[2])
        for word in rest
        if program in ("make", "gmake", "just", "task", "go-task") and (found := _VARIABLE.match(word))
    )
    if program == "just":
        variables += tuple(
            (rest[index + 1], rest[index + 2]) for index, word in enumerate(rest[:-2]) if word == "--set"
        )
    return folder, file, package, variables


def _values(rest: Sequence[str], options: tuple[str, ...]) -> Iterator[str]:
    for index, word in enumerate(rest):
        name, equals, value = word.partition("=")
        if word in options and index + 1 < len(rest):
            yield rest[index + 1]
        elif equals and name in options:
            yield value
        elif len(word) > 2 and word[:2] in options and not word.startswith("--"):
            yield word[2:]


def _names(runner: str, rest: list[str]) -> Iterator[str]:
    if runner in ("tox", "nox"):
        yield from _environments(rest)
        return
    before = RUNNERS[runner].split()
    operands = list(operands_of(runner, rest))
    if runner == "yarn" and operands[:1] == ["workspace"]:
        operands = operands[2:]
    if runner == "yarn" and operands[:2] in (["workspaces", "run"], ["workspaces", "foreach"]):
        yield from operands[2 + (operands[1] == "foreach" and operands[2:3] == ["run"]) :][:1]
    elif runner == "npm" and operands[:1] and operands[0] in _OF_NPM:
        yield _OF_NPM[operands[0]]
    elif runner == "node":
        yield from itertools.islice(_values(rest, ("--run",)), 1)
    elif before:
        if operands[:1] and operands[0] in before and len(operands) > 1:
            yield from operands[1:2] if runner != "turbo" else operands[1:]
    elif runner == "turbo":
        yield from operands[1:] if operands[:1] == ["run"] else operands
    elif runner == "nx":
        yield from _nx_targets(rest, operands)
    elif runner in ("rails", "mix", "fastlane", "poe", "invoke", "inv"):
        yield from operands[:1] if runner not in ("rails", "mix") else ()
    else:
        yield from operands


def operands_of(runner: str, rest: Sequence[str]) -> Iterator[str]:
    """The words that are no options, values of options or variables."""
    skip = 0
    for word in rest:
        if skip:
            skip -= 1
        elif word == "--":
            return
        elif word.startswith("-"):
            valued = (word in _VALUED and word not in _BARE.get(runner, ())) or word in _VALUED_OF.get(runner, ())
            skip = 2 if runner == "just" and word == "--set" else int(valued)
        elif "=" not in word and not word.isdigit():
            yield word


def _nx_targets(rest: list[str], operands: list[str]) -> Iterator[str]:
    for index, word in enumerate(rest):
        if word in ("-t", "--target", "--targets"):
            for names in itertools.takewhile(lambda one: not one.startswith("-"), rest[index + 1 :]):
                yield from names.split(",")
            return
        if word.startswith(("--target=", "--targets=")):
            yield from word.partition("=")[2].split(",")
            return
    if operands and operands[0] == "run" and len(operands) > 1:
        yield operands[1].partition(":")[2] or operands[1]
    elif operands and operands[0] not in ("run-many", "affected", "reset", "graph"):
        yield operands[0]


def _environments(rest: list[str]) -> Iterator[str]:
    """`tox -e lint,py312`, `nox -s tests`."""
    for index, word in enumerate(rest):
        if word in ("-e", "-s", "--session", "--sessions", "-k"):
            for name in rest[index + 1 :]:
                if name.startswith("-"):
                    return
                yield from name.split(",")
            return
        if word.startswith("-e") and len(word) > 2 and not word.startswith("--"):
            yield from word[2:].split(",")
            return
