"""Monitoring: Prometheus' rules and scraping, Alertmanager, Grafana's dashboards, objectives, traces, backups, certificates."""

from devopslint.registry import Aspect, Domain, FileKind

DOMAIN = Domain(
    "monitoring",
    kinds=(
        FileKind(
            "prometheus-rules",
            "devopslint.monitoring.rules:RuleFile",
            endings=(".yaml", ".yml", ".rules", ".json"),
            mark=r"(?m)^[\"']?groups[\"']?[ \t]*:|^\{\s*\"groups\"",
            reads="devopslint.monitoring.names:reads_as_rules",
        ),
        FileKind(
            "prometheus-config",
            "devopslint.monitoring.scraping:ScrapeFile",
            names=("prometheus.yml", "prometheus.yaml"),
            endings=(".yaml", ".yml"),
            mark=r"(?m)^(?:scrape_configs|scrape_config_files|remote_write|remote_read)[ \t]*:",
            reads="devopslint.monitoring.names:reads_as_scraping",
        ),
        FileKind(
            "alertmanager",
            "devopslint.monitoring.alertmanager:AlertmanagerFile",
            names=("alertmanager.yml", "alertmanager.yaml"),
            endings=(".yaml", ".yml"),
            mark=r"(?m)^receivers[ \t]*:",
            reads="devopslint.monitoring.names:reads_as_alertmanager",
        ),
        FileKind(
            "dashboard",
            "devopslint.monitoring.dashboards:DashboardFile",
            endings=(".json",),
            mark=r"\"(?:panels|rows|elements)\"\s*:",
            reads="devopslint.monitoring.names:reads_as_dashboard",
        ),
        FileKind(
            "prometheus-tests",
            "devopslint.monitoring.rule_tests:RuleTests",
            endings=(".yaml", ".yml"),
            mark=r"(?m)^rule_files[ \t]*:",
            reads="devopslint.monitoring.names:reads_as_tests",
        ),
        FileKind(
            "grafana-datasources",
            "devopslint.monitoring.dashboards:DatasourceFile",
            endings=(".yaml", ".yml"),
            mark=r"(?m)^datasources[ \t]*:",
            reads="devopslint.monitoring.names:reads_as_datasources",
        ),
    ),
    known=(".md", ".markdown", ".adoc", ".rst"),
    aspects=(
        Aspect(
            "monitoring-objects",
            "manifest",
            (
                "monitoring.coreos",
                "monitoring.rhobs",
                "VMRule",
                "expr:",
                "scrape_configs:",
                "receivers:",
                "grafana",
                "Grafana",
                '"panels"',
                "velero.io",
                "cnpg.io",
                "VolumeSnapshot",
                "cert-manager.io",
                "OTEL_",
                "JAEGER_",
                "ZIPKIN_",
                "sloth.slok",
                "pyrra.dev",
                "openslo",
                "backup",
            ),
            "devopslint.monitoring.objects:MonitoringObjects",
        ),
    ),
)
