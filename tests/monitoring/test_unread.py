"""Files of monitoring that are listed and not judged: what waits to be rendered, and what other projects wrote."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.config import Config
from devopslint.engine import check_texts, examine
from devopslint.files import SourceFile

RULES = "groups:\n- name: a\n  rules:\n  - {alert: A, expr: up ==}\n"
BOARD = '{"title": "A", "panels": [{"type": "stat", "targets": [{"expr": "rate(up)"}]}]}'


@pytest.mark.parametrize("before", ["{% raw %}\n", "---\n{% if x | bool %}\n"])
def test_rules_that_wait_for_jinja_are_listed_and_not_called_broken(before: str) -> None:
    report = examine(SourceFile("a.rules", "prometheus-rules"), before + RULES, Config().selection("a.rules"))

    assert not report.findings
    assert [(one.line, one.reason) for one in report.not_checked] == [
        (before.count("\n"), "is a template: what it renders to is not known here")
    ]


def test_a_list_that_a_shell_fills_in_is_listed_and_not_called_broken() -> None:
    text = "scrape_configs:\n- job_name: a\n  params: {}\n  more: [${NAMES}]\n"

    report = examine(SourceFile("prometheus.yml", "prometheus-config"), text, Config().selection("prometheus.yml"))

    assert not report.findings
    assert [one.line for one in report.not_checked] == [4]


@pytest.mark.parametrize(
    "directive", ["%{ for zone in zones ~}", "%{~ if spot }", "<#if spot>", "<#list zones as zone>"]
)
def test_a_template_of_terraform_or_freemarker_is_listed_and_not_called_broken(directive: str) -> None:
    text = f"scrape_configs:\n- job_name: a\n  zones:\n{directive}\n  - a\n"

    report = examine(SourceFile("prometheus.yml", "prometheus-config"), text, Config().selection("prometheus.yml"))

    assert not report.findings
    assert [one.line for one in report.not_checked] == [5 if "#" in directive else 4]


def test_rules_that_break_elsewhere_are_broken() -> None:
    text = "groups:\n- name: {% raw %}\n  rules: []\n"

    report = examine(SourceFile("a.rules", "prometheus-rules"), text, Config().selection("a.rules"))

    assert [one.rule.id for one in report.findings] == ["unreadable-file"]


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [
        ("prometheus-rules", "vendor/mixin/rules.yaml", RULES),
        ("dashboard", "vendor/mixin/board.json", BOARD),
        ("workflow", "vendor/mixin/.github/workflows/ci.yml", "on: push\njobs: {a: {steps: []}}\n"),
    ],
)
def test_what_another_project_wrote_is_listed(kind: str, path: str, text: str) -> None:
    report = examine(SourceFile(path, kind), text, Config().selection(path))

    assert not report.findings
    assert [one.reason for one in report.not_checked] == ["is another project's file: it lies in vendor/"]


@pytest.mark.parametrize("folder", ["testing/bats/integration/", "service/test/integration/", "tests/"])
def test_rules_that_tests_load_are_listed(folder: str) -> None:
    settled = check_texts({f"{folder}rules.yaml": RULES, "own/rules.yaml": RULES}, Config())

    assert {one.location.path for one in settled.findings} == {"own/rules.yaml"}
    assert [one.path for one in settled.not_checked] == [f"{folder}rules.yaml"]


MONITORS = {
    "prometheus.yaml": """
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: federated}
spec: {serviceMonitorSelector: {matchLabels: {app: federated}}}
""",
    "monitor.yaml": """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: shop}
spec: {selector: {matchLabels: {app: shop}}}
""",
    "settings.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: cluster-monitoring-config, namespace: openshift-monitoring}
data:
  config.yaml: |
    enableUserWorkload: %s
""",
}


def test_the_prometheus_that_openshift_has_for_its_users_chooses_what_another_one_does_not() -> None:
    def found(switch: str) -> int:
        files = MONITORS | {"settings.yaml": MONITORS["settings.yaml"] % switch}
        return len(devopslint.check(files, select=["prom-unselected-object"]))

    assert found("true") == 0
    assert found("false") == 1


def test_the_prometheus_of_a_chart_may_choose_what_another_one_does_not() -> None:
    release = """
apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata: {name: stack, namespace: monitoring}
spec: {chart: {repository: "https://charts.example.org", name: %s, version: 1.0.0}}
"""

    def found(chart: str) -> int:
        files = MONITORS | {"settings.yaml": MONITORS["settings.yaml"] % "false", "release.yaml": release % chart}
        return len(devopslint.check(files, select=["prom-unselected-object"]))

    assert found("kube-prometheus-stack") == 0
    assert found("prometheus-adapter") == 1


def test_a_runbook_may_be_told_from_any_folder_above_the_rule() -> None:
    rules = (
        "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == 0\n    annotations: {runbook_url: docs/%s.md}\n"
    )

    def found(name: str) -> list[str]:
        files = {"lab/prometheus/alerts/rules.yaml": rules % name, "lab/docs/up.md": "# Up\n", "README.md": "# Lab\n"}
        return [one.message for one in devopslint.check(files, select=["prom-dangling-runbook"])]

    assert found("up") == []
    assert found("down") == ["the runbook of 'A' is not there: docs/down.md"]


