"""Commands that run other commands: sudo, env, xargs and their like, and shells that get a script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from devopslint.deferred import compiled
from devopslint.readers.shell_words import Assignment, Command, Word, rest_of

POSIX_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"))
ASSIGNMENT = compiled(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^]=]*\])?\+?=")

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
    "busybox": "",
    "toybox": "",
    "tini": "-p -e",
    "tini-static": "-p -e",
    "dumb-init": "-r --rewrite",
    "catatonit": "",
    "flock": "-E -w --conflict-exit-code --timeout --wait",
    "strace": "-a -b -e -E -I -o -O -p -P -s -S -u -U -X --trace --output --env --user",
    "ltrace": "-a -A -D -e -F -l -n -o -p -s -u -w -x --output",
    "setpriv": "--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits --pdeathsig --selinux-label",
    "setarch": "",
    "linux32": "",
    "linux64": "",
    "taskset": "",
    "chrt": "-T -P -D --sched-runtime --sched-period --sched-deadline",
    "numactl": "-i -m -N -C -p -l --interleave --membind --cpunodebind --physcpubind --preferred",
    "prlimit": "",
    "unshare": "-S -G -R -w --setuid --setgid --root --wd --map-user --map-group --propagation",
    "nsenter": "-t -S -G -r -w --target --setuid --setgid",
    "runuser": "-u -g -G -s -w --user --group --supp-group --shell",
    "pkexec": "--user",
    "s6-setuidgid": "",
    "setuidgid": "",
    "chpst": "-u -U -b -/ -n -l -L -m -d -o -p -f -c -r -t -C",
    "fakechroot": "-c -e -b --config-dir --environment --bindir",
    "faketime": "",
    "xvfb-run": "-e -f -n -p -s --error-file --auth-file --server-num --xauth-protocol --server-args",
    "dbus-run-session": "--config-file --dbus-daemon",
    "dbus-launch": "",
    "systemd-run": "-M -p -u -E --machine --property --unit --slice --uid --gid --setenv --working-directory",
    "systemd-inhibit": "",
    "chronic": "",
    "parallel": "-j -P -a -S -N -n -L -I -d --jobs --arg-file --colsep --delay --retries --timeout --joblog --results",
    "unbuffer": "",
    "torsocks": "",
    "proxychains": "-f",
    "proxychains4": "-f",
    "with-contenv": "",
    "catchsegv": "",
    "valgrind": "",
    "caffeinate": "-t -w",
    "cpulimit": "-l -p -P -e --limit --pid --path --exe",
    "choom": "-n -p --adjust --pid",
    "ssh-agent": "-a -E -O -P -t",
    "proot": "-r -b -w -q -m -i --rootfs --bind --cwd --qemu --mount --change-id",
}
_WRAPPER_OPERANDS = {
    "timeout": 1,
    "gosu": 1,
    "su-exec": 1,
    "chroot": 1,
    "flock": 1,
    "setarch": 1,
    "taskset": 1,
    "chrt": 1,
    "s6-setuidgid": 1,
    "setuidgid": 1,
    "faketime": 1,
}
_SPLIT = compiled(r"-[iv0]*S(.*)|--split-string(?:=(.*))?", re.DOTALL)
"""env's option whose value is taken apart at its blanks."""
_RUN_BY_FIND = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
_QUERIES = {
    "command": frozenset(("-v", "-V")),
    "flock": frozenset(("-c", "--command", "-u", "--unlock")),
    "runuser": frozenset(("-c", "--command", "-l", "--login", "-")),
    "taskset": frozenset(("-p", "--pid")),
    "strace": frozenset(("-p",)),
    "busybox": frozenset(("--list", "--install", "--help")),
    "sudo": frozenset(("-l", "-v", "-k", "--list")),
}


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
    if name == "runuser" and not any(word.text.startswith(("-u", "--user")) for word in words[first + 1 :]):
        return None  # without -u it is su, and its operands are a user and a shell's arguments
    valued = _VALUED_WRAPPER_OPTIONS[name].split()
    operands = _WRAPPER_OPERANDS.get(name, 0)
    index = first + 1
    while index < len(words):
        text = words[index].text
        if text in _QUERIES.get(name, ()) or (name == "env" and _SPLIT.fullmatch(text)):
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


_STANDARD_INPUT = frozenset(("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"))
_OF_SU = ("-c", "--command", "-s", "--shell", "-g", "--group", "-G", "--supp-group", "-w", "--whitelist-environment")


