"""Two clocks: when they move apart, people are told what both say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.serving.clockwatch import ClockWatch

START = datetime(2026, 3, 2, 6, tzinfo=UTC)


@dataclass
class Clocks:
    """A wall clock that can be set and a monotonic one that cannot."""

    wall: datetime = START
    steady: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def pass_on(self, seconds: float, wall: float | None = None) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)


@pytest.mark.parametrize(
    ("seconds", "wall", "told"),
    [
        (2, 3602, "forward by 60 min"),
        (2, -3598, "back by 60 min"),
        (2, 86_402, "forward by 24.0 h"),
        (2, 315_360_002, "forward by 3650.0 d"),
        (60, 122, "forward by 62 s"),
    ],
)
def test_a_clock_that_was_set_is_told_once_with_both_clocks(
    seconds: float, wall: float, told: str
) -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks, clocks.monotonic)
    clocks.pass_on(seconds, wall)
    warning = watch.look()
    assert warning
    assert told in warning
    assert f"while {seconds:.0f} s passed on the monotonic clock" in warning
    assert "from 2026-03-02T06:00:00Z to" in warning
    clocks.pass_on(2)
    assert watch.look() is None


def test_a_day_stopped_or_corrected_by_some_seconds_is_no_warning() -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks, clocks.monotonic)
    clocks.pass_on(86_400)
    assert watch.look() is None
    clocks.pass_on(2, 50)
    assert watch.look() is None
