"""What the API server refuses in pods: each held against its own validation, of Kubernetes 1.34."""

from __future__ import annotations

import pytest

import devopslint

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  %s
  containers:
    - name: web
      image: registry.example.org/shop:1.4.0
      %s
"""


def told(text: str) -> list[str]:
    return [one.message for one in devopslint.check({"shop.yaml": text}, select=["k8s-refused-pod"])]


OF_PODS = [
    ("restartPolicy: always", "restartPolicy of Pod/shop is 'always', not Always, OnFailure or Never"),
    ("dnsPolicy: clusterFirst", "dnsPolicy of Pod/shop is 'clusterFirst', not ClusterFirst, ClusterFirstWithHostNet, Default or None"),
    ("dnsPolicy: None", "Pod/shop asks nobody for names: dnsPolicy is None, without nameservers"),
    ("dnsConfig: {nameservers: [1.1.1.1, 1.0.0.1, 8.8.8.8, 8.8.4.4]}", "Pod/shop has more than 3 nameservers"),
    ("dnsConfig: {nameservers: [dns.example.org]}", "a nameserver of Pod/shop is no address: 'dns.example.org'"),
    ("preemptionPolicy: never", "preemptionPolicy of Pod/shop is 'never', not PreemptLowerPriority or Never"),
    ("securityContext: {fsGroupChangePolicy: always}", "fsGroupChangePolicy of Pod/shop is 'always', not OnRootMismatch or Always"),
    ("securityContext: {seccompProfile: {type: runtime/default}}", "type of Pod/shop is 'runtime/default', not RuntimeDefault, Unconfined or Localhost"),
    ("securityContext: {runAsUser: -1}", "runAsUser of Pod/shop is -1: ids go from 0 to 2147483647"),
    ("activeDeadlineSeconds: -1", "activeDeadlineSeconds of Pod/shop is less than 0"),
    ("shareProcessNamespace: true\n  hostPID: true", "Pod/shop shares both the processes of its containers and those of the node"),
    ("hostname: shop.example.org", "hostname of Pod/shop is no label of DNS: 'shop.example.org'"),
    ("tolerations: [{key: a, operator: Exists, value: b}]", "a toleration of Pod/shop asks for Exists, and has a value"),
    ("tolerations: [{value: b}]", "a toleration of Pod/shop has no key, and does not ask for Exists"),
    ("tolerations: [{key: a, value: b, effect: NoRun}]", "a toleration of Pod/shop has the effect 'NoRun', not NoSchedule, PreferNoSchedule or NoExecute"),
    ("tolerations: [{key: a, value: b, effect: NoSchedule, tolerationSeconds: 5}]", "a toleration of Pod/shop has tolerationSeconds, and its effect is not NoExecute"),
    (
        "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: "
        "{topologyKey: zone, labelSelector: {}}}]}}",
        "podAntiAffinity of Pod/shop has the weight 0: weights go from 1 to 100",
    ),
    (
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        "[{matchExpressions: [{key: a, operator: in, values: [b]}]}]}}}",
        "nodeAffinity of Pod/shop asks for 'in', not In, NotIn, Exists, DoesNotExist, Gt or Lt",
    ),
    (
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        "[{matchExpressions: [{key: a, operator: In, values: []}]}]}}}",
        "nodeAffinity of Pod/shop asks for In of no values",
    ),
    (
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        "[{matchExpressions: [{key: a, operator: Exists, values: [b]}]}]}}}",
        "nodeAffinity of Pod/shop asks for Exists, and has values",
    ),
    ("volumes: [{name: My_Data, emptyDir: {}}]", "'My_Data' is no name of a volume: at most 63 of a-z, 0-9 and -, no - at either end"),
    ("volumes: [{name: a, emptyDir: {}, configMap: {name: b}}]", "volume 'a' of Pod/shop is both emptyDir and configMap"),
    ("volumes: [{name: a, hostPath: {path: /a/../b}}]", "volume 'a' of Pod/shop leads out of its path: '/a/../b'"),
    (
        "volumes: [{name: a, hostPath: {path: /a, type: directory}}]",
        "volume 'a' of Pod/shop is a 'directory', not DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice",
    ),
    ("volumes: [{name: a, secret: {secretName: b, defaultMode: 644}}]", "volume 'a' of Pod/shop has the mode 644, which is more than 0777: 0644 is meant"),
    ("volumes: [{name: a, configMap: {name: b, items: [{key: c, path: ../d}]}}]", "volume 'a' of Pod/shop puts a file outside of it: '../d'"),
    ("volumes: [{name: a, projected: {sources: [{secret: {name: b, items: [{key: c, path: /d}]}}]}}]", "volume 'a' of Pod/shop puts a file outside of it: '/d'"),
    ("volumes: [{name: a, downwardAPI: {items: [{path: b, fieldRef: {fieldPath: status.podIP}}]}}]", "volume 'a' of Pod/shop cannot tell 'status.podIP' of the pod"),
]  # fmt: skip
OF_CONTAINERS = [
    ("imagePullPolicy: always", "imagePullPolicy of container 'web' is 'always', not Always, IfNotPresent or Never"),
    ("terminationMessagePolicy: Log", "terminationMessagePolicy of container 'web' is 'Log', not File or FallbackToLogsOnError"),
    ("securityContext: {procMount: unmasked}", "procMount of container 'web' is 'unmasked', not Default or Unmasked"),
    ("securityContext: {runAsGroup: 3000000000}", "runAsGroup of container 'web' is 3000000000: ids go from 0 to 2147483647"),
    ("securityContext: {privileged: true, allowPrivilegeEscalation: false}", "container 'web' is privileged, and may not gain privileges"),
    (
        "securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}",
        "container 'web' is given CAP_SYS_ADMIN, and may not gain privileges",
    ),
    ("ports: [{containerPort: 80, protocol: tcp}]", "a port of container 'web' has the protocol 'tcp', not TCP, UDP or SCTP"),
    ("ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]", "Pod/shop takes port 80 of the node twice"),
    ("env: [{name: A, valueFrom: {}}]", "variable 'A' of container 'web' comes from nowhere: none of configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef"),
    (
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: b, key: c}, secretKeyRef: {name: b, key: c}}}]",
        "variable 'A' of container 'web' comes from both configMapKeyRef and secretKeyRef",
    ),
    ("env: [{name: A=B, value: c}]", "variable 'A=B' of container 'web' has a = in its name"),
    ("env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIp}}}]", "variable 'A' of container 'web' cannot tell 'status.podIp' of the pod"),
    ("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]", "variable 'A' of container 'web' cannot tell 'metadata.labels' of the pod"),
    ("env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.disk}}}]", "variable 'A' of container 'web' cannot tell the resource 'limits.disk'"),
    ("envFrom: [{prefix: A_}]", "an envFrom of container 'web' names neither a configMapRef nor a secretRef"),
    ("envFrom: [{configMapRef: {name: a}, secretRef: {name: b}}]", "an envFrom of container 'web' names both a configMapRef and a secretRef"),
    ("livenessProbe: {tcpSocket: {port: 80}, periodSeconds: -1}", "periodSeconds of livenessProbe of container 'web' is less than 0"),
    ("readinessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: 5}", "terminationGracePeriodSeconds of readinessProbe of container 'web' ends nothing"),
    ("livenessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: 0}", "terminationGracePeriodSeconds of livenessProbe of container 'web' is less than 1"),
    ("livenessProbe: {httpGet: {port: 80, scheme: http}}", "container 'web' is asked by 'http', not HTTP or HTTPS"),
    ("livenessProbe: {exec: {command: []}}", "container 'web' is to run an empty command"),
    ("lifecycle: {preStop: {}}", "preStop of container 'web' does nothing"),
    ("lifecycle: {preStop: {exec: {command: [a]}, httpGet: {port: 80}}}", "preStop of container 'web' does both exec and httpGet"),
]  # fmt: skip
OF_MOUNTS = [
    ("subPath: ../x", "container 'web' mounts what lies outside of the volume: '../x'"),
    ("subPath: /x", "container 'web' mounts what lies outside of the volume: '/x'"),
    ("subPath: a, subPathExpr: b", "a mount of container 'web' has both a subPath and a subPathExpr"),
    ("mountPropagation: bidirectional", "mountPropagation of container 'web' is 'bidirectional', not None, HostToContainer or Bidirectional"),
    ("mountPropagation: Bidirectional", "container 'web' hands its mounts to the node, and is not privileged"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "message"), OF_PODS)
def test_what_is_refused_in_a_pod(written: str, message: str) -> None:
    assert told(POD % (written, "")) == [message]


@pytest.mark.parametrize(("written", "message"), OF_CONTAINERS)
def test_what_is_refused_in_a_container(written: str, message: str) -> None:
    assert told(POD % ("", written)) == [message]


@pytest.mark.parametrize(("written", "message"), OF_MOUNTS)
def test_what_is_refused_in_a_mount(written: str, message: str) -> None:
    mount = f"volumeMounts: [{{name: a, mountPath: /a, {written}}}]"

    assert told(POD % ("volumes: [{name: a, emptyDir: {}}]", mount)) == [message]


def workload(kind: str, spec: str = "", pod: str = "", name: str = "shop") -> str:
    template = (
        f"template: {{metadata: {{labels: {{app: shop}}}}, spec: {{containers: [{{name: web, image: a:1}}]{pod}}}}}"
    )
    body = f"{{selector: {{matchLabels: {{app: shop}}}}, {template}{spec}}}"
    group = "batch" if kind in ("Job", "CronJob") else "apps"
    if kind == "Job":
        body = f"{{{template}{spec}}}"
    if kind == "CronJob":
        body = f"{{schedule: '0 * * * *', jobTemplate: {{spec: {{{template}}}}}{spec}}}"
    return f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {body}\n"


OF_WORKLOADS = [
    (workload("Deployment", pod=", restartPolicy: Never"), "restartPolicy of Deployment/shop is 'Never', and may only be Always"),
    (workload("StatefulSet", pod=", restartPolicy: OnFailure"), "restartPolicy of StatefulSet/shop is 'OnFailure', and may only be Always"),
    (workload("DaemonSet", pod=", restartPolicy: Never"), "restartPolicy of DaemonSet/shop is 'Never', and may only be Always"),
    (workload("Deployment", ", replicas: -1"), "replicas of Deployment/shop is less than 0"),
    (workload("Deployment", ", strategy: {type: recreate}"), "type of Deployment/shop is 'recreate', not RollingUpdate or Recreate"),
    (workload("Deployment", ", minReadySeconds: 600"), "Deployment/shop has to go on within 600 seconds, and is ready after 600"),
    (
        workload("Deployment", ", minReadySeconds: 30, progressDeadlineSeconds: 30"),
        "Deployment/shop has to go on within 30 seconds, and is ready after 30",
    ),
    (workload("StatefulSet", ", podManagementPolicy: parallel"), "podManagementPolicy of StatefulSet/shop is 'parallel', not OrderedReady or Parallel"),
    (workload("DaemonSet", ", updateStrategy: {type: Recreate}"), "type of DaemonSet/shop is 'Recreate', not RollingUpdate or OnDelete"),
    (workload("Job", ", backoffLimit: -1", ", restartPolicy: Never"), "backoffLimit of Job/shop is less than 0"),
    (
        workload("CronJob", ", concurrencyPolicy: forbid", ", restartPolicy: Never"),
        "concurrencyPolicy of CronJob/shop is 'forbid', not Allow, Forbid or Replace",
    ),
    (
        workload("CronJob", "", ", restartPolicy: Never", "a" * 53),
        f"the name of CronJob/{'a' * 53} is longer than 52 characters",
    ),
    (
        workload("Deployment", pod=", initContainers: [{name: a, image: b:1, readinessProbe: {tcpSocket: {port: 80}}}]"),
        "container 'a' is done before the pod starts, and has a readinessProbe: only a sidecar may",
    ),
    (
        workload("Deployment", pod=", hostNetwork: true").replace("a:1", "'a:1', ports: [{containerPort: 80, hostPort: 81}]"),
        "container 'web' has the node's network, and port 80 as 81 of it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), OF_WORKLOADS)
def test_what_is_refused_in_what_runs_pods(text: str, message: str) -> None:
    assert told(text) == [message]


FINE_PODS = [
    "volumes: [{name: a, emptyDir: {medium: memory}}]",
    "hostNetwork: true\n  initContainers: [{name: a, image: b:1, ports: [{containerPort: 80, hostPort: 81}]}]",
    "dnsPolicy: ClusterFirstWithHostNet",
    "dnsPolicy: None\n  dnsConfig: {nameservers: [1.1.1.1]}",
    "tolerations: [{operator: Exists}, {key: a, effect: NoExecute, tolerationSeconds: 5}, {key: b, operator: Exists}]",
    "volumes: [{name: a}, {name: b, configMap: {name: c, defaultMode: 0644}}, {name: c, emptyDir: {medium: HugePages-2Mi}}]",
    "volumes: [{name: a, secret: {secretName: b, defaultMode: 420, items: [{key: c, path: d/..e}]}}]",
    "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, preference: {matchExpressions: [{key: a, operator: Gt, values: ['1']}]}}]}}",
]
FINE_CONTAINERS = [
    "ports: [{containerPort: 53, protocol: UDP, hostPort: 53}, {containerPort: 53, hostPort: 53}]",
    "env: [{name: 1-A.b, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a']\"}}}]",
    "lifecycle: {preStop: {sleep: {seconds: 5}}}",
    "livenessProbe: {httpGet: {port: 80, scheme: HTTPS}, initialDelaySeconds: 0, timeoutSeconds: 0}",
    "securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}, procMount: Default}",
    "envFrom: [{prefix: A_, configMapRef: {name: a}}]",
]


@pytest.mark.parametrize("written", FINE_PODS)
def test_what_a_pod_may_say(written: str) -> None:
    assert told(POD % (written, "")) == []


@pytest.mark.parametrize("written", FINE_CONTAINERS)
def test_what_a_container_may_say(written: str) -> None:
    assert told(POD % ("", written)) == []


@pytest.mark.parametrize(
    "written",
    [
        "imagePullPolicy: ${POLICY}",
        "imagePullPolicy: PULL_POLICY",
        "env: [{name: A, valueFrom: {fieldRef: {fieldPath: '{{ field }}'}}}]",
        "imagePullPolicy: <policy>",
    ],
)
def test_what_is_put_in_later_is_not_refused(written: str) -> None:
    assert told(POD % ("", written)) == []


def test_a_sidecar_may_be_asked_and_jobs_may_end() -> None:
    sidecar = (
        ", initContainers: [{name: a, image: b:1, restartPolicy: Always, readinessProbe: {tcpSocket: {port: 80}}}]"
    )

    assert told(workload("Deployment", pod=sidecar)) == []
    assert told(workload("Job", pod=", restartPolicy: OnFailure")) == []
    assert told(workload("CronJob", pod=", restartPolicy: Never", name="a" * 52)) == []
    assert told(workload("Deployment", ", minReadySeconds: 599")) == []


@pytest.mark.parametrize(
    ("spec", "pod", "container"),
    [
        ("minReadySeconds: 600", "", ""),
        ("", "dnsPolicy: None", ""),
        ("", "initContainers: [{name: a, readinessProbe: {tcpSocket: {port: 80}}}]", ""),
        ("", "", "volumeMounts: [{name: a, mountPath: /a, mountPropagation: Bidirectional}]"),
    ],
)
def test_a_part_of_an_object_may_leave_out_what_the_rest_has(spec: str, pod: str, container: str) -> None:
    patch = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  {spec}
  template:
    spec:
      {pod}
      containers:
        - name: web
          {container}
"""
    assert devopslint.check({"patches/shop.yaml": patch}, select=["k8s-refused-pod"]) == []
