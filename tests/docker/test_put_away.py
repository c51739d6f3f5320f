"""Dockerfiles and Compose files that are kept and not used any more."""

from __future__ import annotations

import pytest

from devopslint import check

DOCKERFILE = "FROM debian\n"
BUILT = "on: push\njobs: {build: {runs-on: x, steps: [{run: docker build -f old/Dockerfile .}]}}\n"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"old/Dockerfile": DOCKERFILE}, []),
        ({"app/Dockerfile": DOCKERFILE}, ["app/Dockerfile"]),
        ({"old/Dockerfile": DOCKERFILE, ".github/workflows/ci.yml": BUILT}, ["old/Dockerfile"]),
        ({"archive/compose.yaml": "services: {a: {image: debian}}\n"}, []),
        ({"compose.yaml": "services: {a: {image: debian}}\n"}, ["compose.yaml"]),
    ],
)
def test_what_is_put_away_is_not_judged_unless_something_outside_builds_it(
    files: dict[str, str], told: list[str]
) -> None:
    found = check(files, select=["docker-untagged-image", "compose-latest-tag"])

    assert [one.location.path for one in found] == told


def test_a_secret_in_what_is_put_away_is_known_all_the_same() -> None:
    found = check({"old/Dockerfile": "FROM debian:12\nENV API_TOKEN=Vq4-heron-Zt91\n"}, select=["docker-secret-value"])

    assert [one.location.line for one in found] == [2]
