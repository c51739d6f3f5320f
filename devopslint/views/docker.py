"""Dockerfiles: stages, what each inherits and ends up with, and every instruction with its variables expanded."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, NamedTuple, Self

from devopslint.model import Fault, Location, NotChecked
from devopslint.readers.dockerfile import Comment, Flag, Heredoc, Instruction, Pair, Text, Word, read_dockerfile
from devopslint.readers.dockerfile_words import Variable, expand
from devopslint.views.delivery import BuiltImage, ContextCopy, ForeignImage, named_for_development
from devopslint.views.image import ImageReference
from devopslint.views.script import Script
from devopslint.views.shell_text import ShellText

__all__ = ["Comment", "Flag", "Heredoc", "Instruction", "Pair", "Variable", "Word"]  # what checks see of the reader

MOST_VARIABLES = 1_000
"""Variables that a stage passes on; with more, those that build on it begin afresh."""

PLATFORM_ARGUMENTS = {
    f"{side}{part}": value
    for side in ("TARGET", "BUILD")
    for part, value in (("PLATFORM", "linux/amd64"), ("OS", "linux"), ("ARCH", "amd64"), ("VARIANT", ""))
} | {"TARGETSTAGE": "default", "TARGETOSVERSION": "", "BUILDOSVERSION": ""}
"""What BuildKit sets without being asked, for FROM lines."""

_DEVELOPMENT_BASES = (
    "mcr.microsoft.com/devcontainers/*",
    "mcr.microsoft.com/vscode/devcontainers/*",
    "cimg/*",
    "circleci/*",
    "gitlab/gitlab-runner",
    "jenkins/agent",
    "jenkins/inbound-agent",
    "*/actions-runner",
)
"""Images for editors, and for the machines that build and test: compilers are what they are for."""

_EXPANDED = frozenset(("ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))

_STEP_DOWN = re.compile(r"\b(?:gosu|su-exec|setpriv|chpst|s6-setuidgid)\b")
"""Programs with which an image's entrypoint gives root up."""

