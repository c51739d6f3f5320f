"""What series an expression can give: which labels they have, and whether something decides if there are any.

An expression gives several kinds of series where `or` joins them; each is followed by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled, dataclass, field, replace
from devopslint.monitoring.promql import (
    COMPARISONS,
    FUNCTIONS,
    MOST_OPERATORS,
    Aggregation,
    Binary,
    Call,
    Expression,
    Negation,
    Number,
    Parenthesis,
    Query,
    Range,
    Selector,
    Subquery,
    Text,
)

_ABSENT = frozenset(("absent", "absent_over_time"))
_WITHOUT_LABELS = frozenset(
    ["days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year"]
)
_NUMBERS = frozenset(["pi", "time", "start", "end", "range", "step", "scalar", "min_of", "max_of"])
_TOLD_BY_LABELS = compiled(
    r"(?:_info|_metadata|_labels|_status|_states?|_phase|_conditions?|_reason|_health|^ALERTS)\Z"
)
"""Of metrics that are always 1, and whose labels say what is the matter."""
_STATES = frozenset(["phase", "state", "status", "condition", "ready", "health"])
"""Labels whose values are what is the matter."""
_IDENTITIES = frozenset(
    [
        "__name__",
        "job",
        "instance",
        "namespace",
        "exported_namespace",
        "service",
        "pod",
        "container",
        "cluster",
        "env",
        "environment",
        "region",
        "zone",
        "node",
        "name",
        "endpoint",
        "app",
    ]  # words read better than quotes
)
_CHANGES = frozenset(("rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets"))
"""What is 0 of something that stays the same."""
_SAME = frozenset(
    ("max_over_time", "min_over_time", "avg_over_time", "last_over_time", "first_over_time", "sort", "abs")
)
_ROUNDING = frozenset(("ceil", "floor", "round"))
_RATES = frozenset(("rate", "irate", "deriv"))


@dataclass(frozen=True)
class Series:
    """One kind of series that an expression can give."""

    start: int
    end: int
    given: frozenset[str] = frozenset()
    """The labels that each of them has."""
    kept: frozenset[str] | None = None
    """The only labels that it can have; None where any other may be there."""
    dropped: frozenset[str] = frozenset()
    """Labels that it cannot have."""
    reason: str = ""
    """What drops labels."""
    compared: bool = False
    """Whether a comparison decides if there are any."""
    always: bool = False
    """Whether there is always one."""
    number: float | None = None
    """Its value, where that is known."""
    returns_bool: bool = False
    """Whether a comparison with `bool` says 0 or 1 of it and decides nothing."""
    excepted: bool = False
    """Whether `unless` decides if there are any."""
    joined_compared: bool = False
    """Whether what it is joined with is compared."""
    operation: str = ""
    """The last function or aggregation that it went through."""
    rate: str = ""
    """The function that made a rate of it, where it is one still."""
    absence: bool = False
    """Whether it is there only where something else is not."""
    dead: bool = False
    """Whether there can never be one."""
    scalar: bool = False
    reasons: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
    """By the label what dropped it."""

    def can_have(self, label: str) -> bool:
        if label in self.given:
            return True
        return label not in self.dropped and (self.kept is None or label in self.kept)

    def why_not(self, label: str) -> str:
        return self.reasons.get(label, self.reason)


def series_of(query: Query) -> tuple[Series, ...]:
    """The kinds of series that a query can give; none where that cannot be followed."""
    if query.tree is None or query.foreign or query.fault is not None or query.operators > MOST_OPERATORS:
        return ()
    return tuple(_series(query.tree))


def _only(one: Series, labels: tuple[str, ...], reason: str) -> Series:
    able = frozenset(name for name in labels if one.can_have(name))
    # A label that was dropped before keeps its own reason.
    reasons = {name: one.why_not(name) for name in labels if name not in able}
    given = one.given & able
    return replace(one, given=given, kept=able, dropped=frozenset(), reason=reason, reasons=reasons)


def _without(one: Series, labels: tuple[str, ...], reason: str) -> Series:
    names = frozenset(labels)
    return replace(
        one,
        given=one.given - names,
        dropped=one.dropped | names,
        kept=None if one.kept is None else one.kept - names,
        reasons={**one.reasons, **dict.fromkeys(labels, reason)},
    )


def _with(one: Series, labels: tuple[str, ...], *, always: bool = False) -> Series:
    names = frozenset(labels)
    return replace(
        one,
        given=one.given | names if always else one.given,
        dropped=one.dropped - names,
        kept=None if one.kept is None else one.kept | names,
        reasons={name: reason for name, reason in one.reasons.items() if name not in names},
    )


def _series(node: Expression) -> list[Series]:
    if isinstance(node, Parenthesis | Range | Subquery):
        return _series(node.of)
    if isinstance(node, Negation):
        return [replace(one, number=None) for one in _series(node.of)]
    if isinstance(node, Number):
        reason = "a number has no labels"
        return [
            Series(node.start, node.end, kept=frozenset(), reason=reason, always=True, number=node.value, scalar=True)
        ]
    if isinstance(node, Text):
        return [Series(node.start, node.end, kept=frozenset(), reason="a string has no labels", always=True)]
    if isinstance(node, Selector):
        given = frozenset(
            one.name for one in node.matchers if one.operator in ("=", "=~") and one.value and one.name != "__name__"
        )
        empty = [one.name for one in node.matchers if one.operator == "=" and not one.value]
        reasons = {name: f'{name}="" leaves out every series with the label' for name in empty}
        return [
            Series(
                node.start,
                node.end,
                given=given - set(empty),
                dropped=frozenset(empty),
                reasons=reasons,
                compared=_chooses_a_state(node),
            )
        ]
    if isinstance(node, Aggregation):
        return [_aggregated(node, one) for one in _series(node.of)]
    if isinstance(node, Call):
        return _called(node)
    return _joined(node)


def _chooses_a_state(node: Selector) -> bool:
    """Whether the labels decide: of what is told by labels, `ready!="True"` chooses those that are in a bad way.

    What a rule has recorded may be there only while a comparison in that rule holds.
    """
    if ":" in node.metric:
        return True
    asked = [one for one in node.matchers if one.name not in _IDENTITIES]
    return any(one.name in _STATES for one in asked) or (
        bool(asked) and _TOLD_BY_LABELS.search(node.metric) is not None
    )


def _aggregated(node: Aggregation, one: Series) -> Series:
    operator = node.operator
    if operator in ("topk", "bottomk"):
        return replace(one, operation=operator)
    if node.without:
        names = ", ".join(node.labels or ())
        made = _without(one, node.labels or (), f"{operator} without ({names}) drops it")
    elif node.labels:
        names = ", ".join(node.labels)
        made = _only(one, node.labels, f"{operator} by ({names}) keeps no other")
    else:
        made = _only(one, (), f"{operator} keeps no labels")
    if node.without or "__name__" not in (node.labels or ()):
        made = _without(made, ("__name__",), f"{operator} drops the name")
    if operator == "count_values" and isinstance(node.parameter, Text):
        made = _with(made, (node.parameter.value,), always=True)
    rate = "" if operator in ("count", "count_values", "group") else one.rate
    constant = one.kept == frozenset() and operator in ("sum", "avg", "max", "min")
    number = 1.0 if operator == "group" else one.number if constant else None
    return replace(made, operation=operator, rate=rate, scalar=False, number=number)


def _called(node: Call) -> list[Series]:
    name = node.name
    function = FUNCTIONS[name]
    vectors = [
        argument
        for number, argument in enumerate(node.arguments)
        if function.takes[min(number, len(function.takes) - 1)] in ("vector", "matrix")
    ]
    if name in _NUMBERS or (name in _WITHOUT_LABELS and not node.arguments):
        return [
            Series(
                node.start,
                node.end,
                kept=frozenset(),
                reason=f"{name}() gives no labels",
                always=True,
                operation=name,
                scalar=name not in _WITHOUT_LABELS,
            )
        ]
    if name == "vector":
        inner = _series(node.arguments[0])
        number = inner[0].number if len(inner) == 1 else None
        reason = "vector() gives no labels"
        return [
            Series(node.start, node.end, kept=frozenset(), reason=reason, always=True, number=number, operation=name)
        ]
    found: list[Series] = []
    for argument in vectors[:1]:
        for one in _series(argument):
            number = 0.0 if name in _CHANGES and one.number is not None else one.number if name in _SAME else None
            rate = "" if name in _ROUNDING else name if name in _RATES else one.rate
            made = replace(one, operation=name, number=number, rate=rate)
            if name in _ABSENT:
                made = _absent(node, one)
            elif name in ("label_replace", "label_join") and isinstance(node.arguments[1], Text):
                made = _with(made, (node.arguments[1].value,), always=True)
            elif name == "info":
                made = replace(made, kept=None, dropped=frozenset())
            elif name not in ("last_over_time", "first_over_time", "sort", "sort_desc"):
                made = _without(made, ("__name__",), f"{name}() drops the name")
            found.append(made)
    return found


def _absent(node: Call, one: Series) -> Series:
    """absent() gives the labels that its selector asks for with `=`, and those alone."""
    argument = node.arguments[0]
    while isinstance(argument, Parenthesis | Range):
        argument = argument.of
    labels = frozenset[str]()
    if isinstance(argument, Selector):
        equal = [m.name for m in argument.matchers if m.operator == "=" and m.value and m.name != "__name__"]
        others = {m.name for m in argument.matchers if m.operator != "="}
        labels = frozenset(name for name in equal if equal.count(name) == 1 and name not in others)
    reason = f"{node.name}() knows only the labels that its selector sets with '='"
    return Series(
        node.start, node.end, given=labels, kept=labels, reason=reason, operation=node.name, absence=True, number=1.0
    )


def _joined(node: Binary) -> list[Series]:
    left, right = _series(node.left), _series(node.right)
    if node.operator == "or":
        can_be_empty = any(not one.always or one.compared for one in left)
        return [*left, *(right if can_be_empty else [replace(one, dead=True) for one in right])]
    if not left or not right:
        return []
    if node.left.type != "vector" or node.right.type != "vector":
        return [_beside_number(node, one, other) for one in left for other in right]
    if node.operator in ("and", "unless"):
        return [_filtered(node, one, right) for one in left]
    matching = node.matching
    labels = matching.labels or ()
    found = []
    kept, others = (right, left) if matching.group == "right" else (left, right)
    for one in kept:
        names = ", ".join(labels)
        if matching.group:
            one = _with(one, matching.include)
            if matching.on:
                one = _with_possible(one, labels)
        elif matching.on:
            one = _only(one, labels, f"on ({names}) keeps no other")
        elif matching.labels is not None:
            one = _without(one, labels, f"ignoring ({names}) drops it")
        if node.operator not in COMPARISONS or matching.group or node.returns_bool:
            one = _without(one, ("__name__",), f"'{node.operator}' drops the name")
        one = replace(one, joined_compared=one.joined_compared or any(other.compared for other in others), number=None)
        found.append(_compared(node, one))
    return found


def _with_possible(one: Series, labels: tuple[str, ...]) -> Series:
    return _with(one, tuple(name for name in labels if not one.can_have(name)))


def _beside_number(node: Binary, one: Series, other: Series) -> Series:
    side, against = (one, other) if not one.scalar or other.scalar else (other, one)
    number = _reckoned(node.operator, one.number, other.number)
    made = replace(side, number=number, scalar=one.scalar and other.scalar)
    if node.operator in COMPARISONS and one.number is not None and other.number is not None:
        holds = {
            "==": one.number == other.number,
            "!=": one.number != other.number,
            "<=": one.number <= other.number,
            "<": one.number < other.number,
            ">=": one.number >= other.number,
            ">": one.number > other.number,
        }[node.operator]
        made = replace(made, dead=made.dead or (not holds and not node.returns_bool))
    elif node.operator not in COMPARISONS or node.returns_bool:
        made = _without(made, ("__name__",), f"'{node.operator}' drops the name")
    if node.operator not in COMPARISONS:
        # `0 < x < 5` hands the comparison on; so does what is reckoned with a compared value.
        made = replace(made, compared=made.compared or (against.compared and not against.scalar))
    return _compared(node, made)


def _reckoned(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if operator == "/" and right else left if operator in COMPARISONS else None


def _compared(node: Binary, one: Series) -> Series:
    if one.compared or node.operator not in COMPARISONS:
        return one
    # A second comparison of what `bool` has made decides after all.
    if node.returns_bool:
        return replace(one, returns_bool=True)
    return replace(one, compared=True, returns_bool=False)


def _filtered(node: Binary, one: Series, right: list[Series]) -> Series:
    if node.operator == "unless":
        silences = node.matching.on and not node.matching.labels and any(o.always and not o.compared for o in right)
        return replace(one, excepted=True, dead=one.dead or silences)
    if any(other.compared for other in right):
        return replace(one, compared=True)
    joined = any(other.joined_compared for other in right)
    return replace(one, joined_compared=one.joined_compared or joined)


def unconditional(series: tuple[Series, ...]) -> Iterator[tuple[Series, str]]:
    """Those whose mere presence lets an alert fire, and why nothing decides."""
    for one in series:
        if one.dead or one.excepted or one.joined_compared or one.absence or one.compared:
            continue
        if one.returns_bool:
            yield one, "bool makes 0 of what does not hold, and the alert fires for that too"
        elif one.always:
            part = "this part of it" if len(series) > 1 else "it"
            yield one, f"{part} always gives a result"
        else:
            yield one, "nothing is compared, so that every series lets it fire"
