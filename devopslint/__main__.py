"""`python -m devopslint`, and the command."""

from __future__ import annotations

import sys


def run() -> None:
    """The command. Ctrl-C ends it in one way from the first import on."""
    try:
        from devopslint.cli import main

        main(prog_name="devopslint")
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
