"""Items of the Definition of Done are met where something in the tree shows it, and never because nothing was found."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.catalogue import Item, catalogue, items
from devopslint.checklist import Answer, Status, answer, render
from devopslint.cli import main
from devopslint.config import Attestation, Config
from devopslint.config_reading import load_config
from devopslint.engine import Settled
from devopslint.model import Finding, Location, Severity, Suppression, Witness

DOCKERFILE = """\
FROM golang:1.24-alpine AS build
WORKDIR /src
COPY . .
RUN --mount=type=secret,id=netrc go build -o /shop .

FROM alpine:3.22
COPY --from=build /shop /shop
USER 1000
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD ["/shop", "ping"]
ENTRYPOINT ["/shop"]
"""
PLAIN_DOCKERFILE = "FROM registry.example.org/base:1.4.0\nCOPY shop /shop\nCMD /shop\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  revisionHistoryLimit: 3
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "8080"}}
    spec:
      serviceAccountName: shop
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: shop
          image: registry.example.org/shop:1.4.0
          ports: [{name: http, containerPort: 8080}]
          env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: shop, key: token}}}]
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: "1", memory: 64Mi}}
          livenessProbe: {httpGet: {path: /live, port: http}, initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 3}
          readinessProbe: {httpGet: {path: /ready, port: http}, initialDelaySeconds: 10, periodSeconds: 5, timeoutSeconds: 3}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: http}]}
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 3
  maxReplicas: 10
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
  behavior:
    scaleUp: {stabilizationWindowSeconds: 60, policies: [{type: Percent, value: 50, periodSeconds: 60}]}
    scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Pods, value: 1, periodSeconds: 60}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  tls: [{hosts: [shop.example.org], secretName: shop-tls}]
  rules:
    - host: shop.example.org
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shop}
spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress, Egress], ingress: [], egress: []}
"""
ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec: {strategy: {%s}}
"""
PIPELINE = """\
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  lint: {runs-on: ubuntu-24.04, timeout-minutes: 3, steps: [{run: ruff check .}]}
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 3
    strategy: {matrix: {python: ["3.12", "3.13"]}}
    steps:
      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with: {python-version: "${{ matrix.python }}", cache: pip}
      - run: pytest --cov --cov-fail-under=90
  build: {runs-on: ubuntu-24.04, timeout-minutes: 3, needs: [lint, test], steps: [{run: docker build -t registry.example.org/shop .}]}
  scan:
    runs-on: ubuntu-24.04
    timeout-minutes: 3
    needs: build
    steps: [{run: "trivy image --exit-code 1 --severity HIGH,CRITICAL registry.example.org/shop"}]
  staging:
    runs-on: ubuntu-24.04
    timeout-minutes: 3
    needs: scan
    environment: staging
    steps: [{run: "kubectl apply -f k8s && kubectl rollout status deployment/shop"}]
  production:
    runs-on: ubuntu-24.04
    timeout-minutes: 3
    needs: staging
    environment: production
    concurrency: production
    steps:
      - run: kubectl apply -f k8s && kubectl rollout status deployment/shop
      - if: failure()
        run: kubectl rollout undo deployment/shop
      - if: failure()
        run: curl -d '{"text":"failed"}' https://hooks.slack.com/services/T0/B0/x
