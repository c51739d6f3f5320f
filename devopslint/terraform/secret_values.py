"""Whether a text is the value of a secret, or only stands for one."""

from __future__ import annotations

import re

from devopslint.deferred import compiled
from devopslint.secrets.judgement import holds_value, is_placeholder

_DUMMY = compiled(
    r"(?i)(?:test\w*|none|null|foo|bar|foobar|value|secret|password|token|dummy|n/?a|unset|empty|default)\Z"
)
_IN_CONNECTION = compiled(r"(?i)(?:password|pwd|accountkey|sharedaccesskey|secret)\s*=\s*[^;\s]|://[^/:@]+:[^@]+@")


def is_told(name: str, text: str | None) -> bool:
    """Whether a secret's value is written out, and is more than a stand-in or another name of it."""
    if text is None or _DUMMY.match(text) or not holds_value(text) or is_placeholder(text, name):
        return False
    if "connection_string" in name.lower() and not _IN_CONNECTION.search(text):
        return False
    return re.sub(r"[\W_]", "", text).lower() not in re.sub(r"[\W_]", "", name).lower()
