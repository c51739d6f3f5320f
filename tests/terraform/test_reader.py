"""HCL as blocks, attributes and expressions: what HashiCorp's own parser reads, and places for all of it."""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.files import decode
from devopslint.terraform import expressions as hcl
from devopslint.terraform.expressions import ExpressionFault, parse_expression
from devopslint.terraform.files import HclFile, ModuleFile, ValuesFile
from devopslint.terraform.json_syntax import parse_json_expression, read_json_structure
from devopslint.terraform.reader import Attribute, Block, Structure, read_structure

GOLDEN = Path(__file__).resolve().parents[3] / "shared/labels/hcl-golden.jsonl"
"""What HashiCorp's own parser says of 148 texts; not part of the repository."""


READ_ALL_THE_SAME = {"tricky utf16.tf"}
"""Every file is read in UTF-16 where its byte order mark says so."""


def golden_rows() -> list[Any]:
    if not GOLDEN.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared is not there"))]
    rows = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
    return [pytest.param(row, id=row["where"]) for row in rows]


def attributes(body: Block) -> Iterator[Attribute]:
    yield from body.attributes
    for block in body.blocks:
        yield from attributes(block)


def faults(text: str, structure: Structure) -> list[str]:
    """`line: message` of all that is wrong with a file, its expressions too."""
    found = [(fault.start, fault.message) for fault in structure.faults]
    for attribute in attributes(structure.body):
        if attribute.value_start == attribute.value_end:
            continue
        try:
            parse_expression(text[attribute.value_start : attribute.value_end])
        except ExpressionFault as fault:
            found.append((attribute.value_start + fault.at, fault.message))
    starts = [0, *(index + 1 for index, character in enumerate(text) if character == "\n")]
    return [f"{bisect_right(starts, start)}: {message}" for start, message in sorted(found)]


def in_bytes(text: str) -> list[int]:
    """For each index of a character, how many bytes stand before it."""
    before = [0]
    for character in text:
        before.append(before[-1] + len(character.encode()))
    return before


def steps(of: Any) -> list[Any]:
    return [step if isinstance(step, str) else ["index", step.key] for step in of.steps]


def told(node: Any) -> Any:
    """An expression in the words of the golden file."""
    match node:
        case None:
            return None
        case hcl.Literal():
            return ["lit", node.value]
        case hcl.Template():
            return ["template", *map(told, node.parts)]
        case hcl.Wrapped():
            return ["wrap", told(node.inner)]
        case hcl.Parenthesised():
            return ["paren", told(node.inner)]
        case hcl.Reference():
            return ["ref", node.root, *steps(node)]
        case hcl.Relative():
            return ["rel", told(node.source), steps(node)]
        case hcl.IndexBy():
            return ["indexexpr", told(node.source), told(node.key)]
        case hcl.Splat():
            return ["splat", told(node.source), ["rel", ["each"], steps(node)] if node.steps else ["each"]]
        case hcl.Tuple():
            return ["tuple", *map(told, node.items)]
        case hcl.Object():
            keys = [["key", told(item.key), isinstance(item.key, hcl.Parenthesised)] for item in node.items]
            return ["object", *([key, told(item.value)] for key, item in zip(keys, node.items, strict=True))]
        case hcl.Call():
            return ["call", node.name, [told(argument) for argument in node.arguments], node.expanded]
        case hcl.For():
            parts = (node.source, node.key_result, node.result, node.condition)
            return ["for", node.key, node.value, *map(told, parts), node.grouped]
        case hcl.Conditional():
            return ["if", told(node.condition), told(node.yes), told(node.no)]
        case hcl.Operation():
            return ["op", node.operator, told(node.left), told(node.right)]
        case hcl.Unary():
            return ["unary", "neg" if node.operator == "-" else node.operator, told(node.operand)]
    raise AssertionError(node)


