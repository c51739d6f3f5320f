"""The examples of the rules, once as they are written and once as the canonical JSON of the program that reads them.

Where both give the same findings, nothing was read otherwise that a rule asks about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from values import gitlab_values, manifests

import devopslint
from devopslint.catalogue import catalogue
from devopslint.files import classify


def _kubectl(text: str) -> str | None:
    (answer,) = manifests([text])
    documents = "\n".join(json.dumps(value, indent=1) for value in answer.value)
    return None if answer.error or not answer.value else documents + "\n"


def _gitlab(text: str) -> str | None:
    (answer,) = gitlab_values([text])
    return (
        None if answer.error or not isinstance(answer.value[0], dict) else json.dumps(answer.value[0], indent=1) + "\n"
    )


_TRUTH = re.compile(r"(?<=to )yes\b")
"""A message quotes a boolean as the file spells it."""
_LINE = re.compile(r"line \d+|(?<=\.yml):\d+")
_OUTSIDE_OF_JSON = ("devopslint:", "!reference")
"""What says something and is neither a key nor a value: our own comments, GitLab's tag."""
_OF_THE_TEXT = ("duplicate-key", "k8s-unsorted-keys")
"""Rules that ask how a file is written, and not what it says."""
_CANONICAL: dict[str, Callable[[str], str | None]] = {"manifest": _kubectl, "gitlab": _gitlab}


def examples() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every example that has a file of these kinds, with the name of its rule."""
    for rule_id, entry in catalogue().items():
        if rule_id in _OF_THE_TEXT:
            continue
        for example in (*entry.bad, *entry.good):
            if any(classify(path, text) in _CANONICAL for path, text in example.items()):
                yield rule_id, example


def differences() -> Iterator[tuple[str, str]]:
    """Each example with other findings, and which."""
    for rule_id, example in examples():
        canonical = dict(example)
        for path, text in example.items():
            kind = classify(path, text)
            if (
                kind in _CANONICAL
                and not any(one in text for one in _OUTSIDE_OF_JSON)
                and (json_text := _CANONICAL[kind](text)) is not None
            ):
                canonical[path] = json_text
        before, after = _found(rule_id, example), _found(rule_id, canonical)
        if before != after:
            yield rule_id, f"as written alone {sorted(before - after)}, as JSON alone {sorted(after - before)}"


def _found(rule_id: str, example: Mapping[str, str]) -> set[Any]:
    return {
        (finding.location.path, _LINE.sub("", _TRUTH.sub("true", finding.message)))
        for finding in devopslint.check(dict(example), select=[rule_id])
        if finding.suppressed is None
    }
