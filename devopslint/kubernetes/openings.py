"""What may put objects into the cluster that no manifest of the tree shows: releases, operators, templates, the cluster itself."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator

from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.workloads import Manifest, Workload, application_spec, texts
from devopslint.model import Location, Opening
from devopslint.readers.yaml import Node

CLUSTER_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""The namespaces that the cluster, its provider and its add-ons fill."""
_PROVIDERS_NAMESPACE = compiled(r"(?:openshift|gke|gmp|aks|azure|eks|amazon|calico|tigera)-")
_CONTROL_PLANE = frozenset(
    {
        "apiserver",
        "coredns",
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-dns",
        "kube-etcd",
        "kube-proxy",
        "kube-scheduler",
        "kubelet",
        "node-local-dns",
    }
)
"""The labels' values by which the pods and Services are found that come with every cluster."""
_KUBERNETES_DOMAINS = ("kubernetes.io", "k8s.io", "helm.sh")

_INERT_GROUPS = frozenset(
    {
        "acme.cert-manager.io",
        "addons.cluster.x-k8s.io",
        "argoproj.io",
        "bitnami.com",
        "cert-manager.io",
        "cilium.io",
        "config.istio.io",
        "configuration.konghq.com",
        "crd.projectcalico.org",
        "external-secrets.io",
        "externaldns.k8s.io",
        "flagger.app",
        "helm.cattle.io",
        "helm.toolkit.fluxcd.io",
        "image.toolkit.fluxcd.io",
        "keda.sh",
        "kustomize.toolkit.fluxcd.io",
        "kyverno.io",
        "metallb.io",
        "monitoring.googleapis.com",
        "networking.istio.io",
        "notification.toolkit.fluxcd.io",
        "projectcalico.org",
        "rbac.authorization.k8s.io",
        "secrets-store.csi.x-k8s.io",
        "security.istio.io",
        "source.toolkit.fluxcd.io",
        "telemetry.istio.io",
        "templates.gatekeeper.sh",
        "traefik.containo.us",
        "traefik.io",
    }
)
"""Groups of custom resources that make no pods, or whose pods other rules here know of."""
_INERT_KINDS = frozenset(
    {"AlertmanagerConfig", "PodMonitor", "Probe", "PrometheusRule", "ScrapeConfig", "ServiceMonitor"}
)


_CONTROLLERS = {
    "argoproj.io": (
        (frozenset(("AppProject", "Application", "ApplicationSet")), frozenset(("argocd", "argo-cd"))),
        (
            frozenset(("ClusterWorkflowTemplate", "CronWorkflow", "Workflow", "WorkflowTemplate")),
            frozenset(("argo-server", "argo-workflows")),
        ),
        (frozenset(("AnalysisTemplate", "Rollout")), frozenset(("argo-rollouts",))),
    ),
    "kustomize.toolkit.fluxcd.io": (
        (
            frozenset(("Kustomization",)),
            frozenset(("notification-controller", "source-controller", "webhook-receiver")),
        ),
    ),
    "cert-manager.io": ((frozenset(("Certificate", "ClusterIssuer", "Issuer")), frozenset(("cert-manager",))),),
    "traefik.io": ((frozenset(("IngressRoute", "Middleware")), frozenset(("traefik",))),),
}
"""What the objects of those are called who read an object of this group and kind: without them it would be of no use."""
_OPERATOR = "-operator"
_SOURCES = frozenset({"Bucket", "GitRepository", "HelmRepository", "OCIRepository"})


class Wanted(NamedTuple):
    """What a reference asks for."""

    kinds: frozenset[str]
    names: tuple[str, ...]
    """The object's name, or the values of the labels that are asked for."""
    keys: tuple[str, ...]
    """The keys of these labels."""
    namespace: str
    """Empty where it may be in any, or is in none."""
    folder: str
    """Where the reference stands."""
    placed: bool = True
    """False for what is in no namespace: a ClusterRole."""
    built_in: tuple[str, ...] = ()
    """The folders of the kustomizations that it is built by."""

    def is_near(self, folder: str) -> bool:
        return any(is_near(folder, here) for here in (self.folder, *self.built_in))