def shape(text: str, body: Block, before: list[int]) -> dict[str, Any]:
    own = sorted(body.attributes)
    return {
        "attributes": [
            [
                one.name,
                [before[one.start], before[one.value_start], before[one.value_end]],
                told(parse_expression(text[one.value_start : one.value_end])),
            ]
            for one in own
        ],
        "blocks": [
            [block.type, list(block.labels), text.count("\n", 0, block.start) + 1, shape(text, block, before)]
            for block in body.blocks
        ],
    }


def golden_shape(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "attributes": sorted([one["name"], one["bytes"], one["expr"]] for one in body["attributes"]),
        "blocks": [
            [block["type"], block["labels"] or [], block["at"][0], golden_shape(block["body"])]
            for block in body["blocks"]
        ],
    }


def view_of(path: str) -> type[HclFile]:
    return ValuesFile if path.endswith(".tfvars") else ModuleFile


@pytest.mark.parametrize("row", golden_rows())
def test_reads_what_hashicorp_reads(row: dict[str, Any]) -> None:
    text, undecodable = decode(row["text"].encode() if "text" in row else base64.b64decode(row["base64"]))

    structure = read_structure(text, values=row["where"].endswith(".tfvars"))
    found = faults(text, structure)
    assert [fault.message for fault in view_of(row["where"]).read(row["where"], text).faults] == [
        said.partition(": ")[2] for said in found
    ]

    if row["ok"]:
        assert found == []
        assert shape(text, structure.body, in_bytes(text)) == golden_shape(row["body"])
    else:
        assert found or undecodable is not None or row["where"] in READ_ALL_THE_SAME


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('resource "a" "b"\n{\n}\n', "1: expected = or { after resource, found a new line"),
        ("a {\n  x = 1 y = 2\n}\n", "2: expected the end of the expression"),
        ("a { x = 1, y = 2 }\n", "1: expected the end of the expression"),
        ("a {\n  x = 1\n  x = 2\n}\n", "3: x is set twice in one block"),
        ("a {\n  x = [1, 2\n}\n", "3: } does not close ["),
        ("a {\n  x = <<EOT\n  text\n}\n", "2: no line with EOT ends the text"),
        ("a {\n  x = 1\n", "1: block a is not closed"),
        ("x = 1\n/* on and on\n", "2: comment is not closed"),
        ('x = "one\n', "1: a string does not go on over the end of its line"),
        ("a {} b {}\n", "1: expected a new line after the block"),
        ("x = f(1\n", "1: ( is not closed"),
        ("x =\n", "1: x has no value"),
        ("{{ template }}\n", "1: expected an argument or a block, found '{{'"),
        ("x = { for = 1 }\n", "1: expected a name after for"),
        ("x = 'one'\n", '1: expected an expression, found "\'"'),
    ],
)
def test_says_what_is_wrong_and_where(text: str, expected: str) -> None:
    assert expected in faults(text, read_structure(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('x = "a b"', '"a b"'),
        ("x=1\r\n", "1"),
        ('x\t= "" # why\n', '""'),
        ("x = local.a-b.c // why\r\n", "local.a-b.c"),
        ('x = "a\rb"\n', '"a\rb"'),
        ('x = "a${b}"\n', '"a${b}"'),
        ("x = 1 /* why */\n", "1"),
        ("x = a.b[0]\n", "a.b[0]"),
        ("x = é\n", "é"),
    ],
)
def test_a_value_ends_where_its_line_says_no_more_of_it(text: str, value: str) -> None:
    structure = read_structure(f"y = 1\n{text}")

    _, attribute = structure.body.attributes
    assert structure.faults == ()
    assert f"y = 1\n{text}"[attribute.value_start : attribute.value_end] == value