"""
COVERAGE = "[tool.coverage.report]\nfail_under = 90\n"
CALLING_PIPELINE = (
    "on: push\npermissions: {contents: read}\njobs:\n  test: {runs-on: ubuntu-24.04, steps: [{run: pytest}]}\n"
)

GOOD = {
    "Dockerfile": DOCKERFILE,
    ".dockerignore": ".git\n.env\n",
    "k8s/shop.yaml": DEPLOYMENT,
    "k8s/service.yaml": SERVICE,
    "k8s/hpa.yaml": AUTOSCALER,
    "k8s/ingress.yaml": INGRESS,
    "k8s/policy.yaml": POLICY,
    ".github/workflows/ci.yml": PIPELINE,
    "pyproject.toml": COVERAGE,
}
SHOWN = {
    "containerization.multi-stage": "`COPY --from=build`, Dockerfile:7",
    "containerization.size": "base 'alpine:3.22', Dockerfile:6",
    "containerization.non-root": "`USER 1000`, Dockerfile:8",
    "containerization.read-only": "Deployment/shop container shop, k8s/shop.yaml:16",
    "containerization.health-check": "`HEALTHCHECK`, Dockerfile:9",
    "containerization.environment": "`ENTRYPOINT` in exec form, Dockerfile:10",
    "containerization.build": "`docker build`, .github/workflows/ci.yml:13",
    "containerization.vulnerability": "`trivy`, .github/workflows/ci.yml:18",
    "kubernetes.resources": "Deployment/shop container shop, k8s/shop.yaml:16",
    "kubernetes.probes": "Deployment/shop container shop, k8s/shop.yaml:16",
    "kubernetes.rollout": "maxUnavailable: 0 of Deployment/shop, k8s/shop.yaml:7",
    "kubernetes.security-context": "Deployment/shop container shop, k8s/shop.yaml:16",
    "kubernetes.service": "Service/shop, k8s/service.yaml:3",
    "kubernetes.hpa": "HorizontalPodAutoscaler/shop, k8s/hpa.yaml:3",
    "kubernetes.hpa-behaviour": "HorizontalPodAutoscaler/shop, k8s/hpa.yaml:3",
    "kubernetes.ingress": "Ingress/shop, k8s/ingress.yaml:3",
    "kubernetes.secrets": "Secret/shop of Deployment/shop, k8s/shop.yaml:19",
    "kubernetes.rbac": "service account 'shop', k8s/shop.yaml:12",
    "kubernetes.network-policy": "NetworkPolicy/shop, k8s/policy.yaml:3",
    "pipeline.stages": "lint, test, security and build stand ahead of `kubectl apply`, line 24, .github/workflows/ci.yml:19",
    "pipeline.caching": "`cache: pip`, .github/workflows/ci.yml:11",
    "pipeline.quality-gates": "`--cov-fail-under`, .github/workflows/ci.yml:12",
    "pipeline.parallel": "the matrix of job 'test', .github/workflows/ci.yml:5",
    "pipeline.rollback": "`kubectl rollout undo`, .github/workflows/ci.yml:34",
    "pipeline.approval": "environment 'production' of job 'production', .github/workflows/ci.yml:29",
    "security.secrets": "`RUN --mount=type=secret`, Dockerfile:4",
    "security.scan": "`trivy`, .github/workflows/ci.yml:18",
    "security.rbac": "service account 'shop', k8s/shop.yaml:12",
    "security.network": "NetworkPolicy/shop, k8s/policy.yaml:3",
    "security.compliance": "Deployment/shop container shop, k8s/shop.yaml:16",
}
"""What the report says of each item that the good repository meets."""


def answers(folder: Path, files: dict[str, str]) -> dict[str, tuple[str, str]]:
    """(status, reason) of each item."""
    (folder / ".git").mkdir(parents=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    result = CliRunner().invoke(main, ["checklist", "--format", "json", "--no-config", str(folder)])
    return {one["item"]: (one["status"], one["reason"]) for one in json.loads(result.stdout)}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    return answers(tmp_path_factory.mktemp("good"), GOOD)


@pytest.mark.parametrize("item", SHOWN)
def test_an_item_is_met_by_its_witness_which_is_named(item: str, good: dict[str, tuple[str, str]]) -> None:
    status, reason = good[item]

    assert (status, reason.partition("; ")[0]) == ("met", SHOWN[item])


@pytest.mark.parametrize(
    ("item", "files", "words"),
    [
        (
            "kubernetes.canary",
            {"a.yaml": ROLLOUT % "canary: {steps: [{setWeight: 10}, {pause: {}}]}"},
            "canary of Rollout/shop",
        ),
        (
            "kubernetes.blue-green",
            {"a.yaml": ROLLOUT % "blueGreen: {activeService: shop}"},
            "blue-green of Rollout/shop",
        ),
    ],
)
def test_a_pattern_is_met_by_the_object_that_has_it(
    item: str, files: dict[str, str], words: str, tmp_path: Path
) -> None:
    status, reason = answers(tmp_path, files)[item]

    assert status in ("met", "violated")
    assert status == "violated" or reason.startswith(words)


def test_a_step_that_demands_coverage_is_a_gate(tmp_path: Path) -> None:
    workflow = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: poetry run coverage run -m pytest
      - run: |
          set -e
          poetry run coverage report -m --fail-under=92
"""

    assert answers(tmp_path, {".github/workflows/ci.yml": workflow})["pipeline.quality-gates"] == (
        "met",
        "`coverage report -m --fail`, .github/workflows/ci.yml:9",
    )


