"""How much work something is, which is the same on every machine and however busy that is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(work: Callable[[], object]) -> int:
    """The lines of Python that are run on the way, each time that they are."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()  # that of a measured coverage
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
