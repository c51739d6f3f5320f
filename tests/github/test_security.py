"""Who chooses what a script takes in, which steps can run, and which names are nearly others'."""

from __future__ import annotations

import json

import pytest

import devopslint
from devopslint.github.enabled import live_expressions, live_steps
from devopslint.github.files import WorkflowFile
from devopslint.github.marketplace import likeness
from devopslint.github.taint import Author, runs_for_outsiders, script_expressions
from devopslint.github.uses import images, uses, version_of

WORKFLOW = """\
on:
  issues:
  workflow_call: {inputs: {called: {type: string}, count: {type: number}, both: {type: string}}}
  workflow_dispatch: {inputs: {both: {type: string}, kind: {type: choice, options: [a]}}}
env: {TITLE: "${{ github.event.issue.title }}", AGAIN: "${{ env.TITLE }}", PLAIN: a}
jobs:
  plan:
    runs-on: ubuntu-latest
    outputs: {branch: "${{ github.head_ref }}", sum: "${{ steps.add.outputs.sum }}"}
    steps: [{run: make}]
  test:
    needs: plan
    runs-on: ubuntu-latest
    strategy:
      matrix:
        fixed: [1, 2]
        body: ["${{ github.event.comment.body }}", a]
        include: [{added: "${{ github.ref_name }}"}]
    steps:
      - run: make ${{ EXPRESSION }}
"""


def workflow(expression: str) -> WorkflowFile:
    return WorkflowFile.read(".github/workflows/ci.yml", WORKFLOW.replace("EXPRESSION", expression))


@pytest.mark.parametrize(
    ("expression", "author"),
    [
        ("github.head_ref", Author.OUTSIDER),
        ("github['head_ref']", Author.OUTSIDER),
        ("GitHub.Event.Issue.Title", Author.OUTSIDER),
        ("github.event.commits[0].message", Author.OUTSIDER),
        ("github.event.commits.*.message", Author.OUTSIDER),
        ("toJSON(github.event)", Author.OUTSIDER),
        ("format('{0}', github.head_ref)", Author.OUTSIDER),
        ("github.ref == 'a' && 'b' || github.head_ref", Author.OUTSIDER),
        ("case(github.ref == 'a', github.head_ref, 'b')", Author.OUTSIDER),
        ("env.TITLE", Author.OUTSIDER),
        ("env.AGAIN", Author.OUTSIDER),
        ("matrix.body", Author.OUTSIDER),
        ("needs.plan.outputs.branch", Author.OUTSIDER),
        ("github.ref_name", Author.INSIDER),
        ("github.event.inputs.both", Author.STARTER),
        ("inputs.both", Author.STARTER),
        ("inputs.undeclared", Author.STARTER),
        ("matrix.added", Author.INSIDER),
        ("inputs.called", Author.CALLER),
        ("steps.any.outputs.text", Author.PIPELINE),
        ("needs.plan.outputs.sum", Author.PIPELINE),
        ("env.UNKNOWN", Author.PIPELINE),
        ("vars.NAME", Author.PIPELINE),
        ("github.event.issue", Author.NOBODY),
        ("github.event.issue.number", Author.NOBODY),
        ("github.head_ref == 'a'", Author.NOBODY),
        ("!github.head_ref", Author.NOBODY),
        ("github.head_ref && 'a' || 'b'", Author.NOBODY),
        ("contains(github.head_ref, 'a')", Author.NOBODY),
        ("case(github.head_ref == 'a', 'b', 'c')", Author.NOBODY),
        ("github.sha", Author.NOBODY),
        ("github.event.repository.default_branch", Author.NOBODY),
        ("inputs.count", Author.NOBODY),
        ("inputs.kind", Author.NOBODY),
        ("matrix.fixed", Author.NOBODY),
        ("env.PLAIN", Author.NOBODY),
        ("secrets.TOKEN", Author.NOBODY),
        ("needs.plan.result", Author.NOBODY),
        ("hashFiles('a')", Author.NOBODY),
    ],
)
def test_the_least_trusted_author_of_an_expression_is_known(expression: str, author: Author) -> None:
    (found,) = script_expressions(workflow(expression))

    assert max((who for _, who in found.flows), default=Author.NOBODY) is author


def test_what_never_runs_is_not_live_but_its_condition_is() -> None:
    file = WorkflowFile.read(
        "ci.yml",
        """
on: push
jobs:
  later: {if: false, steps: [{run: "echo ${{ github.ref }}"}]}
  now:
    steps:
      - {run: a, if: "${{ false && github.ref }}"}
      - {run: b, if: "!false"}
      - {run: c}
""",
    )

    assert [step.run.text for step in live_steps(file)] == ["b", "c"]
    assert [one.key[-1] for one in live_expressions(file)] == ["if", "if", "if"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("action/checkout", "actions/checkout"),
        ("acitons/checkout", "actions/checkout"),
        ("dockerr/login-action", "docker/login-action"),
        ("actions/chekout", None),
        ("octo-org/checkout", None),
        ("Docker/Login-Action", None),
        ("a" * 1_000_000 + "/b", None),
    ],
)
def test_a_name_is_like_a_popular_one_when_one_letter_makes_the_difference(name: str, meant: str | None) -> None:
    assert likeness(name) == meant


