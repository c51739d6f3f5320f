"""Agreement with the peers' own test cases may only rise: tests/conformance/floors.yaml holds what was reached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"
ACCEPTED = PROJECT / "tests" / "conformance" / "accepted.yaml"
FLOORS: dict[str, dict[str, float]] = yaml.safe_load((PROJECT / "tests" / "conformance" / "floors.yaml").read_text())


@pytest.fixture(scope="module")
def reached() -> dict[str, Any]:
    script = SHARED / "conformance.py"
    if not script.exists():
        pytest.skip("the peers' test cases are not beside this checkout")
    result = subprocess.run(
        [sys.executable, script, "--json", "--accept", ACCEPTED],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    return json.loads(result.stdout)  # type: ignore[no-any-return]  # the program's own format


@pytest.mark.parametrize("peer", FLOORS)
def test_agreement_with_a_peers_own_cases_does_not_fall(peer: str, reached: dict[str, Any]) -> None:
    now, floor = reached[peer], FLOORS[peer]

    assert now["covered"] >= floor["covered"]
    assert 100 * now["agree"] / now["verdicts"] >= floor["agree"]
    if "lines" in floor:
        assert 100 * now["lines hit"] / now["lines asked"] >= floor["lines"]


def test_every_accepted_disagreement_has_its_reason() -> None:
    entries = yaml.safe_load(ACCEPTED.read_text()) or []

    for entry in entries:
        assert set(entry) == {"where", "rule", "reason"}
        assert len(entry["reason"]) > 20