_SHELL_COMMENT = re.compile(r"hadolint\s+shell\s*=\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Undefined:
    """A use of a variable that nothing above it defines."""

    variable: Variable
    location: Location
    index: int | None
    """Of the argument or the pair that uses it; None in a flag."""


class CopySource(NamedTuple):
    """What COPY or ADD takes: a path, variables expanded, or an address."""

    text: str
    word: Word
    resolved: bool
    """False where it depends on a variable that has no value here."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return posixpath.basename(self.text.rstrip("/"))

    @property
    def remote(self) -> bool:
        """Whether ADD fetches it from elsewhere."""
        return self.text.lower().startswith(("http://", "https://", "git@", "git://", "ssh://"))

    @property
    def location(self) -> Location:
        return self.word.location


class Step(NamedTuple):
    """One instruction of a stage, with its variables expanded."""

    stage: Stage
    instruction: Instruction
    args: tuple[str, ...]
    """The arguments, or the values of pairs, expanded; as written where the build does not expand them."""
    unresolved: frozenset[int]
    """Indexes of the args whose value depends on a variable that has none here."""
    flags: Mapping[str, str]
    """The value of each flag, expanded; the last one where a flag stands twice."""
    undefined: tuple[Undefined, ...]
    shell: Step | None
    """The SHELL in force."""
    deferred: bool = False
    """True for what ONBUILD holds: it runs in another build."""

    @property
    def name(self) -> str:
        return self.instruction.name

    @property
    def label(self) -> str:
        return self.stage.label

    @property
    def location(self) -> Location:
        return self.instruction.location

    @property
    def words(self) -> tuple[Word, ...]:
        return self.instruction.args

    @property
    def copied(self) -> list[CopySource]:
        """What COPY or ADD takes, from wherever; what stands in a heredoc is left out."""
        if self.name not in ("COPY", "ADD"):
            return []
        documents = {heredoc.word.text for heredoc in self.instruction.heredocs}
        return [
            CopySource(text, word, index not in self.unresolved)
            for index, (text, word) in enumerate(zip(self.args[:-1], self.words[:-1], strict=True))
            if word.text not in documents
        ]

    @property
    def assigned(self) -> Iterator[tuple[Word, str]]:
        """(name, value) of each variable that ENV sets, or ARG gives a value to."""
        if self.name == "ENV":
            for pair, value in zip(self.instruction.pairs, self.args, strict=True):
                yield pair.name, value
        elif self.name == "ARG":
            for word, text in zip(self.words, self.args, strict=True):
                name, equals, value = text.partition("=")
                if equals:
                    yield Word(name, word.start, word.start + len(name), word.source), value

    @property
    def sources(self) -> list[str]:
        """The stages, images or contexts that COPY --from and RUN --mount=from take files from."""
        if self.name in ("COPY", "ADD"):
            return [self.flags["from"]] if "from" in self.flags else []
        mounts = self.instruction.flags_named("mount") if self.name == "RUN" else []
        return [name for mount in mounts if (name := mount.options.get("from"))]


class Assignment(NamedTuple):
    """A variable that ENV sets, and where."""

    value: str
    pair: Pair


@dataclass(eq=False)
class Stage:
    """A FROM with what follows it; without a FROM, the instructions of a fragment."""

    dockerfile: Dockerfile = field(repr=False)
    index: int
    origin: Step | None = None
    """The FROM."""
    name: str | None = None
    """As written after AS."""
    base: str = ""
    """What FROM names, variables expanded; empty where they leave nothing."""
    base_unresolved: bool = False
    """True where FROM uses a variable that has no value here."""
    parent: Stage | None = None
    """The stage that this one builds on."""
    first: Stage | None = field(default=None, repr=False)
    """The one that those go back to; None where it builds on none."""
    steps: list[Step] = field(default_factory=list, repr=False)
    """Every instruction after FROM; what an ONBUILD holds follows it as a step of its own."""
    user: Step | None = None
    """The USER in force at the end, from this stage or one that it builds on; the same for those below."""
    workdir: Step | None = None
    healthcheck: Step | None = None
    cmd: Step | None = None
    entrypoint: Step | None = None
    shell: Step | None = None
    environment: dict[str, Assignment] = field(default_factory=dict, repr=False)
    """What ENV has set at the end."""
    values: dict[str, str] = field(default_factory=dict, repr=False)
    """The values that ARG and ENV have given at the end."""
    unset: set[str] = field(default_factory=set, repr=False)
    """What ARG declares without a value, or ENV makes from such."""

    @property
    def label(self) -> str:
        return f"stage {self.name or self.index}" if self.origin is not None else ""

    @property
    def location(self) -> Location:
        """What FROM names; the first instruction of a fragment."""
        if self.origin is not None:
            return self.origin.words[0].location if self.origin.words else self.origin.location
        return self.steps[0].location if self.steps else self.dockerfile.location

    @property
    def image_location(self) -> Location:
        """Where FROM names its image, for what a build of the project takes back."""
        return self.location._replace(wanted="image")

    @property
    def fragment(self) -> bool:
        """True where there is no FROM."""
        return self.origin is None

    @property
    def final(self) -> bool:
        """True for the stage that becomes the image when nobody names another target."""
        return not self.fragment and self.dockerfile.stages[-1] is self

    @property
    def last_line(self) -> int:
        last = self.steps[-1] if self.steps else self.origin
        return last.instruction.last_line if last is not None else 1

    @property
    def image(self) -> ImageReference | None:
        """The image that FROM names; None where it names a stage, `scratch` or nothing."""
        if self.parent is not None or self.base in ("", "scratch"):
            return None
        return ImageReference.parse(self.base)

    @cached_property
    def lineage(self) -> tuple[Stage, ...]:
        """This stage and those that it builds on, itself first."""
        found = [self]
        while found[-1].parent is not None:
            found.append(found[-1].parent)
        return tuple(found)

    @property
    def root(self) -> Stage:
        """The stage that this one goes back to: its base is an image or scratch."""
        return self.first or self

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variables that it has in the end, for "did you mean": none where there are too many to compare."""
        uses = sum(len(step.undefined) for step in self.steps)
        return (*self.values, *self.unset, "PATH") if uses <= 100 and len(self.values) + len(self.unset) <= 200 else ()

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """What its RUNs do."""
        return tuple(Script(step, index) for index, step in enumerate(self.steps) if step.name == "RUN")

    @cached_property
    def first_copy(self) -> float:
        """The index of its first COPY or ADD; infinity where there is none."""
        return next((index for index, step in enumerate(self.steps) if step.name in ("ADD", "COPY")), math.inf)

    def first_mention(self, pattern: re.Pattern[str]) -> float:
        """The index of its first RUN that holds such a text; infinity where none does."""
        if pattern not in self._mentions:
            found = (script.index for script in self.scripts if pattern.search(script.text))
            self._mentions[pattern] = next(found, math.inf)
        return self._mentions[pattern]

    @cached_property
    def _mentions(self) -> dict[re.Pattern[str], float]:
        return {}

    def builds_on(self, key: Hashable, holds: Callable[[Stage], bool]) -> bool:
        """Whether `holds` is true of a stage that this one builds on; `key` names the question."""
        if self.parent is None:
            return False
        unknown = []
        stage: Stage | None = self.parent
        while stage is not None and key not in stage._answers:
            unknown.append(stage)
            stage = stage.parent
        answer = stage is not None and stage._answers[key]
        for stage in reversed(unknown):
            answer = stage._answers[key] = answer or holds(stage)
        return answer

    @cached_property
    def _answers(self) -> dict[Hashable, bool]:
        return {}

    @cached_property
    def assignments(self) -> dict[str, list[tuple[int, str]]]:
        """For each variable, the values that ENV and ARG give, each with the index of its step."""
        found: dict[str, list[tuple[int, str]]] = {}
        for index, step in enumerate(self.steps):
            for name, value in step.assigned:
                found.setdefault(name.text, []).append((index, value))
        return found

    def named(self, *names: str) -> list[Step]:
        """The steps of these instructions, without those that ONBUILD holds."""
        return [step for step in self.steps if step.name in names and not step.deferred]


class Dockerfile:
    """A Dockerfile, or a fragment of one."""

    kinds: ClassVar[tuple[str, ...]] = ("dockerfile",)

    def __init__(self, path: str, text: Text) -> None:
        self.path = path
        self.text = text
        self.faults: list[Fault] = list(text.faults)
        self.not_checked: list[NotChecked] = []
        self.preamble: list[Step] = []
        """The ARGs above the first FROM."""
        self.stages: list[Stage] = []
        self.declared: set[str] = set()
        """Every name that an ARG or ENV of the file declares, wherever."""
        self._by_name: dict[str, list[Stage]] = {}
        _build(self)

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        return cls(path, read_dockerfile(path, text))

    @property
    def label(self) -> str:
        return ""

    @property
    def location(self) -> Location:
        return Location(self.path, 1, 1, 1, 1)

    @property
    def comments(self) -> tuple[Comment, ...]:
        return self.text.comments

    @property
    def final_stage(self) -> Stage | None:
        return self.stages[-1] if self.stages and self.stages[-1].final else None

    @cached_property
    def steps(self) -> list[Step]:
        """Every instruction from the top: ARGs above FROM, each FROM, and what ONBUILD holds, too."""
        found = [*self.preamble]
        for stage in self.stages:
            if stage.origin is not None:
                found.append(stage.origin)
            found.extend(stage.steps)
        return found

    def named(self, *names: str) -> list[Step]:
        """The steps of these instructions."""
        return [step for step in self.steps if step.name in names]

    @cached_property
    def in_image(self) -> frozenset[int]:
        """The indexes of the stages whose files the image holds; of all of them in a fragment."""
        final = self.final_stage
        return frozenset(stage.index for stage in (final.lineage if final is not None else self.stages))

    @cached_property
    def shell_comments(self) -> list[tuple[int, str]]:
        """(line, shell) of each comment that tells hadolint which shell RUN uses."""
        return [(c.line, named[1]) for c in self.comments if (named := _SHELL_COMMENT.match(c.text))]

    def directive(self, name: str) -> str:
        """The value of a parser directive; empty where there is none."""
        return next((directive.value for directive in self.text.directives if directive.name == name), "")

    def add(self, stage: Stage) -> None:
        self.stages.append(stage)
        if stage.name:
            self._by_name.setdefault(stage.name.lower(), []).append(stage)

    def stage_named(self, name: str, before: int | None = None) -> Stage | None:
        """The last stage of that name, or else of that number, above the stage numbered `before`."""
        limit = len(self.stages) if before is None else before
        for stage in reversed(self._by_name.get(name.lower(), [])):
            if stage.index < limit:
                return stage
        number = int(name) if name.isascii() and name.isdecimal() and len(name) < 7 else limit
        return self.stages[number] if number < limit else None

    @cached_property
    def _extents(self) -> dict[int, int]:
        """Where what begins on a line ends: a stage at its FROM, or one instruction."""
        ends = {instruction.first_line: instruction.last_line for instruction in self.text.instructions}
        for stage in self.stages:
            if stage.origin is not None:
                ends[stage.origin.instruction.first_line] = stage.last_line
        return ends

    def extent(self, line: int) -> tuple[int, int]:
        return line, self._extents.get(line, line)

    def shell_texts(self) -> Iterator[ShellText]:
        """The scripts that programs for scripts may read."""
        for script in scripts(self):
            text = script.shell_text
            if text is not None:
                yield text

    def summaries(self) -> Iterator[object]:
        if self.final_stage is None:
            return
        yield from _foreign_images(self)
        copied = tuple(
            copy for stage in self.stages for step in stage.named("ADD", "COPY") for copy in context_copies(step)
        )
        ecosystems = frozenset(_ecosystems(self))
        for stage in images(self):
            if stage.final or stage.name:
                yield _built_image(stage, copied, ecosystems)


def _built_image(stage: Stage, copied: tuple[ContextCopy, ...], ecosystems: frozenset[str]) -> BuiltImage:
    user, health = stage.user, stage.healthcheck
    starts = stage.cmd is not None or stage.entrypoint is not None
    return BuiltImage(
        stage.dockerfile.path,
        (stage.name or "").lower(),
        stage.final,
        stage.label,
        stage.location,
        "" if stage.root.base_unresolved else stage.root.base,
        user.args[0] if user is not None and user.args else None,
        user.words[0].location if user is not None and user.words else stage.location,
        _steps_down(stage) or stage.builds_on("steps down", _steps_down),
        health.args[0].upper() if health is not None and health.args else "",
        stage.root.base == "scratch" and not starts and (_has_files(stage) or stage.builds_on("files", _has_files)),
        is_for_development(stage),
        copied,
        ecosystems,
    )


def _steps_down(stage: Stage) -> bool:
    starts = [step for step in (stage.cmd, stage.entrypoint) if step is not None]
    return (
        stage.first_mention(_STEP_DOWN) < math.inf
        or any(_STEP_DOWN.search(step.instruction.text) for step in starts)
        or any(_STEP_DOWN.fullmatch(source.name) for step in stage.named("COPY", "ADD") for source in step.copied)
    )


def _has_files(stage: Stage) -> bool:
    return bool(stage.named("COPY", "ADD"))


def _foreign_images(dockerfile: Dockerfile) -> Iterator[ForeignImage]:
    for stage in images(dockerfile):
        if stage.image is not None and not stage.image.digest and not stage.base_unresolved:
            yield ForeignImage(stage.base, stage.location)
    for step in copies(dockerfile):
        flag = step.instruction.flag("from")
        if flag is not None and dockerfile.stage_named(step.flags["from"], before=step.stage.index + 1) is None:
            yield ForeignImage(step.flags["from"], flag.value_location)


def _ecosystems(dockerfile: Dockerfile) -> Iterator[str]:
    """`node` where the folder that is built is a Node.js project itself."""
    for stage in dockerfile.stages:
        on_node = stage.image is not None and stage.image.matches(("node",))
        for source in (source for step in stage.named("ADD", "COPY") for source in context_copies(step)):
            path = posixpath.normpath(source.source)
            if (on_node and path == ".") or path in ("package.json", "package-lock.json", "package*.json", "yarn.lock"):
                yield "node"


def context_copies(step: Step) -> Iterator[ContextCopy]:
    """What COPY or ADD takes from the build context: no other stage, no heredoc, no URL."""
    if step.name not in ("COPY", "ADD") or "from" in step.flags or step.deferred:
        return
    for source in step.copied:
        if source.resolved and not source.remote:
            yield ContextCopy(source.text, source.location)


def _build(dockerfile: Dockerfile) -> None:
    """Follow the instructions from the top: stages, inheritance, the values of variables."""
    instructions = dockerfile.text.instructions
    escape = dockerfile.text.escape
    preamble = Stage(dockerfile, -1, values=dict(PLATFORM_ARGUMENTS))
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


def _stage(dockerfile: Dockerfile, preamble: Stage, instruction: Instruction) -> Stage:
    """What a FROM begins with."""
    words = instruction.args
    stage = Stage(dockerfile, len(dockerfile.stages))
    if len(words) == 3 and words[1].text.upper() == "AS":
        stage.name = words[2].text
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
        for variable in expansion.variables:
            if variable.known:
                continue
            if index is not None and not variable.operator.endswith(("-", "+")):
                self.unresolved.add(index)
            if variable.name not in self.stage.unset and variable.name.isidentifier():
                at = word.source.span(start + variable.start, start + variable.end)
                self.undefined.append(Undefined(variable, at, index))
        if expansion.error is not None:
            if index is not None:
                self.unresolved.add(index)
            return text
        return expansion.text

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


def stages(dockerfile: Dockerfile) -> list[Stage]:
    """Every stage; a fragment counts as one."""
    return dockerfile.stages


def images(dockerfile: Dockerfile) -> list[Stage]:
    """The stages that begin with FROM."""
    return [stage for stage in dockerfile.stages if not stage.fragment]


def final_stages(dockerfile: Dockerfile) -> list[Stage]:
    """The stage that becomes the image; none in a fragment."""
    return [stage for stage in dockerfile.stages if stage.final]


def production_stages(dockerfile: Dockerfile) -> list[Stage]:
    """The final stage, unless its base is for development or tests, or it, its file or a folder is named after them."""
    return [stage for stage in final_stages(dockerfile) if not is_for_development(stage)]


def is_for_development(stage: Stage) -> bool:
    image = stage.root.image
    if image is not None and image.matches(_DEVELOPMENT_BASES):
        return True
    return named_for_development(stage.dockerfile.path, stage.name or "")


def final_layers(dockerfile: Dockerfile) -> list[Stage]:
    """The stages whose files the image consists of: the final one and those that it builds on; or a fragment."""
    final = dockerfile.final_stage
    return list(final.lineage) if final is not None else dockerfile.stages


def steps(dockerfile: Dockerfile) -> list[Step]:
    """Every instruction."""
    return dockerfile.steps


def files(dockerfile: Dockerfile) -> Iterable[Dockerfile]:
    """The Dockerfile itself, for rules about the whole of it."""
    return (dockerfile,)


def runs(dockerfile: Dockerfile) -> list[Step]:
    """Every RUN."""
    return dockerfile.named("RUN")


def scripts(dockerfile: Dockerfile) -> Iterator[Script]:
    """What every RUN does."""
    return (script for stage in dockerfile.stages for script in stage.scripts)


def exposures(dockerfile: Dockerfile) -> list[Step]:
    """Every EXPOSE."""
    return dockerfile.named("EXPOSE")


def workdirs(dockerfile: Dockerfile) -> list[Step]:
    """Every WORKDIR."""
    return dockerfile.named("WORKDIR")


def volumes(dockerfile: Dockerfile) -> list[Step]:
    """Every VOLUME."""
    return dockerfile.named("VOLUME")


def labels(dockerfile: Dockerfile) -> list[Step]:
    """Every LABEL."""
    return dockerfile.named("LABEL")


def commands(dockerfile: Dockerfile) -> list[Step]:
    """Every CMD and ENTRYPOINT."""
    return dockerfile.named("CMD", "ENTRYPOINT")


def healthchecks(dockerfile: Dockerfile) -> list[Step]:
    """Every HEALTHCHECK."""
    return dockerfile.named("HEALTHCHECK")


def settings(dockerfile: Dockerfile) -> list[Step]:
    """Every ARG and ENV."""
    return dockerfile.named("ARG", "ENV")


def triggers(dockerfile: Dockerfile) -> Iterator[Step]:
    """What every ONBUILD holds."""
    return (step for step in steps(dockerfile) if step.deferred)


def copies(dockerfile: Dockerfile) -> list[Step]:
    """Every COPY and ADD."""
    return dockerfile.named("COPY", "ADD")


def environments(dockerfile: Dockerfile) -> list[Step]:
    """Every ENV."""
    return dockerfile.named("ENV")
