"""Expressions of GitHub Actions: their trees, faults and references."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.github.expressions import (
    DEEPEST,
    Comparison,
    Expression,
    Literal,
    Logical,
    Not,
    condition,
    expressions,
    fold,
    references,
    truth,
    walk,
)
from tests.work import lines_run


def paths(text: str) -> list[str]:
    return [reference.text for span in expressions(text) if span.tree for reference in references(span.tree)]


def fault(text: str) -> tuple[str, str]:
    (span,) = expressions(text)
    assert span.fault is not None
    return text[span.fault.start : span.fault.end], span.fault.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ github.event.pull_request.title }}", ["github.event.pull_request.title"]),
        ("${{ GitHub['event'].Head_Ref }}", ["github.event.head_ref"]),
        ("a ${{ github.actor }} b ${{ env.X-y }}", ["github.actor", "env.x-y"]),
        ("${{ github.event.*.body }}", ["github.event.*.body"]),
        ("${{ github.event.commits[*].message }}", ["github.event.commits.*.message"]),
        ("${{ matrix[env.key].name }}", ["matrix.?.name", "env.key"]),
        ("${{ fromJSON(steps.a.outputs.b).c[matrix.d] }}", ["steps.a.outputs.b", "matrix.d"]),
        ("${{ 'github.actor' }}", []),
        ("${{ '}}' }} ${{ github.ref }}", ["github.ref"]),
    ],
)
def test_references_are_the_longest_paths_in_lower_case(text: str, expected: list[str]) -> None:
    assert paths(text) == expected


def test_offsets_count_from_the_begin_of_the_text() -> None:
    text = "echo ${{ format('{0}', github.actor) }}!"
    (span,) = expressions(text)
    assert span.tree is not None
    (reference,) = references(span.tree)

    assert text[span.start : span.end] == "${{ format('{0}', github.actor) }}"
    assert text[span.tree.start : span.tree.end] == "format('{0}', github.actor)"
    assert text[reference.start : reference.end] == "github.actor"


def test_and_binds_closer_than_or_and_a_chain_is_one_node() -> None:
    (span,) = expressions("${{ a || b && !c && d == 'x' }}")

    assert isinstance(span.tree, Logical)
    assert span.tree.operator == "||"
    second = span.tree.operands[1]
    assert isinstance(second, Logical)
    assert [type(operand) for operand in second.operands][1:] == [Not, Comparison]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('${{ env.OS == "linux" }}', '"', "strings stand in single quotes, not in double quotes"),
        ("${{ }}", "${{ }}", "expression is empty"),
        ("${{ github.ref", "${{", "'${{' is not closed by '}}'"),
        ("${{ a = b }}", "=", "unexpected '='; the operator is '=='"),
        ("${{ a b }}", "b", "unexpected 'b' where the end of the expression is expected"),
        ("${{ contains(a, ) }}", ")", "unexpected ')' where a value is expected"),
        ("${{ contains(a }}", "a", "expression ends where ',' or ')' is expected"),
        ("${{ a. }}", ".", "expression ends where a property's name or '*' is expected"),
        ("${{ 1 + 2 }}", "+", "'+' is not a number; expressions have no arithmetic"),
        ("${{ 'it }}", "'", "string does not end: its closing single quote is missing"),
    ],
)
def test_syntax_fault_stands_at_the_token_that_is_wrong(text: str, place: str, message: str) -> None:
    assert fault(text) == (place, message)


def test_text_after_a_broken_expression_is_still_read() -> None:
    assert paths('${{ "x" }} ${{ github.ref }}') == ["github.ref"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("${{ false }}", False),
        ("!null", True),
        ("'false'", True),
        ("''", False),
        ("0x10 == 16", True),
        ("'ABC' == 'abc'", True),
        ("true == '1'", True),
        ("null == 0", True),
        ("NaN", False),
        ("true && 42 || !null", True),
        ("false && github.ref == 'x'", False),
        ("true && github.ref", None),
        ("contains(format('{0} {1}', 'foo', 'bar'), 'O B')", True),
        ("startsWith('release/1', 'main')", False),
        ("format('{0}')", None),
        ("always()", None),
        ("github.ref", None),
    ],
)
def test_truth_is_known_where_no_context_decides(text: str, expected: bool | None) -> None:
    span = condition(text)
    assert span is not None
    assert span.tree is not None

    assert truth(span.tree) is expected


@pytest.mark.parametrize(
    ("layer", "inside"),
    [
        ("fromJSON(@)", "github.sha"),
        ("contains(fromJSON(@), 'a')", "github.sha"),
        ("format('{0}{0}', @)", "'ab'"),
        ("toJSON(@)", "'\"'"),
        ("join(fromJSON('[1, 2, 3]'), @)", "'ab'"),
    ],
)
def test_what_multiplies_with_each_level_is_not_followed(layer: str, inside: str) -> None:
    def nested(levels: int) -> Expression:
        text, before = inside, layer.partition("@")[0]
        for _ in range(levels // (before.count("(") - before.count(")"))):
            text = layer.replace("@", text)
        span = condition(text)
        assert span is not None
        assert span.tree is not None
        return span.tree

    deep, deepest = nested(DEEPEST // 2 - 1), nested(DEEPEST - 2)

    assert fold(deepest) is None
    assert lines_run(lambda: fold(deepest)) < 2.5 * lines_run(lambda: fold(deep))


def test_fold_gives_the_operand_that_decides() -> None:
    span = condition("'' || 'fallback'")
    assert span is not None
    assert span.tree is not None

    folded = fold(span.tree)

    assert isinstance(folded, Literal)
    assert folded.value == "fallback"


@pytest.mark.parametrize("text", ["${{ false }}\n", " ${{ a }}", "${{ a }} && ${{ b }}", "!${{ a }}"])
def test_condition_with_text_around_its_braces_is_no_expression(text: str) -> None:
    assert condition(text) is None


@pytest.mark.parametrize("text", ["(" * 5000, "a" + "[b" * 5000, "a" + ".b" * 5000, "!" * 5000 + "a", "f(" * 5000])
def test_nesting_beyond_the_limit_is_a_fault(text: str) -> None:
    span = condition(text)

    assert span is not None
    assert span.fault is not None
    assert str(DEEPEST) in span.fault.message


@pytest.mark.parametrize("part", ["${{ a && ", "${{", "'", "a || ", "${{ ' }}", "1.", "a == ", '${{ " }}'])
def test_any_repetition_is_read_inside_its_text(part: str) -> None:
    text = "${{ " + part * 25_000

    found = expressions(text)

    assert all(0 <= span.start <= span.end <= len(text) for span in found)


@given(st.text(alphabet="${}()[].,*!&|=<>'\" ab01-+\n", max_size=80))
def test_any_text_gives_spans_inside_it(text: str) -> None:
    for span in [*expressions(text), *filter(None, [condition(text)])]:
        assert 0 <= span.start <= span.end <= len(text)
        assert (span.tree is None) != (span.fault is None)
        for node in walk(span.tree) if span.tree else ():
            assert span.start <= node.start < node.end <= span.end
