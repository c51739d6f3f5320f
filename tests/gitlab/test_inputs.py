"""Inputs of GitLab CI files, what rules change of `needs`, and the names of parallel jobs."""

from __future__ import annotations

from devopslint import check
from tests.pipeline.test_pipelines import only


def needs_of(text: str, **included: str) -> dict[str, tuple[str, ...]]:
    files = {f".gitlab/ci/{name}.yml": text for name, text in included.items()}
    return {name: job.needs for name, job in only({".gitlab-ci.yml": text, **files}).items()}


def test_an_input_takes_the_default_of_its_file() -> None:
    text = """
        spec:
          inputs:
            stage: {default: check}
            prefix: {default: shop}
            scripts: {type: array, default: [pytest, ruff check .]}
        ---
        stages: [check, ship]
        "$[[ inputs.prefix | expand_vars ]]-unit": {stage: "$[[inputs.stage]]", script: "$[[ inputs.scripts ]]"}
        prod: {stage: ship, script: [kubectl apply -f k8s/]}
    """

    jobs = only({".gitlab-ci.yml": text})

    assert {name: job.needs for name, job in jobs.items()} == {"shop-unit": (), "prod": ("shop-unit",)}
    assert jobs["shop-unit"].stages == ("test", "lint")


def test_who_includes_a_file_gives_its_inputs_each_time() -> None:
    text = """
        include:
          - {local: .gitlab/ci/unit.yml, inputs: {name: api, stage: check}}
          - {local: .gitlab/ci/unit.yml, inputs: {name: web, stage: after}}
        stages: [check, ship, after]
        prod: {stage: ship, script: [kubectl apply -f k8s/]}
    """
    unit = """
        spec: {inputs: {name: {}, stage: {default: check, options: [check, after]}}}
        ---
        "$[[ inputs.name ]]-unit": {stage: "$[[ inputs.stage ]]", script: [pytest]}
    """

    assert needs_of(text, unit=unit) == {"api-unit": (), "web-unit": ("api-unit", "prod"), "prod": ("api-unit",)}


def test_a_stage_that_nobody_gives_is_ahead_of_all_and_behind_all() -> None:
    text = """
        spec: {inputs: {stage: {}}}
        ---
        stages: [check, ship]
        unit: {stage: "$[[ inputs.stage ]]", script: [pytest]}
        lint: {stage: check, script: [ruff check .]}
        prod: {stage: ship, script: [kubectl apply -f k8s/]}
    """

    assert needs_of(text) == {"unit": ("lint", "prod"), "lint": ("unit",), "prod": ("lint", "unit")}


def test_the_needs_of_a_rule_replace_those_of_its_job() -> None:
    text = """
        stages: [check, ship]
        unit: {stage: check, script: [pytest]}
        lint: {stage: check, script: [ruff check .]}
        one: {stage: ship, script: [kubectl apply -f k8s/], needs: [unit, lint], rules: [{if: $A, needs: [unit]}, {when: manual}]}
        never: {stage: ship, script: [kubectl apply -f k8s/], needs: [unit], rules: [{if: $A, needs: [], when: never}, {if: $B}]}
        empty: {stage: ship, script: [kubectl apply -f k8s/], rules: [{if: $A, needs: []}, {when: manual}]}
        preview: {stage: ship, script: [kubectl apply -f k8s/], rules: [{if: $CI_MERGE_REQUEST_IID, needs: []}, {if: $A}]}
    """

    jobs = only({".gitlab-ci.yml": text})

    assert {name: job.needs for name, job in jobs.items()} == {
        "unit": (),
        "lint": (),
        "one": ("unit",),
        "never": ("unit",),
        "empty": (),
        "preview": ("unit", "lint"),
    }
    assert jobs["empty"].at_once is not None


def test_needs_name_one_of_the_jobs_that_run_in_parallel() -> None:
    text = """
        stages: [check, ship]
        unit: {stage: check, script: [pytest], parallel: {matrix: [{PYTHON: ["3.12", "3.13"]}]}}
        shard: {stage: check, script: [pytest], parallel: 3}
        "odd: [name]": {stage: check, script: [pytest]}
        prod:
          stage: ship
          script: [kubectl apply -f k8s/]
          needs: ["unit: [3.12]", "shard 1/3", "odd: [name]", {job: unit, optional: true, parallel: {matrix: [{PYTHON: "3.13"}]}}]
    """

    assert needs_of(text)["prod"] == ("unit", "shard", "odd: [name]", "unit")


def test_a_root_file_in_the_folder_of_gitlab_includes_from_the_root_of_the_repository() -> None:
    files = {
        ".gitlab/gitlab-ci.yml": "include: [{local: .gitlab/parts/deploy.yml}]\n",
        ".gitlab/parts/deploy.yml": "deploy:\n  environment: {name: production}\n  script: [kubectl apply -f k8s/]\n",
    }

    found = check(files, select=["pipeline-unchecked-rollout"])

    assert [(one.location.path, one.location.line) for one in found] == [(".gitlab/parts/deploy.yml", 3)]
