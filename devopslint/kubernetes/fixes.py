"""How manifests are mended: security contexts, resources, probes, rollouts and autoscalers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devopslint.kubernetes.manifests import workloads
from devopslint.kubernetes.quantity import quantity, whole
from devopslint.kubernetes.workloads import Container, Manifest, Workload
from devopslint.model import Problem
from devopslint.readers.rewriting import UNSAFE
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_changes import Append, Change, Drop, Put, Rename, Rewrite
from devopslint.registry import fix

Mended = Iterator[Change | str]

REQUESTS = {"cpu": "100m", "memory": "128Mi"}
LIMITS = {"cpu": "500m", "memory": "256Mi"}
"""To begin with, where the configuration names nothing."""
PROBES: dict[str, dict[str, int]] = {
    "livenessProbe": {"initialDelaySeconds": 30, "periodSeconds": 10, "timeoutSeconds": 3, "failureThreshold": 3},
    "readinessProbe": {"initialDelaySeconds": 10, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3},
}
"""As the Definition of Done has them."""


def in_context(container: Container, *keys: str, value: Any) -> Put:
    return Put(container.node, ("securityContext", *keys), value)


@fix("k8s-privilege-escalation")
def privilege_escalation(container: Container, problem: Problem) -> Mended:
    yield in_context(container, "allowPrivilegeEscalation", value=False)


@fix("k8s-writable-root-filesystem")
def writable_root_filesystem(container: Container, problem: Problem) -> Mended:
    yield in_context(container, "readOnlyRootFilesystem", value=True)


@fix("k8s-root-container")
def root_container(container: Container, problem: Problem) -> Mended:
    if whole(container.security("runAsUser")) != 0:  # which user it is to be, the image has to say
        yield in_context(container, "runAsNonRoot", value=True)


@fix("k8s-missing-seccomp-profile")
def missing_seccomp_profile(container: Container, problem: Problem) -> Mended:
    if not container.workload.windows:
        yield in_context(container, "seccompProfile", "type", value="RuntimeDefault")


@fix("k8s-kept-capabilities", "k8s-kept-net-raw", "k8s-kept-default-capabilities", "k8s-undropped-capabilities")
def kept_capabilities(container: Container, problem: Problem) -> Mended:
    drop = container.node.get("securityContext", "capabilities", "drop")
    misspelt = next((item for item in drop.strings() if item.text.upper() == "ALL"), None)
    if not drop.exists:
        yield in_context(container, "capabilities", "drop", value=["ALL"])
    elif misspelt is not None:
        yield Rewrite(misspelt, 0, len(misspelt.text), "ALL")
    elif drop.is_sequence:
        yield Append(drop, "ALL")


@fix("k8s-privileged-container")
def privileged_container(container: Container, problem: Problem) -> Mended:
    yield in_context(container, "privileged", value=False)


@fix("k8s-host-network", "k8s-host-pid", "k8s-host-ipc")
def host_namespace(workload: Workload, problem: Problem) -> Mended:
    keys = {"network": "hostNetwork", "processes": "hostPID", "inter-process communication": "hostIPC"}
    key = next(key for what, key in keys.items() if problem.message.endswith(what))
    yield Put(workload.pod, (key,), False)


@fix("k8s-shared-process-namespace")
def shared_process_namespace(workload: Workload, problem: Problem) -> Mended:
    yield Put(workload.pod, ("shareProcessNamespace",), False)


@fix("k8s-mounted-token", each=workloads)
def mounted_token(workload: Workload, problem: Problem) -> Mended:
    """Safe where the pod runs as the account that may do nothing: the namespace's own."""
    account = workload.pod["serviceAccountName"].text or workload.pod["serviceAccount"].text
    if account not in ("", "default") or not workload.pod.present:
        yield UNSAFE
    yield Put(
        workload.pod, ("automountServiceAccountToken",), False, after=("serviceAccountName",), before="containers"
    )