def test_a_diagram_of_tests_is_none_of_the_system(tmp_path: Path) -> None:
    readme = "# Shop\n\n## Architecture\n\n```mermaid\ngraph LR\n```\n"
    files = {"k8s/shop.yaml": DEPLOYMENT, "test/telemetry/README.md": readme}

    assert answers(tmp_path / "a", files)["documentation.architecture"][0] == "needs evidence"
    assert answers(tmp_path / "b", {**files, "README.md": readme})["documentation.architecture"][0] == "met"


def test_variables_that_only_an_exporter_of_traces_reads_show_tracing(tmp_path: Path) -> None:
    traced = DEPLOYMENT.replace("env: [", 'env: [{name: TRACING_COLLECTOR_HOST, value: "alloy.$(NAMESPACE)"}, ')

    assert answers(tmp_path / "a", {"k8s/shop.yaml": traced})["monitoring.tracing"] == (
        "met",
        "TRACING_COLLECTOR_HOST of Deployment/shop, k8s/shop.yaml:19",
    )
    assert answers(tmp_path / "b", {"k8s/shop.yaml": DEPLOYMENT})["monitoring.tracing"][0] == "needs evidence"


def test_nothing_is_met_in_an_empty_repository(tmp_path: Path) -> None:
    found = answers(tmp_path, {"notes.txt": "hello"})

    assert {status for status, _ in found.values()} == {"not applicable"}
    assert list(found) == list(items())


def test_a_workflow_that_only_says_hello_meets_nothing(tmp_path: Path) -> None:
    hello = "on: push\njobs:\n  hello:\n    runs-on: ubuntu-24.04\n    steps: [{run: echo hello}]\n"

    found = answers(tmp_path, {".github/workflows/hello.yml": hello})

    assert "met" not in {status for status, _ in found.values()}
    assert found["pipeline.stages"] == (
        "needs evidence",
        "a deploy that waits for lint, test, security and build would settle it; job 'hello', "
        ".github/workflows/hello.yml:3 calls for it",
    )
    assert found["kubernetes.hpa"][0] == found["pipeline.approval"][0] == "not applicable"


@pytest.mark.parametrize(
    ("item", "files"),
    [
        ("containerization.multi-stage", {"Dockerfile": PLAIN_DOCKERFILE}),
        ("containerization.size", {"Dockerfile": PLAIN_DOCKERFILE}),
        ("containerization.build", {"Dockerfile": PLAIN_DOCKERFILE}),
        ("containerization.vulnerability", {"Dockerfile": PLAIN_DOCKERFILE}),
        ("security.scan", {"Dockerfile": PLAIN_DOCKERFILE}),
        ("monitoring.dashboards", {"a.yaml": DEPLOYMENT}),
        ("monitoring.alerts", {"a.yaml": DEPLOYMENT}),
        ("monitoring.logs", {"a.yaml": DEPLOYMENT}),
        ("monitoring.tracing", {"a.yaml": DEPLOYMENT}),
        ("monitoring.sla", {"a.yaml": DEPLOYMENT}),
        ("documentation.readme", {"a.yaml": DEPLOYMENT}),
        ("documentation.runbook", {"a.yaml": DEPLOYMENT}),
        ("documentation.architecture", {"a.yaml": DEPLOYMENT}),
        ("documentation.disaster-recovery", {"a.yaml": DEPLOYMENT}),
        ("documentation.rollback", {"a.yaml": DEPLOYMENT}),
        ("pipeline.parallel", {".github/workflows/ci.yml": CALLING_PIPELINE}),
        ("change.record", {".github/workflows/ci.yml": PIPELINE}),
    ],
)
def test_what_is_called_for_and_not_shown_needs_evidence_that_is_named(
    item: str, files: dict[str, str], tmp_path: Path
) -> None:
    status, reason = answers(tmp_path, files)[item]

    assert status == "needs evidence"
    assert reason.startswith(f"{items()[item].settles} would settle it; ")
    assert reason.endswith(" calls for it")


