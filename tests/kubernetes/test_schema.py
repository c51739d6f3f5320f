"""Objects are held against Kubernetes' schemas, place by place, where the schemas are installed."""

from __future__ import annotations

import sys
import textwrap

import pytest

import devopslint
from devopslint.config import Config
from devopslint.engine import check_texts
from devopslint.facts import table
from devopslint.kubernetes import schema as kubernetes_schema

needs_schemas = pytest.mark.skipif(not kubernetes_schema.installed(), reason="kubernetes-validate is not installed")


def found(text: str, version: str = "1.37") -> list[tuple[int, int, str]]:
    config = f"kubernetes-version: '{version}'"
    findings = devopslint.check({"one.yaml": textwrap.dedent(text)}, select=["schema"], config=config)
    return [(finding.location.line, finding.location.column, finding.message) for finding in findings]


@needs_schemas
def test_every_violation_of_an_object_is_reported_at_its_own_place() -> None:
    text = """\
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {tier: 1}}
        spec:
          hostnetwork: true
          containers:
            - name: web
              ports: [{containerPort: "80"}]
        """

    assert found(text) == [
        (3, 38, "tier is of type integer, not string"),
        (5, 3, "PodSpec has no field 'hostnetwork': did you mean hostNetwork?"),
        (8, 31, "containerPort is of type string, not integer"),
    ]


@needs_schemas
def test_field_that_came_with_a_later_version_is_unknown_to_an_earlier_one() -> None:
    text = """\
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web}
        spec: {unhealthyPodEvictionPolicy: AlwaysAllow}
        """

    assert found(text, "1.37") == []
    assert found(text, "1.25") == [(4, 8, "PodDisruptionBudgetSpec has no field 'unhealthyPodEvictionPolicy'")]


@needs_schemas
def test_version_without_a_schema_takes_the_nearest_one() -> None:
    oldest, newest = kubernetes_schema.schema_of(3), kubernetes_schema.schema_of(400)

    assert oldest is not None and newest is not None
    assert oldest.minor < newest.minor


@needs_schemas
def test_objects_of_a_list_are_checked_and_strange_ones_do_no_harm() -> None:
    listed = """\
        apiVersion: v1
        kind: List
        items:
          - {apiVersion: v1, kind: Service, spec: {ports: [{port: x}]}}
        """

    assert [message for _, _, message in found(listed)] == ["port is of type string, not integer"]
    for text in (
        "apiVersion: v1\nkind: Pod\nspec: [1]",
        "apiVersion: v1\nkind: Pod\nmetadata: x\nspec: {containers: null}",
        "apiVersion: [v1]\nkind: {a: b}",
        "apiVersion: v1/v1/v1\nkind: Pod",
        "apiVersion: v1\nkind: Pod\nspec: &a {containers: [*a]}",
    ):
        found(text)


@needs_schemas
def test_schema_that_contains_itself_is_looked_at_once() -> None:
    text = """\
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        spec:
          versions:
            - name: v1
              schema:
                openAPIV3Schema: {properties: &all {again: {properties: *all, types: object}}}
        """

    assert (7, 71, "JSONSchemaProps has no field 'types': did you mean type?") in found(text)


def test_without_the_schemas_the_report_says_once_that_fields_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes_validate", None)
    kubernetes_schema._folders.cache_clear()
    files = dict.fromkeys(("one.yaml", "two.yaml"), "apiVersion: v1\nkind: Pod\nspec: {bogus: true}\n")

    settled = check_texts(files, Config().selecting(["schema"]))
    kubernetes_schema._folders.cache_clear()

    assert settled.findings == ()
    assert [gap.reason for gap in settled.not_checked] == [
        "fields of Kubernetes objects are not checked: install devopslint[schema]"
    ]


@pytest.mark.parametrize(
    ("version", "rule"),
    [("1.20", None), ("1.21", "k8s-deprecated-api-version"), ("1.25", "k8s-removed-api-version")],
)
def test_api_version_is_judged_by_the_clusters_version(version: str, rule: str | None) -> None:
    text = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: nightly}\n"

    findings = devopslint.check(
        {"one.yaml": text},
        select=["k8s-removed-api-version", "k8s-deprecated-api-version"],
        config=f"kubernetes-version: '{version}'",
    )

    assert [finding.rule.id for finding in findings] == ([rule] if rule else [])


@needs_schemas
def test_what_is_called_gone_is_in_no_published_schema_and_was_in_the_one_before() -> None:
    rows = {
        (api_version, kind): removed
        for api_version, kinds in table("kubernetes_versions")["retirements"].items()
        for kind, (_, _, removed) in kinds.items()
        if removed is not None and kind != "*"
    }

    for minor in sorted(kubernetes_schema._folders()):
        schema = kubernetes_schema.schema_of(minor)
        assert schema is not None
        served = {(f"{group}/{version}" if group else version, kind) for group, version, kind in schema._names}
        gone = {row for row, removed in rows.items() if removed <= minor}
        assert gone & served == set(), minor
        last = {row for row, removed in rows.items() if removed == minor + 1}
        assert {row for row in last if row[1] not in NOT_PUBLISHED} <= served, minor


NOT_PUBLISHED = {"APIGroupDiscovery", "JobTemplate", "Eviction", "AdmissionReview", "ConversionReview"}
"""What the schemas leave out: it is part of requests, and nobody keeps it in a file."""