def test_goes_on_behind_a_broken_block() -> None:
    text = 'module "a" {\n<<<<<<< ours\n  x = 1\n}\n\nlocals {\n  y = 2\n}\nmodule "b" {\n  z = [\nmodule "c" {\n}\n'

    structure = read_structure(text)

    assert [(block.labels, block.broken) for block in structure.body.blocks] == [
        (("a",), True),
        ((), False),
        (("b",), True),
        (("c",), False),
    ]
    assert faults(text, structure) == [
        "2: expected an argument or a block, found '<<<<<<<'",
        "10: [ is not closed",
    ]


def test_a_value_ends_before_what_is_said_behind_it() -> None:
    text = "x = [1, # one\n  2] /* two */ // three\ny = <<-A # no comment\n"

    first = read_structure(text).body.attributes[0]

    assert text[first.value_start : first.value_end] == "[1, # one\n  2]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<-A\n    one\n      two\n    A", "one\n  two\n"),
        ("<<A\n  one $${x} %%{y} \\n\nA", "  one ${x} %{y} \\n\n"),
        ('"a\\t\\u00e9\\"$${x}"', 'a\té"${x}'),
        ("<<-A\n  one\n\n  two\nA", "one\n\ntwo\n"),
    ],
)
def test_a_text_says_what_terraform_would_take_from_it(text: str, expected: str) -> None:
    assert told(parse_expression(text)) == ["template", ["lit", expected]]


@pytest.mark.parametrize("text", ["max (1, 2)", "[max\n  (1, 2)]", "{ a = max/* of */(1, 2) }"])
def test_blanks_may_stand_before_the_arguments_of_a_call(text: str) -> None:
    tree = parse_expression(text)

    calls = [node for node in hcl.walk(tree) if isinstance(node, hcl.Call)]
    assert [(call.name, len(call.arguments)) for call in calls] == [("max", 2)]


def test_directives_in_a_text_are_conditionals_and_loops() -> None:
    tree = parse_expression('"%{ if a }x%{ else }y%{ endif }%{ for k, v in m ~}  ${v}%{ endfor }"')

    assert told(tree) == [
        "template",
        ["if", ["ref", "a"], ["template", ["lit", "x"]], ["template", ["lit", "y"]]],
        ["for", "k", "v", ["ref", "m"], None, ["template", ["lit", ""], ["ref", "v"]], None, False],
    ]


def test_json_gives_the_structure_of_the_native_syntax() -> None:
    text = """{"resource": {"aws_x": {"//": "c", "y": {"n": "a-${var.n}", "lifecycle": {"ignore_changes": ["z"]}}}},
        "terraform": [{"backend": {"s3": {"bucket": "b"}}}, {"required_version": ">= 1.7"}]}"""

    body = read_json_structure(text).body

    resource, first, second = body.blocks
    assert (resource.type, resource.labels) == ("resource", ("aws_x", "y"))
    assert [block.type for block in resource.blocks] == ["lifecycle"]
    (name,) = resource.attributes
    assert told(parse_json_expression(text[name.value_start : name.value_end])) == [
        "template",
        ["lit", "a-"],
        ["ref", "var", "n"],
    ]
    assert first.blocks[0].labels == ("s3",)
    assert second.attributes[0].name == "required_version"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', "} comes too early"),
        ('{"a" 1}', "expected a colon"),
        ("[1]", "expected an object"),
        ('{"a": 1} x', "expected the end of the file"),
        ('{"a": 01}', "expected a comma"),
        ('{"locals": 1}', "expected an object in locals"),
        ("\ufeff{}", "JSON does not begin with a byte order mark"),
    ],
)
def test_says_what_is_wrong_with_json(text: str, expected: str) -> None:
    assert [fault.message for fault in read_json_structure(text).faults] == [expected]


