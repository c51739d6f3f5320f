"""YAML as nodes: their values, their places, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError

from devopslint.catalogue import catalogue
from devopslint.model import Location
from devopslint.readers.yaml import DEEPEST, MOST_ALIASED, Node, Stream, read_yaml
from devopslint.readers.yaml_dialects import COMPOSE, CORE, GITLAB, KUBERNETES, KUSTOMIZE, Dialect


def root_of(text: str, dialect: Dialect = CORE) -> Node:
    (document,) = read_yaml("file.yaml", text, dialect).documents
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

    assert root_of(text).plain() == {"on": "push", "a": "yes", "b": "off", "c": True, "d": "true"}
    assert root_of(text, KUBERNETES).plain() == {"on": "push", "a": True, "b": False, "c": True, "d": "true"}


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


@pytest.mark.parametrize(
    ("scalar", "kubernetes", "compose", "gitlab"),
    [
        ("yes", True, "yes", True),
        ("y", True, "y", "y"),
        ("Off", False, "Off", False),
        ("tRuE", "tRuE", "tRuE", True),
        ("oFF", "oFF", "oFF", False),
        ("017", 15, 15, 15),
        ("08", 8, 8, "08"),
        ("0o17", 15, 15, "0o17"),
        ("+1", 1, 1, 1),
        ("00", 0, 0, 0),
        ("8_080", 8080, 8080, 8080),
        ("1,000", "1,000", "1,000", 1000),
        ("3.0", 3, 3, 3.0),
        ("1e3", 1000, 1000, "1e3"),
        ("1.5", 1.5, 1.5, 1.5),
        ("1:30", "1:30", "1:30", 5400),
        ("1e999", "1e999", "1e999", "1e999"),
        ("! 1", "1", 1, 1),
        ("Null", None, None, None),
    ],
)
def test_each_program_has_its_own_words_and_numbers(
    scalar: str, kubernetes: object, compose: object, gitlab: object
) -> None:
    for dialect, value in ((KUBERNETES, kubernetes), (COMPOSE, compose), (GITLAB, gitlab)):
        read = root_of(f"a: {scalar}\n", dialect)["a"].value
        assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("null", ["null", "~", "", "Null", "NULL"])
def test_a_null_has_no_text(null: str) -> None:
    node = root_of(f"a: {null}\nb: 1\n")["a"]

    assert (node.exists, node.present, node.text, node.value) == (True, False, "", None)
    assert root_of(f"a: '{null}'\n")["a"].text == null
    assert root_of("null: 1\n").keys() == ["null"]


def test_merge_keys_count_where_they_stand_for_some_and_last_for_others() -> None:
    text = "base: &base {a: 1, b: 1}\nlate: {a: 2, <<: *base, b: 2}\nlist: {a: 0, <<: [{a: 3}, {a: 4, c: 4}]}\n"

    for dialect in (KUBERNETES, GITLAB):
        root = root_of(text, dialect)
        assert (root["late"]["a"].value, root["late"]["b"].value) == (1, 2)
        assert root["late"].plain() == {"a": 1, "b": 2}
        assert (root["late"]["a"].location.line, root["late"]["a"].location.column) == (2, 14)
        assert root["list"].plain() == {"a": 3, "c": 4}
        assert not root["list"].has("d")
    for dialect in (CORE, COMPOSE, KUSTOMIZE):
        root = root_of(text, dialect)
        assert root["late"].plain() == {"a": 2, "b": 2}
        assert root["list"].plain() == {"a": 0, "c": 4}


def test_a_mapping_that_is_merged_into_itself_ends() -> None:
    root = root_of("a: &a\n  x: 1\n  <<: *a\n", KUBERNETES)

    assert root["a"]["x"].value == 1
    assert root["a"].keys() == ["x"]


def test_json_objects_in_a_row_are_documents_for_kubectl() -> None:
    text = '{"a": 1}{"b": "x\\ud83d\\ude80y"}\n\n{"c": "\\ud83d \\\\ud83d\\ude80"}\n'
    stream = read_yaml("a.json", text, KUBERNETES)

    assert not stream.faults
    assert [one.root.plain() for one in stream.documents] == [
        {"a": 1},
        {"b": "x\U0001f680y"},
        {"c": "\ufffd \\ud83d\ufffd"},
    ]
    assert stream.documents[1].root["b"].span(2, 3).column == text.index("y") + 1
    assert read_yaml("a.json", text).faults


def test_line_separators_end_a_comment_for_kubectl_alone() -> None:
    text = "a: 1 # one\u2028b: 2 # two\x85c: 3\n"

    assert root_of(text, KUBERNETES).plain() == {"a": 1, "b": 2, "c": 3}
    assert root_of(text).plain() == {"a": 1}


@pytest.mark.parametrize(
    ("dialect", "text", "line", "message"),
    [
        (KUBERNETES, "%YAML 1.1\n---\na: 1\n", 1, "is not read by kubectl, which refuses %YAML 1.1"),
        (KUBERNETES, "%TAG !e! tag:e:\n---\na: 1\n", 1, "is not read by kubectl, which refuses directives"),
        (
            KUBERNETES,
            "a: 1\n--- {b: 2}\n",
            2,
            "is not read by kubectl, which refuses '{b: 2}' on the line of the separator",
        ),
        (KUBERNETES, "a: 1\nb: .nan\n", 2, "is not read by kubectl: '.nan' without quotes is no text"),
        (COMPOSE, "# x\n%YAML 1.2\n---\na: 1\n", 2, "is not read by docker compose, which refuses %YAML 1.2"),
        (GITLAB, "a: [2026-11-28]\n", 1, "is not read by GitLab: '2026-11-28' without quotes is no text"),
    ],
)
def test_what_a_program_refuses_is_a_fault(dialect: Dialect, text: str, line: int, message: str) -> None:
    (fault,) = read_yaml("a.yaml", text, dialect).faults

    assert (fault.location.line, fault.message) == (line, message)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (KUBERNETES, "---\na: 1\n--- # two\nb: '.nan'\n---  \n"),
        (COMPOSE, "%YAML 1.1\n---\na: 1\n"),
        (GITLAB, "a: '2026-11-28'\nb: !!str 2026-11-28\nc: 2026-11\n"),
        (KUSTOMIZE, "--- {a: 1}\n"),
        (CORE, "%YAML 1.2\n--- {a: .nan}\n"),
    ],
)
def test_what_a_program_reads_is_no_fault(dialect: Dialect, text: str) -> None:
    assert not read_yaml("a.yaml", text, dialect).faults


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


DEFINITIONS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: backups.example.org}
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            type: object
# less far in than anything of the schema
            description: >-
              openAPIV3Schema: not this one
    served: true
  - name: v2
    schema:
      openAPIV3Schema:
        type: object

    served: false
---
kind: ConfigMap
data:
  crd.yaml: |
    kind: CustomResourceDefinition
    spec:
      openAPIV3Schema:
        type: object
---
spec:
  versions: [{name: v1, served: true}]
kind: CustomResourceDefinition
"""


