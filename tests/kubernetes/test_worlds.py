"""A base is judged through its overlays: what they mend is not said, what they break is said where they do."""

from __future__ import annotations

import textwrap

import pytest

from devopslint.config import Config
from devopslint.engine import Settled, check_texts

WEB = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 3
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: shop/web:1.0
              readinessProbe: {httpGet: {path: /, port: 80}}
    """
BASE = {"base/kustomization.yaml": "resources: [web.yaml]", "base/web.yaml": WEB}
PROBE = """
    resources: [../base]
    patches:
      - target: {kind: Deployment}
        patch: |-
          - op: add
            path: /spec/template/spec/containers/0/livenessProbe
            value: {httpGet: {path: /, port: 80}}
    """
TAG = "resources: [../base]\nimages:\n  - name: shop/web\n    newTag: latest\n"


def run(files: dict[str, str], *rules: str) -> Settled:
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    return check_texts(texts, Config().selecting(rules))


def found(files: dict[str, str], *rules: str) -> list[tuple[str, int, str]]:
    return [(one.location.path, one.location.line, one.message) for one in run(files, *rules).findings]


def test_what_every_overlay_mends_is_not_said_of_the_base() -> None:
    files = {**BASE, "a/kustomization.yaml": PROBE, "b/kustomization.yaml": PROBE}

    assert found(files, "k8s-missing-liveness-probe") == []


def test_what_one_of_two_overlays_does_not_mend_is_said_once_in_the_base_with_that_overlay() -> None:
    files = {**BASE, "a/kustomization.yaml": PROBE, "b/kustomization.yaml": TAG}

    (finding,) = run(files, "k8s-missing-liveness-probe").findings

    assert finding.location[:2] == ("base/web.yaml", 11)
    assert [(one.location.path, one.message) for one in finding.related] == [
        ("b/kustomization.yaml", "in what b builds")
    ]


def test_what_holds_in_all_overlays_is_said_once_without_naming_any() -> None:
    files = {**BASE, "a/kustomization.yaml": PROBE, "b/kustomization.yaml": PROBE}

    (finding,) = run(files, "k8s-root-container").findings

    assert finding.location[:2] == ("base/web.yaml", 11)
    assert finding.related == ()


def test_what_an_overlay_breaks_is_said_at_the_line_of_the_overlay() -> None:
    files = {**BASE, "prod/kustomization.yaml": TAG}

    (one,) = found(files, "k8s-latest-tag")

    assert one[:2] == ("prod/kustomization.yaml", 4)


def test_what_an_overlay_takes_away_is_missing_at_its_line() -> None:
    patch = """
        resources: [../base]
        patches:
          - target: {kind: Deployment}
            patch: |-
              - {op: remove, path: /spec/template/spec/containers/0/readinessProbe}
        """

    (one,) = found({**BASE, "prod/kustomization.yaml": patch}, "k8s-missing-readiness-probe")

    assert one[:2] == ("prod/kustomization.yaml", 5)


def test_what_a_patch_adds_beside_the_fault_leaves_the_fault_in_the_base() -> None:
    patch = """
        resources: [../base]
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec: {template: {spec: {containers: [{name: web, securityContext: {runAsNonRoot: true}}]}}}
        """

    (one,) = found({**BASE, "prod/kustomization.yaml": patch}, "k8s-writable-root-filesystem")

    assert one[:2] == ("base/web.yaml", 11)


def test_what_an_overlay_only_renames_is_judged_where_it_is_written() -> None:
    files = {**BASE, "prod/kustomization.yaml": "namePrefix: live-\nresources: [../base]"}

    (one,) = found(files, "k8s-missing-liveness-probe")

    assert one[:2] == ("base/web.yaml", 11)


@pytest.mark.parametrize(
    ("more", "question"),
    [
        (
            "transformers: ['{apiVersion: example.org/v1, kind: Own, metadata: {name: a}}']",
            "what prod builds, because runs transformers",
        ),
        (
            "replicas: [{name: gone, count: 1}]",
            "what prod builds, because nothing is called gone, of which there are to be more",
        ),
    ],
)
def test_what_cannot_be_built_is_not_known_and_leaves_the_base_as_it_was(more: str, question: str) -> None:
    files = {**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{more}\n"}

    settled = run(files, "k8s-missing-liveness-probe")

    assert [(one.path, one.line, one.reason) for one in settled.not_known] == [("prod/kustomization.yaml", 2, question)]
    assert [one.location.path for one in settled.findings] == ["base/web.yaml"]


def test_no_finding_about_a_build_quotes_a_secret_of_its_files() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    web = WEB.replace(
        "image: shop/web:1.0", f"image: shop/web:1.0\n              env: [{{name: TOKEN, value: {secret}}}]"
    )
    settled = run({**BASE, "base/web.yaml": web, "prod/kustomization.yaml": TAG}, "all")

    assert any(one.location.path == "prod/kustomization.yaml" for one in settled.findings)
    assert not [one for one in settled.findings if secret in one.message or secret in one.subject]


def test_what_a_build_leaves_incomplete_is_asked_for_nothing_that_it_leaves_out() -> None:
    part = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {template: {spec: {containers: [{name: web, args: [a]}]}}}
        """
    files = {"web.yaml": part, "kustomization.yaml": "resources: [web.yaml]\nreplicas: [{name: web, count: 0}]"}

    assert found(files, "k8s-root-container", "k8s-missing-liveness-probe") == []
