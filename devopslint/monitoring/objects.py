"""What of Kubernetes objects is monitoring: the rules, configurations and dashboards that they hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import cached_property
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.workloads import Manifest, decoded
from devopslint.monitoring import dashboards, operators
from devopslint.monitoring.alertmanager import Alertmanager, matches_of, paging_of
from devopslint.monitoring.aspects import SeenInManifests
from devopslint.monitoring.dashboards import Dashboard, DashboardText, Panel, Target
from devopslint.monitoring.names import (
    reads_as_alertmanager,
    reads_as_dashboard,
    reads_as_datasources,
    reads_as_scraping,
)
from devopslint.monitoring.rules import Expression, Group, Rule, groups_in, summaries_of, unread
from devopslint.monitoring.scraping import Scraping, interval_of
from devopslint.monitoring.summaries import DashboardMap, ProvisionedSource, VictoriaMetrics
from devopslint.readers.embedded_yaml import read_within
from devopslint.readers.yaml import Node, read_yaml
from devopslint.readers.yaml_dialects import CORE, GO, Dialect


class MonitoringObjects(SeenInManifests):
    """The objects of one file of manifests, as monitoring sees them."""

    kinds: ClassVar[tuple[str, ...]] = ("monitoring-objects",)

    def __init__(self, manifests: Manifests) -> None:
        super().__init__(manifests)
        self.not_checked += unread(self.groups)

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of rules in PrometheusRules and ConfigMaps."""
        found: list[Group] = []
        for one in self.objects:
            if one.kind in ("PrometheusRule", "Rules", "ClusterRules", "GlobalRules", "VMRule"):
                if one.group and not one.group.startswith("loki"):
                    found += groups_in(one.spec, one.label, foreign=one.kind == "VMRule")
            elif one.kind == "ConfigMap":
                for value in self.texts_of(one):
                    if "groups:" in value.text and ("expr:" in value.text):
                        for root in self._roots(value):
                            if {*root.keys()} <= {"groups", "namespace"}:
                                found += groups_in(root, one.label)
        return found

    @staticmethod
    def texts_of(one: Manifest, *, fields: tuple[str, ...] = ("data",)) -> Iterator[Node]:
        """The texts of a ConfigMap or a Secret."""
        for field in fields:
            yield from (value for _, value in one.node[field].items() if value.is_scalar and value.text)

    @cached_property
    def _read(self) -> dict[int, list[Node]]:
        return {}

    def _roots(self, value: Node, dialect: Dialect = CORE) -> list[Node]:
        """The documents in a text, read once."""
        if id(value) not in self._read:
            stream = read_within(value, dialect)
            documents = stream.documents if stream is not None and not stream.faults else []
            self._read[id(value)] = [one.root for one in documents[:1] if one.templated is None]
        return self._read[id(value)]

    @property
    def expressions(self) -> list[Expression]:
        shown = [target.expression for one in self.dashboards for target in one.targets if target.certain]
        return [rule.expression for rule in object_rules(self)] + shown

    @cached_property
    def scraping(self) -> list[Scraping]:
        """The configurations of Prometheus in ConfigMaps and Secrets."""
        return [
            Scraping(root, one.label)
            for one, value in self._held
            if "scrape_configs:" in value.text
            for root in self._roots(value, GO)
            if reads_as_scraping("", value.text) and root.is_mapping
        ]

    @cached_property
    def configurations(self) -> list[Alertmanager]:
        """The configurations of Alertmanager in Secrets and ConfigMaps, and AlertmanagerConfigs."""
        found = [
            Alertmanager(root, one.label)
            for one, value in self._held
            if "receivers:" in value.text and reads_as_alertmanager("", value.text)
            for root in self._roots(value, GO)
        ]
        found += [
            Alertmanager(one.spec, one.label, True, one.namespace)
            for one in self.objects
            if one.kind == "AlertmanagerConfig"
        ]
        return found

    @cached_property
    def dashboard_texts(self) -> list[tuple[Manifest, DashboardText]]:
        """The dashboards in ConfigMaps and GrafanaDashboards, as they are written."""
        found = []
        for one, value in self._held:
            key = value.key.text if value.key is not None else ""
            if one.kind == "ConfigMap" and (key.endswith(".json") or value.text.lstrip()[:1] == "{"):
                if reads_as_dashboard("", value.text):
                    found.append((one, DashboardText(key, value)))
        for one in self.objects:
            if one.kind == "GrafanaDashboard" and one.spec["json"].text:
                found.append((one, DashboardText("json", one.spec["json"])))
        return found

    @cached_property
    def dashboards(self) -> list[Dashboard]:
        found = [Dashboard(one.node, one.label) for one in self.objects if one.group.startswith("dashboard.grafana")]
        for one, text in self.dashboard_texts:
            found += [Dashboard(root, one.label) for root in self._roots(text.node) if root.is_mapping]
        return found

    @property
    def _held(self) -> Iterator[tuple[Manifest, Node]]:
        """The texts in ConfigMaps and Secrets."""
        for one in self.objects:
            if one.kind in ("ConfigMap", "Secret"):
                for value in self.texts_of(one, fields=("data",) if one.kind == "ConfigMap" else ("stringData",)):
                    yield one, value

    @property
    def _sources(self) -> Iterator[ProvisionedSource]:
        """The data sources that Grafana is given by ConfigMaps, Secrets and its operator."""
        for _, value in self._held:
            if "datasources" in value.text and reads_as_datasources("", value.text):
                for root in self._roots(value):
                    yield from dashboards.sources_in(root)
        for one in self.objects:
            if one.kind in ("HelmRelease", "Application", "HelmChart"):
                yield from dashboards.sources_in_values(one.spec)
            elif one.kind == "GrafanaDatasource":
                yield ProvisionedSource(one.spec["datasource"]["name"].text, one.spec["datasource"]["uid"].text)
            elif one.kind == "Secret":
                for value in self.texts_of(one):
                    if "datasource" in (value.key.text if value.key is not None else ""):
                        stream = read_yaml(one.node.source.path, decoded(value.text))
                        for document in stream.documents[:1]:
                            yield from dashboards.sources_in(document.root)

    def summaries(self) -> Iterator[object]:
        yield from summaries_of(self.groups)
        yield from self._sources
        text = self.manifests.stream.source.text
        if self.objects and ("victoriametrics" in text or "victoria-metrics" in text):
            yield VictoriaMetrics(self.objects[0].location)
        for one in self.scraping:
            yield from interval_of(one.node)
        for configuration in self.configurations:
            yield from (matches_of if configuration.camel else paging_of)(configuration)
        yield from dashboards.summaries_of(self.dashboards)
        for holder, _ in self.dashboard_texts:
            if holder.kind == "ConfigMap":
                yield DashboardMap(
                    holder.label,
                    any(key.endswith(("dashboard", "dashboards")) for key in holder.labels),
                    holder.location,
                )