def scripts_of(command: Command) -> Iterator[Word]:
    """Words and heredocs of the command that are scripts themselves: `bash -c '…'`, `eval '…'`, `sh <<EOF`."""
    if reads_script(command):
        yield from (r.body for r in command.redirections if r.body is not None)
        yield from (r.target for r in command.redirections if r.operator == "<<<")
    elif command.name in POSIX_SHELLS:
        script = shell_words(command)[0]
        if script is not None:
            yield script
    elif command.name in ("su", "runuser"):
        option = command.parsed(_OF_SU).option("-c", "--command")
        if option is not None and option.value is not None:
            yield option.value
    elif command.name == "trap" and len(command.words) > 2:
        action = next((word for word in command.arguments if word.text != "--"), command.arguments[0])
        if not action.text.startswith("-"):
            yield action
    elif command.name in ("eval", "watch") and len(command.words) > 1:
        given_words = command.arguments if command.name == "eval" else command.parsed(("-n", "--interval")).operands
        if given_words:
            yield joined(given_words)
    elif command.name in ("flock", "script"):
        option = command.parsed(("-c", "--command", "-w", "-E", "--wait")).option("-c", "--command")
        if option is not None and option.value is not None:
            yield option.value
    elif command.name == "sg":
        operands = command.parsed(("-c",)).operands
        option = command.parsed(("-c",)).option("-c")
        if option is not None and option.value is not None:
            yield option.value
        elif len(operands) > 1:
            yield joined(operands[1:])
    elif command.name == "env":
        for index, word in enumerate(command.arguments):
            if (split := _SPLIT.fullmatch(word.text)) is not None:
                value = split[1] or split[2]
                rest = command.arguments[index + 1 :]
                first = (rest_of(word, len(word.text) - len(value)),) if value else ()
                yield joined((*first, *rest))
                return


def reads_script(command: Command) -> bool:
    """Whether the command takes what it reads for the script of a POSIX shell: `bash -e`, `su app`, `sudo -i`."""
    if command.name in POSIX_SHELLS:
        script, reads = shell_words(command)
        return reads and script is None
    if command.name in ("su", "runuser"):
        arguments = command.parsed(_OF_SU)
        shell = arguments.option("-s", "--shell")
        known = shell is None or shell.value is None or shell.value.text.rpartition("/")[2] in POSIX_SHELLS
        return known and not arguments.has("-c", "--command")
    if command.name == "sudo":
        return command.parsed(_VALUED_WRAPPER_OPTIONS["sudo"].split()).has("-i", "-s", "--login", "--shell")
    if command.name == "chroot":
        return len(command.parsed().operands) == 1  # the shell of the new root
    return command.name in ("source", ".") and command.texts[:1] == ("/dev/stdin",)


def shell_words(command: Command) -> tuple[Word | None, bool]:
    """The script that a shell gets as a word; and whether it reads one from its standard input."""
    words = iter(command.arguments)
    given = reads = False
    for word in words:
        if word.text in _STANDARD_INPUT:
            return None, not given
        if not word.text.startswith(("-", "+")):
            return (word, False) if given else (None, reads)
        if not word.text.startswith("--"):
            given = given or "c" in word.text
            reads = reads or "s" in word.text
            if word.text[-1] in "oO":
                next(words, None)
    return None, not given


def hands_on(command: Command) -> Word | None:
    """What the command writes to its output as it is: `cat <<EOF`, `tee FILE <<EOF`, `echo TEXT`; None where it does not."""
    plain = command.name == "cat" and all(text == "-" for text in command.texts)
    printed = command.name in ("echo", "printf")
    if not (plain or printed or command.name == "tee") or any(
        r.operator in (">", ">>", ">|", "&>") for r in command.redirections
    ):
        return None
    if printed:
        texts = [word for word in command.arguments if word.text not in ("-e", "-n", "-en", "-ne", "--")]
        return joined(texts[:1] if command.name == "printf" else texts) if texts else None
    return next((r.body for r in command.redirections if r.body is not None), None)


def passes_on(command: Command) -> bool:
    """Whether the command writes what it reads to its output as it is: `tee FILE`, `cat`."""
    return command.name == "tee" or (command.name == "cat" and all(text == "-" for text in command.texts))


def run_by(command: Command) -> Iterator[list[Word]]:
    """The commands that find runs for what it finds, word by word."""
    if command.name != "find":
        return
    words = iter(command.arguments)
    for word in words:
        if word.text in _RUN_BY_FIND and not word.quoted:
            run: list[Word] = []
            for inner in words:
                if inner.text == ";" or (inner.text == "+" and run and run[-1].text == "{}"):
                    break
                run.append(inner)
            if run:
                yield run


def feeds_shell(words: list[Word]) -> bool:
    """Whether a command with a heredoc is a shell that reads it as its script."""
    run = unwrapped(words)[0]
    return bool(run) and run[0].text.rpartition("/")[2] in POSIX_SHELLS


def joined(words: Sequence[Word]) -> Word:
    """Words with a blank between them, as one script; each character knows where it stands."""
    if len(words) == 1:
        return words[0]
    pieces: list[tuple[int, int]] = []
    length = 0
    for word in words:
        pieces += [(length + index, place) for index, place in word.pieces or ((0, word.start),)]
        length += len(word.text) + 1
    first = words[0]
    text = " ".join(word.text for word in words)
    return Word(text, first.start, words[-1].end, any(word.expands for word in words), True, tuple(pieces), first.host)
