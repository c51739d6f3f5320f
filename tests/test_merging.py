"""SARIF of several tools becomes one log, in which a line is told of once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from devopslint.cli import main
from devopslint.merging import MergeError, merge, render


def result(
    rule: str, line: int, path: str = "Dockerfile", message: str = "m", level: str = "warning"
) -> dict[str, Any]:
    region = {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}}}
    return {"ruleId": rule, "level": level, "message": {"text": message}, "locations": [region]}


def log(tool: str, *results: dict[str, Any]) -> str:
    rules = [{"id": rule} for rule in dict.fromkeys(one["ruleId"] for one in results)]
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool, "rules": rules}}, "results": list(results)}]}
    )


OURS = log(
    "devopslint", result("docker-add-instead-of-copy", 3), result("k8s-privileged", 9, "pod.yaml", level="error")
)


@pytest.mark.parametrize(
    ("tool", "rule", "told"),
    [
        ("Hadolint", "DL3020", True),
        ("Trivy", "AVD-DS-0005", True),
        ("Trivy", "DS005", True),
        ("checkov", "CKV_K8S_16", False),
        ("semgrep OSS", "dockerfile.best-practice.prefer-copy-over-add.prefer-copy-over-add", True),
        ("Hadolint", "DL3008", False),
        ("zizmor", "DL3020", False),
    ],
)
def test_what_we_say_of_a_line_is_not_said_again(tool: str, rule: str, told: bool) -> None:
    merged = merge([("theirs", log(tool, result(rule, 3), result(rule, 4))), ("ours", OURS)])

    assert [one.name for one in merged.tools] == ["devopslint", tool]
    assert merged.tools[1].told == told
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in merged.log["runs"][1]["results"]]
    assert lines == ([4] if told else [3, 4])
    assert len(merged.log["runs"][0]["results"]) == 2


def test_two_files_of_one_tool_are_one_run_and_a_result_in_both_is_kept_once() -> None:
    first, second = log("x", result("a", 1), result("b", 2)), log("x", result("b", 2), result("c", 3))

    (run,) = merge([("1", first), ("2", second)]).log["runs"]

    assert [one["ruleId"] for one in run["results"]] == ["a", "b", "c"]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == ["a", "b", "c"]


def test_a_rule_by_its_index_keeps_its_name_when_runs_are_joined() -> None:
    second = json.loads(log("x", result("c", 3)))
    second["runs"][0]["results"][0] = {**result("c", 3), "ruleIndex": 0}
    del second["runs"][0]["results"][0]["ruleId"]

    (run,) = merge([("1", log("x", result("a", 1))), ("2", json.dumps(second))]).log["runs"]

    assert [(one["ruleId"], "ruleIndex" in one) for one in run["results"]] == [("a", False), ("c", False)]


def test_the_table_counts_by_level_what_is_left() -> None:
    assert render(merge([("ours", OURS), ("theirs", log("Hadolint", result("DL3020", 3)))])) == (
        "tool        errors  warnings  notes  told already\n"
        "devopslint       1         1      0             0\n"
        "Hadolint         0         0      0             1\n"
    )


def run_with(**keys: Any) -> str:
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, **keys}]})


def test_a_place_that_is_none_makes_no_result_fail() -> None:
    regions: list[Any] = ["x", {"startLine": float("inf")}, {"startLine": "a"}]
    places = [{"physicalLocation": {"artifactLocation": {"uri": "a"}, "region": region}} for region in regions]
    odd = run_with(results=[{"ruleId": "a", "locations": [place]} for place in places])

    merged = merge([("a.sarif", odd.replace("Infinity", "1e999"))]).log

    assert len(merged["runs"][0]["results"]) == 3
    json.dumps(merged, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a.sarif is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"runs": [NaN]}', "a.sarif is no JSON: NaN is no number"),
        ("[]", "a.sarif is no SARIF 2.1.0"),
        ('{"version": "2.0.0", "runs": []}', "a.sarif is no SARIF 2.1.0"),
        ('{"version": "2.1.0", "runs": [{}]}', "a.sarif has a run without tool.driver"),
        ('{"version": "2.1.0", "runs": [{"tool": "x"}]}', "a.sarif has a run without tool.driver"),
        (run_with(results=["x"]), "a.sarif has results, artifacts or invocations that are no list of objects"),
        (run_with(artifacts=5), "a.sarif has results, artifacts or invocations that are no list of objects"),
        (run_with(results=[{"message": "x"}]), "a.sarif has results that are none"),
        (run_with(results=[{"message": {"text": [1]}}]), "a.sarif has results that are none"),
        (run_with(results=[{"ruleId": [1]}]), "a.sarif has results that are none"),
        (run_with(tool={"driver": {"rules": [{"id": []}]}}), "a.sarif has rules that are none"),
        (run_with(tool={"driver": {"rules": {"a": 1}}}), "a.sarif has rules that are none"),
    ],
)
def test_what_is_no_sarif_is_named(text: str, message: str) -> None:
    with pytest.raises(MergeError) as error:
        merge([("a.sarif", text)])

    assert str(error.value) == message


def test_the_command_joins_a_real_report_with_another(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.22\nADD shop /shop\nUSER 1000\n")
    ours, theirs, both = (str(tmp_path / name) for name in ("ours.sarif", "theirs.sarif", "both.sarif"))
    CliRunner().invoke(main, ["--no-config", "--output", ours, str(tmp_path)])
    Path(theirs).write_text(log("Hadolint", result("DL3020", 2), result("DL9999", 2)))

    done = CliRunner().invoke(main, ["merge", ours, theirs, "--output", both])

    assert done.exit_code == 0, done.output
    runs = json.loads(Path(both).read_text())["runs"]
    assert [run["tool"]["driver"]["name"] for run in runs] == ["devopslint", "Hadolint"]
    assert [one["ruleId"] for one in runs[1]["results"]] == ["DL9999"]
    assert "Hadolint" in done.stdout


def test_a_file_that_is_no_sarif_ends_with_two_and_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_text("[]")

    done = CliRunner().invoke(main, ["merge", str(tmp_path / "a.sarif")])

    assert done.exit_code == 2
    assert "a.sarif is no SARIF 2.1.0" in done.stderr
