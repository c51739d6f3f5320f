"""The rules over workflows meet strangers' files: whatever stands where, they give findings inside the file."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import devopslint
from devopslint.catalogue import catalogue
from devopslint.github.filters import glob_faults
from devopslint.github.schedule import CronError, read_cron

RULES = sorted(rule_id for rule_id in catalogue() if rule_id.startswith("gha-"))
WORKFLOW: dict[str, Any] = {
    "name": "All",
    "on": {
        "push": {"branches": ["main", "v[0-9]+"], "paths-ignore": ["docs/**"]},
        "schedule": [{"cron": "5 4 * * 1", "timezone": "Europe/Vienna"}],
        "workflow_call": {
            "inputs": {"level": {"type": "string", "required": True}},
            "outputs": {"image": {"value": "${{ jobs.build.outputs.image }}"}},
            "secrets": {"key": {"required": True}},
        },
        "workflow_dispatch": {"inputs": {"level": {"type": "choice", "options": ["a"], "default": "a"}}},
    },
    "permissions": {"contents": "read"},
    "env": {"A": "${{ inputs.level }}"},
    "defaults": {"run": {"shell": "bash"}},
    "concurrency": {"group": "${{ github.ref }}", "cancel-in-progress": True},
    "jobs": {
        "build": {
            "runs-on": ["${{ matrix.os }}", "linux"],
            "outputs": {"image": "${{ steps.push.outputs.image }}"},
            "strategy": {
                "matrix": {"os": ["ubuntu-latest"], "include": [{"os": "x", "b": {"c": 1}}], "exclude": [{"os": "y"}]}
            },
            "container": {"image": "node", "credentials": {"username": "u", "password": "${{ secrets.key }}"}},
            "services": {"db": {"image": "postgres", "ports": [5432], "env": {"B": "c"}}},
            "steps": [
                {"uses": "actions/checkout@v4", "with": {"fetch-depth": 0}},
                {
                    "id": "push",
                    "if": "github.ref == 'x' && always()",
                    "run": "echo ${{ matrix.b.c }}\n::set-output name=a",
                },
                {"parallel": [{"run": "make", "env": {"C": "${{ toJSON(github.event) }}"}}]},
            ],
        },
        "deploy": {
            "needs": ["build"],
            "uses": "./.github/workflows/all.yml",
            "with": {"level": "${{ needs.build.outputs.image }}"},
            "secrets": "inherit",
        },
    },
}
ACTION: dict[str, Any] = {
    "name": "Greet",
    "inputs": {"who": {"default": "me", "required": True}},
    "outputs": {"word": {"value": "${{ steps.a.outputs.b }}"}},
    "runs": {"using": "composite", "steps": [{"id": "a", "shell": "bash", "run": "echo ${{ inputs.who }}"}]},
}
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", " ", "${{", "${{ }}", "${{ a.b[c].*.d }}", "!", "@", "docker://", "./x@y", 0, -1, 1.5, True, [], {}]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a value."""
    found: list[tuple[Any, Any]] = []
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        found.append((value, key))
        found.extend(places(value[key]))
    return found


@settings(max_examples=50)
@given(st.data())
def test_any_value_in_any_place_gives_findings_inside_the_file(data: st.DataObject) -> None:
    workflow, action = copy.deepcopy(WORKFLOW), copy.deepcopy(ACTION)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from([*places(workflow), *places(action)]))
        container[key] = data.draw(STRANGE)
    files = {
        ".github/workflows/all.yml": json.dumps(workflow, indent=1, ensure_ascii=False),
        "greet/action.yml": json.dumps(action, indent=1, ensure_ascii=False),
    }

    for finding in devopslint.check(files, select=RULES):
        at = finding.location
        lines = files[at.path].split("\n")
        assert 1 <= at.line <= len(lines)
        assert 1 <= at.column <= at.end_column <= len(lines[at.line - 1]) + 1
        assert "\n" not in finding.message


def test_the_workflow_that_is_varied_has_few_findings_itself() -> None:
    found = devopslint.check({".github/workflows/all.yml": json.dumps(WORKFLOW, indent=1)}, select=["correctness"])

    assert sorted({finding.rule.id for finding in found}) == [
        "gha-deprecated-command",
        "gha-matrix-exclude",
    ]