@pytest.mark.parametrize(
    ("item", "change"),
    [
        ("containerization.non-root", ("Dockerfile", "USER 1000", "USER root")),
        (
            "containerization.read-only",
            ("k8s/shop.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
        ),
        ("kubernetes.probes", ("k8s/shop.yaml", "livenessProbe", "x-probe")),
        ("kubernetes.rollout", ("k8s/shop.yaml", "maxUnavailable: 0", "maxUnavailable: 2")),
        ("kubernetes.hpa", ("k8s/hpa.yaml", "minReplicas: 3", "minReplicas: 1")),
        ("pipeline.rollback", (".github/workflows/ci.yml", "kubectl rollout undo deployment/shop", "echo sorry")),
        ("pipeline.execution-time", (".github/workflows/ci.yml", "timeout-minutes: 3", "continue-on-error: false")),
        (
            "pipeline.least-privilege",
            (".github/workflows/ci.yml", "permissions: {contents: read}", "permissions: write-all"),
        ),
    ],
)
def test_an_item_is_violated_by_a_finding_whatever_shows_it(
    item: str, change: tuple[str, str, str], tmp_path: Path
) -> None:
    path, old, new = change
    assert old in GOOD[path]

    status, reason = answers(tmp_path, {**GOOD, path: GOOD[path].replace(old, new)})[item]

    assert status == "violated"
    assert "finding" in reason


TODAY = datetime.date(2026, 11, 28)
PROBES = "kubernetes.probes"
PLACE = Location("k8s/shop.yaml", 7, 3, 7, 9)


def found(severity: Severity, *, accepted: bool = False) -> Finding:
    rule = catalogue()["k8s-missing-liveness-probe"].rule
    allow = Suppression((rule.id,), PLACE, "vendor image") if accepted else None
    return Finding(rule, severity, PLACE, "has no livenessProbe", suppressed=allow)


def answered(
    *findings: Finding,
    item: str = PROBES,
    witnesses: tuple[Witness, ...] = (),
    config: Config | None = None,
    subjects: dict[str, int] | None = None,
) -> Answer:
    settled = Settled(findings, subjects or {}, (), ())
    return next(one for one in answer(settled, witnesses, config or Config(), TODAY) if one.item.id == item)


@pytest.mark.parametrize(
    ("severity", "accepted", "status", "reason"),
    [
        (Severity.ERROR, False, Status.VIOLATED, "1 finding"),
        (Severity.WARNING, False, Status.VIOLATED, "1 finding"),
        (Severity.NOTE, False, Status.MET, "probes, k8s/a.yaml:2; 1 note"),
        (Severity.ERROR, True, Status.MET, "probes, k8s/a.yaml:2; 1 finding accepted"),
        (Severity.NOTE, True, Status.MET, "probes, k8s/a.yaml:2; 1 finding accepted"),
    ],
)
def test_what_counts_violates_an_item_and_what_is_advice_or_accepted_is_told(
    severity: Severity, accepted: bool, status: Status, reason: str
) -> None:
    shown = Witness(PROBES, Location("k8s/a.yaml", 2, 1, 2, 2), "probes")

    one = answered(found(severity, accepted=accepted), witnesses=(shown,))

    assert (one.status, one.reason) == (status, reason)


def test_a_violated_item_counts_its_findings_and_those_that_are_accepted() -> None:
    several = answered(found(Severity.ERROR), found(Severity.NOTE), found(Severity.ERROR, accepted=True))
    notes = answered(found(Severity.NOTE), found(Severity.NOTE), witnesses=(Witness(PROBES, PLACE, "probes"),))

    assert several.reason == "2 findings, 1 more accepted"
    assert notes.reason == "probes, k8s/shop.yaml:7; 2 notes"


def test_the_first_witness_in_the_order_of_the_tree_is_named() -> None:
    places = [("b.yaml", 1, "x"), ("a.yaml", 9, "y"), ("a.yaml", 2, "z"), ("a.yaml", 2, "w")]
    witnesses = tuple(Witness(PROBES, Location(path, line, 1, line, 2), words) for path, line, words in places)

    assert answered(witnesses=witnesses).reason == "w, a.yaml:2"
    assert answered(witnesses=tuple(one._replace(calls=True) for one in witnesses)).reason == (
        f"{items()[PROBES].settles} would settle it; w, a.yaml:2 calls for it"
    )


def test_a_person_attests_an_item_up_to_its_last_day() -> None:
    def attested(until: datetime.date) -> Answer:
        return answered(config=Config(attestations=(Attestation(PROBES, "seen by Ada", until),)))

    last = attested(TODAY)
    assert (last.status, last.reason) == (Status.MET, "attested until 2026-11-28: seen by Ada")
    assert attested(TODAY - datetime.timedelta(days=1)).status is Status.NOT_APPLICABLE


def test_an_item_is_asked_where_its_rules_saw_something() -> None:
    rule_id = items()[PROBES].rules[0]
    config = Config().selecting(["dod:kubernetes.probes"])

    one = answered(config=config, subjects={rule_id: 3, "k8s-root-container": 5})

    assert (one.status, one.subjects) == (Status.NEEDS_EVIDENCE, 3)
    assert rule_id in one.rules and "k8s-root-container" not in one.rules
    assert answered(config=config, subjects={"k8s-root-container": 5}).status is Status.NOT_APPLICABLE


def test_the_rules_of_an_item_are_those_of_the_whole_tree() -> None:
    text = "overrides: [{paths: ['**/*'], ignore: [k8s-missing-liveness-probe]}]\n"

    assert "k8s-missing-liveness-probe" in answered(config=load_config("devopslint.yaml", text)).rules


WEB, SCAN = Item("web.size", "Small images", "1. Web", "a build"), Item("web.scan", "Scanned", "1. Web", "a scan")
TESTS = Item("ci.tests", "Tests run", "2. Pipeline", "a test step")
ANSWERS = [
    Answer(WEB, Status.MET, ("docker-root-user",), 2, (), Witness("web.size", PLACE, "base 'größe:1'")),
    Answer(
        SCAN,
        Status.VIOLATED,
        ("k8s-missing-liveness-probe",),
        4,
        (found(Severity.ERROR), found(Severity.ERROR, accepted=True)),
    ),
    Answer(TESTS, Status.NEEDS_EVIDENCE, (), 0, (), Witness("ci.tests", PLACE, "job 'x'", calls=True)),
    Answer(TESTS._replace(id="ci.cache"), Status.NOT_APPLICABLE, (), 0, ()),
]


def test_the_checklist_as_text() -> None:
    assert render(ANSWERS, "text") == (
        "1. Web\n"
        "  web.size  met             base 'größe:1', k8s/shop.yaml:7\n"
        "  web.scan  violated        1 finding, 1 more accepted\n"
        "\n"
        "2. Pipeline\n"
        "  ci.tests  needs evidence  a test step would settle it; job 'x', k8s/shop.yaml:7 calls for it\n"
        "  ci.cache  not applicable  nothing in the tree calls for it\n"
        "\n"
        "4 items: 1 met, 1 violated, 1 not applicable, 1 needs evidence\n"
    )


def test_the_checklist_as_markdown() -> None:
    assert render(iter(ANSWERS), "markdown") == (
        "# Definition of Done: 1 met, 1 violated, 1 not applicable, 1 needs evidence\n"
        "\n"
        "## 1. Web\n"
        "\n"
        "- [x] **Small images** (`web.size`): met: base 'größe:1', k8s/shop.yaml:7\n"
        "- [ ] **Scanned** (`web.scan`): violated: 1 finding, 1 more accepted\n"
        "\n"
        "## 2. Pipeline\n"
        "\n"
        "- [ ] **Tests run** (`ci.tests`): needs evidence: "
        "a test step would settle it; job 'x', k8s/shop.yaml:7 calls for it\n"
        "- [ ] **Tests run** (`ci.cache`): not applicable: nothing in the tree calls for it\n"
    )


def test_the_checklist_as_json() -> None:
    report = render(ANSWERS, "json")

    assert report.startswith('[\n  {\n    "item": "web.size",\n')
    assert "größe" in report
    first, second, third, _ = json.loads(report)
    assert first == {
        "item": "web.size",
        "title": "Small images",
        "section": "1. Web",
        "status": "met",
        "reason": "base 'größe:1', k8s/shop.yaml:7",
        "rules": ["docker-root-user"],
        "subjects": 2,
        "witness": {"words": "base 'größe:1'", "path": "k8s/shop.yaml", "line": 7, "shows": True},
        "evidence": [],
        "findings": [],
    }
    assert second["witness"] is None
    assert second["findings"] == [
        {
            "rule": "k8s-missing-liveness-probe",
            "path": "k8s/shop.yaml",
            "line": 7,
            "message": "has no livenessProbe",
        }
    ]
    assert third["witness"]["shows"] is False


COLLECTOR = "apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: traces}\n"


def test_what_a_test_applies_shows_nothing_of_the_system(tmp_path: Path) -> None:
    workload = {"k8s/shop.yaml": DEPLOYMENT}
    of_test = answers(tmp_path / "a", {**workload, "src/test/resources/traces.yaml": COLLECTOR})
    own = answers(tmp_path / "b", {**workload, "k8s/traces.yaml": COLLECTOR})

    assert of_test["monitoring.tracing"][0] == "needs evidence"
    assert own["monitoring.tracing"] == ("met", "OpenTelemetryCollector/traces, k8s/traces.yaml:3")


def test_the_witness_is_what_says_most_of_the_system(tmp_path: Path) -> None:
    readme = "# Shop\n\n## Deploy\n\n1. Run it.\n\n```sh\nmake deploy\n```\n"
    files = {"k8s/shop.yaml": DEPLOYMENT, ".tool/README.md": readme, "README.md": readme, "docs/EARLY.md": readme}
    last = {path: text for path, text in files.items() if path != "README.md"}

    assert answers(tmp_path / "a", files)["documentation.readme"] == ("met", "'Deploy', README.md:3")
    assert answers(tmp_path / "b", last)["documentation.readme"] == ("met", "'Deploy', .tool/README.md:3")


@pytest.mark.parametrize(
    ("service", "item", "words"),
    [
        (
            "image: shop:1.2\n    environment: [OTEL_EXPORTER_OTLP_ENDPOINT=http://tempo:4317]",
            "monitoring.tracing",
            "OTEL_EXPORTER_OTLP_ENDPOINT of service 'shop', compose.yaml:4",
        ),
        ("image: grafana/promtail:3.0.0", "monitoring.logs", "service 'shop', compose.yaml:3"),
    ],
)
def test_a_compose_service_shows_what_it_sends_or_collects(service: str, item: str, words: str, tmp_path: Path) -> None:
    compose = f"services:\n  shop:\n    {service}\n"

    assert answers(tmp_path / "a", {"compose.yaml": compose})[item] == ("met", words)
    assert answers(tmp_path / "b", {"compose.dev.yaml": compose})[item][0] == "not applicable"


@pytest.mark.parametrize("path", ["vendor/example.org/lib/README.md", "vendor/example.org/lib/.codecov.yml"])
def test_what_another_project_wrote_shows_nothing(tmp_path: Path, path: str) -> None:
    texts = {
        "README.md": "# Shop\n\n## Deployment\n\nRun `make deploy`.\n",
        ".codecov.yml": "coverage:\n  status:\n    project:\n      default:\n        target: 80\n",
    }
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/ci.yml").write_text(
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps: [{run: go test ./...}]\n"
    )
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(texts[Path(path).name])

    printed = CliRunner().invoke(main, ["checklist", "--no-cache", str(tmp_path)]).output

    assert not [line for line in printed.splitlines() if " met " in line and "vendor/" in line]
