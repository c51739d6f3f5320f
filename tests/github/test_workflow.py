"""Workflows and actions in the words of their users."""

import pickle
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devopslint
from devopslint.github import schema
from devopslint.github.files import ActionFile, WorkflowFile, action_expressions, steps, triggers, workflow_expressions
from devopslint.github.platform import known_keys
from devopslint.github.schema import ACTION, TEXT, Shape, workflow_shape
from devopslint.github.summaries import ActionSummary, WorkflowSummary
from devopslint.model import Location
from devopslint.scripts.steps import Uses

DEPLOY = textwrap.dedent("""\
    name: Deploy
    on:
      push: {branches: [main]}
      workflow_call:
        inputs:
          target: {type: string, required: true}
        outputs:
          url: {value: "${{ jobs.ship.outputs.url }}"}
    permissions: read-all
    defaults:
      run: {shell: bash}
    jobs:
      check:
        uses: ./.github/workflows/check.yml
        secrets: inherit
      ship:
        needs: check
        if: github.ref == 'refs/heads/main'
        runs-on: {labels: [self-hosted, linux]}
        environment: {name: production, url: x}
        permissions: {contents: read, packages: write}
        steps:
          - uses: actions/checkout@v4
          - uses: actions/checkout@v4
          - name: Roll out
            id: rollout
            run: |
              kubectl apply -f k8s

              echo "${{ github.actor }} ${{ inputs.target }}"
    """)


def deploy() -> WorkflowFile:
    return WorkflowFile.read(".github/workflows/deploy.yml", DEPLOY)


def at(location: Location, text: str) -> str:
    return text.splitlines()[location.line - 1][location.column - 1 : location.end_column - 1]


@pytest.mark.parametrize("on", ["push", "[push]", "{push: {types: [x]}}", "\n  push:\n"])
def test_triggers_are_the_same_in_every_form(on: str) -> None:
    file = WorkflowFile.read("w.yml", f"on: {on}\n")

    (trigger,) = triggers(file)

    assert (trigger.event, trigger.label, at(trigger.location, file.stream.source.text)) == ("push", "on push", "push")


def test_job_knows_what_it_takes_from_its_workflow() -> None:
    check, ship = deploy().workflow.jobs

    assert check.permissions.level("contents") == "read"
    assert (ship.permissions.level("packages"), ship.permissions.level("issues")) == ("write", "none")
    assert ship.steps[2].shell.text == "bash"
    assert [label.text for label in ship.runs_on] == ["self-hosted", "linux"]
    assert ship.environment.text == "production"
    assert check.uses is not None
    assert (check.uses.local, check.uses.path) == (True, ".github/workflows/check.yml")


def test_step_labels_are_unique() -> None:
    labels = [step.label for step in steps(deploy())]

    assert labels == [
        "job ship step actions/checkout@v4",
        "job ship step actions/checkout@v4 #2",
        "job ship step rollout",
    ]


def test_expressions_stand_where_they_are_written() -> None:
    found = [(e.key, at(e.location, DEPLOY)) for e in workflow_expressions(deploy())]

    assert found == [
        (("on", "workflow_call", "outputs", "url", "value"), "${{ jobs.ship.outputs.url }}"),
        (("jobs", "ship", "if"), "github.ref == 'refs/heads/main'"),
        (("jobs", "ship", "steps", 2, "run"), "${{ github.actor }}"),
        (("jobs", "ship", "steps", 2, "run"), "${{ inputs.target }}"),
    ]
    *_, last = workflow_expressions(deploy())
    (reference,) = last.references()
    assert at(last.at(reference), DEPLOY) == "inputs.target"


def test_summary_holds_what_other_files_ask_and_can_be_pickled() -> None:
    (summary,) = deploy().summaries()
    assert isinstance(summary, WorkflowSummary)
    ship = summary.jobs[1]

    assert pickle.loads(pickle.dumps(summary)) == summary
    assert summary.inputs[0].name.text == "target"
    assert summary.inputs[0].required
    assert [needed.text for needed in ship.needs] == ["check"]
    assert summary.jobs[0].inherits_secrets
    script = ship.steps[2].script
    assert script is not None
    assert [at(line, DEPLOY).strip() for line in script.lines[::2]] == [
        "kubectl apply -f k8s",
        'echo "${{ github.actor }} ${{ inputs.target }}"',
    ]


@pytest.mark.parametrize(
    ("text", "kind", "action", "ref", "pinned"),
    [
        ("actions/checkout@v4", "repository", "actions/checkout", "v4", False),
        ("github/codeql-action/init@" + "a" * 40, "repository", "github/codeql-action/init", "a" * 40, True),
        ("o/r/.github/workflows/x.yml@main", "repository", "o/r/.github/workflows/x.yml", "main", False),
        ("./.github/actions/x", "local", "", "", False),
        ("docker://ghcr.io:443/a/b:1.2", "docker", "", "1.2", False),
        ("docker://alpine@sha256:" + "0" * 64, "docker", "", "sha256:" + "0" * 64, True),
        ("$/.github/actions/x", "local", "", "", False),
        ("actions/checkout", "malformed", "", "", False),
        ("checkout@v2", "malformed", "", "", False),
    ],
)
def test_uses_is_taken_apart(text: str, kind: str, action: str, ref: str, pinned: bool) -> None:
    uses = Uses.parse(text, Location("w.yml", 1, 1, 1, 1))

    assert (uses.kind, uses.action, uses.ref, uses.pinned) == (kind, action, ref, pinned)
    assert not ref or text[uses.ref_start :] == ref


