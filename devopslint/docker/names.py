"""Which of the files that are named after a Dockerfile are Dockerfiles."""

from __future__ import annotations

import re

from devopslint.deferred import compiled

_OTHER_LANGUAGE = compiled(
    r"(?i)\.(?:dockerignore|md|ya?ml|json|toml|sh|py|txt|j2|tmpl|tpl|erb|go|js|ts|rb|html|rst)\Z"
)
_NAMES_OF_BUILDS = frozenset(("go", "html", "js", "rb", "sh", "ts"))
"""Endings of programs that a Dockerfile may also be named after: its text tells."""
_FIRST_WORD = compiled(r"\ufeff?(?:[ \t]*+(?:#[^\n]*+)?\n)*+[ \t]*+([^\s#]+)")
_FROM = compiled(r"^[ \t]*FROM[ \t]", re.MULTILINE | re.IGNORECASE)


def reads_as_dockerfile(name: str, text: str | None) -> bool:
    """Whether a file of such a name is one: `Dockerfile.go` builds a program in Go, `Dockerfile.rego` is a policy."""
    if "." not in name and "-" not in name:
        return True
    after = name.rpartition(".")[2].lower()
    if after not in _NAMES_OF_BUILDS and _OTHER_LANGUAGE.search(name):
        return False
    if text is None:
        return after not in _NAMES_OF_BUILDS
    first = _FIRST_WORD.match(text)
    if first is None or after in ("dockerfile", "containerfile"):
        return after not in _NAMES_OF_BUILDS
    if after in _NAMES_OF_BUILDS:
        return first[1] in ("FROM", "ARG")
    if _FROM.search(text):
        return True
    from devopslint.docker.reader import INSTRUCTIONS  # most files need not be asked

    return first[1].upper() in INSTRUCTIONS
