"""Errors are for what somebody relies on; in an environment before production the same is a warning."""

from __future__ import annotations

import pytest

from devopslint import check
from devopslint.model import Severity

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop, namespace: {}}}\nspec: {{replicas: 1}}\n"
SCALER = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: books, namespace: {}}}\n"
    "spec: {{minReplicas: 1, maxReplicas: 5, scaleTargetRef: {{kind: Deployment, name: books}}}}\n"
)


@pytest.mark.parametrize("text", [DEPLOYMENT, SCALER])
@pytest.mark.parametrize(
    ("path", "namespace", "severity"),
    [
        ("k8s/overlays/prod/shop.yaml", "shop", Severity.ERROR),
        ("k8s/devices/shop.yaml", "shop", Severity.ERROR),
        ("k8s/overlays/dev/shop.yaml", "shop", Severity.WARNING),
        ("k8s/config-staging.yaml", "shop", Severity.WARNING),
        ("k8s/shop-pr.yaml", "shop", Severity.WARNING),
        ("k8s/pre-prod/shop.yaml", "shop", Severity.WARNING),
        ("k8s/preprocessing/shop.yaml", "shop", Severity.ERROR),
        ("k8s/values-single.yaml", "shop", Severity.WARNING),
        ("k8s/single-node/shop.yaml", "shop", Severity.WARNING),
        ("k8s/single-page-shop/shop.yaml", "shop", Severity.ERROR),
        ("k8s/shop.yaml", "shop-qa", Severity.WARNING),
    ],
)
def test_few_pods_are_an_error_where_somebody_relies_on_them(
    text: str, path: str, namespace: str, severity: Severity
) -> None:
    found = check({path: text.format(namespace)}, select=["k8s-few-replicas", "hpa-low-minimum"])

    assert [one.severity for one in found] == [severity]


def test_nobody_may_look_the_pods_of_a_stateful_set_up_by_name() -> None:
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\nspec: {selector: {app: queue}, ports: [{port: 80}]}\n"
    )
    text = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: queue}\n"
        "spec: {replicas: 3, serviceName: queue, template: {metadata: {labels: {app: queue}}}}\n"
    )

    found = check({"queue.yaml": f"{text}---\n{service}"}, select=["k8s-missing-headless-service"])

    assert [one.severity for one in found] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("{apiGroups: [apps], resources: ['*'], verbs: [get, list, watch]}", Severity.WARNING),
        ("{apiGroups: [apps], resources: ['*'], verbs: [get, patch]}", Severity.ERROR),
        ("{apiGroups: [''], resources: ['*'], verbs: [get]}", Severity.ERROR),
        ("{apiGroups: ['*'], resources: ['*'], verbs: [get]}", Severity.ERROR),
    ],
)
def test_to_read_all_of_a_named_group_is_a_warning(rule: str, severity: Severity) -> None:
    text = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: shop}}\nrules: [{rule}]\n"

    assert [one.severity for one in check({"role.yaml": text}, select=["rbac-wildcard"])] == [severity]


@pytest.mark.parametrize(
    ("rules", "place", "severity"),
    [
        ("[{resources: [leases], resourceNames: [shop], verbs: ['*']}]", "resourceNames", Severity.WARNING),
        ("[{resources: [leases], verbs: ['*']}]", "leases", Severity.ERROR),
        (
            "[{resources: [leases], resourceNames: [shop], verbs: ['*']},\n  {resources: [pods], verbs: ['*']}]",
            "pods",
            Severity.ERROR,
        ),
    ],
)
def test_to_do_everything_with_objects_that_are_named_is_a_warning(rules: str, place: str, severity: Severity) -> None:
    text = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: shop}}\nrules:\n  {rules}\n"

    (found,) = check({"role.yaml": text}, select=["rbac-wildcard-verb"])

    assert found.severity == severity
    assert place in text.splitlines()[found.location.line - 1]


@pytest.mark.parametrize(
    ("path", "severities"),
    [("config/.test-fixtures/rbac.yaml", []), ("config/fixtured/rbac.yaml", [Severity.ERROR])],
)
def test_what_lies_in_a_hidden_folder_of_tests_is_of_tests(path: str, severities: list[Severity]) -> None:
    text = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: shop}\n"
        "roleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: shop, namespace: a}]\n"
    )

    assert [one.severity for one in check({path: text}, select=["rbac-cluster-admin"])] == severities


@pytest.mark.parametrize(
    ("name", "severity", "said"),
    [
        ("CAP_CHOWN", "warning", "which Pod Security does not know: it is called CHOWN"),
        ("CAP_SYSLOG", "error", "beyond the default set"),
        ("MAC_ADMIN", "error", "beyond the default set"),
    ],
)
def test_a_default_capability_by_its_long_name_is_a_warning(name: str, severity: str, said: str) -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\n"
        f"spec: {{containers: [{{name: shop, image: shop, securityContext: {{capabilities: {{add: [{name}]}}}}}}]}}\n"
    )

    (found,) = check({"pod.yaml": text}, select=["k8s-added-capability"])

    assert (str(found.severity), found.message.rpartition(", ")[2]) == (severity, said)
