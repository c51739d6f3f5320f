"""What `devopslint export` writes: that a cluster asks of an object what the linter asks of it, and who is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import devopslint
from devopslint.admission import policies
from devopslint.catalogue import catalogue
from devopslint.cli import main
from devopslint.config import Config

KINDS = {
    "cronjobs": "CronJob",
    "daemonsets": "DaemonSet",
    "deployments": "Deployment",
    "horizontalpodautoscalers": "HorizontalPodAutoscaler",
    "ingresses": "Ingress",
    "jobs": "Job",
    "pods": "Pod",
    "replicasets": "ReplicaSet",
    "replicationcontrollers": "ReplicationController",
    "services": "Service",
    "statefulsets": "StatefulSet",
}
BY_ITS_PLACE = {
    "k8s-latest-tag",  # an image that the repository builds, a placeholder that a script fills
    "k8s-privileged-container",  # a folder of another project's files
    "net-node-port",  # a load balancer in another object needs the port
    "k8s-root-container",  # an object that its controller made, in the expected output of a test
}
"""Rules with examples in which the linter is silent because of what lies around the file."""


def exported(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, ["export", *arguments])
    assert result.exit_code == 0, result.output
    return list(yaml.safe_load_all(result.stdout))


def all_policies() -> dict[str, policies.Policy]:
    return {one.rule_id: one for one in policies.policies(Config().selecting(["all"]).selection(""))}


class Cluster:
    """Asks a policy as an API server does, with Google's CEL."""

    def __init__(self) -> None:
        cel = pytest.importorskip("cel_expr_python.cel", reason="the extra cel is not installed")
        extensions = "name: admission\nextensions: [{name: optional}, {name: strings}]\n"
        names = ("object", "oldObject", "variables")
        self.environment = cel.NewEnv(
            config=cel.NewEnvConfigFromYaml(extensions), variables=dict.fromkeys(names, cel.Type.DYN)
        )

    def asked(self, expression: str, given: dict[str, Any]) -> Any:
        return self.environment.compile(expression).eval(data=given).plain_value()

    def takes(self, policy: policies.Policy, one: dict[str, Any]) -> tuple[bool, str]:
        """Whether the object passes, and the words that it is refused with."""
        variables: dict[str, Any] = {}
        given = {"object": one, "variables": variables}
        for name, expression in policy.variables.items():
            variables[name] = self.asked(expression, given)
        message = policy.message_expression
        return self.asked(policy.expression, given), self.asked(message, given) if message else policy.message

    def is_asked(self, new: dict[str, Any], old: dict[str, Any] | None) -> bool:
        return all(self.asked(condition, {"object": new, "oldObject": old}) for _, condition in policies.CONDITIONS)


def objects(text: str, policy: policies.Policy) -> list[tuple[int, int, dict[str, Any]]]:
    """The documents that a policy is on: the lines before and at the end of each, and what it says."""
    kinds = {(group, KINDS[name]) for group, _, names in policies.RESOURCES[policy.on] for name in names}
    nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    return [
        (node.start_mark.line, node.end_mark.line, said)
        for node, said in zip(nodes, yaml.safe_load_all(text), strict=True)
        if isinstance(said, dict) and (_group(said), said.get("kind")) in kinds
    ]


def _group(said: dict[str, Any]) -> str:
    return str(said.get("apiVersion", "")).rpartition("/")[0]


@pytest.mark.parametrize("rule_id", sorted(policies.rows()))
def test_a_cluster_refuses_what_the_linter_finds_in_the_examples(rule_id: str) -> None:
    cluster, policy = Cluster(), all_policies()[rule_id]
    seen = set()
    for files in (*catalogue()[rule_id].bad, *catalogue()[rule_id].good):
        found = [one.location for one in devopslint.check(files, select=[rule_id])]
        for path, text in files.items():
            if not path.endswith((".yaml", ".yml")):
                continue
            for start, end, said in objects(text, policy):
                refused = any(at.path == path and start < at.line <= end + 1 for at in found)
                taken, words = cluster.takes(policy, said)
                if rule_id in BY_ITS_PLACE and not refused:
                    continue
                assert taken is not refused, text
                assert refused is False or words.endswith(policy.message.removeprefix("a container"))
                seen.add(refused)

    assert True in seen


def test_the_containers_that_break_a_rule_are_named() -> None:
    pod = {
        "kind": "Pod",
        "spec": {
            "containers": [{"name": "web", "securityContext": {"privileged": True}}, {"name": "proxy"}],
            "initContainers": [{"name": "set-up", "securityContext": {"privileged": True}}],
        },
    }

    assert Cluster().takes(all_policies()["k8s-privileged-container"], pod) == (
        False,
        "container web, set-up is privileged",
    )


