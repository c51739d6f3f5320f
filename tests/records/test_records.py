"""Which files are change records, and what tells that a change is one to production."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import devopslint
from devopslint.cli import main
from devopslint.files import classify
from devopslint.readers.yaml import read_yaml
from devopslint.records.records import Record

RECORD: dict[str, Any] = {
    "taskId": "6f1b2a34-5c6d-4e7f-8a9b-0c1d2e3f4a5b",
    "agentName": "ops",
    "status": "complete",
    "filesChanged": ["k8s/api.yaml"],
    "filesCreated": [],
    "summary": "Raise the memory of api",
    "rollbackRequired": True,
    "rollbackSteps": ["kubectl -n shop rollout undo deployment/api"],
    "approvalNeeded": False,
    "riskLevel": "low",
    "notes": [],
}
YAML = "agentName: ops\nstatus: complete\nfilesChanged: []\n"


def said(text: str, path: str = "changes/1.json") -> list[str]:
    found = devopslint.check({path: text}, select=["change-"])
    return [f"{one.location.line}: {one.message}" for one in found if one.rule.id != "change-unknown-file"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", json.dumps(RECORD)),
        ("a.json", json.dumps([RECORD])),
        ("a.json", json.dumps({"changes": [RECORD]}, indent=2)),
        ("a.json", "\ufeff" + json.dumps(RECORD)),
        ("a.yaml", YAML),
        ("a.yml", "---\n" + YAML),
        ("a.yaml", "- " + YAML.replace("\n", "\n  ")),
        ("a.yaml", "changes:\n  - " + YAML.replace("\n", "\n    ")),
        ("a.yaml", YAML.replace("agentName", '"agentName"')),
    ],
)
def test_a_record_is_told_by_three_keys_that_stand_together(path: str, text: str) -> None:
    assert classify(path, text) == "change-record"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", json.dumps({"properties": {key: {"type": "string"} for key in RECORD}})),
        ("a.json", json.dumps({key: {"type": "string"} for key in RECORD})),
        ("a.json", json.dumps({"agentName": "ops", "job": {"status": "x", "filesChanged": []}})),
        ("a.yaml", "agentName: ops\njob:\n  status: x\n  filesChanged: []\n"),
        ("a.yaml", "components:\n  " + YAML.replace("\n", "\n  ")),
        ("a.yaml", "agentName: ops\nstatus: complete\n"),
        ("a.md", YAML),
    ],
)
def test_the_same_keys_elsewhere_make_no_record(path: str, text: str) -> None:
    assert classify(path, text) != "change-record"


def test_every_record_of_a_list_is_judged_where_it_stands() -> None:
    text = json.dumps({"changes": [RECORD, {**RECORD, "status": "ready"}]}, indent=1)

    (line,) = (number for number, one in enumerate(text.splitlines(), 1) if "ready" in one)
    assert said(text) == [f"{line}: status is 'ready', none of complete, blocked, failed, needs_approval"]


def test_a_broken_file_is_said_to_be_broken_and_nothing_else() -> None:
    found = devopslint.check({"a.json": json.dumps(RECORD)[:-30]})

    assert {one.rule.id for one in found} == {"unreadable-file"}


def test_a_field_of_null_is_missing() -> None:
    assert said(json.dumps({**RECORD, "summary": None}, indent=1)) == ["9: the record has no summary"]


def test_what_waits_for_whoever_fills_in_a_template_is_not_wrong() -> None:
    blanks = {
        "taskId": "<uuid>",
        "status": "complete | failed",
        "riskLevel": "{{ risk }}",
        "rollbackSteps": ["<command>"],
    }

    assert said(json.dumps({**RECORD, **blanks})) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"summary": "Deploy v2 to production"}, "'to production'"),
        ({"summary": "Scaled the API in prod."}, "'in prod'"),
        ({"summary": "Rotate production database password"}, "'Rotate production database'"),
        ({"summary": "Production rollout of shop v2"}, "'Production rollout of'"),
        ({"summary": "Deploy shop v2 (production)"}, "'Deploy shop v2 (production)'"),
        ({"filesChanged": ["overlays/prod/kustomization.yaml"]}, "overlays/prod/kustomization.yaml"),
        ({"filesCreated": ["env/production.tfvars"]}, "env/production.tfvars"),
        ({"filesChanged": ["Dockerfile.prod"]}, "Dockerfile.prod"),
        ({"namespace": "production"}, "namespace production"),
        ({"environment": "Production"}, "environment Production"),
        ({"rollbackSteps": ["helm rollback api 3 --namespace=shop-prod"]}, "namespace shop-prod"),
        ({"summary": "Add a dashboard", "filesChanged": ["prod/grafana.json"]}, "prod/grafana.json"),
    ],
)
def test_production_is_told_by_paths_namespaces_and_words(fields: dict[str, Any], words: str) -> None:
    assert _sign(fields) == words


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": "Make the image production-ready"},
        {"summary": "Implemented the pipeline that deploys to production"},
        {"summary": "Deployed to staging; not yet rolled out to production"},
        {"summary": "Switch to production mode"},
        {"summary": "Production deployment guide"},
        {"summary": "Plan the production rollout of shop v2 (production)"},
        {"summary": "Reproduce the fault in product tests"},
        {"notes": ["Deploy to production needs an approval"]},
        {"filesChanged": ["docs/production.md"]},
        {"filesChanged": ["src/production/order.py"]},
        {"filesChanged": ["k8s/products.yaml"]},
        {"filesChanged": ["env/non-prod/api.yaml"]},
        {"filesChanged": ["env/preprod/api.yaml"]},
        {"rollbackSteps": ["kubectl -n live rollout undo deployment/shop"]},
        {
            "filesChanged": [".github/workflows/cd.yml"],
            "rollbackSteps": ["kubectl -n prod rollout undo deployment/api"],
        },
        {"summary": "Wrote the runbook", "rollbackSteps": ["kubectl -n prod rollout undo deployment/api"]},
    ],
)
def test_who_speaks_of_production_does_not_change_it(fields: dict[str, Any]) -> None:
    assert _sign(fields) is None


def _sign(fields: dict[str, Any]) -> str | None:
    found = Record(read_yaml("a.json", json.dumps({**RECORD, **fields})).documents[0].root).production
    return None if found is None else found.words


@pytest.mark.parametrize(
    "step",
    [
        "kubectl rollout undo deployment/api",
        "1. helm -n shop rollback api 3",
        "Run `argocd app rollback api 12`",
        "git revert 3f2a1bc",
        "Revert commit 3f2a1bc",
        "Revert PR #12",
        "./rollback.sh v1",
        "bash scripts/rollback.sh",
        "make rollback",
        "terraform apply -target=module.api -var version=1.3",
        "sudo systemctl restart api",
    ],
)
def test_a_step_that_can_be_typed_is_concrete(step: str) -> None:
    assert said(json.dumps({**RECORD, "rollbackSteps": [step, "Tell the team"]})) == []


@pytest.mark.parametrize(
    "step",
    ["Undo the change", "Use helm to roll back", "Revert the commit", "Make sure that it works", "Git history has it"],
)
def test_a_step_in_words_is_vague(step: str) -> None:
    assert said(json.dumps({**RECORD, "rollbackSteps": [step]}, indent=1)) == [
        f"12: no step of the rollback is a command: '{step}'"
    ]


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"c.json": json.dumps(RECORD)}, "met"),
        ({"c.json": json.dumps({**RECORD, "rollbackSteps": []})}, "violated"),
        ({"a.yaml": "a: 1\n"}, "not applicable"),
    ],
)
def test_a_sound_record_answers_the_item(tmp_path: Path, files: dict[str, str], status: str) -> None:
    for path, text in files.items():
        (tmp_path / path).write_text(text)

    result = CliRunner().invoke(main, ["checklist", str(tmp_path), "--format", "json"])

    answers = {one["item"]: one["status"] for one in json.loads(result.stdout)}
    assert answers["change.record"] == status


@pytest.mark.parametrize(
    "name", ["./k8s/api.yaml", "shop/k8s/api.yaml", "api.yaml", "src/main.go", "/etc/a.yaml", "k8s/*.yaml"]
)
def test_a_file_that_may_be_meant_is_not_said_to_be_missing(name: str) -> None:
    files = {"c.json": json.dumps({**RECORD, "filesChanged": [name]}), "k8s/api.yaml": "a: 1\n"}

    assert list(devopslint.check(files, select=["change-unknown-file"])) == []


def test_a_tree_without_records_imports_nothing_of_them() -> None:
    script = """
