"""How what holds of pipelines of any system is mended."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.files import jobs
from devopslint.github.workflow import Job
from devopslint.model import Problem
from devopslint.readers.rewriting import UNSAFE
from devopslint.readers.yaml_changes import Put
from devopslint.registry import fix

MINUTES = 30
"""To begin with, where the configuration names nothing."""


@fix("pipeline-missing-timeout", each=jobs)
def missing_timeout(job: Job, problem: Problem, *, timeout_minutes: int | None = None) -> Iterator[Put | str]:
    if timeout_minutes is None:
        yield UNSAFE
    yield Put(job.node, ("timeout-minutes",), timeout_minutes or MINUTES, after=("runs-on",), before="steps")
