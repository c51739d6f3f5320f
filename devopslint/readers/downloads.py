"""The commands of a script that run what the network has answered, without anybody having looked at it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from devopslint.deferred import compiled
from devopslint.readers.shell_words import Command, Word
from devopslint.readers.shell_wrappers import POSIX_SHELLS, reads_script, shell_words

_DOWNLOADERS = frozenset(("curl", "wget"))
_SUBSTITUTED = compiled(r"[\"']?(?:\$\(|`)\s*(?:curl|wget)\b")
_OF_DOWNLOAD = compiled(r"<\(\s*(?:sudo\s+)?(?:curl|wget)\b")
_INPUT_OF_DOWNLOAD = compiled(r"<\s+<\(\s*(?:curl|wget)\b|<<<\s*[\"']?(?:\$\(|`)\s*(?:curl|wget)\b")
_INTERPRETER = compiled(r"python[\d.]*|perl|ruby|node|php|deno|pwsh|lua")
_CODE_FOLLOWS = frozenset(("-c", "-e", "-r", "-E"))
_WITHOUT_CODE = frozenset(("-u", "-B", "-E", "-I", "-s", "-S", "-w", "-NoProfile", "-NonInteractive"))
"""Options of interpreters that leave it to the input what runs."""
_NO_SCRIPT = compiled(r"\.(?:json|ya?ml|toml|csv|txt|xml|html?|md)\Z")
_LOCAL = compiled(r"(?:https?://)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?=[:/]|\Z)")
_VERSION = compiled(r"\d+\.\d+|[0-9a-f]{40}|\$")
"""What the address of one version has: its number, a commit, a variable."""
_CHECKING = compiled(
    r"(?:sha|b2|md5)(?:\d+)?sum|shasum|sha(?:256|512)|gpgv?2?|cosign|minisign|signify|openssl|slsa-verifier|rhash|cksum"
)
_WRITES = frozenset((">", ">|", "&>"))
_VALUED = {
    "curl": (
        "-o --output --output-dir -H --header -d --data --data-raw --data-binary -X --request -u --user -A --user-agent"
        " -e --referer -m --max-time --retry --retry-delay --retry-max-time --connect-timeout -x --proxy -b --cookie"
        " --cacert -E --cert --key -w --write-out -F --form -T --upload-file -r --range -K --config --proto --url"
    ),
    "wget": (
        "-O --output-document -P --directory-prefix -o --output-file -a --append-output -t --tries -T --timeout -U"
        " --user-agent --header -i --input-file -Q --quota -w --wait --user --password"
    ),
}


def downloads(text: str) -> bool:
    """Whether a script may download something."""
    return "curl" in text or "wget" in text


def run_downloads(text: str, commands: Sequence[Command], files: set[str] | None = None) -> Iterator[Command]:
    """The commands of a script that run a download: from a pipe, a substitution, or the file that it was written to.

    A file counts where its address names no version and nothing checks it on the way. `files` are those that scripts
    before this one have written in the same place; what this one writes comes to them.
    """
    origins: dict[int, Command] = {}
    files = set() if files is None else files
    for command in commands:
        if command.name in _DOWNLOADERS:
            origins[command.pipeline] = command
            files.update(_written(command))
        elif command.name == "tee" and command.pipeline in origins and not _names_a_version(origins[command.pipeline]):
            files.update(posixpath.normpath(word.text) for word in command.parsed().operands)
        elif _CHECKING.fullmatch(command.name) or command.texts[:1] == ("attestation",):
            files.clear()
        elif _runs_download(text, command, origins.get(command.pipeline)) or _file(command) in files:
            yield command


def _runs_download(text: str, command: Command, origin: Command | None) -> bool:
    if origin is not None and command.before.startswith("|") and not _is_local(origin) and _runs_input(command):
        return True
    if (code := _code(command)) is not None:
        return _SUBSTITUTED.match(text, code.start, code.end) is not None
    runs = command.name in POSIX_SHELLS or command.name in ("source", ".") or _INTERPRETER.fullmatch(command.name)
    if not runs:
        return False
    first = next((word for word in command.arguments if not word.text.startswith("-")), None)
    if first is not None and first.text == "<()" and _OF_DOWNLOAD.match(text, first.start):
        return True
    return _runs_input(command) and _INPUT_OF_DOWNLOAD.search(text, command.start, command.end) is not None


def _runs_input(command: Command) -> bool:
    """Whether what it reads is run: a shell, or another interpreter that is given no code of its own."""
    if reads_script(command):
        return True
    if _INTERPRETER.fullmatch(command.name) is None:
        return False
    for word in command.arguments:
        if word.text in ("-", "/dev/stdin", "<()") or (word.text == "--" and command.name == "php"):
            return True
        if word.text not in _WITHOUT_CODE:
            return False
    return True


def _code(command: Command) -> Word | None:
    """The word that is itself the script: `bash -c '…'`, `python3 -c '…'`."""
    if command.name in POSIX_SHELLS:
        return shell_words(command)[0]
    if _INTERPRETER.fullmatch(command.name) is None:
        return None
    return next(
        (
            word
            for option, word in zip(command.arguments, command.arguments[1:], strict=False)
            if option.text in _CODE_FOLLOWS
        ),
        None,
    )


def _file(command: Command) -> str | None:
    """The file that a command runs: itself, or as the script of a shell or another interpreter."""
    program = command.words[0].text if command.words else ""
    if "/" in program and command.name not in POSIX_SHELLS and not _INTERPRETER.fullmatch(command.name):
        return posixpath.normpath(program)
    if command.name in POSIX_SHELLS:
        operands = [] if shell_words(command)[0] is not None else command.parsed(("-o", "-O")).operands
    elif command.name in ("source", ".") or _INTERPRETER.fullmatch(command.name):
        operands = command.arguments if not command.texts[:1] or not command.texts[0].startswith("-") else ()
    else:
        return None
    return posixpath.normpath(operands[0].text) if operands else None


def _written(command: Command) -> Iterator[str]:
    """The files that a download goes to, where its address names no version."""
    arguments = command.parsed(_VALUED[command.name].split())
    addresses = [word.text for word in arguments.operands]
    if (given := arguments.option("--url")) is not None and given.value is not None:
        addresses.append(given.value.text)
    if _names_a_version(command) or not addresses or _NO_SCRIPT.search(addresses[0]):
        return
    names = ("-o", "--output") if command.name == "curl" else ("-O", "--output-document")
    written = arguments.option(*names)
    if written is not None and written.value is not None:
        yield posixpath.normpath(written.value.text)
    elif command.name == "wget" or arguments.has("-O", "--remote-name", "-J"):
        folder = arguments.option("-P", "--directory-prefix", "--output-dir")
        place = folder.value.text if folder is not None and folder.value is not None else ""
        yield from (
            posixpath.normpath(posixpath.join(place, one.rpartition("/")[2])) for one in addresses if "/" in one
        )
    yield from (posixpath.normpath(one.target.text) for one in command.redirections if one.operator in _WRITES)


def _names_a_version(command: Command) -> bool:
    words = command.parsed(_VALUED[command.name].split()).operands
    return _is_local(command) or any(_VERSION.search(word.text) for word in words)


def _is_local(command: Command) -> bool:
    """Whether it asks a server of the job itself."""
    return any(_LOCAL.match(word.text) for word in command.arguments)
