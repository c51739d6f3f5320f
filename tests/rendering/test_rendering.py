"""Overlays and charts are built by the real programs, and every finding stands where a person wrote its cause."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

import devopslint
from devopslint.cli import main
from devopslint.config import Config, ConfigError
from devopslint.config_reading import load_config
from devopslint.engine import Settled
from devopslint.rendering.builds import build_all, with_builds
from devopslint.rendering.programs import what_failed
from devopslint.run import conclude_scope, examine_all, find_scope

needs_kustomize = pytest.mark.skipif(
    not (shutil.which("kustomize") or shutil.which("kubectl")), reason="neither kustomize nor kubectl is on the PATH"
)
needs_helm = pytest.mark.skipif(not shutil.which("helm"), reason="helm is not on the PATH")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.org/web:1.4.0
          securityContext:
            readOnlyRootFilesystem: true
"""


def run(root: Path, files: dict[str, str], select: list[str], config: Config | None = None) -> Settled:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
    config = (config or Config()).selecting(select)
    scope = find_scope(root, [root], config, repository=True)
    reports = examine_all(scope, config)
    settled = conclude_scope(scope, with_builds(reports, *build_all(scope, reports, config), config), config)
    assert not settled.failures
    for finding in settled.findings:
        lines = (root / finding.location.path).read_text("utf-8").split("\n")
        at = finding.location
        assert 1 <= at.line <= len(lines), finding
        assert 1 <= at.column <= at.end_column <= len(lines[at.line - 1]) + 1, finding
    return settled


def found(root: Path, settled: Settled) -> list[tuple[str, str, str]]:
    """(place, the text there, message) of every finding that counts."""
    result = []
    for finding in settled.findings:
        at = finding.location
        line = (root / at.path).read_text("utf-8").split("\n")[at.line - 1]
        if finding.suppressed is None:
            result.append((f"{at.path}:{at.line}", line[at.column - 1 : at.end_column - 1], finding.message))
    return result


@needs_kustomize
def test_what_the_overlay_mends_is_no_finding_and_what_it_breaks_stands_in_the_patch(tmp_path: Path) -> None:
    settled = run(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: user.yaml}]",
            "prod/user.yaml": """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  template:
                    spec:
                      securityContext: {runAsNonRoot: true}
                      containers:
                        - name: web
                          securityContext:
                            readOnlyRootFilesystem: false
                """,
        },
        ["k8s-root-container", "k8s-writable-root-filesystem"],
    )

    assert found(tmp_path, settled) == [
        ("prod/user.yaml:11", "false", "container 'web' can write to its root file system")
    ]
    assert settled.not_checked == ()


@needs_kustomize
def test_what_is_missing_stands_in_the_base_once_for_all_overlays(tmp_path: Path) -> None:
    settled = run(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]",
            "base/web.yaml": DEPLOYMENT,
            "one/kustomization.yaml": "resources: [../base]\nnamePrefix: one-\nnamespace: one",
            "two/kustomization.yaml": "resources: [../base]\nnameSuffix: -two\ncommonLabels: {team: two}",
        },
        ["k8s-root-container"],
    )

    assert found(tmp_path, settled) == [("base/web.yaml:15", "securityContext", "container 'web' may run as root")]
    (finding,) = settled.findings
    assert finding.related[-1].message in ("in what one builds", "in what two builds")


@needs_kustomize
def test_values_are_traced_into_fields_inline_patches_and_json_operations(tmp_path: Path) -> None:
    kustomization = """
        resources: [web.yaml]
        images:
          - name: registry.example.org/web
            newTag: latest
        patches:
          - target: {kind: Deployment, name: web}
            patch: |-
              - op: add
                path: /spec/template/spec/securityContext
                value:
                  runAsUser: 0
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata:
                name: web
              spec:
                template:
                  spec:
                    containers:
                      - name: web
                        securityContext:
                          readOnlyRootFilesystem: false
        """

    settled = run(
        tmp_path,
        {"kustomization.yaml": kustomization, "web.yaml": DEPLOYMENT},
        ["k8s-root-container", "k8s-writable-root-filesystem", "k8s-latest-tag"],
    )

    assert found(tmp_path, settled) == [
        ("kustomization.yaml:4", "latest", "image 'registry.example.org/web:latest' changes with every push to latest"),
        ("kustomization.yaml:11", "0", "container 'web' runs as user 0"),
        ("kustomization.yaml:23", "false", "container 'web' can write to its root file system"),
    ]


