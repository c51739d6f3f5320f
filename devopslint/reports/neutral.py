"""The one place that text leaves by: whatever a file holds, it steers no terminal and commands no CI system.

GitHub's runner takes a line that begins with `::` for a command, and `##[…]` anywhere in one; Azure's takes `##vso[…]`,
GitLab's a line with `section_start:`. Characters that steer are shown as pictures by reports.frames.printable already, value by
value; what a report has forgotten ends here.
"""

from __future__ import annotations

import re
from enum import Enum

from devopslint.deferred import compiled
from devopslint.reports.frames import printable


class Syntax(Enum):
    """What a text is written in: how something can be said otherwise in it."""

    PLAIN = "plain"
    COMMANDS = "commands"
    """Of GitHub: its lines begin with `::` on purpose."""
    JSON = "json"
    XML = "xml"
    AZURE = "azure"
    """Of Azure: its lines begin with `##vso[` on purpose, and its own module lets nothing else do so."""


SYNTAXES = {
    "azure": Syntax.AZURE,
    "checkstyle": Syntax.XML,
    "github": Syntax.COMMANDS,
    "gitlab": Syntax.JSON,
    "json": Syntax.JSON,
    "junit": Syntax.XML,
    "rdjson": Syntax.JSON,
    "sarif": Syntax.JSON,
}
"""Of the formats that are not plain."""

_STEERING = compiled("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_OWN_COLOUR = compiled(r"(\x1b\[[0-9;]*m)")
_LINE_COMMAND = compiled(r"^([ \t]*):(?=:(?!: ))", re.MULTILINE)
"""But for the arrow of related places: no command's name begins with a colon."""
_ANYWHERE_COMMAND = compiled(r"#(?=#(?:\[|vso\[))")
_SECTION = compiled(r"section_(?=(?:start|end):)")


def neutral(text: str, syntax: Syntax = Syntax.PLAIN, *, coloured: bool = False) -> str:
    """The same for whoever reads it, and nothing else for a program that reads along."""
    if syntax is Syntax.JSON:
        return _STEERING.sub(_escape, _ANYWHERE_COMMAND.sub(r"\\u0023", text))
    if syntax is Syntax.XML:
        return _ANYWHERE_COMMAND.sub("&#35;", text)
    if syntax is Syntax.AZURE:
        return _LINE_COMMAND.sub(r"\1: ", _SECTION.sub("section-", _STEERING.sub(_picture, text)))
    parts = _OWN_COLOUR.split(text) if coloured else [text]
    text = "".join(part if index % 2 else _STEERING.sub(_picture, part) for index, part in enumerate(parts))
    text = _SECTION.sub("section-", _ANYWHERE_COMMAND.sub("# ", text))
    return text if syntax is Syntax.COMMANDS else _LINE_COMMAND.sub(r"\1: ", text)


def _escape(found: re.Match[str]) -> str:
    # In JSON these stand in strings only; a tab or a carriage return between values would be ours.
    return f"\\u{ord(found[0]):04x}"


def _picture(found: re.Match[str]) -> str:
    return found[0] if found[0] == "\t" else printable(found[0])
