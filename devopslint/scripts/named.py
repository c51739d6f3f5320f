"""The scripts that a project gives names to, in package.json, Makefile, tox.ini and their like, as summaries."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.images.builds import BUILDERS, builds_of_commands, given_contexts, scripted_builds, scripted_uses
from devopslint.images.summaries import ImageBuild, ImageUse
from devopslint.readers.cluster_commands import openings_in_commands
from devopslint.readers.shell import interpreter, read_commands, speaks_posix
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Node, read_yaml
from devopslint.scripts.coverage import coverage_demands
from devopslint.scripts.dependencies import declared_dependencies
from devopslint.scripts.makefile import Makefile, Reading, read_makefile

LONGEST = 100_000
"""Characters of a script that are looked at."""
LONGEST_OPENING = 1_000_000
"""Those in which only what it puts into a cluster is looked for, and no command is read."""
MOST_BRACES = 8
MOST_ENVIRONMENTS = 500
"""Environments that the braces of tox's configuration stand for."""

_NOX_SESSION = compiled(r"[ \t]*def[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*\(")
_NOX_NAME = compiled(r"""@(?:nox\.)?session\(.{0,200}?\bname[ \t]*=[ \t]*["']([^"'\n]+)["']""")
_NOX_CALL = compiled(r"""session\.(run|notify)\(""")
_NOX_RUN = compiled(r"""["']([^"'\n]+)["']""")
_JUST_RECIPE = compiled(r"@?([A-Za-z_][\w-]*)((?:[ \t]+[^:\n]*?)?):(?!=)(.*)\Z", re.DOTALL)
_JUST_ALIAS = compiled(r"alias[ \t]+([A-Za-z_][\w-]*)[ \t]*:=[ \t]*([A-Za-z_][\w:-]*)")
_JUST_VARIABLE = compiled(r"(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(.*)\Z")
_JUST_PARAMETER = compiled(r"""[+*$]*([A-Za-z_][\w-]*)(?:[ \t]*=[ \t]*("[^"]*"|'[^']*'|[^\s]+))?""")
_JUST_ARGUMENT = compiled(r"""\"[^\"]*\"|'[^']*'|([A-Za-z_][\w-]*)""")
_JUST_IMPORT = compiled(r"""import\??[ \t]+["']([^"']+)["']""")
_JUST_MODULE = compiled(r"""mod\??[ \t]+([A-Za-z_][\w-]*)(?:[ \t]+["']([^"']+)["'])?\Z""")
_JUST_VALUE = compiled(r"\{\{[ \t]*([A-Za-z_][\w-]*)[ \t]*\}\}")
_DEPENDENCY = compiled(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)|(&&)|([A-Za-z_][\w:-]*)")
_TASK_VALUE = compiled(r"\{\{-?[ \t]*\.([A-Za-z_]\w*)[ \t]*-?\}\}")
_TASK_ITEM = compiled(r"\{\{-?[ \t]*\.ITEM[ \t]*-?\}\}")
_TOX_SECTION = compiled(r"\[([^\]\n]+)\]\s*\Z")
_TOX_KEY = compiled(r"([A-Za-z_][\w-]*)\s*=\s*(.*)\Z")
_TOX_FACTORS = compiled(r"([!\w.,{}-]+):[ \t]+(.*)\Z")
_TOX_REFERENCE = compiled(r"\{\[([^\]{}]+)\]([A-Za-z_]\w*)\}")
_TOX_VALUE = compiled(r"\{(?:posargs|env:\w+|tty):?([^{}]*)\}")
_PHP_FUNCTION = compiled(r"[\w\\]+::\w+\Z")
_BRACES = compiled(r"\{([^{}]*)\}")

_RUNNERS = {
    "package.json": ("npm", "node", "pnpm", "yarn", "bun", "deno", "turbo", "nx", "lerna", "wireit", "moon", "rush"),
    "composer.json": ("composer",),
    "tox.ini": ("tox",),
    "setup.cfg": ("tox",),
    "noxfile.py": ("nox",),
    "justfile": ("just",),
    ".justfile": ("just",),
    "taskfile.yml": ("task", "go-task"),
    "taskfile.yaml": ("task", "go-task"),
    "taskfile.dist.yml": ("task", "go-task"),
    "taskfile.dist.yaml": ("task", "go-task"),
}


