"""How pipelines of GitLab are mended."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.gitlab.parts import Variable
from devopslint.model import Problem
from devopslint.readers.yaml import Scalar
from devopslint.readers.yaml_changes import Rewrite
from devopslint.registry import fix


@fix("gitlab-debug-trace")
def debug_trace(variable: Variable, problem: Problem) -> Iterator[Rewrite]:
    if isinstance(variable.value, Scalar):
        yield Rewrite(variable.value, 0, len(variable.value.text), "false")