@needs_kustomize
@pytest.mark.parametrize(
    ("patch", "place", "text"),
    [
        ("- {op: remove, path: /spec/template/spec/containers/0/securityContext}", "patch.yaml:1", ""),
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web},\n"
            " spec: {template: {spec: {containers: [{name: web, securityContext: null}]}}}}",
            "patch.yaml:2",
            "securityContext",
        ),
    ],
)
def test_what_a_patch_takes_away_is_missing_at_the_patch(tmp_path: Path, patch: str, place: str, text: str) -> None:
    settled = run(
        tmp_path,
        {
            "web.yaml": DEPLOYMENT,
            "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]",
            "patch.yaml": patch,
        },
        ["k8s-writable-root-filesystem"],
    )

    ((at, there, _),) = found(tmp_path, settled)
    assert (at, there) == (place, text or "/spec/template/spec/containers/0/securityContext")


@needs_kustomize
def test_overlay_with_a_remote_base_is_not_built(tmp_path: Path) -> None:
    settled = run(
        tmp_path,
        {
            "kustomization.yaml": "resources: [web.yaml, 'https://example.org/more//deploy?ref=v1']",
            "web.yaml": DEPLOYMENT,
        },
        ["k8s-root-container"],
    )

    assert [gap.reason for gap in settled.not_checked] == [
        "builds with https://example.org/more//deploy?ref=v1, which is not fetched: what it makes is not known here",
        "is not built: https://example.org/more//deploy?ref=v1 comes from outside, and nothing is fetched",
    ]
    assert [finding.location.path for finding in settled.findings] == ["web.yaml"]


@needs_kustomize
def test_overlay_that_does_not_build_says_why_without_the_machines_places(tmp_path: Path) -> None:
    settled = run(
        tmp_path,
        {
            "over/kustomization.yaml": "resources: [web.yaml, again.yaml]",
            "over/web.yaml": DEPLOYMENT,
            "over/again.yaml": DEPLOYMENT,
        },
        ["k8s-root-container"],
    )

    (gap,) = settled.not_checked
    assert gap.path == "over/kustomization.yaml"
    assert "may not add resource with an already registered id" in gap.reason
    assert str(tmp_path) not in gap.reason


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("level=WARN msg=old\nError: no such chart\n", "no such chart"),
        ("error: accumulating resources: twice\n", "accumulating resources: twice"),
        ('E0102 03:04:05.6 7 run.go:72] "command failed" err="no \\"kind\\" here"\n', 'no "kind" here'),
        ('E0102 run.go:72] "command failed" err=<\n\tline one\n\tline two\n >\nmore\n', "line one line two"),
        ("Killed\n", ""),
    ],
)
def test_reason_of_a_failure_is_found_however_a_program_writes_it(stderr: str, reason: str) -> None:
    assert what_failed(stderr) == reason


def test_without_the_programs_nothing_is_built_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    settled = run(
        tmp_path,
        {
            "kustomization.yaml": "resources: [web.yaml]",
            "web.yaml": DEPLOYMENT,
            "shop/Chart.yaml": "name: shop\nversion: 1.0.0",
            "shop/templates/web.yaml": DEPLOYMENT,
        },
        ["k8s-root-container"],
    )

    assert [(gap.path, gap.reason) for gap in settled.not_checked] == [
        ("kustomization.yaml", "is not built: needs kustomize or kubectl, and neither is on the PATH"),
        ("shop/Chart.yaml", "is not rendered (shop): needs helm, and it is not on the PATH"),
        ("shop/templates/web.yaml", "is a Helm template: what it renders to is checked with --render"),
    ]
    assert [finding.location.path for finding in settled.findings] == ["web.yaml"]


@needs_kustomize
def test_overlays_of_one_base_are_not_mistaken_for_one_cluster(tmp_path: Path) -> None:
    scaler = """
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
          minReplicas: 3
          maxReplicas: 9
        """

    settled = run(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]",
            "base/web.yaml": DEPLOYMENT,
            "one/kustomization.yaml": "resources: [../base, scaler.yaml]",
            "one/scaler.yaml": scaler % "web",
            "two/kustomization.yaml": "resources: [../base, scaler.yaml]",
            "two/scaler.yaml": scaler % "webb",
        },
        ["hpa-"],
    )

    assert {(f.location.path, f.rule.id) for f in settled.findings if f.rule.id in ("hpa-missing", "hpa-dangling")} == {
        ("base/web.yaml", "hpa-missing"),
        ("two/scaler.yaml", "hpa-dangling"),
    }


