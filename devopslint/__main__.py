"""`python -m devopslint` is the command."""

from devopslint.cli import main

main(prog_name="devopslint")