def test_extent_of_a_job_ends_with_its_last_step() -> None:
    file = deploy()

    assert file.extent(13) == (13, 15)
    assert file.extent(16) == (16, 30)
    assert file.extent(25) == (25, 30)


def test_parallel_steps_are_steps_of_their_job() -> None:
    file = WorkflowFile.read(
        "w.yml",
        "jobs: {a: {steps: [{run: one}, {parallel: [{run: '${{ github.sha }}'}, {run: three}]}, {wait-all: }]}}",
    )
    keys = [step.key for step in steps(file)]

    assert [step.run.text for step in steps(file)] == ["one", "", "${{ github.sha }}", "three", ""]
    assert keys[2] == ("jobs", "a", "steps", 1, "parallel", 0)
    assert [found.key for found in workflow_expressions(file)] == [(*keys[2], "run")]


def test_composite_action_has_steps_and_inputs() -> None:
    text = (
        "name: x\ninputs: {a: {default: '1'}}\noutputs: {b: {value: '${{ steps.c.outputs.d }}'}}\n"
        "runs:\n  using: composite\n  steps: [{id: c, run: echo, shell: bash}]\n"
    )
    file = ActionFile.read("tools/x/action.yml", text)
    (summary,) = file.summaries()
    assert isinstance(summary, ActionSummary)

    assert (summary.folder, summary.using.text, summary.inputs[0].has_default) == ("tools/x", "composite", True)
    assert [step.label for step in file.action.steps] == ["action step c"]
    assert [found.key for found in action_expressions(file)] == [("outputs", "b", "value")]


def test_broken_yaml_is_a_fault() -> None:
    file = WorkflowFile.read("w.yml", "on: push\njobs: [\n")

    assert [fault.location.path for fault in file.faults] == ["w.yml"]
    assert list(steps(file)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "on: [1, {a: b}]\njobs: x",
        "jobs: {a: [b], c: {steps: {d: e}}}",
        "jobs: &a {b: *a}",
        "jobs: {a: {steps: [1, null, [x]], needs: {a: b}, uses: [], runs-on: {labels: {}}}}",
        "on: {workflow_call: [], push: x}\njobs: {1: null}",
        "runs: {steps: [null], using: []}\ninputs: [a]\noutputs: x",
    ],
)
def test_strange_shapes_are_read_without_harm(text: str) -> None:
    for file in (WorkflowFile.read("w.yml", text), ActionFile.read("action.yml", text)):
        assert len(list(file.summaries())) == 1


@given(st.text(alphabet="on:jbstepsrun[]{}-&*a!|>'\" \n${}", max_size=120))
def test_any_text_is_read(text: str) -> None:
    workflow, action = WorkflowFile.read("w.yml", text), ActionFile.read("action.yml", text)

    for line in range(1, 4):
        first, last = workflow.extent(line)
        assert first == line <= last
    assert isinstance(next(iter(workflow.summaries())), WorkflowSummary)
    assert isinstance(next(iter(action.summaries())), ActionSummary)
    assert all(expression.location.path == "w.yml" for expression in workflow_expressions(workflow))


def test_every_key_of_githubs_schema_has_a_shape() -> None:
    seen: set[int] = set()
    shapes = [workflow_shape(), ACTION, *_CHOSEN]
    lacking = {}
    while shapes:
        shape = shapes.pop()
        if id(shape) in seen:
            continue
        seen.add(id(shape))
        shapes += [*shape.keys.values(), *(inside for inside in (shape.each, shape.items) if inside is not None)]
        if shape.definition and (keys := set(known_keys(shape.definition)) - set(shape.keys)):
            lacking[shape.definition] = keys

    assert lacking == {}, "a key that came since is taken with any value until it has a shape in github/schema.py"


_CHOSEN = [schema._JOB, schema._CALL, schema._RUN_STEP, schema._USES_STEP, *schema._RUNS.values()]
"""The shapes that what a value holds decides on."""
_CHOSEN += [schema._ACTION_RUN_STEP, schema._ACTION_USES_STEP]


def test_a_key_that_came_since_the_shapes_is_taken() -> None:
    shape = Shape(keys={"group": TEXT}, definition="concurrency-mapping")

    assert (shape.knows("group"), shape.knows("queue"), shape.knows("que")) == (True, True, False)


@pytest.mark.parametrize(("empty", "severity"), [("branches:", "warning"), ("branches: ''", "error")])
def test_a_filter_that_stands_empty_filters_nothing(empty: str, severity: str) -> None:
    text = f"on:\n  push:\n    {empty}\njobs: {{test: {{runs-on: ubuntu-24.04, steps: [{{run: make}}]}}}}\n"

    found = devopslint.check({".github/workflows/ci.yml": text}, select=["gha-empty-value"])

    assert [str(one.severity) for one in found] == [severity]


def test_a_configuration_of_dependabot_among_the_workflows_is_told_once() -> None:
    text = "version: 2\nupdates:\n- {package-ecosystem: pip, directory: /, schedule: {interval: weekly}}\n"

    found = devopslint.check({".github/workflows/dependabot.yml": text}, select=["gha-missing-key", "gha-unknown-key"])

    assert [one.message for one in found] == ["the file is for Dependabot, which reads .github/dependabot.yml"]


def test_where_a_workflow_is_no_yaml_is_told_once() -> None:
    text = (
        "on: push\njobs:\n  triage:\n    steps:\n    - run: |\n        gh issue comment 1 --body 'Thanks.\n\n"
        "Thank you for it.\n\nPlease provide:\n- the steps\n\n---\n\n**Note**: it closes in a week.'\n"
    )

    found = devopslint.check({".github/workflows/triage.yml": text}, select="unreadable-file")

    assert [one.location.line for one in found] == [10]
