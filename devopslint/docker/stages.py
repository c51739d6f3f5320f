"""Build stages: what each inherits and ends up with, and every instruction with its variables expanded."""

from __future__ import annotations

import math
import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Mapping
from operator import itemgetter

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass, field
from devopslint.docker.packages import PackageCommand, package_command
from devopslint.docker.reader import Comment, Heredoc, Instruction, Pair, Text, Word
from devopslint.docker.words import Variable
from devopslint.facts.base_images import base_user
from devopslint.model import Location, ShellText
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.shell import interpreter, read_argument_vector, read_commands, speaks_posix
from devopslint.readers.shell_words import Command
from devopslint.readers.shell_words import Word as ShellWord

_SHELL_COMMENT = compiled(r"hadolint\s+shell\s*=\s*(\S+)")


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


class Build:
    """What a Dockerfile, or a fragment of one, says of a build: its stages from the top."""

    def __init__(self, path: str, text: Text) -> None:
        self.path = path
        self.text = text
        self.preamble: list[Step] = []
        """The ARGs above the first FROM."""
        self.stages: list[Stage] = []
        self.declared: set[str] = set()
        """Every name that an ARG or ENV of the file declares, wherever."""
        self.defaults: dict[str, str] = {}
        """The values that variables have in FROM lines where a build gives no argument."""
        self.blanks: dict[str, str] = {}
        """The same as BuildKit has them: what has no default is empty, in other defaults too."""
        self.expanded = 0
        """Characters of the texts with variables, expanded."""
        self._by_name: dict[str, list[Stage]] = {}

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


@dataclass(eq=False)
class Stage:
    """A FROM with what follows it; without a FROM, the instructions of a fragment."""

    dockerfile: Build = field(repr=False)
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
        """The index of its first RUN, or file written out in COPY, that holds such a text; infinity where none does."""
        if pattern not in self._mentions:
            found = (script.index for script in self.scripts if pattern.search(script.text))
            self._mentions[pattern] = min(next(found, math.inf), self._first_written(pattern))
        return self._mentions[pattern]

    def _first_written(self, pattern: re.Pattern[str]) -> float:
        written = (
            index
            for index, step in enumerate(self.steps)
            if step.name in ("COPY", "ADD") and any(pattern.search(one.content) for one in step.instruction.heredocs)
        )
        return next(written, math.inf)

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