class NamedScript(NamedTuple):
    """A script of one name as shell text; what runs before or after it stands in the text as commands of its runner."""

    name: str
    text: str
    parameters: tuple[tuple[str, str], ...] = ()
    """Names and defaults of what follows the script's own name."""
    variadic: bool = False
    """Whether the last of them takes all that is left."""


class NamedScripts(NamedTuple):
    """What each named script of one file runs."""

    path: str
    runners: tuple[str, ...]
    """The programs that run them by name."""
    scripts: tuple[NamedScript, ...]
    package: str = ""
    """The name of a package.json."""
    default: str = ""
    """What runs where no name is given."""
    includes: tuple[tuple[str, str], ...] = ()
    """(prefix of the names, path) of the files whose scripts belong to these."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values of the file's own, which stand in the scripts as `{{NAME}}`."""

    @property
    def folder(self) -> str:
        """Where the runner looks for them."""
        folder = self.path.rpartition("/")[0]
        return folder.removesuffix(".cargo").removesuffix("/") if self.runners == ("cargo",) else folder


class ShellScript(NamedTuple):
    """A file of shell commands."""

    path: str
    text: str


class ScriptFile(TextFile):
    """A file that names scripts. It is read for what pipelines run; nothing in it is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("scripts",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        name = self.path.rpartition("/")[2].lower()
        runners = _RUNNERS.get(name, ("just",) if name.endswith(".just") else ())
        if name.endswith((".yml", ".yaml")):
            runners = ("task", "go-task")
        if not runners:
            makefile = read_makefile(self.path, self.text)
            contexts = given_contexts(self.text, self.path)
            return (makefile, *_made_images(makefile), *contexts, *openings_in_commands(self.path, self.text))
        match runners[0]:
            case "npm" | "composer":
                named = _from_json(self.path, runners, self.text)
            case "task":
                named = _from_taskfile(self.path, runners, self.text)
            case "tox":
                named = from_tox(self.path, self.text)
            case "nox":
                named = NamedScripts(self.path, runners, tuple(_from_nox(self.text)))
            case _:
                named = _from_justfile(self.path, runners, self.text)
        opened = openings_in_commands(self.path, self.text)
        declared = (*coverage_demands(self.path, self.text), *declared_dependencies(self.path, self.text))
        return (named, *declared, *image_builds(named), *given_contexts(self.text, self.path), *opened)


class ShellFile(TextFile):
    """A script of the repository. It is read for what pipelines run; nothing in it is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("shell-script", "command")
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        program = interpreter(self.text)
        if len(self.text) > LONGEST_OPENING or (program is not None and not speaks_posix(program)):
            return ()
        opened = openings_in_commands(self.path, self.text)
        if len(self.text) > LONGEST:
            return opened
        contexts = given_contexts(self.text, self.path)
        used = scripted_uses(self.text, self.path)
        return (ShellScript(self.path, self.text), *opened, *self._builds(), *contexts, *used)

    def _builds(self) -> Iterator[ImageBuild]:
        """The builds where it is started from the root, and from its own folder: one of them finds its Dockerfile."""
        if "build" not in self.text or not any(builder in self.text for builder in BUILDERS):
            return
        # A folder that a variable names is the script's own, or the root.
        commands = [one for one in read_commands(self.text) if one.name != "cd" or "$" not in " ".join(one.texts)]
        for folder in dict.fromkeys(("", self.path.rpartition("/")[0])):
            yield from (build._replace(path=self.path) for build in builds_of_commands(commands, folder))


def is_shell(name: str, text: str | None) -> bool:
    """Whether a file without an ending is a shell script."""
    program = interpreter(text) if text is not None else None
    return program is not None and speaks_posix(program)


def image_builds(named: NamedScripts) -> Iterator[ImageBuild | ImageUse]:
    """The images that named scripts build and use."""
    variables = dict(named.variables)
    texts = (_JUST_VALUE.sub(lambda one: variables.get(one[1], one[0]), script.text) for script in named.scripts)
    for script in dict.fromkeys(text.replace("$CLI_ARGS", "") for text in texts):
        for line in script.split("\n") if named.runners[0] == "just" else (script,):
            yield from _images(line, named.path)  # each line of a recipe has a shell of its own


