"""Which workflows strangers reach: what stops them before, and what sets off a workflow that runs after another."""

from __future__ import annotations

import pytest

import devopslint

STRANGER = "github.event.pull_request.head.repo.full_name != github.repository"
LABELLED = "!contains(github.event.pull_request.labels.*.name, 'safe to test')"
CHECKOUT = "- uses: actions/checkout@v6\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}"


def checked_out(jobs: str) -> bool:
    text = f"on: pull_request_target\njobs:\n{jobs}"
    return bool(devopslint.check({".github/workflows/ci.yml": text}, select=["gha-untrusted-checkout"]))


def guarded(guard: str, condition: str = "''") -> bool:
    return checked_out(
        f"  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - {guard}\n      {CHECKOUT}\n        if: {condition}\n"
    )


def needing(guard: str, condition: str = "''") -> bool:
    return checked_out(
        f"  gate:\n    runs-on: ubuntu-24.04\n    steps:\n      - {guard}\n"
        "  changes:\n    needs: gate\n    runs-on: ubuntu-24.04\n    steps: [{run: git diff}]\n"
        f"  test:\n    needs: [changes]\n    if: {condition}\n    runs-on: ubuntu-24.04\n    steps:\n      {CHECKOUT}\n"
    )


@pytest.mark.parametrize(
    "guard",
    [
        f'{{if: "{STRANGER}", run: exit 1}}',
        f"{{if: \"{STRANGER} && {LABELLED}\", run: 'echo no; exit 1'}}",
        f"{{if: \"needs.members.outputs.is == 'false' && {STRANGER}\", run: exit 2}}",
        '{if: github.event.pull_request.head.repo.fork, uses: actions/github-script@v8, with: {script: core.setFailed("no")}}',
        "{if: \"github.event.pull_request.user.login != 'dependabot[bot]'\", run: exit 1}",
    ],
)
def test_a_step_that_fails_for_strangers_keeps_them_from_what_comes_after(guard: str) -> None:
    assert not guarded(guard)
    assert not needing(guard)


@pytest.mark.parametrize(
    "guard",
    [
        f'{{if: "{STRANGER}", run: echo careful}}',
        f'{{if: "{STRANGER}", run: exit 0}}',
        f'{{if: "{STRANGER}", run: "if make; then exit 1; fi"}}',
        f'{{if: "{STRANGER}", run: exit 1, continue-on-error: true}}',
        f"{{if: \"{STRANGER} && github.event.action == 'synchronize'\", run: exit 1}}",
        "{if: github.event.pull_request.head.repo.full_name == github.repository, run: exit 1}",
        "{run: exit 1, if: github.event.action == 'closed'}",
    ],
)
def test_a_step_that_may_let_strangers_pass_keeps_nobody(guard: str) -> None:
    assert guarded(guard)
    assert needing(guard)


def test_what_runs_whatever_happened_is_not_kept_from_strangers() -> None:
    guard = f'{{if: "{STRANGER}", run: exit 1}}'

    assert guarded(guard, "always()")
    assert needing(guard, "${{ !cancelled() }}")


@pytest.mark.parametrize(
    ("condition", "ref", "theirs"),
    [
        ("github.event.label.name == 'e2e'", "${{ github.event.pull_request.head.sha }}", False),
        (
            "github.event.label.name == 'e2e' || github.event_name == 'push'",
            "${{ github.event.pull_request.head.sha }}",
            False,
        ),
        (
            "github.event.label.name == 'e2e' || github.event.action == 'opened'",
            "${{ github.event.pull_request.head.sha }}",
            True,
        ),
        ("github.event.label.name != 'wip'", "${{ github.event.pull_request.head.sha }}", True),
        ("github.event.label.name == 'e2e'", "refs/pull/${{ github.event.number }}/merge", True),
        ("contains(github.event.pull_request.labels.*.name, 'e2e')", "${{ github.event.pull_request.head.sha }}", True),
    ],
)
def test_whoever_labels_a_commit_lets_it_in_and_no_other(condition: str, ref: str, theirs: bool) -> None:
    steps = f"    steps:\n      - uses: actions/checkout@v6\n        with: {{ref: '{ref}'}}\n"

    assert checked_out(f'  test:\n    if: "{condition}"\n    runs-on: ubuntu-24.04\n{steps}') is theirs


AFTER = """\
name: deploy
on: {{workflow_run: {{workflows: [{names}], types: [completed]}}}}
jobs:
  deploy:
    if: {condition}
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
        with: {{ref: '${{{{ github.event.workflow_run.head_sha }}}}'}}
      - run: echo "${{{{ github.event.workflow_run.head_branch }}}}"
"""


