"""What says that a job does the work of a stage, and what a command says."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.readers.shell_words import Command
from devopslint.scripts.tasks import Task


class Evidence(NamedTuple):
    """What says that a job does the work of a stage."""

    stage: str
    said: str
    """As a message quotes it: `kubectl apply`, the action `docker/build-push-action`, its name 'Deploy'."""
    location: Location
    step: int
    """The index of the step; -1 where the job itself says it."""
    strong: bool = True
    """True for what the job runs; False for what it is called."""
    source: str = ""
    """`environment` where only an environment says so, `build` where a build does the stage's work on its way,
    `guess` where a workflow that is only called `ci` may do more."""

    def __str__(self) -> str:
        return f"{self.said}, line {self.location.line}"


class Said(NamedTuple):
    """What a command says: its stage, in which words, and the command itself."""

    stage: str
    words: str
    command: Command | None
    offset: int
    task: Task | None = None
    """The script of the project that it runs."""
    by_file: bool = False
    """True for a script that is known by its file's name alone: `hack/audit.sh`."""
    vague: bool = False
    """True for a script that is only called `check`, or the like."""
    unread: bool = False
    """True for a command of which nothing is known."""
    script: str = ""
    """The text in which it stands, its offsets' own."""
