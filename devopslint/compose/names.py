"""Which of the files that are named after Compose are Compose files, and which of them are laid over others."""

from __future__ import annotations

import re

from devopslint.deferred import compiled

_NAME = compiled(r"(?P<before>(?:[^/]*[._-])?)compose(?P<after>(?:[._-][^/]*)?)\.ya?ml")
_STACK = compiled(r"(?:[^/]*[._-])?stack(?:[._-][^/]*)?\.ya?ml")
"""What `docker stack deploy` is given, by a name that others have for their own files."""
_SERVICES = compiled(r"""^["']?(?:services|include)["']?[ \t]*:""", re.MULTILINE)


_STACK_SERVICES = compiled(r"""^["']?services["']?[ \t]*:""", re.MULTILINE)
_STACK_IMAGE = compiled(r"""^[ \t]+["']?image["']?[ \t]*:""", re.MULTILINE)


def reads_as_compose(name: str, text: str | None) -> bool:
    """Whether a file of such a name is one: any other name than Compose's own has to be borne out by what it says."""
    found = _NAME.fullmatch(name)
    if found is None:
        says = (
            text is not None and _STACK.fullmatch(name) and _STACK_SERVICES.search(text) and _STACK_IMAGE.search(text)
        )
        return bool(says)
    if found["before"] in ("", "docker-") and (not found["after"] or found["before"] or found["after"][0] == "."):
        return True
    return text is None or _SERVICES.search(text) is not None


def is_overlay(path: str) -> bool:
    """Whether the name is that of a file which is laid over a main one: compose.prod.yaml, docker-compose-dev.yml."""
    found = _NAME.fullmatch(path.rpartition("/")[2])
    return found is not None and bool(found["after"])


def is_main(path: str) -> bool:
    """Whether Compose finds the file by itself."""
    found = _NAME.fullmatch(path.rpartition("/")[2])
    return found is not None and found["before"] in ("", "docker-") and not found["after"]


def is_automatic(path: str) -> bool:
    """Whether Compose lays the file over the main one beside it without being asked."""
    found = _NAME.fullmatch(path.rpartition("/")[2])
    return found is not None and found["before"] in ("", "docker-") and found["after"] == ".override"
