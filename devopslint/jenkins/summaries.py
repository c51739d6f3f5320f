"""What a Jenkinsfile tells other files."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.scripts.steps import StepSummary, Text


class JenkinsStage(NamedTuple):
    name: Text
    needs: tuple[str, ...]
    steps: tuple[StepSummary, ...]
    when: Text | None
    timeout: Text | None
    input: bool
    """True where it waits for a person."""
    matrix: bool
    serialized: bool
    """True where a lock keeps a second run of it waiting."""
    downstream: bool
    """True where it starts another job of Jenkins: `build job: 'shop-deploy'`."""
    pull_requests_only: bool
    refs: frozenset[str]
    """The branches that its `when` asks for, `tags` for any tag; empty where it runs on any."""


class JenkinsSummary(NamedTuple):
    path: str
    location: Location
    stages: tuple[JenkinsStage, ...]
    after_failure: tuple[StepSummary, ...]
    """What `post` does when the pipeline has failed."""
    timeout: Text | None
    serialized: bool
    complete: bool = True
    """False where a library may do more."""
    wrapper: str = ""
    """The step of a library that its stages stand in; empty where there is none."""


class UnreadPipeline(NamedTuple):
    """A file whose pipeline is not known."""

    path: str
    reason: str


class AgentPod(NamedTuple):
    """The manifest of the pod that a pipeline runs in, as its path stands in the Jenkinsfile."""

    path: str
    by: str
