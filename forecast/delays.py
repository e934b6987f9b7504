"""How late reports come: learned from what past pulls knew, or as the feeds are configured.

A lag counts periods back from the one in which the sources were last looked at; the period at lag
0 is still open then. For every lag, what was counted of past periods at that same age is compared
with what was counted one period later: the links of a chain ladder (England and Verrall, British
Actuarial Journal 8, 2002), here in two parts, because reports are also withdrawn. Of n counted
before and m after, min(n, m) stood: the share *kept* is min / n, the share *known* min / m. Both
are pooled over regions, as beta laws whose spread is that of the regions and periods seen so far
around the pool, so that a forecast of the final count is as unsure as its own past errors. The
links' products lead to the last age that has been seen often enough; what is older is taken as
final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from core.periods import Period
from core.series import AnyArray, FloatArray, History, IntArray, Vintage
from core.settings import FeedSettings, WatchSettings
from forecast.series import reach

LAGS = {Period.DAY: 30, Period.WEEK: 26, Period.MONTH: 24}
"""Periods back to which a delay is followed."""
LEARNED_FROM = {Period.DAY: 90, Period.WEEK: 78, Period.MONTH: 60}
"""Periods back from which it is learned."""
LEAST_PERIODS = 6
"""Past periods that must have been seen at an age, and again one period later, to speak of it."""
TOLERANCE = {Period.DAY: 3, Period.WEEK: 3, Period.MONTH: 15}
"""Days by which a past pull may miss the age that is asked for: half a week, half a month."""
_EXACT = 2.0**24
"""Whole numbers up to here are told exactly by 32 bits: IEEE 754, single precision."""
NEGLIGIBLE = 0.002
"""Shares that are nearer to 1 than this are not worth a correction."""
CONFIGURED_SPREAD = 0.05
"""Standard deviation, times 2 √(p(1 − p)), that a configured share is trusted to: at p = 0.5 it
lies within 0.4 and 0.6 in 19 cases of 20."""


class Share(NamedTuple):
    """What is known of a share between 0 and 1: mean and variance of a beta law."""

    mean: float
    variance: float

    @property
    def negligible(self) -> bool:
        """Return whether it is as good as 1."""
        return 1 - self.mean < NEGLIGIBLE

    def times(self, other: Share) -> Share:
        """Return the product of two independent shares."""
        square = (self.variance + self.mean**2) * (other.variance + other.mean**2)
        mean = self.mean * other.mean
        return Share(mean, max(square - mean**2, 0.0))


ALL = Share(1.0, 0.0)
NOTHING = Share(0.0, 0.0)
"""Of a lag at which no period was ever seen: what is counted there says nothing."""


@dataclass(frozen=True)
class Delay:
    """How much of a count is there at each lag, and how much of it will stay.

    Attributes:
        running: index of the period at lag 0.
        kept: per lag, the share of what is counted that will stand.
        known: per lag, the share of the final count that is counted.
    """

    running: int
    kept: tuple[Share, ...]
    known: tuple[Share, ...]

    @property
    def lags(self) -> int:
        """Return how many of the newest lags are not final; 0 when nothing is late."""
        late = [
            lag
            for lag, shares in enumerate(zip(self.kept, self.known, strict=True))
            if NOTHING not in shares and not all(share.negligible for share in shares)
        ]
        return late[-1] + 1 if late else 0


class Learned(NamedTuple):
    """A delay, or None, and in a few words where it comes from."""

    delay: Delay | None
    told: str


def learned_since(period: Period, day: date) -> date:
    """Return the first day whose events a delay is learned from."""
    return period.start(period.of(day) - LEARNED_FROM[period])


def choose(
    history: History, feeds: Sequence[FeedSettings], watch: WatchSettings, day: date
) -> Learned:
    """Return the delay by which a watch is corrected: learned, else configured, else none.

    Args:
        history: what past pulls knew.
        feeds: of the watch.
        watch: its period and grouping.
        day: until which the feeds were looked at.
    """
    links = learn(history, watch, day)
    if links.periods >= LEAST_PERIODS:
        if not links.delay.lags:
            told = f"none seen in {links.periods} past {watch.period}s"
            return Learned(None, told)
        told = f"corrected, as learned from {links.periods} past {watch.period}s"
        return Learned(links.delay, told)
    short = f"{links.periods} of {LEAST_PERIODS} past {watch.period}s seen to learn the delay"
    configured = [feed.delay for feed in feeds if feed.delay]
    if not configured:
        return Learned(None, f"not corrected: {short}")
    return Learned(_configured(configured, watch.period, day), f"corrected as configured: {short}")


class Links(NamedTuple):
    """A learned delay, and from how many periods its first link is."""

    delay: Delay
    periods: int


def learn(history: History, watch: WatchSettings, day: date, least: int = LEAST_PERIODS) -> Links:
    """Return the delay that past pulls show; links seen for fewer than `least` periods count not.

    A link that was seen for too few periods ends the chain.
    """
    counts = _known_at(history, watch, day)
    lags = range(LAGS[watch.period])
    periods = np.array([counts.seen(lag).any(axis=0).sum() for lag in lags])
    first = int(np.argmax(periods >= least))  # too young an age may never be seen at all
    chain = int(np.argmin(np.append(periods[first:] >= least, False)))
    kept, known = [ALL], [ALL]
    for lag in range(first + chain - 1, first - 1, -1):
        seen = counts.seen(lag)
        before = np.where(seen, counts.at(lag), 0.0)
        after = np.where(seen, counts.at(lag + 1), 0.0)
        stood = np.minimum(before, after)
        kept.append(kept[-1].times(_pooled(stood, before, watch.period)))
        known.append(known[-1].times(_pooled(stood, after, watch.period)))
    young = [NOTHING] * first
    delay = Delay(watch.period.of(day), (*young, *kept[::-1]), (*young, *known[::-1]))
    return Links(delay, int(periods[first] if chain else periods.max()))


class _Known:
    """What was counted of a period at the age of a lag, where some pull was made at that age.

    All lags in one array would take 12 kB a region, of which most is unknown or below 2^24.
    """

    def __init__(self, regions: int, periods: int) -> None:
        self._shape = (regions, periods)
        self._columns: dict[tuple[int, int], AnyArray] = {}

    def keep(self, lag: int, column: int, counts: FloatArray) -> None:
        """Keep the (regions,) counts of a period at a lag."""
        small = np.nanmax(counts, initial=0.0) <= _EXACT
        self._columns[lag, column] = counts.astype(np.float32 if small else np.float64)

    def at(self, lag: int) -> FloatArray:
        """Return (regions, periods) the counts at a lag, NaN where unknown."""
        found = np.full(self._shape, np.nan)
        for column in range(self._shape[1]):
            if (lag, column) in self._columns:
                found[:, column] = self._columns[lag, column]
        return found

    def seen(self, lag: int) -> AnyArray:
        """Return (regions, periods) whether a period was seen at a lag and one period later."""
        return np.asarray(~np.isnan(self.at(lag)) & ~np.isnan(self.at(lag + 1)))


def _known_at(history: History, watch: WatchSettings, day: date) -> _Known:
    """Return what was counted of a period at the age of a lag."""
    period, span = watch.period, LEARNED_FROM[watch.period]
    running = period.of(day)
    first = running - span
    wanted = _vintage_at(history, watch.period, day)
    found = _Known(len(history.keys), span + 1)
    inside = (history.period >= first) & (history.period <= running)
    for number in np.unique(wanted[wanted >= 0]):
        live = inside & (history.since <= number) & (number < history.until)
        counts = np.zeros((len(history.keys), span + 1))
        cell = (history.region[live], history.period[live] - first)
        np.add.at(counts, cell, history.count[live])
        counts[~_touched(history.vintages[number], history, watch, first, span)] = np.nan
        for lag, column in zip(*np.nonzero(wanted == number), strict=True):
            found.keep(int(lag), int(column), counts[:, column])
    return found


def _vintage_at(history: History, period: Period, day: date) -> IntArray:
    """Return (lags, periods) the vintage nearest to the age that each lag has; -1 for none."""
    lags, span, running = LAGS[period], LEARNED_FROM[period], period.of(day)
    days = np.array([vintage.day.toordinal() for vintage in history.vintages], dtype=np.int64)
    days = np.maximum.accumulate(days)  # a clock may have been set back
    ends = [period.end(running - back).toordinal() for back in range(span, -1, -1)]
    found = np.full((lags + 1, span + 1), -1, dtype=np.int64)
    if not len(days):
        return found
    for lag in range(lags + 1):
        age = day.toordinal() - period.end(running - lag).toordinal()
        for column, end in enumerate(ends):
            after = int(np.searchsorted(days, end + age, side="right"))
            near = range(max(after - 1, 0), min(after + 1, len(days)))
            best = min(near, key=lambda number: abs(int(days[number]) - end - age))
            if abs(int(days[best]) - end - age) <= TOLERANCE[period]:
                found[lag, column] = best
    return found


def _touched(
    vintage: Vintage, history: History, watch: WatchSettings, first: int, span: int
) -> AnyArray:
    """Return (regions, periods) whether all feeds of a region covered some of a period."""
    position = watch.group_by.index("country") if "country" in watch.group_by else None
    stretch: dict[str, tuple[int, int]] = {}
    edges = np.empty((len(history.keys), 2), dtype=np.int64)
    for region, key in enumerate(history.keys):
        country = "" if position is None else key[position]
        if country not in stretch:
            stretch[country] = _span(vintage, watch, country)
        edges[region] = stretch[country]
    columns = first + np.arange(span + 1)
    return np.asarray((columns >= edges[:, :1]) & (columns <= edges[:, 1:]))


def _span(vintage: Vintage, watch: WatchSettings, country: str) -> tuple[int, int]:
    """Return the first and the last period of which all feeds cover something."""
    days = reach(vintage.coverage, watch, country)
    return (watch.period.of(days[0]), watch.period.of(days[1])) if days else (1, 0)


def _pooled(stood: FloatArray, of: FloatArray, period: Period) -> Share:
    """Return the share `stood / of` for a new region and period, from (regions, periods) cells.

    Newer periods weigh more, half as much a year back. The variance is that of the cells around
    the pool beyond what their size explains (Kleinman, JASA 68, 1973), plus that of the pool
    itself, from how much whole periods differ.
    """
    weight = 0.5 ** (np.arange(of.shape[1])[::-1] / period.year_length)
    total = float((of * weight).sum())
    if total == 0 or np.array_equal(stood, of):
        return ALL
    mean = (float((stood * weight).sum()) + 0.5) / (total + 1.0)
    apart = stood - mean * of
    within = float((weight * apart**2 / np.maximum(of, 1.0)).sum()) / (mean * (1 - mean))
    cells = float((weight * (of > 0)).sum())
    excess = total - cells
    spread = min(max((within - cells) / excess, 0.0), 0.95) if excess > 0 else 0.0
    pools = weight * apart.sum(axis=0)
    return Share(mean, mean * (1 - mean) * spread + float((pools**2).sum()) / total**2)


def _configured(delays: Sequence[Mapping[int, float]], period: Period, day: date) -> Delay:
    """Return the delay of the slowest feed: the mean share over the days of each period."""
    running, known = period.of(day), []
    for lag in range(LAGS[period] + 1):
        first, last = period.start(running - lag), period.end(running - lag)
        ages = day.toordinal() - np.arange(first.toordinal(), last.toordinal() + 1)
        mean = min(float(_reported(delay, ages).mean()) for delay in delays)
        spread = (2 * CONFIGURED_SPREAD) ** 2 * mean * (1 - mean)
        known.append(Share(mean, spread) if mean < 1 else ALL)
    return Delay(running, (ALL,) * len(known), tuple(known))


def _reported(delay: Mapping[int, float], ages: IntArray) -> FloatArray:
    """Return the share of a day's events that is reported `ages` days later.

    Straight lines lead from nothing on the day itself through the configured points; from the
    last one on, all is there. Of days to come nothing is.
    """
    points = sorted({0: 0.0, **delay}.items())
    days, shares = zip(*points, strict=True)
    found = np.interp(ages, days, shares)
    found = np.where(ages >= days[-1], 1.0, found)
    return np.asarray(np.where(ages < 0, 0.0, found))
