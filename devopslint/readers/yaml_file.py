"""What the views of all YAML files have in common: the documents, what is wrong with them, and how far a value goes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from devopslint.deferred import cached_property, compiled
from devopslint.model import Fault, FileView, NotChecked
from devopslint.readers.yaml import Node, Scalar, Stream, read_yaml
from devopslint.readers.yaml_dialects import CORE, Dialect

TEMPLATE = "is a template: what it renders to is not known here"
"""Why a file is not checked that waits to be rendered."""
_CONDITION = compiled(
    r"^[ \t]*#[ \t]*(?:\{\{-?[ \t]*(?:if|else|end|range|with|define|block)\b|\{%-?[ \t]*(?:if|elif|else|endif|for|endfor|set|block|macro)\b)",
    re.MULTILINE,
)
"""A comment that decides of a template whether the lines behind it are there; as it stands, the template is YAML."""
_STATEMENT = compiled(
    r"^[ \t]*(?:\{\{-?[ \t]*(?:if|else|end|range|with|define|block)\b[^\n]*\}\}|%\{~?[ \t]*(?:if|else|endif|for|endfor)\b[^\n]*\}"
    r"|</?[#@](?:assign|attempt|else|elseif|function|if|import|include|items|list|macro|noparse|setting|switch)\b[^\n]*>)",
    re.MULTILINE,
)
"""A line that is no YAML, and decides of a template of Go's, of Terraform's, or of FreeMarker's, whether those behind it
are there."""


_FILLED_IN = compiled(
    r"\A[ \t]*\{%|[\[,][ \t]*\$\{\w+\}[ \t]*[\],]"
    r"|\{\{-?[^{}\n]*(?<![\w.)])\.(?:Chart|Env|Files|Params|Release|Spec|Values)\b[^{}\n]*\}\}"
)
"""A statement of Jinja, in `[${NAMES}]` what a shell, or envsubst, writes into the file, and what only a program that
makes the file knows, not the one that reads it: nothing of it is YAML."""


class YamlFile(FileView):
    """What one kind of YAML file shares with the others."""

    dialect: ClassVar[Dialect] = CORE
    """What the program that reads such a file makes of YAML."""

    def __init__(self, path: str, stream: Stream) -> None:
        self.path = path
        self.stream = stream
        waiting = _at_statements(stream)
        self.faults: list[Fault] = [*stream.faults, *_repeated_keys(stream)] if not waiting else []
        self.not_checked: list[NotChecked] = [NotChecked(path, TEMPLATE, fault.location.line) for fault in waiting[:1]]
        if any(fault.rule == "duplicate-key" for fault in self.faults) and "{" in stream.source.text:
            self._leave_to_template()

    def _leave_to_template(self) -> None:
        """Take back what is said of keys that conditions in comments make one of."""
        text, starts = self.stream.source.text, self.stream.source.line_starts
        first = _CONDITION.search(text)
        kept = [
            fault
            for fault in self.faults
            if fault.rule != "duplicate-key" or first is None or starts[fault.location.line - 1] < first.start()
        ]
        if first is not None and len(kept) < len(self.faults):
            self.faults = kept
            self.not_checked.append(NotChecked(self.path, TEMPLATE, text.count("\n", 0, first.end()) + 1))

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        return cls(path, read_yaml(path, text, cls.dialect))

    @cached_property
    def root(self) -> Node:
        """The first document; an empty value where there is none."""
        if self.stream.documents:
            return self.stream.documents[0].root
        return Scalar(self.stream.source, 0, 0, None, "", None)

    @property
    def readable(self) -> bool:
        """False where the YAML is broken, so that what is missing may only be unread."""
        return not self.stream.faults

    def extent(self, line: int) -> tuple[int, int]:
        return self.stream.extent(line)

    def asked(self, text: str) -> str:
        return text if self.stream.asked is None else self.stream.asked

    def summaries(self) -> Iterable[object]:
        return ()


def misshapen(node: Node, what: str, wanted: str) -> Iterator[Fault]:
    """What is said where a mapping, or a text, is wanted and something else stands; a tag may make anything of it."""
    if node.present and node.tag is None and not (node.is_mapping if wanted == "mapping" else node.is_scalar):
        given = "a mapping" if node.is_mapping else "a list" if node.is_sequence else "a text"
        if not (node.is_scalar and ("$" in node.text or "{{" in node.text)):
            yield Fault(node.location, f"{what} is {given}, where a {wanted} is wanted")


def _at_statements(stream: Stream) -> list[Fault]:
    """Where the YAML breaks at a statement of Jinja or at what is filled in, or anywhere in a template of Go's,
    Terraform's or FreeMarker's: something else stands there once it is rendered."""
    if not stream.faults:
        return []
    text, starts = stream.source.text, stream.source.line_starts
    if ("{{" in text or "%{" in text or "<#" in text) and _STATEMENT.search(text) is not None:
        return [*stream.faults]
    begins = (starts[fault.location.line - 1] for fault in stream.faults)
    lines = [text[begin : begin + 1_000].partition("\n")[0] for begin in begins]
    return [*itertools.compress(stream.faults, (bool(_FILLED_IN.search(line)) for line in lines))]


def _repeated_keys(stream: Stream) -> Iterator[Fault]:
    for document in stream.documents:
        for first, again in document.duplicates:
            message = f"{again.text!r} stands here again, first in line {first.line}"
            yield Fault(again.location, message, "duplicate-key")
