"""What a service needs of its machine: room on the disk, and a clock that runs forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.clock import unstamp

LEAST_FREE = 500_000_000
"""Bytes. A run of 400,000 forecasts takes 53 MB, and as much again while it commits."""
_SLACK = timedelta(minutes=5)


def disk(free: int, size: int) -> tuple[bool, str]:
    """Return whether the disk has room for the database to be written whole once more.

    Args:
        free: bytes left on its disk.
        size: bytes of the database.
    """
    needed = max(LEAST_FREE, size)
    words = f"{free / 1e9:.1f} GB free"
    if free >= needed:
        return True, words
    return False, f"{words}, less than the {needed / 1e9:.1f} GB that a run may need: make room"


def clock(now: datetime, newest: str | None) -> tuple[bool, str]:
    """Return whether the clock is after everything that the store remembers.

    Args:
        now: the clock.
        newest: the newest stamp of the store, None for an empty one.
    """
    words = f"{now:%Y-%m-%d %H:%M} UTC"
    if newest is None or now >= unstamp(newest) - _SLACK:
        return True, words
    return False, f"{words}, but the store was written at {newest}: the clock has gone back"
