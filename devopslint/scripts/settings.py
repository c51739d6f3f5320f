"""The scripts that a project's settings name, in TOML and JSON: those of Poe, PDM, Hatch, Pixi, mise and Cargo, and their like."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Node, read_yaml
from devopslint.scripts.coverage import coverage_demands
from devopslint.scripts.dependencies import declared_dependencies
from devopslint.scripts.named import LONGEST, NamedScript, NamedScripts, from_tox, image_builds

Table = Mapping[str, object]

_REMARK = compiled(r"^[ \t]*//[^\n]*", re.MULTILINE)
_MOST_NESTED = 8
"""Steps of a script that hold steps in their turn."""


class Form(NamedTuple):
    """Where one runner keeps its scripts, and how they are written."""

    runner: str
    place: str
    """The keys that lead to the table of scripts; `*` for any one, which stands before the names with a colon."""
    call: str
    """The command that runs another script by its name."""
    listed: str = "lines"
    """What the parts of a list are: lines, the words of one command, or the names of other scripts."""
    texts: tuple[str, ...] = ("cmd",)
    """Keys of a script's own commands; a list there holds lines, or words where `listed` says so."""
    before: tuple[str, ...] = ()
    """Keys of the scripts that it runs first."""
    within: tuple[str, ...] = ()
    """Keys of scripts, or of steps, that it runs itself."""
    default: str = "default"
    """The table under a `*` whose scripts have no prefix."""


_HATCH = Form("hatch", "envs.*.scripts", "hatch run")
_PIXI = (
    Form("pixi", "tasks", "pixi run", before=("depends-on", "depends_on")),
    Form("pixi", "feature.*.tasks", "pixi run", before=("depends-on", "depends_on"), default="*"),
)
_PYPROJECT = (
    Form("poe", "tool.poe.tasks", "poe", "tasks", ("cmd", "shell"), ("deps",), ("sequence", "parallel", "ref")),
    Form("pdm", "tool.pdm.scripts", "pdm run", "words", ("cmd", "shell"), (), ("composite",)),
    Form("task", "tool.taskipy.tasks", "task"),
    Form("rye", "tool.rye.scripts", "rye run", "words", ("cmd",), (), ("chain",)),
    *(form._replace(place=f"tool.{form.runner}.{form.place}") for form in (_HATCH, *_PIXI)),
)
_MISE = (Form("mise", "tasks", "mise run", "lines", ("run",), ("depends",), ("depends_post",)),)
_CARGO = (Form("cargo", "alias", "cargo", "words"),)
_DENO = (Form("deno", "tasks", "deno task", texts=("command",), before=("dependencies",)),)
FORMS: dict[str, tuple[Form, ...]] = {
    "pyproject.toml": _PYPROJECT,
    "Pipfile": (Form("pipenv", "scripts", "pipenv run"),),
    "hatch.toml": (_HATCH,),
    "pixi.toml": _PIXI,
    "mise.toml": _MISE,
    ".mise.toml": _MISE,
    "config.toml": _CARGO,
    "config": _CARGO,
    "Makefile.toml": (
        Form("cargo-make", "tasks", "cargo-make", "lines", ("script", "command"), ("dependencies",), ("run_task",)),
    ),
    "deno.json": _DENO,
    "deno.jsonc": _DENO,
}
"""The name of a file -> what it may hold."""
_MARKS = ("scripts", "tasks", "alias", "tox", "env_run_base")
"""Without one of these words a file names no scripts, and is not parsed."""


