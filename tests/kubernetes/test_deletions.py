"""What an overlay deletes while others of its objects still need it is said at the patch that deletes."""

from __future__ import annotations

import textwrap

import pytest

from devopslint.config import Config
from devopslint.engine import check_texts
from devopslint.model import Severity

RULE = "kustomize-needed-deletion"
WEB = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          serviceAccountName: web
          containers:
            - name: web
              image: shop/web:1.0
              envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]
          volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
    """
GIVEN = {
    "settings": "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}",
    "keys": "{apiVersion: v1, kind: Secret, metadata: {name: keys}}",
    "data": "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}}",
    "account": "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}",
    "service": "{apiVersion: v1, kind: Service, metadata: {name: web, labels: {app: web}}, "
    "spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}",
}
USING = {
    "ingress": "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}, "
    "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}",
    "route": "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web}, "
    "spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}}",
    "hpa": "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web}, "
    "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 9}}",
    "keda": "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: web}, "
    "spec: {scaleTargetRef: {name: web}, triggers: []}}",
    "vpa": "{apiVersion: autoscaling.k8s.io/v1, kind: VerticalPodAutoscaler, metadata: {name: web}, "
    "spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}",
    "pdb": "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, "
    "spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}}",
    "monitor": "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: web}, "
    "spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http}]}}",
}


def deleting(kind: str, name: str, *more: str) -> dict[str, str]:
    group = {"Deployment": "apps/v1"}.get(kind, "v1")
    patch = f"$patch: delete\napiVersion: {group}\nkind: {kind}\nmetadata: {{name: {name}}}\n"
    files = {
        "base/kustomization.yaml": f"resources: [web.yaml, {', '.join(f'{one}.yaml' for one in (*GIVEN, *more))}]",
        "base/web.yaml": WEB,
        "prod/kustomization.yaml": "resources: [../base]\npatches:\n  - path: gone.yaml\n",
        "prod/gone.yaml": patch,
        "dev/kustomization.yaml": "resources: [../base]",
    }
    return (
        files
        | {f"base/{one}.yaml": text for one, text in GIVEN.items()}
        | {f"base/{one}.yaml": USING[one] for one in more}
    )


def found(files: dict[str, str]) -> list[tuple[str, int, str]]:
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    return [
        (f.location.path, f.location.line, f.message) for f in check_texts(texts, Config().selecting([RULE])).findings
    ]


@pytest.mark.parametrize(
    ("kind", "name", "with_it", "by"),
    [
        ("ConfigMap", "settings", (), "Deployment/web"),
        ("Secret", "keys", (), "Deployment/web"),
        ("PersistentVolumeClaim", "data", (), "Deployment/web"),
        ("ServiceAccount", "web", (), "Deployment/web"),
        ("Service", "web", ("ingress",), "Ingress/web"),
        ("Service", "web", ("route",), "HTTPRoute/web"),
        ("Service", "web", ("monitor",), "ServiceMonitor/web"),
        ("Deployment", "web", ("hpa",), "HorizontalPodAutoscaler/web"),
        ("Deployment", "web", ("keda",), "ScaledObject/web"),
        ("Deployment", "web", ("vpa",), "VerticalPodAutoscaler/web"),
        ("Deployment", "web", ("pdb",), "Service/web"),
    ],
)
def test_what_still_needs_the_deleted_object_is_named(kind: str, name: str, with_it: tuple[str, ...], by: str) -> None:
    assert found(deleting(kind, name, *with_it)) == [
        ("prod/gone.yaml", 1, f"deletes {kind}/{name}, which {by} still needs")
    ]


def test_a_component_may_be_what_deletes() -> None:
    files = deleting("ConfigMap", "settings")
    files["bare/kustomization.yaml"] = "kind: Component\npatches:\n  - path: gone.yaml\n"
    files["bare/gone.yaml"] = files.pop("prod/gone.yaml")
    files["prod/kustomization.yaml"] = "resources: [../base]\ncomponents: [../bare]"

    assert [one[:2] for one in found(files)] == [("bare/gone.yaml", 1)]


def test_what_is_prefixed_is_still_known() -> None:
    files = deleting("ConfigMap", "settings")
    files["base/kustomization.yaml"] += "\nnamePrefix: shop-"
    files["prod/gone.yaml"] = files["prod/gone.yaml"].replace("settings", "shop-settings")

    assert [one[2] for one in found(files)] == ["deletes ConfigMap/settings, which Deployment/shop-web still needs"]


@pytest.mark.parametrize(
    "extra",
    [
        {"prod/own.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}"},
        {
            "prod/own.yaml": "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: made}, "
            "spec: {target: {name: settings, manifest: {apiVersion: v1, kind: ConfigMap}}}}"
        },
        {
            "prod/own.yaml": "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: settings}, "
            "spec: {chart: {spec: {chart: settings}}}}"
        },
    ],
)
def test_what_takes_its_place_or_may_silences(extra: dict[str, str]) -> None:
    files = deleting("ConfigMap", "settings") | extra
    files["prod/kustomization.yaml"] = files["prod/kustomization.yaml"].replace("[../base]", "[../base, own.yaml]", 1)

    assert found(files) == []


def test_what_another_build_may_put_beside_it_is_not_missed() -> None:
    files = deleting("ConfigMap", "settings")
    files["dev/kustomization.yaml"] += "\nnameSuffix: -blue"

    assert found(files) == []


def test_a_reference_that_goes_with_it_is_none() -> None:
    files = deleting("Service", "web", "ingress")
    files["prod/gone.yaml"] += (
        "---\n$patch: delete\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
    )

    assert found(files) == []


def test_a_secret_that_somebody_may_make_by_hand_is_a_warning() -> None:
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in deleting("Secret", "keys").items()}

    (finding,) = check_texts(texts, Config().selecting([RULE])).findings

    assert finding.severity == Severity.WARNING


ROUTED = {
    "route": "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web}, "
    "spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 80}]}]}}",
    "gateway": "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge}, spec: {listeners: []}}",
    "secret": "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: made}, "
    "spec: {secretStoreRef: {name: vault}, target: {name: made}}}",
    "store": "{apiVersion: external-secrets.io/v1, kind: SecretStore, metadata: {name: vault}, spec: {provider: {}}}",
}


@pytest.mark.parametrize(
    ("version", "kind", "name", "by"),
    [
        ("gateway.networking.k8s.io/v1", "Gateway", "edge", "HTTPRoute/web"),
        ("external-secrets.io/v1", "SecretStore", "vault", "ExternalSecret/made"),
    ],
)
def test_a_gateway_and_a_store_are_named_by_their_kind(version: str, kind: str, name: str, by: str) -> None:
    files = deleting(kind, name) | {f"base/{one}.yaml": text for one, text in ROUTED.items()}
    files["base/kustomization.yaml"] = files["base/kustomization.yaml"].replace(
        "]", f", {'.yaml, '.join(ROUTED)}.yaml]"
    )
    files["prod/gone.yaml"] = files["prod/gone.yaml"].replace("apiVersion: v1", f"apiVersion: {version}")

    assert [one[2] for one in found(files)] == [f"deletes {kind}/{name}, which {by} still needs"]


LEFT_OUT = "kustomize-left-out-object"
SHARING = {
    "base/kustomization.yaml": "resources: [ingress.yaml]",
    "base/ingress.yaml": USING["ingress"],
    "prod/kustomization.yaml": "resources: [../base, service.yaml]",
    "prod/service.yaml": GIVEN["service"],
    "dev/kustomization.yaml": "resources: [../base]",
}


def left_out(files: dict[str, str]) -> list[tuple[str, str]]:
    findings = check_texts(files, Config().selecting([LEFT_OUT])).findings
    return [(one.location.path, one.message) for one in findings]


def test_what_only_another_overlay_of_the_base_has_is_left_out() -> None:
    message = "builds Ingress/web, which needs Service 'web', and leaves that out"

    assert left_out(SHARING) == [("dev/kustomization.yaml", message)]


@pytest.mark.parametrize(
    "more",
    [
        {"dev/kustomization.yaml": "resources: [../base]\nnamePrefix: dev-"},
        {"dev/kustomization.yaml": "resources: [../base, https://example.org/shop?ref=v1]"},
        {"other/kustomization.yaml": "resources: [service.yaml]", "other/service.yaml": GIVEN["service"]},
        {"raw/service.yaml": GIVEN["service"]},
        {
            "dev/kustomization.yaml": "resources: [../base, release.yaml]",
            "dev/release.yaml": "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: web}, "
            "spec: {chart: {spec: {chart: web}}}}",
        },
    ],
    ids=["other names", "remote base", "another build", "no build", "a release"],
)
def test_what_may_be_there_all_the_same_is_not_left_out(more: dict[str, str]) -> None:
    assert left_out({**SHARING, **more}) == []
