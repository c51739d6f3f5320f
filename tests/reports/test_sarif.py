"""SARIF against its schema, and against what GitHub asks for beyond it."""

from __future__ import annotations

import functools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import devopslint
from devopslint.model import Finding, Location, NotChecked, Related, Severity, Suppression
from devopslint.reports import Report, Revision, render
from devopslint.reports.revision import revision_of
from devopslint.reports.sarif import MOST_RESULTS
from tests.reporting import REPORT, ROOT, RULES, TAG, at, finding, report_on

DATA = Path(__file__).parents[1] / "data"


@functools.cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((DATA / "sarif-2.1.0.schema.json").read_text("utf-8")))


def run_of(report: Report, show_suppressed: bool = False) -> dict[str, Any]:
    """The only run of the report's SARIF log, which is valid."""
    log = json.loads(render(report, "sarif", show_suppressed=show_suppressed))
    validator().validate(log)
    (run,) = log["runs"]
    return dict(run)


def physical(result: dict[str, Any]) -> dict[str, Any]:
    return dict(result["locations"][0]["physicalLocation"])


def test_sarif_is_written_as_expected() -> None:
    assert render(REPORT, "sarif", show_suppressed=True) == (DATA / "report.sarif").read_text("utf-8")


def test_sarif_leaves_suppressed_results_out_because_github_would_open_them() -> None:
    assert len(run_of(REPORT)["results"]) == 3
    suppressed, *others = run_of(REPORT, show_suppressed=True)["results"]
    assert suppressed["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "built weekly [see wiki] (until 2027-01-31)"}
    ]
    assert all("suppressions" not in result for result in others)


def test_sarif_columns_count_utf16_units() -> None:
    region = physical(run_of(REPORT)["results"][0])["region"]

    assert region == {"startLine": 4, "startColumn": 12, "endLine": 4, "endColumn": 16, "snippet": {"text": "🚀日本"}}


@pytest.mark.parametrize(
    ("text", "location", "region", "context"),
    [
        ("\ufeffUSER x\r\nRUN y\r\n", at("f", 1, 2, 6), (1, 1, 1, 5, "USER"), (1, 2, "USER x\nRUN y")),
        ("\ufeffUSER x\r\nRUN y\r\n", at("f", 2, 5, 6), (2, 5, 2, 6, "y"), (1, 2, "USER x\nRUN y")),
        ("USER", at("f", 1, 1, 5), (1, 1, 1, 5, "USER"), (1, 1, "USER")),
        ("", at("f", 1, 1, 1), (1, 1, 1, 1, ""), (1, 1, "")),
        ("a\nb\nc\nd\ne\nf\n", at("f", 4, 1, 2), (4, 1, 4, 2, "d"), (2, 6, "b\nc\nd\ne\nf")),
        ("ab\ncd\nef\n", at("f", 1, 2, 2, end_line=2), (1, 2, 2, 2, "b\nc"), (1, 3, "ab\ncd\nef")),
        ("a\x1bb", at("f", 1, 2, 4), (1, 2, 1, 4, "�b"), (1, 1, "a�b")),
    ],
)
def test_sarif_region_and_context(
    text: str, location: Location, region: tuple[int, int, int, int, str], context: tuple[int, int, str]
) -> None:
    (result,) = run_of(report_on(text, finding(TAG, location, "moves"), path="f"))["results"]

    written, around = physical(result)["region"], physical(result)["contextRegion"]
    assert tuple(written[key] for key in ("startLine", "startColumn", "endLine", "endColumn")) == region[:4]
    assert written["snippet"]["text"] == region[4]
    assert (around["startLine"], around["endLine"], around["snippet"]["text"]) == context


def test_sarif_shows_no_code_of_a_line_that_would_burst_the_upload() -> None:
    (result,) = run_of(report_on("a" * 100_000, finding(TAG, at("Dockerfile", 1, 1, 2), "moves")))["results"]

    assert "snippet" not in physical(result)["contextRegion"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("deploy/web ü.yaml", "deploy/web%20%C3%BC.yaml"),
        ("a#b?c%d:e.yaml", "a%23b%3Fc%25d%3Ae.yaml"),
        ("latin-\udce4.yaml", "latin-%E4.yaml"),
        ("\ud800.yaml", "%EF%BF%BD.yaml"),
    ],
)
def test_sarif_uri_is_relative_and_percent_encoded(path: str, uri: str) -> None:
    (result,) = run_of(report_on("x", finding(TAG, at(path, 1, 1, 2), "moves"), path=path))["results"]

    assert physical(result)["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_sarif_links_related_locations_and_nothing_else() -> None:
    linked, forged, _ = run_of(REPORT)["results"]

    assert linked["message"]["text"] == ("container '🚀日本' may run as root: [its image \\[alpine\\] runs as root](1)")
    assert [(place["id"], place["message"]["text"]) for place in linked["relatedLocations"]] == [
        (1, "its image [alpine] runs as root")
    ]
    assert forged["message"]["text"] == "container \\[x\\](y) may run as root"
    assert "relatedLocations" not in forged


def test_sarif_says_what_was_not_checked_and_what_broke() -> None:
    (invocation,) = run_of(REPORT)["invocations"]

    assert invocation["executionSuccessful"] is False
    assert [
        (note["descriptor"]["id"], note["level"], note["message"]["text"])
        for note in invocation["toolExecutionNotifications"]
    ] == [
        ("internal-error", "error", "k8s-broken failed: KeyError: 'spec' (broken, line 3)"),
        ("not-checked", "note", "is a Helm template"),
        ("not-checked", "note", "not run, because the repository around these files is not known: hpa-missing"),
        (
            "not-known",
            "note",
            "whether Service 'shop' exists, because shop.yml.tmpl is a template; assume-exists settles it",
        ),
        ("turned-off", "note", "hpa-, k8s-latest-tag (14 rules)"),
        ("turned-off", "note", "files that match [vendor]/**"),
        ("turned-off", "note", "84 rules, as checkov is told"),
    ]


def test_sarif_keeps_the_most_severe_results_and_says_that_others_are_left_out() -> None:
    many = tuple(
        finding(TAG, at("Dockerfile", 1, 1, 2), f"number {number}")._replace(severity=Severity(number % 3 + 1))
        for number in range(MOST_RESULTS + 900)
    )

    (run,) = json.loads(render(report_on("x", *many), "sarif"))["runs"]

    levels = [result["level"] for result in run["results"]]
    assert len(levels) == MOST_RESULTS
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert Counter(levels) == {"error": 1966, "warning": 1967, "note": 1067}
    assert run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"] == (
        "900 of the least severe findings are left out: GitHub accepts 5000"
    )


