"""The configuration files of other linters: whether they can be heeded."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.views.actionlint import KEYS, Section, sections
from devopslint.views.expression_types import nearest


@check("peer-configuration", each=sections)
def peer_configuration(section: Section) -> Iterator[Problem]:
    node, shape = section.node, KEYS.get(section.kind)
    if not node.present:
        return
    wanted = "mapping" if shape is not None or section.kind == "paths" else "sequence"
    if not (node.is_mapping if wanted == "mapping" else node.is_sequence):
        yield Problem(node.location, f"{section.label} is {_what(node)}; a {wanted} is wanted")
    elif shape is not None:
        for key, _ in node.items():  # noqa: PERF102  # keys() of a node gives texts without their places
            if key.text not in shape:
                yield Problem(
                    key.location, f"key '{key.text}' is unknown in {section.label}; {nearest(key.text, shape)}"
                )
    elif wanted == "sequence":
        for item in node:
            if not item.is_scalar or not item.present:
                yield Problem(item.location, f"an entry of {section.label} is {_what(item)}; a text is wanted")


def _what(node: Node) -> str:
    if node.is_mapping:
        return "a mapping"
    if node.is_sequence:
        return "a sequence"
    return f"'{node.text}'" if node.present else "empty"