def reached(before: str, names: str = "CI", condition: str = "''") -> set[str]:
    tree = {
        ".github/workflows/deploy.yml": AFTER.format(names=names, condition=condition),
        ".github/workflows/ci.yml": f"name: CI\non: {before}\njobs: {{a: {{runs-on: ubuntu-24.04, steps: [{{run: make}}]}}}}\n",
    }
    found = devopslint.check(tree, select=["gha-untrusted-run-checkout", "gha-script-injection"])
    return {finding.rule.id for finding in found}


BOTH = {"gha-untrusted-run-checkout", "gha-script-injection"}


@pytest.mark.parametrize(
    ("before", "theirs"),
    [
        ("{push: {tags: [v*]}}", set()),
        ("[push, schedule, workflow_dispatch, workflow_call]", set()),
        ("[push, pull_request]", BOTH),
        ("workflow_call", BOTH),
        ("issue_comment", BOTH),
    ],
)
def test_what_runs_after_pushes_alone_takes_in_nothing_of_strangers(before: str, theirs: set[str]) -> None:
    assert reached(before) == theirs


def test_a_workflow_that_is_not_in_the_tree_may_run_for_strangers() -> None:
    assert reached("push", names="CI, Other") == BOTH


@pytest.mark.parametrize(
    ("condition", "theirs"),
    [
        ("github.event.workflow_run.event == 'push'", set()),
        ("github.event.workflow_run.event != 'pull_request' && success()", set()),
        ("github.event.workflow_run.event == 'pull_request'", BOTH),
        ("github.event.workflow_run.event != 'push'", BOTH),
        ("github.event.workflow_run.conclusion == 'success'", BOTH),
    ],
)
def test_a_condition_on_what_set_off_the_workflow_before_keeps_strangers_out(condition: str, theirs: set[str]) -> None:
    assert reached("[push, pull_request]", condition=condition) == theirs


@pytest.mark.parametrize(
    ("script", "becomes_code"),
    [
        ('cat > a.json <<\'EOF\'\n{"branch": "${{ github.head_ref }}"}\nEOF\ncat a.json\n', False),
        ('tee a.json <<"EOF"\n${{ github.event.pull_request.head.ref }}\nEOF\n', False),
        ("cat > a.json <<EOF\n${{ github.head_ref }}\nEOF\n", True),
        ("bash <<'EOF'\necho ${{ github.head_ref }}\nEOF\n", True),
        ("cat <<'EOF' | bash\necho ${{ github.head_ref }}\nEOF\n", True),
        ("cat > a <<'EOF'\n${{ github.event.pull_request.body }}\nEOF\n", True),
        ("cat > a <<'EOF'\nplain\nEOF\necho ${{ github.head_ref }}\n", True),
    ],
)
def test_the_name_of_a_branch_stays_text_in_a_heredoc_that_is_taken_as_it_is(script: str, becomes_code: bool) -> None:
    lines = "".join(f"          {line}\n" for line in script.splitlines())
    text = f"on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: |\n{lines}"

    found = devopslint.check({".github/workflows/ci.yml": text}, select=["gha-script-injection"])

    assert bool(found) is becomes_code


@pytest.mark.parametrize(
    ("gate", "condition", "told"),
    [
        ("if: github.event.pull_request.head.repo.full_name == github.repository", "''", False),
        ("if: github.event.pull_request.head.repo.fork == false", "''", False),
        ("if: '!github.event.pull_request.head.repo.fork'", "github.actor != 'x'", False),
        ("if: github.event.pull_request.head.repo.fork == false", "always()", True),
        ("if: github.event.action == 'opened'", "''", True),
    ],
)
def test_a_job_that_is_skipped_for_strangers_keeps_them_from_what_waits_for_it(
    gate: str, condition: str, told: bool
) -> None:
    jobs = (
        f"  gate: {{{gate}, runs-on: ubuntu-24.04, steps: [{{run: echo ok}}]}}\n"
        f'  test:\n    needs: gate\n    if: "{condition}"\n    runs-on: ubuntu-24.04\n    steps:\n      {CHECKOUT}\n'
    )

    assert checked_out(jobs) is told


def test_a_job_that_may_fail_keeps_nobody() -> None:
    jobs = (
        "  gate:\n    continue-on-error: true\n    runs-on: ubuntu-24.04\n"
        f'    steps: [{{if: "{STRANGER}", run: exit 1}}]\n'
        f"  test:\n    needs: gate\n    runs-on: ubuntu-24.04\n    steps:\n      {CHECKOUT}\n"
    )

    assert checked_out(jobs)
    assert not checked_out(jobs.replace("    continue-on-error: true\n", ""))
