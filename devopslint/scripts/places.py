"""In which folder each command of a shell script runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command, Group
from devopslint.scripts.tasks import UNKNOWN_FOLDER, joined


def placed(commands: Iterable[Command]) -> Iterator[tuple[Command, str]]:
    """Each command with its folder, from that in which the script begins."""
    walk = _Walk()
    for command in commands:
        yield command, walk.step(command)


def folder_behind(script: str) -> str:
    """Where the script has gone to when it ends."""
    if "cd" not in script and "pushd" not in script:
        return "."
    walk = _Walk()
    for command in read_commands(script):
        walk.step(command)
    return walk.folders[None]


class _Walk:
    def __init__(self) -> None:
        self.folders: dict[Group | None, str] = {None: "."}
        self.before: list[str] = []

    def step(self, command: Command) -> str:
        """Where the command runs; behind it, where it has gone to."""
        shell = _shell_of(command.group)
        folder = self.folders.get(shell)
        if folder is None:
            assert shell is not None
            folder = self.folders.setdefault(shell, self.folders.get(_shell_of(shell.outer), self.folders[None]))
        if command.name in ("cd", "pushd"):
            target = next((word for word in command.texts if not word.startswith("-") or word == "-"), "~")
            self.before.append(folder)
            going = self.before[-2] if target == "-" and len(self.before) > 1 else joined(folder, target)
            self.folders[shell] = UNKNOWN_FOLDER if target == "-" and len(self.before) < 2 else going
        elif command.name == "popd":
            self.folders[shell] = self.before.pop() if self.before else UNKNOWN_FOLDER
        return folder


def _shell_of(group: Group | None) -> Group | None:
    """The innermost shell of its own that a group stands in; None for the script's."""
    while group is not None and group.kind not in ("subshell", "substitution", "value"):
        group = group.outer
    return group