@pytest.mark.parametrize(
    ("new", "old", "asked"),
    [
        ({"metadata": {}, "spec": {"a": 1}}, None, True),
        ({"metadata": {}, "spec": {"a": 2}}, {"metadata": {}, "spec": {"a": 1}}, True),
        ({"metadata": {"labels": {"b": "c"}}, "spec": {"a": 1}}, {"metadata": {}, "spec": {"a": 1}}, False),
        ({"metadata": {"deletionTimestamp": "2026-11-29T04:00:00Z"}, "spec": {"a": 1}}, None, False),
    ],
)
def test_what_is_old_or_going_is_left_alone(new: dict[str, Any], old: dict[str, Any] | None, asked: bool) -> None:
    assert Cluster().is_asked(new, old) is asked


def test_a_policy_comes_with_a_binding_that_spares_the_system() -> None:
    policy, binding = exported("--select", "hpa-low-minimum")

    assert policy["kind"] == "ValidatingAdmissionPolicy"
    assert policy["spec"]["failurePolicy"] == "Ignore"
    assert policy["spec"]["variables"] == [{"name": "minimum", "expression": "3"}]
    assert binding["spec"]["policyName"] == policy["metadata"]["name"] == "devopslint-hpa-low-minimum"
    assert binding["spec"]["validationActions"] == ["Audit"]
    assert binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"][0]["values"] == [
        "kube-node-lease",
        "kube-public",
        "kube-system",
    ]


@pytest.mark.parametrize(
    ("action", "failure", "of_error", "of_warning"),
    [
        ("warn", "Ignore", ["Warn", "Audit"], ["Warn", "Audit"]),
        ("deny", "Fail", ["Deny"], ["Deny"]),
        ("severity", "Fail", ["Deny"], ["Warn", "Audit"]),
    ],
)
def test_an_action_is_what_the_cluster_does(
    action: str, failure: str, of_error: list[str], of_warning: list[str]
) -> None:
    error, its_binding = exported("--select", "hpa-low-minimum", "--action", action)
    _, other_binding = exported("--select", "k8s-latest-tag", "--action", action)

    assert error["spec"]["failurePolicy"] == failure
    assert its_binding["spec"]["validationActions"] == of_error
    assert other_binding["spec"]["validationActions"] == of_warning


def test_kyverno_gets_one_object_a_rule() -> None:
    (policy,) = exported("--format", "kyverno", "--select", "k8s-host-pid", "--spare", "legacy")

    assert (policy["apiVersion"], policy["kind"]) == ("policies.kyverno.io/v1", "ValidatingPolicy")
    assert policy["spec"]["validationActions"] == ["Audit"]
    constraints = policy["spec"]["matchConstraints"]
    assert constraints["namespaceSelector"]["matchExpressions"][0]["values"] == ["legacy"]
    assert constraints["resourceRules"][0]["resources"] == ["pods", "replicationcontrollers"]


def test_spared_namespaces_are_named_once_and_may_stand_in_a_list() -> None:
    (policy,) = exported("--format", "kyverno", "--select", "k8s-host-pid", "--spare", "b,a", "--spare", "a")

    selector = policy["spec"]["matchConstraints"]["namespaceSelector"]
    assert selector["matchExpressions"][0]["values"] == ["a", "b"]


@pytest.mark.parametrize("name", ["Legacy", "a_b", "-a", "a.b", "x" * 64])
def test_what_is_no_name_of_a_namespace_is_refused(name: str) -> None:
    result = CliRunner().invoke(main, ["export", f"--spare=legacy,{name}"])

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--spare: no namespace can be named '{name}'" in result.stderr


def test_a_selection_of_which_all_is_ignored_is_said_to_be_empty() -> None:
    result = CliRunner().invoke(main, ["export", "--select", "hpa-low-minimum", "--ignore", "hpa-"])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "no rule is left: all that is selected is ignored, too" in result.stderr


def test_the_configuration_says_which_rules_and_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "devopslint.yaml").write_text("select: [hpa-]\nrules: {hpa-low-minimum: {minimum: 5}}\n")
    monkeypatch.chdir(tmp_path)

    said = {one["metadata"]["name"]: one for one in exported("--format", "kyverno")}

    assert sorted(said) == ["devopslint-hpa-fixed-size", "devopslint-hpa-high-maximum", "devopslint-hpa-low-minimum"]
    assert said["devopslint-hpa-low-minimum"]["spec"]["variables"] == [{"name": "minimum", "expression": "5"}]


def test_a_rule_that_needs_more_than_an_object_is_named() -> None:
    result = CliRunner().invoke(main, ["export", "--select", "hpa-dangling,hpa-low-minimum"])

    assert result.exit_code == 0
    assert result.stderr == "note: hpa-dangling is left out: it takes more than one object to tell\n"

    alone = CliRunner().invoke(main, ["export", "--select", "hpa-dangling"])
    assert alone.exit_code == 2
    assert "none of these rules can be told from one object" in alone.stderr


def test_every_row_is_a_rule_of_the_catalogue_and_on_what_is_known() -> None:
    assert set(policies.rows()) <= set(catalogue())
    assert all(row["on"] in policies.RESOURCES for row in policies.rows().values())


def test_the_page_lists_what_is_exported() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "export.md").read_text("utf-8")

    listed = [line.split("]")[0].removeprefix("| [") for line in page.splitlines() if line.startswith("| [")]
    assert listed == sorted(policies.rows())