CHART = {
    "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: latest\n",
    "shop/values.yaml": """
        image:
          repository: registry.example.org/web
        user: 0
        hostNetwork: true
        pod:
          securityContext:
            runAsUser: 0
        sidecars:
          - one
          - two
        """,
    "shop/templates/_helpers.tpl": """
        {{- define "shop.labels" -}}
        app: web
        {{- end }}
        """,
    "shop/templates/web.yaml": """
        {{- if .Values.enabled | default true }}
        # Runs the shop.
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ .Release.Name }}-web
        spec:
          selector:
            matchLabels:
              {{- include "shop.labels" . | nindent 6 }}
          template:
            metadata:
              labels:
                {{- include "shop.labels" . | nindent 8 }}
            spec:
              hostNetwork: {{ .Values.hostNetwork }}
              {{- with .Values.pod.securityContext }}
              securityContext:
                {{- toYaml . | nindent 8 }}
              {{- end }}
              containers:
                - name: web
                  image: "{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"
                  securityContext:
                    readOnlyRootFilesystem: false
                {{- range .Values.sidecars }}
                - name: {{ . }}
                  image: registry.example.org/side:2.0.0
                  securityContext:
                    readOnlyRootFilesystem: true
                    runAsUser: {{ $.Values.user }}
                {{- end }}
        {{- end }}
        """,
}


@needs_helm
def test_findings_of_a_chart_stand_in_its_templates_and_values(tmp_path: Path) -> None:
    settled = run(
        tmp_path,
        CHART,
        [
            "k8s-root-container",
            "k8s-writable-root-filesystem",
            "k8s-latest-tag",
            "k8s-host-network",
            "k8s-missing-cpu-limit",
        ],
    )

    assert found(tmp_path, settled) == [
        ("shop/templates/web.yaml:22", "name: web", "container 'web' has no cpu limit"),
        (
            "shop/templates/web.yaml:23",
            '"{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"',
            "image 'registry.example.org/web:latest' changes with every push to latest",
        ),
        ("shop/templates/web.yaml:25", "false", "container 'web' can write to its root file system"),
        ("shop/templates/web.yaml:27", "name: {{ . }}", "container 'one' has no cpu limit"),
        ("shop/templates/web.yaml:27", "name: {{ . }}", "container 'two' has no cpu limit"),
        ("shop/values.yaml:3", "0", "container 'one' runs as user 0"),
        ("shop/values.yaml:3", "0", "container 'two' runs as user 0"),
        ("shop/values.yaml:4", "true", "the pod shares the node's network"),
        ("shop/values.yaml:7", "0", "container 'web' runs as user 0"),
    ]
    assert settled.not_checked == ()


@needs_helm
def test_values_that_are_rendered_are_judged_by_what_becomes_of_them(tmp_path: Path) -> None:
    more = "unused: {hostPID: true, login: {password: Vq3-orchard-71}}\n"
    files = CHART | {"shop/values.yaml": textwrap.dedent(CHART["shop/values.yaml"]) + more}
    rules = ["k8s-host-network", "helm-risky-default", "helm-default-secret"]

    rendered = run(tmp_path, files, rules)
    unrendered = devopslint.check(
        {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}, select=rules
    )

    assert [(f.rule.id, f.location.line) for f in rendered.findings] == [
        ("k8s-host-network", 4),
        ("helm-default-secret", 11),
    ]
    assert [(f.rule.id, f.location.line) for f in unrendered] == [
        ("helm-risky-default", 4),
        ("helm-risky-default", 7),
        ("helm-risky-default", 11),
        ("helm-default-secret", 11),
    ]


@needs_helm
def test_named_combinations_of_values_are_each_rendered(tmp_path: Path) -> None:
    config = load_config(
        "devopslint.yaml",
        textwrap.dedent("""
            render: true
            helm:
              - chart: shop
                values: [envs/safe.yaml]
                set: {hostNetwork: false}
              - chart: ./shop
                values: [envs/risky.yaml]
            """),
    )

    settled = run(
        tmp_path,
        CHART
        | {
            "envs/safe.yaml": "user: 1000\npod: {securityContext: {runAsUser: 1000}}\n",
            "envs/risky.yaml": "user: 1000\npod: {securityContext: {runAsUser: 0}}\n",
        },
        ["k8s-root-container", "k8s-host-network"],
        config,
    )

    assert [(place, text) for place, text, _ in found(tmp_path, settled)] == [
        ("envs/risky.yaml:2", "0"),
        ("shop/values.yaml:4", "true"),
    ]
    assert {f.related[-1].message for f in settled.findings} == {"in what shop with envs/risky.yaml builds"}


