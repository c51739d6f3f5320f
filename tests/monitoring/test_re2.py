"""Regular expressions that Go refuses, and those that it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.monitoring.re2 import fault_of, fault_when_anchored

REFUSED = [
    ("a(?!b)", 1, "'(?!' begins no group that Go knows: it has no look-around"),
    ("(a", 0, "'(' is not closed"),
    ("a)|(b", 1, "')' closes what is not open"),
    ("*a", 0, "'*' has nothing to repeat"),
    ("a**", 2, "'*' repeats what is repeated already"),
    ("[b-a]", 0, "'b-a' holds a range that ends before it begins"),
    ("a{1001}", 1, "'{1001}' is no number of repetitions that Go takes"),
    ("(a)\\1", 3, "'\\1' refers back to a group: Go cannot"),
    ("\\Z", 0, "'\\Z' is no escape that Go knows"),
    ("(?P<a>x)(?P<a>y)", 9, "the group 'a' is named twice"),
]
TAKEN = [
    "",
    "a|b",
    "(?i)x",
    "a{,3}",
    "[\\d-z]",
    "\\pL\\p{Greek}",
    "(?P<n>a)",
    "\\Q(\\E",
    "[]a]",
    "[[:word]]",
    "x*?",
    "\\x{41}",
]


@pytest.mark.parametrize(("source", "start", "message"), REFUSED)
def test_what_go_refuses_is_refused_at_its_place(source: str, start: int, message: str) -> None:
    assert fault_of(source) == (start, message)


@pytest.mark.parametrize("source", TAKEN)
def test_what_go_takes_is_taken(source: str) -> None:
    assert fault_of(source) is None


@given(st.text("ab()[]{}|*+?^$.\\-:<>PQEdpx012,!=", max_size=20))
def test_a_fault_lies_inside_of_the_expression(source: str) -> None:
    found = fault_of(source)

    assert found is None or 0 <= found[0] <= len(source)


def test_what_is_anchored_as_text_is_read_with_the_anchors() -> None:
    assert fault_when_anchored("a)|(b") is None
    assert fault_when_anchored("\\Qa") == (0, "what it opens is not closed")
    assert fault_when_anchored("a**") == (2, "'*' repeats what is repeated already")
