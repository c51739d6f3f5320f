"""Which of the two pipelines of a push to a merge request the rules of GitLab let a job run in: the branch's, the request's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from devopslint.deferred import compiled
from devopslint.gitlab.values import Value, string

MOST_WORDS = 300
"""Words of a condition; what has more is not known."""
DEEPEST = 20
"""Levels of parentheses."""

SOME: Final = "\0some"
"""The value of a variable that is set, to what no file says."""

Variables = Mapping[str, str | None]

_BOTH: dict[str, str | None] = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_COMMIT_TAG": None,
    "CI_PIPELINE_SCHEDULE_DESCRIPTION": None,
    "CI_OPEN_MERGE_REQUESTS": SOME,
    "CI_COMMIT_REF_NAME": SOME,
    "CI_COMMIT_REF_SLUG": SOME,
    "CI_COMMIT_SHA": SOME,
    "CI_COMMIT_SHORT_SHA": SOME,
    "CI_COMMIT_MESSAGE": SOME,
    "CI_COMMIT_TITLE": SOME,
    "CI_DEFAULT_BRANCH": SOME,
    "CI_PROJECT_ID": SOME,
    "CI_PROJECT_PATH": SOME,
    "CI_PROJECT_NAME": SOME,
    "CI_PROJECT_NAMESPACE": SOME,
}
_OF_REQUEST = ("IID", "ID", "SOURCE_BRANCH_NAME", "TARGET_BRANCH_NAME", "PROJECT_ID", "PROJECT_PATH", "EVENT_TYPE")
BRANCH: Variables = {
    **_BOTH,
    "CI_PIPELINE_SOURCE": "push",
    "CI_COMMIT_BRANCH": SOME,
    **{f"CI_MERGE_REQUEST_{name}": None for name in _OF_REQUEST},
}
REQUEST: Variables = {
    **_BOTH,
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_COMMIT_BRANCH": None,
    **{f"CI_MERGE_REQUEST_{name}": SOME for name in _OF_REQUEST},
}

_WORD = compiled(
    r"""\s*(?:(?P<variable>\$\{?(?P<name>\w+)\}?)|"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<sign>&&|\|\||==|!=|=~|!~|\(|\))|(?P<null>null\b)|/(?P<pattern>(?:[^/\\]|\\.)+)/i?)"""
)
_TELLS_PIPELINES = compiled(r"CI_PIPELINE_SOURCE|CI_COMMIT_BRANCH|CI_MERGE_REQUEST|CI_OPEN_MERGE_REQUESTS")
_WORDS_ALONE = compiled(r"\^?\(?(?P<words>[\w|]+)\)?\$?")
_BRANCH_NAMES = frozenset(
    ("CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME", "CI_COMMIT_REF_SLUG", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
)
_MAIN = frozenset(("main", "master", "$CI_DEFAULT_BRANCH"))


def deciding(rules: Iterable[Value], variables: Variables) -> tuple[int, Value] | None:
    """The first rule that lets it run by itself, and its place; None where there is none, or it is not known.

    What a push changes and what the tree holds is taken to be as a rule that runs it asks.
    """
    for index, rule in enumerate(rules):
        condition, when = rule["if"], string(rule["when"])
        met = holds(condition.text, variables) if condition is not None else True
        narrowed = rule["changes"] is not None or rule["exists"] is not None
        if when == "never":
            if met and not narrowed:
                return None
            if met is None and condition is not None and _TELLS_PIPELINES.search(condition.text):
                return None
        elif met:
            return None if when in ("manual", "on_failure") else (index, rule)
    return None


def holds(condition: str, variables: Variables) -> bool | None:
    """Whether it is true; None where that is not known, or it is nothing that GitLab reads."""
    words: list[re.Match[str]] = []
    at = 0
    text = condition.strip()
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None or len(words) == MOST_WORDS:
            return None
        words.append(found)
        at = found.end()
    reader = _Condition(words, variables)
    verdict = reader.either(0)
    return verdict if reader.at == len(words) and not reader.broken else None


class _Condition:
    def __init__(self, words: list[re.Match[str]], variables: Variables) -> None:
        self.words = words
        self.variables = variables
        self.at = 0
        self.broken = False

    def sign(self) -> str:
        return self.words[self.at]["sign"] or "" if self.at < len(self.words) else ""

    def either(self, depth: int) -> bool | None:
        found = [self.all(depth)]
        while self.sign() == "||":
            self.at += 1
            found.append(self.all(depth))
        return True if True in found else None if None in found else False

    def all(self, depth: int) -> bool | None:
        found = [self.one(depth)]
        while self.sign() == "&&":
            self.at += 1
            found.append(self.one(depth))
        return False if False in found else None if None in found else True

    def one(self, depth: int) -> bool | None:
        if self.sign() == "(" and depth < DEEPEST:
            self.at += 1
            verdict = self.either(depth + 1)
            self.broken |= self.sign() != ")"
            self.at += 1
            return verdict
        left = self.operand()
        sign = self.sign()
        if sign not in ("==", "!=", "=~", "!~"):
            return self.is_set(left)
        self.at += 1
        right = self.operand()
        verdict = self.same(left, right) if sign in ("==", "!=") else self.matches(left, right)
        return verdict if verdict is None or sign in ("==", "=~") else not verdict

    def operand(self) -> re.Match[str] | None:
        if self.at >= len(self.words) or self.words[self.at]["sign"]:
            self.broken = True
            return None
        self.at += 1
        return self.words[self.at - 1]

    def value(self, word: re.Match[str]) -> tuple[bool, str | None]:
        """Whether it is known, and the value: None for a variable that is not set."""
        if word["variable"]:
            return word["name"] in self.variables, self.variables.get(word["name"])
        return True, None if word["null"] else word["double"] if word["double"] is not None else word["single"]

    def is_set(self, word: re.Match[str] | None) -> bool | None:
        known, value = self.value(word) if word is not None else (False, None)
        return bool(value) if known else None

    def same(self, left: re.Match[str] | None, right: re.Match[str] | None) -> bool | None:
        if left is None or right is None:
            return None
        (known, one), (also, other) = self.value(left), self.value(right)
        if not (known and also):
            return None
        if one is None or other is None:
            return one is other
        if SOME not in (one, other):
            return one == other
        names = {left["name"], right["name"]}
        if not one or not other or names & _BRANCH_NAMES:
            return False  # nothing, or a branch of its own: that of the merge request
        if "CI_MERGE_REQUEST_TARGET_BRANCH_NAME" in names:
            texts = {left["variable"] or one, right["variable"] or other}
            return True if texts & _MAIN else None
        return None

    def matches(self, left: re.Match[str] | None, right: re.Match[str] | None) -> bool | None:
        known, value = self.value(left) if left is not None else (False, None)
        if not known or right is None or right["pattern"] is None:
            return None
        if value is None:
            return False
        plain = _WORDS_ALONE.fullmatch(right["pattern"])
        if value == SOME or plain is None:
            return None
        whole = right["pattern"].startswith("^") and right["pattern"].endswith("$")
        words = plain["words"].split("|")
        return value in words if whole else any(word in value for word in words)