@needs_helm
def test_allowance_in_a_template_holds_for_what_it_renders_to(tmp_path: Path) -> None:
    template = CHART["shop/templates/web.yaml"].replace(
        "readOnlyRootFilesystem: false",
        "readOnlyRootFilesystem: false # devopslint: allow k8s-writable-root-filesystem -- caches on disk",
    )

    settled = run(
        tmp_path,
        CHART | {"shop/templates/web.yaml": template},
        ["k8s-writable-root-filesystem", "suppression-unused"],
    )

    assert found(tmp_path, settled) == []
    assert [finding.rule.id for finding in settled.findings] == ["k8s-writable-root-filesystem"]


@needs_helm
def test_allowance_above_a_container_in_a_template_holds_for_all_of_it(tmp_path: Path) -> None:
    template = CHART["shop/templates/web.yaml"].replace(
        "        - name: web",
        "        # devopslint: allow k8s-root-container, k8s-writable-root-filesystem -- an old image\n"
        "                - name: web",
    )

    settled = run(
        tmp_path,
        CHART | {"shop/templates/web.yaml": template},
        ["k8s-writable-root-filesystem", "suppression-unused"],
    )

    assert found(tmp_path, settled) == []
    assert [finding.rule.id for finding in settled.findings] == ["k8s-writable-root-filesystem"]


@needs_helm
def test_settings_keep_their_type_and_their_commas(tmp_path: Path) -> None:
    template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: {{ .Values.x | toJson }}, y: {{ .Values.y | toJson }}}\n"
    config = load_config("devopslint.yaml", "helm: [{chart: shop, set: {x: 'a,b=c', y: '1'}}]")

    settled = run(
        tmp_path,
        {"shop/Chart.yaml": "name: shop\nversion: 1.0.0", "shop/templates/a.yaml": template},
        ["schema", "unreadable-file"],
        config,
    )

    assert found(tmp_path, settled) == []


@needs_helm
def test_chart_that_does_not_render_is_listed_with_helms_own_words(tmp_path: Path) -> None:
    settled = run(
        tmp_path,
        {"shop/Chart.yaml": "name: shop\nversion: 1.0.0", "shop/templates/web.yaml": 'a: {{ fail "no colour" }}'},
        ["k8s-root-container"],
    )

    assert ["no colour" in gap.reason for gap in settled.not_checked] == [True, False]


def test_configuration_that_names_a_chart_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    config = load_config("devopslint.yaml", "helm: [{chart: shop}]")

    with pytest.raises(ConfigError, match=r"devopslint.yaml:1:16: there is no Chart.yaml in shop"):
        run(tmp_path, {"web.yaml": DEPLOYMENT}, ["k8s-root-container"], config)


@needs_kustomize
@pytest.mark.parametrize(("option", "configuration"), [(["--render"], ""), ([], "render: true\n")])
def test_command_builds_only_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: list[str], configuration: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.yaml").write_text(DEPLOYMENT, "utf-8")
    (tmp_path / "kustomization.yaml").write_text(
        "resources: [web.yaml]\ntransformers: [labels.yaml]\nimages: [{name: registry.example.org/web, newTag: latest}]\n",
        "utf-8",
    )
    (tmp_path / "labels.yaml").write_text(
        "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: a, namespace: shop}\n"
        "fieldSpecs: [{path: metadata/namespace, create: true}]\n",
        "utf-8",
    )
    command = ["check", "--select", "k8s-latest-tag", "--format", "concise"]

    (tmp_path / "devopslint.yaml").write_text("profile: default\n", "utf-8")
    without = CliRunner().invoke(main, command)
    (tmp_path / "devopslint.yaml").write_text(configuration + "profile: default\n", "utf-8")
    asked = CliRunner().invoke(main, [*command, *option])

    assert "k8s-latest-tag" not in without.output
    assert "kustomization.yaml:3:51: warning[k8s-latest-tag]" in asked.output
