"""What workloads refer to: service accounts, configuration, Secrets, their own pods; and what namespaces limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from devopslint.kubernetes.cluster import (
    SYSTEM_NAMESPACES,
    Absence,
    Cluster,
    ClusterWorkload,
    Member,
    assumed,
    cluster_namespaces,
    cluster_workloads,
    leading_workloads,
)
from devopslint.kubernetes.manifests import workloads
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.objects import limit_ranges, namespaces, quotas, service_accounts
from devopslint.kubernetes.openings import is_near, is_within
from devopslint.kubernetes.summaries import (
    DataSummary,
    ObjectSummary,
    Reference,
    ServiceSummary,
    WorkloadSummary,
    label_selector,
    plain_selector,
)
from devopslint.kubernetes.workloads import Manifest, Workload
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check

if TYPE_CHECKING:
    from devopslint.kubernetes.deletions_in_cluster import ClusterDeletion, LeftOut

_ALWAYS_THERE = frozenset({"istio-ca-root-cert", "kube-root-ca.crt", "openshift-service-ca.crt"})
"""What a controller writes into every namespace."""
_ENFORCE = "pod-security.kubernetes.io/enforce"
_WARN = "pod-security.kubernetes.io/warn"
_SYSTEM_NAMESPACES = SYSTEM_NAMESPACES | {"default"}
_QUOTA = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")


@check("k8s-missing-service-account", each=cluster_workloads, complete=True)
def missing_service_account(workload: ClusterWorkload, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    account = workload.own.account
    absence = _lacks_kept(workload, "ServiceAccount", account.value, assume_exists)
    if account.value != "default" and absence:
        yield absence.at(
            account.location, f"{workload.label} runs as ServiceAccount '{account.value}', which is nowhere"
        )


@check("k8s-missing-config-map", each=cluster_workloads, complete=True)
def missing_config_map(workload: ClusterWorkload, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for reference in _wholes(workload, "ConfigMap"):
        absence = _lacks_kept(workload, "ConfigMap", reference.name, assume_exists)
        if reference.name not in _ALWAYS_THERE and absence:
            yield absence.at(
                reference.location, f"{workload.label} needs ConfigMap '{reference.name}', which is nowhere"
            )


@check("k8s-missing-secret", each=cluster_workloads, complete=True)
def missing_secret(workload: ClusterWorkload, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for reference in _wholes(workload, "Secret"):
        if absence := _lacks_kept(workload, "Secret", reference.name, assume_exists):
            yield absence.at(reference.location, f"{workload.label} needs Secret '{reference.name}', which is nowhere")


def _lacks_kept(workload: ClusterWorkload, kind: str, name: str, assume_exists: list[str]) -> Absence | None:
    """What there is to say where it is nowhere although others of its kind are written down where the workload is."""
    return workload.lacks(kind, name, assume_exists) if workload.cluster.keeps(kind, workload.own) else None


def _wholes(workload: ClusterWorkload, kind: str) -> list[Reference]:
    """The first use of each object of a kind."""
    first: dict[str, Reference] = {}
    for reference in workload.own.references:
        if reference.kind == kind:
            first.setdefault(reference.name, reference)
    return list(first.values())


@check("k8s-missing-key", each=cluster_workloads)
def missing_key(workload: ClusterWorkload) -> Iterator[Problem | NotKnown]:
    cluster, own = workload.cluster, workload.own
    for reference in own.references:
        found = cluster.anywhere(reference.kind, reference.name, own.namespace)
        if not reference.key or not found or "$" in reference.key:
            continue
        if not any(_may_have(one, reference.key) or cluster.is_changed(one, "data") for one in found):
            nearest = cluster.named(reference.kind, reference.name, own.namespace, own)
            question = f"whether {workload.label} finds key '{reference.key}' in {reference.kind} '{reference.name}'"
            if len(nearest) > 1 and not any(
                is_within(one.folder, own.folder) or is_within(own.folder, one.folder) for one in nearest
            ):
                yield NotKnown(reference.location, question, f"{len(nearest)} of that name are there, each for itself")
                continue
            processed = cluster.openings.in_file(own.location.path)
            if nearest and processed and not any(is_near(one.folder, own.folder) for one in nearest):
                yield NotKnown(reference.location, question, f"{nearest[0].location.path} may be for another project")
                continue
            yield Problem(
                reference.location,
                f"{workload.label} needs key '{reference.key}', which {reference.kind} '{reference.name}' does not have",
                tuple(Related(one.location, one.label) for one in nearest),
            )


def _may_have(data: object, key: str) -> bool:
    return not isinstance(data, DataSummary) or data.keys is None or key in data.keys


def cluster_deletions(cluster: Cluster) -> list[ClusterDeletion]:
    """Every object that the build takes out, where the objects of one build are asked for."""
    if not cluster.deletions:
        return []
    from devopslint.kubernetes.deletions_in_cluster import ClusterDeletion  # most trees take nothing out

    return [ClusterDeletion(one, cluster) for one in cluster.deletions]


def left_out_objects(cluster: Cluster) -> list[LeftOut]:
    """What the objects of a build need, and only other builds of the same base have."""
    if len(cluster.kustomizations.roots) < 2:
        return []
    from devopslint.kubernetes.deletions_in_cluster import left_out  # most trees have no overlays

    return left_out(cluster)


@check("kustomize-needed-deletion", each=cluster_deletions, complete=True)
def needed_deletion(deletion: ClusterDeletion, *, assume_exists: list[str]) -> Iterator[Problem]:
    needs = deletion.needs(assume_exists)
    if needs:
        yield Problem(
            deletion.location,
            f"deletes {deletion.label}, which {needs[0].label} still needs",
            tuple(Related(need.location, need.label) for need in needs),
            certain=not deletion.is_made_beside,
        )


@check("kustomize-left-out-object", each=left_out_objects, complete=True)
def left_out_object(left: LeftOut, *, assume_exists: list[str]) -> Iterator[Problem]:
    needed = left.needed
    if not assumed(assume_exists, needed.kind, needed.namespace, needed.name):
        yield Problem(
            left.location,
            f"builds {left.need.label}, which needs {needed.kind} '{needed.name}', and leaves that out",
            (Related(left.need.location, left.need.label), Related(needed.location, "another overlay has it")),
            certain=needed.kind != "ConfigMap",  # somebody may make one by hand
        )


@check("k8s-missing-headless-service", each=cluster_workloads, complete=True)
def missing_headless_service(workload: ClusterWorkload, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    own = workload.own
    if own.kind != "StatefulSet":
        return
    name = own.service_name
    if absence := workload.lacks("Service", name.value, assume_exists):
        yield absence.at(name.location, f"{own.label} has its names from Service '{name.value}', which is nowhere")
        return
    found = workload.cluster.named("Service", name.value, own.namespace, own) if name.value else []
    services = [one for one in found if isinstance(one, ServiceSummary) and one.folder == own.folder]
    if services and not any(service.headless for service in services):
        yield Problem(
            name.location,
            f"{own.label} has its names from Service '{name.value}', which is not headless",
            tuple(Related(service.location, f"{service.label} has a cluster address") for service in services),
            certain=False,  # nobody may look its pods up by their own names
        )
    elif services and not any(_selects(service, own) for service in services):
        yield Problem(
            name.location,
            f"{own.label} has its names from Service '{name.value}', which selects other pods",
            tuple(Related(service.location, service.label) for service in services),
        )


def _selects(service: ServiceSummary, workload: WorkloadSummary) -> bool:
    return service.selector is None or service.selector.matches(workload.pod_labels)


@check("k8s-unset-service-name", each=workloads)
def unset_service_name(workload: Workload) -> Iterator[Problem]:
    name = workload.spec["serviceName"]
    if workload.kind == "StatefulSet" and not name.text:
        yield Problem(name.location, f"{workload.label} names no Service, so its pods have no names to be found by")


@check("k8s-mismatched-selector", each=workloads)
def mismatched_selector(workload: Workload) -> Iterator[Problem]:
    node = workload.spec["selector"]
    older = workload.kind in ("DeploymentConfig", "ReplicationController")
    selector = plain_selector(node) if older else label_selector(node)
    labels = workload.template["metadata"]["labels"]
    elsewhere = workload.spec["workloadRef"].present
    if workload.kind in ("Job", "CronJob") or elsewhere or selector is None or selector.matches(workload.pod_labels):
        return
    if any(stands_in(value) for _, value in selector.equalities):
        return
    yield Problem(
        labels.location,
        f"{workload.label} does not select its own pods: it wants {selector}",
        (Related(selector.location, "the selector"),),
    )


@check("k8s-mismatched-selector", each=cluster_workloads)
def mismatched_reference(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    if own.template_of is None or own.selector is None or not workload.labels_known:
        return
    kind, name = own.template_of
    found = workload.cluster.named(kind, name, own.namespace, own)
    taken = [one for one in found if isinstance(one, WorkloadSummary)]
    if taken and not any(own.selector.matches(one.pod_labels) or workload.cluster.is_partial(one) for one in taken):
        yield Problem(
            own.selector.location,
            f"{own.label} does not select its own pods: it wants {own.selector}",
            tuple(Related(one.location, f"{one.label} has other labels") for one in taken),
        )


@check("k8s-namespace-without-pod-security", each=namespaces)
def namespace_without_pod_security(namespace: Manifest) -> Iterator[Problem]:
    labels = namespace.metadata["labels"]
    level = labels[_ENFORCE]
    if namespace.name in _SYSTEM_NAMESPACES:
        return
    if not level.present:
        yield Problem(level.location, f"namespace '{namespace.name}' enforces no Pod Security Standard")
    elif level.text == "privileged":
        yield Problem(
            level.location, f"namespace '{namespace.name}' enforces the level privileged, which refuses nothing"
        )


@check("k8s-namespace-without-warning", each=namespaces)
def namespace_without_warning(namespace: Manifest) -> Iterator[Problem]:
    level = namespace.metadata["labels"][_WARN]
    if namespace.name not in _SYSTEM_NAMESPACES and not level.text.strip():
        yield Problem(level.location, f"namespace '{namespace.name}' warns of no Pod Security Standard")


@check("k8s-unrefused-account-token", each=service_accounts)
def unrefused_account_token(account: Manifest) -> Iterator[Problem]:
    mounts = account.node["automountServiceAccountToken"]
    if mounts.value is not False:
        yield Problem(mounts.location, f"{account.label} hands every pod that uses it a token")


@check("k8s-namespace-without-limits", each=cluster_namespaces, complete=True)
def namespace_without_limits(namespace: Member[ObjectSummary]) -> Iterator[Problem]:
    own = namespace.own
    if own.name in _SYSTEM_NAMESPACES or not own.name:
        return
    missing = [kind for kind in ("LimitRange", "ResourceQuota") if not namespace.cluster.within(kind, own.name)]
    if missing:
        yield Problem(own.location, f"namespace '{own.name}' has no {' and no '.join(missing)}")


@check("k8s-unbounded-namespace", each=leading_workloads, complete=True)
def unbounded_namespace(workload: ClusterWorkload) -> Iterator[Problem]:
    own = workload.own
    missing = [kind for kind in ("LimitRange", "ResourceQuota") if not workload.cluster.within(kind, own.namespace)]
    if missing:
        where = f"namespace '{own.namespace or 'default'}', in which {workload.label} runs,"
        yield Problem(workload.location, f"{where} has no {' and no '.join(missing)}")


@check("k8s-incomplete-limit-range", each=limit_ranges)
def incomplete_limit_range(limit_range: Manifest) -> Iterator[Problem]:
    limits = limit_range.spec["limits"]
    for_containers = [limit for limit in limits if limit["type"].text == "Container"]
    given = {key.text for limit in for_containers for key, value in limit.items() if value.present}
    missing = [key for key in ("default", "defaultRequest") if key not in given]
    if missing:
        yield Problem(
            limits.location, f"LimitRange '{limit_range.name}' gives containers no {' and no '.join(missing)}"
        )


@check("k8s-incomplete-quota", each=quotas)
def incomplete_quota(quota: Manifest) -> Iterator[Problem]:
    hard = quota.spec["hard"]
    missing = [key for key in _QUOTA if not hard[key].present and not hard[key.removeprefix("requests.")].present]
    if missing:
        yield Problem(hard.location, f"ResourceQuota '{quota.name}' does not limit {', '.join(missing)}")
