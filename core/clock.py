"""The only module that reads the time. Everything else is given a Clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, for demonstrations, replays and tests."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant it was made with."""
        return self.instant


def at_date(day: date) -> datetime:
    """Return the first instant of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def stamp(instant: datetime) -> str:
    """Return an instant as ISO 8601 UTC text with microseconds, which sorts as it runs.

    Raises:
        OverflowError: for an instant that in UTC lies before year 1 or after year 9999.
    """
    # strftime writes the year 999 with three digits, which sorts after every other one.
    written = instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{written}Z"


def unstamp(text: str) -> datetime:
    """Return the instant that `stamp` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def to_the_minute(text: str) -> str:
    """Return what `stamp` wrote as people read it: "2024-01-31T06:00Z"."""
    return f"{text[:16]}Z"


def stopwatch() -> float:
    """Return monotonic seconds; only differences mean anything."""
    return time.monotonic()