class Openings:
    """All that is open in a project."""

    def __init__(self, openings: Iterable[Opening], files: Collection[str], customs: Iterable[Custom]) -> None:
        self._files = files
        self._known: dict[str, bool] = {}
        self._openings = list(openings)
        self._customs = list(customs)

    def for_(self, wanted: Wanted) -> Opening | None:
        """What may have made it; None where all that could is known."""
        return next((one for one in self._openings if self._opens(one, wanted)), None)

    def reason(self, wanted: Wanted) -> tuple[str, str] | None:
        """Why it cannot be known whether it is there, and what would settle that; None where it can."""
        if wanted.placed and brought_by_cluster(wanted):
            return "the cluster brings objects of its own", "assume-exists"
        found = self.for_(wanted)
        if found is not None:
            return found.reason, found.settled_by
        for custom in self._customs:
            if custom.may_make(wanted):
                return f"the operator of {custom.kind} '{custom.name}' may make it", "assume-exists"
        if any(map(self._is_operators, wanted.keys)):
            return "an operator sets its label", "assume-exists"
        return None

    def is_operated(self, names: Collection[str]) -> bool:
        """Whether an operator may make objects with these names, or with these labels' values."""
        return any(custom.gives(names) for custom in self._customs)

    def may_bring(self, kind: str) -> Opening | None:
        """What may bring objects of this kind, of whatever name, into some namespace; None where all that could is known."""
        return next(
            (
                one
                for one in self._openings
                if one.words is None and (not one.kinds or kind in one.kinds) and not self._shows(one)
            ),
            None,
        )

    def in_file(self, path: str) -> bool:
        """Whether some of the file cannot be read."""
        return any(one.near and one.location.path == path for one in self._openings)

    def installs_in(self, folder: str) -> bool:
        """Whether something in the folder brings pods that no file shows: a release, the version of an operator."""
        return any(
            not one.near and posixpath.dirname(one.location.path) == folder and (not one.kinds or "Pod" in one.kinds)
            for one in self._openings
        )

    def _opens(self, opening: Opening, wanted: Wanted) -> bool:
        if opening.kinds and opening.kinds.isdisjoint(wanted.kinds):
            return False
        if self._shows(opening):
            return False
        if opening.of_chart and "flux" not in opening.of_chart and wanted.kinds <= _SOURCES:
            return False  # a program's chart brings the program, and not where another chart comes from
        here = posixpath.dirname(opening.location.path)
        if opening.near and not is_close(here, wanted.folder):
            return False
        if opening.namespaces is not None and wanted.placed:
            known = wanted.namespace and "" not in opening.namespaces
            if wanted.namespace not in opening.namespaces if known else not wanted.is_near(here):
                return False
        return opening.words is None or any(
            not word or name == word or name.startswith(f"{word}-") for name in wanted.names for word in opening.words
        )

    def _shows(self, opening: Opening) -> bool:
        """Whether the tree has the folder from which the objects come."""
        if not opening.folder:
            return False
        if opening.folder not in self._known:
            self._known[opening.folder] = self._has(opening.folder)
        return self._known[opening.folder]

    def _has(self, folder: str) -> bool:
        """Whether the tree has the folder, with objects in it and not the templates of a chart."""
        folder = posixpath.normpath(folder).strip("/")
        inside = "" if folder == "." else f"{folder}/"
        there = bool(self._files) if folder == "." else folder in self._folders
        return there and f"{inside}Chart.yaml" not in self._files

    @cached_property
    def _folders(self) -> frozenset[str]:
        return folders_of(self._files)

    @cached_property
    def _domains(self) -> frozenset[str]:
        return frozenset(custom.group for custom in self._customs)

    def _is_operators(self, key: str) -> bool:
        """Whether a label is in the domain of an operator, of which the tree has a custom resource."""
        domain, slash, _ = key.partition("/")
        if not slash or domain.endswith(_KUBERNETES_DOMAINS):
            return False
        return any(group == domain or group.endswith(f".{domain}") for group in self._domains)


class Custom(NamedTuple):
    """A custom resource for which an operator may make objects."""

    kind: str
    group: str
    name: str
    namespace: str
    folder: str

    def may_make(self, wanted: Wanted) -> bool:
        """Whether the operator may: its objects are named after the resource, and labelled with its kind.

        A resource that names no namespace may be in any: what stands near it may be for what its operator makes of it.
        """
        if not self.namespace and wanted.placed and is_near(self.folder, wanted.folder):
            return True
        return self.gives(wanted.names)

    def gives(self, names: Iterable[str]) -> bool:
        """Whether its operator may give one of these names, or labels of these values."""
        kind = self.kind.lower()
        if self.kind == "EventListener":
            return f"el-{self.name}" in names
        return any(
            name == self.name
            or (self.name and name.startswith(f"{self.name}-"))
            or name.removesuffix("-operated").replace("-", "") == kind  # `prometheus-operated`, `thanos-ruler-operated`
            for name in names
        )


def of_controllers(objects: Iterable[tuple[str, str, str, Location]], installed: Collection[str]) -> Iterator[Opening]:
    """What those bring along who read these objects (kind, group, label, place), where nothing in the tree installs them."""
    told: set[frozenset[str]] = set()
    for kind, group, label, at in objects:
        for kinds, words in _CONTROLLERS.get(group, ()):
            if kind in kinds and words not in told:
                told.add(words)
                if not any(name == word or name.startswith(f"{word}-") for name in installed for word in words):
                    yield Opening(at, f"what reads {label} may bring it", words=words)


