"""Whose host it is, where two objects of the mesh are for one, and what a custom resource may say."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.kubernetes.mesh_in_cluster import covers, full_name, scopes, service_of


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("shop.example.org", "shop.example.org", True),
        ("*.example.org", "shop.example.org", True),
        ("*.example.org", "example.org", False),
        ("*", "anything.at.all", True),
        ("shop.example.org", "*.example.org", True),
        ("*.example.org", "*.shop.example.org", True),
        ("*.example.org", "*.example.com", False),
        ("shop.example.org", "blog.example.org", False),
    ],
)
def test_a_pattern_covers_the_hosts_that_it_has_a_name_in_common_with(pattern: str, host: str, expected: bool) -> None:
    assert covers(pattern, host) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("shop", ("shop", "live")),
        ("shop.test.svc.cluster.local", ("shop", "test")),
        ("api.example.org", None),
        ("*.example.org", None),
    ],
)
def test_a_host_is_a_service_only_by_its_short_or_its_full_name(host: str, expected: tuple[str, str] | None) -> None:
    assert service_of(host, "live") == expected


def test_a_short_name_is_a_service_of_its_own_namespace_to_the_whole_mesh() -> None:
    assert full_name("shop", "live") == "shop.live.svc.cluster.local"
    assert full_name("shop.example.org", "live") == "shop.example.org"
    assert scopes([], "live") == {"*"}
    assert scopes([".", "test"], "live") == {"live", "test"}


def services(folder: str, namespace: str) -> dict[str, str]:
    return {
        f"{folder}/service.yaml": f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {folder}, namespace: {namespace}}}
spec:
  hosts: [shop.example.org]
  http: [{{route: [{{destination: {{host: shop}}}}]}}]
"""
    }


def test_variants_of_one_object_in_two_folders_do_not_conflict() -> None:
    files = {**services("test", "live"), **services("live", "live")}

    assert [one.message for one in devopslint.check(files, select=["net-conflicting-hosts"])] == []


def test_a_placeholder_may_become_a_value_of_any_type() -> None:
    files = {
        "object.yaml": """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: shop}
spec:
  scaleTargetRef: {name: shop}
  maxReplicaCount: ${MAXIMUM}
  cooldownPeriod: 10%
  minReplicaCount: "3"
  triggers: []
"""
    }

    found = [one.message for one in devopslint.check(files, select=["k8s-wrong-custom-type"])]

    assert found == [
        "cooldownPeriod of ScaledObject/shop is of type string, not integer",
        "minReplicaCount of ScaledObject/shop is of type string, not integer",
    ]


def test_an_aliased_part_of_a_custom_resource_is_judged_once() -> None:
    files = {
        "object.yaml": """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  strategy:
    canary:
      steps:
        - &first {weight: 10}
        - *first
"""
    }

    found = devopslint.check(files, select=["k8s-unknown-custom-field"])

    assert [(one.location.line, one.message) for one in found] == [(9, "steps of Rollout/shop has no field 'weight'")]


def test_a_host_in_a_namespace_that_the_tree_does_not_fill_is_somebody_elses() -> None:
    files = {
        "mesh/route.yaml": """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: out}
spec: {hosts: [api.example.com], http: [{route: [{destination: {host: istio-egressgateway.%s.svc.cluster.local}}]}]}
""",
        "mesh/site.yaml": """
apiVersion: v1
kind: Service
metadata: {name: site%s}
spec: {selector: {app: site}, ports: [{port: 80}]}
""",
    }

    def found(host: str, filled: str) -> list[str]:
        texts = {"mesh/route.yaml": files["mesh/route.yaml"] % host, "mesh/site.yaml": files["mesh/site.yaml"] % filled}
        return [one.message for one in devopslint.check(texts, select=["net-dangling-route"])]

    lost = ["VirtualService/out sends to Service 'istio-egressgateway', which is nowhere"]
    assert found("istio-system", "") == []
    assert found("default", "") == lost
    assert found("istio-system", ", namespace: istio-system") == lost


def test_a_gateway_of_pods_that_the_tree_never_labels_so_runs_elsewhere() -> None:
    gateway = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop}
spec: {selector: {istio: %s}, servers: []}
"""
    pod = """
apiVersion: v1
kind: Pod
metadata: {name: proxy, labels: {istio: outer}}
spec: {containers: [{name: istio-proxy, image: "istio/proxyv2:1.25.0"}]}
"""

    def found(value: str, *more: str) -> list[str]:
        files = {f"{number}.yaml": text for number, text in enumerate((gateway % value, *more))}
        return [one.message for one in devopslint.check(files, select=["net-gateway-without-pods"])]

    assert found("ingressgateway2") == []
    assert found("ingresgateway") == ["Gateway/shop runs on no pod: istio=ingresgateway"]
    assert found("ingressgateway2", pod) == ["Gateway/shop runs on no pod: istio=ingressgateway2"]


def test_two_states_of_one_virtual_service_are_no_rivals() -> None:
    service = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: %s}
spec: {hosts: [shop.live.svc.cluster.local], http: [{route: [{destination: {host: shop, subset: %s}}]}]}
"""
    states = {"v1.yaml": service % ("shop", "one"), "v2.yaml": service % ("shop", "two")}
    rivals = states | {"v2.yaml": service % ("other", "two")}

    assert not devopslint.check(states, select=["net-conflicting-hosts"])
    assert len(devopslint.check(rivals, select=["net-conflicting-hosts"])) == 2


