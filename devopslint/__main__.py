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
        from devopslint.cli import main

        main(prog_name="devopslint")
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
