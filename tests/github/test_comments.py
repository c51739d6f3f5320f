"""Comments that check out the code of a pull request: what takes it in, and what keeps strangers from it."""

from __future__ import annotations

import textwrap

import pytest

import devopslint

HEAD = "on: {issue_comment: {types: [created]}}\njobs:\n"
CHECKOUT = "{uses: actions/checkout@v6, with: {ref: 'refs/pull/${{ github.event.issue.number }}/merge'}}"


def told(jobs: str, on: str = HEAD) -> list[str]:
    text = on + textwrap.indent(textwrap.dedent(jobs), "  ")
    found = devopslint.check({".github/workflows/e2e.yml": text}, select=["gha-untrusted-checkout"])
    return [one.severity.name.lower() for one in found]


def job(*steps: str, extra: str = "") -> str:
    listed = "".join(f"    - {one}\n" for one in steps)
    return f"test:\n  runs-on: ubuntu-24.04\n{extra}  steps:\n{listed}"


def asking(script: str, ref: str, extra: str = "") -> str:
    step = f"{{id: pr, run: '{script}'}}"
    return job(step, f"{{uses: actions/checkout@v6, with: {{ref: '{ref}'{extra}}}}}", "run: make")


@pytest.mark.parametrize(
    ("jobs", "severities"),
    [
        (job(CHECKOUT, "run: make"), ["error"]),
        (job(CHECKOUT, "uses: ./.github/actions/test"), ["error"]),
        (job(CHECKOUT, "uses: docker/build-push-action@v6"), ["error"]),
        (job(CHECKOUT, "run: git diff --stat"), ["warning"]),
        (job(CHECKOUT), ["warning"]),
        (job("run: gh pr checkout ${{ github.event.issue.number }}", "run: npm ci"), ["error"]),
        (job("run: 'gh pr checkout $NUMBER && npm test'"), ["error"]),
        (job("run: gh pr view ${{ github.event.issue.number }}", "run: npm ci"), []),
        (job("run: 'git fetch origin pull/$N/head && git checkout FETCH_HEAD'", "run: make"), ["error"]),
        (job("run: git fetch origin pull/$N/head", "run: make"), []),
        (job("run: 'git fetch origin main && git checkout main'", "run: make"), []),
        (job("{uses: actions/checkout@v6}", "run: make"), []),
        (asking('echo "sha=$(gh pr view 1 --json headRefOid)"', "${{ steps.pr.outputs.sha }}"), ["error"]),
        (asking("curl $URL/pulls/1", "${{ steps.pr.outputs.commit }}"), ["error"]),
        (asking("curl $URL/pulls/1", "${{ steps.pr.outputs.base_sha }}"), []),
        (asking("curl $URL/pulls/1", "${{ steps.pr.outputs.branch }}"), []),
        (
            asking(
                "curl $URL/pulls/1", "${{ steps.pr.outputs.branch }}", ", repository: '${{ steps.pr.outputs.from }}'"
            ),
            ["error"],
        ),
        (asking("git rev-parse main", "${{ steps.pr.outputs.sha }}"), []),
        (
            "find:\n  runs-on: ubuntu-24.04\n  outputs: {Sha: '${{ steps.get.outputs.sha }}'}\n  steps:\n"
            "    - {id: api, uses: octokit/request-action@v2, with: {route: 'GET /repos/a/b/pulls/1'}}\n"
            "    - {id: get, run: 'echo sha=$DATA', env: {DATA: '${{ steps.api.outputs.data }}'}}\n"
            "test:\n  needs: find\n  runs-on: ubuntu-24.04\n  steps:\n"
            "    - {uses: actions/checkout@v6, with: {ref: '${{ needs.find.outputs.sha }}'}}\n    - run: make\n",
            ["error"],
        ),
    ],
)
def test_what_takes_in_the_code_that_is_commented_on(jobs: str, severities: list[str]) -> None:
    assert told(jobs) == severities


@pytest.mark.parametrize(
    "condition",
    [
        "github.event.comment.author_association == 'MEMBER'",
        "contains('OWNER MEMBER', github.event.comment.author_association) && github.event.issue.pull_request",
        "contains(fromJSON('[\"OWNER\"]'), github.event.comment.author_association) || github.event.comment.user.login == 'a'",
        "github.actor == 'someone'",
        "contains(github.event.issue.labels.*.name, 'safe')",
        "github.event_name == 'push'",
        "github.event_name != 'issue_comment'",
        "github.event_name == 'push' || github.event.comment.author_association == 'OWNER'",
        "contains(fromJSON(vars.TESTERS), github.event.comment.user.login)",
    ],
)
def test_a_condition_on_who_comments_keeps_strangers_out(condition: str) -> None:
    quoted = condition.replace("'", "''")

    assert told(job(CHECKOUT, "run: make", extra=f"  if: '{quoted}'\n")) == []


