"""What the files of a pipeline tell of themselves: workflows, actions, jobs and steps as texts with their places."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.scripts.steps import StepSummary, Text, Uses


class PermissionsSummary(NamedTuple):
    location: Location
    all: str
    scopes: tuple[tuple[str, str], ...]


class ParameterSummary(NamedTuple):
    name: Text
    type: str
    required: bool
    has_default: bool
    deprecation: str = ""
    default: str = ""
    """As it is written."""


class TriggerSummary(NamedTuple):
    event: Text
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    """`branches`, `types`, `workflows`, … with their patterns."""

    def filter(self, name: str) -> tuple[str, ...]:
        return dict(self.filters).get(name, ())


class OutputUse(NamedTuple):
    """An expression names `steps.NAME.outputs.OUTPUT`, or `needs.…`; names are in lower case."""

    context: str
    name: str
    output: str
    location: Location

    @property
    def text(self) -> str:
        return f"{self.context}.{self.name}.outputs.{self.output}"


class JobSummary(NamedTuple):
    """Texts that are not there are empty, and stand at the job."""

    id: Text
    name: Text
    needs: tuple[Text, ...]
    condition: Text
    environment: Text
    permissions: PermissionsSummary | None
    runs_on: tuple[str, ...]
    matrix: bool
    matrix_values: tuple[tuple[str, tuple[str, ...]], ...]
    """The texts of each of its keys."""
    serialized: bool
    """True where `concurrency` makes a second run wait, or stops the first."""
    timeout: Text
    continue_on_error: Text
    uses: Uses | None
    arguments: tuple[tuple[Text, Text], ...]
    secrets: tuple[tuple[Text, Text], ...]
    inherits_secrets: bool
    outputs: tuple[Text, ...]
    steps: tuple[StepSummary, ...]
    output_uses: tuple[OutputUse, ...]
    env: tuple[tuple[Text, Text], ...] = ()
    """The workflow's, too."""

    @property
    def label(self) -> str:
        return f"job {self.id}"


class WorkflowSummary(NamedTuple):
    path: str
    name: Text
    triggers: tuple[TriggerSummary, ...]
    permissions: PermissionsSummary | None
    inputs: tuple[ParameterSummary, ...]
    secrets: tuple[ParameterSummary, ...]
    outputs: tuple[Text, ...]
    jobs: tuple[JobSummary, ...]
    serialized: bool
    readable: bool

    def trigger(self, event: str) -> TriggerSummary | None:
        return next((trigger for trigger in self.triggers if trigger.event.text == event), None)


class ActionSummary(NamedTuple):
    path: str
    folder: str
    name: Text
    using: Text
    inputs: tuple[ParameterSummary, ...]
    outputs: tuple[Text, ...]
    steps: tuple[StepSummary, ...]
    readable: bool