@pytest.mark.parametrize(
    ("uses_text", "version"),
    [
        ("a/b@v4", 4),
        ("a/b@4.1", 4),
        ("a/b@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1", 6),
        ("a/b@8e8c483db84b4bee98b60c0593521ed34d9990e8 # tag=v10", 10),
        ("a/b@8e8c483db84b4bee98b60c0593521ed34d9990e8", None),
        ("a/b@main", None),
    ],
)
def test_an_actions_version_is_in_its_ref_or_in_the_comment_behind(uses_text: str, version: int | None) -> None:
    file = WorkflowFile.read("ci.yml", f"jobs:\n  a:\n    steps:\n      - uses: {uses_text}\n")

    assert [version_of(step) for step in live_steps(file)] == [version]
    assert [use.uses.repository for use in uses(file)] == ["a/b"]


def test_images_of_a_matrix_are_told_apart_without_those_that_are_excluded() -> None:
    file = WorkflowFile.read(
        "ci.yml",
        """
jobs:
  a:
    container: ${{ matrix.image || 'fallback:1' }}
    strategy: {matrix: {image: [one, "two:2"], include: [{image: three}], exclude: [{image: one}]}}
""",
    )

    assert [image.name for image in images(file)] == ["two:2", "three", "fallback:1"]


@pytest.mark.parametrize(
    "script",
    [
        "eval $x " * 20_000,
        "curl ${{ secrets.A }} " * 3_000,
        "echo ${{ matrix.a }}\\n" * 3_000,
        "%GITHUB_ENV%>" * 20_000,
    ],
)
def test_long_scripts_are_judged(script: str) -> None:
    text = f'on: pull_request_target\njobs: {{a: {{runs-on: windows, steps: [{{shell: cmd, run: "{script}"}}, {{run: "{script}"}}]}}}}\n'

    found = devopslint.check({".github/workflows/ci.yml": text})

    assert "unreadable-file" not in {finding.rule.id for finding in found}


@pytest.mark.parametrize(
    ("event", "theirs"), [("workflow_run", True), ("pull_request_target", True), ("pull_request", False)]
)
def test_outsiders_start_a_job_with_secrets_only_by_some_events(event: str, theirs: bool) -> None:
    text = f"on: {{{event}: {{}}}}\njobs: {{build: {{runs-on: ubuntu-24.04, steps: [{{run: make}}]}}}}\n"
    file = WorkflowFile.read(".github/workflows/ci.yml", text)

    assert [runs_for_outsiders(job) for job in file.workflow.jobs] == [theirs]


def piped(script: str) -> bool:
    text = f"on: push\njobs: {{build: {{runs-on: ubuntu-24.04, steps: [{{run: {json.dumps(script)}}}]}}}}\n"
    return bool(devopslint.check({".github/workflows/ci.yml": text}, select=["gha-piped-installer"]))


@pytest.mark.parametrize(
    "script",
    [
        "curl -fsSL https://example.org/i | sh",
        "curl -fsSL https://example.org/i | sudo python3 -",
        "wget -qO- https://example.org/i | perl",
        "bash <(curl -fsSL https://example.org/i) --yes",
        "source <(curl -fsSL https://example.org/i)",
        ". <(wget -qO- https://example.org/i)",
        "bash -s < <(curl -fsSL https://example.org/i)",
        'bash <<< "$(curl -fsSL https://example.org/i)"',
        "python3 <(curl -fsSL https://example.org/i)",
        'python3 -c "$(curl -fsSL https://example.org/i)"',
        "curl -fsSL https://example.org/i | php -- --quiet",
        "curl -fsSL https://example.org/i | sudo -E bash -",
        "curl -fsSLo i.sh https://example.org/i && sh i.sh",
        "curl -fsSL -o /tmp/i https://example.org/i\nchmod +x /tmp/i\n/tmp/i --yes",
        "curl -fsSL https://example.org/i > i.sh; bash ./i.sh",
        "curl -fsSL https://example.org/i | tee i.sh; bash -e i.sh",
        "wget https://example.org/install.sh && . ./install.sh",
        "wget -P /tmp https://example.org/install.sh && bash /tmp/install.sh",
        "wget -q -O get.py https://example.org/get && python3 get.py",
        "irm https://example.org/i | iex",
        "iex ((New-Object Net.WebClient).DownloadString('https://example.org/i'))",
    ],
)
def test_what_the_network_answers_is_run(script: str) -> None:
    assert piped(script)


