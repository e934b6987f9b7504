"""Factors of the season and of known dates, learned from the past of each origin.

The ratio-to-moving-average method (Macaulay, "The Smoothing of Time Series", NBER 1931; Shiskin,
Young and Musgrave, X-11, US Bureau of the Census 1967), made for counts: with m_t the mean of the
year around period t, the factor of a place p in the year is

    f_p = (Σ_{t in p} w_t y_t + κ φ_p) / (Σ_{t in p} w_t m_t + κ) ,   w_t = 1 / (1 + m_t / r) ,

the estimating equation of a negative binomial with dispersion r, shrunk towards φ_p as by κ events.
All series of a group are added up. A group's φ is the factor of the whole panel, whose own φ is 1.
A wild period counts as four times its mean (and four more) and no higher. The year around t is
whole half a year after t, so that an origin learns from what was over half a year before it.

A known date changes the rate on its days: a period of which it fills the share e has the factor
1 + e (θ − 1), θ being fitted to what the season leaves by least squares with the same weights and
the same shrinking: θ − 1 = (Σ w e (y − m f) + κ (θ' − 1)) / (Σ w e² m f + κ), θ' that of the panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.calendars import Occasion, share_of
from core.periods import Period
from core.series import FloatArray, IntArray, Panel

STRENGTHS = (8.0, 60.0)
"""κ: events that a factor of 1 (or of the panel) is worth. Scores choose between the two."""
DISPERSION = 1.5
OUTLIER = 4.0
LEAST, MOST = 0.1, 8.0
"""Bounds of a factor: what lies beyond is no season."""
_SMOOTHING = np.array([1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0])
"""Neighbouring weeks of a year that are taken together."""


class Cycle(NamedTuple):
    """A cycle: its number of places, the place of every column, and whether places blend.

    `place` is (ends, columns + steps): rows as `Factors.ends`.
    """

    places: int
    place: IntArray
    blend: bool


class Groups(NamedTuple):
    """Which series share their factors.

    Attributes:
        of: (series,) number of the group.
        ends: (groups,) period index of the last column.
        occasions: (groups,) the known dates.
    """

    of: IntArray
    ends: IntArray
    occasions: tuple[tuple[Occasion, ...], ...]


def groups(panel: Panel) -> Groups:
    """Return the groups: regions of one whole that end together and know the same dates."""
    dates = panel.occasions or ((),) * len(panel)
    marks = [
        (key[:-1], int(end), known)
        for key, end, known in zip(panel.keys, panel.ends, dates, strict=True)
    ]
    number = {mark: place for place, mark in enumerate(dict.fromkeys(marks))}
    return Groups(
        np.array([number[mark] for mark in marks], dtype=np.int64),
        np.array([end for _, end, _ in number], dtype=np.int64),
        tuple(known for *_, known in number),
    )


def cycles(period: Period, ends: IntArray, columns: int, steps: int) -> tuple[Cycle, ...]:
    """Return the cycles of a period: months; weeks of the year; and for days those of the week."""
    last = {int(end) for end in ends}
    if period is Period.MONTH:
        places = {end: np.arange(end - columns + 1, end + steps + 1) % 12 for end in last}
        return (Cycle(12, np.stack([places[int(end)] for end in ends]), blend=False),)
    weeks = {
        end: [_week(period, end - columns + 1 + c) for c in range(columns + steps)] for end in last
    }
    found = [Cycle(52, np.array([weeks[int(end)] for end in ends]), blend=True)]
    if period is Period.DAY:
        days = {end: (np.arange(end - columns + 1, end + steps + 1) - 1) % 7 for end in last}
        found.append(Cycle(7, np.stack([days[int(end)] for end in ends]), blend=False))
    return tuple(found)


def _week(period: Period, index: int) -> int:
    """Return the week of the year, 0 to 51, that the middle of a period lies in."""
    middle = period.start(index).toordinal() + (3 if period is Period.WEEK else 0)
    day = middle - _new_year(middle)
    return min(day // 7, 51)


def _new_year(ordinal: int) -> int:
    day = Period.DAY.start(ordinal)
    return day.replace(month=1, day=1).toordinal()


def around(counts: FloatArray, year: int) -> FloatArray:
    """Return (series, columns) the mean of the year around each column; NaN where not whole.

    A year of twelve months or of 52 weeks has its two ends at half their weight.
    """
    half = year // 2
    ends = 0.5 if year % 2 == 0 else 1.0
    known = ~np.isnan(counts)
    sums, seen = (_windowed(part, half, ends) for part in (np.nan_to_num(counts), known * 1.0))
    mean = np.full(counts.shape, np.nan)
    inside = slice(half, counts.shape[1] - half)
    mean[:, inside] = np.where(seen > half, sums / np.maximum(seen, 1.0), np.nan)
    return mean


def _windowed(values: FloatArray, half: int, ends: float) -> FloatArray:
    """Return (series, columns − 2 half) sums over half a year on either side."""
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    width = values.shape[1]
    inner = total[:, 2 * half + 1 :] - total[:, : width - 2 * half]
    edges = values[:, : width - 2 * half] + values[:, 2 * half :]
    return np.asarray(inner - (1 - ends) * edges)


class Factors(NamedTuple):
    """What was learned: every array is known at its origin and for the columns from it on.

    Attributes:
        ahead: (strengths, groups, origins, steps) factors of the columns from each origin on.
        behind: (strengths, groups, columns) of each column, as known when it was next.
        season: (strengths, groups, steps) the part of the season at the last origin.
        dates: (strengths, groups, labels) θ of the known dates at the last origin.
        shares: (groups, labels, steps) of the periods ahead of the last origin that they fill.
        labels: their names.
        groups: who shares them.
    """

    ahead: FloatArray
    behind: FloatArray
    season: FloatArray
    dates: FloatArray
    shares: FloatArray
    labels: tuple[str, ...]
    groups: Groups


def learn(panel: Panel, steps: int, first: int) -> Factors:
    """Return the factors of a panel at the origins from `first` to the one after its end."""
    group, year = groups(panel), panel.period.year_length
    columns, number = panel.counts.shape[1], len(group.ends)
    mean = around(panel.counts, year) if columns > year else np.full_like(panel.counts, np.nan)
    usable = ~np.isnan(mean) & ~np.isnan(panel.counts)
    mean = np.where(usable, mean, 0.0)
    weight = np.where(usable, 1 / (1 + mean / DISPERSION), 0.0)
    came = np.minimum(np.where(usable, panel.counts, 0.0), OUTLIER * (mean + 1))
    came, mean = (_by_group(part * weight, group.of, number) for part in (came, mean))
    round_ = cycles(panel.period, group.ends, columns, steps)
    labels, shares = exposure(panel.period, group, columns, steps)
    learner = _Learner(came, mean, round_, shares)
    lag = year // 2
    ahead = np.ones((len(STRENGTHS), number, columns + 1 - first, steps))
    behind = np.ones((len(STRENGTHS), number, columns))
    for origin in range(lag + 1, columns + 1):
        learner.take(origin - 1 - lag)
        wanted = steps if origin >= first else 1
        found = learner.factors(np.arange(origin, origin + wanted))
        if origin >= first:
            ahead[:, :, origin - first] = found
        if origin < columns:
            behind[:, :, origin] = found[:, :, 0]
    season = learner.season(np.arange(columns, columns + steps))
    ahead_of_all = shares[:, :, columns:]
    return Factors(ahead, behind, season, learner.dates(), ahead_of_all, labels, group)


def exposure(
    period: Period, group: Groups, columns: int, steps: int
) -> tuple[tuple[str, ...], FloatArray]:
    """Return the names of all known dates, and (groups, labels, columns + steps) their shares."""
    names = {one.name: None for known in group.occasions for one in known}
    place = {name: number for number, name in enumerate(sorted(names))}
    shares = np.zeros((len(group.ends), len(place), columns + steps))
    for number, (end, known) in enumerate(zip(group.ends, group.occasions, strict=True)):
        start = int(end) - columns + 1
        for one in known:
            begin = max(period.of(one.first), start)
            for index in range(begin, min(period.of(one.last), int(end) + steps) + 1):
                shares[number, place[one.name], index - start] += share_of(one, period, index)
    return tuple(sorted(names)), np.minimum(shares, 1.0)


def _by_group(values: FloatArray, group: IntArray, number: int) -> FloatArray:
    """Return (groups, columns) sums over the series of each group."""
    found = np.zeros((number, values.shape[1]))
    np.add.at(found, group, values)
    return found


class _Learner:
    """Sums over the past that grow column by column, and the factors that they give."""

    def __init__(
        self, came: FloatArray, mean: FloatArray, round_: Sequence[Cycle], shares: FloatArray
    ) -> None:
        """Take weighted counts, weighted means, cycles and the shares that known dates fill."""
        self._came, self._mean, self._cycles, self._shares = came, mean, round_, shares
        self._all = np.arange(len(came))
        self._sums = [np.zeros((2, len(came), cycle.places)) for cycle in round_]
        self._dates = np.zeros((2, len(STRENGTHS), len(came), shares.shape[1]))

    def take(self, column: int) -> None:
        """Learn from a column."""
        came, mean = self._came[:, column], self._mean[:, column]
        for sums, cycle in zip(self._sums, self._cycles, strict=True):
            sums[0, self._all, cycle.place[:, column]] += came
            sums[1, self._all, cycle.place[:, column]] += mean
        share = self._shares[:, :, column]
        if share.any():
            expected = self.season(np.array([column]))[:, :, 0] * mean
            left = came - expected
            self._dates[0] += share * left[:, :, None]
            self._dates[1] += share**2 * expected[:, :, None]

    def season(self, columns: IntArray) -> FloatArray:
        """Return (strengths, groups, columns) factors of the season."""
        found = np.ones((len(STRENGTHS), len(self._came), len(columns)))
        for sums, cycle in zip(self._sums, self._cycles, strict=True):
            for place, strength in enumerate(STRENGTHS):
                table = _shrunk(sums, strength, blend=cycle.blend)
                found[place] *= table[self._all[:, None], cycle.place[:, columns]]
        return np.clip(found, LEAST, MOST)

    def dates(self) -> FloatArray:
        """Return (strengths, groups, labels) θ − 1 of the known dates."""
        strength = np.array(STRENGTHS)[:, None, None]
        total = self._dates.sum(axis=2, keepdims=True)
        shared = total[0] / (total[1] + strength)
        found = (self._dates[0] + strength * shared) / (self._dates[1] + strength)
        return np.asarray(np.clip(found, LEAST - 1, MOST - 1))

    def factors(self, columns: IntArray) -> FloatArray:
        """Return (strengths, groups, columns) factors of season and known dates together."""
        found, share = self.season(columns), self._shares[:, :, columns]
        if share.any():
            found *= np.prod(1 + self.dates()[..., None] * share, axis=2)
        return np.clip(found, LEAST, MOST)


def _shrunk(sums: FloatArray, strength: float, *, blend: bool) -> FloatArray:
    """Return (groups, places) factors whose mean over the places is 1."""
    if blend:
        sums = _blended(sums)
    whole = sums.sum(axis=1, keepdims=True)
    panel = (whole[0] + strength) / (whole[1] + strength)
    found = (sums[0] + strength * panel) / (sums[1] + strength)
    return np.asarray(found / found.mean(axis=1, keepdims=True))


def _blended(sums: FloatArray) -> FloatArray:
    """Return the sums of places with those of their neighbours, around the year's end too."""
    reach = len(_SMOOTHING) // 2
    moved = [
        weight * np.roll(sums, shift, axis=2)
        for weight, shift in zip(_SMOOTHING, range(-reach, reach + 1), strict=True)
    ]
    return np.asarray(np.sum(moved, axis=0) / _SMOOTHING.sum())
