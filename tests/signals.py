"""Signals for the programs that tests start."""

from __future__ import annotations

import signal


def hears_ctrl_c() -> None:
    """What a shell starts in the background hears no Ctrl-C, and what that starts hears none either."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
