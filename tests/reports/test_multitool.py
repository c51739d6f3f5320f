"""SARIF before the judge that the field trusts: Microsoft's SARIF Multitool, with GitHub's rules.

`tests/tools/install-multitool` puts it under .tools/; DEVOPSLINT_MULTITOOL may name another.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import devopslint
from devopslint.reports import Report, render
from devopslint.reports.linehash import line_hashes
from tests.reporting import FILES, REPORT, ROOT, RULES, at, finding

INSTALLED = Path(__file__).parents[2] / ".tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
MULTITOOL = Path(os.environ.get("DEVOPSLINT_MULTITOOL", INSTALLED))

NO_NETWORK = {f"{scheme}_PROXY": "http://127.0.0.1:9" for scheme in ("HTTP", "HTTPS", "ALL")}
"""SARIF2006 fetches every address of a log, also where notes are not asked for: a proxy that is not there refuses at
once, where a name that cannot be resolved takes seconds each."""

pytestmark = pytest.mark.skipif(
    not MULTITOOL.is_file(), reason="the SARIF Multitool is not installed: run tests/tools/install-multitool"
)


def multitool(*arguments: str, folder: Path) -> None:
    subprocess.run(
        [MULTITOOL, *arguments, "--log", "ForceOverwrite"],
        cwd=folder,
        env={**os.environ, **NO_NETWORK},
        check=True,
        timeout=120,
    )


def objections(report: Report, folder: Path, *options: str) -> Counter[str]:
    """How often each rule of the Multitool objects to the report's SARIF."""
    (folder / "report.sarif").write_text(render(report, "sarif", show_suppressed=True), encoding="utf-8")
    multitool("validate", "report.sarif", "--rule-kind", "Sarif;Ghas", "--output", "v.sarif", *options, folder=folder)
    (run,) = json.loads((folder / "v.sarif").read_text("utf-8-sig"))["runs"]
    return Counter(result["ruleId"] for result in run.get("results", ()))


@pytest.mark.parametrize(
    "report", [REPORT, Report(rules=tuple(devopslint.rules()))], ids=["findings", "the whole catalogue"]
)
def test_multitool_objects_to_nothing(report: Report, tmp_path: Path) -> None:
    assert objections(report, tmp_path) == {}


def test_multitool_notes_only_unreachable_addresses_and_names_without_numbers(tmp_path: Path) -> None:
    noted = objections(REPORT, tmp_path, "--level", "Error;Warning;Note")

    del noted["SARIF2006"]  # addresses that cannot be reached
    assert noted == {"SARIF2009": len(RULES)}  # docs/decisions say why rules have names for ids


def test_multitool_computes_the_same_line_hashes(tmp_path: Path) -> None:
    texts = {**FILES, "crlf.yaml": "kind: Pod\r\nspec: {}\r\n", "empty.yaml": "", "same.yaml": "- a\n" * 70}
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    everywhere = tuple(
        finding(ROOT, at(path, line, 1, 1), "here")
        for path, text in texts.items()
        for line in range(1, len(line_hashes(text)) + 1)
    )
    log = json.loads(render(Report(everywhere, source=texts.__getitem__), "sarif"))
    ours = [result.pop("partialFingerprints")["primaryLocationLineHash"] for result in log["runs"][0]["results"]]
    log["runs"][0]["originalUriBaseIds"]["%SRCROOT%"]["uri"] = f"{tmp_path.as_uri()}/"
    (tmp_path / "in.sarif").write_text(json.dumps(log), encoding="utf-8")

    multitool(
        *["rewrite", "in.sarif", "--output", "out.sarif", "--insert", "RollingHashPartialFingerprints"],
        folder=tmp_path,
    )

    results = json.loads((tmp_path / "out.sarif").read_text("utf-8-sig"))["runs"][0]["results"]
    assert ours == [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
