"""What makes a final image large: its base, build tools, dependencies of development."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Iterator
from itertools import pairwise

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import production_stages
from devopslint.docker.stages import Script, Stage
from devopslint.images.summaries import DEPENDENCIES, PRODUCTION
from devopslint.model import Problem
from devopslint.readers.shell_words import Command
from devopslint.readers.wildcards import matches_any
from devopslint.registry import check

_REMOVALS = frozenset(("autoremove", "del", "erase", "purge", "remove", "rm"))
_PREFIXES = ("--prefix", "-C", "--cwd", "--dir")
"""Options of npm, yarn and pnpm for the folder that is installed in."""
_PRODUCTION_FLAGS = (
    "--omit=dev",
    "--only=prod",
    "--only=production",
    "--production",
    "--prod",
    "-P",
    "--no-dev",
    "--no-default-groups",
)
_PRODUCTION_SETTINGS = {
    "NODE_ENV": ("production",),
    "NPM_CONFIG_OMIT": ("dev",),
    "npm_config_omit": ("dev",),
    "NPM_CONFIG_PRODUCTION": ("true",),
    "npm_config_production": ("true",),
    "COMPOSER_NO_DEV": ("1",),
    "UV_NO_DEV": ("1", "true"),
    "UV_NO_DEFAULT_GROUPS": ("1", "true"),
}
"""Variables that keep the dependencies of development out."""
_INSTALLS = frozenset((("apk", "add"), *((manager, "install") for manager in ("apt", "yum", "dnf", "zypper"))))
_VERSION = compiled(r"[=~<>@]")
_WITHOUT = compiled(r"(?i)\bwithout\b|bundle_only")
"""In what bundler is told of the groups that it leaves out."""
_CONDITIONS = compiled(r"\b(?:if|elif|case)\b[^\n;]*")
_NAMED = compiled(r"\$\{?(\w+)")
_NODE = ("npm", "yarn", "pnpm", "bun")
_PYTHON = ("poetry", "pipenv", "uv", "pip", "pip3")
_BUNDLER = ("bundle", "bundler")
_MAKERS = {"node_modules": _NODE, "bundle": _BUNDLER, "vendor": ("composer",), ".venv": _PYTHON, "venv": _PYTHON}
"""The tools that fill a folder of dependencies."""


@check("docker-heavy-base", each=production_stages)
def heavy_base(stage: Stage, *, heavy: list[str], light: list[str], exempt: list[str]) -> Iterator[Problem]:
    root = stage.root
    image = root.image
    if image is None or root.base_unresolved or not image.matches(heavy) or (image.tag is None and image.digest):
        return
    if not image.matches(exempt) and not any(word in (image.tag or "") for word in light):
        yield Problem(root.location._replace(wanted=PRODUCTION), f"image is built on '{root.base}', the large variant")


@check("docker-build-tools", each=production_stages)
def build_tools(stage: Stage, *, toolchains: list[str], packages: list[str], commands: list[str]) -> Iterator[Problem]:
    root = stage.root
    if root.image is not None and not root.base_unresolved and root.image.matches(toolchains):
        at = root.location._replace(wanted=PRODUCTION)
        yield Problem(at, f"image is built on '{root.base}', and keeps its compilers")
        return
    for script in _scripts(stage):
        if any(command.verb in _REMOVALS for command in script.packages):
            continue
        found = next(_installed(script, packages), None) or next(_building(script, commands), None)
        if found is not None:
            yield found
            return


def _scripts(stage: Stage) -> Iterator[Script]:
    """The scripts whose files are in the image, from the first on."""
    for ancestor in reversed(stage.lineage):
        yield from ancestor.scripts


def _installed(script: Script, patterns: list[str]) -> Iterator[Problem]:
    for command in script.packages:
        if (command.manager, command.verb) not in _INSTALLS:
            continue
        for word in command.packages:
            name = _VERSION.split(word.text, maxsplit=1)[0]
            if matches_any(name, patterns):
                at = script.place(word)._replace(wanted=PRODUCTION)
                yield Problem(at, f"package '{name}' stays in the final image")


def _building(script: Script, patterns: list[str]) -> Iterator[Problem]:
    wanted_words = [(pattern, pattern.split()) for pattern in patterns]
    programs = [wanted[0] for _, wanted in wanted_words if wanted]
    for command in script.commands:
        if not matches_any(command.name, programs):
            continue
        words = [command.name, *(text for text in command.texts if not text.startswith("-"))]
        for pattern, wanted in wanted_words:
            if len(words) >= len(wanted) and all(map(fnmatch.fnmatchcase, words, wanted)):
                at = script.place(command)._replace(wanted=PRODUCTION)
                yield Problem(at, f"'{pattern}' builds in the final image, whose sources and tools stay")
                break


@check("docker-dev-dependencies", each=production_stages)
def dev_dependencies(stage: Stage) -> Iterator[Problem]:
    for script, command in _full_installs(stage)[:1]:
        verb = next((text for text in command.texts if not text.startswith("-")), "")
        what = f"{command.name} {verb}".rstrip()
        at = script.place(command)._replace(wanted=_wanted(command.name))
        yield Problem(at, f"'{what}' installs what only development needs")
    tools: dict[int, set[str]] = {}
    for step in stage.named("COPY"):
        source = stage.dockerfile.stage_named(step.flags.get("from", ""), before=stage.index)
        if source is None:
            continue
        if source.index not in tools:
            tools[source.index] = {command.name for _, command in _full_installs(source)}
        for copied in step.copied:
            makers = tools[source.index].intersection(_MAKERS.get(copied.name, ()))
            if makers and not _is_filled_apart(source, copied.text):
                message = f"'{copied.text}' of {source.label} holds what only development needs"
                yield Problem(copied.location._replace(wanted=_wanted(min(makers))), message)


def _is_filled_apart(stage: Stage, folder: str) -> bool:
    """Whether packages that are named are installed around the folder: `npm install --prefix /opt/serve serve`."""
    for script in _scripts(stage):
        for command in script.commands:
            if command.name in _NODE:
                told = " ".join(command.texts).replace("=", " ").split()
                prefixes = [value for option, value in pairwise(told) if option in _PREFIXES]
                if any(folder.startswith(f"{prefix.rstrip('/')}/") for prefix in prefixes) and len(told) > 3:
                    return True
    return False


def _wanted(tool: str) -> str:
    """What a finding about the dependencies that the tool installs wants: see model.Location."""
    ecosystem = "node" if tool in _NODE else "bundler" if tool in _BUNDLER else tool
    return DEPENDENCIES.get(ecosystem, DEPENDENCIES["python"])


def _full_installs(stage: Stage) -> list[tuple[Script, Command]]:
    """The commands that install dependencies of development too, which nothing removes later."""
    pending: list[tuple[Script, Command]] = []
    for script in _scripts(stage):
        for command in script.commands:
            if _prunes(command):
                pending = [(s, c) for s, c in pending if _ecosystem(c) != _ecosystem(command)]
            elif _installs_all(script, command):
                pending.append((script, command))
            elif _removes_modules(command):
                pending = [(s, c) for s, c in pending if _ecosystem(c) != "node"]
    return pending


def _ecosystem(command: Command) -> str:
    return "node" if command.name in _NODE else command.name


def _prunes(command: Command) -> bool:
    """Whether the command takes the dependencies of development away, or installs all others afresh."""
    texts = command.texts
    if command.name in _NODE:
        return _is_for_production(texts) and bool({"prune", "ci", "install", "i", "autoclean", "focus"} & set(texts))
    return command.name in ("composer", "poetry", "uv") and _is_for_production(texts)


def _removes_modules(command: Command) -> bool:
    return command.name == "rm" and any(
        posixpath.basename(text.rstrip("/")) == "node_modules" for text in command.texts
    )


def _is_for_production(texts: Iterable[str]) -> bool:
    texts = tuple(texts)
    if any(text in _PRODUCTION_FLAGS or text == "--production=true" for text in texts):
        return True
    options = {"--omit": "dev", "--only": "prod", "--without": "dev", "--no-group": "dev"}
    options_with_value = [*pairwise(texts), *(tuple(text.split("=", 1)) for text in texts if "=" in text)]
    return any(
        (option in options and value.startswith(options[option])) or (option == "--only" and value == "main")
        for option, value in options_with_value
    )


def _is_set_for_production(script: Script, command: Command) -> bool:
    tool = {"uv": ("UV_",), "composer": ("COMPOSER_",)}.get(command.name, ("NODE_", "NPM_", "npm_"))
    return any(
        name.startswith(tool) and script.value_at(name, command) in values
        for name, values in _PRODUCTION_SETTINGS.items()
    )


def _asks_for_argument(script: Script) -> bool:
    """Whether a condition of the script asks what a variable of the Dockerfile is, which a build may give."""
    declared = script.step.stage.dockerfile.declared
    return any(name in declared for condition in _CONDITIONS.findall(script.text) for name in _NAMED.findall(condition))


def _installs_all(script: Script, command: Command) -> bool:
    """Whether the command installs a project's dependencies with those of development."""
    texts = command.texts
    verbs = [text for text in texts if not text.startswith("-")]
    verb = verbs[0] if verbs else ""
    if command.within("then", "else", "branch") and _asks_for_argument(script):
        return False  # whether it runs is for whoever builds to say
    given = [script.resolved(word) for word in command.arguments if word.text.startswith("$")]
    if None in given or _is_for_production((*texts, *filter(None, given))) or _is_set_for_production(script, command):
        return False
    if command.name in _NODE:
        installs = verb in ("ci", "install", "i") or (command.name == "yarn" and not verb)
        whole = len(verbs) <= 1 and "-g" not in texts and "--global" not in texts
        return installs and whole
    if command.name == "composer":
        return verb == "install"
    if command.name == "poetry":
        return verb == "install"
    if command.name == "pipenv":
        return verb in ("install", "sync") and "--dev" in texts
    if command.name == "uv":
        return verb == "sync"
    if command.name in _BUNDLER:
        limited = any(script.value_at(name, command) for name in ("BUNDLE_WITHOUT", "BUNDLE_ONLY"))
        return verb in ("", "install") and not limited and not script.mentioned(_WITHOUT)
    if command.name.startswith("pip"):
        return verb == "install" and any(
            option in ("-r", "--requirement") and any(word in posixpath.basename(value) for word in ("dev", "test"))
            for option, value in pairwise(texts)
        )
    return False