def _images(script: str, path: str) -> Iterator[ImageBuild | ImageUse]:
    folder = path.rpartition("/")[0]
    yield from (build._replace(path=path) for build in scripted_builds(script, folder))
    yield from scripted_uses(script, path)


def _made_images(makefile: Makefile) -> Iterator[ImageBuild | ImageUse]:
    reading = Reading(makefile, lambda path: ())
    seen: set[str] = set()
    for target, rule in reading.rules.items():
        for line in reading.recipe(target, rule) if rule.recipes else ():
            if line not in seen:
                seen.add(line)
                yield from _images(line, makefile.path)


def _from_json(path: str, runners: tuple[str, ...], text: str) -> NamedScripts:
    found: list[NamedScript] = []
    package = ""
    for document in read_yaml(path, text).documents[:1]:
        package = document.root["name"].text
        for name, script in document.root["scripts"].items():
            commands = [part.text for part in script.strings()]
            if runners == ("composer",):
                commands = [_of_composer(command) for command in commands]
            found.append(NamedScript(name.text, "\n".join(commands)))
    return NamedScripts(path, runners, tuple(found), package)


def _of_composer(command: str) -> str:
    """`@unit` is another script, `@php x` and `@composer x` are programs, and `Shop\\Build::run` is a function."""
    if not command.startswith("@"):
        return "php-function" if _PHP_FUNCTION.match(command) else command
    program = command[1:].partition(" ")[0]
    if program == "putenv":
        return ""
    return command[1:] if program in ("php", "composer") else f"composer run {command[1:]}"


# Task


def _from_taskfile(path: str, runners: tuple[str, ...], text: str) -> NamedScripts:
    found: list[NamedScript] = []
    includes: list[tuple[str, str]] = []
    for document in read_yaml(path, text).documents[:1]:
        common = {key.text: value.text for key, value in document.root["vars"].items() if value.is_scalar}
        for key, value in document.root["includes"].items():
            file = value.text if value.is_scalar else value["taskfile"].text
            includes.append(("" if value["flatten"].text == "true" else f"{key.text}:", file))
        for name, task in document.root["tasks"].items():
            variables = {**common, **{key.text: value.text for key, value in task["vars"].items() if value.is_scalar}}
            lines = _filled(_task_lines(task), variables)
            aliases = [alias.text for alias in task["aliases"].strings()] if task.is_mapping else []
            found.extend(NamedScript(one, lines) for one in (name.text, *aliases))
    return NamedScripts(path, runners, tuple(found), "", "default", tuple(includes))


def _task_lines(task: Node) -> Iterator[str]:
    folder = task["dir"].text if task.is_mapping else ""
    if task.is_mapping:
        for dependency in task["deps"]:
            called = dependency.text if dependency.is_scalar else dependency["task"].text
            if called:
                yield f"task {called}"
        if folder:
            yield f"cd '{folder}'"
    commands = task["cmds"] if task.is_mapping and task["cmds"].exists else task["cmd"] if task.is_mapping else task
    deferred: list[str] = []
    for command in commands if commands.is_sequence else (commands,):
        if command.is_mapping and command["defer"].exists:
            deferred.append(_task_line(command["defer"]))
            continue
        line = _task_line(command)
        items = [item.text for item in command["for"].strings()] if command.is_mapping else []
        parts = _TASK_ITEM.split(line)
        yield from (item.join(parts) for item in items) if items else (line,)
    yield from reversed(deferred)


def _task_line(command: Node) -> str:
    if not command.is_mapping:
        return command.text
    if not command["task"].text:
        return command["cmd"].text
    given = (f"{key.text}='{value.text}'" for key, value in command["vars"].items() if value.text)
    return " ".join((f"task {command['task'].text}", *given))


