"""Which series a query can give, which labels they have, and whether anything decides if an alert fires."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.monitoring.meaning import without_buckets
from devopslint.monitoring.promql import Call, read_query
from devopslint.monitoring.series import Series, series_of, unconditional


def series(text: str) -> tuple[Series, ...]:
    query = read_query(text)
    assert query.fault is None, query.fault
    return series_of(query)


LABELS = [
    ("up", "job", True),
    ('up{job="a"}', "job", True),
    ('up{job=""}', "job", False),
    ("sum(up)", "job", False),
    ("sum by (job) (up)", "job", True),
    ("sum by (job) (up)", "pod", False),
    ("sum without (pod) (up)", "pod", False),
    ("sum without (pod) (up)", "job", True),
    ("topk(3, up)", "job", True),
    ("sum by (job) (sum by (pod) (up))", "job", False),
    ('count_values("version", build)', "version", True),
    ('absent(up{job="a"})', "job", True),
    ('absent(up{job=~"a|b"})', "job", False),
    ('absent(up{job="a", job!="b"})', "job", False),
    ('label_replace(sum(up), "team", "shop", "", "")', "team", True),
    ("rate(requests_total[5m])", "__name__", False),
    ("last_over_time(up[5m])", "__name__", True),
    ("vector(1)", "job", False),
    ("a * on (pod) group_left (node) b", "node", True),
    ("a * on (pod) b", "node", False),
    ("a * on (pod) b", "pod", True),
    ("a / ignoring (code) b", "code", False),
    ("sum by (job) (a) / on (job) group_left () sum by (job) (b)", "job", True),
    ("sum(a) * on () group_right (x) b", "job", True),
    ("a and on (pod) b", "node", True),
    ("sum(a) and b", "pod", False),
    ("-a", "pod", True),
    ("max_over_time(sum by (pod) (a)[1h:5m])", "pod", True),
]


@pytest.mark.parametrize(("text", "label", "able"), LABELS)
def test_a_series_can_have_the_labels_that_nothing_drops(text: str, label: str, able: bool) -> None:
    (one,) = series(text)

    assert one.can_have(label) is able


def test_what_drops_a_label_is_told_by_the_first_that_does() -> None:
    (one,) = series("sum by (job) (sum by (pod) (up))")

    assert one.why_not("job") == "sum by (pod) keeps no other"
    assert one.why_not("node") == "sum by (job) keeps no other"


FIRES = [
    ("up", "nothing is compared, so that every series lets it fire"),
    ("up == bool 0", "bool makes 0 of what does not hold, and the alert fires for that too"),
    ("vector(1)", "it always gives a result"),
    ("time() - 5", "it always gives a result"),
    ("sum(errors) or vector(0)", "nothing is compared, so that every series lets it fire"),
]
QUIET = [
    "up == 0",
    "absent(up)",
    "up == bool 0 == 1",
    "errors > 1 or vector(0) > 1",
    "up unless on (pod) ready",
    "a and on (pod) (b > 1)",
    "0 < errors < 5",
    "(errors > 1) * 2",
    'kube_pod_status_phase{phase="Failed"}',
]


@pytest.mark.parametrize(("text", "why"), FIRES)
def test_an_alert_fires_all_the_time_where_nothing_decides(text: str, why: str) -> None:
    assert why in [said for _, said in unconditional(series(text))]


@pytest.mark.parametrize("text", QUIET)
def test_an_alert_that_something_decides_does_not(text: str) -> None:
    assert list(unconditional(series(text))) == []


def test_the_part_that_always_fires_is_told_from_the_others() -> None:
    text = "errors > 1 or vector(0)"

    ((one, why),) = unconditional(series(text))

    assert text[one.start : one.end] == "vector(0)"
    assert why == "this part of it always gives a result"


_NAMES = st.sampled_from(["a", "b{x='1'}", "c{pod=~'p.*'}", "1", "vector(2)"])
_LABELS = st.lists(st.sampled_from(["job", "pod", "x"]), unique=True).map(", ".join)


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(st.sampled_from(["sum", "max", "count"]), st.sampled_from(["by", "without"]), _LABELS, inner).map(
            lambda made: f"{made[0]} {made[1]} ({made[2]}) ({made[3]})"
        ),
        st.tuples(inner, st.sampled_from(["+", "/", "and", "or", "unless", "> bool", ">"]), inner).map(
            lambda made: f"({made[0]}) {made[1]} ({made[2]})"
        ),
        inner.map(lambda made: f"abs({made})"),
    )


@given(st.recursive(_NAMES, _deeper, max_leaves=8))
def test_every_series_stands_inside_of_its_query_and_gives_only_what_it_can_have(text: str) -> None:
    query = read_query(text)

    for one in series_of(query):
        assert 0 <= one.start < one.end <= len(text)
        assert all(one.can_have(label) for label in one.given)


@given(st.recursive(_NAMES, _deeper, max_leaves=5), _LABELS)
def test_an_aggregation_keeps_no_other_labels_than_those_of_its_by(text: str, labels: str) -> None:
    asked = frozenset(filter(None, labels.split(", ")))

    for one in series_of(read_query(f"sum by ({labels}) ({text})")):
        assert one.kept is not None
        assert one.kept <= asked


@given(st.recursive(_NAMES, _deeper, max_leaves=5))
def test_brackets_change_nothing_but_places(text: str) -> None:
    def told(query: str) -> list[tuple[object, ...]]:
        return [
            (one.given, one.kept, one.dropped, one.compared, one.always, one.number, one.dead)
            for one in series_of(read_query(query))
        ]

    assert told(f"({text})") == told(text)


def test_buckets_of_victoriametrics_are_told_apart_by_their_range() -> None:
    kept = read_query("histogram_quantile(0.9, sum by (job, vmrange) (rate(latency_bucket[5m])))").tree
    dropped = read_query("histogram_quantile(0.9, sum by (job) (rate(latency_bucket[5m])))").tree

    assert isinstance(kept, Call) and without_buckets(kept) is None
    assert isinstance(dropped, Call) and without_buckets(dropped) is not None
