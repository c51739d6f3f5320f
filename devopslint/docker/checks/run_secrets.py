"""Secrets written into the commands of a RUN."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.dockerfile import scripts
from devopslint.docker.stages import Script
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.secrets.commands import secrets_in


@check("docker-run-secret", each=scripts)
def run_secret(script: Script) -> Iterator[Problem]:
    for found in secrets_in(list(script.commands)):
        yield Problem(script.place(found.word), found.what)