def _filled(lines: Iterable[str], variables: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        known = variables.get(found[1])
        return known if known is not None else f"${found[1]}"

    written = "\n".join(line for line in lines if line)
    for _ in range(3):
        if "{{" not in written or len(written) > LONGEST:
            break
        written = _TASK_VALUE.sub(value, written)
    return written


# just


def _from_justfile(path: str, runners: tuple[str, ...], text: str) -> NamedScripts:
    found: dict[str, NamedScript] = {}
    aliases: list[tuple[str, str]] = []
    includes: list[tuple[str, str]] = []
    variables: dict[str, str] = {}
    name = ""
    parameters: tuple[tuple[str, str], ...] = ()
    variadic = False
    body: list[str] = []
    after: list[str] = []
    first, attributes = "", ""

    def close() -> None:
        if name:
            found[name] = NamedScript(name, "\n".join((*_shell_lines(body), *after)), parameters, variadic)

    for line in [*text.replace("\\\n", " ").replace("\r\n", "\n").split("\n"), "end:"]:
        if line[:1].isspace():
            if name and line.strip():
                body.append(line.strip().lstrip("@-"))
            continue
        bare = _without_comment(line).rstrip()
        if not bare:
            continue
        if (alias := _JUST_ALIAS.match(bare)) is not None:
            aliases.append((alias[1], alias[2]))
        elif (imported := _JUST_IMPORT.match(bare)) is not None:
            includes.append(("", imported[1]))
        elif (assigned := _JUST_VARIABLE.match(bare)) is not None:
            variables[assigned[1]] = assigned[2].strip("\"'`")
        elif (module := _JUST_MODULE.match(bare)) is not None:
            includes.append((f"{module[1]}::", module[2] or module[1]))
        elif bare.startswith("["):
            attributes += bare
        elif (recipe := _JUST_RECIPE.match(bare)) is not None:
            close()
            # Of recipes for several systems that of the usual runner counts.
            other = ("macos" in attributes or "windows" in attributes) and not (
                "linux" in attributes or "unix" in attributes
            )
            name, attributes = "" if other else recipe[1], ""
            first = first or name
            parameters = tuple((one[1], (one[2] or "").strip("\"'")) for one in _JUST_PARAMETER.finditer(recipe[2]))
            variadic = "+" in recipe[2] or "*" in recipe[2]
            body, after = [], []
            later = False
            for called, behind, bare_name in _DEPENDENCY.findall(recipe[3]):
                later = later or bool(behind)
                if called or bare_name:
                    (after if later else body).append(f"just {_with_values(called) or bare_name}")
    found.pop("end", None)
    scripts = list(found.values())
    scripts.extend(found[target]._replace(name=alias) for alias, target in aliases if target in found)
    return NamedScripts(
        path,
        runners,
        tuple(scripts),
        "",
        first,
        tuple(includes),
        tuple(variables.items()),
    )


def _shell_lines(recipe: list[str]) -> Iterator[str]:
    """A recipe as far as a shell runs it; a program in another language stands there as one that nobody knows."""
    for line in recipe:
        program = interpreter(line)
        if program is not None and not speaks_posix(program):
            yield f"{program}-recipe"
            return
        yield line


def _with_values(called: str) -> str:
    """A dependency with its arguments as a command: those without quotes are names of values."""
    name, _, arguments = called.strip().partition(" ")
    filled = _JUST_ARGUMENT.sub(lambda one: one[0] if one[1] is None else f"{{{{{one[1]}}}}}", arguments)
    return f"{name} {filled}".strip()


def _without_comment(line: str) -> str:
    at = line.find("#")
    return line if at < 0 or line.count('"', 0, at) % 2 or line.count("'", 0, at) % 2 else line[:at]


# tox and nox


def from_tox(path: str, text: str) -> NamedScripts:
    """Each environment with its commands, the general one's (`testenv`) where it has none; factors stay in front of lines.

    In a setup.cfg the section `tox` is called `tox:tox`.
    """
    sections: dict[str, dict[str, list[str]]] = {}
    keys: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.replace("\\\n", " ").split("\n"):
        section = _TOX_SECTION.match(line)
        key = _TOX_KEY.match(line) if not line[:1].isspace() else None
        if section is not None:
            keys = sections.setdefault(section[1].strip(), {})
            lines = []
        elif key is not None:
            lines = keys.setdefault(key[1], [])
            lines.append(key[2].strip())
        elif line[:1].isspace() and line.strip() and not line.strip().startswith("#"):
            lines.append(line.strip())
    if path.endswith("setup.cfg") and "tox:tox" not in sections:
        return NamedScripts(path, ("tox",), ())
    general = _tox_commands(sections, "testenv")
    found = {"testenv": NamedScript("testenv", general)}
    for title in sections:
        kind, mark, name = title.partition(":")
        if kind != "testenv" or not mark:
            continue
        commands = _tox_commands(sections, title) or general
        for one in itertools.islice(_spelled_out(name), MOST_ENVIRONMENTS):
            found.setdefault(one, NamedScript(one, commands))
    own = sections.get("tox") or sections.get("tox:tox", {})
    listed = own.get("envlist") or own.get("env_list") or []
    names = [one for part in _outside_braces(",".join(listed)) for one in _spelled_out(part)][:MOST_ENVIRONMENTS]
    default = NamedScript("", f"tox -e {','.join(names)}" if names else "")
    return NamedScripts(path, ("tox",), (default, *found.values()))


def _tox_commands(sections: dict[str, dict[str, list[str]]], section: str, depth: int = 0) -> str:
    keys = sections.get(section, {})
    lines: list[str] = []
    for key in ("commands_pre", "commands", "commands_post"):
        for line in keys.get(key, ()):
            reference = _TOX_REFERENCE.search(line)
            if reference is not None and depth < 5:
                if reference[2].startswith("commands"):
                    lines.append(_tox_commands(sections, reference[1], depth + 1))
                else:
                    value = " ".join(sections.get(reference[1], {}).get(reference[2], ()))
                    lines.append(f"{line[: reference.start()]}{value}{line[reference.end() :]}")
            else:
                lines.append(line)
    return "\n".join(line for line in lines if line)


def of_environment(name: str, text: str) -> str:
    """The commands of an environment of tox, without those of other factors."""
    factors = frozenset(name.split("-"))
    lines: list[str] = []
    for line in text.split("\n"):
        conditional = _TOX_FACTORS.match(line)
        if conditional is not None:
            if not any(_has(factors, one) for one in _outside_braces(conditional[1])):
                continue
            line = conditional[2]
        bare = _TOX_VALUE.sub(lambda found: found[1], line.lstrip("-! "))
        bare = bare.replace("{envname}", name).replace("{env_name}", name)
        lines.append(bare.replace("{envpython}", "python").replace("{toxinidir}", ".").replace("{tox_root}", "."))
    return "\n".join(lines)


def _has(factors: frozenset[str], condition: str) -> bool:
    return any(
        all((part.lstrip("!") in factors) != part.startswith("!") for part in one.split("-"))
        for one in itertools.islice(_spelled_out(condition), MOST_ENVIRONMENTS)
    )


def _outside_braces(text: str) -> list[str]:
    """The parts between commas and blanks that stand in no braces."""
    parts: list[str] = []
    depth = start = 0
    for at, letter in enumerate(f"{text},"):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if not depth and (letter == "," or letter.isspace()):
            parts.append(text[start:at])
            start = at + 1
    return [part for part in parts if part]


def _spelled_out(name: str) -> Iterator[str]:
    """`py3{10,11}-go` is py310-go and py311-go; `3.{9-11}` is 3.9, 3.10 and 3.11."""
    braces = _BRACES.search(name) if name.count("{") <= MOST_BRACES else None
    if braces is None:
        yield from (one.strip() for one in name.split(",") if one.strip())
        return
    choices = [part.strip() for part in braces[1].split(",")]
    span = re.fullmatch(r"(\d{1,3})-(\d{1,3})", braces[1].strip())
    if span is not None and int(span[1]) <= int(span[2]):
        choices = [str(number) for number in range(int(span[1]), min(int(span[2]), int(span[1]) + 50) + 1)]
    for choice in choices[:50]:
        yield from _spelled_out(f"{name[: braces.start()]}{choice}{name[braces.end() :]}")


def _from_nox(text: str) -> Iterator[NamedScript]:
    name, given = "", ""
    commands: list[str] = []
    for line in [*text.split("\n"), "def end("]:
        session = _NOX_SESSION.match(line)
        named = _NOX_NAME.match(line)
        if named is not None:
            given = named[1]
        elif session is not None:
            if name and commands:
                yield NamedScript(name, "\n".join(commands))
            name, given, commands = given or session[1], "", []
        elif (call := _NOX_CALL.search(line)) is not None:
            words = " ".join(_NOX_RUN.findall(line))
            commands.append(words if call[1] == "run" else f"nox -s {words}")
