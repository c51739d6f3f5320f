"""Regular expressions of strangers: what they match, and that none of them takes long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.readers.regular_expressions import RegularError, regular
from tests.work import lines_run

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", r"\.", "^", "$", r"\b", "1"])
MANY = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS, st.text("ab1. ", max_size=8))
def test_it_matches_what_other_matchers_match(expression: str, text: str) -> None:
    assert regular(expression).found_in(text) == bool(re.search(expression.replace("$", r"\Z"), text))


@pytest.mark.parametrize(
    ("expression", "text", "matches"),
    [
        ("(?i)sc2086:.+", "SC2086: quote", True),
        ("SC(2086|2046)|SC1091", "SC2046", True),
        ("SC(2086|2046)|SC1091", "SC2004", False),
        (r"label \"rack-\d+\" is", 'label "rack-77" is unknown', True),
        ("(?P<code>SC[0-9]{4}):", "SC2086:", True),
        ("a{,2}", "a{,2}", True),
        ("a{²}", "a{²}", True),
        ("a{02}", "aa", False),
        ("a{3,}b", "aaaab", True),
        ("", "anything", True),
        ("[]a]", "]", True),
        ("a|", "b", True),
    ],
)
def test_it_reads_what_configurations_hold(expression: str, text: str, matches: bool) -> None:
    assert regular(expression).found_in(text) is matches


@pytest.mark.parametrize(
    "expression",
    [
        "(",
        ")",
        "[a",
        "*",
        "(?=a)",
        "(?<!a)",
        r"\1",
        r"\p{L}",
        "a{3,2}",
        "a{1001}",
        "a**",
        "a+{2}",
        "[b-a]",
        "(" * 60,
        "a" * 2000,
        "(a{999}){999}",
    ],
)
def test_it_says_what_it_does_not_understand(expression: str) -> None:
    with pytest.raises(RegularError):
        regular(expression)


@pytest.mark.parametrize(
    "expression", ["(a+)+b", "(a*)*b", "(a|a)*b", "a*" * 100 + "b", "(.*){100}b", f"[{MANY}a]{{999}}b"]
)
def test_the_work_of_an_expression_grows_with_the_text(expression: str) -> None:
    known = regular(expression)

    assert not known.found_in("a" * 120)
    assert lines_run(lambda: known.found_in("a" * 120)) < 2.5 * lines_run(lambda: known.found_in("a" * 60))


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_is_refused(expression: str) -> None:
    try:
        regular(expression).found_in("a message")
    except RegularError as error:
        assert str(error)
