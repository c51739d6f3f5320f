"""What a manifest tells the project about its objects: who they are, what they select, refer to and allow."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from devopslint.deferred import NamedTuple, compiled, dataclass
from devopslint.images.summaries import ImageBuild, ImageRun, SkaffoldImages, without_version
from devopslint.kubernetes.flux import flux_components, flux_patches, flux_substitutions
from devopslint.kubernetes.flux_versions import flux_versions
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.openings import openings_of
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest, Workload, texts
from devopslint.model import Location
from devopslint.readers.yaml import Node

T = TypeVar("T", covariant=True)

CANONICAL_NAME = "service.istio.io/canonical-name"
_NAMING_LABELS = (CANONICAL_NAME, "app.kubernetes.io/name", "app")
"""Of these Istio takes the first that a pod has for its canonical name; where it has none, the name of its workload."""

_CONTROLLER_LABELS = frozenset(
    {
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-revision-hash",
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "job-name",
        CANONICAL_NAME,
        "service.istio.io/canonical-revision",
    }
)
"""What controllers and a mesh's injector put on pods, and no manifest has to say."""

COLOURS = ("blue", "green")
"""The values of the label by which pods of two versions are told apart."""
INJECTED = "sidecar.istio.io/inject"
"""A label, or an annotation, by which a pod asks for the mesh's proxy, or for none."""
_READ = ("prometheus.io/", INJECTED)
_PROBES = ("liveness", "readiness", "startup")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A value and where it stands; for an absent value the location says `missing`."""

    value: T
    location: Location


class Requirement(NamedTuple):
    """One condition on labels; every condition of a selector holds for what it selects."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    @property
    def by_controller(self) -> bool:
        """Whether it is about a label that no manifest writes, because a controller adds it to each pod."""
        return self.key in _CONTROLLER_LABELS or self.key.startswith("batch.kubernetes.io/")

    def holds(self, labels: Mapping[str, str]) -> bool:
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
        return False


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """A selector that is there; one without requirements selects everything."""

    requirements: tuple[Requirement, ...]
    location: Location

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects what has these labels. Those that controllers add to pods are taken as given."""
        return all(requirement.holds(labels) for requirement in self.requirements if not requirement.by_controller)

    def may_mean(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether it may mean pods of the workload of this name, as far as Istio's name for them tells."""
        canonical = next((labels[key] for key in _NAMING_LABELS if key in labels), name)
        return all(one.holds({CANONICAL_NAME: canonical}) for one in self.requirements if one.key == CANONICAL_NAME)

    @property
    def is_certain(self) -> bool:
        """Whether manifests alone tell what it selects: of labels that controllers add, only Istio's name for pods is known."""
        return not any(one.by_controller and one.key != CANONICAL_NAME for one in self.requirements)

    def also(self, labels: Mapping[str, str], written: Collection[tuple[str, str]]) -> LabelSelector:
        """The same where these labels are asked for as well, in place of those that pods are `written` with.

        A value that no pod was meant to have stays: whoever wrote it expects other pods than these.
        """
        wrong = {key for key, value in self.equalities if key in labels and (key, value) not in written}
        kept = tuple(one for one in self.requirements if one.key not in labels or one.key in wrong)
        added = tuple(Requirement(key, "In", frozenset({value})) for key, value in labels.items() if key not in wrong)
        return LabelSelector((*kept, *added), self.location)

    def choosing(self, choices: Mapping[str, frozenset[str]]) -> LabelSelector:
        """The same where a label that may have any of several values, by its key, is taken to have the wanted one."""
        asked = [
            one.operator == "In" and not one.values.isdisjoint(choices.get(one.key, ())) for one in self.requirements
        ]
        if not any(asked):
            return self
        pairs = zip(self.requirements, asked, strict=True)
        requirements = (one._replace(values=one.values | choices[one.key]) if chosen else one for one, chosen in pairs)
        return LabelSelector(tuple(requirements), self.location)

    @property
    def equalities(self) -> list[tuple[str, str]]:
        """The labels that whatever is selected has for certain."""
        return [
            (one.key, next(iter(one.values)))
            for one in self.requirements
            if one.operator == "In" and len(one.values) == 1 and not one.by_controller
        ]

    def __str__(self) -> str:
        return ", ".join(_words(requirement) for requirement in self.requirements) or "everything"


