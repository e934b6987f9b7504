"""A watch's forecasts as they would have been made in the past: one class per clock.

Both give, byte for byte, what a run with `--as-of` that day makes: they go the same way, one
origin after the other, so that no origin can see what came after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.calendars import Calendar
from core.forecasts import WatchResult
from core.incidents import Coverage
from core.series import Cells
from core.settings import WatchSettings
from forecast.delays import Learned
from forecast.series import build
from tocsin.asof import end_of
from tocsin.config import Config
from tocsin.forecasting import learned_delay, outlooks
from tocsin.labels import unit_of
from tocsin.rule_inputs import count
from tocsin.silence import Silences
from tocsin.stores import Stores


class Past(Protocol):
    """What could be forecast of a watch on past days."""

    def results(self, day: date) -> Iterator[WatchResult]:
        """Yield the forecasts at the end of a day, block by block."""
        ...

    def overdue(self, day: date) -> tuple[str, ...]:
        """Return the feeds whose news were due on a day, so that calm proved nothing."""
        ...


@dataclass(frozen=True)
class ByEventDate:
    """Today's data, cut by the date of the event: late reports are all in, errors corrected.

    Attributes:
        watch: what is forecast, and by which models.
        unit: the noun of what is counted.
        cells: its counts, as known now.
        coverage: of its feeds, as known now.
        calendars: known dates.
    """

    watch: WatchSettings
    unit: str
    cells: Cells
    coverage: Mapping[str, list[Coverage]]
    calendars: Sequence[Calendar] = ()

    def results(self, day: date) -> Iterator[WatchResult]:
        """Yield the forecasts at the end of a day, which must be the last of a period."""
        cells = self.cells.until(self.watch.period.last_complete(day))
        built = build(cells, self.coverage, self.watch, day)
        yield from outlooks(self.watch, self.unit, built, Learned(None, ""), self.calendars)

    def overdue(self, _day: date) -> tuple[str, ...]:
        """Return nothing: with today's data no news are due."""
        return ()


@dataclass(frozen=True)
class AsKnownThen:
    """What the store knew at the end of each day, late reports completed as they were then."""

    config: Config
    storage: Stores
    watch: WatchSettings

    def results(self, day: date) -> Iterator[WatchResult]:
        """Yield the forecasts at the end of a day."""
        incidents, then = self.storage.incidents, end_of(day)
        built = count(incidents, self.watch, day, then).built
        learned = learned_delay(self.config, incidents, self.watch, day, then)
        unit, dates = unit_of(self.config, self.watch), self.config.calendars
        yield from outlooks(self.watch, unit, built, learned, dates)

    def overdue(self, day: date) -> tuple[str, ...]:
        """Return the feeds whose news were due then."""
        incidents = self.storage.incidents
        return Silences.heard(self.config, incidents, day, end_of(day)).overdue(self.watch)
