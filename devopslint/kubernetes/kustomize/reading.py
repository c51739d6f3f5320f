"""The texts of kustomizations, each read once for all that ask: its own rules, and then whoever builds with it."""

from __future__ import annotations

import functools

from devopslint.readers.embedded_yaml import read_within
from devopslint.readers.yaml import Node, Stream, read_yaml
from devopslint.readers.yaml_dialects import BUILT, KUSTOMIZE

MOST_KEPT = 500
"""Trees that are kept between the two; a kustomization is a page at most."""


@functools.lru_cache(maxsize=MOST_KEPT)
def read_kustomization(path: str, text: str) -> Stream:
    return read_yaml(path, text, KUSTOMIZE)


@functools.lru_cache(maxsize=MOST_KEPT)
def read_patch(scalar: Node) -> Stream | None:
    """The documents of a patch that is written in a kustomization; None where it is no text, or too large."""
    return read_within(scalar, BUILT)
