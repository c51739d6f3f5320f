"""The identifiers of licences that SPDX knows, the deprecated ones too: https://spdx.org/licenses/."""

from __future__ import annotations

import functools

from devopslint.deferred import compiled
from devopslint.facts import table


@functools.cache
def licences() -> frozenset[str]:
    """With NONE and NOASSERTION, which stand in the place of an expression."""
    return frozenset((*table("licences")["licences"], "NONE", "NOASSERTION"))


OWN = compiled(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+\Z")
"""A licence that a document defines itself."""

EXCEPTION = compiled(r"[A-Za-z0-9][A-Za-z0-9.-]*\Z")
