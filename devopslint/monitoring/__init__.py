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
    ),
    aspects=(
        Aspect(
            "monitoring-objects",
            "manifest",
            r"monitoring\.(?:coreos|rhobs)\b|VMRule|expr:",
            "devopslint.monitoring.objects:MonitoringObjects",
        ),
    ),
)
