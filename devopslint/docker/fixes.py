"""How Dockerfiles are mended: form, what instructions take, what scripts leave behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from devopslint.deferred import compiled
from devopslint.docker.changes import Added, Change, Part, Removed, Unbroken
from devopslint.docker.dockerfile import Dockerfile, steps
from devopslint.docker.packages import PackageCommand
from devopslint.docker.reader import Instruction, Word
from devopslint.docker.stages import Script, Stage, Step
from devopslint.model import Location, Problem
from devopslint.readers.shell_words import Word as ShellWord
from devopslint.registry import fix

Mended = Iterator[Change]

SIMPLE = compiled(r"[A-Za-z0-9_./:=@%+,-]+(?:[ \t]+[A-Za-z0-9_./:=@%+,-]+)*[ \t]*")
"""A command in which a shell has nothing to do but to cut it apart at the blanks."""
_ASSIGNS = compiled(r"[A-Za-z_][A-Za-z0-9_]*=")
_BUILT_IN = frozenset(
    ("cd", "exec", "set", "export", ".", "source", "if", "for", "while", "test", "ulimit", "umask", "exit", "eval")
)
"""Words that only a shell knows."""
_OPEN_END = compiled(r"(?:\|\||&|;|\\|\|)\s*\Z|\|\||#")
YES = {"apt": "-y", "yum": "-y", "dnf": "-y", "zypper": "--non-interactive"}
HEALTH = {"interval": "30s", "timeout": "5s", "start-period": "10s", "start-interval": "5s", "retries": "3"}


def _at(place: Location, problem: Problem) -> bool:
    return place.region == problem.location.region


def _word(instruction: Instruction, word: Word, text: str) -> Part:
    """Another text in place of a word."""
    return Part(instruction, word.start, word.end, text)


@fix("docker-add-instead-of-copy")
def add_instead_of_copy(step: Step, problem: Problem) -> Mended:
    """Where each of its sources is a file of the context. What stands in no known folder would be a finding of COPY's."""
    anchored = any(one.name == "WORKDIR" for one in step.stage.steps) or step.stage.parent is not None
    if not anchored and not step.args[-1].startswith(("/", "$")):
        return
    keyword = step.instruction.keyword
    local = [source for source in step.copied if not source.remote]
    archive = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".tbz2", ".txz")
    if len(local) == len(step.copied) and not any(one.text.lower().endswith(archive) for one in local):
        if not {flag.name for flag in step.instruction.flags} - {"chown", "chmod", "link", "exclude", "from"}:
            yield _word(step.instruction, keyword, "COPY" if keyword.text.isupper() else "copy")


@fix("docker-maintainer")
def maintainer(step: Step, problem: Problem) -> Mended:
    instruction, rest = step.instruction, step.instruction.rest
    name = rest.text.strip().strip("\"'")
    if name and not set(name) & set('"\\$\n'):
        label = "label" if instruction.keyword.text.islower() else "LABEL"
        text = f'{label} org.opencontainers.image.authors="{name}"'
        yield Part(instruction, instruction.keyword.start, rest.end, text)


@fix("docker-instruction-casing")
def instruction_casing(dockerfile: Dockerfile, problem: Problem) -> Mended:
    for step in steps(dockerfile):
        keyword = step.instruction.keyword
        if not step.deferred and _at(keyword.location, problem):
            wanted = (
                keyword.text.lower() if f" is not '{keyword.text.lower()}'" in problem.message else keyword.text.upper()
            )
            yield _word(step.instruction, keyword, wanted)


@fix("docker-from-as-casing")
def from_as_casing(stage: Stage, problem: Problem) -> Mended:
    if stage.origin is not None:
        joint, upper = stage.origin.words[1], stage.origin.instruction.keyword.text.isupper()
        yield _word(stage.origin.instruction, joint, joint.text.upper() if upper else joint.text.lower())


@fix("docker-uppercase-stage-name")
def uppercase_stage_name(stage: Stage, problem: Problem) -> Mended:
    """Where others name it, too: BuildKit does not look at case, and other tools do."""
    if stage.origin is None or stage.name is None:
        return
    lower = stage.name.lower()
    yield _word(stage.origin.instruction, stage.origin.words[2], lower)
    for other in stage.dockerfile.stages[stage.index + 1 :]:
        if other.origin is not None and other.origin.words[0].raw.lower() == lower:
            yield _word(other.origin.instruction, other.origin.words[0], lower)
        for step in other.steps:
            flag = step.instruction.flag("from")
            if flag is not None and flag.value is not None and flag.value.lower() == lower and not step.deferred:
                yield Part(step.instruction, flag.word.end - len(flag.value), flag.word.end, lower)


