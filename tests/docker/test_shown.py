"""Dockerfiles that lie where others are shown how things are done."""

from __future__ import annotations

import pytest

from devopslint import check
from devopslint.model import Severity


@pytest.mark.parametrize(
    ("folder", "severities"),
    [
        ("web", [Severity.ERROR]),
        ("examples/web", [Severity.WARNING]),
        ("docs", [Severity.WARNING]),
        ("thirdparty/web", []),
        ("benchmarks", []),
    ],
)
def test_who_runs_an_example_is_told_one_step_less_severely(folder: str, severities: list[Severity]) -> None:
    files = {f"{folder}/Dockerfile": 'FROM debian:12\nCMD ["web"]\n'}

    assert [one.severity for one in check(files, select=["docker-missing-user"])] == severities
