"""Which object a selector or a name means."""

from __future__ import annotations

import pickle
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devopslint
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.summaries import LabelSelector, Requirement, label_selector, plain_selector
from devopslint.readers.yaml import read_yaml
from devopslint.readers.yaml_dialects import KUBERNETES

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop{namespace}}}
spec:
  replicas: 3
  template:
    metadata: {{labels: {{app: shop}}}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: shop{namespace}}}
spec: {{selector: {{app: shop}}, ports: [{{port: 80}}]}}
"""


def selector(text: str) -> LabelSelector | None:
    return label_selector(read_yaml("a.yaml", text, KUBERNETES).documents[0].root)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("{}", {}, True),
        ("{}", {"app": "shop"}, True),
        ("matchLabels: {app: shop}", {"app": "shop", "tier": "web"}, True),
        ("matchLabels: {app: shop, tier: web}", {"app": "shop"}, False),
        ("matchExpressions: [{key: app, operator: In, values: [shop, cart]}]", {"app": "cart"}, True),
        ("matchExpressions: [{key: app, operator: In, values: [shop, cart]}]", {}, False),
        ("matchExpressions: [{key: app, operator: NotIn, values: [shop]}]", {}, True),
        ("matchExpressions: [{key: app, operator: NotIn, values: [shop]}]", {"app": "shop"}, False),
        ("matchExpressions: [{key: app, operator: Exists}]", {"app": ""}, True),
        ("matchExpressions: [{key: app, operator: DoesNotExist}]", {"app": ""}, False),
        ("{matchLabels: {app: shop}, matchExpressions: [{key: old, operator: Exists}]}", {"app": "shop"}, False),
        ("matchExpressions: [{key: app, operator: Like, values: [shop]}]", {"app": "shop"}, False),
    ],
)
def test_a_selector_selects_as_kubernetes_does(text: str, labels: dict[str, str], expected: bool) -> None:
    found = selector(text)

    assert found is not None
    assert found.matches(labels) is expected


def test_a_selector_that_is_not_there_is_none_and_a_services_empty_one_too() -> None:
    root = read_yaml("a.yaml", "{selector: {}}").documents[0].root

    assert label_selector(root["other"]) is None
    assert plain_selector(root["selector"]) is None


WORDS = st.sampled_from(["a", "b", "c"])


@given(
    st.lists(st.builds(Requirement, WORDS, st.sampled_from(["In", "Exists"]), st.frozensets(WORDS, min_size=1))),
    st.dictionaries(WORDS, WORDS),
)
def test_what_is_selected_has_every_label_that_the_selector_fixes(
    requirements: list[Requirement], labels: dict[str, str]
) -> None:
    location = read_yaml("a.yaml", "{}").documents[0].root.location
    found = LabelSelector(tuple(requirements), location)

    if found.matches(labels):
        assert all(labels[key] == value for key, value in found.equalities)


def messages(files: dict[str, str], *rules: str) -> list[str]:
    return [f"{finding.location.path}: {finding.message}" for finding in devopslint.check(files, select=rules)]


@pytest.mark.parametrize(
    ("service", "deployment", "found"),
    [
        ("", "", True),
        (", namespace: live", "", True),
        ("", ", namespace: live", True),
        (", namespace: live", ", namespace: live", True),
        (", namespace: live", ", namespace: test", False),
    ],
)
def test_an_object_without_a_namespace_may_be_in_any(service: str, deployment: str, found: bool) -> None:
    files = {"a.yaml": SERVICE.format(namespace=service), "b.yaml": DEPLOYMENT.format(namespace=deployment)}

    dangling = messages(files, "net-dangling-service")

    assert dangling == ([] if found else ["a.yaml: Service 'shop' selects no pod: app=shop"])


def test_the_counterpart_in_the_nearest_folder_is_meant() -> None:
    autoscaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: shop}\n"
        "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}}\n"
    )
    deployment = DEPLOYMENT.format(namespace="")
    files = {"one/hpa.yaml": autoscaler, "one/shop.yaml": deployment, "two/shop.yaml": deployment}

    assert messages(files, "hpa-missing") == ["two/shop.yaml: Deployment 'shop' has no autoscaler"]


@pytest.mark.parametrize(
    ("name", "image", "wanted", "severity"),
    [
        ("cache", "redis:8.2", False, "warning"),
        ("db", "docker.io/bitnami/postgresql:17", False, "warning"),
        ("shop-operator", "example/shop:1", False, "warning"),
        ("redis", "example/redis-api:1", True, "error"),
    ],
)
def test_what_keeps_data_or_is_led_gains_nothing_by_more_pods(
    name: str, image: str, wanted: bool, severity: str
) -> None:
    text = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: a}}}}
  template:
    metadata: {{labels: {{app: a}}}}
    spec: {{containers: [{{name: main, image: '{image}'}}]}}
"""

    assert bool(messages({"a.yaml": text}, "hpa-missing")) == wanted
    (few,) = devopslint.check({"a.yaml": text}, select=["k8s-few-replicas"])
    assert str(few.severity) == severity