def test_an_object_and_the_file_that_it_was_made_from_show_one_dashboard() -> None:
    board = '{"title": "%s", "uid": "shop", "panels": [{"type": "stat", "targets": [{"expr": "up"}]}]}'
    made = """
apiVersion: grafana.integreatly.org/v1beta1
kind: GrafanaDashboard
metadata: {name: shop}
spec:
  json: |
    """
    one = {"shop.json": board % "Shop", "shop.yaml": f"{made}{board % 'Shop'}\n"}

    assert not devopslint.check(one, select=["grafana-duplicate-uid"])
    assert len(devopslint.check(one | {"cart.json": board % "Cart"}, select=["grafana-duplicate-uid"])) == 1


def test_what_a_chart_may_record_is_not_known() -> None:
    files = {
        "rules.yaml": "groups:\n- name: a\n  rules:\n  - {record: 'shop:orders_total', expr: up}\n  - {record: 'shop:carts', expr: up}\n"
        "  - {alert: A, expr: 'shop:latency_of_the_database > 1'}\n"
    }
    release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: exporter, namespace: shop}\n"

    known, opened = (
        check_texts(one, Config().selecting(["prom-unknown-recording"])) for one in (files, files | {"r.yaml": release})
    )

    assert [one.message for one in known.findings] == ["no rule of the tree records 'shop:latency_of_the_database'"]
    assert opened.findings == ()
    assert [one.reason for one in opened.not_known] == [
        "whether a rule records 'shop:latency_of_the_database', because HelmRelease/exporter may make it"
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('{{ include "chart.name" . }}', 0),
        ('{{- tpl "a" $ }}', 0),
        ('{{job}} "a"', 1),
        ('{{ include . }} "a"', 1),
        ('{{"a"', 1),
    ],
)
def test_json_goes_on_as_a_template_where_quotes_stand_within_a_call(value: str, told: int) -> None:
    text = f'{{"title": "{value}", "panels": [{{"type": "stat", "targets": [{{"expr": "up"}}]}}]}}'

    found = devopslint.check({"dashboards/board.json": text}, select=["grafana-invalid-json"])

    assert len(found) == told


@pytest.mark.parametrize(
    ("path", "other", "judged"),
    [
        ("rules/src/shop.yaml", "rules/shop.yaml", {"rules/shop.yaml"}),
        ("rules/sources/a/shop.yaml", "rules/made/shop.yaml", {"rules/made/shop.yaml"}),
        ("rules/src/shop.yaml", "other/shop.yaml", {"rules/src/shop.yaml", "other/shop.yaml"}),
        ("rules/src/shop.yaml", "rules/src/a/shop.yaml", {"rules/src/shop.yaml", "rules/src/a/shop.yaml"}),
    ],
)
def test_what_other_rules_are_made_from_is_judged_there(path: str, other: str, judged: set[str]) -> None:
    text = "groups:\n- name: shop\n  rules:\n  - {alert: A, expr: up == 0, runbook: {steps: [Look]}}\n"

    found = devopslint.check({path: text, other: text}, select=["prom-invalid-rule"])

    assert {one.location.path for one in found} == judged


@pytest.mark.parametrize(
    ("value", "told"), [("{interval}", 0), ("{a: b}", 1), ("{a, b}", 1), ("[interval]", 1), ("15s", 0)]
)
def test_a_name_in_braces_is_filled_in_later(value: str, told: int) -> None:
    text = f"global: {{scrape_interval: {value}}}\nscrape_configs: []\n"

    assert len(devopslint.check({"scraper.yaml": text}, select=["prom-invalid-configuration"])) == told


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ('{{ index .Params "Host" }}:{{ index .Params "Port" }}', []),
        ("{{ .Values.host }}:25", []),
        ("{{ $labels.host }} is down", ["unreadable-file"]),
        ("{{ .CommonLabels.host }} is down", ["unreadable-file"]),
    ],
)
def test_what_only_the_maker_of_a_file_knows_makes_a_template_of_it(value: str, rules: list[str]) -> None:
    text = f"global:\n  smtp_smarthost: {value}\nroute: {{receiver: a}}\nreceivers:\n- name: a\n"

    report = examine(SourceFile("alertmanager.yml", "alertmanager"), text, Config().selection("alertmanager.yml"))

    assert [one.rule.id for one in report.findings] == rules
    assert len(report.not_checked) == (not rules)


def test_values_that_are_called_after_prometheus_are_no_configuration_of_it() -> None:
    values = "global: {imageRegistry: example.org}\nprometheusOperator: {enabled: true}\ngrafana: {enabled: false}\n"
    wrong = "global: {scrape_interval: 30s}\nscrape_config: []\n"

    assert devopslint.check({"values/prometheus.yaml": values}, select=["prom-invalid-configuration"]) == []
    assert len(devopslint.check({"prometheus.yaml": wrong}, select=["prom-invalid-configuration"])) == 1


def test_a_doubled_dollar_is_one_to_whoever_fills_in_the_rest() -> None:
    rules = """
groups:
- name: shop
  rules:
  - alert: Down
    expr: up{job="shop"} == 0
    labels: {severity: warning}
    annotations: {summary: 'Down: {{ $%slabels.job }}'}
"""

    assert devopslint.check({"rules.yaml": rules % "$"}, select=["prom-template-syntax"]) == []
    assert devopslint.check({"rules.yaml": rules % ""}, select=["prom-template-syntax"]) == []