def is_custom(kind: str, group: str) -> bool:
    """Whether an operator may make pods for an object of this kind."""
    return (
        "." in group
        and not group.endswith((".k8s.io", ".openshift.io"))
        and group not in _INERT_GROUPS
        and kind not in _INERT_KINDS
    )


def brought_by_cluster(wanted: Wanted) -> bool:
    """Whether every cluster, or its provider, has objects of its own where this one is looked for."""
    if wanted.namespace in CLUSTER_NAMESPACES or _PROVIDERS_NAMESPACE.match(wanted.namespace):
        return True
    if wanted.names == ("default-http-backend",):
        return True  # what an ingress controller answers with: GKE brings it, and others are told of one
    return any(name in _CONTROL_PLANE for name in wanted.names) and wanted.namespace in ("", "default")


def is_close(folder: str, other: str) -> bool:
    """Whether two folders are one, one is in the other, or they stand side by side below the root's folders."""
    return (
        is_within(folder, other)
        or is_within(other, folder)
        or posixpath.dirname(folder) == posixpath.dirname(other) != ""
    )


def is_near(folder: str, other: str) -> bool:
    """Whether two folders are below one folder of the repository's root, or one of them is the root."""
    return not folder or not other or folder.split("/")[0] == other.split("/")[0]


def folders_of(files: Iterable[str]) -> frozenset[str]:
    """Every folder in which a file is, at any depth."""
    found: set[str] = set()
    for path in files:
        folder = posixpath.dirname(path)
        while folder and folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return frozenset(found)


def is_within(folder: str, parent: str) -> bool:
    return not parent or folder == parent or folder.startswith(parent + "/")


_LITERAL = compiled(r"[a-z0-9.-]+")


def openings_of(manifest: Manifest) -> Iterator[Opening]:
    """What an object opens: the namespace that it installs something into, the names that its operator gives, or its own
    where that is put in later."""
    found = _INSTALLERS.get((manifest.kind, manifest.group))
    spec = manifest.spec
    reason = f"{manifest.label} may make it"
    if stands_in(manifest.name):
        begins = _LITERAL.match(manifest.name)
        words = frozenset({begins[0].rstrip("-.") if begins is not None else ""})
        yield Opening(
            manifest.location, f"{manifest.label} may be it", (manifest.namespace,), frozenset({manifest.kind}), words
        )
    if found is not None:
        for namespace, folder in found(manifest):
            # Each element of a generator may have its charts in a namespace of its own.
            chosen = manifest.kind == "ApplicationSet" and "{{" in namespace and not folder and installs_chart(manifest)
            within = None if chosen else ("" if stands_in(namespace) else namespace,)
            chart = manifest.spec["chart"]["spec"]["chart"].text if manifest.kind == "HelmRelease" else ""
            yield Opening(manifest.location, reason, within, folder=folder, of_chart=chart)
        if manifest.kind in ("HelmRelease", "HelmChart") and manifest.name.endswith(_OPERATOR):
            # Its values may have it make, wherever, what it is the operator of.
            yield Opening(manifest.location, reason, words=frozenset({manifest.name.removesuffix(_OPERATOR)}))
    elif manifest.group == "kustomize.config.k8s.io":
        # Under another name than kustomize asks for: a script makes one of it.
        generators = (item for field in ("configMapGenerator", "secretGenerator") for item in manifest.node[field])
        words = frozenset(item["name"].text for item in generators if item["name"].text)
        if words:
            yield Opening(
                manifest.location, f"{manifest.location.path} may be what a kustomization is made of", words=words
            )
    elif manifest.kind == "skaffold" or manifest.group == "skaffold":
        yield from _of_skaffold(manifest)
    elif manifest.group == "argoproj.io" and manifest.kind in ("Experiment", "Rollout"):
        words = frozenset(_labels_of_experiments(manifest))
        if words:
            yield Opening(manifest.location, f"an experiment of {manifest.label} may make it", words=words)
    elif is_custom(manifest.kind, manifest.group) and not isinstance(manifest, Workload):
        words = frozenset(_label_values(spec))
        if words:
            reason = f"the operator of {manifest.label} may make it"
            yield Opening(manifest.location, reason, (manifest.namespace,), words=words)


