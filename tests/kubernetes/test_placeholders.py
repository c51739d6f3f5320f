"""What whoever takes a file puts in: whatever it looks like, nothing is refused for it, and nothing dangles."""

from __future__ import annotations

import textwrap

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
        "xxx", "XXX", "replace_port",
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


FORM = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: %(name)s}
spec: {selector: {matchLabels: {app: shop}}, template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: %(name)s, image: shop}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: %(name)s}
spec: {ports: [{port: 80, targetPort: target_port}]}
"""


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [("job.yaml", "NAME", 0), ("external/template.yaml", "service_name", 0), ("shop.yaml", "service_name", 2)],
)
def test_an_object_that_is_there_to_be_filled_in_has_no_wrong_name(path: str, name: str, told: int) -> None:
    found = check({path: FORM % {"name": name}}, select=["k8s-invalid-container-name", "k8s-invalid-port"])

    assert len(found) == told


def test_the_hosts_of_a_gateway_may_be_put_in_later() -> None:
    text = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: %s}]
"""

    assert check({"edge.yaml": text % "'${hosts}'"}, select=["net-refused-mesh-object"]) == []
    assert len(check({"edge.yaml": text % "[]"}, select=["net-refused-mesh-object"])) == 1


def test_jenkins_gives_its_agents_a_volume() -> None:
    text = """
apiVersion: v1
kind: Pod
metadata: {name: agent}
spec: {containers: [{name: lint, image: lint, volumeMounts: [{name: %s, mountPath: /work}]}]}
"""

    assert check({"agent.yaml": text % "workspace-volume"}, select=["k8s-refused-pod"]) == []
    assert len(check({"agent.yaml": text % "work"}, select=["k8s-refused-pod"])) == 1


@pytest.mark.parametrize(
    ("written", "told"), [("${VALUE}", False), ("${VALUE:=x}", False), ("'yes'", True), ("null", True)]
)
def test_what_is_put_in_later_is_judged_neither_as_a_switch_that_is_off_nor_as_one_that_is_on(
    written: str, told: bool
) -> None:
    pod = f"""\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: web, namespace: shop}}
        spec:
          selector: {{matchLabels: {{app: web}}}}
          template:
            metadata: {{labels: {{app: web}}}}
            spec:
              automountServiceAccountToken: {written}
              containers:
                - name: web
                  image: shop/web:1.0
                  securityContext:
                    runAsNonRoot: {written}
                    readOnlyRootFilesystem: {written}
                    allowPrivilegeEscalation: {written}
        """
    rules = ["k8s-mounted-token", "k8s-privilege-escalation", "k8s-root-container", "k8s-writable-root-filesystem"]

    found = check({"web.yaml": textwrap.dedent(pod)}, select=rules)

    assert sorted(one.rule.id for one in found) == (rules if told else [])


@pytest.mark.parametrize(("written", "told"), [("${VALUE}", False), ("{{ value }}", False), ("Other", True)])
def test_what_is_put_in_later_is_no_wrong_word(written: str, told: bool) -> None:
    pod = f"""\
        apiVersion: batch/v1
        kind: Job
        metadata: {{name: web, namespace: shop}}
        spec:
          template:
            spec:
              restartPolicy: "{written}"
              topologySpreadConstraints:
                - {{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: "{written}", labelSelector: {{matchLabels: {{a: b}}}}}}
              securityContext:
                seccompProfile: {{type: "{written}"}}
                sysctls: [{{name: "{written}", value: "1"}}]
              containers:
                - name: web
                  image: shop/web:1.0
                  securityContext:
                    appArmorProfile: {{type: "{written}"}}
                    procMount: "{written}"
                    capabilities: {{drop: ["{written}"], add: ["{written}"]}}
        """
    rules = [
        "k8s-added-capability",
        "k8s-apparmor-override",
        "k8s-invalid-topology-spread",
        "k8s-job-restart-policy",
        "k8s-kept-capabilities",
        "k8s-unconfined-seccomp",
        "k8s-unmasked-proc",
        "k8s-unsafe-sysctl",
    ]

    found = check({"web.yaml": textwrap.dedent(pod)}, select=rules)

    assert sorted(one.rule.id for one in found) == (rules if told else [])
