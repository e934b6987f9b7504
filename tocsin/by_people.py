"""What people write beside alerts: names, notes and times, checked before anything is stored."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from core.clock import stamp
from core.durations import seconds
from core.errors import InputError
from core.text import clean

MOST_TEXT, MOST_NAME = 2000, 100
LONGEST = timedelta(days=366)
"""How far ahead a silence or an acknowledgement may end."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def text(option: str, written: str, most: int = MOST_TEXT, *, required: bool = True) -> str:
    """Return a person's text on one clean line.

    Raises:
        InputError: when it is longer than `most`, or empty where it is required.
    """
    if len(written) > most:
        raise InputError(option, f"is longer than {most} characters", "write less")
    cleaned = clean(written, most)
    if required and not cleaned:
        raise InputError(option, "is empty", "say who or why in a few words")
    return cleaned


def author(written: str) -> str:
    """Return who does it.

    Raises:
        InputError: when nobody is named, or at too great a length.
    """
    return text("--by", written, MOST_NAME)


def until(written: str, now: datetime) -> str:
    """Return the stamp of a day's end ("2026-12-24"), or of a length from now ("36h", "7d").

    Raises:
        InputError: when it is neither, is over already, or is more than a year away.
    """
    end = _end(written.strip(), now)
    if end <= now:
        raise InputError("--until", f"{written} is over already", "give a later day")
    if end > now + LONGEST:
        raise InputError("--until", f"{written} is more than a year away", "give an earlier day")
    return stamp(end)


def _end(written: str, now: datetime) -> datetime:
    try:
        if _DAY.fullmatch(written):
            day = date.fromisoformat(written) + timedelta(days=1)
            return datetime.combine(day, clock_time(), tzinfo=UTC)
        return now + timedelta(seconds=seconds(written))
    except (ValueError, OverflowError):
        mend = "write a day (2026-12-24, to its end, UTC) or a length such as 36h or 7d"
        raise InputError("--until", f"{written!r} is no time", mend) from None
