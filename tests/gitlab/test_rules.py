"""Rules of GitLab: in which pipelines they let a job run, and what they change of it."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint import check
from devopslint.gitlab.conditions import BRANCH, REQUEST, holds


@pytest.mark.parametrize(
    ("condition", "branch", "request_"),
    [
        ('$CI_PIPELINE_SOURCE == "push"', True, False),
        ("'push' == $CI_PIPELINE_SOURCE", True, False),
        ('$CI_PIPELINE_SOURCE != "schedule"', True, True),
        ("$CI_PIPELINE_SOURCE =~ /^(push|web)$/", True, False),
        ("$CI_PIPELINE_SOURCE =~ /merge_request/", False, True),
        ("$CI_PIPELINE_SOURCE !~ /^merge_request_event$/", True, False),
        ("$CI_COMMIT_BRANCH", True, False),
        ('$CI_COMMIT_BRANCH != "main"', True, True),
        ("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", False, False),
        ("$CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS", True, False),
        ("$CI_MERGE_REQUEST_IID", False, True),
        ('$CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "main"', False, True),
        ("$CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH", False, True),
        ("$CI_COMMIT_TAG", False, False),
        ("$CI_COMMIT_TAG == null", True, True),
        ('$OWN == "x"', None, None),
        ('$OWN == "x" || $CI_COMMIT_BRANCH', True, None),
        ('$OWN == "x" && $CI_COMMIT_BRANCH', None, False),
        ('($CI_COMMIT_TAG || $CI_COMMIT_BRANCH) && $CI_PIPELINE_SOURCE == "push"', True, False),
        ('$CI_COMMIT_BRANCH == "', None, None),
        ("$CI_COMMIT_BRANCH ==", None, None),
        ("($CI_COMMIT_BRANCH", None, None),
    ],
)
def test_a_condition_in_the_two_pipelines_of_a_push(condition: str, branch: bool | None, request_: bool | None) -> None:
    assert (holds(condition, BRANCH), holds(condition, REQUEST)) == (branch, request_)


@given(st.text(alphabet="$()|&=!~/\"' nullCI_", max_size=60))
def test_any_condition_is_read(condition: str) -> None:
    assert holds(condition, BRANCH) in (True, False, None)


def said(files: dict[str, str], rule: str) -> list[tuple[str, int, str]]:
    found = check({path: dedent(text) for path, text in files.items()}, select=[rule])
    return [(one.location.path, one.location.line, one.message) for one in found]


def test_rules_that_jobs_share_are_one_finding_where_they_stand() -> None:
    files = {
        ".gitlab-ci.yml": """
            include: {local: ci/base.yml}
            unit: {extends: .base, script: [pytest]}
            lint: {extends: .base, script: [ruff check .]}
            types: {script: [mypy .], rules: !reference [.base, rules]}
        """,
        "ci/base.yml": """
            .base:
              rules:
                - if: $CI_PIPELINE_SOURCE == "merge_request_event"
                - when: on_success
        """,
    }

    assert said(files, "gitlab-duplicate-pipelines") == [
        ("ci/base.yml", 5, "job 'unit' and 2 more, which share the rule, run twice for a push to a merge request")
    ]


@pytest.mark.parametrize(
    ("workflow", "twice"),
    [
        ("rules: [{if: $CI_COMMIT_BRANCH}]", False),
        (
            "rules: [{if: $CI_MERGE_REQUEST_IID}, {if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS, when: never}, {when: always}]",
            False,
        ),
        ("rules: [{when: always}]", True),
        ("rules: [{if: $CI_MERGE_REQUEST_IID}, {if: $CI_COMMIT_BRANCH}]", True),
        ("name: pipeline", True),
    ],
)
def test_a_workflow_says_which_pipelines_there_are(workflow: str, twice: bool) -> None:
    text = "include: ci/workflow.yml\nunit: {script: [pytest], rules: [{when: always}]}\n"
    files = {".gitlab-ci.yml": text, "ci/workflow.yml": f"workflow: {{{workflow}}}\n"}

    assert bool(said(files, "gitlab-duplicate-pipelines")) is twice


@pytest.mark.parametrize(
    "include",
    [
        "{project: ci/base, ref: v1.2.0, file: base.yml}",
        "{template: Workflows/MergeRequest-Pipelines.gitlab-ci.yml}",
    ],
)
def test_what_is_included_from_elsewhere_may_have_a_workflow(include: str) -> None:
    text = f"include: {include}\nunit: {{script: [pytest], rules: [{{when: always}}]}}\n"

    assert said({".gitlab-ci.yml": text}, "gitlab-duplicate-pipelines") == []
