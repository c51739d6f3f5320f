"""YAML as nodes: their values, their places, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError

from devopslint.catalogue import catalogue
from devopslint.model import Location
from devopslint.readers.yaml import Node, read_yaml


def root_of(text: str, version: str = "1.2") -> Node:
    (document,) = read_yaml("file.yaml", text, version).documents
    return document.root


def shown(text: str, at: Location) -> str:
    """The characters that a location covers."""
    assert at.line == at.end_line
    return text.split("\n")[at.line - 1][at.column - 1 : at.end_column - 1]


def test_missing_value_stands_at_its_nearest_present_ancestor() -> None:
    root = root_of("spec:\n  containers:\n    - name: web\n      securityContext: {}\n")
    (container,) = root.get("spec", "containers")

    missing = container.get("securityContext", "runAsUser")

    assert not missing.exists
    assert (missing.location.line, missing.location.column, missing.location.missing) == (4, 7, True)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("name",), "'web'"),
        (("spec",), "spec"),
        (("spec", "ports"), "ports"),
        (("spec", "note"), "note"),
        (("spec", "absent", "deeper"), "spec"),
        (("empty",), "empty"),
    ],
)
def test_a_value_stands_in_the_smallest_region_that_names_it(path: tuple[str, ...], expected: str) -> None:
    text = "name: 'web'\nspec:\n  ports: [80,\n    443]\n  note: |\n    two\n    lines\nempty:\n"

    assert shown(text, root_of(text).get(*path).location) == expected


def test_an_item_of_a_list_stands_at_its_first_entry() -> None:
    text = "- name: web\n  image: a\n- {name: db}\n- plain\n"

    assert [shown(text, item.location) for item in root_of(text)] == ["name: web", "name: db", "plain"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("run: echo ${{ x }} done\n", "${{ x }}"),
        ("run: 'it''s ${{ x }}'\n", "${{ x }}"),
        ('run: "tab\\t ${{ x }}"\n', "${{ x }}"),
        ('run: "emoji 😀 ${{ x }}"\n', "${{ x }}"),
        ("run: |\n  first\n    ${{ x }}\n", "${{ x }}"),
        ("run: |2\n\n    first ${{ x }}\n", "${{ x }}"),
        ("run: >-\n  folded\n  text ${{ x }}\n  goes on\n", "${{ x }}"),
        ("run: plain\n  goes on ${{ x }}\n", "${{ x }}"),
    ],
)
def test_a_part_of_a_text_stands_where_it_is_written(text: str, part: str) -> None:
    node = root_of(text)["run"]
    begin = node.text.index(part)

    assert shown(text, node.span(begin, begin + len(part))) == part


def test_words_are_booleans_as_the_version_has_it() -> None:
    text = "on: push\na: yes\nb: off\nc: true\nd: 'true'\n"

    assert root_of(text, "1.2").plain() == {"on": "push", "a": "yes", "b": "off", "c": True, "d": "true"}
    assert root_of(text, "1.1").plain() == {"on": "push", "a": True, "b": False, "c": True, "d": "true"}


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("0o17", 15),
        ("017", 17.0),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("~", None),
        ("-.inf", -float("inf")),
    ],
)
def test_numbers_follow_the_core_schema(scalar: str, value: object) -> None:
    assert root_of(f"a: {scalar}\n")["a"].value == value


def test_merged_mappings_answer_after_the_own_keys() -> None:
    text = "base: &base {image: a, pull: Always}\nweb: {<<: *base, image: b}\nmany: {<<: [{x: 1}, {x: 2, y: 3}]}\n"
    root = root_of(text)

    assert root["web"].plain() == {"image": "b", "pull": "Always"}
    assert root["many"].plain() == {"x": 1, "y": 3}
    assert not root["web"].has("absent")


def test_of_several_merge_keys_each_is_merged_and_the_last_wins() -> None:
    text = """