import sys, devopslint
devopslint.check({"a.yaml": "status: x\\n", "package.json": "{}", "Dockerfile": "FROM alpine:3.20"})
print([name for name in sys.modules if name.startswith("devopslint.records.")])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_record_check_counts_one_record_as_one(tmp_path: Path) -> None:
    (tmp_path / "change.json").write_text(json.dumps({**RECORD, "filesChanged": []}))

    result = CliRunner().invoke(main, ["record", "check", "--no-config", str(tmp_path)])

    assert result.stdout.splitlines()[-1] == "1 record, and it holds"


def test_record_check_prints_one_verdict_for_each_record(tmp_path: Path) -> None:
    good = {**RECORD, "filesChanged": []}
    bad = {**good, "taskId": "7", "riskLevel": "tiny"}
    (tmp_path / "changes.json").write_text(json.dumps([good, bad], indent=1))

    result = CliRunner().invoke(main, ["record", "check", "--no-config", str(tmp_path)])

    lines = result.stdout.splitlines()
    line = json.dumps([good, bad], indent=1).splitlines().index('  "taskId": "7",') + 1
    assert lines[0] == f"changes.json:3: record {RECORD['taskId']}: holds"
    assert lines[1] == f"changes.json:{line}: record 7: does not hold"
    assert f"  warning {line}: taskId '7' is not of the form of a UUID (change-invalid-task-id)" in lines
    assert lines[-1] == "2 records, 1 of them do not hold"
    assert result.exit_code == 1


def test_record_check_says_where_there_is_no_record(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["record", "check", "--no-config", str(tmp_path)])

    assert (result.exit_code, result.stdout) == (0, "no record of a change was found\n")