def test_a_gateway_in_a_namespace_of_a_chart_from_elsewhere_has_its_pods_there() -> None:
    files = {
        "gateway.yaml": """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: %s}
spec: {selector: {app: edge}, servers: []}
""",
        "pod.yaml": """
apiVersion: v1
kind: Pod
metadata: {name: site, namespace: shop, labels: {app: site}}
spec: {containers: [{name: site, image: "shop/site:1.4.2"}]}
""",
    }

    def found(namespace: str) -> list[str]:
        texts = files | {"gateway.yaml": files["gateway.yaml"] % namespace}
        return [one.message for one in devopslint.check(texts, select=["net-gateway-without-pods"])]

    assert found("edge") == []
    assert found("shop") == ["Gateway/shop runs on no pod: app=edge"]


def test_the_namespace_that_a_kustomization_gives_is_where_an_object_is() -> None:
    web = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: default}\n"

    def found(namespace: str) -> int:
        files = {"base/web.yaml": web, "base/kustomization.yaml": f"resources: [web.yaml]\n{namespace}"}
        return len(devopslint.check(files, select=["k8s-default-namespace"]))

    assert found("namespace: shop\n") == 0
    assert found("") == 1


def test_policies_in_a_template_beside_another_one_are_for_its_pods() -> None:
    template = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: %s}\nobjects:\n%s"
    web = """
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
  spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
"""
    policy = """
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: web}
  spec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [Ingress]}
- apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: web}
  spec: {minAvailable: 1, selector: {matchLabels: {app: %s}}}
"""

    def found(app: str) -> list[str]:
        files = {
            "openshift/web/web.yaml": template % ("web", web),
            "openshift/policies/policies.yaml": template % ("policies", policy % (app, app)),
        }
        return [one.rule.id for one in devopslint.check(files, select=["net-missing-policy", "pdb-missing"])]

    assert found("web") == []
    assert found("cart") == ["net-missing-policy", "pdb-missing"]


@pytest.mark.parametrize(("weight", "told"), [("${GREEN}", 0), ("a", 0), ("30", 1), ("10", 0)])
def test_weights_that_are_put_in_later_are_not_added_up(weight: str, told: int) -> None:
    text = (
        (
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: shop}\nspec:\n  hosts: [shop]\n"
            f"  http: [{{route: [{{destination: {{host: blue}}, weight: 90}}, {{destination: {{host: green}}, weight: {weight}}}]}}]\n"
        )
        .replace("${", "'${")
        .replace("GREEN}", "GREEN}'")
    )

    assert len(devopslint.check({"shop.yaml": text}, select=["net-route-weights"])) == told


GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec:
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
"""
ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: edge, sectionName: shop-https}]
  rules: [{backendRefs: [{name: api, namespace: api, port: 80}]}]
"""


def test_a_listener_may_be_added_by_a_patch_in_a_file() -> None:
    files = {
        "base/gateway.yaml": GATEWAY,
        "base/kustomization.yaml": "resources: [gateway.yaml]",
        "shop/route.yaml": ROUTE,
    }
    patched = files | {
        "live/kustomization.yaml": "resources: [../base]\npatches: [{path: p.json, target: {kind: Gateway}}]",
        "live/p.json": '[{"op": "add", "path": "/spec/listeners/-", "value": {"name": "shop-https", "port": 443}}]',
    }

    assert [one.message for one in devopslint.check(files, select=["net-missing-listener"])] == [
        "HTTPRoute/shop hangs on listener 'shop-https', which Gateway/edge does not have"
    ]
    assert [one.message for one in devopslint.check(patched, select=["net-missing-listener"])] == []


def test_a_grant_may_come_from_the_repository_that_fills_the_namespace() -> None:
    grant = """
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: other, namespace: api}
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: blog}], to: [{group: '', kind: Service}]}
"""
    delivery = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: api, namespace: flux-system}
spec:
  targetNamespace: api
  path: ./deploy
  sourceRef: {kind: GitRepository, name: api}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: api, namespace: flux-system}
spec: {url: https://git.example.org/shop/api.git}
"""
    files = {"shop/route.yaml": ROUTE, "api/grant.yaml": grant}

    assert [one.message for one in devopslint.check(files, select=["net-ungranted-reference"])] == [
        "HTTPRoute/shop refers to Service 'api' of namespace api, which no ReferenceGrant there allows"
    ]
    assert devopslint.check(files | {"flux/api.yaml": delivery}, select=["net-ungranted-reference"]) == []
