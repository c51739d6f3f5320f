"""The scripts that a project gives names to, in package.json, Makefile, tox.ini and their like, as summaries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

from devopslint.images.builds import scripted_builds
from devopslint.images.summaries import ImageBuild
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import read_yaml
from devopslint.scripts.coverage import coverage_demands

_MAKE_TARGET = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_./%-]*(?:[ \t]+[A-Za-z0-9_./%-]+)*)[ \t]*::?(?!=)([^=\n]*)\Z")
_JUST_RECIPE = re.compile(r"@?([A-Za-z_][A-Za-z0-9_-]*)(?:[ \t][^:\n]*)?:(?!=)([^\n]*)\Z")
_TOX_SECTION = re.compile(r"\[([^\]\n]+)\]\s*\Z")
_NOX_SESSION = re.compile(r"[ \t]*def[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*\(")
_NOX_RUN = re.compile(r"""["']([^"'\n]+)["']""")
_RUNNERS = {
    "package.json": ("npm", "pnpm", "yarn", "bun", "turbo", "nx", "lerna", "wireit"),
    "composer.json": ("composer",),
    "tox.ini": ("tox",),
    "noxfile.py": ("nox",),
    "makefile": ("make", "gmake"),
    "gnumakefile": ("make", "gmake"),
    "justfile": ("just",),
    "taskfile.yml": ("task",),
    "taskfile.yaml": ("task",),
}


class NamedScripts(NamedTuple):
    """What each named script of one file runs, as shell text."""

    path: str
    runners: tuple[str, ...]
    """The programs that run them by name."""
    scripts: tuple[tuple[str, str], ...]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


class ScriptFile(TextFile):
    """A file that names scripts. It is read for what pipelines run; nothing in it is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("scripts",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        name = self.path.rpartition("/")[2].lower()
        runners = _RUNNERS.get(name, ())
        if not runners:
            return ()
        if name in ("package.json", "composer.json"):
            scripts = _from_json(self.path, self.text)
        elif runners == ("task",):
            scripts = _from_taskfile(self.path, self.text)
        elif runners == ("tox",):
            scripts = _from_tox(self.text)
        elif runners == ("nox",):
            scripts = _from_nox(self.text)
        else:
            scripts = _from_recipes(self.text, _JUST_RECIPE if runners == ("just",) else _MAKE_TARGET, runners[0])
        named = NamedScripts(self.path, runners, tuple(scripts))
        return (named, *coverage_demands(self.path, self.text), *_image_builds(named))


def _image_builds(named: NamedScripts) -> Iterator[ImageBuild]:
    for script in dict.fromkeys(script for _, script in named.scripts):
        for line in script.split("\n") if named.runners[0] in ("make", "just") else (script,):
            yield from scripted_builds(line, named.folder)  # each line of a recipe has a shell of its own


def _from_json(path: str, text: str) -> Iterator[tuple[str, str]]:
    stream = read_yaml(path, text)
    for document in stream.documents[:1]:
        for name, script in document.root["scripts"].items():
            commands = [part.text for part in script.strings()]
            yield name.text, "\n".join(commands)


def _from_taskfile(path: str, text: str) -> Iterator[tuple[str, str]]:
    stream = read_yaml(path, text)
    for document in stream.documents[:1]:
        for name, task in document.root["tasks"].items():
            commands = task["cmds"] if task.is_mapping else task
            lines = [f"task {dependency.text}" for dependency in task["deps"].strings()]
            for command in [*commands.strings(), task["cmd"]] if not commands.is_scalar else [commands]:
                lines.append(command.text)
            for command in commands:
                lines.append(f"task {command['task'].text}" if command["task"].text else command["cmd"].text)
            yield name.text, "\n".join(line for line in lines if line)


def _from_recipes(text: str, header: re.Pattern[str], runner: str) -> Iterator[tuple[str, str]]:
    """Targets with the lines that are indented below them; what a target depends on runs first."""
    names: list[str] = []
    body: list[str] = []
    for line in [*text.replace("\\\n", " ").split("\n"), "end:"]:
        if line.startswith(("\t", "    ")) and names:
            body.append(line.strip().lstrip("@-+"))
            continue
        found = header.match(line.split("#")[0].rstrip()) if line and not line[0].isspace() else None
        if found is None:
            continue
        script = "\n".join(body)
        for name in names:
            yield name, script
        names = found[1].split() if runner == "make" else [found[1]]
        needed = [word for word in found[2].split() if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", word)]
        body = [f"{runner} {word}" for word in needed]


def _from_tox(text: str) -> Iterator[tuple[str, str]]:
    name, inside = "", False
    commands: list[str] = []
    for line in [*text.split("\n"), "[end]"]:
        section = _TOX_SECTION.match(line)
        if section is not None:
            if name and commands:
                yield name, "\n".join(commands)
            name = section[1].rpartition(":")[2] if section[1].startswith("testenv:") else ""
            commands, inside = [], False
        elif re.match(r"commands\s*=", line):
            inside = True
            commands.append(line.partition("=")[2].strip())
        elif inside and line[:1].isspace():
            commands.append(line.strip().lstrip("-"))
        elif line.strip():
            inside = False


def _from_nox(text: str) -> Iterator[tuple[str, str]]:
    name = ""
    commands: list[str] = []
    for line in [*text.split("\n"), "def end("]:
        session = _NOX_SESSION.match(line)
        if session is not None:
            if name and commands:
                yield name, "\n".join(commands)
            name, commands = session[1], []
        elif "session.run(" in line:
            commands.append(" ".join(_NOX_RUN.findall(line)))