def installs_chart(manifest: Manifest) -> bool:
    """Whether what it puts into the cluster comes of a chart."""
    if manifest.group == "argoproj.io" and manifest.kind in ("Application", "ApplicationSet"):
        spec = application_spec(manifest)
        sources = [spec["source"], *spec["sources"]]
        return any(source["chart"].present or source["helm"].present for source in sources)
    return _INSTALLERS.get((manifest.kind, manifest.group)) is _release or (manifest.kind, manifest.group) in _CHARTS


def _label_values(spec: Node) -> Iterator[str]:
    """The values of the labels that an operator is told to give to what it makes."""
    for node in spec.walk():
        if node.key is not None and node.key.text in ("labels", "matchLabels", "podLabels") and node.is_mapping:
            yield from texts(node).values()


def _labels_of_experiments(manifest: Manifest) -> Iterator[str]:
    """The values of the labels that the pods of an Experiment have, or of those that a canary starts."""
    spec = manifest.spec
    steps = [step["experiment"]["templates"] for step in spec["strategy"]["canary"]["steps"]]
    for template in (one for templates in (spec["templates"], *steps) for one in templates):
        for metadata in (template["metadata"], template["template"]["metadata"]):
            yield from texts(metadata["labels"]).values()


Target = tuple[str, str]
"""A namespace, empty where it is decided elsewhere, and the folder of this tree from which objects come, if one."""


def _release(manifest: Manifest) -> Iterator[Target]:
    yield manifest.spec["targetNamespace"].text or manifest.namespace, ""


def _control_plane(manifest: Manifest) -> Iterator[Target]:
    yield manifest.spec["namespace"].text or manifest.namespace or "istio-system", ""


def _tanka(manifest: Manifest) -> Iterator[Target]:
    """Where the program beside it puts what it prints: a spec.json, wherever in the tree it lies."""
    yield manifest.spec["namespace"].text or "default", ""


def _application(manifest: Manifest) -> Iterator[Target]:
    spec = application_spec(manifest)
    namespace = spec["destination"]["namespace"].text
    for source in (spec["source"], *spec["sources"]):
        path = source["path"].text
        if source.is_mapping and not source["ref"].present:
            made = any(source[key].present for key in ("chart", "helm", "plugin"))
            local = path and not made and "{{" not in path
            yield namespace, path if local else ""


def _flux_kustomization(manifest: Manifest) -> Iterator[Target]:
    path = manifest.spec["path"].text
    elsewhere = "$" in path or manifest.spec["sourceRef"]["kind"].text not in ("", "GitRepository")
    yield manifest.spec["targetNamespace"].text, "" if elsewhere else path or "."


def _anywhere(manifest: Manifest) -> Iterator[Target]:
    yield "", ""


_INSTALLERS = {
    ("HelmRelease", "helm.toolkit.fluxcd.io"): _release,
    ("HelmRelease", "helm.fluxcd.io"): _release,
    ("HelmChart", "helm.cattle.io"): _release,
    ("IstioOperator", "install.istio.io"): _control_plane,
    ("Istio", "sailoperator.io"): _control_plane,
    ("ServiceMeshControlPlane", "maistra.io"): _control_plane,
    ("Kustomization", "kustomize.toolkit.fluxcd.io"): _flux_kustomization,
    ("Application", "argoproj.io"): _application,
    ("ApplicationSet", "argoproj.io"): _application,
    ("Environment", "tanka.dev"): _tanka,
    ("Release", "helm.crossplane.io"): _anywhere,
    ("Object", "kubernetes.crossplane.io"): _anywhere,
    ("GitRepo", "fleet.cattle.io"): _anywhere,
    ("Bundle", "fleet.cattle.io"): _anywhere,
    ("App", "kappctrl.k14s.io"): _anywhere,
    ("PackageInstall", "packaging.carvel.dev"): _anywhere,
    ("Subscription", "operators.coreos.com"): _anywhere,
    ("ClusterServiceVersion", "operators.coreos.com"): _anywhere,
    ("ClusterExtension", "olm.operatorframework.io"): _anywhere,
    ("ManifestWork", "work.open-cluster-management.io"): _anywhere,
    ("HelmChartProxy", "addons.cluster.x-k8s.io"): _anywhere,
    ("ClusterResourceSet", "addons.cluster.x-k8s.io"): _anywhere,
}

_CHARTS = {("Release", "helm.crossplane.io"), ("HelmChartProxy", "addons.cluster.x-k8s.io")}


def _of_skaffold(manifest: Manifest) -> Iterator[Opening]:
    root = manifest.node
    for part in (root, *root["profiles"]):
        for section in ("deploy", "manifests"):
            for release in part[section]["helm"]["releases"]:
                name = release["name"]
                namespace = release["namespace"].text
                reason = f"Skaffold installs the chart of release '{name.text}'"
                yield Opening(name.location, reason, (namespace,), near=not namespace)
