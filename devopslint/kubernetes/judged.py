"""Which kinds of object some rule looks at: the others are listed, so that nothing is passed over in silence."""

from __future__ import annotations

_JUDGED = {
    "argoproj.io": {
        "AnalysisRun",
        "AnalysisTemplate",
        "Application",
        "ApplicationSet",
        "AppProject",
        "ClusterAnalysisTemplate",
        "Experiment",
        "Rollout",
    },
    "bitnami.com": {"SealedSecret"},
    "cert-manager.io": {"Certificate"},
    "cilium.io": {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"},
    "crd.projectcalico.org": {"NetworkPolicy", "GlobalNetworkPolicy"},
    "extensions.istio.io": {"WasmPlugin"},
    "external-secrets.io": {"ExternalSecret"},
    "flagger.app": {"AlertProvider", "Canary", "MetricTemplate"},
    "helm.toolkit.fluxcd.io": {"HelmRelease"},
    "http.keda.sh": {"HTTPScaledObject"},
    "keda.sh": {"ClusterTriggerAuthentication", "ScaledJob", "ScaledObject", "TriggerAuthentication"},
    "kustomize.toolkit.fluxcd.io": {"Kustomization"},
    "monitoring.coreos.com": {
        "Alertmanager",
        "AlertmanagerConfig",
        "PodMonitor",
        "Probe",
        "Prometheus",
        "PrometheusRule",
        "ScrapeConfig",
        "ServiceMonitor",
    },
    "networking.istio.io": {
        "DestinationRule",
        "EnvoyFilter",
        "Gateway",
        "ProxyConfig",
        "ServiceEntry",
        "Sidecar",
        "VirtualService",
        "WorkloadEntry",
        "WorkloadGroup",
    },
    "projectcalico.org": {"NetworkPolicy", "GlobalNetworkPolicy"},
    "secrets.hashicorp.com": {"VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"},
    "security.istio.io": {"AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"},
    "source.toolkit.fluxcd.io": {"Bucket", "GitRepository", "HelmChart", "HelmRepository", "OCIRepository"},
    "telemetry.istio.io": {"Telemetry"},
    "traefik.containo.us": {"IngressRoute", "IngressRouteTCP"},
    "traefik.io": {"IngressRoute", "IngressRouteTCP"},
}
"""Custom resources by their group."""
_OF_CLUSTERS = (".k8s.io", ".openshift.io")
"""Groups that Kubernetes and OpenShift bring, of which every kind is checked against its version at least."""


def is_judged(kind: str, group: str) -> bool:
    return "." not in group or group.endswith(_OF_CLUSTERS) or kind in _JUDGED.get(group, ())
