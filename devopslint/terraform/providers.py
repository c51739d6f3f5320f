"""Where the files of a module use providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location
from devopslint.terraform import expressions as hcl
from devopslint.terraform.reader import Attribute, Block
from devopslint.terraform.source import SourceText, all_attributes, all_blocks


class Use(NamedTuple):
    """A place where a provider is used."""

    name: str
    alias: str
    source: SourceText
    within: Block | Attribute

    @property
    def location(self) -> Location:
        if isinstance(self.within, Attribute):
            return self.source.of_attribute(self.within)
        return self.source.of_block(self.within)


_PROVIDER_FUNCTION = compiled(r"provider::([\w-]+)::")
_TYPED = frozenset(("resource", "data", "ephemeral", "list", "action"))


def uses(files: Iterable[SourceText]) -> Iterator[Use]:
    """Every use of a provider in the files of a module, by the name that the module has for it."""
    for file in files:
        for block in file.body.blocks:
            if block.type == "provider" and block.labels:
                yield Use(block.labels[0], "", file, block)
            elif block.type == "module":
                yield from _handed_on(file, block)
            elif block.type in ("import", "removed"):
                yield from chosen(file, block)
            for one in (block, *(all_blocks(block) if block.type == "check" else ())):
                if one.type in _TYPED and one.labels:
                    named = list(chosen(file, one))
                    yield from named or [Use(one.labels[0].partition("_")[0], "", file, one)]
        if "provider::" in file.text:
            for attribute in all_attributes(file.body):
                if found := _PROVIDER_FUNCTION.search(file.text, attribute.value_start, attribute.value_end):
                    yield Use(found[1], "", file, attribute)


def chosen(file: SourceText, block: Block) -> Iterator[Use]:
    """`provider = aws.west`, also as a text."""
    for attribute in block.attributes:
        if attribute.name == "provider":
            yield from _provider(file, attribute, file.value(attribute))


def _handed_on(file: SourceText, block: Block) -> Iterator[Use]:
    for attribute in block.attributes:
        if attribute.name == "providers" and isinstance(tree := file.value(attribute), hcl.Object):
            for item in tree.items:
                yield from _provider(file, attribute, item.value)


def _provider(file: SourceText, attribute: Attribute, tree: hcl.Expression | None) -> Iterator[Use]:
    if isinstance(tree, hcl.IndexBy):
        tree = tree.source
    if isinstance(tree, hcl.Reference):
        yield Use(tree.root, next((step for step in tree.steps if isinstance(step, str)), ""), file, attribute)
    elif (text := hcl.text_of(tree)) is not None:
        name, _, alias = text.partition(".")
        yield Use(name, alias, file, attribute)
