"""What runs a pipeline is no workload: nobody asks a Jenkins agent for its health."""

from __future__ import annotations

import pytest

from devopslint import check

POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: build, image: 'example/build:1.4', securityContext: {privileged: true}}\n"


@pytest.mark.parametrize(
    "agent", ['yamlFile "ci/pod.yaml"', "yamlFile 'ci/pod.yaml'", "yamlFile('ci/pod.yaml')", "yamlFile: 'ci/pod.yaml'"]
)
def test_the_pod_of_an_agent_is_judged_by_what_it_says_alone(agent: str) -> None:
    pipeline = f"pipeline {{\n  agent {{ kubernetes {{\n    {agent}\n  }} }}\n  stages {{ stage('Test') {{ steps {{ sh 'make test' }} }} }}\n}}\n"
    rules = ["k8s-missing-liveness-probe", "k8s-root-container", "k8s-privileged-container"]

    found = check({"Jenkinsfile": pipeline, "ci/pod.yaml": POD}, select=rules)

    assert [one.rule.id for one in found] == ["k8s-privileged-container"]


def test_a_pod_that_no_pipeline_runs_in_is_asked_for_its_health() -> None:
    (found,) = check({"ci/pod.yaml": POD}, select=["k8s-missing-liveness-probe"])

    assert found.message == "container 'build' has no liveness probe"
