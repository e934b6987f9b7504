"""Quiet hours: who waits, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.quiet import quiet_until
from core.settings import QuietHours


def quiet(start: str = "22:00", end: str = "06:00", zone: str = "UTC", **given: Any) -> QuietHours:
    return QuietHours.model_validate({"from": start, "to": end, "zone": zone, **given})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (quiet(), "2022-10-03T23:30", "2022-10-04T06:00"),
        (quiet(), "2022-10-04T05:59", "2022-10-04T06:00"),
        (quiet(), "2022-10-04T06:00", None),
        (quiet(), "2022-10-03T21:59", None),
        (quiet("12:00", "14:00"), "2022-10-03T13:00", "2022-10-03T14:00"),
        (quiet("12:00", "14:00"), "2022-10-03T14:00", None),
        (quiet(zone="Africa/Lagos"), "2022-10-03T21:30", "2022-10-04T05:00"),
        (quiet(zone="Asia/Kabul"), "2022-10-03T18:00", "2022-10-04T01:30"),
        (quiet(zone="Europe/Paris"), "2022-10-29T22:00", "2022-10-30T05:00"),  # summer time ends
        # 02:30 was an hour ago, and the clock shows 02:10 once more.
        (quiet(end="02:30", zone="Europe/Paris"), "2022-10-30T01:10", "2022-10-30T01:10"),
        (quiet(end="02:30", zone="Europe/Paris"), "2022-10-30T00:10", "2022-10-30T00:30"),
        # The clocks go from 02:00 to 03:00: there is no 02:30.
        (quiet(end="02:30", zone="Europe/Paris"), "2022-03-27T00:10", "2022-03-27T01:30"),
    ],
)
def test_a_message_waits_for_the_end_in_the_channels_own_zone(
    hours: QuietHours, now: str, until: str | None
) -> None:
    assert quiet_until(hours, "elevated", at(now)) == (until and at(until))


def test_a_severe_alert_breaks_through_and_a_channel_without_hours_never_waits() -> None:
    night = at("2022-10-03T23:30")
    assert quiet_until(quiet(), "severe", night) is None
    assert quiet_until(quiet(), "extreme", night) is None
    assert quiet_until(quiet(breaks_through="extreme"), "severe", night) is not None
    assert quiet_until(None, "advisory", night) is None


@settings(derandomize=True, max_examples=300)
@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(["UTC", "Africa/Lagos", "Europe/Paris", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_nobody_waits_for_longer_than_a_day(
    now: datetime, start: time, end: time, zone: str
) -> None:
    hours = QuietHours.model_validate({"from": start, "to": end, "zone": zone})
    instant = now.replace(tzinfo=UTC)
    until = quiet_until(hours, "elevated", instant)
    assert until is None or instant <= until <= instant + timedelta(hours=25)
    assert until is None or until.astimezone(ZoneInfo(zone)) >= instant


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="no time zone"):
        quiet(zone=zone)
