"""The files of a Terraform or OpenTofu module, each with its structure and the places in it."""

from __future__ import annotations

import functools
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from devopslint.deferred import NamedTuple
from devopslint.model import LINE_BREAK, Location
from devopslint.terraform.expressions import Expression, ExpressionFault, parse_expression
from devopslint.terraform.json_syntax import parse_json_expression, read_json_structure
from devopslint.terraform.reader import Attribute, Block, Structure, SyntaxFault, read_structure


class SourceText(NamedTuple):
    """A summary: a file as it was read. Expressions are text here, and trees where a check asks for one."""

    path: str
    kind: str
    text: str
    body: Block

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_json(self) -> bool:
        return self.path.endswith(".json")

    @property
    def is_tofu(self) -> bool:
        """Whether Terraform would pass the file over."""
        return self.name.endswith((".tofu", ".tofu.json", ".tofutest.hcl"))

    def value(self, attribute: Attribute) -> Expression | None:
        """The tree of an attribute's value; None where it cannot be read."""
        text = self.text_of(attribute)
        parse = parse_json_expression if self.path.endswith(".json") else parse_expression
        try:
            return parse(text)
        except ExpressionFault:
            return None

    def text_of(self, attribute: Attribute) -> str:
        return self.text[attribute.value_start : attribute.value_end]

    def location(self, start: int, end: int, *, missing: bool = False, wanted: str = "") -> Location:
        return located(self.path, line_starts(self.text), start, end, missing=missing, wanted=wanted)

    def of_attribute(self, attribute: Attribute) -> Location:
        return self.location(attribute.start, attribute.value_end, wanted=attribute.name)

    def of_block(self, block: Block, *, missing: str = "") -> Location:
        """The header of a block; `missing` names what it lacks."""
        return self.location(block.start, block.header_end, missing=bool(missing), wanted=missing)


def read_source(path: str, text: str, *, values: bool) -> Structure:
    return structure_of(text, is_json=path.endswith(".json"), values=values)


@functools.lru_cache(maxsize=256)  # a file in two is the same in another folder, and who looks for comments asks again
def structure_of(text: str, *, is_json: bool, values: bool) -> Structure:
    """What a text holds, with the faults of its expressions, too."""
    structure = (read_json_structure if is_json else read_structure)(text, values=values)
    parse = parse_json_expression if is_json else parse_expression
    faults = list(structure.faults)
    for attribute in all_attributes(structure.body):
        if attribute.form:
            continue
        start, end = attribute.value_start, attribute.value_end
        if end > start:
            try:
                parse(text[start:end])
            except ExpressionFault as fault:
                faults.append(SyntaxFault(start + fault.at, fault.message))
    return structure._replace(faults=tuple(faults)) if len(faults) > len(structure.faults) else structure


def located(
    path: str, starts: Sequence[int], start: int, end: int, *, missing: bool = False, wanted: str = ""
) -> Location:
    """The region between two characters, where the lines begin at `starts`."""
    line, end_line = bisect_right(starts, start), bisect_right(starts, max(start, end))
    column, end_column = start - starts[line - 1] + 1, max(start, end) - starts[end_line - 1] + 1
    return Location(path, line, column, end_line, end_column, missing, wanted)


_known_starts: dict[int, tuple[str, Sequence[int]]] = {}
"""id of a text -> itself and where its lines begin: to compare one with its equal takes as long as it is."""


def line_starts(text: str) -> Sequence[int]:
    """The offsets at which the lines of a text begin; made once for a text that is asked again."""
    known = _known_starts.get(id(text))
    if known is None or known[0] is not text:
        if len(_known_starts) > 4_096:
            _known_starts.clear()
        known = _known_starts[id(text)] = text, _line_starts(text)
    return known[1]


def _line_starts(text: str) -> Sequence[int]:
    if "\r" in text:
        return array("L", [0, *(found.end() for found in LINE_BREAK.finditer(text))])
    lengths = map(len, text.split("\n")[:-1])
    return array("L", accumulate(map((1).__add__, lengths), initial=0))


def all_blocks(body: Block) -> Sequence[Block]:
    """The blocks in a body, and those in them, in the order of the text."""
    for block in body.blocks:
        if block.blocks:
            break
    else:
        return body.blocks
    found: list[Block] = []
    for block in body.blocks:
        found.append(block)
        if block.blocks:
            found += all_blocks(block)
    return found


def all_attributes(body: Block) -> Sequence[Attribute]:
    """The attributes of a body, and of the blocks in it."""
    if not body.blocks:
        return body.attributes
    found = list(body.attributes)
    for block in body.blocks:
        found += all_attributes(block)
    return found
