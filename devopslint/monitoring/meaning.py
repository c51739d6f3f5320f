"""What a query says that its author cannot have meant."""

from __future__ import annotations

from devopslint.monitoring.promql import Aggregation, Binary, Call, Expression, Range, Selector, bare, walk

COUNTED = ("rate", "irate", "increase")
"""The functions that make a rate of a counter."""


def without_buckets(call: Call) -> tuple[Expression, str] | None:
    """What of a quantile's argument has no buckets in it, and why."""
    if len(call.arguments) != 2:
        return None
    argument = bare(call.arguments[1])
    classic = any(isinstance(node, Selector) and node.metric.endswith("_bucket") for node in walk(argument))
    if isinstance(argument, Aggregation) and argument.operator in ("sum", "avg", "max", "min") and classic:
        kept = "le" not in (argument.labels or ()) if argument.without else "le" in (argument.labels or ())
        if "vmrange" in (argument.labels or ()) and not argument.without:
            return None  # VictoriaMetrics makes `le` of its own buckets by itself
        if argument.labels is None or not kept:
            how = " without (le)" if argument.without else f" by ({', '.join(argument.labels or ())})"
            how = how if argument.labels is not None else ", which says no by (le),"
            return argument, f"{argument.operator}{how} drops le, by which the buckets are told apart"
    for node in walk(argument):
        if isinstance(node, Selector) and node.metric.endswith(("_sum", "_count")) and not classic:
            return node, f"'{node.metric}' holds no buckets"
    return None


def divides_by_itself(node: Binary) -> str | None:
    """What a division says of a metric's own series: a part of them is divided by those very series, one by one."""
    if node.operator != "/" or node.matching.labels is not None:
        return None
    left, right = _counted(node.left), _counted(node.right)
    if left is None or right is None or left.metric != right.metric or not left.metric:
        return None
    if left.offset != right.offset:
        return None
    first = {one[2:5] for one in left.matchers}
    second = {one[2:5] for one in right.matchers}
    if not second < first:
        return None
    return f"each series of '{left.metric}' is divided by itself, which is always 1: both sides want sum()"


def _counted(node: Expression) -> Selector | None:
    """The selector of `rate(selector[…])`."""
    node = bare(node)
    if isinstance(node, Call) and node.name in COUNTED and node.arguments:
        argument = bare(node.arguments[0])
        if isinstance(argument, Range) and isinstance(argument.of, Selector):
            return argument.of
    return None
