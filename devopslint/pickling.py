"""How reports go to another process of the same run: in pickles where a rule is its id alone."""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import Any

from devopslint.catalogue import catalogue
from devopslint.model import Rule


def pack(value: object) -> bytes:
    """Bytes that unpack() makes the same value of, in a process of this run."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, Rule: _reduce_rule}
    pickler.dump(value)
    return buffer.getvalue()


def unpack(packed: bytes) -> Any:
    """What was packed. Only for bytes that came through a pipe from a process of this run: pickles can run code."""
    return pickle.loads(packed)


def _reduce_rule(rule: Rule) -> tuple[Any, tuple[str]]:
    return _rule_named, (rule.id,)


def _rule_named(rule_id: str) -> Rule:
    return catalogue()[rule_id].rule
