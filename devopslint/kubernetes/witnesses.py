"""What in the manifests shows that an item of the Definition of Done is addressed, or calls for it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.summaries import (
    AutoscalerSummary,
    IngressSummary,
    MonitorSummary,
    ObjectSummary,
    PolicySummary,
    ServiceSummary,
    WorkloadSummary,
)
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Summaries, Witness
from devopslint.readers.yaml import Node

CALLED_FOR = (
    "kubernetes.network-policy",
    "kubernetes.rbac",
    "kubernetes.rollout",
    "monitoring.alerts",
    "monitoring.dashboards",
    "monitoring.logs",
    "monitoring.metrics",
    "monitoring.sla",
    "monitoring.tracing",
    "documentation.architecture",
    "documentation.disaster-recovery",
    "documentation.readme",
    "documentation.rollback",
    "documentation.runbook",
    "security.network",
    "security.rbac",
)
"""What whoever runs a workload needs."""
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})


def witnesses(summaries: Summaries) -> Iterator[Witness]:
    for workload in summaries.of(WorkloadSummary):
        yield from _of_workload(workload)
    for service in summaries.of(ServiceSummary):
        if service.selector is not None and service.type != "NodePort":
            yield Witness("kubernetes.service", service.location, service.label)
        if service.scraped:
            yield Witness("monitoring.metrics", service.location, f"annotations of {service.label}")
    for monitor in summaries.of(MonitorSummary):
        yield Witness("monitoring.metrics", monitor.location, monitor.label)
    for autoscaler in summaries.of(AutoscalerSummary):
        yield Witness("kubernetes.hpa", autoscaler.location, autoscaler.label)
    for ingress in summaries.of(IngressSummary):
        yield Witness("kubernetes.ingress", ingress.location, ingress.label)
    for policy in summaries.of(PolicySummary):
        for item in ("kubernetes.network-policy", "security.network"):
            yield Witness(item, policy.location, policy.label)
    for other in summaries.of(ObjectSummary):
        if other.kind in _ROUTES:
            yield Witness("kubernetes.ingress", other.location, other.label)
        elif other.kind == "Canary" and other.group == "flagger.app":
            yield Witness("kubernetes.canary", other.location, other.label)


def _of_workload(workload: WorkloadSummary) -> Iterator[Witness]:
    for item in CALLED_FOR:
        yield Witness(item, workload.location, workload.label, calls=True)
    if workload.kind in ("Deployment", "Rollout"):
        yield Witness("kubernetes.hpa", workload.location, workload.label, calls=True)
    if workload.unavailable.value in ("0", "0%"):
        yield Witness("kubernetes.rollout", workload.unavailable.location, f"maxUnavailable: 0 of {workload.label}")
    if any(container.ports for container in workload.containers):
        yield Witness("kubernetes.service", workload.location, workload.label, calls=True)
    if workload.account.value not in ("", "default"):
        for item in ("kubernetes.rbac", "security.rbac"):
            yield Witness(item, workload.account.location, f"service account '{workload.account.value}'")
    for reference in workload.references:
        if reference.kind == "Secret" and reference.name:
            for item in ("kubernetes.secrets", "security.secrets"):
                yield Witness(item, reference.location, f"Secret/{reference.name} of {workload.label}")
    if workload.pod_annotations.get("prometheus.io/scrape") == "true":
        yield Witness("monitoring.metrics", workload.location, f"annotations of {workload.label}")


def of_manifest(manifest: Manifest) -> Iterator[Witness]:
    """What an object shows that other files need not know."""
    strategy = manifest.spec["strategy"]
    if manifest.kind == "Rollout":
        if strategy["canary"].present:
            yield Witness("kubernetes.canary", strategy["canary"].location, f"canary of {manifest.label}")
        if strategy["blueGreen"].present:
            yield Witness("kubernetes.blue-green", strategy["blueGreen"].location, f"blue-green of {manifest.label}")
    for weights in _weights(manifest):
        if len(weights) > 1:
            yield Witness("kubernetes.canary", weights[0].location, f"weights of {manifest.label}")
            break
    if manifest.kind == "Service" and not manifest.group:
        for name, value in manifest.spec["selector"].items():
            if value.text.lower() in ("blue", "green"):
                words = f"{manifest.label} selects {name.text}: {value.text}"
                yield Witness("kubernetes.blue-green", value.location, words)


def _weights(manifest: Manifest) -> Iterator[list[Node]]:
    """The weights of each route that has any."""
    if manifest.kind == "VirtualService":
        for rule in manifest.spec["http"]:
            yield [route["weight"] for route in rule["route"] if route["weight"].present]
    elif manifest.kind in _ROUTES:
        for rule in manifest.spec["rules"]:
            yield [backend["weight"] for backend in rule["backendRefs"] if backend["weight"].present]
