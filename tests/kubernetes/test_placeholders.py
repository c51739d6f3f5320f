"""What whoever takes a file puts in: whatever it looks like, nothing is refused for it, and nothing dangles."""

from __future__ import annotations

import pytest

from devopslint import check

TREE = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec: {defaultBackend: {service: {name: '%(name)s', port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: '%(name)s'}, ports: [{port: 80, targetPort: '%(name)s'}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
        - name: cart
          envFrom: [{configMapRef: {name: '%(name)s-settings'}}]
          resources: {limits: {memory: '%(name)s'}}
          ports: [{containerPort: 80, name: '%(name)s'}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: clean}
spec: {schedule: '%(name)s'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cart}
"""
RULES = [
    "k8s-invalid-port", "k8s-invalid-quantity", "k8s-invalid-schedule", "k8s-missing-config-map", "net-dangling-ingress",
    "net-dangling-service",
]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "REPLACEME", "REPLACE-ME", "shop-CHANGEME", "PROJECT_NAME", "__APP__", "%APP%", "@APP@", "<app>", "[[app]]",
        "#{app}#", "{app}", "your-service", "YOUR-SERVICE", "service-placeholder", "${APP}", "$(APP)",
        "xxx", "XXX",
    ],
)  # fmt: skip
def test_nothing_is_said_of_what_is_put_in_later(name: str) -> None:
    assert [one.rule.id for one in check({"shop.yaml": TREE % {"name": name}}, select=RULES)] == []


def test_a_word_that_somebody_chose_is_judged() -> None:
    found = {one.rule.id for one in check({"shop.yaml": TREE % {"name": "Web_shop"}}, select=RULES)}

    assert found == {*RULES}


def test_resources_that_are_put_in_as_a_whole_lack_nothing() -> None:
    deployment = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "shop/shop:1.4.2", resources: %s}]}
"""
    rules = ["k8s-missing-cpu-limit", "k8s-missing-memory-request"]

    assert not check({"a.yaml": deployment % "'${{RESOURCES}}'"}, select=rules)
    assert len(check({"a.yaml": deployment % "{requests: '${REQUESTS}'}"}, select=rules)) == 1
    assert len(check({"a.yaml": deployment % "{}"}, select=rules)) == 2
