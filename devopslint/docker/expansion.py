"""Follows the instructions of a Dockerfile from the top: stages, what they inherit, and the values of variables."""

from __future__ import annotations

from devopslint.docker.reader import Heredoc, Instruction, Word, stage_name
from devopslint.docker.stages import Assignment, Build, Stage, Step, Undefined
from devopslint.docker.words import expand, variables_in

MOST_VARIABLES = 1_000
"""Variables that a stage passes on; with more, those that build on it begin afresh."""
MOST_EXPANDED = 2_000_000
"""Characters of all that the variables of a Dockerfile put into its texts; texts beyond it are not known."""


PLATFORM_ARGUMENTS = {
    f"{side}{part}": value
    for side in ("TARGET", "BUILD")
    for part, value in (("PLATFORM", "linux/amd64"), ("OS", "linux"), ("ARCH", "amd64"), ("VARIANT", ""))
} | {"TARGETSTAGE": "default", "TARGETOSVERSION": "", "BUILDOSVERSION": ""}
"""What BuildKit sets without being asked, for FROM lines."""


_EXPANDED = frozenset(("ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))


def follow(dockerfile: Build) -> None:
    """Follow the instructions from the top: stages, inheritance, the values of variables."""
    instructions = dockerfile.text.instructions
    escape = dockerfile.text.escape
    preamble = Stage(dockerfile, -1, values=dict(PLATFORM_ARGUMENTS))
    dockerfile.defaults = preamble.values
    has_stages = any(instruction.name == "FROM" for instruction in instructions)
    stage: Stage | None = None
    for instruction in instructions:
        if instruction.name == "FROM":
            stage = _stage(dockerfile, preamble, instruction)
            dockerfile.add(stage)
            continue
        if stage is None and instruction.name == "ARG" and has_stages:
            dockerfile.preamble.append(_follow(preamble, preamble, instruction, escape))
            continue
        if stage is None:
            stage = Stage(dockerfile, 0)
            dockerfile.add(stage)
        stage.steps.append(_follow(stage, preamble, instruction, escape))
        if instruction.trigger is not None:
            flags = {flag.name: flag.value or "" for flag in instruction.trigger.flags}
            words = _arguments(instruction.trigger)
            args = tuple(word.text for word in words)
            unresolved = frozenset(index for index, text in enumerate(args) if "$" in text)
            trigger = Step(stage, instruction.trigger, args, unresolved, flags, (), stage.shell, deferred=True)
            stage.steps.append(trigger)


def _stage(dockerfile: Build, preamble: Stage, instruction: Instruction) -> Stage:
    """What a FROM begins with."""
    words = instruction.args
    stage = Stage(dockerfile, len(dockerfile.stages))
    if len(words) == 3 and words[1].text.upper() == "AS":
        stage.name = stage_name(instruction)
    expander = _Expander(preamble, dockerfile.text.escape)
    args = tuple(expander.word(word, index) for index, word in enumerate(words[:1]))
    stage.base = args[0] if args else ""
    stage.base_unresolved = bool(expander.unresolved)
    if not stage.base.isdecimal():
        stage.parent = dockerfile.stage_named(stage.base)
    flags = expander.flags(instruction)
    args += tuple(word.text for word in words[1:])
    stage.origin = Step(
        stage, instruction, args, frozenset(expander.unresolved), flags, tuple(expander.undefined), None
    )
    if stage.parent is not None:
        _inherit(stage, stage.parent)
    return stage


def _inherit(stage: Stage, parent: Stage) -> None:
    stage.first = parent.root
    stage.user, stage.workdir, stage.healthcheck = parent.user, parent.workdir, parent.healthcheck
    stage.cmd, stage.entrypoint, stage.shell = parent.cmd, parent.entrypoint, parent.shell
    if len(parent.values) + len(parent.unset) <= MOST_VARIABLES:
        stage.environment = dict(parent.environment)
        stage.values = dict(parent.values)
        stage.unset = set(parent.unset)


class _Expander:
    """Expands the words of one instruction by the variables of a stage."""

    def __init__(self, stage: Stage, escape: str) -> None:
        self.stage = stage
        self.escape = escape
        self.undefined: list[Undefined] = []
        self.unresolved: set[int] = set()

    def word(self, word: Word, index: int, offset: int = 0) -> str:
        return self.text(word.text[offset:], word, index, word.start + offset)

    def text(self, text: str, word: Word, index: int | None, start: int) -> str:
        expansion = expand(text, self.stage.values, self.escape)
        dockerfile = self.stage.dockerfile
        dockerfile.expanded += len(expansion.text) if expansion.variables else 0
        for variable in expansion.variables:
            if variable.known:
                continue
            if index is not None and not variable.idle and not variable.operator.endswith(("-", "+")):
                self.unresolved.add(index)
            if variable.name not in self.stage.unset and variable.name.isidentifier():
                at = word.source.span(start + variable.start, start + variable.end)
                self.undefined.append(Undefined(variable, at, index))
        if expansion.error is not None or (expansion.variables and dockerfile.expanded > MOST_EXPANDED):
            if index is not None:
                self.unresolved.add(index)
            return text
        return expansion.text

    def document(self, heredoc: Heredoc) -> None:
        """Look at a heredoc that becomes a file."""
        for variable in variables_in(heredoc.content, self.stage.values, self.escape) if heredoc.expand else ():
            if not variable.known and variable.name not in self.stage.unset and variable.name.isidentifier():
                at = heredoc.span(variable.start, variable.end)
                self.undefined.append(Undefined(variable, at, None))

    def flags(self, instruction: Instruction) -> dict[str, str]:
        return {
            flag.name: self.text(flag.value or "", flag.word, None, flag.word.start + flag.word.raw.find("=") + 1)
            for flag in instruction.flags
        }


def _arguments(instruction: Instruction) -> tuple[Word, ...]:
    return tuple(pair.value for pair in instruction.pairs) or instruction.args


def _follow(stage: Stage, preamble: Stage, instruction: Instruction, escape: str) -> Step:
    """The step of an instruction; its stage is as it is after it."""
    expander = _Expander(stage, escape)
    name = instruction.name
    words = _arguments(instruction)
    if name == "ARG":
        args = tuple(_declare(stage, preamble, expander, index, word) for index, word in enumerate(words))
    elif name in _EXPANDED:
        args = tuple(expander.word(word, index) for index, word in enumerate(words))
    else:
        args = tuple(word.text for word in words)
    for heredoc in instruction.heredocs if name in ("ADD", "COPY") else ():
        expander.document(heredoc)
    flags = expander.flags(instruction) if name in _EXPANDED else {f.name: f.value or "" for f in instruction.flags}
    step = Step(stage, instruction, args, frozenset(expander.unresolved), flags, tuple(expander.undefined), stage.shell)
    if name == "ENV":
        for index, (pair, value) in enumerate(zip(instruction.pairs, args, strict=True)):
            _set(stage, pair.name.text, value, index not in step.unresolved)
            stage.environment[pair.name.text] = Assignment(value, pair)
    elif name == "ENTRYPOINT":
        if stage.parent is not None and stage.cmd is stage.parent.cmd:
            stage.cmd = None  # an ENTRYPOINT takes away the CMD of the base
        stage.entrypoint = step
    elif name in ("USER", "WORKDIR", "HEALTHCHECK", "CMD", "SHELL"):
        setattr(stage, name.lower(), step)
    return step


def _declare(stage: Stage, preamble: Stage, expander: _Expander, index: int, word: Word) -> str:
    """Follow one `name=default` of an ARG; it as text, the default expanded."""
    name, equals, _ = word.text.partition("=")
    if equals:
        value = expander.word(word, index, len(name) + 1)
        if stage is preamble:
            stage.dockerfile.blanks[name] = value
        _set(stage, name, value, index not in expander.unresolved)
        return f"{name}={value}"
    if name not in stage.values:
        inherited = preamble.values.get(name)
        _set(stage, name, inherited or "", inherited is not None)
    return name


def _set(stage: Stage, name: str, value: str, resolved: bool) -> None:
    stage.dockerfile.declared.add(name)
    if resolved:
        stage.values[name] = value
        stage.unset.discard(name)
    else:
        stage.values.pop(name, None)
        stage.unset.add(name)
