"""What the files of monitoring tell each other."""

from __future__ import annotations

from typing import NamedTuple

from devopslint.model import Location


class GroupSummary(NamedTuple):
    """A group of rules."""

    name: str
    location: Location
    rules: int


class RuleSummary(NamedTuple):
    """A rule of Prometheus."""

    name: str
    alerts: bool
    severity: str
    severity_location: Location
    runbook: str
    """Where its annotations say what is to be done; empty where they do not."""
    runbook_location: Location
    expression: str
    """Its white space is of no account."""
    labels: tuple[tuple[str, str], ...]
    group: str
    location: Location
    watchdog: bool

    @property
    def label(self) -> str:
        return f"alert {self.name}" if self.alerts else f"record {self.name}"


class RecordedName(NamedTuple):
    """A name that a rule records."""

    name: str
    location: Location


class UsedName(NamedTuple):
    """A use of a name of the form of recorded ones."""

    name: str
    location: Location


class ScrapeInterval(NamedTuple):
    """The shortest interval, in seconds, that a configuration of Prometheus scrapes at."""

    seconds: float
    location: Location


class DashboardSummary(NamedTuple):
    """A dashboard of Grafana."""

    title: str
    uid: str
    uid_location: Location
    location: Location
    shows: frozenset[str]
    """Which of rate, errors, latency and pods its queries show."""
    panels: int
    queries: int
    """How many of its queries may be Prometheus'."""