_VARIABLE = compiled(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
PREDEFINED_VARIABLES = frozenset(
    name
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
)
"""What a build may be given without an ARG."""
_ACCEPTING = compiled(r"(?:hadolint\s+(?:global\s+|stage\s+)?ignore|shellcheck\s+disable)\s*=")
_SHELLCHECK_CODE = compiled(r"\bSC\d{4}\b")
_WINDOWS_TAG = compiled(r"nanoserver|windowsservercore|ltsc20")
_WINDOWS_IMAGE = compiled(r"(?:^|/)(?:windows|nanoserver|windowsservercore|servercore|framework)(?:/|$)")


def is_public(image: ImageReference) -> bool:
    """Whether it is one of the known public images, and not what a company has made of one."""
    return base_user(image.short_name, image.tag or "latest") is not None


def _is_linux(image: ImageReference) -> bool:
    """Whether it is one of the images that run a Unix shell, whoever builds on them."""
    return is_public(image) and not _WINDOWS_TAG.search(image.tag or "")


@dataclass(eq=False)
class Script:
    """A RUN: what runs in it, where, and with what."""

    step: Step
    index: int
    """Of the step in its stage."""

    @property
    def label(self) -> str:
        return self.step.label

    @property
    def location(self) -> Location:
        return self.step.location

    @property
    def text(self) -> str:
        """What the shell or the interpreter gets; empty in exec form."""
        return self._layout[0]

    @cached_property
    def _layout(self) -> tuple[str, list[tuple[int, Heredoc]]]:
        """The text, and where in it the content of each heredoc begins."""
        instruction = self.step.instruction
        if instruction.exec_form:
            return "", []
        line = instruction.rest.text
        heredocs = instruction.heredocs
        if heredocs and line == heredocs[0].word.raw:
            return heredocs[0].content, [(0, heredocs[0])]
        parts = [line]
        size = len(line)
        places = []
        for heredoc in heredocs:
            places.append((size + 1, heredoc))
            parts += ["\n", heredoc.content, heredoc.name]
            size += 1 + len(heredoc.content) + len(heredoc.name)
        return "".join(parts), places

    @property
    def heredoc(self) -> Heredoc | None:
        """The heredoc that is all of the script; None where the script stands in the instruction."""
        heredocs = self._layout[1]
        return heredocs[0][1] if heredocs and heredocs[0][0] == 0 else None

    @property
    def shell(self) -> tuple[str, ...]:
        """The program that reads the text, with its options; empty where that is the default, /bin/sh -c."""
        if self.text.startswith("#!"):
            return (interpreter(self.text) or "sh", *self.text.partition("\n")[0].split()[1:])
        step = self.step.shell
        dockerfile = self.step.stage.dockerfile
        above = self.step.instruction.first_line
        since = step.instruction.first_line if step is not None else 0
        told = dockerfile.shell_comments
        last = bisect_left(told, above, key=itemgetter(0)) - 1
        if last >= 0 and told[last][0] > since:
            return (told[last][1],)
        return step.args if step is not None else ()

    @cached_property
    def posix(self) -> bool:
        """Whether a POSIX shell reads it: no PowerShell, cmd, Python."""
        shell = self.shell
        if shell:
            return speaks_posix(shell[0])
        stage = self.step.stage.root
        platform = stage.origin.flags.get("platform", "") if stage.origin is not None else ""
        if _WINDOWS_IMAGE.search(stage.base.partition(":")[0]) or "windows" in platform:
            return False
        # Who writes for Windows changes the escape character, and his own images do not say what they are.
        official = stage.base == "scratch" or (stage.image is not None and _is_linux(stage.image))
        return stage.dockerfile.text.escape != "`" or official or "linux" in platform

    @cached_property
    def packages(self) -> tuple[PackageCommand, ...]:
        """Its commands that run a package manager."""
        return tuple(made for command in self.commands if (made := package_command(command)) is not None)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Its commands; none where no POSIX shell reads it."""
        instruction = self.step.instruction
        if instruction.exec_form:
            words = [ShellWord(w.text, w.start, w.end, False, True, ((0, w.start + 1),)) for w in instruction.args]
            return tuple(read_argument_vector(words))
        return tuple(read_commands(self.text)) if self.posix else ()

    def named(self, *names: str) -> list[Command]:
        """The commands that run one of these programs."""
        return [command for command in self.commands if command.name in names]

    def span(self, start: int, end: int) -> Location:
        """The region of part of the text, cut at the end of its first line."""
        instruction = self.step.instruction
        if instruction.exec_form:
            return instruction.span(start, end)
        heredocs = self._layout[1]
        found = bisect_left(heredocs, start + 1, key=itemgetter(0)) - 1
        if found >= 0:
            first, heredoc = heredocs[found]
            return heredoc.span(start - first, end - first)
        rest = instruction.rest.start
        return instruction.span(rest + start, rest + end)

    def place(self, part: ShellWord | Command | PackageCommand) -> Location:
        """Where a word stands, or a command's program."""
        if isinstance(part, PackageCommand):
            part = part.command
        if isinstance(part, Command) and part.words:
            part = part.words[0]
        return self.span(part.start, part.end)

    def variable(self, name: str) -> str | None:
        """The value that ENV or ARG gave to a variable above this RUN; None where none did."""
        stage = self.step.stage
        given = stage.assignments.get(name, ())
        found = bisect_left(given, self.index, key=itemgetter(0)) - 1
        if found >= 0:
            return given[found][1]
        inherited = stage.parent.environment.get(name) if stage.parent is not None else None
        return inherited.value if inherited is not None else None

    def value_at(self, name: str, command: Command) -> str | None:
        """The variable's value where the command runs: given to it, exported before it in the script, or set above."""
        for assignment in command.assignments:
            if assignment.name == name:
                return assignment.value
        given = self._exports.get(name, ())
        found = bisect_left(given, command.start, key=itemgetter(0)) - 1
        return given[found][1] if found >= 0 else self.variable(name)

    @cached_property
    def _exports(self) -> dict[str, list[tuple[int, str]]]:
        """The variables that the script sets for all that follows, each with the place where it does."""
        found: dict[str, list[tuple[int, str]]] = {}
        for command in self.commands:
            texts = command.texts if command.name in ("export", "declare", "typeset") else ()
            alone = [] if command.words else [(a.name, a.value) for a in command.assignments]
            for name, value in [*alone, *((n, v) for n, equals, v in (t.partition("=") for t in texts) if equals)]:
                found.setdefault(name, []).append((command.start, value))
        return found

    def resolved(self, word: ShellWord) -> str | None:
        """The word with the Dockerfile's variables filled in; None where it holds what is not known here."""
        if not word.expands:
            return word.text
        names = {name for pair in _VARIABLE.findall(word.text) for name in pair if name}
        if not names or "$" in _VARIABLE.sub("", word.text) or names & self._assigned:
            return None
        values = {name: self.variable(name) for name in names}
        if any(value is None and name in self.step.stage.unset for name, value in values.items()):
            return None
        return _VARIABLE.sub(lambda found: values[found[1] or found[2]] or "", word.text) or None

    @cached_property
    def _assigned(self) -> set[str]:
        return {assignment.name for command in self.commands for assignment in command.assignments}

    @cached_property
    def mounts(self) -> tuple[dict[str, str], ...]:
        """The options of each --mount."""
        return tuple(flag.options for flag in self.step.instruction.flags_named("mount"))

    @cached_property
    def kept_apart(self) -> tuple[str, ...]:
        """The directories that a cache or a tmpfs is mounted on: what is written there is not in the image."""
        return tuple(
            target.rstrip("/")
            for mount in self.mounts
            if mount.get("type") in ("cache", "tmpfs")
            and (target := mount.get("target") or mount.get("dst") or mount.get("destination") or "")
        )

    def keeps_apart(self, path: str) -> bool:
        """Whether what is written to `path` stays out of the image."""
        return any(path == target or path.startswith(f"{target}/") for target in self.kept_apart)

    @property
    def sees_context(self) -> bool:
        """Whether something of the repository may lie in its file system: copied above, or mounted for it."""
        if any(mount.get("type", "bind") == "bind" for mount in self.mounts):
            return True
        stage = self.step.stage
        return stage.first_copy < self.index or stage.builds_on("copy", lambda above: above.first_copy < math.inf)

    @property
    def in_image(self) -> bool:
        """Whether what it writes becomes part of the image, or of one that is built on it."""
        stage = self.step.stage
        return self.step.deferred or stage.fragment or stage.index in stage.dockerfile.in_image

    def mentioned(self, pattern: re.Pattern[str]) -> bool:
        """Whether this script, or one above it in the image, holds such a text."""
        stage = self.step.stage
        if stage.first_mention(pattern) <= self.index:
            return True
        return stage.builds_on(pattern, lambda above: above.first_mention(pattern) < math.inf)

    def removes(self, directory: str, since: Command) -> bool:
        """Whether all that the directory holds is removed after the command `since`."""
        if directory not in self._removed:
            places = [start for start, path in self._removals if _covers(path, directory)]
            self._removed[directory] = max(places, default=-1)
        return self._removed[directory] > since.start

    @cached_property
    def _removed(self) -> dict[str, int]:
        """For each directory that was asked for, where it is removed last."""
        return {}

    @cached_property
    def _removals(self) -> list[tuple[int, str]]:
        return [
            (command.start, word.text)
            for command in self.commands
            if command.name == "rm" or "-delete" in command.texts
            for word in command.arguments
        ]

    @property
    def shell_text(self) -> ShellText | None:
        """The script as other programs may read it; None where it is none for a shell."""
        if not self.posix or not self.text.strip():
            return None
        instruction, stage = self.step.instruction, self.step.stage
        program = (self.shell[0] if self.shell else "sh").replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
        variables = {*stage.environment} if self.step.deferred else {*stage.values, *stage.unset}
        return ShellText(
            "docker-shellcheck",
            stage.dockerfile.path,
            self.label,
            program,
            self.text,
            tuple(self._parts()),
            frozenset(PREDEFINED_VARIABLES | variables),
            frozenset(
                code
                for comment in (*instruction.comments, *self._comments)
                if _ACCEPTING.match(comment.text)
                for code in _SHELLCHECK_CODE.findall(comment.text)
            ),
        )

    @property
    def _comments(self) -> Iterator[Comment]:
        """The comment lines between its own."""
        comments = self.step.stage.dockerfile.comments
        first = bisect_left(comments, self.step.instruction.first_line, key=lambda comment: comment.line)
        for comment in comments[first:]:
            if comment.line > self.step.instruction.last_line:
                return
            yield comment

    def _parts(self) -> Iterator[tuple[int, int, int]]:
        """(offset in the text, line, column) of each piece of it."""
        heredocs = self._layout[1]
        if self.heredoc is None:
            rest = self.step.instruction.rest
            yield 0, *rest.source.place(rest.start)
            for start, place in zip(rest.source.starts, rest.source.places, strict=True):
                if start > rest.start:
                    yield start - rest.start, *place
        for begins, heredoc in heredocs:
            for index, start in enumerate(heredoc.starts):
                yield begins + start, heredoc.line + index, 1
            announced = heredoc.word.location
            yield begins + len(heredoc.content), announced.line, announced.column


def _covers(path: str, directory: str) -> bool:
    """Whether a path that is removed, maybe with a wildcard, is the directory, is above it, or lies in it."""
    plain = path.rstrip("*").rstrip("/")
    before, brace, _ = path.partition("{")
    if brace:
        return bool(before.strip("/")) and directory.startswith(before)
    return (bool(plain) and f"{directory}/".startswith(f"{plain}/")) or plain.startswith(f"{directory}/")