def test_nothing_dangles_beside_a_template_that_may_hold_it() -> None:
    files = {
        "chart/service.yaml": SERVICE.format(namespace=""),
        "chart/templates/shop.yaml": "apiVersion: apps/v1\nkind: Deployment\n{{- if .Values.on }}\nspec: {}\n{{- end }}\n",
    }

    assert messages(files, "net-dangling-service") == []


def test_what_is_assumed_to_exist_elsewhere_does_not_dangle() -> None:
    files = {"a.yaml": SERVICE.format(namespace="")}
    config = "assume-exists: [Deployment/sho*]\n"

    assert messages(files, "net-dangling-service") != []
    assert devopslint.check(files, select=["net-dangling-service"], config=config) == []


def test_a_patch_is_no_workload_of_its_own() -> None:
    files = {
        "base/kustomization.yaml": "resources: [shop.yaml]\n",
        "base/shop.yaml": DEPLOYMENT.format(namespace="")
        + "    spec: {containers: [{name: web, image: shop}]}\n  selector: {matchLabels: {app: shop}}\n",
        "live/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
        "live/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: 5}\n",
    }

    assert messages(files, "pdb-missing") == ["base/shop.yaml: Deployment 'shop' has no PodDisruptionBudget"]


def test_replicas_that_an_overlay_sets_are_not_those_of_the_base() -> None:
    shop = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: 1}\n"
    files = {
        "base/kustomization.yaml": "resources: [shop.yaml]\n",
        "base/shop.yaml": shop,
        "live/kustomization.yaml": "resources: [../base]\nreplicas: [{name: shop, count: 3}]\n",
        "other/shop.yaml": shop,
    }

    assert messages(files, "k8s-few-replicas") == ["other/shop.yaml: Deployment 'shop' runs 1 pod, fewer than 3"]


def test_a_key_that_a_patch_adds_is_there() -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers:\n    - name: web\n      image: shop\n"
        "      env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: shop, key: level}}}]\n"
    )
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata: {%s: info}\n"
    files = {"base/pod.yaml": pod, "base/config.yaml": config % "color"}

    assert len(messages(files, "k8s-missing-key")) == 1
    assert messages({**files, "live/config.yaml": config % "level"}, "k8s-missing-key") == []


@given(st.text("abc:{}[]- \n'\"&*!|", max_size=200))
def test_summaries_of_any_text_survive_pickling(text: str) -> None:
    summaries = list(Manifests.read("a.yaml", f"apiVersion: v1\nkind: Service\n{text}").summaries())

    assert pickle.loads(pickle.dumps(summaries)) == summaries


ASKING = """
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - name: shop
    image: shop/shop:1.4.2
    env: [{name: HOST, valueFrom: {secretKeyRef: {name: redis, key: host}}}]
"""


def test_a_secret_that_lies_elsewhere_may_be_of_another_project_than_what_a_template_makes() -> None:
    template = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: shop}\nobjects:\n-"
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: redis}\nstringData: {password: ''}\n"

    def found(text: str, path: str) -> list[str]:
        files = {"ocp/pod.yaml": text, path: secret}
        return [one.message for one in devopslint.check(files, select=["k8s-missing-key"])]

    processed = template + textwrap.indent(ASKING, "  ").lstrip("\n")[1:]
    lacking = ["Pod/shop needs key 'host', which Secret 'redis' does not have"]
    assert found(processed, "ocp/base/redis.yaml") == lacking
    assert found(processed, "openshift/redis.yaml") == []
    assert found(ASKING, "openshift/redis.yaml") == lacking


@pytest.mark.parametrize(
    ("comment", "lacking"), [("# Replace with actual values", 0), ("# a template file", 0), ("# The shop's", 1)]
)
def test_a_secret_that_shows_what_to_make_may_hold_other_keys(comment: str, lacking: int) -> None:
    secret = f"{comment}\napiVersion: v1\nkind: Secret\nmetadata: {{name: redis}}\nstringData: {{password: ''}}\n"
    other = f"{comment}\n---\n{ASKING}"

    assert len(messages({"pod.yaml": ASKING, "secret.yaml": secret}, "k8s-missing-key")) == lacking
    assert len(messages({"pod.yaml": other, "secret.yaml": secret.partition("\n")[2]}, "k8s-missing-key")) == 1


def test_a_forge_is_reached_by_ssh_on_purpose() -> None:
    objects = """
apiVersion: v1
kind: Service
metadata: {name: %s-ssh}
spec: {selector: {app: shop}, ports: [{port: 22}]}
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec: {containers: [{name: main, image: "example/%s:1", ports: [{containerPort: 22}]}]}
"""

    def found(name: str) -> int:
        files = {"a.yaml": objects % (name, name)}
        return len(devopslint.check(files, select=["k8s-ssh-port", "net-ssh-service"]))

    assert found("gitea") == found("sftp") == 0
    assert found("shop") == 2
