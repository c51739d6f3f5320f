"""Schedules of CronJobs against what robfig/cron 3.0.1 takes and refuses."""

from __future__ import annotations

import pytest

from devopslint.kubernetes.schedules import refused_schedule


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "*/5 0-6/2 1,15 jan-mar MON",
        "0 0 ? * 0",
        "@hourly",
        "@every 1m30.5s",
        "5/15 * * * *",
        "1,,2 * * * *",
    ],
)
def test_what_the_api_server_takes_is_no_fault(schedule: str) -> None:
    assert refused_schedule(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "objection"),
    [
        ("0 0 * * 7", "7 is no day of the week: they go from 0 to 6"),
        ("60 * * * *", "60 is no minute: they go from 0 to 59"),
        ("0 0 0 * *", "0 is no day of the month: they go from 1 to 31"),
        ("0 0 * * sunday", "'sunday' is no day of the week"),
        ("0 0 1-2-3 * *", "'1-2-3' is no day of the month"),
        ("0 0 L * *", "'L' is no day of the month"),
        ("* * *", "it has 3 fields, not 5"),
        ("@reboot", "there is no @reboot"),
        ("TZ=UTC 0 0 * * *", "the time zone belongs into timeZone"),
    ],
)
def test_what_the_api_server_refuses_is_named(schedule: str, objection: str) -> None:
    assert refused_schedule(schedule) == objection
