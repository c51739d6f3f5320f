"""Which branch of a script's `case` is taken."""

from __future__ import annotations

import pytest

from devopslint.readers.shell import read_commands
from devopslint.scripts.branches import taken

BY_FIRST = """#!/bin/sh
set -e
case "$1" in
  test|check) pytest ;;
  # the rest
  deploy)
    case "$2" in prod) helm upgrade shop ./chart ;; esac
    echo "done; esac ;;"
    ;;
  *) usage ;;
esac
finish
"""
BY_NAME = """what=${1:-build}
case $what in
  build) make
         ;;
  push) docker push shop
esac
"""


def names(script: str, *arguments: str) -> list[str]:
    return [command.name for command in read_commands(taken(script, arguments))]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["test"], ["set", "pytest", "finish"]),
        (["check"], ["set", "pytest", "finish"]),
        (["deploy", "prod"], ["set", "helm", "echo", "finish"]),
        (["other"], ["set", "usage", "finish"]),
        ([], ["set", "usage", "finish"]),
        (["$WHAT"], ["set", "pytest", "helm", "echo", "usage", "finish"]),
    ],
)
def test_the_first_argument_tells_the_branch(arguments: list[str], expected: list[str]) -> None:
    assert names(BY_FIRST, *arguments) == expected


def test_a_variable_may_keep_the_argument_and_have_a_default() -> None:
    assert names(BY_NAME)[-1] == "make"
    assert names(BY_NAME, "push")[-1] == "docker"


@pytest.mark.parametrize(
    "script", ["case $OTHER in a) x ;; esac", "case $1 in a) x ;;& *) y ;; esac", "case $1 in a) x"]
)
def test_what_is_not_plain_stays_as_it_is(script: str) -> None:
    assert taken(script, ["a"]) == script


def test_what_is_kept_stands_on_its_line() -> None:
    kept = taken(BY_FIRST, ["deploy"])

    assert len(kept) == len(BY_FIRST)
    assert kept.index("helm") == BY_FIRST.index("helm")
