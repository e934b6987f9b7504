"""Known dates: occasions that are known in advance, where they hold, and what they fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from core.countries import alpha3
from core.periods import Period
from core.regions import RegionKey, label
from core.text import fold

FIRST, LAST = date(1970, 1, 1), date(2069, 12, 31)
"""Known dates are looked for from the one to the other."""
MOST_DAYS = 60
"""An occasion that is longer is no date any more."""


class Occasion(NamedTuple):
    """A known date: its name, and its first and last day."""

    name: str
    first: date
    last: date


class Calendar(NamedTuple):
    """Occasions, and where they hold.

    Attributes:
        name: as it is configured.
        occasions: in the order of time.
        countries: names or codes, any case; all countries without one.
        regions: a glob over regions as they are shown.
    """

    name: str
    occasions: tuple[Occasion, ...]
    countries: tuple[str, ...] = ()
    regions: str = "*"

    def holds_in(self, key: RegionKey, columns: Sequence[str]) -> bool:
        """Return whether it holds in a region, whose parts are these columns."""
        if not fnmatchcase(label(key), self.regions):
            return False
        if not self.countries:
            return True
        named = dict(zip(columns, key, strict=False))  # a total has the first parts of a key only
        country = named.get("country", "")
        return _named(country) in map(_named, self.countries)


def _named(country: str) -> str:
    """Return a country's code, or its name as names are compared where it has none."""
    return alpha3(country) or fold(country)


def known_dates(
    calendars: Iterable[Calendar], key: RegionKey, columns: Sequence[str]
) -> tuple[Occasion, ...]:
    """Return the occasions of all calendars that hold in a region, in the order of time."""
    found = {
        one
        for calendar in calendars
        if calendar.holds_in(key, columns)
        for one in calendar.occasions
    }
    return tuple(sorted(found, key=lambda one: (one.first, one.last, one.name)))


def share_of(occasion: Occasion, period: Period, index: int) -> float:
    """Return the share of a period's days that an occasion fills: 0 to 1."""
    start, end = period.start(index), period.end(index)
    days = (min(occasion.last, end) - max(occasion.first, start)).days + 1
    return max(days, 0) / ((end - start).days + 1)


def within(occasions: Iterable[Occasion], first: date, last: date) -> tuple[Occasion, ...]:
    """Return the occasions that touch a stretch of days."""
    return tuple(one for one in occasions if one.first <= last and one.last >= first)


def joined(occasions: Iterable[Occasion]) -> tuple[Occasion, ...]:
    """Return occasions in the order of time; those of one name that touch become one."""
    newest: dict[str, int] = {}
    found: list[Occasion] = []
    for one in sorted(set(occasions), key=lambda one: (one.first, one.last, one.name)):
        place = newest.get(one.name)
        if place is not None and one.first <= found[place].last + timedelta(days=1):
            found[place] = found[place]._replace(last=max(found[place].last, one.last))
        else:
            newest[one.name] = len(found)
            found.append(one)
    return tuple(found)


def in_words(occasion: Occasion) -> str:
    """Return an occasion as people say it: "Eid al-Fitr 20–22 March 2026"."""
    name, first, last = occasion
    end = f"{last.day} {last:%B %Y}"
    if first == last:
        return f"{name} {end}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{name} {first.day}–{end}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{name} {first.day} {first:%B}{year} – {end}"
