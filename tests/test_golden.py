"""The documents' own production examples pass: what their authors call production-ready is no error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.cli import main

PRODUCTION = Path(__file__).parent.parent / "fixtures" / "production"
DOCUMENTS = Path(__file__).parent.parent.parent / "shared" / "examples"


def test_the_production_examples_exit_with_0_at_the_default_threshold() -> None:
    result = CliRunner().invoke(main, [str(PRODUCTION), "--no-config", "--no-context", "--format", "concise"])

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("path", sorted(p.relative_to(PRODUCTION) for p in PRODUCTION.rglob("*.y*ml")), ids=str)
def test_each_production_example_exits_with_0_by_itself(path: Path) -> None:
    result = CliRunner().invoke(main, [str(PRODUCTION / path), "--no-config", "--no-context", "--format", "concise"])

    assert result.exit_code == 0, result.output


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the documents' own files are not beside this checkout")
def test_the_examples_here_are_the_documents_own() -> None:
    originals = {path.name: path.read_bytes() for path in DOCUMENTS.rglob("*") if path.is_file()}

    for path in (p for p in PRODUCTION.rglob("*") if p.is_file() and p.name != "expected.txt"):
        assert path.read_bytes() == originals[path.name], path


def test_what_the_documents_own_pipeline_misses() -> None:
    """Lint, test and security side by side are in order; what follows is not."""
    result = CliRunner().invoke(
        main,
        [str(PRODUCTION / ".github"), "--no-config", "--no-context", "--select", "pipeline-", "--format", "json"],
    )

    missed = [(f["region"]["line"], f["rule"]) for f in json.loads(result.stdout)["findings"]]
    limits = [(line, "pipeline-missing-timeout") for line in (16, 29, 69, 86, 122, 138, 154)]
    assert sorted(missed) == sorted(
        [
            *limits,
            (60, "pipeline-missing-coverage-threshold"),
            (61, "pipeline-serial-tests"),
            (74, "pipeline-scan-reports-only"),
            (122, "pipeline-concurrent-deploys"),
            (154, "pipeline-concurrent-deploys"),
            (166, "pipeline-missing-rollback"),
            (169, "pipeline-missing-failure-notification"),
        ]
    )


def test_this_repository_passes_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PRODUCTION.parent.parent)

    result = CliRunner().invoke(main, [".", "--fail-on", "warning", "--format", "concise"])

    assert result.exit_code == 0, result.output
