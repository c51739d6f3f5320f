"""What variables, the matrix and inputs put into a script."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devopslint.deferred import compiled

MOST_VALUES = 12
"""Values of a matrix that are looked at."""
LONGEST = 20_000
"""Characters of a script into which they are put."""
LONGEST_VALUE = 2_000
Values = Mapping[str, tuple[str, ...]]
"""`matrix.os`, `env.TARGET`, `inputs.command` -> what it may be."""

_VALUE = compiled(
    r"\$\{\{\s*(?P<expression>(?:matrix|env|inputs)\.[\w.-]+)\s*\}\}|\$\{(?P<braced>[A-Za-z_]\w*)\}|\$(?P<bare>[A-Za-z_]\w*)"
)


def put_in(script: str, values: Values) -> list[tuple[str, ...]]:
    """The values that go into a script, and those that go into these: an environment may take its own from the matrix."""
    if "$" not in script:
        return []
    first = [texts for name, texts in values.items() if name.rpartition(".")[2] in script]
    behind = "\n".join(text for texts in first for text in texts if "${{" in text)
    return [*first, *(texts for name, texts in values.items() if behind and name in behind)]


def filled(text: str, values: Values, number: int) -> str:
    """The text with one value of each name in its place."""

    def value(found: re.Match[str]) -> str:
        name = found["expression"] or f"env.{found['braced'] or found['bare']}"
        texts = values.get(name)
        if not texts:
            return found[0]
        one = texts[number % len(texts)]
        return one if len(one) <= LONGEST_VALUE else found[0]

    if "$" not in text or not values:
        return text
    once = _VALUE.sub(value, text)
    # An environment may take its value from the matrix.
    return _VALUE.sub(value, once) if "matrix." in once and len(once) <= LONGEST else once