HOSTILE = {
    "brackets": "a = " + "[" * 100_000,
    "braces": "a = " + "{" * 100_000,
    "blocks": "a {\n" * 100_000,
    "interpolations": 'a = "' + '${"' * 50_000,
    "closed brackets": "a = " + "[" * 100_000 + "]" * 100_000 + "\n",
    "attributes": "".join(f"a{number} = 1\n" for number in range(100_000)),
    "labels": "a" + ' "x"' * 100_000 + " {}\n",
    "steps": "a = x" + ".y" * 100_000 + "\n",
    "indexes": "a = x" + "[0]" * 100_000 + "\n",
    "sums": "a = " + "1+" * 100_000 + "1\n",
    "negations": "a = " + "!" * 100_000 + "x\n",
    "conditionals": "a = " + "x ? 1 : " * 20_000 + "1\n",
    "splats": "a = x" + "[*]" * 20_000 + "\n",
    "heredocs": "".join(f"a{number} = <<E{number}\nx\nE{number}\n" for number in range(10_000)),
    "open heredocs": 'resource "a" "b" {\n  x = <<E\n' * 10_000,
    "open heredocs of their own": "".join(f'module "a" {{\n  x = <<E{number}\n' for number in range(10_000)),
    "open brackets, over and over": 'resource "a" "b" {\n  x = [\n' * 20_000,
    "comments that do not end": 'resource "a" /*\n' * 20_000,
    "a long text": 'a = "' + "x" * 5_000_000 + '"\n',
    "an open comment": "/*" + "x" * 5_000_000,
    "directives": 'a = "' + "%{ if x }" * 20_000 + '"\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_reads_in_linear_time_what_is_meant_to_break_it(name: str) -> None:
    text = HOSTILE[name]

    structure = read_structure(text)

    faults(text, structure)  # raises nothing
    assert structure.body.end == len(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"locals": ' + "[" * 100_000])
def test_deep_json_is_a_fault(text: str) -> None:
    assert read_json_structure(text).faults[-1].message == "more than 250 values inside each other"


MARKS = '}|"|[|]|(|)|*/|, | ? | : |...|=>|/*|\\|é|x = |${|%{ if x }|%{ endif }|for k, v in m : |\ufeff'
LINES = ("\n", "\r\n", "1\n", 'resource "a" "b" {\n', "<<-E\n", "E\n", "# c\n", '"${')
PIECES = st.sampled_from((*MARKS.split("|"), *LINES))


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_any_text_gives_a_structure_whose_places_lie_in_it(text: str) -> None:
    structure = read_structure(text)

    for fault in structure.faults:
        assert 0 <= fault.start <= len(text)
    for attribute in attributes(structure.body):
        assert 0 <= attribute.start < attribute.value_start <= attribute.value_end <= len(text)
        value = text[attribute.value_start : attribute.value_end]
        try:
            tree = parse_expression(value)
        except ExpressionFault as fault:
            assert 0 <= fault.at <= len(value)
            continue
        for node in hcl.walk(tree):
            assert 0 <= node.start <= node.end <= len(value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)
       | st.dictionaries(st.text(), inner), max_leaves=20))  # fmt: skip
def test_any_json_value_is_read_as_it_is(value: Any) -> None:
    text = json.dumps({"x": value})

    structure = read_json_structure(text, values=True)

    assert structure.faults == ()
    (attribute,) = structure.body.attributes
    assert text[attribute.value_start : attribute.value_end] == json.dumps(value)


def test_a_file_that_jinja_writes_is_listed_and_not_faulted() -> None:
    text = 'zone = "{{ zone }}"\nvolumes = {\n{% for hub in hubs -%}\n  "{{ hub }}" = 10\n{% endfor %}\n}\n'

    file = ValuesFile.read("template.tfvars", text)

    assert not file.faults
    assert [(one.reason, one.line) for one in file.not_checked] == [
        ("is a template: what it renders to is not known here", 3)
    ]


def test_what_is_only_broken_is_no_template() -> None:
    file = ValuesFile.read("prod.tfvars", 'zone = "a\n# {% of all\n')

    assert [fault.message for fault in file.faults] == ["a string does not go on over the end of its line"]