@fix("docker-empty-continuation")
def empty_continuation(step: Step, problem: Problem) -> Mended:
    yield Unbroken(step.instruction)


@fix("docker-legacy-env")
def legacy_env(step: Step, problem: Problem) -> Mended:
    for pair in step.instruction.pairs:
        value = pair.value.raw
        if pair.equals or not _at(pair.name.location, problem) or set(value) & set("\"'\\\n"):
            continue
        quoted = f'"{value}"' if set(value) & set(" \t") or not value else value
        yield Part(step.instruction, pair.name.end, pair.value.end, f"={quoted}")


@fix("docker-copy-needs-folder")
def copy_needs_folder(step: Step, problem: Problem) -> Mended:
    target = step.words[-1]
    if target.raw == target.text and not step.instruction.exec_form:
        yield Part(step.instruction, target.end, target.end, "/")


@fix("docker-expose-protocol-casing")
def expose_protocol_casing(step: Step, problem: Problem) -> Mended:
    for word in step.words:
        if _at(word.location, problem) and "$" not in word.raw:
            yield _word(step.instruction, word, word.raw.lower())


@fix("docker-redundant-platform")
def redundant_platform(stage: Stage, problem: Problem) -> Mended:
    if stage.origin is not None and (flag := stage.origin.instruction.flag("platform")) is not None:
        text = stage.origin.instruction.text
        end = flag.word.end
        while text[end : end + 1] in (" ", "\t"):
            end += 1
        yield Part(stage.origin.instruction, flag.word.start, end, "")


@fix("docker-multiple-commands", "docker-multiple-entrypoints", "docker-multiple-healthchecks")
def overridden(stage: Stage, problem: Problem) -> Mended:
    for step in stage.steps:
        if not step.deferred and _at(step.instruction.keyword.location, problem):
            yield Removed(step.instruction)


@fix("docker-shell-form-command")
def shell_form_command(step: Step, problem: Problem) -> Mended:
    """Not beside an ENTRYPOINT: what a shell was is then an argument."""
    instruction, rest = step.instruction, step.instruction.rest
    text = rest.text
    if not SIMPLE.fullmatch(text) or _ASSIGNS.match(text) or text.split()[0] in _BUILT_IN:
        return
    if step.name == "CMD" and step.stage.entrypoint is not None:
        return
    yield Part(instruction, rest.start, rest.end, json.dumps(text.split()))


@fix("docker-shell-form-healthcheck")
def shell_form_healthcheck(step: Step, problem: Problem) -> Mended:
    shell = step.instruction.shell
    if shell is not None and SIMPLE.fullmatch(shell.text) and not _ASSIGNS.match(shell.text):
        if shell.text.split()[0] not in _BUILT_IN:
            yield Part(step.instruction, shell.start, shell.end, json.dumps(shell.text.split()))


@fix("docker-thin-healthcheck")
def thin_healthcheck(stage: Stage, problem: Problem, *, options: list[str]) -> Mended:
    health = stage.healthcheck
    if health is None or health.stage is not stage:
        return
    missing = [option for option in options if option not in health.flags and option in HEALTH]
    at = health.instruction.keyword.end
    yield Part(health.instruction, at, at, "".join(f" --{option}={HEALTH[option]}" for option in missing))


@fix("docker-buffered-python")
def buffered_python(stage: Stage, problem: Problem) -> Mended:
    if stage.origin is not None:
        yield Added(stage.origin.instruction, f"{_env(stage)} PYTHONUNBUFFERED=1")


@fix("docker-missing-production-env")
def missing_production_env(stage: Stage, problem: Problem, *, ecosystems: list[dict[str, Any]]) -> Mended:
    wanted = problem.message.rpartition("does not set ")[2]
    known = {f"{one['variables'][0]}={one['value']}" for one in ecosystems}
    if stage.origin is not None and wanted in known:
        yield Added(stage.origin.instruction, f"{_env(stage)} {wanted}")


def _env(stage: Stage) -> str:
    return "env" if stage.origin is not None and stage.origin.instruction.keyword.text.islower() else "ENV"


@fix("docker-interactive-install")
def interactive_install(script: Script, problem: Problem) -> Mended:
    for asked in _asked(script, problem):
        yield from _with_option(script, asked, YES.get(asked.manager, ""))


@fix("docker-recommended-packages")
def recommended_packages(script: Script, problem: Problem) -> Mended:
    for asked in _asked(script, problem):
        yield from _with_option(script, asked, "--no-install-recommends")


