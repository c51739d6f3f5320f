"""Secrets that are written into commands: in options, headers, assignments and inputs."""

from __future__ import annotations

import bisect
import itertools
import shlex
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise, zip_longest

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command, Word
from devopslint.secrets.judgement import A_URL, is_evident, is_placeholder, is_strong, names_secret, shows_secret
from devopslint.secrets.thrown_away import is_local

_NAME = compiled(r"-{0,2}[A-Za-z][\w.-]*\Z")
_HEADER = compiled(
    r"(?i)(authorization|proxy-authorization|private-token|job-token|x-[a-z-]{0,30}(?:key|token)|api-?key)\s{0,9}:\s{0,9}"
    r"(?:(?:bearer|basic|token)\s{1,9})?(\S+)"
)
_NPM_TOKEN = compiled(r"_(?:authToken|auth|password)\s{0,9}=\s{0,9}[\"']?([^\s\"']+)")
_NPM_SETTING = compiled(r"(?:\A|:)_(?:authToken|auth|password)\Z")
"""What `npm config set` gives a value, behind the registry that it is for."""
_PASSWORD_OPTIONS = frozenset(
    f"--{name}"
    for name in (
        "access-token",
        "api-key",
        "apikey",
        "auth-token",
        "client-secret",
        "docker-password",
        "pass",
        "passphrase",
        "passwd",
        "password",
        "registry-password",
        "requirepass",
        "secret-key",
        "token",
    )
)
_USER_OPTIONS = {"curl": ("-u", "--user", "--proxy-user", "-U"), "http": ("-a", "--auth"), "wget": ()}
_SHORT_OPTIONS = {
    ("docker", "login"): "-p",
    ("podman", "login"): "-p",
    ("buildah", "login"): "-p",
    ("nerdctl", "login"): "-p",
    ("helm", "registry"): "-p",
    ("oras", "login"): "-p",
    ("az", "login"): "-p",
    ("skopeo", "login"): "-p",
}
"""The letter that stands for a password, behind these words."""
_ATTACHED = {
    "mysql": "-p",
    "mysqldump": "-p",
    "mysqladmin": "-p",
    "mariadb": "-p",
    "sshpass": "-p",
    "redis-cli": "-a",
    "7z": "-p",
}
"""The letter behind which a password follows at once."""
_GIVING = ("--build-arg", "--set", "--set-string", "--from-literal", "--env", "-e", "--secret", "--define")
"""Options that give a name a value: `--build-arg TOKEN=x`."""


_RENDERING = frozenset(("lint", "template", "unittest"))
"""What Helm does to a chart without a cluster."""


class WrittenSecret(NamedTuple):
    """A word of a command that writes a secret out."""

    word: Word
    what: str
    certain: bool = True
    """Whether the value itself shows that it is a secret; words may stand for one."""


def secrets_in(commands: list[Command], thrown_away: Collection[str] = ()) -> Iterator[WrittenSecret]:
    """Every secret that the commands of a script write out, but for the passwords that are thrown away."""
    ends = tuple(thrown_away)
    found = [one for command in commands for one in _written(command, ends)]
    # A script that is a word of a command is read itself: what stands in it is told where it is given.
    scripts = {(one.word.host.start, one.word.host.end) for one in found if one.word.host is not None}
    yield from (one for one in found if (one.word.start, one.word.end) not in scripts)
    yield from _piped(commands)


def secrets_in_words(words: Sequence[str], program: str) -> Iterator[tuple[int, WrittenSecret]]:
    """Every secret in a command that is given as a list, by the index of its word: `[sh, -c, login -p x]`, too.

    `program` is what messages call the program where the list begins with its arguments. What a found word stands for
    is its text; where it stands within the word of the list, nobody has counted.
    """
    quoted = [shlex.quote(word) for word in words]
    before = 0
    if words and words[0].startswith("-"):
        quoted.insert(0, shlex.quote(program))
        before = 1
    ends = list(itertools.accumulate(len(text) + 1 for text in quoted))
    for found in secrets_in(read_commands(" ".join(quoted))):
        yield max(bisect.bisect_right(ends, found.word.start) - before, 0), found


