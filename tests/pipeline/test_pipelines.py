"""The model of pipelines: jobs, what they wait for, and what is put together from several files."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint import check
from devopslint.files import classify, layout_of
from devopslint.gitlab.jobs import GitlabFile
from devopslint.jenkins.jenkinsfile import NOT_READ, Jenkinsfile
from devopslint.jenkins.reader import read_jenkinsfile
from devopslint.jenkins.summaries import UnreadPipeline
from devopslint.model import Summaries
from devopslint.pipeline.checks.time import minutes
from devopslint.pipeline.jobs import Job, tells_of_failure
from devopslint.pipeline.pipelines import Pipelines, repositories
from devopslint.registry import view_of_kind
from tests.work import lines_run


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


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{run: tox}", {"lint"}),
        ("{run: TOXENV=unit tox}", {"test"}),
        ("{run: 'export TOXENV=unit,style; tox -v'}", {"lint", "test"}),
        ("{run: tox, env: {TOXENV: unit}}", {"test"}),
        ("{run: tox, env: {TOXENV: '${{ matrix.tox }}'}}", {"test"}),
        ("{run: tox -e style, env: {TOXENV: unit}}", {"lint"}),
    ],
)
def test_a_variable_says_which_environments_tox_runs(step: str, expected: set[str]) -> None:
    files = {
        "tox.ini": "[tox]\nenvlist = style\n[testenv:style]\ncommands = ruff check\n[testenv:unit]\ncommands = pytest\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  go:\n    runs-on: ubuntu-24.04\n    strategy: {matrix: {tox: [unit]}}\n"
        f"    steps: [{step}]\n",
    }

    assert set(only(files)["go"].stages) == expected


INI = "[%s]\nenvlist = style\n[testenv]\ncommands =\n    style: ruff check\n    unit: pytest\n[testenv:docs]\ncommands = echo x\n"
TOML = (
    "%senv_list = ['style']\n[%senv_run_base]\ncommands = [['pytest', '-q']]\n"
    "[%senv.style]\ncommands = [['ruff', 'check', '.']]\n[%senv.docs]\ncommands = [['echo', 'x']]\n"
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tox.ini", INI % "tox"),
        ("setup.cfg", INI % "tox:tox"),
        ("tox.toml", TOML % ("", "", "", "")),
        ("pyproject.toml", TOML % ("[tool.tox]\n", "tool.tox.", "tool.tox.", "tool.tox.")),
        ("pyproject.toml", f'[tool.tox]\nlegacy_tox_ini = """\n{INI % "tox"}"""\n'),
    ],
)
def test_tox_keeps_its_environments_in_files_of_several_kinds(path: str, text: str) -> None:
    workflow = "on: push\njobs:\n" + "".join(
        f"  {job}: {{runs-on: ubuntu-24.04, steps: [{{run: tox {options}}}]}}\n"
        for job, options in (("a", ""), ("b", "-e py312-unit"), ("c", "-e docs"))
    )

    jobs = only({path: text, ".github/workflows/ci.yml": workflow})

    stages = {name: set(job.stages) for name, job in jobs.items()}
    assert stages["a"] == {"lint"}
    assert stages["c"] == set()
    assert stages["b"] == {"test"}


@pytest.mark.parametrize(
    "command",
    ["yarn workspace web suite", "yarn workspace web run suite", "pnpm --filter web suite", "pnpm -F web run suite"],
)
def test_a_script_of_a_workspace_is_that_of_its_package(command: str) -> None:
    files = {
        "package.json": '{"workspaces": ["web"], "scripts": {"suite": "echo"}}',
        "web/package.json": '{"name": "web", "scripts": {"suite": "jest"}}',
        ".github/workflows/ci.yml": f"on: push\njobs: {{go: {{runs-on: ubuntu-24.04, steps: [{{run: {command}}}]}}}}\n",
    }

    assert set(only(files)["go"].stages) == {"test"}


@pytest.mark.parametrize(
    ("step", "stages"),
    [
        ("{uses: softprops/action-gh-release@v2, with: {draft: true}}", set()),
        ("{uses: softprops/action-gh-release@v2}", {"publish"}),
        ("{run: gh release create v1 --draft dist/*}", set()),
        ("{run: gh release create v1 dist/*}", {"publish"}),
    ],
)
def test_a_draft_of_a_release_is_no_publication(step: str, stages: set[str]) -> None:
    workflow = f"on: push\njobs: {{go: {{runs-on: ubuntu-24.04, steps: [{step}]}}}}\n"

    assert set(only({".github/workflows/ci.yml": workflow})["go"].stages) == stages


@pytest.mark.parametrize("command", ["npx eslint --fix . || true", "rubocop -A || true", "gofmt -l -w . || true"])
@pytest.mark.parametrize("commits", [True, False])
def test_a_linter_that_repairs_files_for_a_commit_is_no_gate(command: str, commits: bool) -> None:
    behind = ", {uses: peter-evans/create-pull-request@v7}" if commits else ""
    workflow = f"on: push\njobs: {{go: {{runs-on: ubuntu-24.04, steps: [{{run: '{command}'}}{behind}]}}}}\n"

    assert ("lint" in only({".github/workflows/ci.yml": workflow})["go"].stages) is not commits


def test_a_makefile_includes_what_a_variable_names() -> None:
    files = {
        "Makefile": "KIND := mk\ninclude build/*.$(KIND)\ninclude build/more.make\n",
        "build/a.mk": "go:\n\tpytest\n",
        "build/more.make": "style:\n\truff check .\n",
        ".github/workflows/ci.yml": "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: make go style}]}}\n",
    }

    assert set(only(files)["a"].stages) == {"test", "lint"}


def test_an_argument_of_a_recipe_is_no_stage() -> None:
    files = {
        "justfile": "run name:\n    echo {{name}}\none:\n    echo\nstyle:\n    ruff check\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  go: {runs-on: ubuntu-24.04, steps: [{run: just run test}]}\n"
        "  both: {runs-on: ubuntu-24.04, steps: [{run: just one style}]}\n",
    }

    jobs = only(files)

    assert jobs["go"].stages == ()
    assert jobs["both"].stages == ("lint",)


def test_what_npm_runs_before_it_publishes_counts() -> None:
    files = {
        "package.json": '{"scripts": {"prepublishOnly": "jest"}}',
        ".github/workflows/ci.yml": "on: push\njobs: {go: {runs-on: ubuntu-24.04, steps: [{run: npm publish}]}, "
        "bare: {runs-on: ubuntu-24.04, steps: [{run: npm publish --ignore-scripts}]}}\n",
    }

    jobs = only(files)

    assert set(jobs["go"].stages) == {"publish", "test"}
    assert set(jobs["bare"].stages) == {"publish"}


def test_what_a_script_runs_outweighs_its_name() -> None:
    jobs = only(
        {
            "Makefile": """
                deploy: tools
                \t./ci/push.sh
                tools:
                \tgo install example.com/golangci-lint@v2
                all: golangci-lint
                \tpytest
                golangci-lint:
                \ttest -s bin/lint || go install example.com/golangci-lint@v2
                install-tools:
                \tgovulncheck -version
            """.replace("                ", "").replace("\\t", "\t"),
            "ci/push.sh": "docker build -t shop .\ndocker push shop\n",
            "ci/case.sh": "case $1 in\ndeploy) kubectl apply -f k8s ;;\nesac\n",
            ".github/workflows/ci.yml": """
                on: push
                jobs:
                  named: {steps: [{run: make deploy}]}
                  all: {steps: [{run: make all}]}
                  tools: {steps: [{run: make install-tools}]}
                  branch: {steps: [{run: ./ci/case.sh test}]}
                  inside: {steps: [{run: ./push.sh, working-directory: ci}]}
                  nested: {steps: [{uses: actions/checkout@v4, with: {path: src}}, {run: ci/push.sh, working-directory: src}]}
            """,
        }
    )

    assert {name: job.stages for name, job in jobs.items()} == {
        "named": ("build",),
        "all": ("test",),
        "tools": (),
        "branch": (),
        "inside": ("build",),
        "nested": ("build",),
    }


@pytest.mark.parametrize(
    ("job", "tier"),
    [
        ("strategy: {matrix: {to: [qa, staging]}}, environment: '${{ matrix.to }}'", "staging"),
        ("strategy: {matrix: {to: [staging, production]}}, environment: '${{ matrix.to }}'", "production"),
        ("environment: {name: prod-eu}", "production"),
        ("env: {WHERE: uat}, environment: '${{ env.WHERE }}'", "staging"),
    ],
)
def test_the_tier_is_that_of_the_environment(job: str, tier: str) -> None:
    text = f"on: push\njobs:\n  deploy-before-production: {{{job}, steps: [{{run: helm upgrade shop .}}]}}\n"

    assert only({".github/workflows/cd.yml": text})["deploy-before-production"].tier == tier


def test_the_tier_is_that_of_the_command_before_that_of_the_name() -> None:
    text = "on: push\njobs:\n  deploy-production: {steps: [{run: helm upgrade shop . --namespace shop-dev}]}\n"

    assert only({".github/workflows/cd.yml": text})["deploy-production"].tier == "staging"


@pytest.mark.parametrize(
    ("job", "stages"),
    [
        ("{stage: deploy, script: [./run]}", ()),
        ("{stage: deploy, environment: production, script: [./run]}", ("deploy",)),
        ("{stage: test, script: [./run]}", ("test",)),
    ],
)
def test_a_job_that_is_not_read_is_no_deploy_by_the_name_of_its_gitlab_stage(job: str, stages: tuple[str, ...]) -> None:
    jobs = only({".gitlab-ci.yml": f"stages: [test, deploy]\nrelay: {job}\n"})

    assert jobs["relay"].stages == stages


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


def test_a_gitlab_job_made_of_several_anchors_has_the_script_of_one_and_the_branches_of_another() -> None:
    jobs = only(
        {
            ".gitlab-ci.yml": """
                .upload: &upload {stage: deploy, script: [make upload]}
                .stable: &stable {only: [main]}
                stable upload:
                  <<: *upload
                  <<: *stable
            """
        }
    )

    assert [step.script.text for step in jobs["stable upload"].steps if step.script] == ["make upload"]
    assert jobs["stable upload"].refs == {"main"}


def test_a_gitlab_branch_of_one_project_is_that_branch() -> None:
    jobs = only(
        {
            ".gitlab-ci.yml": """
                nightly: {script: [make], only: [main@acme/shop]}
                branches: {script: [make], only: [branches@acme/shop]}
                versions: {script: [make], only: ["/^v[0-9]+$/@acme/shop"]}
            """
        }
    )

    assert {job.id: job.refs for job in jobs.values()} == {"nightly": {"main"}, "branches": set(), "versions": set()}


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
    limit = jobs["Unit"].pipeline.timeout
    assert limit is not None and limit.text == "60"
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


def test_stages_of_a_jenkinsfile_take_over_what_stands_around_them() -> None:
    jobs = only(
        {
            "Jenkinsfile": """
                pipeline {
                  agent any
                  stages {
                    stage('Production') {
                      when { allOf { branch 'main'; not { changeRequest() } } }
                      input { message 'Go?' }
                      options { lock resource: 'prod'; timeout(time: 10, unit: 'MINUTES') }
                      stages {
                        stage('Rollout') { steps { sh 'helm upgrade shop chart' } }
                        stage('Verify') { steps { sh './smoke.sh' } }
                      }
                      post { failure { slackSend channel: '#shop',
                                                 message: 'failed' } }
                    }
                  }
                }
            """
        }
    )
    rollout, verify = jobs["Rollout"], jobs["Verify"]

    assert (rollout.manual, verify.manual) == (True, False)
    assert (rollout.refs, rollout.pull_requests_only, rollout.serialized) == (frozenset({"main"}), False, True)
    assert verify.timeout is not None and verify.timeout.text == "10"
    assert verify.stages == ("test", "notify") and tells_of_failure(verify)


def test_groovy_inside_of_stages_is_followed() -> None:
    jobs = only(
        {
            "Jenkinsfile": r"""
                pipeline {
                  agent any
                  stages {
                    stage('Test') {
                      when { expression { env.BRANCH_NAME ==~ /(main|it's \/ {)/ } }
                      steps {
                        script {
                          parallel(
                            'unit': { dir('api') { sh "pytest -k \"${params.get("ONLY") ?: 'all'}\"" } },
                            'lint': { sh(script: 'ruff check .', returnStatus: true) },
                          )
                          def tag = sh(script: 'git describe', returnStdout: true).trim()
                          def image = docker.build("shop:${tag}")
                        }
                      }
                    }
                    stage('Ship') {
                      steps {
                        script {
                          try { sh 'kubectl set image deploy/shop shop=shop:2' }
                          catch (Exception e) { slackSend message: "failed: ${e.getMessage()}" }
                        }
                      }
                    }
                  }
                }
            """
        }
    )

    assert jobs["Test"].stages == ("test", "lint", "build") and jobs["Test"].matrix
    assert [ran.step.continue_on_error.text for ran in jobs["Test"].ran if ran.said.stage == "lint"] == ["true"]
    assert jobs["Ship"].needs == ("Test",) and tells_of_failure(jobs["Ship"])


def test_a_step_that_starts_another_job_of_jenkins_builds_nothing_itself() -> None:
    jobs = only(
        {
            "Jenkinsfile": """
                pipeline {
                  agent any
                  stages {
                    stage('Hand over') {
                      steps { build job: 'shop/rollout', parameters: [string(name: 'TAG', value: env.BUILD_NUMBER)] }
                    }
                    stage('Wait for it') { steps { script { def run = build(job: env.NEXT, wait: true) } } }
                    stage('Compile') { steps { script { build = docker.build('shop') } } }
                  }
                }
            """
        }
    )

    assert [(job.stages, job.downstream) for job in jobs.values()] == [
        ((), True),
        ((), True),
        (("build",), False),
    ]
    assert jobs["Hand over"].opaque


def test_lines_of_a_windows_shell_go_on_behind_its_own_mark() -> None:
    jobs = only(
        {
            "Jenkinsfile": """
                pipeline {
                  agent { label 'windows' }
                  stages {
                    stage('Send') {
                      steps {
                        bat '''
                          curl --fail ^
                            --upload-file shop.war ^
                            deploy?path=/shop
                          helm upgrade ^
                            --install shop chart
                        '''
                        powershell '''
                          dotnet `
                            test
                        '''
                      }
                    }
                  }
                }
            """
        }
    )

    assert [(ran.said.stage, ran.location.line) for ran in jobs["Send"].ran] == [("deploy", 11), ("test", 15)]


@pytest.mark.parametrize("part", ['"""${', '"${', "(/", "(/\\", "$/", "{ 'a': {", "parallel a: { sh('x', "])
def test_the_work_over_a_jenkinsfile_grows_with_its_length(part: str) -> None:
    read_jenkinsfile(part)  # expressions are compiled when they are first needed

    assert lines_run(lambda: read_jenkinsfile(part * 800)) < 2.5 * lines_run(lambda: read_jenkinsfile(part * 400))


def test_gitlab_jobs_start_child_pipelines() -> None:
    view = read(
        {
            ".gitlab-ci.yml": """
                api: {trigger: {include: services/api/.gitlab-ci.yml, strategy: depend}}
                elsewhere: {trigger: {project: shop/e2e}}
            """,
            "services/api/.gitlab-ci.yml": """
                unit: {stage: test, script: [pytest]}
                live: {stage: deploy, environment: production, script: [kubectl apply -f k8s/]}
            """,
        }
    )
    root, child = view.pipelines

    assert (root.path, child.path) == (".gitlab-ci.yml", "services/api/.gitlab-ci.yml")
    assert root.jobs[0].callee is child and child.only_called
    assert (root.jobs[0].stages, root.jobs[0].tier) == (("test", "deploy"), "production")
    assert root.jobs[1].unseen


def test_gitlab_rules_and_children_that_multiply_are_read_in_little_time() -> None:
    rules = "".join(f".r{n}: {{rules: [{f'!reference [.r{n + 1}, rules], ' * 9}]}}\n" for n in range(9))
    jobs = "".join(f"j{n}: {{script: [make], rules: [!reference [.r0, rules]]}}\n" for n in range(20))
    starts = "".join(f"s{n}: {{trigger: {{include: PATH}}}}\n" for n in range(150))
    view = read(
        {
            ".gitlab-ci.yml": rules + jobs + starts.replace("PATH", "a/.gitlab-ci.yml"),
            "a/.gitlab-ci.yml": starts.replace("PATH", "b/.gitlab-ci.yml"),
            "b/.gitlab-ci.yml": starts.replace("PATH", ".gitlab-ci.yml"),
        }
    )

    assert [len(pipeline.jobs) for pipeline in view.pipelines] == [170, 150, 150]


def test_gitlab_rules_say_when_a_job_runs() -> None:
    jobs = only(
        {
            ".gitlab-ci.yml": """
                stages: [check, stage, live]
                .rules: {reviewed: [{if: $CI_PIPELINE_SOURCE == "merge_request_event"}]}
                lint: {stage: check, script: [ruff check .], rules: [!reference [.rules, reviewed]]}
                audit: {stage: check, script: [pip-audit], only: [schedules]}
                staging: {stage: stage, script: [cap staging deploy], when: manual}
                approve: {stage: stage, script: ["true"], when: manual, allow_failure: false}
                production:
                  stage: live
                  script: [cap production deploy]
                  rules: [{if: $CI_COMMIT_BRANCH == "main"}, {if: $CI_COMMIT_TAG, allow_failure: true}]
                tolerated: {stage: live, script: [tox], rules: [{if: $A, allow_failure: true}]}
            """
        }
    )

    assert jobs["lint"].pull_requests_only and jobs["audit"].by_hand_only
    assert (jobs["staging"].by_hand_only, jobs["approve"].by_hand_only) == (True, False)
    assert jobs["production"].needs == ("lint", "audit", "approve")
    assert (jobs["production"].refs, jobs["production"].tolerated) == (frozenset({"main", "tags"}), None)
    assert jobs["tolerated"].tolerated is not None


def test_gitlab_keywords_beside_the_script() -> None:
    jobs = only(
        {
            ".gitlab-ci.yml": """
                default: {before_script: [npm ci], timeout: 5m}
                unit: {run: [{name: unit, script: npm test}, {name: other, step: ./step}]}
                bare: {inherit: {default: [timeout]}, script: [npx eslint .]}
                notes: {stage: deploy, script: [echo], release: {tag_name: v1}, environment: {name: x, deployment_tier: production}}
                pages: {stage: deploy, script: [mkdocs build], pages: true}
                stop: {stage: deploy, script: [helm uninstall shop], environment: {name: staging, action: stop}}
                eu: {stage: deploy, script: [pytest]}
            """
        }
    )

    assert jobs["unit"].stages == ("test",)
    assert [step.script.text for step in jobs["bare"].steps if step.script] == ["npx eslint ."] and jobs["bare"].timeout
    assert jobs["notes"].tier == "production" and "publish" in jobs["notes"].stages
    assert jobs["pages"].stages == ("build", "deploy")
    assert jobs["stop"].stages == ()
    assert jobs["eu"].stages == ("test",)


def test_jobs_of_different_branches_do_not_meet() -> None:
    jobs = only(
        {
            ".github/workflows/ci.yml": """
                on: push
                jobs:
                  main: {if: github.ref == 'refs/heads/main', steps: []}
                  next: {if: "${{ github.ref_name == 'next' && success() }}", steps: []}
                  tag: {if: "startsWith(github.ref, 'refs/tags/v')", steps: []}
                  any: {if: github.ref == 'refs/heads/main' || github.event_name == 'push', steps: []}
            """
        }
    )

    assert [[one.id for one in jobs.values() if one.meets(job)] for job in jobs.values()] == [
        ["main", "any"],
        ["next", "any"],
        ["tag", "any"],
        ["main", "next", "tag", "any"],
    ]


def test_a_jenkinsfile_of_a_library_is_not_checked() -> None:
    view = Jenkinsfile.read("Jenkinsfile", "@Library('shop') _\nshopPipeline(team: 'web')\n")

    assert [gap.reason for gap in view.not_checked] == [NOT_READ]
    assert view.unchecked
    assert read({"Jenkinsfile": view.text}).unread == (UnreadPipeline("Jenkinsfile", NOT_READ),)


@pytest.mark.parametrize("wrapper", ["shopPipeline", "withNightlyPipeline('java')"])
def test_what_runs_a_pipeline_may_set_its_limit(wrapper: str) -> None:
    stages = "stage('Test') { sh 'make test' }"
    rule = "pipeline-missing-timeout"

    (known,) = check({"Jenkinsfile": f"node {{\n  {stages}\n}}\n"}, select=[rule])
    wrapped = check(
        {"Jenkinsfile": f"{wrapper} {{\n  node('linux') {{ withCredentials([]) {{ {stages} }} }}\n}}\n"}, select=[rule]
    )

    assert known.message == "has no `timeout` in its options: it may hang for ever"
    assert list(wrapped) == []
    assert [one.because for one in wrapped.not_known] == [
        f"'{wrapper.partition('(')[0]}' of a library runs it, and may set a limit"
    ]


def test_a_scripted_jenkinsfile_is_read_as_far_as_its_blocks_go() -> None:
    jobs = only(
        {
            "Jenkinsfile": """
                def ship(target) {
                  sh "helm upgrade shop ./chart --namespace ${target}"
                }
                properties([disableConcurrentBuilds()])
                node('linux') {
                  timeout(time: 20, unit: 'MINUTES') {
                    checkout scm
                    try {
                      stage('Lint') { sh 'golangci-lint run' }
                      parallel(
                        unit: { stage('Unit') { dir('api') { sh 'go test ./...' } } },
                        scan: { stage('Scan') { sh 'trivy fs .' } }
                      )
                      stage('Image') { sh \"\"\"
                        docker build -t shop .
                      \"\"\" }
                    } catch (e) {
                      slackSend channel: '#shop'
                      throw e
                    }
                  }
                }
                input 'Deploy?'
                node {
                  if (env.BRANCH_NAME == 'main') {
                    stage('Production') { ship('shop') }
                  }
                }
            """
        }
    )

    assert {name: (job.stages, job.needs) for name, job in jobs.items()} == {
        "Lint": (("lint",), ()),
        "Unit": (("test",), ("Lint",)),
        "Scan": (("security",), ("Lint",)),
        "Image": (("build",), ("Unit", "Scan")),
        "Production": (("deploy",), ("Image",)),
        "post": (("notify",), ("Lint", "Unit", "Scan", "Image", "Production")),
    }
    assert jobs["Lint"].timeout is not None
    assert jobs["Lint"].timeout.text == "20"
    assert (jobs["Production"].manual, jobs["Production"].refs) == (True, frozenset(("main",)))
    assert jobs["Production"].serialized
    assert {step.script.text: step.folder for step in jobs["Unit"].steps if step.script}["go test ./..."] == "api"


def test_what_stands_in_no_stage_of_a_jenkinsfile_belongs_to_the_one_before() -> None:
    jobs = only({"Jenkinsfile": "node {\n  sh 'make'\n  stage('Check') { echo 'x' }\n  sh 'pytest'\n}\n"})

    assert {name: job.stages for name, job in jobs.items()} == {"node": ("build",), "Check": ("test",)}


def test_functions_of_a_jenkinsfile_that_call_each_other_end() -> None:
    text = "def a() {\n b()\n}\ndef b() {\n a()\n stage('Unit') { sh 'pytest' }\n}\nnode { a() }\n"

    assert read({"Jenkinsfile": text}).pipelines[0].jobs[0].stages == ("test",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Jenkinsfile", "@Library('shop') _\nshopPipeline()\n"),
        ("Jenkinsfile", "@Library('shop') _\nnode { stage('Image') { sh 'docker build .' } }\n"),
        (".circleci/config.yml", "version: 2.1\njobs: {}\n"),
        ("azure-pipelines.yml", "steps: [{script: pytest}]\n"),
        (".travis.yml", "script: pytest\n"),
        (".github/cloudbuild/ci.yaml", "steps:\n- {name: golang, args: [go, test]}\n"),
        ("api/cloudbuild.yaml", "steps:\n- {name: golang, args: [go, test]}\n"),
        (".tekton/push.yaml", "apiVersion: tekton.dev/v1\nkind: PipelineRun\n"),
        ("ci/tests.groovy", "def call() { sh 'pytest' }\n"),
        ("buildspec.yml", "version: 0.2\n"),
    ],
)
def test_nothing_is_said_to_be_missing_beside_a_pipeline_that_is_not_read(path: str, text: str) -> None:
    cd = "on: push\njobs:\n  ship: {steps: [{run: helm upgrade shop . --namespace prod}]}\n"
    view = read({".github/workflows/cd.yml": cd, path: text})

    (repository,) = repositories(view)
    assert not repository.complete
    assert [one.path for one in view.unread] == ([] if "node" in text else [path])


def test_what_a_pipeline_that_is_not_read_may_do_is_not_known() -> None:
    cd = "on: push\njobs:\n  ship: {steps: [{run: helm upgrade shop . --namespace prod}]}\n"
    report = check(
        {".github/workflows/cd.yml": cd, ".travis.yml": "script: pytest\n"}, select=["pipeline-missing-test"]
    )

    assert [(one.path, one.line, one.reason) for one in report.not_known] == [
        (
            ".github/workflows/cd.yml",
            3,
            "whether some job runs tests, because .travis.yml is a pipeline that is not read",
        )
    ]
    assert [(one.path, one.reason) for one in report.not_checked] == [
        (".travis.yml", "is a pipeline of Travis CI, which is not read")
    ]


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


GITLAB = {
    ".gitlab-ci.yml": "include:\n  - local: /ci/build.yml\n  - ci/deploy/*.yml\n  - remote: https://example.com/ci/k8s.yml\n"
    "child: {trigger: {include: [{local: ci/child.yml}]}}\n",
    "ci/build.yml": "include: ci/nested.yml\nbuild: {script: [make]}\n",
    "ci/nested.yml": "unit: {script: [pytest]}\n",
    "ci/deploy/prod.yml": "prod: {stage: deploy, script: [kubectl apply -f k8s], environment: production}\n",
    "ci/child.yml": "lint: {script: [ruff check .]}\n",
    "ci/k8s.yml": "a: {script: [make]}\n",
    "ci/unrelated.yml": "b: {script: [make]}\n",
}


def test_what_a_gitlab_pipeline_includes_is_gitlabs_wherever_it_is() -> None:
    layout = layout_of(GITLAB, GITLAB.__getitem__)

    assert sorted(layout) == ["ci/build.yml", "ci/child.yml", "ci/deploy/prod.yml", "ci/nested.yml"]
    assert classify("ci/build.yml", GITLAB["ci/build.yml"], layout) == "gitlab"
    assert classify("ci/unrelated.yml", GITLAB["ci/unrelated.yml"], layout) is None


def test_a_deploy_in_an_included_file_is_judged_with_the_whole_pipeline() -> None:
    known = GITLAB[".gitlab-ci.yml"].replace("  - remote: https://example.com/ci/k8s.yml\n", "")
    found = check({**GITLAB, ".gitlab-ci.yml": known}, select=["pipeline-unchecked-rollout"])

    assert [(f.location.path, f.location.line) for f in found] == [("ci/deploy/prod.yml", 1)]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("kubectl apply -f pod.yaml", 1),
        ("kubectl apply -f pod.yaml\n        kubectl get pods", 1),
        (
            'kubectl apply -f pod.yaml\n        while [ "$NOW" = Pending ]; do\n          sleep 10\n'
            "          NOW=$(kubectl get pod shop -o json | jq -r .status.phase)\n        done",
            0,
        ),
    ],
)
def test_a_loop_that_asks_for_the_pods_waits_for_a_rollout(script: str, found: int) -> None:
    workflow = f"""\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
    - run: |
        {script}
"""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: shop, image: 'example/shop:1'}]}\n"

    problems = check({".github/workflows/cd.yml": workflow, "pod.yaml": pod}, select=["pipeline-unchecked-rollout"])

    assert len(problems) == found


@pytest.mark.parametrize(
    ("pattern", "included"),
    [
        ("/ci/*.yml", ["ci/a.yml", "ci/ab.yml"]),
        ("ci/*b*.yml", ["ci/ab.yml"]),
        ("**.yml", ["ci/a.yml", "ci/ab.yml", "ci/on/a.yml", "ci/on/b.yml"]),
        ("ci/**/a.yml", ["ci/a.yml", "ci/on/a.yml"]),
        ("**/on/*b*", ["ci/on/b.yml"]),
        ("**a**b.yml", ["ci/ab.yml"]),
        ("ci/a.y?l", []),
        ("**a" * 60 + "*" * 60 + ".yml", []),
    ],
)
def test_an_include_with_stars_names_what_matches(pattern: str, included: list[str]) -> None:
    long = "ci/" + "a" * 120
    paths = ["ci/a.yml", "ci/ab.yml", "ci/on/a.yml", "ci/on/b.yml", f"{long}.yaml"]
    files = {".gitlab-ci.yml": f"include: '{pattern}'\n", **dict.fromkeys(paths, "")}

    found = layout_of(files, files.__getitem__)

    assert sorted(found) == included


def large_gitlab_pipeline(jobs: int, keys: int) -> dict[str, str]:
    """Each job in a stage of its own, and each of them extends one with so many keys."""
    mapping = f"{{{', '.join(f'k{n}: 1' for n in range(keys))}}}"
    entries = [
        f"stages: [{', '.join(f's{n}' for n in range(jobs))}]",
        f"default: {mapping}",
        f".base: {mapping}",
        *(f"j{n}: {{stage: s{n}, extends: .base, script: make}}" for n in range(jobs)),
    ]
    return {".gitlab-ci.yml": "\n".join(entries)}


def test_the_jobs_of_very_many_gitlab_stages_wait_for_the_stage_before_theirs_alone() -> None:
    jobs = only(large_gitlab_pipeline(1_000, 2))

    assert jobs["j999"].needs == ("j998",) and jobs["j0"].needs == ()


@pytest.mark.parametrize(("jobs", "keys", "times_jobs", "times_keys"), [(60, 5, 2, 1), (10, 150, 1, 2)])
def test_the_work_over_a_gitlab_pipeline_grows_with_its_jobs_and_with_their_keys(
    jobs: int, keys: int, times_jobs: int, times_keys: int
) -> None:
    work = lines_run(lambda: only(large_gitlab_pipeline(jobs, keys)))

    assert lines_run(lambda: only(large_gitlab_pipeline(times_jobs * jobs, times_keys * keys))) < 2.5 * work


def test_includes_in_a_circle_come_to_an_end() -> None:
    files = {".gitlab-ci.yml": "include: a.yml\n", "a.yml": "include: b.yml\n", "b.yml": "include: [a.yml, '**.yml']\n"}

    assert set(layout_of(files, files.__getitem__)) == {"a.yml", "b.yml"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3h30m", 210),
        ("3H 30M", 210),
        ("3 hours and 30 mins", 210),
        ("1h, 30m", 90),
        ("one hour", 60),
        ("forty-five minutes", 45),
        ("2 wks", 20_160),
        ("1 mo", 43_200),
        ("1:30:00", 90),
        ("90:00", 90),
        ("7200", 120),
        ("1.5 hrs", 90),
        ("$LIMIT", None),
        ("3 apples", None),
        ("m", None),
    ],
)
def test_durations_as_gitlab_reads_them(text: str, expected: float | None) -> None:
    assert minutes(text, "s") == expected


def test_a_bare_number_is_in_the_unit_of_its_system() -> None:
    github = "on: push\njobs: {unit: {runs-on: ubuntu-24.04, timeout-minutes: 90, steps: [{run: pytest}]}}\n"
    files = {".gitlab-ci.yml": "unit: {script: [pytest], timeout: 90}\n", ".github/workflows/ci.yml": github}

    found = check(files, select=["pipeline-excessive-timeout"])

    assert [(one.location.path, one.message) for one in found] == [
        (".github/workflows/ci.yml", "job 'unit' may take 90 minutes, more than 60")
    ]


@pytest.mark.parametrize(("environment", "told"), [("environment: staging\n    ", True), ("", False)])
def test_a_job_that_syncs_an_environment_deploys(environment: str, told: bool) -> None:
    text = f"""\
on: push
jobs:
  sync_site:
    {environment}runs-on: ubuntu-latest
    steps:
      - uses: jakejarvis/s3-sync-action@master
"""

    found = check({".github/workflows/site.yml": text}, select=["pipeline-concurrent-deploys"])

    assert bool(found) == told


CALLED = """\
on:
  workflow_call:
    inputs: {push: {type: boolean, default: false}}
jobs:
  chart:
    runs-on: ubuntu-latest
    steps:
      - run: helm package charts/shop
      - if: inputs.push
        run: helm push shop-1.0.0.tgz oci://registry.example.com/charts
"""


@pytest.mark.parametrize(
    ("given", "publishes"), [("", False), (", with: {push: false}", False), (", with: {push: true}", True)]
)
def test_what_an_input_lets_run_that_the_caller_leaves_off_is_not_done(given: str, publishes: bool) -> None:
    calling = f"on: push\njobs:\n  lint: {{uses: ./.github/workflows/chart.yml{given}}}\n"

    pipelines = read({".github/workflows/ci.yml": calling, ".github/workflows/chart.yml": CALLED}).pipelines

    (job,) = next(one.jobs for one in pipelines if one.path.endswith("ci.yml"))
    assert ("publish" in job.all_stages) == publishes


def test_a_job_called_deploy_that_publishes_with_gradle_publishes() -> None:
    text = "deploy: {stage: deploy, script: [./gradlew $FLAGS check publish]}\n"

    assert "deploy" not in only({".gitlab-ci.yml": text})["deploy"].stages


@pytest.mark.parametrize(("condition", "steps"), [("false", 0), ("${{ false }}", 0), ("github.ref == 'a'", 1)])
def test_a_step_that_is_only_kept_for_later_does_nothing(condition: str, steps: int) -> None:
    workflow = f"""
        on: push
        jobs:
          ship:
            runs-on: ubuntu-24.04
            steps:
              - if: {condition}
                run: argocd app sync shop
        """
    files = {".github/workflows/ship.yml": workflow}

    assert (
        len(check({path: dedent(text) for path, text in files.items()}, select=["pipeline-unchecked-rollout"])) == steps
    )
