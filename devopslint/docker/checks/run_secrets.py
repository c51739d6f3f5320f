"""Secrets written into commands."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.dockerfile import commands, healthchecks, scripts
from devopslint.docker.stages import Script, Step
from devopslint.model import Problem
from devopslint.readers.shell import read_commands
from devopslint.registry import check
from devopslint.secrets.commands import secrets_in, secrets_in_words


@check("docker-run-secret", each=scripts)
def run_secret(script: Script) -> Iterator[Problem]:
    for found in secrets_in(list(script.commands)):
        yield Problem(script.place(found.word), found.what, certain=found.certain)


@check("docker-run-secret", each=(commands, healthchecks))
def secret_of_start(step: Step) -> Iterator[Problem]:
    shell = step.instruction.shell
    if shell is not None:
        for found in secrets_in(read_commands(shell.text)):
            at = step.instruction.span(shell.start + found.word.start, shell.start + found.word.end)
            yield Problem(at, found.what, certain=found.certain)
        return
    words = step.words[1:] if step.name == "HEALTHCHECK" else step.words
    for index, found in secrets_in_words([word.text for word in words], step.name):
        yield Problem(words[index].location, found.what, certain=found.certain)
