"""What a task runs: the file that its runner finds from where the command runs, and the script in it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.wildcards import is_wild, union
from devopslint.scripts.branches import taken
from devopslint.scripts.makefile import Makefile, Reading
from devopslint.scripts.named import NamedScript, NamedScripts, ShellScript, of_environment
from devopslint.scripts.tasks import OUTSIDE, ROOT, UNKNOWN_FOLDER, Task, joined

MOST_READINGS = 500
"""Makefiles that are read anew for the variables of a command."""
MOST_PACKAGES = 30
"""Packages of a repository of several in which a script is looked for."""

_TASKFILES = ("Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml")
_JUSTFILES = ("mod.just", "justfile", "Justfile", ".justfile")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_ABOVE = frozenset(
    "npm node pnpm yarn bun composer just task go-task tox poe pdm hatch pixi rye pipenv mise cargo deno".split()  # noqa: SIM905  # shorter than a list
)
"""Runners that look for their file in the folders above, too."""
_LIFECYCLE = frozenset(("npm", "yarn", "pnpm", "bun"))
"""Runners that run `pretest` and `posttest` around `test`."""
_TASK = frozenset(("task", "go-task"))
_GIVEN = compiled(r"\$([A-Za-z_]\w*)")
_CONDITION = compiled(r"^([!\w.,{}-]+):[ \t]", re.MULTILINE)
_FACTOR = compiled(r"[\w.]+")
_PYTHON = compiled(r"(?:py|pypy|python|cpython|jython|graalpy)?\d[\d.]*t?\Z|py\Z|pypy\Z")
_VALUE = compiled(r"\{\{[ \t]*([A-Za-z_][\w-]*)[ \t]*\}\}")
_SESSION = compiled(r"(?:-(?:py)?\d[\w.]*)?(?:\(.*)?\Z")
"""What stands behind the name of a session: an interpreter, parameters."""


class Body(NamedTuple):
    """What a task runs, in its order: shell texts, and other tasks."""

    parts: tuple[str | Task, ...]
    folder: str
    """Where: of the repository, or UNKNOWN_FOLDER."""


class ProjectScripts:
    """Every script of the repository that has a name."""

    def __init__(
        self, named: Iterable[NamedScripts], makefiles: Iterable[Makefile], shells: Iterable[ShellScript]
    ) -> None:
        self._makefiles = {one.path: one for one in makefiles}
        self._shells = {one.path: one.text for one in shells}
        named = sorted(named, key=lambda scripts: (scripts.path.count("/"), scripts.path))
        self._by_path = {one.path: one for one in named}
        self._by_runner: dict[str, list[NamedScripts]] = {}
        self._in_folder: dict[tuple[str, str], NamedScripts] = {}
        self._readings: dict[tuple[str, tuple[tuple[str, str], ...]], Reading] = {}
        self._scripts: dict[tuple[str, tuple[str, ...]], dict[str, NamedScript]] = {}
        self._factors: dict[str, frozenset[str]] = {}
        for one in named:
            for runner in one.runners:
                self._by_runner.setdefault(runner, []).append(one)
                self._in_folder.setdefault((runner, one.folder), one)

    def body(self, task: Task, folder: str) -> Body | None:
        """What the task runs that a command in `folder` asks for; None where the repository does not say."""
        known = folder not in (UNKNOWN_FOLDER, OUTSIDE)
        place = joined(f"{ROOT}{folder}" if known else folder, task.folder)
        if place == OUTSIDE:
            return None
        place = place if place == UNKNOWN_FOLDER else place.removeprefix(ROOT)
        if task.runner == "file":
            return self._file(task, place)
        if task.runner in ("make", "gmake"):
            return self._made(task, place)
        return self._named(task, place)

    def _file(self, task: Task, folder: str) -> Body | None:
        path = joined(f"{ROOT}{folder if folder != UNKNOWN_FOLDER else ''}", task.name).removeprefix(ROOT)
        text = self._shells.get(path)
        return Body((taken(text, task.arguments),), folder) if text is not None else None

    # make

    def _made(self, task: Task, folder: str) -> Body | None:
        for path in self._makefile_paths(task, folder):
            reading = self._reading(path, task.variables)
            target = task.name or reading.goal
            rule = reading.rule(target)
            if rule is None:
                continue
            place = path.rpartition("/")[0] if not task.file else folder
            inherited = (*task.inherited, *rule.variables)
            needed = [
                task._replace(name=one, folder=f"{ROOT}{place}", file=f"{ROOT}{path}", inherited=inherited)
                for one in rule.prerequisites
                if one != target and reading.rule(one) is not None
            ]
            return Body((*needed, *reading.recipe(target, rule, task.inherited)), place)
        return None

    def _makefile_paths(self, task: Task, folder: str) -> Iterator[str]:
        if task.file:
            path = joined(f"{ROOT}{folder}" if folder != UNKNOWN_FOLDER else ROOT, task.file).removeprefix(ROOT)
            if path in self._makefiles:
                yield path
        elif folder != UNKNOWN_FOLDER:
            paths = (posixpath.join(folder, name) for name in _MAKEFILES)
            yield from [path for path in paths if path in self._makefiles][:1]
        else:
            names = sorted((path for path in self._makefiles if path.rpartition("/")[2] in _MAKEFILES), key=_depth)
            yield from names[:MOST_PACKAGES]

    def _reading(self, path: str, variables: tuple[tuple[str, str], ...]) -> Reading:
        key = path, variables if len(self._readings) < MOST_READINGS else ()
        if key not in self._readings:
            self._readings[key] = Reading(self._makefiles[path], self._included, key[1])
        return self._readings[key]

    def _included(self, pattern: str) -> list[Makefile]:
        if not is_wild(pattern):
            found = self._makefiles.get(pattern)
            return [found] if found is not None else []
        matches = union([pattern])
        return [one for path, one in sorted(self._makefiles.items()) if matches.match(path)][:MOST_PACKAGES]

    # everything else

    def _named(self, task: Task, folder: str) -> Body | None:
        if task.package:
            return self._in_packages(task)
        for scripts in self._files(task, folder):
            body = self._in_file(task, scripts, folder)
            if body is not None:
                return body
        return None

    def _files(self, task: Task, folder: str) -> Iterator[NamedScripts]:
        if task.file:
            path = joined(f"{ROOT}{folder}" if folder != UNKNOWN_FOLDER else ROOT, task.file).removeprefix(ROOT)
            if path in self._by_path:
                yield self._by_path[path]
            return
        if folder == UNKNOWN_FOLDER:
            yield from self._by_runner.get(task.runner, ())[:MOST_PACKAGES]
            return
        above = folder
        while True:
            found = self._in_folder.get((task.runner, above))
            if found is not None:
                yield found
                return
            if not above or task.runner not in _ABOVE:
                return
            above = above.rpartition("/")[0]

    def _in_packages(self, task: Task) -> Body | None:
        """In each package that has a script of that name, or in the one that is asked for."""
        wanted = task.package.strip(".").removeprefix("{").removesuffix("}").removeprefix("./")
        chosen = [
            scripts
            for scripts in self._by_runner.get(task.runner, ())
            if (task.package == "*" or "*" in wanted or wanted in (scripts.package, scripts.folder)
                or scripts.package.rpartition("/")[2] == wanted)
            and task.name in self._of(scripts)
        ]  # fmt: skip
        if not chosen and task.package != "*":
            return None
        parts = [task._replace(package="", folder=f"{ROOT}{one.folder}") for one in chosen[:MOST_PACKAGES]]
        return Body(tuple(parts), "") if parts else None

    def _of(self, scripts: NamedScripts) -> dict[str, NamedScript]:
        key = scripts.path, scripts.runners
        if key not in self._scripts:
            found: dict[str, NamedScript] = {}
            for script in scripts.scripts:
                found.setdefault(script.name, script)
            self._scripts[key] = found
        return self._scripts[key]

    def _in_file(self, task: Task, scripts: NamedScripts, folder: str) -> Body | None:
        known = self._of(scripts)
        place = scripts.folder if task.runner != "nox" else folder
        name = task.name or scripts.default
        if task.runner == "tox":
            found = known.get(name) or (known.get("testenv") if name and self._is_environment(name, scripts) else None)
            return Body((of_environment(name, found.text),), place) if found is not None and found.text else None
        if task.runner == "nox":
            found = known.get(name) or known.get(_SESSION.sub("", name))
            if not name:
                return Body(tuple(script.text for script in known.values()), place) if known else None
            return Body((found.text,), place) if found is not None else None
        if "*" in name and task.runner in _LIFECYCLE:
            matches = union([name.replace("**", "*")])
            parts = [task._replace(name=one, folder=f"{ROOT}{place}") for one in known if matches.match(one)]
            return Body(tuple(parts[:MOST_PACKAGES]), place) if parts else None
        script = known.get(name)
        if script is None and task.runner in _TASK:
            wild = next((one for one in known if "*" in one and union([one]).match(name)), None)
            script = known[wild] if wild is not None else None
        if script is None and task.runner == "just" and task.arguments and "::" not in name:
            inner = task._replace(name=f"{name}::{task.arguments[0]}", arguments=task.arguments[1:])
            return self._included_script(inner, inner.name, scripts)
        if script is None:
            return self._included_script(task, name, scripts)
        if task.runner in _TASK:
            given = {"CLI_ARGS": " ".join(task.arguments), **dict(task.variables)}
            return Body((_GIVEN.sub(lambda found: given.get(found[1], found[0]), script.text),), place)
        if task.runner == "just":
            return Body((_with_arguments(script, task, scripts.variables),), place)
        if task.runner in _LIFECYCLE:
            around = [task._replace(name=f"{when}{name}", folder=f"{ROOT}{place}") for when in ("pre", "post")]
            before, after = (one if one.name in known else None for one in around)
            parts_of = (before, script.text, after)
            return Body(tuple(part for part in parts_of if part is not None), place)
        return Body((script.text,), place)

    def _is_environment(self, name: str, scripts: NamedScripts) -> bool:
        """Whether tox takes a name that no section has: each of its factors is a Python's, or one that the file names."""
        if scripts.path not in self._factors:
            named = {factor for script in scripts.scripts for factor in script.name.split("-")}
            named.update(
                factor
                for script in scripts.scripts
                if not script.name
                for one in script.text.removeprefix("tox -e ").split(",")
                for factor in one.split("-")
            )
            conditions = (found[1] for script in scripts.scripts for found in _CONDITION.finditer(script.text))
            named.update(factor for condition in conditions for factor in _FACTOR.findall(condition))
            self._factors[scripts.path] = frozenset(named)
        return all(one in self._factors[scripts.path] or _PYTHON.match(one) for one in name.split("-"))

    def _included_script(self, task: Task, name: str, scripts: NamedScripts) -> Body | None:
        for prefix, file in scripts.includes:
            if not name.startswith(prefix):
                continue
            path = posixpath.normpath(posixpath.join(scripts.folder, file))
            names = _JUSTFILES if task.runner == "just" else _TASKFILES
            for one in (path, f"{path}.just", *(posixpath.join(path, name) for name in names)):
                inner = self._by_path.get(one)
                if inner is not None and inner is not scripts and self._of(inner).get(name.removeprefix(prefix)):
                    return self._in_file(task._replace(name=name.removeprefix(prefix)), inner, scripts.folder)
        return None


def _with_arguments(script: NamedScript, task: Task, variables: tuple[tuple[str, str], ...]) -> str:
    """A recipe of just with the values of its parameters and of the file's variables."""
    values = {**dict(variables), **dict(task.variables)}
    rest = list(task.arguments)
    for name, default in script.parameters:
        values[name] = rest.pop(0) if rest else values.get(default, default)
    if rest and script.parameters and script.variadic:
        values[script.parameters[-1][0]] = " ".join((values[script.parameters[-1][0]], *rest))
    return _VALUE.sub(lambda found: values.get(found[1], found[0]), script.text)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
