"""`python -m devopslint`, and the command."""

from __future__ import annotations

import sys


def run() -> None:
    """The command. Ctrl-C ends it in one way from the first import on."""
    try:
        if sys.argv[1:] == ["--version"]:  # editors ask at every start, and click takes as long as all else
            from devopslint import __version__

            sys.stdout.write(f"devopslint, version {__version__}\n")
            return
        import gc

        # A run is short, and little of what it makes is garbage in cycles: looking for that takes a tenth of it. With
        # this threshold, memory grows by some megabytes at most.
        gc.set_threshold(50_000, 1_000)

        from devopslint.deferred import import_later

        import_later("inspect")  # 4 ms; click asks it where it shows help
        import_later("ipaddress")  # 1 ms; urllib.parse, which pathlib imports, asks it for addresses in brackets
        from devopslint.cli import main

        main(prog_name="devopslint")
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        sys.exit(130)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _end(end.code or 0)
        raise


def _end(status: int) -> None:
    """End at once, unless somebody waits for it: to free all that is known, piece by piece, takes a twentieth of a small run."""
    import atexit
    import os
    import threading

    if threading.active_count() > 1 or sys.gettrace() is not None or sys.getprofile() is not None:
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # a stream that is closed, or that nobody reads
        return
    os._exit(status)


if __name__ == "__main__":
    run()
