"""Which YAML and JSON files are templates of CloudFormation."""

from __future__ import annotations

import re

from devopslint.deferred import compiled

_RESOURCES = compiled(
    r"""^(?:["']?Resources["']?[ \t]*:|[ \t{]+"Resources"[ \t]*:)|^[ \t]*\{[^\n]*"Resources"[ \t]*:""", re.MULTILINE
)
_INDENTED = compiled(r"(?:---[^\n]*\n|[ \t]*(?:#[^\n]*)?\r?\n)*+([ \t]+)[A-Za-z]")
"""A file all of whose keys stand further in than they need to."""
_VERSION = compiled(r"""^[ \t{]*["']?AWSTemplateFormatVersion["']?[ \t]*:""", re.MULTILINE)
_TYPE = compiled(r"""["']?Type["']?[ \t]*:[ \t]*["']?(?:AWS|Alexa|Custom)::""")


def reads_as_template(name: str, text: str | None) -> bool:
    """Whether it has Resources, and says that it is a template, or one of them has a type of AWS."""
    if text is None or (_RESOURCES.search(text) is None and not _is_indented(text)):
        return False
    return _VERSION.search(text) is not None or _TYPE.search(text) is not None


def _is_indented(text: str) -> bool:
    found = _INDENTED.match(text)
    return found is not None and f"\n{found[1]}Resources:" in text
