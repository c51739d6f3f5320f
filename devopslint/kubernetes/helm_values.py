"""Values that charts are installed with: what some of them mean, whatever chart takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import ClassVar

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.kubernetes.kustomize import Kustomization
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.names import is_deployed_values
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest, application_spec
from devopslint.model import Location, NotChecked
from devopslint.readers.embedded_yaml import read_within
from devopslint.readers.folders import is_rehearsed
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.yaml import Node, Stream
from devopslint.readers.yaml_dialects import GO, Dialect
from devopslint.readers.yaml_file import YamlFile

_TEMPLATED = compiled(r"\{\{|\{%|<%")
_SWITCHES = ("enabled", "enable", "create", "install")
_ALLOWS = compiled(r"(?i)psp|polic(?:y|ies)|scc\Z|securitycontextconstraints?|constraint|schema|rules?\Z|match|exclude")
"""Keys of what says which pods others may run, and runs none."""
_MADE_FROM = ("elements", "generators")
"""What an ApplicationSet makes its Applications from: words of its own template."""
_VALUES_KEY = compiled(r"(?:[\w-]+[.-])?values(?:[.-][\w-]+)?\.ya?ml\Z")
_REFERS = compiled(r"[@$%<]|\{\{|//")
"""In what names no repository of images: a digest, a variable, an address."""
SHARED = {"hostNetwork": "network", "hostPID": "processes", "hostIPC": "memory"}
_CONSEQUENCES = {
    "privileged": ": a container is root on the node",
    "runAsUser": ": a container runs as root",
    "latest": ", which changes with every push",
    **{key: f": a pod shares the {what} of its node" for key, what in SHARED.items()},
}
"""What follows from a value, by its meaning."""
"""What a key lets a pod share with its node."""
_TAG_KEYS = ("tag", "imageTag", "image_tag", "imagetag")
_BESIDE_TAG = ("repository", "image", "name", "registry", "imageName")


class Setting(NamedTuple):
    """One value, and the keys that lead to it."""

    path: str
    """`controllers.web.securityContext.privileged`."""
    node: Node
    beside: Node
    """The mapping that it stands in."""

    @property
    def location(self) -> Location:
        return self.node.location

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def said(self) -> str:
        """What is set, and to what."""
        return f"sets {self.path} to {self.node.text}"

    def below(self, key: str, node: Node) -> Setting:
        return Setting(f"{self.path}.{key}" if self.path else key, node, self.node)


@dataclass(frozen=True)
class Values:
    """Values that are given to a chart in one place."""

    settings: tuple[Setting, ...]
    """Of one document; a parameter by itself is one, of whatever depth."""
    label: str
    location: Location

    @cached_property
    def meanings(self) -> Mapping[str, list[Setting]]:
        """The values that say the same to every chart, by the key that is known for it."""
        found: dict[str, list[Setting]] = defaultdict(list)
        seen: set[tuple[str, int]] = set()
        for setting in self.settings:
            for meaning, said in _meanings(setting, 0):
                if (meaning, id(said.node)) not in seen:  # what is aliased is one cause
                    seen.add((meaning, id(said.node)))
                    found[meaning].append(said)
        return found

    def consequences(self, *meanings: str) -> Iterator[tuple[Location, str]]:
        """Where values of these meanings stand, each with what is set and what follows from it."""
        for meaning in meanings:
            for setting in self.meanings.get(meaning, ()):
                yield setting.location, f"{setting.said}{_CONSEQUENCES[meaning]}"

    @property
    def rehearsed(self) -> bool:
        """Whether its names say that it is no production."""
        return is_rehearsed(f"{self.label}/{self.location.path}")


class ValuesFile(YamlFile):
    """A file of values beside a chart's own, or far from it: what somebody installs the chart with."""

    kinds: ClassVar[tuple[str, ...]] = ("helm-values",)
    dialect: ClassVar[Dialect] = GO

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        if self.faults and _TEMPLATED.search(stream.source.text):
            self.faults = []
            self.not_checked = [NotChecked(path, "is a template: what it renders to is not known here")]

    @property
    def values(self) -> list[Values]:
        root = self.root
        if not root.is_mapping or root["sops"].present:
            return []
        return [_of_document(root, "values", Location(self.path, 1, 1, 1, 1))]


class DefaultValues(ValuesFile):
    """A chart's own values.yaml: what it is installed with where nobody says otherwise."""

    kinds: ClassVar[tuple[str, ...]] = ("chart-values",)


def default_values(file: DefaultValues) -> list[Values]:
    """What a chart of the tree is installed with where nobody says otherwise."""
    return file.values


def values_of_files(file: ValuesFile) -> list[Values]:
    """The values in a file that is called after what it holds."""
    return file.values if is_deployed_values(file.path) else []


def values_of_objects(manifests: Manifests) -> list[Values]:
    """What releases and Applications, and the ConfigMaps that they read, give to charts."""
    return [values for one in manifests.objects if one.kind in _GIVING for values in _GIVING[one.kind](one)]


def values_of_kustomizations(kustomization: Kustomization) -> list[Values]:
    """What a kustomization gives to the charts that it renders."""
    return [
        _of_document(chart[key], f"chart {chart[name].text}", chart[name].location)
        for field, name, key in (
            ("helmCharts", "name", "valuesInline"),
            ("helmChartInflationGenerator", "chartName", "values"),
        )
        for chart in kustomization.root[field]
        if chart[key].is_mapping
    ]


def _of_document(root: Node, label: str, at: Location) -> Values:
    return Values((Setting("", root, root),), label, at)


