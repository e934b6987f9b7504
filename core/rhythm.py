"""How long a feed is usually silent, and whether it is silent for longer now.

"No data" looks like calm. What tells them apart is the feed's own rhythm: how many days lay
between the pulls that brought something new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from core.quantities import quantity

REMEMBERED = 20
"""Gaps that a rhythm is learned from: the newest ones."""
ENOUGH = 3
"""Gaps that it takes; with fewer the rhythm is not known."""
OUTAGE = 2
"""A gap of more than this many times the median was an outage and is no part of the rhythm."""
LEAST_DAYS = 21
"""Days that a feed may be silent where no rule says otherwise: three weekly pulls."""


@dataclass(frozen=True)
class Pulse:
    """The days on which a feed brought something new, rising; `first` is that of its first pull."""

    feed: str
    first: date
    news: tuple[date, ...]


@dataclass(frozen=True)
class Silence:
    """How long a feed has brought nothing new.

    Attributes:
        feed: its name.
        since: the day of its last news; of its first pull where it never had any.
        days: from then until today.
        rhythm: the longest gap that is usual, in days; None where it is not known.
        limit: days after which the feed is stale; None where nothing says so.
    """

    feed: str
    since: date
    days: int
    rhythm: int | None
    limit: int | None

    @property
    def stale(self) -> bool:
        """Return whether the feed has been silent for longer than it may be."""
        return self.limit is not None and self.days > self.limit

    @property
    def overdue(self) -> bool:
        """Return whether news are due, so that calm proves nothing: before the feed is stale.

        A feed that brought something today never is; one whose rhythm is not known is on every
        other day.
        """
        return self.stale or (self.days > 0 and (self.rhythm is None or self.days >= self.rhythm))

    @property
    def in_words(self) -> str:
        """Return what to know of it, as a run's reason says it."""
        rhythm = "is not known yet" if self.rhythm is None else f"is {days(self.rhythm)}"
        return (
            f"no new data from {self.feed} since {self.since} ({days(self.days)}); its rhythm "
            f"{rhythm}; what you see may be calm or silence"
        )


def days(count: int) -> str:
    """Return a number of days as it is said."""
    return quantity(count, "days")


def rhythm(news: tuple[date, ...]) -> int | None:
    """Return the longest of the last gaps between news, in days, outages left out."""
    gaps = [(later - earlier).days for earlier, later in pairwise(news)][-REMEMBERED:]
    if len(gaps) < ENOUGH:
        return None
    usual = OUTAGE * median(gaps)
    return max(gap for gap in gaps if gap <= usual)


def listen(pulse: Pulse, today: date, after: int | None) -> Silence:
    """Return how long a feed has been silent today.

    A feed is stale when it is silent for longer than its rhythm and than `after` days. Where no
    rule gives `after`, it takes a known rhythm, and LEAST_DAYS at the least: a file that was read
    once and never changes is nobody's outage.
    """
    usual = rhythm(pulse.news)
    limit = None
    if after is not None or usual is not None:
        limit = max(after or LEAST_DAYS, usual or 0)
    since = pulse.news[-1] if pulse.news else pulse.first
    return Silence(pulse.feed, since, max((today - since).days, 0), usual, limit)
