"""Whether the two windows of a burn rate go together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.monitoring.objects import object_alerts
from devopslint.monitoring.promql import Binary, Expression, Number, Range, bare, walk
from devopslint.monitoring.rules import Rule, file_alerts
from devopslint.registry import check


@check("prom-burn-rate", each=(file_alerts, object_alerts))
def burn_rate(rule: Rule) -> Iterator[Problem]:
    if rule.expression.dialect or rule.query.tree is None:
        return
    for node in rule.query.walk():
        if not isinstance(node, Binary) or node.operator != "and":
            continue
        sides = [_burns(node.left), _burns(node.right)]
        if None in sides:
            continue
        (first, one), (second, other) = [side for side in sides if side is not None]
        long, short = max(one, other), min(one, other)
        at = rule.expression.at(node.start, node.end)
        if abs(first - second) > 1e-9 * max(first, second):
            said = f"one burn rate has two factors, {_shown(first)} and {_shown(second)}: the windows speak of another pace each"
            yield Problem(at, said)
        elif one == other:
            yield Problem(at, f"both windows of the burn rate are {_span(long)}: the short one tells that it has ended")
        elif not 5 <= long / short <= 25:
            said = f"the short window of the burn rate, {_span(short)}, is no twelfth of the long one, {_span(long)}"
            yield Problem(at, said)


def _shown(value: float) -> str:
    return f"{value:.6g}"


def _span(minutes: float) -> str:
    return f"{minutes:g}m" if minutes < 60 or minutes % 60 else f"{minutes / 60:g}h"


def _burns(node: Expression) -> tuple[float, float] | None:
    """The limit and the window, in minutes, of `ratio > factor * budget`; None for anything else."""
    node = bare(node)
    if not isinstance(node, Binary) or node.operator not in (">", ">="):
        return None
    limit = _product(bare(node.right))
    if limit is None:
        return None
    factors, value = limit
    windows = set()
    for part in walk(node.left):
        if isinstance(part, Range) and part.length.seconds:
            windows.add(part.length.seconds / 60)
        name = getattr(part, "metric", "")
        found = re.search(r":(?:\w*?)(?:ratio_)?rate_?(\d+)([smhd])\b", name)
        if found:
            windows.add(int(found[1]) * {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}[found[2]])
    if len(windows) != 1 or not factors:
        return None
    return value, windows.pop()


def _product(node: Expression) -> tuple[bool, float] | None:
    """The value of a product of numbers, and whether it is one: what is compared with a plain number is no burn rate."""
    if isinstance(node, Number):
        return False, node.value
    if isinstance(node, Binary) and node.operator in ("*", "-", "/"):
        left, right = _product(bare(node.left)), _product(bare(node.right))
        if left is None or right is None:
            return None
        if node.operator == "*":
            return True, left[1] * right[1]
        if node.operator == "-":
            return left[0] or right[0], left[1] - right[1]
        return (left[0] or right[0], left[1] / right[1]) if right[1] else None
    return None
