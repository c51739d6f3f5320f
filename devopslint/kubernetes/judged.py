"""Which kinds of object some rule looks at: the others are listed, so that nothing is passed over in silence."""

from __future__ import annotations

_JUDGED = {
    "argoproj.io": {"Application", "ApplicationSet", "Rollout"},
    "bitnami.com": {"SealedSecret"},
    "cert-manager.io": {"Certificate"},
    "cilium.io": {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"},
    "crd.projectcalico.org": {"NetworkPolicy", "GlobalNetworkPolicy"},
    "external-secrets.io": {"ExternalSecret"},
    "flagger.app": {"Canary"},
    "helm.toolkit.fluxcd.io": {"HelmRelease"},
    "http.keda.sh": {"HTTPScaledObject"},
    "keda.sh": {"ScaledObject"},
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
    "networking.istio.io": {"DestinationRule", "Gateway", "VirtualService"},
    "projectcalico.org": {"NetworkPolicy", "GlobalNetworkPolicy"},
    "secrets.hashicorp.com": {"VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"},
    "source.toolkit.fluxcd.io": {"GitRepository"},
    "traefik.containo.us": {"IngressRoute", "IngressRouteTCP"},
    "traefik.io": {"IngressRoute", "IngressRouteTCP"},
}
"""Custom resources by their group."""
_OF_CLUSTERS = (".k8s.io", ".openshift.io")
"""Groups that Kubernetes and OpenShift bring, of which every kind is checked against its version at least."""


def is_judged(kind: str, group: str) -> bool:
    return "." not in group or group.endswith(_OF_CLUSTERS) or kind in _JUDGED.get(group, ())
