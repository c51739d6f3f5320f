"""What a RUN does: its commands with their places, the caches mounted for it, and the variables set above it."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

from devopslint.model import Location
from devopslint.readers.dockerfile import Comment, Heredoc
from devopslint.readers.shell import interpreter, read_argument_vector, read_commands, speaks_posix
from devopslint.readers.shell_words import Arguments as Arguments
from devopslint.readers.shell_words import Command as Command
from devopslint.readers.shell_words import Option as Option
from devopslint.readers.shell_words import Word as Word
from devopslint.views.packages import PackageCommand, package_command
from devopslint.views.shell_text import ShellText

if TYPE_CHECKING:
    from devopslint.views.docker import Step

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
PREDEFINED_VARIABLES = frozenset(
    name
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
)
"""What a build may be given without an ARG."""
_ACCEPTING = re.compile(r"(?:hadolint\s+(?:global\s+|stage\s+)?ignore|shellcheck\s+disable)\s*=")
_SHELLCHECK_CODE = re.compile(r"\bSC\d{4}\b")
_WINDOWS_IMAGE = re.compile(r"(?:^|/)(?:windows|nanoserver|windowsservercore|servercore|framework)(?:/|$)")


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
        windows = stage.dockerfile.text.escape == "`" or bool(_WINDOWS_IMAGE.search(stage.base.partition(":")[0]))
        return not windows and not (stage.origin is not None and "windows" in stage.origin.flags.get("platform", ""))

    @cached_property
    def packages(self) -> tuple[PackageCommand, ...]:
        """Its commands that run a package manager."""
        return tuple(made for command in self.commands if (made := package_command(command)) is not None)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Its commands; none where no POSIX shell reads it."""
        instruction = self.step.instruction
        if instruction.exec_form:
            words = [Word(w.text, w.start, w.end, False, True, ((0, w.start + 1),)) for w in instruction.args]
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

    def place(self, part: Word | Command | PackageCommand) -> Location:
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

    def resolved(self, word: Word) -> str | None:
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