def object_groups(view: MonitoringObjects) -> list[Group]:
    """Every group of rules in a file of manifests."""
    return view.groups


def object_rules(view: MonitoringObjects) -> list[Rule]:
    """Every rule in a file of manifests."""
    return [rule for group in view.groups for rule in group.rules]


def object_alerts(view: MonitoringObjects) -> list[Rule]:
    """Every rule in a file of manifests that alerts."""
    return [rule for rule in object_rules(view) if rule.alerts]


def object_scraping(view: MonitoringObjects) -> list[Scraping]:
    """Every configuration of Prometheus in a file of manifests."""
    return view.scraping


def object_configurations(view: MonitoringObjects) -> list[Alertmanager]:
    """Every configuration of Alertmanager in a file of manifests."""
    return view.configurations


def object_dashboards(view: MonitoringObjects) -> list[Dashboard]:
    """Every dashboard in a file of manifests."""
    return view.dashboards


def object_panels(view: MonitoringObjects) -> list[Panel]:
    """Every panel of the dashboards in a file of manifests."""
    return [panel for one in view.dashboards for panel in one.panels]


def object_targets(view: MonitoringObjects) -> list[Target]:
    """Every query of the dashboards in a file of manifests."""
    return [target for one in view.dashboards for target in one.targets]


def object_json(view: MonitoringObjects) -> list[DashboardText]:
    return [text for _, text in view.dashboard_texts]


def object_queries(view: MonitoringObjects) -> list[Expression]:
    """The queries by which rollouts are judged; those with arguments in them are templates."""
    nodes = [node for one in view.objects for node in operators.queries_in(one)]
    return [Expression(node, node.text) for node in nodes if node.text.strip() and "{{" not in node.text]
