"""Changes to YAML: what is written, what stays, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from devopslint.model import Edit, Location
from devopslint.readers.rewriting import Refused, Rewriting, Uncomment
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_changes import Append, Change, Drop, Put, Remove, Rename, Rewrite, rewritten
from devopslint.readers.yaml_file import YamlFile
from devopslint.readers.yaml_proof import Meant, prove


def changed(text: str, *offers: Any) -> Rewriting:
    """Each offer is a function of the root that gives a change, or a change."""
    view = YamlFile.read("a.yaml", text)
    made = [[offer(view.root) if callable(offer) else offer] for offer in offers]
    return rewritten(view, text, made)


def put(*keys: str, value: Any, at: tuple[str, ...] = (), **where: Any) -> Any:
    return lambda root: Put(root.get(*at), keys, value, **where)


def test_new_keys_of_one_mapping_become_one_block() -> None:
    text = "spec:\n  containers:\n    - name: web\n      image: a # pinned later\n    - name: b\n"

    def first(root: Node) -> Node:
        return next(iter(root.get("spec", "containers")))

    done = changed(
        text,
        lambda root: Put(first(root), ("securityContext", "privileged"), False),
        lambda root: Put(first(root), ("securityContext", "capabilities", "drop"), ["ALL"]),
    )

    assert done.text == (
        "spec:\n  containers:\n    - name: web\n      image: a # pinned later\n      securityContext:\n        privileged: false\n"
        "        capabilities:\n          drop:\n            - ALL\n    - name: b\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  b: 1\n", "a:\n  b: 1\n  c: 5\n"),
        ("a:\n    b: 1\n", "a:\n    b: 1\n    c: 5\n"),
        ("a:\n  b: 1", "a:\n  b: 1\n  c: 5"),
        ("a:\r\n  b: 1\r\nd: 2\r\n", "a:\r\n  b: 1\r\n  c: 5\r\nd: 2\r\n"),
        ("\ufeffa:\n  b: 1\n", "\ufeffa:\n  b: 1\n  c: 5\n"),
        ("a: {b: 1}\n", "a: {b: 1, c: 5}\n"),
        ("a: {}\n", "a: {c: 5}\n"),
        ('{"a": {"b": 1}}\n', '{"a": {"b": 1, "c": 5}}\n'),
        ('{"a": {}}\n', '{"a": {"c": 5}}\n'),
        ("a:\nd: 2\n", "a:\n  c: 5\nd: 2\n"),
        ("[x]: 1\na: {b: 1}\n? {y: z}\n: 2\n", "[x]: 1\na: {b: 1, c: 5}\n? {y: z}\n: 2\n"),
        ("x: | # why\n  y # no comment\na: {}\n", "x: | # why\n  y # no comment\na: {c: 5}\n"),
        ("a: # what for\n", "a: # what for\n  c: 5\n"),
        ("a:\n  b: |\n    x\n\nd: 2\n", "a:\n  b: |\n    x\n  c: 5\n\nd: 2\n"),
        ("a:\n  c: 1 # why\n", "a:\n  c: 5 # why\n"),
        ("a:\n  c:\n", "a:\n  c: 5\n"),
        ("a:\n  c: '1'\n", "a:\n  c: 5\n"),
        ("a:\n  b: 1\n# below\n", "a:\n  b: 1\n  c: 5\n# below\n"),
        ("---\nx: 1\n---\na: {b: 1}\n", "---\nx: 1\na:\n  c: 5\n---\na: {b: 1}\n"),
    ],
)
def test_a_value_goes_in_and_the_rest_stays(text: str, expected: str) -> None:
    assert changed(text, put("a", "c", value=5)).text == expected


def test_where_a_new_key_stands_can_be_said() -> None:
    text = "name: ci\non: push\n\n# what is done\njobs: {}\n"

    above = changed(text, put("permissions", "contents", value="read", before="jobs"))
    behind = changed(text, put("permissions", "contents", value="read", after=("name",)))

    assert above.text == "name: ci\non: push\n\npermissions:\n  contents: read\n\n# what is done\njobs: {}\n"
    assert behind.text == "name: ci\npermissions:\n  contents: read\non: push\n\n# what is done\njobs: {}\n"


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("a: 1\nb: 2\nc: 3\n", lambda root: Drop(root, "b"), "a: 1\nc: 3\n"),
        ("a: {b: 1, c: 2}\n", lambda root: Drop(root["a"], "c"), "a: {b: 1}\n"),
        ("a: {b: 1, c: 2}\n", lambda root: Drop(root["a"], "b"), "a: {c: 2}\n"),
        ("a:\n  - x\n  - y # why\n", lambda root: Append(root["a"], "z"), "a:\n  - x\n  - y # why\n  - z\n"),
        ("a: [x]\n", lambda root: Append(root["a"], "z"), "a: [x, z]\n"),
        ("a: []\n", lambda root: Append(root["a"], "z"), "a: [z]\n"),
        ("a: [x, y, x]\n", lambda root: Remove(root["a"], 2), "a: [x, y]\n"),
        ("a:\n  - x\n  - y\n", lambda root: Remove(root["a"], 0), "a:\n  - y\n"),
        ("a: 1 # why\nb: 2\n", lambda root: Rename(root, "a", "c"), "c: 1 # why\nb: 2\n"),
        ('"a": 1\n', lambda root: Rename(root, "a", "c"), '"c": 1\n'),
        ("run: |\n  echo $a\n  true\n", lambda root: Rewrite(root["run"], 5, 7, "${A}"), "run: |\n  echo ${A}\n  true\n"),
        (
            "a: 1 # devopslint: allow x\n",
            lambda root: Uncomment(Location("a.yaml", 1, 6, 1, 20), "devopslint:"),
            "a: 1\n",
        ),
        (
            "# devopslint: allow x\na: 1\n",
            lambda root: Uncomment(Location("a.yaml", 1, 1, 1, 20), "devopslint:"),
            "a: 1\n",
        ),
        ("on: push\n", lambda root: Edit(Location("a.yaml", 1, 1, 1, 3), '"on"'), '"on": push\n'),
    ],
)  # fmt: skip
def test_other_changes_touch_nothing_else(text: str, change: Any, expected: str) -> None:
    assert changed(text, change).text == expected


@pytest.mark.parametrize(
    ("text", "change", "reason"),
    [
        ("a: &x {b: 1}\nd: *x\n", put("a", "c", value=5), "its value is used in several places, by an alias or a merge"),
        (
            "x: &x {c: {d: 1}}\na:\n  <<: *x\n",
            put("a", "c", "e", value=5),
            "its value is used in several places, by an alias or a merge",
        ),
        ("a: [1]\n", put("a", "c", value=5), "'a' is no mapping"),
        ("a: {c: {d: 1}}\n", put("a", "c", value=5), "'c' has a value already"),
        ("a: {c: &x 1}\nb: *x\n", put("a", "c", value=5), "its value is used in several places, by an alias or a merge"),
        ("a: 1\n# why\nb: 2\n", lambda root: Edit(Location("a.yaml", 2, 1, 3, 1), ""), "a comment would get lost"),
        ("a: 1\nb: 2\n", lambda root: Edit(Location("a.yaml", 1, 4, 1, 5), "3"), "a would be another value"),
        ("a: 1\nb: 2 # why\n", lambda root: Drop(root, "b"), "a comment would get lost"),
        ("a: 1\n", lambda root: Drop(root, "a"), "'a' is all that is there"),
        ("a: 1 # note\n", lambda root: Uncomment(Location("a.yaml", 1, 6, 1, 9), "devopslint:"), "there is no comment"),
    ],
)  # fmt: skip
def test_what_cannot_be_proved_is_refused_with_the_reason(text: str, change: Any, reason: str) -> None:
    done = changed(text, change)

    assert done.text == text
    assert done.refused == {0: reason}


def test_one_bad_offer_does_not_keep_the_others_from_being_followed() -> None:
    done = changed("a: {b: 1}\nd: 2\n", put("a", "c", value=5), lambda root: Drop(root, "z"), put("d", value=3))

    assert done.text == "a: {b: 1, c: 5}\nd: 3\n"
    assert (done.taken, done.refused) == ((0, 2), {1: "'z' is not there"})


def test_what_other_documents_hold_does_not_matter() -> None:
    done = changed("a: {b: 1}\n---\nx: [\n--- # the last\na: 1\na: 2\n", put("a", "c", value=5))

    assert done.text == "a: {b: 1, c: 5}\n---\nx: [\n--- # the last\na: 1\na: 2\n"


def test_of_two_offers_for_one_place_the_second_waits() -> None:
    done = changed("a: 1\n", put("a", value=2), put("a", value=3))

    assert (done.text, done.taken, done.refused) == ("a: 2\n", (0,), {})


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ("a: '1'\nb: [x, y]\nc: &n {d: e}\nf: *n # z\n", "a would be another value"),
        ("a: 1\nb: [y, x]\nc: &n {d: e}\nf: *n # z\n", "b.0 would be another value"),
        ("b: [x, y]\na: 1\nc: &n {d: e}\nf: *n # z\n", "the document would be another value"),
        ("a: 1\nb: [x, y]\nc: &m {d: e}\nf: *m # z\n", "c would be another value"),
        ("a: 1\nb: [x, y]\nc: &n {d: e}\nf: {d: e} # z\n", "f would be another value"),
        ("a: 1\nb: [x, y]\nc: &n {d: e}\nf: *n\n", "a comment would get lost"),
        ("a: 1\nb: [x, y]\nc: &n {d: e}\nf: *n # z\n---\n", "the file would have other documents"),
        ("a: 1\nb: [x, y]\nc: &n {d: e}\nf: *n # z\ng: 1\n", "g would be another value"),
    ],
)
def test_the_proof_sees_every_other_difference(after: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        prove("a: 1\nb: [x, y]\nc: &n {d: e}\nf: *n # z\n", after, Meant())


KEYS = st.text("abc", min_size=1, max_size=2)
VALUES = st.recursive(
    st.one_of(st.integers(-5, 5), st.booleans(), st.text("ab:# '\"-\n", max_size=6), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(
    st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), KEYS, KEYS, st.sampled_from([True, 7, "on", "a b", ["x"]])
)
def test_whatever_a_file_holds_a_change_gives_the_value_that_was_meant_or_is_refused(
    data: dict[str, Any], outer: str, inner: str, value: Any
) -> None:
    written = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(data, written)

    done = changed(written.getvalue(), put(outer, inner, value=value))

    if done.taken:
        expected = {**data, outer: {**(data.get(outer) or {}), inner: value}}
        assert YAML(typ="safe", pure=True).load(done.text) == expected
    else:
        assert done.text == written.getvalue()
        assert done.refused[0]


def test_changes_are_all_that_the_writer_takes() -> None:
    assert set(Change.__args__) >= {Put, Drop, Append, Remove, Rename, Rewrite, Uncomment, Edit}
