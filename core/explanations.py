"""Why a forecast is not what the run before said: facts, without words."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Arrived(NamedTuple):
    """A period that is complete since: what came, and what the run before expected of it."""

    period: int
    came: int
    expected: float | None


class Revised(NamedTuple):
    """A period that was complete then, whose count is another now."""

    period: int
    before: int
    after: int


class Change(NamedTuple):
    """The change of one region's expected count of one period since the run before, in parts.

    Attributes:
        run: number of the run before.
        cutoff: its cut-off.
        period: index of the period that both expect something of: the running one.
        before: what that run expected.
        arrived: effect of the periods that are new, and of what has come in of open ones.
        revised: effect of other counts of the periods that were complete then, and of what late
            reports are thought to do to them.
        program: the rest: another version, configuration, or member that is asked only once.
        new_periods: complete since, oldest first.
        revised_periods: those whose counts changed most, oldest first.
        revised_in_all: how many changed.
        causes: what is not as it was: "version", "configuration", "prophet".
    """

    run: int
    cutoff: date
    period: int
    before: float
    arrived: float
    revised: float
    program: float
    new_periods: tuple[Arrived, ...] = ()
    revised_periods: tuple[Revised, ...] = ()
    revised_in_all: int = 0
    causes: tuple[str, ...] = ()

    @property
    def after(self) -> float:
        """Return what is expected now: the parts add up to it."""
        return self.before + self.arrived + self.revised + self.program