def _written(command: Command, thrown_away: tuple[str, ...]) -> Iterator[WrittenSecret]:
    """Every secret that the command's own words write out."""
    for assignment in command.assignments:
        if assignment.value in thrown_away:
            continue
        if is_written_out(assignment.name, assignment.value):
            said = f"{assignment.name} holds a secret in plain text"
            yield WrittenSecret(assignment.word, said, is_evident(assignment.value))
        elif kind := shows_secret(assignment.value):
            yield WrittenSecret(assignment.word, f"{assignment.name} holds {kind}", is_evident(assignment.value))
    for word, following in zip_longest(command.arguments, command.arguments[1:]):
        found = _in_word(word, following, command)
        thrown = thrown_away and (
            word.text.endswith(thrown_away) or (following is not None and following.text.endswith(thrown_away))
        )
        if found is not None and not thrown:
            kind, value = found
            if _only_renders(command) and not is_evident(value):
                continue  # nothing is deployed with it
            yield WrittenSecret(word, f"{command.name} is given {kind} in plain text", is_evident(value))
    for redirection in command.redirections:
        body = redirection.body.text if redirection.body is not None else ""
        kind = shows_secret(body)
        if kind is not None and not (kind == A_URL and _urls_are_local(body)):
            yield WrittenSecret(redirection.target, f"the heredoc holds {kind}", is_evident(body))


def _only_renders(command: Command) -> bool:
    return command.name == "helm" and not _RENDERING.isdisjoint(command.texts[:1])


def _urls_are_local(text: str) -> bool:
    return all(is_local(line) for line in text.splitlines() if shows_secret(line) == A_URL)


def _piped(commands: list[Command]) -> Iterator[WrittenSecret]:
    """`echo SECRET | docker login --password-stdin`: what is printed for a program that waits for a password."""
    for command, behind in pairwise(commands):
        if command.name not in ("echo", "printf") or command.pipeline != behind.pipeline or behind.before != "|":
            continue
        if any(text.endswith("-stdin") or text == "-S" for text in behind.texts):
            for word in command.arguments:
                if not word.text.startswith("-") and is_strong(word.text):
                    said = f"{behind.name} is given a password in plain text"
                    yield WrittenSecret(word, said, is_evident(word.text))


def _in_word(word: Word, following: Word | None, command: Command) -> tuple[str, str] | None:
    """What kind of secret an argument writes out, and its value; None where it writes out none."""
    kind = shows_secret(word.text)
    if kind is not None:
        return kind, word.text
    header = _HEADER.match(word.text) if ":" in word.text else None
    if header is not None:
        return (f"the header {header[1]}", header[2]) if is_strong(header[2]) else None
    name, equals, value = word.text.partition("=")
    token = _NPM_TOKEN.search(word.text) if equals else None
    if token is not None:
        return ("a token of npm", token[1]) if is_strong(token[1]) else None
    if equals and name.startswith("-D"):
        name = name[2:]
    if name == "--secret" and command.name == "gcloud":
        return None  # the name of one in Secret Manager
    if equals and _NAME.match(name):
        if is_written_out(name.lstrip("-"), value):
            return name, value
        if name in _GIVING:
            name, _, value = value.partition("=")
            return (name, value) if is_written_out(name, value) else None
    next_value = following.text if following is not None else ""
    if command.name in ("npm", "pnpm", "yarn") and _NPM_SETTING.search(word.text):
        return ("a token of npm", next_value) if is_strong(next_value) else None
    if word.text in _PASSWORD_OPTIONS and is_strong(next_value):
        return word.text, next_value
    words = (command.name, command.arguments[0].text if command.arguments else "")
    if word.text == _SHORT_OPTIONS.get(words) and is_strong(next_value):
        return "a password", next_value
    if word.text in _USER_OPTIONS.get(command.name, ()) and is_strong(next_value.partition(":")[2]):
        return "a password", next_value.partition(":")[2]
    letter = _ATTACHED.get(command.name)
    if letter is not None and word.text.startswith(letter):
        given = word.text.removeprefix(letter)
        if is_strong(given) or (not given and command.name in ("sshpass", "redis-cli") and is_strong(next_value)):
            return "a password", given or next_value
    return None


def is_written_out(name: str, value: str) -> bool:
    return names_secret(name) and is_strong(value) and not is_placeholder(value, name)
