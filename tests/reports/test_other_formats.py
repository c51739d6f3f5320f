"""reviewdog, Azure Pipelines and Checkstyle: what each reads, with nothing that a file could put into it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from devopslint.model import Severity
from devopslint.reports import Report, render
from tests.reporting import REPORT, ROOT, at, finding


def test_rdjson_counts_columns_in_bytes_and_names_the_rule() -> None:
    diagnostics = json.loads(render(REPORT, "rdjson"))["diagnostics"]

    first = diagnostics[0]
    assert first["severity"] == "ERROR"
    assert first["code"]["value"] == "k8s-root-container"
    assert first["code"]["url"].endswith("/docs/rules.md#k8s-root-container")
    # The name begins behind `  - name: '` and is an emoji of four bytes and two characters of three.
    assert first["location"]["range"] == {"start": {"line": 4, "column": 12}, "end": {"line": 4, "column": 22}}
    assert first["related_locations"][0]["location"]["path"] == "Dockerfile"


def test_azure_gives_issues_with_their_places() -> None:
    lines = render(REPORT, "azure").splitlines()

    assert lines[0].startswith(
        "##vso[task.logissue type=error;sourcepath=deploy/web ü.yaml;linenumber=4;columnnumber=12;code="
    )
    assert any(line.startswith("##vso[task.logissue type=warning;") for line in lines)


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.NOTE])
def test_azure_takes_no_command_from_a_file(severity: Severity) -> None:
    message = "job 'x##vso[task.setvariable variable=PATH]/tmp' and ##[error]"
    bad = finding(ROOT, at("a];b=c##vso[x]y.yaml", 1, 1, 2), message)._replace(severity=severity)

    text = render(Report(findings=(bad,), files_seen=1, files_checked=1), "azure")

    assert text.count("##") == (severity is Severity.ERROR)
    assert "a];b" not in text or severity is Severity.NOTE


def test_checkstyle_is_xml_with_a_source_a_finding() -> None:
    root = ElementTree.fromstring(render(REPORT, "checkstyle"))  # our own text

    errors = {one.get("source"): one for file in root for one in file}
    assert {"devopslint.k8s-root-container", "devopslint.not-checked", "devopslint.internal-error"} <= set(errors)
    assert errors["devopslint.docker-latest-tag"].get("severity") == "warning"
    assert [file.get("name") for file in root] == sorted(str(file.get("name")) for file in root)
