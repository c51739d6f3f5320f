"""What the values of a file refer to."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.terraform import expressions as hcl
from devopslint.terraform.flat import names_in
from devopslint.terraform.reader import Attribute
from devopslint.terraform.source import SourceText, all_attributes, structure_of

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
    return Spoken(source.path, *_spoken(source.text, source.is_json))


@functools.lru_cache(maxsize=256)  # as structure_of() has them
def _spoken(text: str, is_json: bool) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...], tuple[int, ...]]:
    source = SourceText(".json" if is_json else "", "", text, structure_of(text, is_json=is_json, values=False).body)
    spoken: set[str] = set()
    used: set[str] = set()
    doubtful: list[int] = []
    others: set[str] = set()
    """What stands in no declaration of a variable."""
    for block in (source.body, *source.body.blocks):
        own = block.labels[0] if block.type == "variable" and block.labels else ""
        here: set[str] = set() if own else others
        for attribute in all_attributes(block) if block.type else block.attributes:
            form, start, end = attribute.form, attribute.value_start, attribute.value_end
            if form == "plain":
                if text[start] != '"' and (name := text[start:end]) not in hcl.CONSTANTS and not name.isdecimal():
                    here.add(name)
                continue
            if form:
                names, twice = names_in(text[start:end])
            elif (tree := source.value(attribute)) is not None:
                names, twice = _names_in(tree)
            else:
                continue
            here |= names
            if twice:
                doubtful.append(start)
        if own:
            spoken |= here
            used |= _variables(here) - {own}
    spoken |= others
    used |= _variables(others)
    return tuple(sorted({tuple(name.split(".", 3)[:3]) for name in spoken})), tuple(sorted(used)), tuple(doubtful)


def _variables(names: Iterable[str]) -> set[str]:
    return {name.split(".", 2)[1] for name in names if name.startswith("var.")}


def _names_in(tree: hcl.Expression) -> tuple[set[str], bool]:
    """What flat.names_in() says of a value, of any tree."""
    names: set[str] = set()
    twice = False
    for node in hcl.walk(tree):
        if isinstance(node, hcl.Reference):
            names.add(".".join((node.root, *(step for step in node.steps[:2] if isinstance(step, str)))))
        elif not twice and isinstance(node, hcl.Object):
            twice = _may_repeat(node)
    return names, twice


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
