"""Secrets written into the commands of a RUN."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from devopslint.docker.dockerfile import scripts
from devopslint.docker.stages import Script
from devopslint.model import Problem
from devopslint.readers.shell_words import Command, Word
from devopslint.registry import check
from devopslint.secrets.judgement import is_placeholder, names_secret, shows_secret

SHORTEST = 6
_NAME = re.compile(r"-{0,2}[A-Za-z][\w.-]*\Z")
_HEADER = re.compile(
    r"(?i)(authorization|proxy-authorization|private-token|job-token|x-[a-z-]{0,30}(?:key|token)|api-?key)\s{0,9}:\s{0,9}"
    r"(?:(?:bearer|basic|token)\s{1,9})?(\S+)"
)
_NPM_TOKEN = re.compile(r"_(?:authToken|auth|password)\s{0,9}=\s{0,9}[\"']?([^\s\"']+)")
_PASSWORD_OPTIONS = frozenset(
    f"--{name}"
    for name in (
        "access-token",
        "api-key",
        "apikey",
        "auth-token",
        "client-secret",
        "pass",
        "passphrase",
        "passwd",
        "password",
        "secret-key",
        "token",
    )
)
_USER_OPTIONS = {"curl": ("-u", "--user", "--proxy-user", "-U")}


@check("docker-run-secret", each=scripts)
def run_secret(script: Script) -> Iterator[Problem]:
    for command in script.commands:
        for assignment in command.assignments:
            if is_written_out(assignment.name, assignment.value):
                message = f"{assignment.name} holds a secret in plain text"
                yield Problem(script.place(assignment.word), message)
        for word, following in zip_longest(command.arguments, command.arguments[1:]):
            kind = secret_in(word, following, command)
            if kind is not None:
                yield Problem(script.place(word), f"{command.name} is given {kind} in plain text")
        for redirection in command.redirections:
            kind = shows_secret(redirection.body.text) if redirection.body is not None else None
            if kind is not None:
                yield Problem(script.place(redirection.target), f"the heredoc holds {kind}")


def secret_in(word: Word, following: Word | None, command: Command) -> str | None:
    """What kind of secret an argument writes out; None where it writes out none."""
    kind = shows_secret(word.text)
    if kind is not None:
        return kind
    header = _HEADER.match(word.text) if ":" in word.text else None
    if header is not None:
        return f"the header {header[1]}" if is_strong(header[2]) else None
    name, equals, value = word.text.partition("=")
    token = _NPM_TOKEN.search(word.text) if equals else None
    if token is not None:
        return "a token of npm" if is_strong(token[1]) else None
    if equals and _NAME.match(name) and is_written_out(name.lstrip("-"), value):
        return name
    next_value = following.text if following is not None else ""
    if word.text in _PASSWORD_OPTIONS and is_strong(next_value):
        return word.text
    if word.text in _USER_OPTIONS.get(command.name, ()) and is_strong(next_value.partition(":")[2]):
        return "a password"
    return None


def is_written_out(name: str, value: str) -> bool:
    return names_secret(name) and is_strong(value)


def is_strong(value: str) -> bool:
    """Whether the value looks like a real secret: no reference, no path, no placeholder, no plain word."""
    if len(value) < SHORTEST or "$" in value or is_placeholder(value):
        return False
    return not value.isalpha() or not (value.islower() or value.isupper() or value.istitle())