@pytest.mark.parametrize(
    "script",
    [
        "diff <(curl -fsSL https://example.org/list) list.txt",
        "bash compare.sh <(curl -fsSL https://example.org/list)",
        "curl -fsSL https://example.org/a.json | python3 -m json.tool",
        "curl -fsSL https://example.org/a.json | python3 -c 'import json, sys; print(json.load(sys.stdin))'",
        "curl -fsSL https://example.org/a | perl -pe 's/a/b/'",
        "curl -fsSL https://example.org/a | node summarize.js",
        "bash build.sh; curl -fsSL https://example.org/a > a",
        "curl -fsSL https://example.org/a | bash -c 'cat > a'",
        "curl -fsSL https://example.org/a | bash summarize.sh",
        'bash build.sh "$(curl -fsSL https://example.org/version)"',
        'bash -c "echo $(curl -fsSL https://example.org/version)"',
        "curl -fsS http://localhost:8080/script | sh",
        'curl -fsSLo i.sh https://example.org/i && echo "$SUM  i.sh" | sha256sum -c && sh i.sh',
        "curl -fsSLo i.sh https://example.org/i && gh attestation verify i.sh --owner shop && sh i.sh",
        "curl -fsSLo i.sh https://example.org/v1.2.3/i && sh i.sh",
        "curl -fsSLo i.sh https://example.org/$VERSION/i && sh i.sh",
        "curl -fsSLo a.json https://example.org/a.json && python3 summarize.py a.json",
        "curl -fsSLo a https://example.org/a && cat a && ./b",
    ],
)
def test_what_the_network_answers_is_only_read(script: str) -> None:
    assert not piped(script)


def checkout(guard: str, ref: str, event: str = "pull_request_target") -> bool:
    text = (
        f"on: {event}\njobs:\n  update:\n    runs-on: ubuntu-24.04\n    if: {guard}\n    steps:\n"
        f"      - uses: actions/checkout@v4\n        with: {{ref: '${{{{ {ref} }}}}'}}\n      - run: make\n"
    )
    return bool(devopslint.check({".github/workflows/ci.yml": text}, select=["gha-untrusted-checkout"]))


@pytest.mark.parametrize(
    ("guard", "ref", "theirs"),
    [
        ("always()", "github.event.pull_request.head.sha", True),
        ("always()", "github.head_ref", False),
        ("github.event.pull_request.user.login == 'dependabot[bot]'", "github.event.pull_request.head.sha", False),
        (
            "github.event.pull_request.head.repo.full_name == github.repository",
            "github.event.pull_request.head.sha",
            False,
        ),
        ("'!github.event.pull_request.head.repo.fork'", "github.event.pull_request.head.sha", False),
        ("github.event.pull_request.head.repo.fork == false && success()", "github.event.pull_request.head.sha", False),
        ("github.event.pull_request.head.repo.fork == true", "github.event.pull_request.head.sha", True),
        ("github.event.pull_request.user.login != 'someone'", "github.event.pull_request.head.sha", True),
        ("github.event.pull_request.user.login == 'a' || failure()", "github.event.pull_request.head.sha", True),
        ("github.actor == 'dependabot[bot]'", "github.event.pull_request.head.sha", True),
    ],
)
def test_a_checkout_is_a_strangers_where_strangers_can_reach_it(guard: str, ref: str, theirs: bool) -> None:
    assert checkout(guard, ref) is theirs


@pytest.mark.parametrize(
    ("value", "keeps"), [("no", False), ("off", False), ("'0'", False), ("false", False), ("TRUE", True)]
)
def test_checkout_keeps_its_token_only_where_the_text_is_true(value: str, keeps: bool) -> None:
    text = (
        "on: push\njobs: {build: {runs-on: ubuntu-24.04, steps: [{uses: actions/checkout@v4, "
        f"with: {{persist-credentials: {value}}}}}]}}}}\n"
    )

    found = devopslint.check(
        {".github/workflows/ci.yml": text}, select=["gha-persisted-credentials", "gha-kept-credentials"]
    )

    assert bool(found) is keeps


def test_a_workflow_of_two_documents_is_refused() -> None:
    one = "on: push\njobs: {build: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"

    def refused(text: str) -> list[tuple[int, str]]:
        found = devopslint.check({".github/workflows/ci.yml": text}, select=["unreadable-file"])
        return [(f.location.line, f.message) for f in found]

    said = "begins a second document here, and GitHub takes one alone"
    assert refused(f"---\n{one}") == []
    assert [message for _, message in refused(f"{one}---\n{one}")] == [said]
    assert [message for _, message in refused(f"{one}---\n")] == [said]


def test_entries_of_an_object_are_inserted_for_a_key() -> None:
    workflow = """
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: make
        env:
          %s: ${{ vars }}
"""

    def found(key: str) -> set[str]:
        files = {".github/workflows/a.yml": workflow % key}
        return {one.rule.id for one in devopslint.check(files, select=["gha-unknown-context", "gha-expression-type"])}

    assert found("${{ insert }}") == set()
    assert found("${{ inserts }}") == {"gha-unknown-context", "gha-expression-type"}


def test_an_undeclared_input_with_a_default_behind_it_is_a_warning() -> None:
    workflow = """
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: make
        env: {TAGS: "${{ inputs.tags%s }}"}
"""

    def severities(more: str) -> list[str]:
        files = {".github/workflows/a.yml": workflow % more}
        return [one.severity.name.lower() for one in devopslint.check(files, select=["gha-undefined-property"])]

    assert severities(" || 'latest'") == ["warning"]
    assert severities("") == ["error"]
