"""Which feed counts, where several feeds of a watch hold the same country and period.

One source per country and period, never a mixture: two sources of one event cannot be added up,
and which of them is right is not for a program to say. The owner of the watch declares it.

An event that two feeds date on either side of the border between their periods counts in both. To
tell that it is one event would take ids that feeds share, which only some do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from core.incidents import Coverage
from core.periods import Period
from core.settings import WatchSettings
from core.text import fold


class Owners:
    """The feed that counts, per country and period, by a watch's precedence.

    It is the first feed that covers the whole period; where none does, the one whose coverage of
    the country reaches furthest, the first among equals.
    """

    def __init__(self, watch: WatchSettings, coverage: Mapping[str, Sequence[Coverage]]) -> None:
        """Take the watch and what its feeds cover, countries named as they are counted."""
        self._order, self._period = watch.precedence, watch.period
        self._coverage = coverage
        self._stretches: dict[str, dict[str, list[Coverage]]] = {}
        self._found: dict[tuple[str, int], str] = {}

    def counts(self, feed: str, country: str, period: int) -> bool:
        """Return whether a feed is the one that counts in a country's period."""
        place = (country, period)
        if place not in self._found:
            self._found[place] = self._owner(country, period)
        return self._found[place] == feed

    def _owner(self, country: str, period: int) -> str:
        if country not in self._stretches:
            self._stretches[country] = {
                feed: of_country(self._coverage.get(feed, ()), country) for feed in self._order
            }
        stretches = self._stretches[country]
        first, last = self._period.start(period), self._period.end(period)
        for feed in self._order:
            if any(
                _holds(part, number, first, last, self._period)
                for number, part in enumerate(stretches[feed])
            ):
                return feed
        return max(self._order, key=lambda feed: _furthest(stretches[feed]))


def of_country(coverage: Sequence[Coverage], country: str) -> list[Coverage]:
    """Return a feed's stretches for a country: its own, or else those of the whole feed."""
    own = [part for part in coverage if part.country and fold(part.country) == fold(country)]
    return own or [part for part in coverage if not part.country]


def _holds(part: Coverage, number: int, first: date, last: date, period: Period) -> bool:
    """Return whether a stretch covers a period whole.

    What a source holds starts with an event: the first stretch may begin inside its period, as in
    forecast/series.py.
    """
    begun = part.first <= first or (number == 0 and period.of(part.first) == period.of(first))
    return begun and last <= part.through


def _furthest(stretches: list[Coverage]) -> date:
    return max((part.through for part in stretches), default=date.min)
