"""What was looked at in a tree is all that an answer rests on: where another tree is the same there, so is the answer."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from devopslint.kubernetes.kustomize.editing import List, added_to, with_entry, with_value, without
from devopslint.readers.watching import SeenError, Unseen, Watched
from devopslint.readers.yaml import Mapping, Node, read_yaml

TEXT = """\
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  template:
    containers:
    - name: web
      image: shop/web:1.0
      env: [{name: A, value: b}]
    - name: side
      ports:
      - port: 80
"""
OTHER = "replicas: 5\nimage: shop/web:2.0\nextra: {a: {b: c}}\nname: front\n"
KEYS = (
    "kind",
    "metadata",
    "spec",
    "replicas",
    "template",
    "containers",
    "name",
    "image",
    "env",
    "labels",
    "extra",
    "b",
)


def changed(node: Node, chance: random.Random) -> Node:
    """The same with a value or two in it changed, added or taken away."""
    other = read_yaml("other.yaml", OTHER).documents[0].root
    if node.is_sequence:
        items = list(node)
        if chance.random() < 0.2:
            return List(node, items[1:] or [other["extra"]])
        at = chance.randrange(len(items))
        return List(node, [changed(item, chance) if number == at else item for number, item in enumerate(items)])
    if not node.is_mapping or chance.random() < 0.3:
        return other[chance.choice(("replicas", "image", "extra"))]
    key = chance.choice(node.keys())
    match chance.randrange(5):
        case 0:
            return without(node, key, other["extra"])
        case 1:
            return with_value(node, "extra", added_to(node, other["extra"]))
        case 2:
            return with_value(node, chance.choice(("name", "image")), other["image"])
        case _:
            return with_value(node, key, changed(node[key], chance))


def answer(node: Node, chance: random.Random) -> list[object]:
    """What a walk through a tree comes by."""
    said: list[object] = []
    for _ in range(chance.randrange(1, 12)):
        match chance.randrange(8):
            case 0:
                said.append(node.location)
            case 1:
                said.append(len(node))
            case 2:
                said.append(node.keys())
            case 3:
                said.append((node.text, node.exists, node.value, node.is_mapping))
            case 4:
                said.append(node.last_line)
            case 5 if inner := list(node) or [value for _, value in node.items()]:
                node = chance.choice(inner)
            case 6:
                said.append([one.text for one in node.walk()] if chance.random() < 0.2 else node["name"].text)
            case _:
                node = node[chance.choice(KEYS)]
    return said


@pytest.mark.parametrize("seed", range(40))
def test_an_answer_holds_wherever_nothing_differs_that_was_looked_at(seed: int) -> None:
    chance = random.Random(seed)
    root = read_yaml("web.yaml", TEXT).documents[0].root
    held = 0

    for _ in range(150):
        watched, other, walk = Watched(root), changed(root, chance), chance.random()
        as_it_was = answer(watched.root, random.Random(walk))
        assert as_it_was == answer(root, random.Random(walk))
        differences = watched.differences(other)
        if differences is not None and differences.isdisjoint(watched.looks):
            held += 1
            assert answer(other, random.Random(walk)) == as_it_was

    assert held > 5


@pytest.mark.parametrize(
    "look",
    [
        lambda node: node["a"],
        lambda node: node.text,
        lambda node: node.present,
        lambda node: node.location,
        lambda node: node.items(),
        lambda node: node.is_mapping,
        lambda node: isinstance(node, Mapping),
        bool,
        len,
        list,
    ],
)
def test_whoever_looks_at_what_is_not_to_be_seen_gets_an_error(look: Callable[[Node], object]) -> None:
    root = read_yaml("web.yaml", TEXT).documents[0].root

    outline = with_entry(root, root["spec"].key, Unseen())  # type: ignore[arg-type]  # the key of spec

    assert outline["metadata"]["name"].text == "web"
    with pytest.raises(SeenError):
        look(outline["spec"])


def test_a_tree_has_seen_what_shows_the_value_under_a_key() -> None:
    watched = Watched(read_yaml("web.yaml", TEXT).documents[0].root)

    assert watched.root["metadata"]["name"].text == "web"
    assert not watched.has_seen("metadata", "namespace")
    assert watched.root["metadata"].keys() == ["name", "labels"]
    assert watched.has_seen("metadata", "namespace")
