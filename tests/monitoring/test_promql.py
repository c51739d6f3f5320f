"""Queries: what is refused and where, what the tree says, and that nothing makes the reader stumble."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.monitoring.promql import Aggregation, Binary, Call, Range, Selector, Subquery, read_query

REFUSED = [
    ("sum(", 3, "'(' is not closed"),
    ("up ==", 5, "the end of the expression stands where an expression belongs"),
    ("rate(up)", 5, "rate() takes a range, not a vector"),
    ("up[5m]", -1, ""),
    ("1 == 1", 2, "'==' compares two numbers: that is only written with bool"),
    ("up and 1", 3, "'and' joins series, not numbers"),
    (
        "up{job=~'a(?=b)'}",
        10,
        "the regular expression \"a(?=b)\" is refused: '(?=' begins no group that Go knows: it has no look-around",
    ),
    ("{job=~'.*'}", 0, "the selector takes every metric: no label of it must be there"),
    ("up[0s]", 3, "the duration is not greater than 0"),
    ("rate(sum(up)[5m])", 12, "a range is taken of what is no selector: a subquery is written [1h:5m]"),
    ("up offset 5m offset 3m", 20, "offset is set twice"),
    ("sum(up) by (a) by (b)", 15, "'by' stands where an operator or the end belongs"),
    ("topk(up)", 0, "topk takes 2 arguments, not 1"),
    ("a * on(x) group_left(x) b", 2, "the label 'x' stands in both on and group_left"),
    ("up{a='\\d'}", 6, "'\\d' is no escape: a backslash is written twice"),
    ("", 0, "the expression is empty"),
    ("foo[5m5h]", 4, "the duration '5m5h' names its units in another order than from the largest to the smallest"),
]


@pytest.mark.parametrize(("text", "start", "message"), REFUSED)
def test_what_prometheus_refuses_is_refused_at_its_place(text: str, start: int, message: str) -> None:
    fault = read_query(text).fault

    assert (fault.start, fault.message) == (start, message) if fault else start == -1


TAKEN = [
    "sum by (job, le) (rate(http_bucket{code!~'5..'}[5m] offset 1h)) > 0.5",
    "a * on (x) group_left (y) b",
    "0 < up < 2",
    "up @ 1700000000.5",
    "avg_over_time((a + b)[1h:5m] @ end())",
    "{'a.name with.dots', 'label.x'='y'}",
    "sum(rate(x[max_of(step(), 5m) + 1m]))",
    "rate(x[5m] smoothed)",
    "histogram_quantile(0.9, sum(rate(native[5m])))",
    "info(up, {k8s_cluster='a'})",
    "a + fill(0) b",
    "-2 ^ 2 + 0x1F + 1e3 + .5 + Inf",
    "sum + by + offset",
    "up # trailing words",
    "hist </ 5",
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_prometheus_takes_is_taken(text: str) -> None:
    query = read_query(text)

    assert query.fault is None
    assert query.tree is not None


def test_a_tree_keeps_precedence_and_places() -> None:
    text = "a + b * c ^ d or e{x='y'}[5m:] offset 1h"

    tree = read_query(text.replace("e{x='y'}[5m:] offset 1h", "e")).tree

    assert isinstance(tree, Binary)
    assert tree.operator == "or"
    left = tree.left
    assert isinstance(left, Binary)
    assert (left.operator, left.at) == ("+", 2)
    product = left.right
    assert isinstance(product, Binary)
    assert product.operator == "*"
    power = product.right
    assert isinstance(power, Binary)
    assert power.operator == "^"
    assert (power.start, power.end) == (text.index("c"), text.index(" or"))


def test_a_selector_knows_its_matchers_its_offset_and_its_end() -> None:
    text = 'rate(up{job="a\\"b", env=~"x"}[1h30m] offset -5m)'

    call = read_query(text).tree

    assert isinstance(call, Call)
    ranged = call.arguments[0]
    assert isinstance(ranged, Range)
    assert ranged.length.seconds == 5400
    selector = ranged.of
    assert isinstance(selector, Selector)
    assert [(one.name, one.operator, one.value) for one in selector.matchers] == [
        ("job", "=", 'a"b'),
        ("env", "=~", "x"),
    ]
    assert selector.offset is not None
    assert selector.offset.seconds == -300
    assert text[selector.start : selector.end] == 'up{job="a\\"b", env=~"x"}'


def test_an_aggregation_tells_by_from_without() -> None:
    one = read_query("topk(3, up) without (pod)").tree
    other = read_query("sum by (job) (up)").tree

    assert isinstance(one, Aggregation)
    assert isinstance(other, Aggregation)
    assert (one.operator, one.labels, one.without) == ("topk", ("pod",), True)
    assert (other.operator, other.labels, other.without) == ("sum", ("job",), False)


def test_a_subquery_has_a_length_and_a_step() -> None:
    tree = read_query("(a or b)[1d:6h]").tree

    assert isinstance(tree, Subquery)
    assert (tree.length.seconds, tree.step and tree.step.seconds) == (86400, 21600)


def test_a_function_of_others_is_no_fault_but_is_named() -> None:
    query = read_query("sum(rollup_rate(x[5m])) > 1")

    assert query.fault is None
    assert [call.name for call in query.foreign] == ["rollup_rate"]


def test_deep_nesting_is_not_read_and_says_so() -> None:
    assert read_query("(" * 5_000 + "a" + ")" * 5_000).too_large == "nests deeper than 150 levels"
    assert read_query("a ^ " * 5_000 + "a").too_large == "nests deeper than 150 levels"
    assert read_query("a" * 200_000).too_large == "has more than 100,000 characters"


def test_long_chains_are_read() -> None:
    query = read_query(" or ".join(["a"] * 5_000))

    assert query.tree is not None
    assert query.operators == 4_999


@given(st.text("ab:1.5m[](){}\"'`=~!<>+-*/^,@ \\#\nsumbyonrateoffset", max_size=40))
def test_any_text_gives_a_tree_or_a_fault_inside_of_it(text: str) -> None:
    query = read_query(text)

    assert (query.tree is None) == (bool(query.too_large) or (query.fault is not None and query.tree is None))
    if query.fault is not None:
        assert 0 <= query.fault.start <= query.fault.end <= len(text)
