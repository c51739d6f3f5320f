"""What the values of a file refer to."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.terraform import expressions as hcl
from devopslint.terraform.reader import Attribute
from devopslint.terraform.source import SourceText, all_attributes, structure_of

_NAMELESS = compiled(r'(?:"[^"\\\n$%]*+"|\d++|true|false|null)\Z')
"""A value that refers to nothing, which needs no parser to be told."""
_PLAIN = compiled(rf"{_NAMELESS.pattern}|([^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+)\Z")
"""Such a value, or a name with steps."""


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
    return Spoken(source.path, *_spoken(source.text, source.is_json))


@functools.lru_cache(maxsize=256)  # as structure_of() has them
def _spoken(text: str, is_json: bool) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...], tuple[int, ...]]:
    source = SourceText(".json" if is_json else "", "", text, structure_of(text, is_json=is_json, values=False).body)
    found: set[tuple[str, ...]] = set()
    used: set[str] = set()
    doubtful: list[int] = []
    for block in (source.body, *source.body.blocks):
        own = block.labels[0] if block.type == "variable" and block.labels else ""
        here: set[tuple[str, ...]] = set()
        for attribute in all_attributes(block) if block.type else block.attributes:
            start, end = attribute.value_start, attribute.value_end
            plain = None if is_json else _PLAIN.match(text, start, end)
            if plain is not None:
                if plain[1] is not None:
                    here.add(tuple(plain[1].split(".", 3)[:3]))
            elif not _NAMELESS.match(text, start, end) and (tree := source.value(attribute)) is not None:
                pending = [tree]
                while pending:
                    node = pending.pop()
                    if isinstance(node, hcl.Reference):
                        here.add((node.root, *(step for step in node.steps[:2] if isinstance(step, str))))
                    elif not isinstance(node, hcl.Literal):
                        if isinstance(node, hcl.Object) and doubtful[-1:] != [start] and _may_repeat(node):
                            doubtful.append(start)
                        pending.extend(hcl.children(node))
        found |= here
        used.update(one[1] for one in here if one[0] == "var" and len(one) > 1 and one[1] != own)
    return tuple(sorted(found)), tuple(sorted(used)), tuple(doubtful)


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