slow: &slow {timeout: 2h, tags: [big]}
nightly: &nightly {timeout: 3h, only: [schedules]}
job:
  <<: *slow
  <<: *nightly
  script: make soak
"""
    (document,) = read_yaml("file.yaml", text).documents

    expected = {"script": "make soak", "timeout": "3h", "only": ["schedules"], "tags": ["big"]}
    assert document.root["job"].plain() == expected
    assert document.root["job"]["tags"].plain() == ["big"]
    assert document.duplicates == []


def test_a_repeated_key_is_read_both_ways() -> None:
    (document,) = read_yaml("file.yaml", "a: 1\nb: {c: 1, c: 2}\na: 2\n").documents

    assert [(first.line, again.line) for first, again in document.duplicates] == [(2, 2), (1, 3)]
    assert [root.plain() for root in document.readings] == [{"a": 2, "b": {"c": 2}}, {"a": 1, "b": {"c": 1}}]


def test_documents_around_a_broken_one_are_read() -> None:
    stream = read_yaml("file.yaml", "a: 1\n---\nb: [\n---\nc: }\n---\nd: 1\n")

    assert [document.root.plain() for document in stream.documents] == [{"a": 1}, {"d": 1}]
    assert [fault.location.line for fault in stream.faults] == [4, 5]


@pytest.mark.parametrize("text", ["a: 1\r\nb:\r\n  - c: 2\r\n", "\ufeffa: 1\nb:\n  - c: 2\n", "a: 1\rb:\r  - c: 2\r"])
def test_line_ends_and_byte_order_marks_move_nothing(text: str) -> None:
    (item,) = root_of(text)["b"]

    assert (item["c"].location.line, item["c"].location.column) == (3, 8)


def test_an_extent_is_the_largest_thing_that_begins_on_the_line() -> None:
    text = "jobs:\n  test:\n    steps:\n      - run: |\n          a\n          b\n\n      - run: c\n  lint: {}\n"
    stream = read_yaml("file.yaml", text)

    assert [stream.extent(line) for line in (1, 2, 4, 8, 9)] == [(1, 9), (2, 8), (4, 6), (8, 8), (9, 9)]


def test_a_second_reader_of_yaml_gives_the_same_values() -> None:
    texts = [
        text
        for entry in catalogue().values()
        for files in (*entry.bad, *entry.good)
        for path, text in files.items()
        if path.endswith((".yaml", ".yml"))
    ]
    compared, different = 0, []
    for text in texts:
        stream = read_yaml("file.yaml", text)
        nodes = (node for document in stream.documents for node in document.root.walk())
        keys = {key.text for node in nodes for key, _ in node.items()}
        if (
            stream.faults
            or any(document.duplicates for document in stream.documents)
            or any("\0" in key for key in keys)
        ):
            continue
        try:
            same = [document.root.plain() for document in stream.documents] == list(YAML(typ="safe").load_all(text))
        except (ConstructorError, RecursionError):
            continue  # a tag of somebody's own, or a value that holds itself
        compared += 1
        if not same:
            different.append(text)

    assert different == []
    assert compared > 0.9 * len(texts)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#\n\t \\,?%@`~<é😀\r\x85\u2028\0", max_size=60))
@settings(max_examples=200)
def test_any_text_gives_documents_or_faults(text: str) -> None:
    stream = read_yaml("file.yaml", text)

    for document in stream.documents:
        for node in document.root.walk():
            assert node.location.line >= 1
            assert node.last_line <= len(stream.source.line_starts)
            assert node["absent"].location.missing
            node.span(0, len(node.text))


def test_an_anchor_is_unused_where_no_alias_stands_before_the_next_of_its_name() -> None:
    stream = read_yaml("a.yaml", "a: &x 1\nb: &x 2\nc: *x\n--- !!map &y\nd: *z\n---\ne: !!str &z f\n")

    assert [(name, place.line, place.column) for d in stream.documents for name, place in d.unused_anchors] == [
        ("x", 1, 4),
        ("z", 7, 10),
    ]
