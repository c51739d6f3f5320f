"""Secrets written into the commands of a RUN."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.dockerfile import scripts
from devopslint.docker.stages import Script
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.secrets.commands import piped_secrets, written_secrets


@check("docker-run-secret", each=scripts)
def run_secret(script: Script) -> Iterator[Problem]:
    for command in script.commands:
        for found in written_secrets(command):
            yield Problem(script.place(found.word), found.what)
    for found in piped_secrets(list(script.commands)):
        yield Problem(script.place(found.word), found.what)
