"""The model of pipelines: jobs, what they wait for, and what is put together from several files."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from devopslint.files import classify
from devopslint.model import Summaries
from devopslint.readers.jenkinsfile import read_jenkinsfile
from devopslint.views import view_of_kind
from devopslint.views.gitlab import GitlabFile
from devopslint.views.jenkins import Jenkinsfile
from devopslint.views.jobs import Job
from devopslint.views.pipeline import Pipelines


def read(files: dict[str, str]) -> Pipelines:
    summaries: list[object] = []
    for path, text in files.items():
        text = dedent(text)
        view = view_of_kind(classify(path, text) or "")
        assert view is not None, path
        summaries.extend(view.read(path, text).summaries())
    return Pipelines.of(Summaries(summaries))


def only(files: dict[str, str]) -> dict[str, Job]:
    (pipeline,) = read(files).pipelines
    return {job.id: job for job in pipeline.jobs}


def test_gitlab_jobs_wait_for_the_stages_before_theirs() -> None:
    jobs = only(
        {
            ".gitlab-ci.yml": """
                stages: [check, build, ship]
                unit: {stage: check, script: [pytest]}
                image: alpine
                pack: {stage: build, script: [docker build .]}
                prod:
                  stage: ship
                  script: kubectl apply -f k8s/
                  environment: {name: production}
                  when: manual
            """
        }
    )

    assert {job.id: job.needs for job in jobs.values()} == {"unit": (), "pack": ("unit",), "prod": ("unit", "pack")}
    assert jobs["prod"].stages == ("deploy",)
    assert (jobs["prod"].tier, jobs["prod"].manual) == ("production", True)


def test_gitlab_extends_anchors_references_and_includes_are_put_together() -> None:
    jobs = only(
        {
            ".gitlab-ci.yml": """
                include: {local: /.gitlab/ci/*.yml}
                default: {timeout: 10m}
                .setup: {script: [npm ci]}
                lint: &node
                  extends: .node
                  script: [!reference [.setup, script], npx eslint .]
                test:
                  <<: *node
                  needs: []
                  script: [npx jest]
            """,
            ".gitlab/ci/base.yml": ".node: {stage: test, allow_failure: true}\n",
        }
    )

    assert [step.script.text for step in jobs["lint"].steps if step.script] == ["npm ci", "npx eslint ."]
    assert (jobs["lint"].stages, jobs["test"].stages) == (("lint",), ("test",))
    assert jobs["lint"].tolerated is not None and jobs["lint"].timeout is not None


def test_a_gitlab_circle_of_extends_ends() -> None:
    text = ".a: {extends: [.b, .b]}\n.b: {extends: [.a, .a]}\njob: {extends: .a, script: [make]}\n"

    assert [job.id for job in only({".gitlab-ci.yml": text}).values()] == ["job"]


def test_jenkins_stages_follow_each_other() -> None:
    jobs = only(
        {
            "Jenkinsfile": """
                pipeline {
                  agent any
                  options { timeout(time: 1, unit: 'HOURS') }
                  stages {
                    stage('Test') {
                      parallel {
                        stage('Unit') { steps { sh 'npm test' } }
                        stage('Lint') { steps { sh "npm run lint" } }
                      }
                    }
                    stage('Production') {
                      input { message 'Go?' }
                      steps { sh '''
                        kubectl apply -f k8s/
                      ''' }
                    }
                  }
                  post { failure { slackSend channel: '#ops', message: 'broken' } }
                }
            """
        }
    )

    assert {job.id: job.needs for job in jobs.values() if job.id != "post"} == {
        "Unit": (),
        "Lint": (),
        "Production": ("Unit", "Lint"),
    }
    assert jobs["Production"].stages == ("deploy",) and jobs["Production"].manual
    assert jobs["Unit"].timeout is not None and jobs["Unit"].timeout.text == "60"
    assert jobs["post"].stages == ("notify",) and jobs["post"].only_after_failure


def test_a_jenkinsfile_with_all_that_groovy_allows_is_read() -> None:
    jobs = only(
        {
            "Jenkinsfile": """
                // libraries come first
                @Library('shared') _
                def image = "shop:${env.BUILD_ID}"
                pipeline {
                  agent { docker { image 'node:22' } }
                  environment { URL = 'https://shop.example/{path}' }
                  stages {
                    stage("Unit") {
                      matrix {
                        axes { axis { name 'OS'; values 'linux', 'mac' } }
                        stages { stage('On each') { steps { retry(3) { sh 'npm test' } } } }
                      }
                    }
                    stage('Ship') {
                      when { expression { return env.BRANCH_NAME == 'main' } }
                      steps {
                        withCredentials([string(credentialsId: 'kube', variable: 'TOKEN')]) {
                          script {
                            if (params.DRY) { echo 'dry' } else { sh label: 'apply', script: "kubectl apply -f k8s/" }
                          }
                        }
                        catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') { sh 'trivy image shop' }
                      }
                    }
                  }
                }
            """
        }
    )

    assert {job.id: (job.stages, job.needs) for job in jobs.values()} == {
        "On each": (("test",), ()),
        "Ship": (("deploy", "security"), ("On each",)),
    }
    assert [
        step.continue_on_error.text for step in jobs["Ship"].steps if step.script and "trivy" in step.script.text
    ] == ["true"]


def test_a_scripted_jenkinsfile_is_not_checked() -> None:
    view = Jenkinsfile.read("Jenkinsfile", "node {\n  stage('Build') { sh 'make' }\n}\n")

    assert [gap.reason for gap in view.not_checked] == ["is a scripted pipeline; only declarative ones are read"]
    assert view.unchecked
    assert not list(view.summaries())


def test_called_workflows_and_named_scripts_tell_what_a_job_does() -> None:
    view = read(
        {
            ".github/workflows/main.yml": """
                on: push
                jobs:
                  checks: {uses: ./.github/workflows/quality.yml}
                  ship:
                    needs: checks
                    runs-on: ubuntu-latest
                    steps: [{run: make go-live}]
            """,
            ".github/workflows/quality.yml": """
                on: workflow_call
                jobs:
                  all:
                    runs-on: ubuntu-latest
                    steps: [{run: npm run ci}]
            """,
            "Makefile": "go-live: image\n\tkubectl apply -f k8s/\nimage:\n\tdocker build .\n",
            "package.json": '{"scripts": {"ci": "eslint . && vitest run"}}',
        }
    )
    jobs = {job.id: job for pipeline in view.pipelines for job in pipeline.jobs}

    assert jobs["checks"].stages == ("lint", "test")
    assert jobs["ship"].stages == ("build", "deploy")
    evidence = jobs["ship"].evidence("deploy")
    assert evidence is not None and str(evidence) == "`make go-live`: `kubectl apply`, line 8"


def test_a_workflow_run_puts_one_pipeline_behind_another() -> None:
    view = read(
        {
            ".github/workflows/ci.yml": "name: CI\non: push\njobs: {test: {steps: [{run: pytest}]}}\n",
            ".github/workflows/deploy.yml": """
                on: {workflow_run: {workflows: [CI], types: [completed]}}
                jobs:
                  deploy:
                    if: github.event.workflow_run.conclusion == 'success'
                    steps: [{run: helm upgrade api ./chart}]
            """,
        }
    )
    deploy = view.pipelines[1]

    assert deploy.stages_before() == {"test"}
    assert [start.checked for start in deploy.starts_after] == [True]


@given(st.text(alphabet="pipeline{}stages()'\"\n /*\\[]:;#$", max_size=200))
def test_any_text_gives_statements(text: str) -> None:
    assert isinstance(read_jenkinsfile(text), list)
    list(Jenkinsfile.read("Jenkinsfile", f"pipeline {{ {text}").summaries())


@given(st.text(max_size=200))
def test_any_text_gives_a_gitlab_pipeline(text: str) -> None:
    found = Pipelines.of(Summaries(GitlabFile.read(".gitlab-ci.yml", text).summaries()))

    assert {pipeline.path for pipeline in found.pipelines} <= {".gitlab-ci.yml"}
