"""Which runtimes of AWS Lambda are deprecated, and since when nothing can be changed with them."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.facts import source_of, table

_TABLE = "lambda_runtimes"


class Deprecated(NamedTuple):
    """A runtime that was deprecated on the day of the table, so that a report does not change with the clock."""

    name: str
    since: str
    blocked: str | None
    """The day from which no function with it can be changed any more, where one is set."""

    @property
    def gone(self) -> bool:
        return self.blocked is not None and self.blocked <= source_of(_TABLE).date

    @property
    def said(self) -> str:
        if self.gone:
            return f"{self.name}, with which nothing can be changed since {self.blocked}"
        return f"{self.name}, which gets no security fixes since {self.since}"


def deprecated(runtime: str | None) -> Deprecated | None:
    dates = table(_TABLE)["runtimes"].get(runtime)
    if runtime is None or dates is None or dates[0] is None or dates[0] > source_of(_TABLE).date:
        return None
    return Deprecated(runtime, dates[0], dates[1])