def _within(scalar: Node) -> Iterator[Node]:
    """The document in a text; nothing where it is a template, or none."""
    if _TEMPLATED.search(scalar.text):
        return
    stream = read_within(scalar, GO)
    yield from (one.root for one in stream.documents[:1] if one.root.is_mapping) if stream is not None else ()


def _flux_release(release: Manifest) -> Iterator[Values]:
    if release.spec["values"].is_mapping and release.group in ("helm.toolkit.fluxcd.io", "helm.fluxcd.io"):
        yield _of_document(release.spec["values"], release.label, release.location)


def _application(one: Manifest) -> Iterator[Values]:
    spec = application_spec(one)
    if one.group != "argoproj.io":
        return
    for source in (spec["source"], *spec["sources"]):
        helm = source["helm"]
        if helm["valuesObject"].is_mapping:
            yield _of_document(helm["valuesObject"], one.label, one.location)
        else:  # which it has no heed of beside valuesObject
            for root in _within(helm["values"]):
                yield _of_document(root, one.label, one.location)
        parameters = tuple(
            Setting(parameter["name"].text, parameter["value"], parameter["value"])
            for parameter in helm["parameters"]
            if parameter["name"].text and parameter["value"].is_scalar
        )
        if parameters:
            yield Values(parameters, one.label, one.location)


def _k3s_chart(chart: Manifest) -> Iterator[Values]:
    if chart.group == "helm.cattle.io":
        for root in _within(chart.spec["valuesContent"]):
            yield _of_document(root, chart.label, chart.location)
        settings = tuple(Setting(key.text, value, value) for key, value in chart.spec["set"].items() if value.is_scalar)
        if settings:
            yield Values(settings, chart.label, chart.location)


def _crossplane_release(release: Manifest) -> Iterator[Values]:
    values = release.spec["forProvider"]["values"]
    if release.group == "helm.crossplane.io" and values.is_mapping:
        yield _of_document(values, release.label, release.location)


def _config_map(config_map: Manifest) -> Iterator[Values]:
    for key, text in config_map.node["data"].items():
        if _VALUES_KEY.match(key.text):
            for root in _within(text):
                yield _of_document(root, config_map.label, config_map.location)


_GIVING = {
    "Application": _application,
    "ApplicationSet": _application,
    "ConfigMap": _config_map,
    "HelmChart": _k3s_chart,
    "HelmChartConfig": _k3s_chart,
    "HelmRelease": _flux_release,
    "Release": _crossplane_release,
}

DEEPEST = 60
"""Keys within keys that are looked through; people stay below fifteen."""


def _meanings(setting: Setting, depth: int) -> Iterator[tuple[str, Setting]]:
    """What is known of a value and of those below it, but for what is switched off, or only allows something."""
    node = setting.node
    if node.is_scalar:
        yield from _of_scalar(setting, alone=not depth)
    if depth >= DEEPEST or (depth and any(node[key].value is False for key in _SWITCHES)):
        return
    if node.is_mapping:
        yield from _of_mapping(setting)
        for key, value in node.items():
            if not (_ALLOWS.search(key.text) or key.text in _MADE_FROM or (key.text == "value" and node["name"].text)):
                yield from _meanings(setting.below(key.text, value), depth + 1)
    elif node.is_sequence:
        for item in node:
            if not item["kind"].text.endswith(("Policy", "Constraints")):
                yield from _meanings(Setting(setting.path, item, node), depth + 1)


_TELLING = {
    "privileged": True,
    "allowPrivilegeEscalation": True,
    "hostNetwork": True,
    "hostPID": True,
    "hostIPC": True,
    "readOnlyRootFilesystem": False,
    "runAsNonRoot": False,
}
"""The value of a key that takes a protection away."""


def _of_scalar(setting: Setting, *, alone: bool) -> Iterator[tuple[str, Setting]]:
    """`alone` for a parameter: nothing stands beside it, and its value is a text."""
    name, text = setting.name, setting.node.text
    truth = {"true": True, "false": False}.get(text, setting.node.value)
    if truth is _TELLING.get(name, setting) or (name == "runAsUser" and text == "0"):
        yield name, setting
    elif (name.lower().endswith("image") and text.endswith(":latest")) or (
        alone and name in _TAG_KEYS and text == "latest"
    ):
        yield "latest", setting
    if text and (alone or isinstance(setting.node.value, str)):
        yield "text", setting


def _of_mapping(setting: Setting) -> Iterator[tuple[str, Setting]]:
    node = setting.node
    if node["add"].is_sequence and setting.name == "capabilities":
        for item in node["add"].strings():
            yield "capability", setting.below("add", item)
    yield from _of_image(setting)
    for key in ("replicaCount", "replicas"):
        if (whole(node[key]) or 0) > 0 and node["autoscaling"]["enabled"].value is False:
            yield "replicas", setting.below(key, node[key])
    if node["name"].text and isinstance(node["value"].value, str):
        yield "text", setting.below(node["name"].text, node["value"])


def _of_image(setting: Setting) -> Iterator[tuple[str, Setting]]:
    node, repository = setting.node, setting.node["repository"]
    key = next((key for key in _TAG_KEYS if node[key].exists), "tag")
    tag, about_image = node[key], setting.name.lower().endswith("image")
    if node["digest"].text or node["sha"].text:
        return
    if tag.text == "latest" and (about_image or any(node[one].text for one in _BESIDE_TAG)):
        yield "latest", setting.below(key, tag)
    elif repository.text and not tag.text and not _REFERS.search(repository.text):
        reference = ImageReference.parse(repository.text)
        if reference.tag == "latest":
            yield "latest", setting.below("repository", repository)
        elif reference.tag is None and (about_image or node["pullPolicy"].exists):
            yield "tagless", setting.below("repository", repository)