def places(stream: Stream) -> list[tuple[str, Location]]:
    return [(node.text, node.location) for document in stream.documents for node in document.root.walk()]


def test_no_nodes_are_made_of_the_schemas_of_custom_resources() -> None:
    stream = read_yaml("crd.yaml", DEFINITIONS, KUBERNETES)
    assert not stream.faults
    first = stream.documents[0].root
    assert [version.keys() for version in first.get("spec", "versions")] == [["name", "schema", "served"]] * 2
    assert not any(version.get("schema", "openAPIV3Schema").present for version in first.get("spec", "versions"))
    assert stream.documents[1].root.get("data", "crd.yaml").text.endswith("openAPIV3Schema:\n    type: object\n")


def test_what_stands_behind_a_schema_keeps_its_place() -> None:
    whole = places(read_yaml("crd.yaml", DEFINITIONS, KUBERNETES._replace(unasked=None)))
    short = places(read_yaml("crd.yaml", DEFINITIONS, KUBERNETES))
    schemas = {*range(8, 15), 18, 19}
    assert len(short) < len(whole)
    assert [(text, at) for text, at in short if at.line not in schemas] == [
        (text, at) for text, at in whole if at.line not in schemas
    ]
    served = read_yaml("crd.yaml", DEFINITIONS, KUBERNETES).documents[0].root.get("spec", "versions")
    assert [version["served"].location.line for version in served] == [15, 21]


def test_a_schema_in_a_schema_is_left_out_with_it() -> None:
    nested = """kind: CustomResourceDefinition
spec:
  versions:
    - schema:
        openAPIV3Schema:
          properties:
            schema:
              properties:
                openAPIV3Schema:
                  type: object
              type: object
      served: true
"""
    stream = read_yaml("crd.yaml", nested, KUBERNETES)
    assert not stream.faults
    (version,) = stream.documents[0].root.get("spec", "versions")
    assert version.keys() == ["schema", "served"]
    assert not version.get("schema", "openAPIV3Schema").present
    assert version["served"].location.line == 12


def test_a_definition_that_is_broken_is_read_as_a_whole() -> None:
    behind = read_yaml("crd.yaml", DEFINITIONS.replace("served: false", "served: ]"), KUBERNETES)
    assert [fault.location.line for fault in behind.faults] == [21]
    # A quoted text may go on at the margin, which ends the block for who looks at the indentation alone.
    quoted = read_yaml("crd.yaml", DEFINITIONS.replace("type: object\n#", 'type: "obj\n  ect: ["\n#'), KUBERNETES)
    assert not quoted.faults
    assert quoted.documents[0].root.get("spec", "versions").strings() == []
    schema = next(iter(quoted.documents[0].root.get("spec", "versions"))).get("schema", "openAPIV3Schema")
    assert schema.get("properties", "spec", "type").text == "obj ect: ["


def test_an_anchor_that_a_schema_uses_is_used() -> None:
    used = DEFINITIONS.replace("name: v1\n    schema", "name: &name v1\n    schema").replace(
        "type: object\n#", "type: *name\n#"
    )
    (document, *_) = read_yaml("crd.yaml", used, KUBERNETES).documents
    assert [name for name, _ in document.unused_anchors] == []


def test_aliases_that_multiply_stand_for_nothing_beyond_a_bound_and_the_first_is_a_fault() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    stream = read_yaml("a.yaml", f"{bomb}last: *a0\n")

    assert [(fault.location.line, fault.message) for fault in stream.faults] == [
        (6, f"aliases stand for more than {MOST_ALIASED:,} values")
    ]
    root = stream.documents[0].root
    assert root["last"].strings()[0].text == "x"
    assert not root.get("a29").is_scalar and not next(iter(root["a29"])).present


def test_aliases_within_aliases_nest_no_deeper_than_what_is_written() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))
    stream = read_yaml("a.yaml", chain)

    assert [(fault.location.line, fault.message) for fault in stream.faults] == [
        (DEEPEST - 1, f"nests deeper than {DEEPEST} levels")
    ]


def test_mappings_that_are_merged_one_into_the_other_nest_in_nothing() -> None:
    chain = "a0: &a0 {k0: x}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 300))
    stream = read_yaml("a.yaml", chain)

    assert stream.faults == []
    assert stream.documents[0].root["a299"]["k0"].text == "x"
