"""Compose files."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "compose",
    kinds=(
        FileKind(
            "compose",
            "devopslint.compose.services:ComposeFile",
            pattern=r"(?:docker-compose(?:[.-][^/]*)?|compose(?:\.[^/]*)?)\.ya?ml",
        ),
    ),
)
