"""In which language the queries of a tree may be."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import PartialDocument, Summaries
from devopslint.monitoring.summaries import QUERY_LANGUAGE, DashboardSummary, GroupSummary, VictoriaMetrics


def in_metricsql(summaries: Summaries) -> Iterator[PartialDocument]:
    """The dashboards and rules of a tree with VictoriaMetrics, which answers them like Prometheus.

    Grafana takes it for a Prometheus, and its operator makes its own rules of PrometheusRules: MetricsQL lets windows be
    left out, joins series with numbers, and takes the quantiles of its own buckets.
    """
    found = next(iter(summaries.of(VictoriaMetrics)), None)
    if found is None:
        return
    reason = f"may ask VictoriaMetrics, which {found.location.path} speaks of: what is no PromQL may be MetricsQL"
    paths = {one.location.path for one in summaries.of(DashboardSummary)}
    paths |= {one.location.path for one in summaries.of(GroupSummary)}
    for path in sorted(paths):
        yield PartialDocument(path, reason, keys=frozenset({QUERY_LANGUAGE}), exact=True)
