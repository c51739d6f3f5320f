"""Commands that run other commands: sudo, env, xargs and their like, and shells that get a script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.readers.shell_words import Assignment, Command, Word

POSIX_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"))
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^]=]*\])?\+?=")

_VALUED_WRAPPER_OPTIONS = {
    "sudo": "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir --chroot",
    "doas": "-u -C",
    "env": "-u -C -S --unset --chdir --split-string",
    "exec": "-a",
    "command": "",
    "builtin": "",
    "nohup": "",
    "setsid": "",
    "time": "-f -o --format --output",
    "nice": "-n --adjustment",
    "ionice": "-c -n --class --classdata",
    "stdbuf": "-i -o -e --input --output --error",
    "timeout": "-s -k --signal --kill-after",
    "xargs": "-I -i -L -n -P -d -E -s -a --max-args --max-procs --delimiter --arg-file --replace",
    "gosu": "",
    "su-exec": "",
    "chroot": "",
    "fakeroot": "",
    "eatmydata": "",
}
_WRAPPER_OPERANDS = {"timeout": 1, "gosu": 1, "su-exec": 1, "chroot": 1}
_QUERIES = {"command": frozenset(("-v", "-V")), "sudo": frozenset(("-l", "-v", "-k", "--list"))}


def unwrapped(words: list[Word]) -> tuple[tuple[Word, ...], tuple[Word, ...], tuple[Assignment, ...]]:
    """The command that sudo, env and their like run; the wrappers; the variables given to them."""
    wrappers: list[Word] = []
    given: list[Assignment] = []
    first = 0
    while first < len(words) and (inner := _inner(words, first)) is not None:
        wrappers.append(words[first])
        given.extend(
            Assignment(assigned[1], word)
            for word in words[first + 1 : inner]
            if (assigned := ASSIGNMENT.match(word.text))
        )
        first = inner
    return tuple(words[first:]), tuple(wrappers), tuple(given)


def _inner(words: list[Word], first: int) -> int | None:
    """The index of the command that the wrapper at `first` runs; None where that is no wrapper, or runs nothing."""
    name = words[first].text.rpartition("/")[2]
    if name not in _VALUED_WRAPPER_OPTIONS:
        return None
    valued = _VALUED_WRAPPER_OPTIONS[name].split()
    operands = _WRAPPER_OPERANDS.get(name, 0)
    index = first + 1
    while index < len(words):
        text = words[index].text
        if text in _QUERIES.get(name, ()):
            return None
        if text.startswith("-") and len(text) > 1:
            index += 2 if text in valued else 1
        elif name in ("env", "sudo", "doas") and ASSIGNMENT.match(text):
            index += 1
        elif operands:
            operands -= 1
            index += 1
        else:
            return index
    return None


def scripts_of(command: Command) -> Iterator[Word]:
    """Words and heredocs of the command that are scripts themselves: `bash -c '…'`, `eval '…'`, `sh <<EOF`."""
    if command.name in POSIX_SHELLS:
        words = iter(command.arguments)
        given = False
        for word in words:
            if not word.text.startswith(("-", "+")):
                if given:
                    yield word
                return
            if not word.text.startswith("--"):
                given = given or "c" in word.text
                if word.text[-1] in "oO":
                    next(words, None)
        yield from (r.body for r in command.redirections if r.body is not None)
    elif command.name in ("su", "runuser"):
        option = command.parsed(("-c", "--command", "-s", "--shell", "-g", "--group", "-G")).option("-c", "--command")
        if option is not None and option.value is not None:
            yield option.value
    elif command.name == "eval" and len(command.words) == 2:
        yield command.words[1]
