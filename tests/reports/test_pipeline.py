"""What `devopslint pipeline` draws."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

import devopslint
from devopslint.cli import main

CI = """
    name: CI
    on: push
    jobs:
      test:
        runs-on: ubuntu-latest
        steps: [{run: pytest}]
      ship-it:
        name: Ship "it"
        needs: test
        environment: production
        runs-on: ubuntu-latest
        steps:
          - run: docker build -t shop .
          - run: kubectl apply -f k8s/
"""
AFTER = """
    on: {workflow_run: {workflows: [CI], types: [completed]}}
    jobs:
      tell:
        if: github.event.workflow_run.conclusion == 'failure'
        runs-on: ubuntu-latest
        steps: [{uses: slackapi/slack-github-action@v2}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(dedent(CI))
    (folder / "tell.yml").write_text(dedent(AFTER))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draw(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["pipeline", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_text_says_order_stages_and_why(project: Path) -> None:
    assert draw() == dedent(
        """\
        .github/workflows/ci.yml 'CI' on push
          test     test
                     test: `pytest`, line 7
          ship-it  build > deploy, after test, environment production
                     build: `docker build`, line 14
                     deploy: `kubectl apply`, line 15

        .github/workflows/tell.yml on workflow_run
          starts after the end, good or bad, of 'CI' (.github/workflows/ci.yml)
          tell  notify
                  notify: `slackapi/slack-github-action`, line 7
        """
    )


def test_a_job_says_how_its_stages_were_told(project: Path) -> None:
    (project / ".github" / "workflows" / "e2e.yml").write_text(
        "on: push\njobs:\n  deploy-charts:\n    steps:\n"
        "    - run: kind create cluster\n    - run: helm install shop ./chart\n    - run: ./go\n"
    )

    assert draw("--why", "deploy-charts") == dedent(
        """\
        .github/workflows/e2e.yml deploy-charts  test
          of 'deploy-charts' where-to: it says where to ('charts')
          its names stand for deploy
          cluster: `kind create`, line 5 (commands: what it runs)
          deploy: `helm install`, line 6 (commands: what it runs)
          its names no longer stand for deploy (throw-away-names: it makes a cluster or a machine that is thrown away with it)
          not deploy but test: `helm install`, line 6 (throw-away: what goes to a cluster or a machine that is thrown away is a test)
        """
    )


def test_a_job_that_is_not_there_is_said_to_be_none(project: Path) -> None:
    result = CliRunner().invoke(main, ["pipeline", "--why", "ship"])

    assert result.exit_code == 2
    assert "no job has the id 'ship': `devopslint pipeline` lists them" in " ".join(result.output.split())


def test_json_lists_the_jobs(project: Path) -> None:
    jobs = {job["id"]: job for job in json.loads(draw("--format", "json"))["jobs"]}

    ship = jobs["ship-it"]
    assert {key: ship[key] for key in ("path", "stages", "needs", "environment")} == {
        "path": ".github/workflows/ci.yml",
        "stages": ["build", "deploy"],
        "needs": ["test"],
        "environment": "production",
    }
    assert {"stage": "deploy", "says": "`kubectl apply`", "path": ship["path"], "line": 15} in ship["evidence"]


def test_mermaid_draws_the_edges(project: Path) -> None:
    assert draw("--format", "mermaid", ".github/workflows/ci.yml") == dedent(
        """\
        flowchart LR
          subgraph p0[".github/workflows/ci.yml"]
            p0_0_test["test<br/>test"]
            p0_1_ship_it["ship-it<br/>build &gt; deploy<br/>to production"]
          end
          p0_0_test --> p0_1_ship_it
        """
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('a "b" <c> & d', "a &quot;b&quot; &lt;c&gt; &amp; d"),
        ("`**code**`", "#96;#42;#42;code#42;#42;#96;"),
        ("1. Test", "1#46; Test"),
        ("- test", "#45; test"),
        ("v1.2", "v1.2"),
        ("#quot; \\", "#35;quot; #92;"),
        ("two\nlines", "two lines"),
    ],
)
def test_mermaid_shows_any_name_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, shown: str
) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(json.dumps({name: {"script": ["pytest"], "allow_failure": True}}))
    monkeypatch.chdir(tmp_path)

    assert f'["{shown}<br/>test<br/>may fail"]' in draw("--format", "mermaid")


def test_the_text_tells_of_branches_children_and_what_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(
        dedent(
            """\
            include: {template: Jobs/SAST.gitlab-ci.yml}
            api: {trigger: {include: ci/.gitlab-ci.yml}, only: [main]}
            e2e: {trigger: {project: acme/e2e}, when: manual}
            """
        )
    )
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / ".gitlab-ci.yml").write_text("unit: {script: [pytest]}\n")
    (tmp_path / "Jenkinsfile").write_text("@Library('shop') _\nshopPipeline()\n")
    monkeypatch.chdir(tmp_path)

    assert draw() == dedent(
        """\
        .gitlab-ci.yml
          includes the template `Jobs SAST`, line 1: security
          api  test, only on main, starts ci/.gitlab-ci.yml
                 test: `pytest`, ci/.gitlab-ci.yml:1
          e2e  test, starts a pipeline that is not here, started by hand, and not waited for
                 test: its name 'e2e', line 3

        ci/.gitlab-ci.yml
          unit  test
                  test: `pytest`, line 1

        Jenkinsfile
          not read: holds no stages or steps that can be read; pipelines of libraries are not
        """
    )


def test_a_job_that_only_some_rules_leave_to_a_person_starts_itself_in_other_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(
        dedent(
            """\
            soak:
              script: [pytest]
              rules: [{if: $CI_MERGE_REQUEST_IID, when: manual}, {if: $CI_COMMIT_BRANCH == "main"}]
            load:
              script: [pytest]
              rules: [{if: $CI_MERGE_REQUEST_IID}]
              when: manual
            """
        )
    )
    monkeypatch.chdir(tmp_path)

    lines = draw().splitlines()
    assert lines[1].endswith("started by hand in some runs")
    assert lines[3].endswith("started by hand")


def test_a_broken_pipeline_is_named_and_not_called_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text("unit:\n  script: [pytest]\n lint:\n   script: [ruff check]\n")
    monkeypatch.chdir(tmp_path)

    assert draw() == ".gitlab-ci.yml\n  not read: holds no jobs that can be read\n"


def test_words_of_the_configuration_tell_stages(project: Path) -> None:
    (project / "devopslint.yaml").write_text("stages: {lint: {commands: [pytest]}}\n")

    assert "test     lint" in draw()


def test_words_of_the_configuration_reach_the_rules() -> None:
    files = {
        ".github/workflows/ci.yml": dedent(
            """
            on: push
            jobs:
              ship:
                runs-on: ubuntu-latest
                steps: [{run: acme-rules .}, {run: kubectl apply -f k8s/}]
            """
        )
    }

    def found(config: str) -> list[str]:
        return [f.rule.id for f in devopslint.check(files, select=["pipeline-missing-lint"], config=config)]

    assert found("{}") == ["pipeline-missing-lint"]
    assert found("stages: {lint: {commands: [acme-rules]}}") == []
