"""`devopslint server`: the language server, for editors."""

from __future__ import annotations

import importlib.util

import click

from devopslint.output import Usage


@click.command()
def command() -> None:
    """Tell an editor what is wrong, as it is typed: the Language Server Protocol over standard input and output."""
    if importlib.util.find_spec("pygls") is None:
        raise Usage("the language server needs the extra: pip install 'devopslint[server]'")
    from devopslint.server.protocol import serve  # heavy, and needed by nothing else

    serve()
