"""Where a deploy goes, as the name of an environment says: production, or something before it."""

from __future__ import annotations

from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.words import Words, words_of

_ENVIRONMENTS = Words(tables.ENVIRONMENTS)
_PUBLISHING_ENVIRONMENTS = Words(tables.PUBLISHING_ENVIRONMENTS)
_PRODUCTION = Words(tables.PRODUCTION)
_NON_PRODUCTION = Words(tables.NON_PRODUCTION)


def deploys_to(environment: str) -> str | None:
    """`deploy` or `publish` where the name of an environment says that the job delivers to it."""
    words = words_of(environment)
    joined = environment.lower()
    if joined in _PUBLISHING_ENVIRONMENTS or any(word in _PUBLISHING_ENVIRONMENTS for word in words):
        return "publish"
    if joined in _ENVIRONMENTS or any(word in _ENVIRONMENTS for word in words):
        return "deploy"
    return None


def tier(*names: str) -> str | None:
    """`production` or `staging` (anything before it), where a name says to which a deploy goes."""
    found: str | None = None
    for name in names:
        lowered = name.lower()
        words = [lowered, *words_of(name)]
        if any(word in _NON_PRODUCTION for word in words) or ("pre" in words or "non" in words):
            return "staging"
        if any(word in _PRODUCTION for word in words):
            found = found or "production"
    return found


def is_tier(word: str) -> bool:
    """Whether a word names an environment of production, or one before it."""
    return word in _PRODUCTION or word in _NON_PRODUCTION