def test_sarif_holds_nothing_that_differs_between_equal_runs() -> None:
    assert render(REPORT, "sarif") == render(REPORT._replace(), "sarif")
    assert not {"startTimeUtc", "endTimeUtc", "workingDirectory"} & run_of(REPORT)["invocations"][0].keys()


def test_every_rule_of_the_catalogue_has_what_github_requires() -> None:
    rules = devopslint.rules()

    described = run_of(Report(rules=tuple(rules)))["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in described] == [rule.id for rule in rules]
    assert len({rule["name"] for rule in described}) == len(rules)
    for rule in described:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"] and rule["help"]["markdown"]
        assert len(rule["name"]) <= 255
        assert len(rule["properties"]["tags"]) <= 10
        severity = rule["properties"].get("security-severity")
        assert severity is None or (isinstance(severity, str) and 0 < float(severity) <= 10)
        assert ("security" in rule["properties"]["tags"]) is (severity is not None)


@pytest.mark.parametrize(
    ("environment", "revision"),
    [
        ({}, None),
        ({"GITHUB_REPOSITORY": "acme/shop", "GITHUB_SHA": "abc"}, None),
        ({"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/shop"}, None),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_SHA": "abc",
                "GITHUB_REF_NAME": "main",
            },
            Revision("https://github.example/acme/shop", "abc", "main"),
        ),
        (
            {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.example/acme/shop", "CI_COMMIT_SHA": "abc"},
            Revision("https://gitlab.example/acme/shop", "abc"),
        ),
    ],
)
def test_revision_is_what_the_ci_system_says(environment: dict[str, str], revision: Revision | None) -> None:
    assert revision_of(environment) == revision


WORDS = st.text(st.characters() | st.sampled_from("\r\n\x1b\ufeff🚀[](){}\\%"), max_size=20)
PLACES = st.builds(
    lambda path, line, column, lines, columns: Location(path, line, column, line + lines, column + columns),
    *[WORDS, st.integers(1, 9), st.integers(1, 30), st.integers(0, 3), st.integers(0, 30)],
)
FINDINGS = st.builds(
    lambda rule, severity, place, message, related, subject: Finding(
        rule, severity, place, message, tuple(related), subject, "0:1"
    ),
    *[st.sampled_from(RULES), st.sampled_from(Severity), PLACES, WORDS],
    st.lists(st.builds(Related, PLACES, WORDS), max_size=2),
    WORDS,
)


@given(
    st.lists(FINDINGS, max_size=3), st.lists(st.builds(NotChecked, WORDS, WORDS, st.integers(1, 9)), max_size=2), WORDS
)
def test_any_finding_gives_valid_sarif(findings: list[Finding], gaps: list[NotChecked], text: str) -> None:
    report = Report(tuple(findings), tuple(gaps), rules=(ROOT,), source=lambda path: text)

    results = run_of(report)["results"]

    for result, found in zip(results, findings, strict=True):
        region = physical(result)["region"]
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        assert len(result.get("relatedLocations", ())) == len(found.related)


def test_sarif_says_where_a_suppression_is_written() -> None:
    elsewhere = at(".hadolint.yaml", 4, 5, 11)
    accepted = Suppression((TAG.id,), elsewhere, None, paths="/**", origin="hadolint")
    beside = Suppression((TAG.id,), at("Dockerfile", 1, 1, 9), None, origin="hadolint")
    found = finding(TAG, at("Dockerfile", 1, 6, 12), "image 'alpine' has no tag")
    report = REPORT._replace(findings=(found._replace(suppressed=accepted), found._replace(suppressed=beside)))

    kinds = [result["suppressions"][0]["kind"] for result in run_of(report, show_suppressed=True)["results"]]

    assert kinds == ["external", "inSource"]


def test_sarif_offers_no_suppression_of_what_cannot_be_suppressed() -> None:
    rules = (TAG._replace(id="suppression-expired"), TAG)

    described = run_of(Report(rules=rules))["tool"]["driver"]["rules"]

    offers = {rule["id"]: "To accept a finding" in rule["help"]["markdown"] for rule in described}
    assert offers == {"suppression-expired": False, "docker-latest-tag": True}
