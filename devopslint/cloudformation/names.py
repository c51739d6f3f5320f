"""Which YAML and JSON files are templates of CloudFormation."""

from __future__ import annotations

import re

from devopslint.deferred import compiled

_RESOURCES = compiled(
    r"""^(?:["']?Resources["']?[ \t]*:|[ \t{]+"Resources"[ \t]*:)|^[ \t]*\{[^\n]*"Resources"[ \t]*:""", re.MULTILINE
)
_VERSION = compiled(r"""^[ \t{]*["']?AWSTemplateFormatVersion["']?[ \t]*:""", re.MULTILINE)
_TYPE = compiled(r"""["']?Type["']?[ \t]*:[ \t]*["']?(?:AWS|Alexa|Custom)::""")


def reads_as_template(name: str, text: str | None) -> bool:
    """Whether it has Resources, and says that it is a template, or one of them has a type of AWS."""
    if text is None or _RESOURCES.search(text) is None:
        return False
    return _VERSION.search(text) is not None or _TYPE.search(text) is not None