class SettingsFile(TextFile):
    """Settings of a project. They are read for what pipelines run, and what tests are demanded; nothing in them is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("project-settings",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        path, text = self.path, self.text
        named = tuple(scripts_in_settings(path, text))
        built = (build for one in named for build in image_builds(one))
        return (*coverage_demands(path, text), *declared_dependencies(path, text), *named, *built)


def scripts_in_settings(path: str, text: str) -> Iterator[NamedScripts]:
    """What the settings at `path` name, runner by runner; nothing where they cannot be read."""
    name = path.rpartition("/")[2]
    forms = FORMS.get(name, ())
    if (not forms and name != "tox.toml") or len(text) > LONGEST or not any(mark in text for mark in _MARKS):
        return
    root = _json(path, text) if path.endswith((".json", ".jsonc")) else _toml(text)
    if name in ("pyproject.toml", "tox.toml"):
        yield from _of_tox(path, root)
    found: dict[str, list[NamedScript]] = {}
    for form in forms:
        for prefix, table in _tables(root, form.place.split(".")):
            start = f"{prefix}:" if prefix and form.default not in (prefix, "*") else ""
            scripts = {name: "\n".join(_written(form, value)) for name, value in table.items()}
            if form.runner == "hatch":
                scripts = {
                    name: _with_siblings(script, scripts, f"hatch run {start}") for name, script in scripts.items()
                }
            if form.runner == "cargo":
                scripts = {name: f"cargo {script}" for name, script in scripts.items() if script}
            found.setdefault(form.runner, []).extend(
                NamedScript(f"{start}{name}", one) for name, one in scripts.items()
            )
    for runner, named in found.items():
        yield NamedScripts(path, (runner,), tuple(named))


def _of_tox(path: str, root: object) -> Iterator[NamedScripts]:
    """The environments of tox in its own TOML; `legacy_tox_ini` holds those of a tox.ini."""
    for _, table in _tables(root, ["tool", "tox"]) if path.endswith("pyproject.toml") else _tables(root, []):
        ini = table.get("legacy_tox_ini")
        if isinstance(ini, str):
            yield from_tox(path, ini)
            continue
        general = _tox_commands(dict(_tables(table, ["env_run_base"])).get("", {}))
        found = {"testenv": NamedScript("testenv", general)}
        for _, environments in _tables(table, ["env"]):
            for name, own in environments.items():
                commands = _tox_commands(own) if isinstance(own, Mapping) else ""
                found[name] = NamedScript(name, commands or general)
        listed = table.get("env_list", ())
        names = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
        default = NamedScript("", f"tox -e {','.join(names)}" if names else "")
        if general or len(found) > 1:
            yield NamedScripts(path, ("tox",), (default, *found.values()))


def _tox_commands(environment: Table) -> str:
    commands = [environment.get(key, ()) for key in ("commands_pre", "commands", "commands_post")]
    lines = [line for one in commands if isinstance(one, list) for line in one]
    words = ([word for word in line if isinstance(word, str)] for line in lines if isinstance(line, list))
    return "\n".join(shlex.join(line) for line in words if line)


def _toml(text: str) -> object:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):  # its own readers refuse it, and name no place that anybody here would look at
        return {}


def _json(path: str, text: str) -> object:
    documents = read_yaml(path, _REMARK.sub("", text)).documents
    return {"tasks": _plain(documents[0].root["tasks"])} if documents else {}


def _plain(node: Node) -> object:
    if node.is_mapping:
        return {key.text: _plain(value) for key, value in node.items()}
    return [_plain(one) for one in node] if node.is_sequence else node.text


def _tables(value: object, keys: list[str], prefix: str = "") -> Iterator[tuple[str, Table]]:
    """Each table that the keys lead to, with what stands for the `*` among them."""
    if not isinstance(value, dict):
        return
    if not keys:
        yield prefix, value
    elif keys[0] == "*":
        for name, inner in value.items():
            yield from _tables(inner, keys[1:], name)
    else:
        yield from _tables(value.get(keys[0]), keys[1:], prefix)


def _written(form: Form, value: object, depth: int = 0) -> Iterator[str]:
    """What a script runs, as lines of shell; what is no command of a shell stands there as a program that nobody knows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and form.listed == "tasks":
        yield from _called(form, value, depth)
    elif isinstance(value, list):
        texts = [one for one in value if isinstance(one, str)]
        yield from (shlex.join(texts),) if form.listed == "words" else texts
        yield from _called(form, [one for one in value if isinstance(one, dict)], depth)
    elif isinstance(value, dict) and depth < _MOST_NESTED:
        for key in form.before:
            yield from _called(form, value.get(key), depth + 1)
        arguments = [one for one in value.get("args", ()) if isinstance(one, str)] if "command" in value else []
        for key in form.texts:
            for line in _written(form, value[key], depth + 1) if key in value else ():
                yield " ".join((line, shlex.join(arguments))) if arguments and key == "command" else line
        for key in form.within:
            yield from _called(form, value.get(key), depth + 1)
        for key in ("call", "expr"):
            if isinstance(value.get(key), str):
                yield "python-function"


def _called(form: Form, value: object, depth: int) -> Iterator[str]:
    """Scripts that are called by their names, alone, in a list, or as `{task = "…"}`; a step may be written there as well."""
    if isinstance(value, str):
        yield f"{form.call} {value}"
    elif isinstance(value, list) and depth < _MOST_NESTED:
        for one in value:
            yield from _called(form, one, depth + 1)
    elif isinstance(value, dict) and depth < _MOST_NESTED:
        name = next((value[key] for key in ("task", "name", "ref") if key in value), None)
        yield from _called(form, name, depth + 1) if name is not None else _written(form, value, depth + 1)


def _with_siblings(script: str, known: Mapping[str, str], call: str) -> str:
    """A script of Hatch, whose lines may begin with the name of another one of its environment."""
    lines = script.split("\n")
    return "\n".join(f"{call}{line}" if line.partition(" ")[0] in known else line for line in lines)
