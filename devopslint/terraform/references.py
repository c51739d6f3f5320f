"""What the values of a file refer to."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.terraform import expressions as hcl
from devopslint.terraform.reader import Attribute
from devopslint.terraform.source import SourceText, all_attributes

_NAMELESS = compiled(r'(?:"[^"\\\n$%]*+"|\d++|true|false|null)\Z')
"""A value that refers to nothing, which needs no parser to be told."""


class Spoken(NamedTuple):
    """A summary: what the values of a module's file speak of. All of them are read for it where the file is, and not once more."""

    path: str
    references: tuple[tuple[str, ...], ...]
    """Each once: a first name, with the names of up to two steps from there."""
    used_variables: tuple[str, ...]
    """Those that something outside of their own declarations refers to."""
    doubtful: tuple[int, ...]
    """Where values begin in which an object may give a key twice: one that has to be worked out may be any."""


def spoken_in(source: SourceText) -> Spoken:
    found: set[tuple[str, ...]] = set()
    used: set[str] = set()
    doubtful: list[int] = []
    for block in (source.body, *source.body.blocks):
        own = block.labels[0] if block.type == "variable" and block.labels else ""
        for attribute in all_attributes(block) if block.type else block.attributes:
            if _NAMELESS.match(source.text, attribute.value_start, attribute.value_end):
                continue
            tree = source.value(attribute)
            for node in hcl.walk(tree) if tree is not None else ():
                kind = type(node)
                if kind is hcl.Reference:
                    assert isinstance(node, hcl.Reference)
                    steps = node.steps[:2]
                    names = (node.root, *(step for step in steps if type(step) is str)) if steps else (node.root,)
                    found.add(names)
                    if node.root == "var" and len(names) > 1 and names[1] != own:
                        used.add(names[1])
                elif kind is hcl.Object and doubtful[-1:] != [attribute.value_start]:
                    assert isinstance(node, hcl.Object)
                    if _may_repeat(node):
                        doubtful.append(attribute.value_start)
    return Spoken(source.path, tuple(sorted(found)), tuple(sorted(used)), tuple(doubtful))


def _may_repeat(node: hcl.Object) -> bool:
    """Whether a key may be there twice."""
    if len(node.items) < 2:
        return False
    said: set[str] = set()
    for item in node.items:
        key = item.key
        name = key.root if isinstance(key, hcl.Reference) and not key.steps else hcl.text_of(key)
        if name is None:
            return True
        said.add(name)
    return len(said) < len(node.items)


def references_of(file: SourceText, attribute: Attribute) -> Iterator[hcl.Reference]:
    if not _NAMELESS.match(file.text, attribute.value_start, attribute.value_end):
        yield from references_in(file.value(attribute))


def references_in(tree: hcl.Expression | None) -> Iterator[hcl.Reference]:
    if isinstance(tree, hcl.Reference):
        yield tree
    elif tree is not None:
        for node in hcl.walk(tree):
            if isinstance(node, hcl.Reference):
                yield node
