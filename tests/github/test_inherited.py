"""Secrets that a reusable workflow does not declare, and gets from callers that hand on all of theirs."""

from __future__ import annotations

import pytest

import devopslint

CALLED = """\
on:
  workflow_call: {secrets: {key: {required: false}}}
jobs:
  deploy: {runs-on: ubuntu-latest, env: {TOKEN: "${{ secrets.token }}"}, steps: [{run: make deploy}]}
"""
CALLER = "on: push\njobs:\n  deploy: {uses: ./.github/workflows/deploy.yml, secrets: SECRETS}\n"


@pytest.mark.parametrize(
    ("given", "told"),
    [(["inherit"], 0), (["inherit", "inherit"], 0), (["inherit", "{key: x}"], 1), (["{key: x}"], 1), ([], 1)],
)
def test_an_undeclared_secret_is_there_where_every_caller_hands_on_all(given: list[str], told: int) -> None:
    callers = {f".github/workflows/call{at}.yml": CALLER.replace("SECRETS", one) for at, one in enumerate(given)}

    found = devopslint.check({".github/workflows/deploy.yml": CALLED, **callers}, select=["gha-undeclared-secret"])

    assert len(found) == told
