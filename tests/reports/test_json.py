"""The JSON report against its schema and its promises."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from devopslint.reports import render
from tests.reporting import REPORT, WEB

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-report.schema.json").read_text("utf-8"))


def test_json_report_satisfies_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(render(REPORT, "json")))


def test_json_report_holds_suppressed_findings_with_the_reason() -> None:
    report = json.loads(render(REPORT, "json"))

    assert [finding["suppression"] for finding in report["findings"]] == [
        {
            "origin": "comment",
            "reason": "built weekly [see wiki]",
            "until": "2027-01-31",
            "path": "Dockerfile",
            "line": 1,
        },
        None,
        None,
        None,
    ]
    assert report["summary"] == {
        "findings": 3,
        "errors": 2,
        "warnings": 1,
        "notes": 0,
        "suppressed": 1,
        "in_baseline": 0,
        "outside_changes": 0,
        "hidden": 0,
        "files_seen": 3,
        "files_checked": 2,
        "rules": 3,
    }


def test_json_finding_says_where_in_code_points() -> None:
    found = json.loads(render(REPORT, "json"))["findings"][1]

    assert found["path"] == WEB
    assert found["region"] == {"line": 4, "column": 12, "end_line": 4, "end_column": 15}
    assert found["related"] == [
        {
            "path": "Dockerfile",
            "region": {"line": 2, "column": 6, "end_line": 2, "end_column": 10},
            "message": "its image [alpine] runs as root",
        }
    ]


def test_json_report_lists_what_was_not_checked_and_what_broke() -> None:
    report = json.loads(render(REPORT, "json"))

    assert [gap["path"] for gap in report["not_checked"]] == ["chart/templates/web.yaml", ""]
    assert report["not_known"] == [
        {
            "path": WEB,
            "line": 4,
            "reason": "whether Service 'shop' exists, because shop.yml.tmpl is a template",
            "settled_by": "assume-exists",
            "rule": "net-dangling-ingress",
        }
    ]
    assert report["internal_errors"] == [
        {"rule": "k8s-broken", "path": WEB, "message": "KeyError: 'spec' (broken, line 3)"}
    ]
