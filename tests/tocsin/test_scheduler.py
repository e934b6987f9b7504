"""Schedules: the newest and the next fire time, by arithmetic; and the alarm."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from tocsin.scheduler import Alarm, Cron, check_schedule, is_plain, parse_schedule

LINES = [
    "0 6 * * mon",
    "*/7 * * * *",
    "59 23 31 dec *",
    "0 0 29 feb *",
    "30 2 * mar-oct sun,wed",
    "every 36h",
    "every 7s",
]
INSTANTS = st.datetimes(
    datetime(2001, 1, 1), datetime(2095, 1, 1), timezones=st.just(UTC)
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
@settings(derandomize=True, max_examples=60, deadline=None)
@given(instant=INSTANTS)
def test_the_newest_fire_time_is_the_last_one_not_after_an_instant(
    line: str, instant: datetime
) -> None:
    schedule = parse_schedule(line)
    newest, following = schedule.newest(instant), schedule.next_after(instant)
    assert newest
    assert following
    assert newest <= instant < following
    assert schedule.next_after(newest) == following, "there is none between the two"
    assert schedule.newest(newest) == newest
    assert schedule.newest(following - timedelta(microseconds=1)) == newest


@pytest.mark.parametrize(
    ("line", "newest"),
    [
        ("0 6 * * mon", "2026-11-16T06:00"),
        ("0 0 29 feb *", "2024-02-29T00:00"),
        ("0 0 29 feb mon", "2016-02-29T00:00"),
        ("every 36h", "2026-11-21T00:00"),
        ("40,45 * * * *", "2026-11-22T09:45"),
    ],
)
def test_fire_times_are_those_of_the_calendar(line: str, newest: str) -> None:
    found = parse_schedule(line).newest(datetime(2026, 11, 22, 10, 8, 3, 123, tzinfo=UTC))
    assert found == datetime.fromisoformat(newest).replace(tzinfo=UTC)


class Counting:
    """A trigger that counts how often it is asked."""

    def __init__(self, trigger: Any) -> None:
        self.trigger, self.asked = trigger, 0

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        self.asked += 1
        found: datetime | None = self.trigger.get_next_fire_time(previous, now)
        return found


@pytest.mark.parametrize("line", ["* * * * *", "0 6 * * mon", "0 0 29 feb mon"])
def test_a_gap_of_any_length_costs_some_dozens_of_steps(line: str) -> None:
    plain = parse_schedule(line)
    assert isinstance(plain, Cron)
    counting = Counting(plain.trigger)
    schedule = Cron(line, counting)  # type: ignore[arg-type]
    assert schedule.newest(datetime(2036, 11, 22, tzinfo=UTC))
    assert counting.asked <= 70


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("every 2", "not a length of time"),
        ("every 0s", "not a length of time"),
        ("every", "not a cron line"),
        ("hourly", "not a cron line"),
        ("* * * * * *", "not a cron line"),
        ("0 6 * * 1", "name it"),
        ("0 0 30 feb *", "never fires"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_with_the_way_to_mend_it(
    line: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        parse_schedule(line)
    with pytest.raises(ConfigError, match=told):
        check_schedule(line)


NUMBERS = st.sampled_from(["*", "0", "1", "5", "12", "13", "23", "28", "29", "59", "60"])
NAMES = st.sampled_from(["*", "mon", "sun", "mon-fri", "1", "x"])
CRON_LINES = st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NAMES, NUMBERS).map(
    lambda parts: f"{parts[0]},{parts[5]} {' '.join(parts[1:5])}"
)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(line=CRON_LINES)
def test_a_line_that_is_taken_for_plain_can_be_meant_and_fires(line: str) -> None:
    if is_plain(line):
        assert parse_schedule(line).next_after(datetime(2026, 11, 22, tzinfo=UTC))


def test_lines_that_people_write_most_are_plain_and_others_are_looked_at() -> None:
    assert is_plain("0 6 * * mon")
    assert is_plain("40,45 6 1 1 *")
    assert not any(map(is_plain, ["0 0 30 feb *", "0 6 * * 1", "0 0 31 * *", "hourly", ""]))


def test_the_alarm_rings_at_fire_times_until_it_is_stopped() -> None:
    rings = threading.Semaphore(0)
    alarm = Alarm(parse_schedule("every 1s"), rings.release)
    alarm.start()
    assert all(rings.acquire(timeout=30) for _ in range(2))
    alarm.stop()
    while rings.acquire(blocking=False):
        pass
    assert not rings.acquire(timeout=1.5)
