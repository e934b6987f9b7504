"""When a digest is due: wall times, changes of the clocks, slots that nobody was there for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.digests import Last, due, message
from alerts.examples import examples
from alerts.messages import Message
from alerts.rendering import rows, subject, text
from core.settings import DigestSettings
from tests.alerts.samples import page


def wanting(every: str = "day", at: str = "07:00", **more: Any) -> DigestSettings:
    given = {"every": every, "at": at, "zone": "Europe/Zurich", **more}
    return DigestSettings.model_validate(given)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2024-07-02T05:00", "2024-07-01T05:00", "2024-07-02T05:00"),
        ("2024-07-02T04:59", "2024-06-30T05:00", "2024-07-01T05:00"),
        ("2024-03-31T12:00", "2024-03-30T06:00", "2024-03-31T05:00"),
        ("2024-10-27T12:00", "2024-10-26T05:00", "2024-10-27T06:00"),
    ],
)
def test_a_day_is_from_wall_time_to_wall_time_whatever_the_clocks_do(
    now: str, since: str, until: str
) -> None:
    assert due(wanting(), None, utc(now)) == (utc(since), utc(until))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2024-03-31T01:29", "2024-03-30T01:30"),
        ("2024-03-31T01:30", "2024-03-31T01:30"),
        ("2024-10-27T00:30", "2024-10-27T00:30"),
        ("2024-10-27T01:30", "2024-10-27T00:30"),
    ],
)
def test_an_hour_that_is_skipped_or_there_twice_has_one_digest(now: str, until: str) -> None:
    found = due(wanting(at="02:30"), None, utc(now))
    assert found
    assert found.until == utc(until)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2024-07-04T12:00", "2024-06-28T14:00"),
        ("2024-07-05T13:59", "2024-06-28T14:00"),
        ("2024-07-05T14:00", "2024-07-05T14:00"),
        ("2024-07-11T14:00", "2024-07-05T14:00"),
    ],
)
def test_a_weekly_one_comes_on_its_day(now: str, until: str) -> None:
    found = due(wanting("week", "16:00", on="fri"), None, utc(now))
    assert found
    assert found.until == utc(until)
    assert found.until - found.since == timedelta(days=7)


def test_one_digest_stands_for_all_slots_that_were_missed() -> None:
    last = Last(utc("2024-07-02T05:00"), utc("2024-07-02T05:04"))
    found = due(wanting(), last, utc("2024-07-05T09:00"))
    assert found == (last.made, utc("2024-07-05T05:00")), "from when the last one was made"


def test_a_slot_that_had_one_has_no_other_nor_has_one_before_it() -> None:
    last = Last(utc("2024-07-02T05:00"), utc("2024-07-02T08:00"))
    assert due(wanting(), last, utc("2024-07-03T04:59")) is None
    assert due(wanting(at="06:00"), last, utc("2024-07-02T09:00")) is None


@settings(derandomize=True, deadline=None)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.times(),
    st.sampled_from(["day", "week"]),
    st.sampled_from(["UTC", "Africa/Lagos", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_asked_at_any_instant_the_stretch_ends_by_then_and_is_of_about_one_step(
    now: datetime, at: Any, every: str, zone: str
) -> None:
    asked = DigestSettings.model_validate({"every": every, "at": at, "zone": zone})
    found = due(asked, None, now.replace(tzinfo=UTC))
    assert found
    assert found.until <= now.replace(tzinfo=UTC)
    step = timedelta(days=1 if every == "day" else 7)
    assert abs(found.until - found.since - step) <= timedelta(hours=1)
    assert due(asked, Last(found.until, found.until), now.replace(tzinfo=UTC)) is None


def test_the_id_is_that_of_the_slot_and_the_channel() -> None:
    (data,) = (one.data for one in examples() if one.type == "service.digest")
    until = utc("2024-07-02T05:00")
    one, again, other = (
        message(channel, data, until, until + timedelta(hours=late))  # type: ignore[arg-type]
        for channel, late in (("duty", 0), ("duty", 5), ("soc", 0))
    )
    assert one.delivery_id == again.delivery_id != other.delivery_id


def test_the_text_is_the_report_and_the_subject_counts_alerts() -> None:
    (digest,) = (one for one in examples() if one.type == "service.digest")
    told = Message.model_validate(digest.model_dump(mode="json"))
    shown = "Tocsin · digest 2 to 3 October 2022 · 2 open, 1 new, 1 changed · SIMULATED DATA"
    assert subject(told) == shown
    assert text(told).startswith("Tocsin: digest, 2 to 3 October 2022")
    assert dict(rows(told))["Missed"] == "1 crossing without a warning"
    assert page(told).startswith("<!doctype html>")
