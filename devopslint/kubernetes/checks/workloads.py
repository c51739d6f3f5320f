"""How a workload's pods are scheduled, named, restarted and reached."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.cluster import ClusterWorkload, cluster_workloads
from devopslint.kubernetes.manifests import Manifests, containers, objects, workloads
from devopslint.kubernetes.names import is_form, is_put_in, serves_ssh, stands_in
from devopslint.kubernetes.objects import role_bindings, service_accounts, webhooks
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.schedules import refused_schedule, refused_zone
from devopslint.kubernetes.workloads import Container, Manifest, Workload, texts
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_CONTAINER_NAME = compiled(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PLACEHOLDER = compiled(r"[${}<>%@]|__[A-Z][A-Z0-9_]*__|\A[A-Z]+(?:_[A-Z]+)+\Z")
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
HOSTNAME = "kubernetes.io/hostname"
PRIVILEGED_BELOW = 1024


def replicated(manifests: Manifests) -> list[Workload]:
    """Every workload that may have several pods that do the same."""
    kinds = ("Deployment", "DeploymentConfig", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout")
    return [workload for workload in workloads(manifests) if workload.kind in kinds]


@check("k8s-default-service-account", each=workloads)
def default_service_account(workload: Workload) -> Iterator[Problem]:
    account = workload.pod["serviceAccountName"]
    if not account.present:
        account = workload.pod["serviceAccount"] if workload.pod["serviceAccount"].present else account
    if workload.pod["automountServiceAccountToken"].value is False and not account.present:
        return
    if workload.pod.present and account.text in ("", "default"):
        yield Problem(account.location, f"{workload.label} runs as the namespace's default service account")


@check("k8s-tokenless-default-account", each=workloads)
def tokenless_default_account(workload: Workload) -> Iterator[Problem]:
    pod = workload.pod
    named = pod["serviceAccountName"].text or pod["serviceAccount"].text
    if pod["automountServiceAccountToken"].value is False and not named:
        yield Problem(pod["serviceAccountName"].location, f"{workload.label} names no service account")


@check("k8s-used-default-account", each=service_accounts)
def used_default_account(account: Manifest) -> Iterator[Problem]:
    if account.name == "default" and account.node["automountServiceAccountToken"].value is not False:
        yield Problem(account.location, "the default service account gives its token to every pod")


@check("k8s-default-account-binding", each=role_bindings)
def default_account_binding(binding: Manifest) -> Iterator[Problem]:
    for subject in binding.node["subjects"]:
        if subject["kind"].text == "ServiceAccount" and subject["name"].text == "default":
            yield Problem(subject["name"].location, f"{binding.label} gives every pod of the namespace its rights")


@check("k8s-deprecated-service-account-field", each=workloads)
def deprecated_service_account_field(workload: Workload) -> Iterator[Problem]:
    account = workload.pod["serviceAccount"]
    if account.present and not workload.pod["serviceAccountName"].present:
        yield Problem(account.key_location, "serviceAccount is deprecated: serviceAccountName takes its place")


@check("k8s-mounted-token", each=cluster_workloads, complete=True)
def mounted_token(workload: ClusterWorkload) -> Iterator[Problem]:
    own, mounts = workload.own, workload.own.automount
    if isinstance(mounts.value, str) and stands_in(mounts.value):
        return
    account = workload.account if mounts.value is None else None
    refused = mounts.value is False or (account is not None and account.automount.value is False)
    if not refused and own.template_of is None and own.kind != "PodTemplate":
        related = (Related(account.automount.location, f"{account.label} does not refuse it"),) if account else ()
        yield Problem(mounts.location, f"{workload.label} is given a token for the Kubernetes API", related)


@check("k8s-requested-token", each=workloads)
def requested_token(workload: Workload) -> Iterator[Problem]:
    mounts = workload.pod["automountServiceAccountToken"]
    if mounts.value is True:
        yield Problem(mounts.location, f"{workload.label} asks for a token for the Kubernetes API")
    elif mounts.value is not False:
        for container in workload.containers:
            for mount in container.node["volumeMounts"]:
                if mount["mountPath"].text.rstrip("/") == TOKEN_PATH:
                    yield Problem(mount["mountPath"].location, f"container '{container.name}' mounts a token by hand")


@check("k8s-missing-anti-affinity", each=replicated)
def missing_anti_affinity(workload: Workload, *, minimum: int) -> Iterator[Problem]:
    if workload.kind != "StatefulSet":
        yield from without_anti_affinity(workload, minimum)


@check("k8s-statefulset-without-anti-affinity", each=replicated)
def statefulset_without_anti_affinity(workload: Workload, *, minimum: int) -> Iterator[Problem]:
    if workload.kind == "StatefulSet":
        yield from without_anti_affinity(workload, minimum)


def without_anti_affinity(workload: Workload, minimum: int) -> Iterator[Problem]:
    replicas = workload.spec["replicas"]
    if (count := whole(replicas)) is not None and count < minimum:
        return
    affinity = workload.pod["affinity"]["podAntiAffinity"]
    if workload.pod.present and not any(keeps_apart(workload, term) for term in anti_affinity_terms(affinity)):
        yield Problem(affinity.location, f"{workload.label} may have all its pods on one node")


def anti_affinity_terms(affinity: Node) -> Iterator[Node]:
    yield from affinity["requiredDuringSchedulingIgnoredDuringExecution"]
    for weighted in affinity["preferredDuringSchedulingIgnoredDuringExecution"]:
        yield weighted["podAffinityTerm"]


def keeps_apart(workload: Workload, term: Node) -> bool:
    selector = term["labelSelector"]
    wanted = texts(selector["matchLabels"])
    labels = workload.pod_labels
    return (
        term["topologyKey"].text == HOSTNAME
        and selector.present
        and all(labels.get(key) == value for key, value in wanted.items())
        and all(expression_holds(expression, labels) for expression in selector["matchExpressions"])
    )


def expression_holds(expression: Node, labels: dict[str, str]) -> bool:
    value = labels.get(expression["key"].text)
    values = {one.text for one in expression["values"]}
    match expression["operator"].text:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


@check("k8s-missing-topology-spread", each=workloads)
def missing_topology_spread(workload: Workload) -> Iterator[Problem]:
    constraints = workload.pod["topologySpreadConstraints"]
    if workload.pod.present and not workload.kind.endswith("Job") and not len(constraints):
        yield Problem(constraints.location, f"{workload.label} does not spread its pods over nodes or zones")


@check("k8s-invalid-topology-spread", each=workloads)
def invalid_topology_spread(workload: Workload) -> Iterator[Problem]:
    for constraint in workload.pod["topologySpreadConstraints"]:
        if not constraint.is_mapping:
            continue
        action = constraint["whenUnsatisfiable"]
        if not constraint["labelSelector"].present:
            yield Problem(
                constraint["labelSelector"].location, "a topology spread without labelSelector counts no pods"
            )
        for key in ("maxSkew", "minDomains"):
            if constraint[key].value == 0 or (key == "maxSkew" and not constraint[key].present):
                yield Problem(constraint[key].location, f"a topology spread has no {key} of 1 or more")
        if not constraint["topologyKey"].text:
            yield Problem(constraint["topologyKey"].location, "a topology spread names no topologyKey")
        if action.text not in ("DoNotSchedule", "ScheduleAnyway") and not is_put_in(action.text):
            yield Problem(action.location, f"'{action.text}' is neither DoNotSchedule nor ScheduleAnyway")


@check("k8s-missing-node-affinity", each=workloads)
def missing_node_affinity(workload: Workload) -> Iterator[Problem]:
    affinity = workload.pod["affinity"]["nodeAffinity"]
    if workload.pod.present and not affinity.present:
        yield Problem(affinity.location, f"{workload.label} says nothing about its nodes")


@check("k8s-missing-priority-class", each=workloads)
def missing_priority_class(workload: Workload) -> Iterator[Problem]:
    priority = workload.pod["priorityClassName"]
    if workload.pod.present and not priority.text:
        yield Problem(priority.location, f"{workload.label} names no priority class")


@check("k8s-unlisted-priority-class", each=workloads)
def unlisted_priority_class(workload: Workload, *, classes: list[str]) -> Iterator[Problem]:
    priority = workload.pod["priorityClassName"]
    if priority.text and priority.text not in classes:
        yield Problem(priority.location, f"'{priority.text}' is none of the priority classes that are listed")


@check("k8s-system-priority", each=workloads)
def system_priority(workload: Workload) -> Iterator[Problem]:
    priority = workload.pod["priorityClassName"]
    if priority.text.startswith("system-") and workload.namespace != "kube-system":
        yield Problem(
            priority.location, f"{workload.label} has the priority '{priority.text}' of the cluster's own pods"
        )


@check("k8s-control-plane-pod", each=workloads)
def control_plane_pod(workload: Workload) -> Iterator[Problem]:
    names = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
    for toleration in workload.pod["tolerations"]:
        if toleration["key"].text in names:
            yield Problem(toleration["key"].location, f"{workload.label} may run on control plane nodes")
    for key in [key for key, _ in workload.pod["nodeSelector"].items()]:
        if key.text in names:
            yield Problem(key.location, f"{workload.label} runs on control plane nodes")


@check("k8s-missing-ndots", each=workloads)
def missing_ndots(workload: Workload) -> Iterator[Problem]:
    options = workload.pod["dnsConfig"]["options"]
    if workload.pod.present and "ndots" not in [option["name"].text for option in options]:
        yield Problem(options.location, f"{workload.label} looks names up in every search domain first")


@check("k8s-unset-restart-policy", each=workloads)
def unset_restart_policy(workload: Workload) -> Iterator[Problem]:
    policy = workload.pod["restartPolicy"]
    if workload.pod.present and policy.text not in ("Always", "OnFailure"):
        yield Problem(policy.location, f"{workload.label} does not say that its containers are restarted")


@check("k8s-job-restart-policy", each=workloads)
def job_restart_policy(workload: Workload) -> Iterator[Problem]:
    policy = workload.pod["restartPolicy"]
    if workload.kind not in ("Job", "CronJob") or not workload.pod.present or is_put_in(policy.text):
        return
    if policy.text not in ("Never", "OnFailure"):
        yield Problem(
            policy.location, f"{workload.label} has restartPolicy '{policy.text or 'Always'}', which jobs cannot have"
        )


@check("k8s-kept-job", each=workloads)
def kept_job(workload: Workload) -> Iterator[Problem]:
    if workload.kind == "Job":
        lifetime = workload.spec["ttlSecondsAfterFinished"]
        if workload.spec.present and not lifetime.present:
            yield Problem(lifetime.location, f"{workload.label} stays in the cluster when it is done")
    elif workload.kind == "CronJob":
        lifetime = workload.spec["jobTemplate"]["spec"]["ttlSecondsAfterFinished"]
        if lifetime.present:
            yield Problem(
                lifetime.key_location, f"{workload.label} removes its jobs by age, where its history limits count them"
            )


@check("k8s-invalid-schedule", each=workloads)
def invalid_schedule(workload: Workload) -> Iterator[Problem]:
    schedule, zone = workload.spec["schedule"], workload.spec["timeZone"]
    if workload.kind == "CronJob" and zone.present and refused_zone(zone.text):
        yield Problem(zone.location, f"timeZone '{zone.text}' is refused: there is no such time zone")
    text = schedule.text
    if workload.kind != "CronJob" or not text or "{{" in text or "$" in text:
        return
    if " " not in text and stands_in(text) and (text[0] != "@" or text[-1] == "@"):
        return
    objection = refused_schedule(text)
    if objection:
        yield Problem(schedule.location, f"schedule '{text}' is refused: {objection}")


@check("k8s-missing-cronjob-deadline", each=workloads)
def missing_cronjob_deadline(workload: Workload) -> Iterator[Problem]:
    deadline = workload.spec["startingDeadlineSeconds"]
    if workload.kind == "CronJob" and workload.spec.present and not deadline.present:
        yield Problem(deadline.location, f"{workload.label} stops for good after 100 missed starts")


@check("k8s-privileged-port", each=containers)
def privileged_port(container: Container) -> Iterator[Problem]:
    for port in container.ports:
        number = port["containerPort"]
        if 0 < (whole(number) or 0) < PRIVILEGED_BELOW:
            yield Problem(number.location, f"container '{container.name}' listens on port {number.text}, below 1024")


@check("k8s-ssh-port", each=containers)
def ssh_port(container: Container) -> Iterator[Problem]:
    if serves_ssh(container.name, container.node["image"].text):
        return
    for port in container.ports:
        if port["containerPort"].value == 22 and port["protocol"].text in ("", "TCP"):
            yield Problem(
                port["containerPort"].location, f"container '{container.name}' listens on port 22, that of SSH"
            )


@check("k8s-webhook-fails-open", each=webhooks)
def webhook_fails_open(configuration: Manifest) -> Iterator[Problem]:
    for webhook in configuration.node["webhooks"]:
        policy = webhook["failurePolicy"]
        if policy.text == "Ignore" and any(sees_pods(rule) for rule in webhook["rules"]):
            yield Problem(policy.location, f"webhook '{webhook['name'].text}' lets everything pass while it is down")


@check("k8s-unscoped-webhook", each=webhooks)
def unscoped_webhook(configuration: Manifest) -> Iterator[Problem]:
    for webhook in configuration.node["webhooks"] if configuration.kind.startswith("Mutating") else ():
        selectors = (webhook["namespaceSelector"], webhook["objectSelector"])
        scoped = any(len(one["matchLabels"]) or len(one["matchExpressions"]) for one in selectors)
        if not scoped and any(sees_pods(rule) for rule in webhook["rules"]):
            yield Problem(
                webhook["name"].location, f"webhook '{webhook['name'].text}' may change every pod of the cluster"
            )


def sees_pods(rule: Node) -> bool:
    """Whether requests for pods are among those that a webhook is asked about."""
    wholes = {resource.text.partition("/")[0] for resource in rule["resources"].strings()}
    return not wholes.isdisjoint(("*", "pods")) or "*" in {group.text for group in rule["apiGroups"].strings()}


@check("k8s-long-lived-token", each=workloads)
def long_lived_token(workload: Workload, *, seconds: int) -> Iterator[Problem]:
    for volume in workload.volumes:
        for source in volume["projected"]["sources"]:
            lives = source["serviceAccountToken"]["expirationSeconds"]
            if (whole(lives) or 0) > seconds:
                yield Problem(
                    lives.location, f"a token of {workload.label} lives for {lives.text} s, more than {seconds} s"
                )


@check("k8s-unverified-api-service", each=objects)
def unverified_api_service(manifest: Manifest) -> Iterator[Problem]:
    skips = manifest.spec["insecureSkipTLSVerify"]
    if manifest.kind == "APIService" and skips.value is True:
        yield Problem(
            skips.location, f"{manifest.label} passes requests on to whoever answers: no certificate is checked"
        )


@check("k8s-unverified-cluster", each=objects)
def unverified_cluster(manifest: Manifest) -> Iterator[Problem]:
    if manifest.kind == "Config":
        for entry in manifest.node["clusters"]:
            skips = entry["cluster"]["insecure-skip-tls-verify"]
            if skips.value is True:
                yield Problem(
                    skips.location, f"cluster '{entry['name'].text}' is reached without checking its certificate"
                )


@check("k8s-privileged-scc", each=objects)
def privileged_scc(manifest: Manifest) -> Iterator[Problem]:
    allowed = manifest.node["allowPrivilegedContainer"]
    if manifest.kind == "SecurityContextConstraints" and allowed.value is True:
        yield Problem(allowed.location, f"{manifest.label} lets pods run privileged containers")


@check("k8s-invalid-container-name", each=workloads)
def invalid_container_name(workload: Workload) -> Iterator[Problem]:
    seen: set[str] = set()
    for container in workload.containers if not is_form(workload.name, workload.node.source.path) else ():
        name = container.node["name"]
        if not name.text or _PLACEHOLDER.search(name.text):
            continue
        if not _CONTAINER_NAME.fullmatch(name.text):
            message = f"'{name.text}' is no container name: at most 63 of a-z, 0-9 and -, no - at either end"
            yield Problem(name.location, message)
        elif name.text in seen:
            yield Problem(name.location, f"{workload.label} has two containers called '{name.text}'")
        seen.add(name.text)