@pytest.mark.parametrize(
    "condition",
    [
        "contains(github.event.comment.body, '/test')",
        "github.event.issue.pull_request",
        "github.event_name == 'push' || contains(github.event.comment.body, '/test')",
        "github.event_name == 'issue_comment'",
        "github.event_name != 'push'",
        "contains(github.event.comment.body, '/a') || github.event.comment.author_association == 'OWNER'",
    ],
)
def test_a_condition_on_what_is_said_keeps_nobody(condition: str) -> None:
    quoted = condition.replace("'", "''")

    assert told(job(CHECKOUT, "run: make", extra=f"  if: '{quoted}'\n")) == ["error"]


@pytest.mark.parametrize(
    "guard",
    [
        "{uses: some/repo-permission-check-action@v2, with: {permission: write}}",
        "{uses: actions/github-script@v8, with: {script: 'await github.rest.repos.getCollaboratorPermissionLevel()'}}",
        "{run: 'gh api repos/$R/collaborators/$A/permission --jq .permission | grep admin'}",
        "{uses: tspascoal/get-user-teams-membership@v4}",
    ],
)
def test_a_step_that_asks_what_the_commenter_may_do_keeps_strangers_out(guard: str) -> None:
    gated = f"gate:\n  runs-on: ubuntu-24.04\n  steps:\n    - {guard}\n"
    needing = job(CHECKOUT, "run: make", extra="  needs: gate\n")

    assert told(job(guard, CHECKOUT, "run: make")) == []
    assert told(gated + needing) == []
    assert told(job(CHECKOUT, guard, "run: make")) == ["error"]


def test_an_environment_may_ask_somebody_first() -> None:
    assert told(job(CHECKOUT, "run: make", extra="  environment: e2e\n")) == []


def test_scripts_take_in_code_in_pull_request_target_too() -> None:
    jobs = job("run: gh pr checkout ${{ github.event.number }}", "run: make")
    on = "on: pull_request_target\njobs:\n"

    assert told(jobs, on) == ["error"]
    assert told(jobs, "on: pull_request\njobs:\n") == []
    assert told(jobs.replace("steps:", "if: github.event.label.name == 'ok'\n  steps:"), on) == []


def test_a_step_for_other_events_alone_takes_in_no_strangers_code() -> None:
    both = "on: [pull_request, pull_request_target]\njobs:\n"
    steps = job("{uses: actions/checkout@v6, with: {ref: '${{ github.event.pull_request.head.sha }}'}}", "run: make")

    assert told(steps, both) == ["error"]
    assert told(steps.replace("steps:", "if: github.event_name == 'pull_request'\n  steps:"), both) == []


def test_outputs_that_all_come_from_each_other_are_asked_once_each() -> None:
    names = range(40)
    everything = "".join(f"${{{{ steps.s{n}.outputs.sha }}}}" for n in names)
    steps = [f"{{id: s{n}, run: 'echo {everything}'}}" for n in names]
    checkout = "{uses: actions/checkout@v6, with: {ref: '${{ steps.s0.outputs.sha }}'}}"
    asking_too = "{id: s1, run: 'gh pr view 1 ${{ steps.s0.outputs.sha }}'}"

    assert told(job(*steps, checkout, "run: make")) == []
    assert told(job(steps[0], asking_too, *steps[2:], checkout, "run: make")) == ["error"]


def test_outputs_of_jobs_that_all_come_from_each_other_are_asked_once_each() -> None:
    names = range(40)
    everything = "".join(f"${{{{ needs.j{n}.outputs.sha }}}}" for n in names)
    jobs = "".join(
        f"j{n}:\n  runs-on: ubuntu-24.04\n  outputs: {{sha: '{everything}'}}\n  steps: [{{run: make}}]\n" for n in names
    )
    checkout = "{uses: actions/checkout@v6, with: {ref: '${{ needs.j0.outputs.sha }}'}}"

    assert told(jobs + job(checkout, "run: make")) == []