@fix("docker-apk-cache")
def apk_cache(script: Script, problem: Problem) -> Mended:
    for asked in _asked(script, problem):
        yield from _with_option(script, asked, "--no-cache")


@fix("docker-pip-cache")
def pip_cache(script: Script, problem: Problem) -> Mended:
    for asked in _asked(script, problem):
        yield from _with_option(script, asked, "--no-cache-dir")


@fix("docker-apt-in-script")
def apt_in_script(script: Script, problem: Problem) -> Mended:
    """What both can do: `apt list` and its like stay."""
    for asked in script.packages:
        program = asked.command.words[0] if asked.command.words else None
        if program is None or not _at(script.place(asked.command), problem) or not _plain(script):
            continue
        if asked.verb in ("install", "update", "upgrade", "remove", "purge", "autoremove", "clean", "autoclean"):
            yield from _in_script(script, program.start, program.end, "apt-get")


@fix("docker-wget-progress")
def wget_progress(script: Script, problem: Problem) -> Mended:
    for command in script.named("wget"):
        if command.words and _at(script.place(command), problem):
            yield from _in_script(script, command.words[0].end, command.words[0].end, " --progress=dot:giga")


@fix("docker-useradd-high-uid")
def useradd_high_uid(script: Script, problem: Problem) -> Mended:
    for command in script.named("useradd"):
        if command.words and any(_at(script.place(word), problem) for word in command.arguments):
            yield from _in_script(script, command.words[0].end, command.words[0].end, " --no-log-init")


@fix("docker-apt-lists")
def apt_lists(script: Script, problem: Problem) -> Mended:
    """Where no script after it counts on the lists."""
    stage = script.step.stage
    later = [
        one
        for other in stage.dockerfile.stages
        for one in other.scripts
        if one.step.instruction.first_line > script.step.instruction.first_line
    ]
    if "stays" in problem.message and not any(map(_counts_on_lists, later)):
        yield from _at_end(script, "rm -rf /var/lib/apt/lists/*")


def _counts_on_lists(script: Script) -> bool:
    asked = [one for one in script.packages if one.manager == "apt"]
    return any(one.verb == "install" for one in asked) and not any(one.verb == "update" for one in asked)


@fix("docker-package-cache")
def package_cache(script: Script, problem: Problem) -> Mended:
    wanted = problem.message.partition("'")[2].partition("'")[0]
    if wanted:
        yield from _at_end(script, wanted)


@fix("docker-yarn-cache")
def yarn_cache(script: Script, problem: Problem) -> Mended:
    yield from _at_end(script, "yarn cache clean")


def _asked(script: Script, problem: Problem) -> Iterator[PackageCommand]:
    """The command of a package manager that a problem is about."""
    return (asked for asked in script.packages if _at(script.place(asked), problem))


def _with_option(script: Script, asked: PackageCommand, option: str) -> Mended:
    """Behind the verb; for zypper, whose options of this kind stand before it, behind the program."""
    words = asked.command.words
    verb: ShellWord | None = asked.arguments.operands[0] if asked.arguments.operands else None
    if not option or not words or verb is None:
        return
    behind = words[0] if asked.manager == "zypper" else verb
    yield from _in_script(script, behind.end, behind.end, f" {option}")


def _plain(script: Script) -> bool:
    """Whether the script is the text of its instruction."""
    return not script.step.instruction.exec_form and not script.step.instruction.heredocs and not script.step.deferred


def _in_script(script: Script, start: int, end: int, text: str) -> Mended:
    if _plain(script):
        rest = script.step.instruction.rest
        yield Part(script.step.instruction, rest.start + start, rest.start + end, text)


def _at_end(script: Script, command: str) -> Mended:
    """One command more, as the script joins its own."""
    instruction = script.step.instruction
    text = script.text
    if not _plain(script) or _OPEN_END.search(text) or any(one.group is not None for one in script.commands[-1:]):
        return
    end = len(instruction.text.rstrip())
    line, _ = instruction.source.place(max(end - 1, 0))
    if line == instruction.first_line:
        yield Part(instruction, end, end, f" && {command}")
        return
    part = next(
        start
        for start, (number, _) in zip(instruction.source.starts, instruction.source.places, strict=True)
        if number == line
    )
    last = instruction.text[part:]
    indent = last[: len(last) - len(last.lstrip())] or "    "
    escape = script.step.stage.dockerfile.text.escape
    yield Part(instruction, end, end, f" {escape}\n{indent}&& {command}")
