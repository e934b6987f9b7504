"""Past moments as people name them: a day, an instant, or how long ago."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from core.clock import stamp
from core.durations import seconds
from core.errors import InputError

_FIRST_YEAR = 1970


def since_of(option: str, written: str, now: datetime) -> str:
    """Return the stamp of a day's beginning, of an instant (UTC), or of a length before now.

    Raises:
        InputError: when it is none of these, or still to come.
    """
    try:
        start = _start(written.strip(), now)
    except (ValueError, OverflowError):
        mend = "write a day (2026-12-24), an instant (2026-12-24T06:00:00Z) or a length (12h, 7d)"
        raise InputError(option, f"{written!r} is no past moment", mend) from None
    if start.year < _FIRST_YEAR:  # stamps sort as they run only with four digits of year
        raise InputError(option, f"{written} is too long ago", "give a later moment")
    if start > now:
        raise InputError(option, f"{written} is still to come", "give an earlier moment")
    return stamp(start)


def _start(written: str, now: datetime) -> datetime:
    if written[-1:] in "smhd" and "-" not in written:
        return now - timedelta(seconds=seconds(written))
    if len(written) == len("2026-12-24"):
        return datetime.combine(date.fromisoformat(written), time(), tzinfo=UTC)
    instant = datetime.fromisoformat(written)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
