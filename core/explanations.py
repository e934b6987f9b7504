"""Why a forecast is not what the run before said: facts, without words."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Effect(NamedTuple):
    """What season, known dates, neighbours or the last periods do to one forecast.

    Attributes:
        period: index of the period that is forecast.
        kind: "season", "date", "neighbours", "actor" or "excitement".
        subject: the month or week, or the name of the known date; "" where there is none.
        ratio: of a season, its factor; of a known date, how many times as much its days have as
            others; of neighbours, how many times what they were they are; of excitement, what is
            expected over the long mean.
        adds: share by which it raises what the pool expects: its weight is in it.
    """

    period: int
    kind: str
    subject: str
    ratio: float
    adds: float


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