MULTIPLIED = "".join(f"{x}{n}: &{x}{n} [{', '.join([f'*{x}{n - 1}'] * 9)}]\n" for n in range(1, 10) for x in "xy")


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {" + ", ".join(f"j{n}: {{needs: [j{n + 1}]}}" for n in range(1000)) + "}",
        "jobs: {a: {steps: [" + ", ".join(f"{{id: s{n}, run: '${{{{ steps.s{n} }}}}'}}" for n in range(300)) + "]}}",
        "jobs: {a: {strategy: {matrix: {x: [" + "{a: {b: c}}, " * 5000 + "]}}}}",
        "jobs: {a: {steps: [{run: '" + "${{ a || b.c['d'].*.e }} " * 5000 + "'}]}}",
        "on: {push: {branches: ['" + "[a-b]?*" * 20000 + "']}}",
        "x: &a {b: &b {c: &c {d: [*c, *b, *a]}}}\njobs: *a",
        f"x0: &x0 [a]\ny0: &y0 [a]\n{MULTIPLIED}jobs: {{a: {{strategy: {{matrix: {{x: [*x9, *y9], exclude: [{{x: *y9}}]}}}}}}}}",
    ],
)
def test_large_and_circular_files_are_judged(text: str) -> None:
    found = devopslint.check({".github/workflows/all.yml": text}, select=RULES)

    assert {finding.location.path for finding in found} == {".github/workflows/all.yml"}


@pytest.mark.parametrize(("pattern", "severity"), [(r"v[0-9]+\.[0-9]+", "warning"), (r"v\d+", "error")])
def test_an_escape_that_is_not_needed_is_a_warning(pattern: str, severity: str) -> None:
    text = f"on: {{push: {{tags: ['{pattern}']}}}}\njobs: {{}}\n"

    found = devopslint.check({".github/workflows/all.yml": text}, select=["gha-invalid-glob"])

    assert [str(one.severity) for one in found] == [severity]


@given(st.text(max_size=40), st.booleans())
def test_faults_of_a_pattern_lie_inside_it(pattern: str, path: bool) -> None:
    for fault in glob_faults(pattern, path=path):
        assert 0 <= fault.start < fault.end <= max(1, len(pattern))


@given(st.text(alphabet="0123456789*,-/ JANsun@", max_size=40))
def test_any_text_is_a_cron_time_or_an_error(text: str) -> None:
    try:
        cron = read_cron(text)
    except CronError:
        return
    assert 1 <= cron.shortest_gap <= 24 * 60


@pytest.mark.parametrize(
    ("text", "gap"), [("*/15 * * * *", 15), ("0 0 * * *", 1440), ("59,0 3-4 * * *", 1), ("10/20 1 * * *", 20)]
)
def test_shortest_gap_is_that_between_the_nearest_runs(text: str, gap: int) -> None:
    assert read_cron(text).shortest_gap == gap


def test_a_name_is_not_looked_for_among_thousands() -> None:
    jobs = "".join(f"  j{number}: {{runs-on: x, needs: k{number}, steps: [{{run: make}}]}}\n" for number in range(900))

    found = devopslint.check({".github/workflows/ci.yml": f"on: push\njobs:\n{jobs}"}, select=["gha-unknown-need"])

    assert [finding.location.line for finding in found] == list(range(3, 903))
    assert found[0].message == "job 'j0' needs 'k0', which is no job; it is none of 900 known ones"


def test_time_limits_add_up_along_thousands_of_jobs_but_not_around_a_circle() -> None:
    limited = "timeout-minutes: 1, steps: [{run: pytest}]"
    chain = "".join(f"  j{number}: {{runs-on: x, needs: j{number - 1}, {limited}}}\n" for number in range(1000))
    circle = f"  a: {{runs-on: x, needs: b, {limited}}}\n  b: {{runs-on: x, needs: [a, j7], {limited}}}\n"

    found = devopslint.check(
        {".github/workflows/ci.yml": f"on: push\njobs:\n{chain}{circle}"}, select=["pipeline-long-critical-path"]
    )

    assert [finding.location.line for finding in found] == [1002]
    assert "'j998', 'j999' add up to 1000 minutes" in found[0].message


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("uses: pulumi/actions@v5, with: {command: up, policyPacks: a}", ""),
        ("uses: google-github-actions/upload-cloud-storage@v2, with: {path: a, destination: b, predefinedAcl: c}", ""),
        (
            "uses: actions/cache@v4, with: {path: a, key: b, enableCrossOsArchives: c}",
            "did you mean 'enablecrossosarchive'?",
        ),
    ],
)
def test_an_input_is_known_however_its_action_spells_it(given: str, said: str) -> None:
    text = f"on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps: [{{{given}}}]\n"

    found = devopslint.check({".github/workflows/ci.yml": text}, select=["gha-unknown-action-input"])

    assert [one.message.rpartition("; ")[2] for one in found] == [said] * bool(said)