def _words(requirement: Requirement) -> str:
    values = ", ".join(sorted(requirement.values))
    match requirement.operator:
        case "In":
            return f"{requirement.key}={values}" if len(requirement.values) == 1 else f"{requirement.key} in ({values})"
        case "NotIn":
            return f"{requirement.key} not in ({values})"
        case "Exists":
            return requirement.key
    return f"!{requirement.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSummary:
    """Any object: its names and where its own name stands."""

    kind: str
    group: str
    name: str
    namespace: str
    """As written; empty where the object names none."""
    labels: Mapping[str, str]
    location: Location

    @property
    def label(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind

    @property
    def folder(self) -> str:
        return self.location.path.rpartition("/")[0]


class Port(NamedTuple):
    name: str
    number: int | None


class ContainerSummary(NamedTuple):
    name: str
    image: str
    """without_version()"""
    requested: frozenset[str]
    """The resources that it has a request for; a limit stands for a request that is not written."""
    long_running: bool
    ports: tuple[Port, ...]
    location: Location
    resources: Location
    resources_text: str
    """All requests and limits, to compare those of two colours; empty where its pods have none of COLOURS."""
    ready_when_asked: bool
    """Whether it has a readiness probe."""
    image_location: Location


class Reference(NamedTuple):
    """A use of a ConfigMap, a Secret or a PersistentVolumeClaim, or of one key of it."""

    kind: str
    name: str
    key: str
    """Empty where the whole object is meant."""
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSummary(ObjectSummary):
    pod_labels: Mapping[str, str]
    """Where none are written, those that its own selector asks for."""
    pod_annotations: Mapping[str, str]
    """Those that Prometheus and the mesh read: the others, such as the checksum of a configuration, nobody asks about."""
    selector: LabelSelector | None
    replicas: Placed[int | None]
    strategy: Placed[str]
    account: Placed[str]
    automount: Placed[Any]
    service_name: Placed[str]
    host_network: bool
    containers: tuple[ContainerSummary, ...]
    references: tuple[Reference, ...]
    traffic_services: tuple[Placed[str], ...]
    """The Services that a Rollout switches between its versions."""
    template_of: tuple[str, str] | None
    """(kind, name) of the workload whose pods a Rollout takes over; None where it has a template of its own."""
    claims: bool
    """Whether all its pods share a PersistentVolumeClaim."""
    unavailable: Placed[str]
    """How many of its pods a rolling update may take away, a number or a percentage."""
    surge: str
    """How many more it may start."""
    history: Placed[int | None]
    """How many of its old versions are kept."""
    requested: frozenset[str] = frozenset()
    """The resources that the pod itself has a request or a limit for."""

    @property
    def ports(self) -> list[Port]:
        return [port for container in self.containers for port in container.ports]


class Metric(NamedTuple):
    """A resource whose utilization, in percent of the request, an autoscaler watches."""

    resource: str
    container: str
    """Empty where every container counts."""
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoscalerSummary(ObjectSummary):
    """A HorizontalPodAutoscaler, or a ScaledObject of KEDA, for events or for requests."""

    target_kind: str
    target: Placed[str]
    minimum: Placed[int | None]
    metrics: tuple[Metric, ...]
    takes_over: str = ""
    """The HorizontalPodAutoscaler that KEDA goes on with as its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizerSummary(ObjectSummary):
    """A VerticalPodAutoscaler that changes the pods' requests by itself."""

    target_kind: str
    target: Placed[str]
    resources: frozenset[str] = frozenset()
    """Those whose requests it sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSummary(ObjectSummary):
    """A PodDisruptionBudget."""

    selector: LabelSelector | None
    minimum: Placed[Any]


class ServicePort(NamedTuple):
    name: str
    number: int | None
    target: Placed[Any]
    """A port's number or its name; the number itself where none is written."""
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSummary(ObjectSummary):
    selector: LabelSelector | None
    type: str
    headless: bool
    scraped: bool
    """True where its annotations ask Prometheus to scrape it."""
    ports: tuple[ServicePort, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySummary(ObjectSummary):
    """A NetworkPolicy."""

    selector: LabelSelector | None
    ingress: bool
    """True where it isolates what comes in."""
    egress: bool
    denies: bool
    """Whether it allows no pod of its namespace anything, in either direction."""
    peers: tuple[LabelSelector, ...]
    """The pods of its own namespace that its rules name."""
    own: bool = True
    """False for a policy of another kind than Kubernetes' own, such as Cilium's."""


class Backend(NamedTuple):
    """What an Ingress sends requests to."""

    service: Placed[str]
    port: Placed[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressSummary(ObjectSummary):
    backends: tuple[Backend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary(ObjectSummary):
    """A ServiceAccount."""

    automount: Placed[Any]


class Permission(NamedTuple):
    """One rule of a Role: what may be done with what."""

    groups: frozenset[str]
    resources: tuple[Placed[str], ...]
    verbs: tuple[Placed[str], ...]
    named: bool
    """True where it is only about objects of certain names."""
    public: bool = False
    """True where their names all say that anybody may know what they hold: `signing-public-key`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSummary(ObjectSummary):
    """A Role or a ClusterRole."""

    permissions: tuple[Permission, ...]


class Subject(NamedTuple):
    kind: str
    name: str
    namespace: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingSummary(ObjectSummary):
    """A RoleBinding or a ClusterRoleBinding."""

    role_kind: str
    role: Placed[str]
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSummary(ObjectSummary):
    """A ConfigMap or a Secret, or the Secret that a controller makes from another object."""

    keys: frozenset[str] | None
    """None where they are not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorSummary(ObjectSummary):
    """A ServiceMonitor or a PodMonitor."""

    selector: LabelSelector
    said: tuple[str, ...] | None
    """The namespaces that it names; none where it looks into its own, and None for all of them."""
    ports: tuple[Placed[str], ...] = ()
    """The names of the ports that it scrapes."""
    paths: tuple[Placed[str], ...] = ()
    """What each of its endpoints asks for."""

    @property
    def namespaces(self) -> tuple[str, ...] | None:
        """Where it looks, None for everywhere; its own is that which a kustomization puts it into."""
        return self.said or (self.namespace,) if self.said is not None else None


class Destination(NamedTuple):
    """Where a VirtualService sends requests."""

    host: str
    subset: Placed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySummary(ObjectSummary):
    """A Gateway, of the Gateway API or of Istio."""

    plain: Location | None
    """Its first listener for plain HTTP, where it has no other and says nothing of TLS elsewhere."""


class Target(NamedTuple):
    """A Service that a route sends requests to."""

    service: Placed[str]
    namespace: str
    port: Placed[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSummary(ObjectSummary):
    """A route of the Gateway API, or of another controller, that names its Services."""

    targets: tuple[Target, ...]
    redirects_from: frozenset[str] = frozenset()
    """The Gateways whose requests it sends on to HTTPS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualServiceSummary(ObjectSummary):
    destinations: tuple[Destination, ...]
    targets: tuple[Target, ...] = ()
    """Those of its hosts that are Services' names."""
    redirects_from: frozenset[str] = frozenset()
    """The Gateways from which it sends on to HTTPS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRuleSummary(ObjectSummary):
    host: str
    subsets: frozenset[str]


class Deletion(NamedTuple):
    """A summary: an object that a patch takes out of a build."""

    location: Location
    """Of the patch."""
    label: str
    names: frozenset[tuple[str, str]]
    """(kind, name) of the object, and of what a controller makes of it. The name is that in its file: kustomize leaves a
    reference to what is gone as it is written."""
    labels: Mapping[str, str]
    pod_labels: Mapping[str, str]
    files: frozenset[str]
    """Those that go into the build."""
    named: tuple[tuple[str, Location], ...] = ()
    """What names it in ways that no summary tells, with the place of each."""


def summaries_of(manifests: Iterable[Manifest]) -> Iterator[object]:
    for manifest in manifests:
        if manifest.node["$patch"].text == "delete":
            continue
        summary = _summary(manifest)
        yield summary
        yield from openings_of(manifest)
        yield from flux_patches(manifest)
        yield from flux_components(manifest)
        yield from flux_substitutions(manifest)
        yield from flux_versions(manifest)
        if manifest.group == "skaffold":
            yield from _built_images(manifest)
        for name in _made_secrets(manifest):
            other = manifest.spec["target"]["manifest"]["kind"].text if manifest.kind == "ExternalSecret" else ""
            yield DataSummary(
                kind=other or "Secret",
                group="",
                name=name,
                namespace=summary.namespace,
                labels={},
                location=summary.location,
                keys=None,
            )
        if isinstance(manifest, Workload):
            yield from _runs(manifest)


def label_selector(node: Node) -> LabelSelector | None:
    """A selector with matchLabels and matchExpressions; None where there is none."""
    if not node.is_mapping:
        return None
    requirements = [
        Requirement(key.text, "In", frozenset({value.text}))
        for key, value in node["matchLabels"].items()
        if value.is_scalar
    ]
    for expression in node["matchExpressions"]:
        values = frozenset(value.text for value in expression["values"].strings())
        requirements.append(Requirement(expression["key"].text, expression["operator"].text, values))
    return LabelSelector(tuple(requirements), _place_of_labels(node, node["matchLabels"]))


def plain_selector(node: Node) -> LabelSelector | None:
    """A selector that is a mapping of labels, as Services have it; None where it is empty: it then selects nothing."""
    labels = texts(node)
    requirements = tuple(Requirement(key, "In", frozenset({value})) for key, value in labels.items())
    return LabelSelector(requirements, _place_of_labels(node, node)) if labels else None


def _place_of_labels(selector: Node, labels: Node) -> Location:
    """Where a selector stands: at the label that an overlay adds to it or changes, where one does."""
    own = selector.source
    return next((value.location for _, value in labels.items() if value.source is not own), selector.location)


def _built_images(configuration: Manifest) -> Iterator[SkaffoldImages | ImageBuild]:
    root = configuration.node
    builds = (root["build"], *(profile["build"] for profile in root["profiles"]))
    names = frozenset(artifact["image"].text for build in builds for artifact in build["artifacts"]) - {""}
    if names:
        yield SkaffoldImages(root.source.path, names)
    for artifact in (artifact for build in builds for artifact in build["artifacts"]):
        yield from _skaffold_build(root.source.path, artifact)


def _skaffold_build(path: str, artifact: Node) -> Iterator[ImageBuild]:
    """What Skaffold builds of an artifact by Docker or kaniko, which is what it does where nothing else is said."""
    if any(artifact[other].present for other in ("bazel", "buildpacks", "custom", "jib", "ko")):
        return
    from devopslint.images.builds import image_build  # only for Skaffold, and it reads commands

    by = artifact["kaniko"] if artifact["kaniko"].present else artifact["docker"]
    context = posixpath.join(posixpath.dirname(path), artifact["context"].text or ".")
    dockerfile = posixpath.join(context, by["dockerfile"].text or "Dockerfile")
    given = [f"{key.text}={value.text}" for key, value in by["buildArgs"].items()]
    build = image_build(context, dockerfile, [artifact["image"].text], by["target"].text, (), given)
    yield build._replace(path=path)


def _made_secrets(manifest: Manifest) -> Iterator[str]:
    """The names of the Secrets that an operator makes where it finds this object."""
    spec = manifest.spec
    match manifest.kind:
        case "ExternalSecret":
            yield spec["target"]["name"].text or manifest.name
        case "SealedSecret":
            yield spec["template"]["metadata"]["name"].text or manifest.name
        case "Certificate":
            yield spec["secretName"].text
        case "SecretProviderClass":
            yield from (made["secretName"].text for made in spec["secretObjects"])
        case "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret":
            yield spec["destination"]["name"].text


def _runs(workload: Workload) -> Iterator[ImageRun]:
    for container in workload.containers:
        image = container.node["image"]
        if container.role != "main" or not image.text:
            continue
        refusal = container.security("runAsNonRoot")
        yield ImageRun(
            without_version(image.text),
            "",
            "",
            container.label,
            image.location,
            container.security("runAsUser").value,
            refusal.value is True,
            workload.kind in ("Job", "CronJob") or any(container.node[f"{kind}Probe"].present for kind in _PROBES),
            refusal.location,
        )


def identity_of(manifest: Manifest) -> dict[str, Any]:
    """What an ObjectSummary of any kind has of its object."""
    return {
        "kind": manifest.kind,
        "group": manifest.group,
        "name": manifest.name,
        "namespace": "" if stands_in(manifest.namespace) else manifest.namespace,
        "labels": manifest.labels,
        "location": manifest.location,
    }


def _summary(manifest: Manifest) -> ObjectSummary:
    names = identity_of(manifest)
    if isinstance(manifest, Workload):
        return _workload(manifest, names)
    for of_topic in (_of_scaling, _of_policies, _of_traffic, _of_access, _of_data):
        if (found := of_topic(manifest, names)) is not None:
            return found
    return ObjectSummary(**names)


def _of_scaling(manifest: Manifest, names: dict[str, Any]) -> ObjectSummary | None:
    """What scales, resizes or protects workloads."""
    spec = manifest.spec
    match manifest.kind:
        case "HorizontalPodAutoscaler":
            return AutoscalerSummary(
                **names,
                target_kind=spec["scaleTargetRef"]["kind"].text,
                target=_text(spec["scaleTargetRef"]["name"]),
                minimum=_whole(spec["minReplicas"]),
                metrics=tuple(_metrics(spec)),
            )
        case "ScaledObject":
            return AutoscalerSummary(
                **names,
                target_kind=spec["scaleTargetRef"]["kind"].text or "Deployment",
                target=_text(spec["scaleTargetRef"]["name"]),
                minimum=_whole(spec["minReplicaCount"]),
                metrics=tuple(_triggers(spec)),
                takes_over=_taken_over(manifest),
            )
        case "HTTPScaledObject":
            return AutoscalerSummary(
                **names,
                target_kind=spec["scaleTargetRef"]["kind"].text or "Deployment",
                target=_text(spec["scaleTargetRef"]["name"]),
                minimum=_whole(spec["replicas"]["min"]),
                metrics=(),
            )
        case "VerticalPodAutoscaler" if spec["updatePolicy"]["updateMode"].text != "Off":
            return ResizerSummary(
                **names,
                target_kind=spec["targetRef"]["kind"].text,
                target=_text(spec["targetRef"]["name"]),
                resources=_controlled(spec["resourcePolicy"]["containerPolicies"]),
            )
        case "PodDisruptionBudget":
            return BudgetSummary(
                **names, selector=label_selector(spec["selector"]), minimum=_scalar(spec["minAvailable"])
            )
    return None


def _of_policies(manifest: Manifest, names: dict[str, Any]) -> ObjectSummary | None:
    """What lets traffic through, or does not."""
    spec = manifest.spec
    match manifest.kind:
        case "NetworkPolicy" if manifest.group in ("networking.k8s.io", "extensions"):
            return _policy(spec, names)
        case "NetworkPolicy" | "GlobalNetworkPolicy" if manifest.group in _CALICO:
            return _calico_policy(spec, names)
        case "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy":
            return _cilium_policy(manifest.node, names)
        case "AdminNetworkPolicy" | "BaselineAdminNetworkPolicy" | "ClusterNetworkPolicy":
            return _admin_policy(spec, names)
    return None


def _of_traffic(manifest: Manifest, names: dict[str, Any]) -> ObjectSummary | None:
    """What traffic comes in by, and where it goes."""
    spec = manifest.spec
    match manifest.kind:
        case "Service" if manifest.group == "":
            return ServiceSummary(
                **names,
                selector=plain_selector(spec["selector"]),
                type=spec["type"].text or "ClusterIP",
                headless=spec["clusterIP"].text == "None",
                scraped=manifest.annotations.get("prometheus.io/scrape") == "true",
                ports=tuple(_service_port(port) for port in spec["ports"]),
            )
        case "Ingress":
            return IngressSummary(**names, backends=tuple(_backends(spec)))
        case "VirtualService":
            return VirtualServiceSummary(
                **names,
                destinations=tuple(_destinations(spec)),
                targets=tuple(_hosts(spec)),
                redirects_from=frozenset(
                    gateway.text.rpartition("/")[2]
                    for gateway in spec["gateways"].strings()
                    if any(route["redirect"]["scheme"].text == "https" for route in spec["http"])
                ),
            )
        case "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute":
            return RouteSummary(
                **names,
                targets=tuple(_route_targets(spec)),
                redirects_from=frozenset(_redirected(spec)),
            )
        case "Gateway" if manifest.group in _GATEWAYS:
            return GatewaySummary(**names, plain=_plain_listener(manifest))
        case "IngressRoute" | "IngressRouteTCP" if manifest.group.startswith("traefik."):
            return RouteSummary(**names, targets=tuple(_traefik_targets(spec)))
        case "Route" if manifest.group == "route.openshift.io":
            return RouteSummary(**names, targets=tuple(_openshift_targets(spec)))
        case "DestinationRule":
            return DestinationRuleSummary(
                **names, host=spec["host"].text, subsets=frozenset(subset["name"].text for subset in spec["subsets"])
            )
    return None


def _of_access(manifest: Manifest, names: dict[str, Any]) -> ObjectSummary | None:
    """Who may do what."""
    match manifest.kind:
        case "ServiceAccount":
            return AccountSummary(**names, automount=_scalar(manifest.node["automountServiceAccountToken"]))
        case "Role" | "ClusterRole" if manifest.group in ("rbac.authorization.k8s.io", "authorization.openshift.io"):
            return RoleSummary(
                **names, permissions=tuple(permission(rule) for rule in manifest.node["rules"] if rule.is_mapping)
            )
        case "RoleBinding" | "ClusterRoleBinding":
            return BindingSummary(
                **names,
                role_kind=manifest.node["roleRef"]["kind"].text,
                role=_text(manifest.node["roleRef"]["name"]),
                subjects=tuple(
                    Subject(s["kind"].text, s["name"].text, s["namespace"].text, s["name"].location)
                    for s in manifest.node["subjects"]
                ),
            )
    return None


def _of_data(manifest: Manifest, names: dict[str, Any]) -> ObjectSummary | None:
    """What is mounted, and what is scraped."""
    spec = manifest.spec
    match manifest.kind:
        case "ConfigMap" | "Secret":
            return DataSummary(**names, keys=_data_keys(manifest))
        case "ServiceMonitor" | "PodMonitor":
            return _monitor(spec, names, "endpoints" if manifest.kind == "ServiceMonitor" else "podMetricsEndpoints")
    return None


def _workload(workload: Workload, names: dict[str, Any]) -> WorkloadSummary:
    spec, pod = workload.spec, workload.pod
    older = workload.kind in ("DeploymentConfig", "ReplicationController")
    owner = spec["workloadRef"]
    account = pod["serviceAccountName"] if pod["serviceAccountName"].present else pod["serviceAccount"]
    selector = plain_selector(spec["selector"]) if older else label_selector(spec["selector"])
    pod_labels = workload.pod_labels or dict(selector.equalities if selector else ())
    coloured = any(value in COLOURS for value in pod_labels.values())
    annotations = workload.pod_annotations.items()
    return WorkloadSummary(
        **names,
        pod_labels=pod_labels,
        pod_annotations={name: value for name, value in annotations if name.startswith(_READ)},
        selector=selector,
        replicas=_whole(spec["replicas"]),
        strategy=_text(spec["strategy"]["type"]),
        account=_text(account if account.present else pod["serviceAccountName"]),
        automount=_scalar(pod["automountServiceAccountToken"]),
        service_name=_text(spec["serviceName"]),
        host_network=pod["hostNetwork"].value is True,
        containers=tuple(
            ContainerSummary(
                container.name,
                without_version(container.node["image"].text),
                frozenset(key for field in ("requests", "limits") for key in texts(container.node["resources"][field])),
                container.role == "main" or container.sidecar,
                tuple(Port(port["name"].text, _whole(port["containerPort"]).value) for port in container.node["ports"]),
                container.node["name"].location,
                container.node["resources"]["requests"].location,
                str(container.node["resources"].plain() or "") if coloured else "",
                container.node["readinessProbe"].present,
                container.image_location,
            )
            for container in workload.containers
        ),
        references=tuple(references_of(workload)),
        traffic_services=tuple(_traffic_services(spec["strategy"])) if workload.kind == "Rollout" else (),
        template_of=(owner["kind"].text, owner["name"].text) if owner.present else None,
        claims=any(volume["persistentVolumeClaim"].present for volume in workload.volumes),
        unavailable=_canonical(spec["strategy"]["rollingUpdate"]["maxUnavailable"]),
        surge=spec["strategy"]["rollingUpdate"]["maxSurge"].canonical,
        history=_whole(spec["revisionHistoryLimit"]),
        requested=frozenset(key for field in ("requests", "limits") for key in texts(pod["resources"][field])),
    )


def _traffic_services(strategy: Node) -> Iterator[Placed[str]]:
    for field, names in (
        ("blueGreen", ("activeService", "previewService")),
        ("canary", ("stableService", "canaryService")),
    ):
        for name in names:
            if strategy[field][name].present:
                yield _text(strategy[field][name])


def references_of(workload: Workload) -> Iterator[Reference]:
    """The ConfigMaps, Secrets and PersistentVolumeClaims without which the pods do not start."""
    for container in workload.containers:
        for variable in container.node["env"]:
            source = variable["valueFrom"]
            if not source.is_mapping:  # most have a value of their own
                continue
            yield from _reference("ConfigMap", source["configMapKeyRef"], "name", "key")
            yield from _reference("Secret", source["secretKeyRef"], "name", "key")
        for source in container.node["envFrom"]:
            yield from _reference("ConfigMap", source["configMapRef"], "name")
            yield from _reference("Secret", source["secretRef"], "name")
    for volume in workload.pod["volumes"]:
        sources = [volume, *volume["projected"]["sources"]]
        for source in sources:
            yield from _reference("ConfigMap", source["configMap"], "name")
            yield from _reference("Secret", source["secret"], "secretName" if source is volume else "name")
        yield from _reference("PersistentVolumeClaim", volume["persistentVolumeClaim"], "claimName")


def _reference(kind: str, node: Node, name_field: str, key_field: str = "") -> Iterator[Reference]:
    """One for a key or the whole object, and one for each key that a volume takes."""
    name = node[name_field]
    if not name.text or node["optional"].value is True:
        return
    key = node[key_field] if key_field else None
    yield Reference(kind, name.text, key.text if key is not None else "", (key or name).location)
    for item in node["items"]:
        if item["key"].text:
            yield Reference(kind, name.text, item["key"].text, item["key"].location)


def _metrics(spec: Node) -> Iterator[Metric]:
    percentage = spec["targetCPUUtilizationPercentage"]
    if percentage.present:
        yield Metric("cpu", "", percentage.location)
    for metric in spec["metrics"]:
        for field in ("resource", "containerResource"):
            source = metric[field]
            if source["target"]["averageUtilization"].present or source["targetAverageUtilization"].present:
                yield Metric(source["name"].text, source["container"].text, source["name"].location)


def _triggers(spec: Node) -> Iterator[Metric]:
    """The triggers of KEDA that are metrics of the pods themselves."""
    for trigger in spec["triggers"]:
        utilization = trigger["metricType"].text in ("", "Utilization")
        if trigger["type"].text in ("cpu", "memory") and utilization:
            yield Metric(trigger["type"].text, trigger["metadata"]["containerName"].text, trigger["type"].location)


def _controlled(policies: Node) -> frozenset[str]:
    """The resources that a VerticalPodAutoscaler sets for some container: cpu and memory, unless each policy names others."""
    every = frozenset({"cpu", "memory"})
    named = [policy for policy in policies if policy["mode"].text != "Off"]
    if len(policies) and not named:
        return frozenset()
    chosen = [frozenset(one.text for one in policy["controlledResources"].strings()) or every for policy in named]
    return frozenset().union(*chosen) if chosen else every


def _service_port(port: Node) -> ServicePort:
    target = port["targetPort"]
    written = target.present and target.value != 0  # Kubernetes takes a 0 for none
    number = _whole(port["port"]).value
    named = target.text if isinstance(target.value, str) else _whole(target).value
    return ServicePort(
        port["name"].text,
        number,
        Placed(named, target.location) if written else Placed(number, port["port"].location),
        port["protocol"].text or "TCP",
    )


def _policy(spec: Node, names: dict[str, Any]) -> PolicySummary:
    types = {item.text for item in spec["policyTypes"].strings()}
    peers = [
        selector
        for direction, side in (("ingress", "from"), ("egress", "to"))
        for rule in spec[direction]
        for peer in rule[side]
        if not peer["namespaceSelector"].present and (selector := label_selector(peer["podSelector"])) is not None
    ]
    # One that is left out selects every pod of the namespace, as an empty one does.
    selector = label_selector(spec["podSelector"]) or LabelSelector((), spec["podSelector"].location)
    return PolicySummary(
        **names,
        selector=selector,
        ingress="Ingress" in types or not types,
        egress="Egress" in types or (not types and len(spec["egress"]) > 0),
        denies=(
            types >= {"Ingress", "Egress"}
            and not selector.requirements
            and not len(spec["ingress"])
            and not len(spec["egress"])
        ),
        peers=tuple(peers),
    )


_CALICO = ("projectcalico.org", "crd.projectcalico.org")
_CALICO_TERM = compiled(
    r"""\s*(?:has\((?P<has>[^)]+)\)|!\s*has\((?P<not>[^)]+)\)|(?P<all>all\(\))|(?P<key>[\w./-]+)\s*(?:(?P<operator>==|!=)\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)"""
    r"""|(?P<within>not\s+in|in)\s*\{(?P<values>[^}]*)\}))\s*"""
)
ANY_NAMESPACE = "*"
"""The namespace of a policy that holds in all of them."""


def calico_selector(node: Node) -> LabelSelector | None:
    """A selector in Calico's language; None where it says more than that some conditions hold together."""
    requirements = []
    for term in node.text.split("&&") if node.text.strip() else ():
        found = _CALICO_TERM.fullmatch(term)
        if found is None:
            return None
        values = frozenset(value.strip(" \"'") for value in (found["values"] or found["value"] or "").split(","))
        if found["has"] or found["not"]:
            operator = "Exists" if found["has"] else "DoesNotExist"
            requirements.append(Requirement((found["has"] or found["not"]).strip(), operator))
        elif found["key"]:
            negative = found["operator"] == "!=" or (found["within"] or "").startswith("not")
            requirements.append(Requirement(found["key"], "NotIn" if negative else "In", values))
    return LabelSelector(tuple(requirements), node.location)


def _calico_policy(spec: Node, names: dict[str, Any]) -> PolicySummary:
    types = {item.text for item in spec["types"].strings()}
    everywhere = names["kind"] == "GlobalNetworkPolicy"
    return _other_policy(
        {**names, "namespace": ANY_NAMESPACE} if everywhere else names,
        calico_selector(spec["selector"]) or LabelSelector((), spec["selector"].location),
        "Ingress" in types or (not types and not len(spec["egress"])) or len(spec["ingress"]) > 0,
        "Egress" in types or len(spec["egress"]) > 0,
        types >= {"Ingress", "Egress"} and not spec["selector"].text.strip() and not len(spec["ingress"]),
    )


def _cilium_policy(node: Node, names: dict[str, Any]) -> PolicySummary:
    everywhere = names["kind"] == "CiliumClusterwideNetworkPolicy"
    specs = [node["spec"], *node["specs"]]
    first = next((spec for spec in specs if spec.is_mapping), node["spec"])
    selector = label_selector(first["endpointSelector"])
    plain = LabelSelector((), first["endpointSelector"].location)
    if selector is not None:
        # Keys may name where a label comes from: `k8s:app`, `any:app`.
        kept = tuple(one._replace(key=one.key.rpartition(":")[2]) for one in selector.requirements)
        own = tuple(
            one for one in kept if not one.key.startswith("io.kubernetes.pod.") and not one.key.startswith("reserved")
        )
        plain = LabelSelector(own, selector.location)
    rules = {
        side: any(spec[f"{side}{deny}"].exists for spec in specs for deny in ("", "Deny"))
        for side in ("ingress", "egress")
    }
    return _other_policy(
        {**names, "namespace": ANY_NAMESPACE} if everywhere else names,
        plain,
        rules["ingress"],
        rules["egress"],
        not plain.requirements
        and all(rules.values())
        and all(not rule.items() for side in rules for rule in first[side]),
    )


def _admin_policy(spec: Node, names: dict[str, Any]) -> PolicySummary:
    subject = spec["subject"]
    selector = label_selector(subject["pods"]["podSelector"]) or LabelSelector((), subject.location)
    ingress, egress = len(spec["ingress"]) > 0, len(spec["egress"]) > 0
    return _other_policy({**names, "namespace": ANY_NAMESPACE}, selector, ingress, egress, False)


def _other_policy(
    names: dict[str, Any], selector: LabelSelector, ingress: bool, egress: bool, denies: bool
) -> PolicySummary:
    return PolicySummary(**names, selector=selector, ingress=ingress, egress=egress, denies=denies, peers=(), own=False)


def _backends(spec: Node) -> Iterator[Backend]:
    paths = [path["backend"] for rule in spec["rules"] for path in rule["http"]["paths"]]
    for backend in (spec["defaultBackend"], spec["backend"], *paths):
        if backend["service"].is_mapping:
            service, port = backend["service"]["name"], backend["service"]["port"]
            number = port["number"]
            yield Backend(_text(service), _scalar(number if number.present else port["name"]))
        elif backend["serviceName"].present:
            yield Backend(_text(backend["serviceName"]), _scalar(backend["servicePort"]))


def _monitor(spec: Node, names: dict[str, Any], endpoints: str) -> MonitorSummary:
    within = spec["namespaceSelector"]
    everywhere = within["any"].value is True
    named = tuple(item.text for item in within["matchNames"].strings())
    return MonitorSummary(
        **names,
        selector=label_selector(spec["selector"]) or LabelSelector((), spec["selector"].location),
        said=None if everywhere else named,
        ports=tuple(_text(entry["port"]) for entry in spec[endpoints] if entry["port"].text),
        paths=tuple(Placed(entry["path"].text or "/metrics", entry["path"].location) for entry in spec[endpoints]),
    )


def _destinations(spec: Node) -> Iterator[Destination]:
    for protocol in ("http", "tls", "tcp"):
        for route in spec[protocol]:
            for to in _sent_to(route):
                if to["subset"].text:
                    yield Destination(to["host"].text, _text(to["subset"]))


def _sent_to(route: Node) -> Iterator[Node]:
    """Where a rule of a VirtualService sends requests, and copies of them."""
    yield from (entry["destination"] for entry in route["route"])
    yield route["mirror"]
    yield from (mirror["destination"] for mirror in route["mirrors"])


def _route_targets(spec: Node) -> Iterator[Target]:
    for rule in spec["rules"]:
        for reference in (*rule["backendRefs"], *(one["requestMirror"]["backendRef"] for one in rule["filters"])):
            if reference["name"].text and reference["kind"].text in ("", "Service") and not reference["group"].text:
                within = reference["namespace"].text
                yield Target(_text(reference["name"]), within, _scalar(reference["port"]))


_GATEWAYS = ("gateway.networking.k8s.io", "networking.istio.io")
_HOST_LABEL = compiled(r"[a-z0-9][a-z0-9-]*")
_TLS_ELSEWHERE = compiled(r"ssl-cert|certificate|acm|internal|private", re.IGNORECASE)
"""In annotations: the load balancer in front has a certificate, or nobody outside reaches it."""


def _redirected(spec: Node) -> Iterator[str]:
    filters = [one for rule in spec["rules"] for one in rule["filters"]]
    if any(one["requestRedirect"]["scheme"].text == "https" for one in filters):
        yield from (parent["name"].text for parent in spec["parentRefs"])


def _taken_over(scaled: Manifest) -> str:
    """The autoscaler that a ScaledObject takes over; empty where it makes one of its own beside it."""
    if scaled.annotations.get("scaledobject.keda.sh/transfer-hpa-ownership") != "true":
        return ""
    return scaled.spec["advanced"]["horizontalPodAutoscalerConfig"]["name"].text or f"keda-hpa-{scaled.name}"


def _plain_listener(gateway: Manifest) -> Location | None:
    meshed = gateway.group == "networking.istio.io"
    entries = list(gateway.spec["servers" if meshed else "listeners"])
    protocols = [(entry["port"] if meshed else entry)["protocol"].text.upper() for entry in entries]
    notes = {**gateway.annotations, **texts(gateway.spec["infrastructure"]["annotations"])}
    if any(_TLS_ELSEWHERE.search(f"{key}: {value}") for key, value in notes.items()):
        return None
    plain = {"HTTP", "HTTP2", "GRPC"} if meshed else {"HTTP"}
    if plain.isdisjoint(protocols) or not set(protocols) <= {"HTTP", "TCP", "HTTP2", "GRPC"}:
        return None
    if any(entry["tls"]["httpsRedirect"].value is True for entry in entries):
        return None
    return next(entry.location for entry, protocol in zip(entries, protocols, strict=True) if protocol in plain)


def _traefik_targets(spec: Node) -> Iterator[Target]:
    for route in spec["routes"]:
        for service in route["services"]:
            name = service["name"]
            if name.text and "@" not in name.text and service["kind"].text in ("", "Service"):
                yield Target(_text(name), service["namespace"].text, _scalar(service["port"]))


def _openshift_targets(spec: Node) -> Iterator[Target]:
    for target in (spec["to"], *spec["alternateBackends"]):
        if target["name"].text and target["kind"].text in ("", "Service"):
            yield Target(_text(target["name"]), "", Placed(None, target["name"].location))


def _hosts(spec: Node) -> Iterator[Target]:
    """The Services among a VirtualService's hosts: `shop`, or `shop.live.svc.cluster.local`."""
    for protocol in ("http", "tls", "tcp"):
        for route in spec[protocol]:
            for destination in _sent_to(route):
                name, _, rest = destination["host"].text.partition(".")
                within, _, domain = rest.partition(".")
                # What is no label of a host name stands for one: kustomize's $(NAME), a word in capitals.
                if all(map(_HOST_LABEL.fullmatch, (name, within or name))) and (
                    not rest or domain in ("svc", "svc.cluster.local")
                ):
                    place = Placed(name, destination["host"].location)
                    yield Target(place, within, _scalar(destination["port"]["number"]))


@functools.lru_cache(maxsize=128)  # a score of checks ask for a role's rules, one behind the other
def permission(rule: Node) -> Permission:
    return Permission(
        frozenset(group.text for group in rule["apiGroups"].strings()),
        tuple(_text(resource) for resource in rule["resources"].strings()),
        tuple(_text(verb) for verb in rule["verbs"].strings()),
        bool(names := [name.text for name in rule["resourceNames"].strings()]),
        bool(names) and all("public" in re.split(r"[-._]", name) for name in names),
    )


def _text(node: Node) -> Placed[str]:
    return Placed(node.text, node.location)


def _data_keys(manifest: Manifest) -> frozenset[str] | None:
    """The keys of a ConfigMap or a Secret; None for one that stands empty, to be filled by somebody else."""
    if manifest.node["type"].text == "kubernetes.io/service-account-token":
        return None  # the cluster puts a token and its authority there
    if manifest.kind == "Secret" and _is_made_otherwise(manifest.node):
        return None
    fields = [manifest.node[field] for field in ("data", "binaryData", "stringData")]
    keys = frozenset(key for field in fields for key in field.keys())  # noqa: SIM118  # a node is no dict
    return keys or None


_MADE_OTHERWISE = compiled(
    r"(?i)#[^\n]*\b(?:(?:actual|real)[ \t]+(?:credentials?|secrets?|values?)|(?:secret|template)s? (?:file|template)|placeholders?)\b"
)
"""In a comment: the Secret that is there shows what to make, and holds other keys where it is made."""


def _is_made_otherwise(secret: Node) -> bool:
    text = secret.source.text
    above = text.rfind("---", 0, secret.start) + 1
    return _MADE_OTHERWISE.search(text, max(above, secret.start - 1_000), secret.end) is not None


def _canonical(node: Node) -> Placed[str]:
    return Placed(node.canonical, node.location)


def _scalar(node: Node) -> Placed[Any]:
    return Placed(node.value, node.location)


def _whole(node: Node) -> Placed[int | None]:
    """The number; a null is as good as no value at all."""
    absent = node.exists and not node.present
    return Placed(whole(node), node.location._replace(missing=True) if absent else node.location)