@fix("k8s-requested-token")
def requested_token(workload: Workload, problem: Problem) -> Mended:
    if workload.pod["automountServiceAccountToken"].value is True:
        yield Put(workload.pod, ("automountServiceAccountToken",), False)


@fix("k8s-unrefused-account-token")
def unrefused_account_token(account: Manifest, problem: Problem) -> Mended:
    yield Put(account.node, ("automountServiceAccountToken",), False)


@fix("k8s-deprecated-service-account-field")
def deprecated_service_account_field(workload: Workload, problem: Problem) -> Mended:
    yield Rename(workload.pod, "serviceAccount", "serviceAccountName")


@fix("k8s-missing-cpu-request", "k8s-missing-memory-request", "k8s-missing-cpu-limit", "k8s-missing-memory-limit")
def missing_resource(
    container: Container,
    problem: Problem,
    *,
    requests: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Mended:
    """A request stays at or below the limit that is there, and a limit at or above the request."""
    resource = "cpu" if " no cpu " in problem.message else "memory"
    section = "requests" if f" no {resource} request" in problem.message else "limits"
    chosen = requests if section == "requests" else limits
    defaults = REQUESTS if section == "requests" else LIMITS
    amount: Any = (chosen or {}).get(resource)
    if amount is None:
        yield UNSAFE
        amount = defaults[resource]
    other = container.node["resources"]["limits" if section == "requests" else "requests"][resource]
    wanted, given = quantity(str(amount)), quantity(other.text)
    if wanted is not None and given is not None:
        if (section == "requests" and wanted > given) or (section == "limits" and wanted < given):
            amount = other.value
    yield Put(container.node, ("resources", section, resource), amount)


@fix("k8s-missing-liveness-probe", "k8s-missing-readiness-probe")
def missing_probe(container: Container, problem: Problem) -> Mended:
    """That its first port takes connections is the least that a probe can ask."""
    key = "livenessProbe" if "liveness" in problem.message else "readinessProbe"
    port = next((port for port in container.ports if port["protocol"].text in ("", "TCP")), None)
    if port is None or (not port["name"].text and whole(port["containerPort"]) is None):
        return
    yield Put(
        container.node, (key,), {"tcpSocket": {"port": port["name"].text or port["containerPort"].value}} | PROBES[key]
    )


@fix("k8s-cached-image", "k8s-cached-digest")
def cached_image(container: Container, problem: Problem) -> Mended:
    yield Put(container.node, ("imagePullPolicy",), "Always", after=("image",))


@fix("k8s-unset-pull-policy")
def unset_pull_policy(container: Container, problem: Problem) -> Mended:
    """What holds anyway, for a tag that moves."""
    if container.image is not None:
        yield Put(container.node, ("imagePullPolicy",), "Always", after=("image",))


@fix("k8s-unset-restart-policy")
def unset_restart_policy(workload: Workload, problem: Problem) -> Mended:
    policy = workload.pod["restartPolicy"]
    if not policy.present and workload.kind not in ("Job", "CronJob"):
        yield Put(workload.pod, ("restartPolicy",), "Always", before="containers")


@fix("k8s-job-restart-policy")
def job_restart_policy(workload: Workload, problem: Problem) -> Mended:
    yield Put(workload.pod, ("restartPolicy",), "OnFailure", before="containers")


@fix("k8s-missing-cronjob-deadline")
def missing_cronjob_deadline(workload: Workload, problem: Problem) -> Mended:
    yield Put(workload.spec, ("startingDeadlineSeconds",), 300, after=("schedule",))


@fix("k8s-kept-job")
def kept_job(workload: Workload, problem: Problem) -> Mended:
    if workload.kind == "Job":
        yield Put(workload.spec, ("ttlSecondsAfterFinished",), 86_400)
    else:
        yield Drop(workload.spec["jobTemplate"]["spec"], "ttlSecondsAfterFinished")


@fix("k8s-rollout-unavailable", each=workloads)
def rollout_unavailable(workload: Workload, problem: Problem) -> Mended:
    if workload.kind != "Deployment" or not workload.spec.present:
        return
    surge = workload.spec["strategy"]["rollingUpdate"]["maxSurge"]
    if not workload.spec["strategy"]["type"].present:
        yield Put(workload.spec, ("strategy", "type"), "RollingUpdate", after=("replicas",), before="template")
    if not surge.present or surge.canonical in ("0", "0%"):
        yield Put(workload.spec, ("strategy", "rollingUpdate", "maxSurge"), 1, after=("replicas",), before="template")
    yield Put(workload.spec, ("strategy", "rollingUpdate", "maxUnavailable"), 0, after=("replicas",), before="template")


@fix("k8s-rollout-without-surge")
def rollout_without_surge(deployment: Manifest, problem: Problem) -> Mended:
    yield Put(deployment.spec, ("strategy", "rollingUpdate", "maxSurge"), 1)


@fix("k8s-missing-revision-history")
def missing_revision_history(deployment: Manifest, problem: Problem, *, maximum: int) -> Mended:
    yield Put(deployment.spec, ("revisionHistoryLimit",), maximum, after=("replicas",), before="template")


@fix("k8s-no-rollback")
def no_rollback(deployment: Manifest, problem: Problem) -> Mended:
    yield Put(deployment.spec, ("revisionHistoryLimit",), 3)


@fix("hpa-low-minimum", "hpa-single-minimum")
def low_minimum(autoscaler: Manifest, problem: Problem, *, minimum: int) -> Mended:
    key, highest = "minReplicas", autoscaler.spec["maxReplicas"]
    if autoscaler.kind == "ScaledObject":
        key, highest = "minReplicaCount", autoscaler.spec["maxReplicaCount"]
    most = whole(highest)
    if most is None or most > minimum:  # a minimum above the maximum is refused, and one that is equal scales nothing
        yield Put(autoscaler.spec, (key,), minimum, after=("scaleTargetRef",), before="maxReplicas")


@fix("hpa-fast-scale-up")
def fast_scale_up(autoscaler: Manifest, problem: Problem, *, window: int, percent: int) -> Mended:
    up = autoscaler.spec["behavior"]["scaleUp"]
    yield from _slower(autoscaler, "scaleUp", up, problem, window, percent)


@fix("hpa-fast-scale-down")
def fast_scale_down(autoscaler: Manifest, problem: Problem, *, window: int, percent: int) -> Mended:
    down = autoscaler.spec["behavior"]["scaleDown"]
    yield from _slower(autoscaler, "scaleDown", down, problem, window, percent)


def _slower(autoscaler: Manifest, key: str, behaviour: Node, problem: Problem, window: int, percent: int) -> Mended:
    """Of one direction: how long it waits, or a policy where there is none, or one that is less."""
    if "v2" not in autoscaler.api_version.split("/")[-1][:2]:  # v1 has no behaviour
        return
    policies = behaviour["policies"]
    if (
        problem.location.region == behaviour["stabilizationWindowSeconds"].location.region
        and " waits " in problem.message
    ):
        yield Put(autoscaler.spec, ("behavior", key, "stabilizationWindowSeconds"), window)
    elif not len(policies) and not policies.present:
        slow = {"type": "Percent", "value": percent, "periodSeconds": 60}
        if not behaviour["stabilizationWindowSeconds"].present:
            yield Put(autoscaler.spec, ("behavior", key, "stabilizationWindowSeconds"), window)
        yield Put(autoscaler.spec, ("behavior", key, "policies"), [slow])
    for policy in policies:
        if policy["value"].location.region == problem.location.region and policy["type"].text == "Percent":
            yield Put(policy, ("value",), percent)
            yield Put(policy, ("periodSeconds",), 60)


@fix("pdb-keeps-unhealthy-pods")
def keeps_unhealthy_pods(budget: Manifest, problem: Problem) -> Mended:
    if budget.spec.present:
        yield Put(budget.spec, ("unhealthyPodEvictionPolicy",), "AlwaysAllow")
