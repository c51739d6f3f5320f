"""What is said of flat values without a parser is what their trees say."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from devopslint.terraform import expressions as hcl
from devopslint.terraform.checks import literals
from devopslint.terraform.flat import FLAT, names_in, texts_in
from devopslint.terraform.reader import read_structure
from devopslint.terraform.references import _names_in

_NAMES = ("a", "var.a", "b-c.d", "var.a.b.c.d", "true", "null", "for", "value", "name", "if", "x1")
_TEXTS = (
    '""',
    '"t"',
    '"${var.a}"',
    '"t ${ b.c }-${a}"',
    '"x = y"',
    '"# no"',
    '"${true}"',
    '"$"',
    '"name"',
    '"${a}${a}"',
)
_STEPS = ("[0]", '["k = v"]', "[*]", ".id", "[a.b]", "[true]", ".0", "[true.x]")
_SIGNS = ("{", "}", "[", "]", "(", ")", ",", "=", ":", "?", "==", "&&", "!=", "\n", " ", "# note ]\n", "f(", "1", "1.5", "-", "=>", "...")  # fmt: skip
_LEAF = st.one_of(st.sampled_from(_TEXTS), st.builds(lambda name, steps: name + "".join(steps), st.sampled_from(_NAMES), st.lists(st.sampled_from(_STEPS), max_size=3)), st.just("12"))  # fmt: skip
_KEY = st.sampled_from((*_NAMES, *_TEXTS))
_GAP = st.sampled_from(("", " ", "\n", " # note\n", "\n// , ] }\n"))
_LISTED = st.lists(st.tuples(_GAP, _LEAF), max_size=4).map(lambda all: ",".join(gap + leaf for gap, leaf in all))
_VALUES = st.one_of(
    _LEAF,
    st.tuples(_LISTED, _GAP).map(lambda one: f"[{one[0]}{one[1]}]"),
    st.tuples(st.sampled_from(_NAMES), _LISTED).map(lambda one: f"{one[0]}({one[1]})"),
    st.lists(st.tuples(_GAP, _KEY, st.sampled_from("=:"), _LEAF, st.sampled_from((",", "\n", " # note\n"))), max_size=4).map(
        lambda items: "{" + "".join(f"{gap}{key} {sign} {leaf}{end}" for gap, key, sign, leaf, end in items) + "}"
    ),
    st.tuples(_LEAF, st.sampled_from(("==", "&&", "||")), _LEAF, _LEAF, _LEAF).map(
        lambda one: "{} {} {} ? {} : {}".format(*one)
    ),
    st.lists(st.one_of(_LEAF, st.sampled_from(_SIGNS)), min_size=1, max_size=12).map("".join),
)  # fmt: skip


@given(_VALUES)
@settings(max_examples=300)
@example('{name = "A", value = "b"}')
@example('{a = 1, "a" = 2}')
@example("{for = 1}")
@example('["${a}", b["x"], "t"]')
@example('"${true}"')
def test_a_flat_value_says_without_a_parser_what_its_tree_says(value: str) -> None:
    if re.fullmatch(FLAT, value) is None:
        return

    tree = hcl.parse_expression(value)

    names, twice = names_in(value)
    in_tree, twice_in_tree = _names_in(tree)
    assert {tuple(name.split(".")[:3]) for name in names} == {tuple(name.split(".")[:3]) for name in in_tree}
    assert twice == twice_in_tree
    texts = texts_in(value, "x")
    if texts is not None:
        assert texts == [
            (name, "".join(str(part.value) if isinstance(part, hcl.Literal) else "${}" for part in node.parts), node.start, node.end)
            for name, node in literals._texts(tree, "x")
        ]  # fmt: skip


@given(_VALUES)
@settings(max_examples=150)
def test_a_flat_value_ends_where_it_would_end_otherwise(value: str) -> None:
    # Behind a comment within the statement it is read piece by piece.
    known, pieces = (read_structure(f"a {{\n  x = {comment}{value}\n}}\n") for comment in ("", "/**/"))

    ends = [[(one.name, one.value_end - one.value_start) for block in read.body.blocks for one in block.attributes] for read in (known, pieces)]  # fmt: skip
    assert ends[0] == ends[1]
    assert len(known.faults) == len(pieces.faults)
