"""Shell patterns, of which many are asked at once."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from devopslint.readers.wildcards import matches_any

WRITTEN = st.text("ab*?[]!-\n", max_size=5)


@given(WRITTEN, st.lists(WRITTEN, max_size=4))
def test_many_patterns_match_what_each_by_itself_does(text: str, patterns: list[str]) -> None:
    assert matches_any(text, patterns) == any(fnmatchcase(text, pattern) for pattern in patterns)
