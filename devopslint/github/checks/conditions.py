"""Conditions that decide nothing."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.files import action_conditions, conditions
from devopslint.github.workflow import Condition
from devopslint.model import Problem
from devopslint.registry import check


@check("gha-always-true-condition", each=(conditions, action_conditions))
def always_true_condition(condition: Condition) -> Iterator[Problem]:
    if condition.is_string:
        yield Problem(condition.node.location, "condition is always true: text around '${{ }}' makes it a string")


@check("gha-constant-condition", each=(conditions, action_conditions))
def constant_condition(condition: Condition) -> Iterator[Problem]:
    if condition.truth is not None:
        yield Problem(condition.node.location, f"condition is always {str(condition.truth).lower()}")
