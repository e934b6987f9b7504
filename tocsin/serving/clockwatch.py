"""Noticing that the wall clock was set, or that the machine slept."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Clock, stopwatch
from core.durations import in_words
from tocsin.serving.due import shown

TOLERANCE = 60.0
"""Seconds by which the clocks may move apart: far over what a time server corrects at a go."""


class ClockWatch:
    """Compares the wall clock with the monotonic one, which nobody can set."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = stopwatch) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._wall, self._steady = clock.now(), monotonic()

    def look(self) -> str | None:
        """Return a warning when the clocks moved apart since the last one, else None."""
        wall, steady = self._clock.now(), self._monotonic()
        expected = steady - self._steady
        ahead = (wall - self._wall).total_seconds() - expected
        if abs(ahead) <= TOLERANCE:
            return None
        before, self._wall, self._steady = self._wall, wall, steady
        way = "forward" if ahead > 0 else "back"
        return (
            f"the wall clock went {way} by {in_words(abs(ahead))}: it went from {shown(before)} to "
            f"{shown(wall)} while {expected:.0f} s passed on the monotonic clock; "
            "the clock was set, or the machine slept"
        )
