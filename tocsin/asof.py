"""The two clocks: up to which event date, and as known when."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from core.clock import stamp
from core.errors import InputError
from core.protocols import IncidentStore
from tocsin.config import Config


class Replay(NamedTuple):
    """A past cut-off, and the stamp at which it reads the store (None: the end of that day)."""

    day: date
    known_at: str | None = None

    @classmethod
    def of(cls, day: date | None, known_at: str | None) -> Replay | None:
        """Return what `--as-of` and `--known-at` ask for, None for an ordinary run.

        Raises:
            InputError: when the second stands without the first, or is no moment.
        """
        if day is None:
            if known_at is not None:
                raise InputError("--known-at", "needs --as-of", "name the day to cut off at too")
            return None
        return cls(day, known_at and moment("--known-at", known_at))


def read_at(store: IncidentStore, config: Config, day: date) -> str | None:
    """Return the stamp at which a replay of a day reads the store, None for "as known now".

    It is the end of that day. Before the first pull nothing was known: such a replay cuts by
    event date alone.
    """
    first = store.first_seen([feed.name for feed in config.feeds])
    end = end_of(day)
    return end if first is not None and end >= first else None


def end_of(day: date) -> str:
    """Return the last stamp of a day."""
    return stamp(datetime.combine(day, time.max, tzinfo=UTC))


def moment(option: str, text: str) -> str:
    """Return the stamp that a person means: the end of a day, or an instant in UTC.

    Raises:
        InputError: when it is neither.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return end_of(date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
        return stamp(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        mend = "write 2024-01-31 (the end of that day) or 2024-01-31T06:00:00Z"
        raise InputError(option, f"{text!r} is no date and no instant", mend) from None
