"""What steps and jobs use: the form of its name, its inputs, secrets and outputs, and the age of its runtime."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.files import action_steps, actions, calls, steps
from devopslint.github.known_actions import (
    KnownStep,
    described_action_steps,
    described_steps,
    known_action_steps,
    known_steps,
)
from devopslint.github.platform import is_of_type, retired_runtimes, runtimes
from devopslint.github.repository import LocalCall, LocalOutput, LocalStep, local_calls, local_outputs, local_steps
from devopslint.github.summaries import ParameterSummary
from devopslint.github.types import nearest
from devopslint.github.workflow import Action, Job, Step
from devopslint.model import Problem, Related
from devopslint.registry import check

_OF_CONTAINERS = frozenset({"args", "entrypoint"})


@check("gha-uses-format", each=(steps, action_steps))
def uses_format(step: Step) -> Iterator[Problem]:
    uses = step.uses
    if uses is None or "${{" in uses.text:
        return
    if uses.kind == "malformed":
        yield Problem(
            uses.location, f"'{uses.text}' is no action; owner/repo@ref, ./folder or docker://image is wanted"
        )
    elif uses.kind == "docker" and (not uses.image or uses.text.endswith((":", "@"))):
        yield Problem(uses.location, f"'{uses.text}' names no image, or an empty tag")


@check("gha-call-format", each=calls)
def call_format(job: Job) -> Iterator[Problem]:
    uses = job.uses
    if uses is None or "${{" in uses.text:
        return
    if uses.local:
        if "@" in uses.text:
            yield Problem(uses.location, f"'{uses.text}' has a ref; a workflow of this repository takes none")
    elif uses.kind != "repository" or not uses.path:
        yield Problem(
            uses.location,
            f"'{uses.text}' is no workflow; owner/repo/path/file.yml@ref or ./.github/workflows/file.yml is wanted",
        )


@check("gha-retired-runtime", each=(known_steps, known_action_steps))
def retired_runtime(known: KnownStep) -> Iterator[Problem]:
    runtime = known.action.retired_runtime
    if runtime:
        yield Problem(known.uses.location, f"'{known.uses.text}' asks for {runtime}, which GitHub has retired")


@check("gha-retired-runtime", each=actions)
def retired_runtime_of_action(action: Action) -> Iterator[Problem]:
    using = action.using
    if using.text in retired_runtimes():
        yield Problem(using.location, f"the action asks for {using.text}, which GitHub has retired")


@check("gha-unknown-runtime", each=actions)
def unknown_runtime(action: Action) -> Iterator[Problem]:
    using = action.using
    if using.text and using.text not in (*runtimes(), *retired_runtimes()):
        yield Problem(using.location, f"'{using.text}' is no runtime of actions; {nearest(using.text, runtimes())}")


@check("gha-unknown-action-input", each=(described_steps, described_action_steps))
def unknown_action_input(known: KnownStep) -> Iterator[Problem]:
    action = known.action
    for key, _ in known.step.arguments.items():  # noqa: PERF102  # keys() of a node gives texts without their places
        if key.text.lower() in action.inputs or (action.docker and key.text in _OF_CONTAINERS):
            continue
        if key.text in _OF_CONTAINERS:
            message = f"'{key.text}' is for container actions; '{known.uses.text}' is none"
        else:
            last = action.last_with.get(key.text.lower())
            how = f"version {last} was the last to have it" if last else nearest(key.text, action.inputs)
            message = f"'{key.text}' is no input of '{known.uses.text}'; {how}"
        yield Problem(key.location, message)


@check("gha-unknown-action-input", each=local_steps)
def unknown_local_input(local: LocalStep) -> Iterator[Problem]:
    declared = {parameter.name.text for parameter in local.action.inputs}
    known = {name.lower() for name in declared}
    if local.action.using.text == "docker":
        known |= _OF_CONTAINERS
    for name, _ in local.step.arguments:
        if name.text.lower() not in known:
            yield Problem(
                name.location, f"'{name.text}' is no input of {local.action.path}; {nearest(name.text, declared)}"
            )


@check("gha-missing-action-input", each=(described_steps, described_action_steps))
def missing_action_input(known: KnownStep) -> Iterator[Problem]:
    if known.step.arguments.is_scalar:
        return
    given = {key.text.lower() for key, _ in known.step.arguments.items()}
    for name in sorted(known.action.required - given):
        yield Problem(known.uses.location, f"'{known.uses.text}' requires the input '{name}'")


@check("gha-missing-action-input", each=local_steps)
def missing_local_input(local: LocalStep) -> Iterator[Problem]:
    given = {name.text.lower() for name, _ in local.step.arguments}
    uses = local.step.uses
    for parameter in local.action.inputs:
        if uses is not None and _is_missing(parameter, given):
            related = (Related(parameter.name.location, "declared here"),)
            yield Problem(uses.location, f"'{uses.text}' requires the input '{parameter.name}'", related)


def _is_missing(parameter: ParameterSummary, given: set[str]) -> bool:
    return parameter.required and not parameter.has_default and parameter.name.text.lower() not in given


@check("gha-deprecated-action-input", each=(described_steps, described_action_steps))
def deprecated_action_input(known: KnownStep) -> Iterator[Problem]:
    for key, _ in known.step.arguments.items():  # noqa: PERF102  # keys() of a node gives texts without their places
        advice = known.action.deprecated.get(key.text.lower())
        if advice:
            yield Problem(key.location, f"input '{key.text}' of '{known.uses.text}' is deprecated{advice}")


@check("gha-deprecated-action-input", each=local_steps)
def deprecated_local_input(local: LocalStep) -> Iterator[Problem]:
    deprecated = {p.name.text.lower(): p for p in local.action.inputs if p.deprecation}
    for name, _ in local.step.arguments:
        parameter = deprecated.get(name.text.lower())
        if parameter is not None:
            related = (Related(parameter.name.location, parameter.deprecation),)
            yield Problem(name.location, f"input '{name.text}' of {local.action.path} is deprecated", related)


@check("gha-missing-workflow", each=local_calls, complete=True)
def missing_workflow(call: LocalCall) -> Iterator[Problem]:
    if call.workflow is None and call.job.uses is not None:
        yield Problem(call.job.uses.location, f"'{call.job.uses.text}' is not there")


@check("gha-missing-workflow", each=local_calls)
def workflow_that_cannot_be_called(call: LocalCall) -> Iterator[Problem]:
    uses, workflow = call.job.uses, call.workflow
    if uses is not None and workflow is not None and workflow.readable and not workflow.trigger("workflow_call"):
        yield Problem(uses.location, f"'{uses.text}' has no trigger 'workflow_call', so it cannot be called")


@check("gha-unknown-call-argument", each=local_calls)
def unknown_call_argument(call: LocalCall) -> Iterator[Problem]:
    workflow = call.workflow
    if workflow is None or workflow.trigger("workflow_call") is None:
        return
    for what, given, declared in (
        ("input", call.job.arguments, workflow.inputs),
        ("secret", call.job.secrets, workflow.secrets),
    ):
        names = {parameter.name.text for parameter in declared}
        known = {name.lower() for name in names}
        for name, _ in given:
            if name.text.lower() not in known:
                message = f"'{name.text}' is no {what} of {workflow.path}; {nearest(name.text, names)}"
                yield Problem(name.location, message)


@check("gha-missing-call-argument", each=local_calls)
def missing_call_argument(call: LocalCall) -> Iterator[Problem]:
    workflow, uses = call.workflow, call.job.uses
    if workflow is None or uses is None:
        return
    inputs = {name.text.lower() for name, _ in call.job.arguments}
    secrets = {name.text.lower() for name, _ in call.job.secrets}
    wanted = [("input", parameter, inputs) for parameter in workflow.inputs]
    if not call.job.inherits_secrets:
        wanted += [("secret", parameter, secrets) for parameter in workflow.secrets]
    for what, parameter, given in wanted:
        if _is_missing(parameter, given):
            related = (Related(parameter.name.location, "declared here"),)
            yield Problem(uses.location, f"'{uses.text}' requires the {what} '{parameter.name}'", related)


@check("gha-call-argument-type", each=local_calls)
def call_argument_type(call: LocalCall) -> Iterator[Problem]:
    if call.workflow is None:
        return
    types = {parameter.name.text.lower(): parameter.type for parameter in call.workflow.inputs}
    for name, value in call.job.arguments:
        wanted = types.get(name.text.lower(), "")
        if "${{" not in value.text and not is_of_type(value.text, wanted):
            yield Problem(value.location, f"input '{name.text}' is '{value.text}'; a {wanted} is wanted")


@check("gha-undefined-property", each=local_outputs)
def undefined_output(output: LocalOutput) -> Iterator[Problem]:
    if output.use.output not in output.declared:
        declared = ", ".join(f"'{name}'" for name in sorted(output.declared)) or "no outputs"
        yield Problem(output.use.location, f"'{output.use.text}' is not defined; {output.of} has {declared}")
