"""Why the expected count changed: new periods, revised counts, or the program.

What is expected of a period is a function of the counts, of how late they come, and of the program.
Changed one after the other, from the run before to this one, their effects add up to the whole
change exactly. With S for the old data and S' for the same periods as they are known today, both
without open periods, N and N' for all that was and is known, f for the old and f' for today's
program:

    f'(N') − f(N)  =  [f'(N') − f'(S') − (f'(N) − f'(S))]  +  [f'(S') − f'(S)]  +  [f'(N) − f(N)]
                      new periods, less what was known         revised counts      the program
                      of them already

A costly member (Prophet) is asked in runs only; f' is then the pool of the others, and what the
costly one changes stands with the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from core.explanations import Arrived, Revised
from core.regions import RegionKey
from core.series import FloatArray, Panel

MOST_REVISED = 5
"""Revised periods that are named; all are counted."""

Expected = Mapping[RegionKey, float]
"""Region → expected count of one period."""


class Views(NamedTuple):
    """What today's program expects of one period, from four states of the data.

    Attributes:
        then: all that the run before knew.
        then_settled: the same without open periods.
        revised_settled: those periods as they are known today.
        now: all that is known today; None where the run's own forecast says so.
    """

    then: Expected
    then_settled: Expected
    revised_settled: Expected
    now: Expected | None


class Parts(NamedTuple):
    """Effects that add up to the change."""

    arrived: float
    revised: float
    program: float


def split(key: RegionKey, before: float, after: float, views: Views) -> Parts:
    """Return the parts of one region's change.

    A region that today's program does not see in the old data was counted otherwise then: all of
    its change is the program's. One of whose old counts nothing is left expected nothing of them.
    """
    if key not in views.then or key not in views.then_settled:
        return Parts(0.0, 0.0, after - before)
    now = after if views.now is None else views.now.get(key, after)
    then, settled = views.then[key], views.then_settled[key]
    redone = views.revised_settled.get(key, 0.0)
    arrived = (now - redone) - (then - settled)
    revised = redone - settled
    return Parts(arrived, revised, after - before - arrived - revised)


class Stretch(NamedTuple):
    """The complete counts of a series: (periods,), NaN where not covered, the last of `end`."""

    counts: FloatArray
    end: int

    @property
    def first(self) -> int:
        """Return the index of the first period."""
        return self.end - len(self.counts) + 1

    def between(self, first: int, last: int) -> FloatArray:
        """Return the counts of the periods first to last, which it holds."""
        return self.counts[first - self.first : last - self.first + 1]


class Series:
    """The series of a panel, by region."""

    def __init__(self, panel: Panel) -> None:
        """Take a panel."""
        self._panel = panel
        self._places = {key: place for place, key in enumerate(panel.keys)}

    def get(self, key: RegionKey) -> Stretch | None:
        """Return a region's series, or None when it has none."""
        place = self._places.get(key)
        if place is None:
            return None
        return Stretch(self._panel.counts[place], int(self._panel.ends[place]))


def new_periods(now: Stretch, known_to: int, expected: Mapping[int, float]) -> tuple[Arrived, ...]:
    """Return the periods of a series after period `known_to`; uncovered ones are none.

    `expected` says what the run before expected of a period, where it did.
    """
    first = max(known_to + 1, now.first)
    counts = now.between(first, now.end)
    return tuple(
        Arrived(first + int(place), int(counts[place]), expected.get(first + int(place)))
        for place in np.flatnonzero(~np.isnan(counts))
    )


def revised_periods(then: Stretch, now: Stretch | None) -> tuple[tuple[Revised, ...], int]:
    """Return the most changed periods of a series, oldest first, and how many changed.

    A period that was or is not covered has not changed. Without a series `now` every event of the
    region was withdrawn.
    """
    if now is None:
        now = Stretch(then.counts * 0.0, then.end)
    first, last = max(then.first, now.first), min(then.end, now.end)
    if first > last:
        return (), 0
    before, after = then.between(first, last), now.between(first, last)
    apart = np.nan_to_num(np.abs(after - before))
    places = np.flatnonzero(apart)
    most = places[np.argsort(-apart[places], kind="stable")][:MOST_REVISED]
    found = [
        Revised(first + int(place), int(before[place]), int(after[place])) for place in sorted(most)
    ]
    return tuple(found), len(places)


def same_counts(one: Panel, other: Panel) -> bool:
    """Return whether two panels hold the same complete counts of the same regions."""
    return (
        one.keys == other.keys
        and np.array_equal(one.ends, other.ends)
        and np.array_equal(one.counts, other.counts, equal_nan=True)
    )
