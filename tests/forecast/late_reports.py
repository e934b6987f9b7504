"""A world whose truth is known: events that happen, are reported late, and are withdrawn."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from core.incidents import Coverage
from core.periods import Period
from core.predictive import Predictive
from core.series import Cells, History, Vintage
from core.settings import WatchSettings

FIRST = date(2018, 1, 1)
"""A Monday."""


@dataclass(frozen=True)
class World:
    """Events by region and day (from FIRST), the day each is reported, and withdrawn (or never)."""

    regions: int
    days: int
    region: np.ndarray
    day: np.ndarray
    seen: np.ndarray
    gone: np.ndarray
    every: int = 7
    phase: int = 0

    def pulls(self, now: date) -> list[date]:
        days = range(self.every + self.phase, (now - FIRST).days + 1, self.every)
        return [FIRST + timedelta(day) for day in days]

    def history(self, now: date, watch: WatchSettings) -> History:
        pulls = self.pulls(now)
        stamps = np.array([(pull - FIRST).days for pull in pulls])
        known = self.seen <= stamps[-1]
        period = self.period(watch.period)[known]
        since = np.searchsorted(stamps, self.seen[known])
        until = np.searchsorted(stamps, self.gone[known])
        vintages = [
            Vintage(pull, {"f": [Coverage("", FIRST, pull - timedelta(1))]}) for pull in pulls
        ]
        keys = [(f"r{number:02d}",) for number in range(self.regions)]
        ones = np.ones(len(period), dtype=np.int64)
        return History(vintages, keys, self.region[known], period, ones, since, until)

    def cells(self, now: date | None, period: Period) -> Cells:
        """Count what was known on a day; all that will stand, without one."""
        stamp = np.inf if now is None else (now - FIRST).days
        live = (self.seen <= stamp) & (self.gone > stamp)
        if now is None:
            live = np.isinf(self.gone)
        pairs = np.stack([self.region[live], self.period(period)[live]], axis=1)
        found, count = np.unique(pairs, axis=0, return_counts=True)
        keys = [(f"r{number:02d}",) for number in range(self.regions)]
        return Cells(keys, found[:, 0], found[:, 1], count)

    def period(self, period: Period) -> np.ndarray:
        index = {day: period.of(FIRST + timedelta(int(day))) for day in np.unique(self.day)}
        return np.array([index[day] for day in self.day], dtype=np.int64)


def world(
    regions: int = 30,
    days: int = 1400,
    *,
    mean_delay: float = 12.0,
    withdrawn: float = 0.05,
    level: float = 0.5,
    seed: int = 5,
) -> World:
    """Make a world: rates wander, three quarters are reported after some days, some much later."""
    random = np.random.default_rng(seed)
    weeks = days // 7 + 1
    drift = np.cumsum(random.normal(0, 0.08, (regions, weeks)), axis=1)
    rates = random.gamma(1.5, level / 1.5, (regions, 1)) * np.exp(drift - 0.4 * drift.clip(0))
    counts = random.poisson(np.repeat(rates, 7, axis=1)[:, :days])
    region, day = np.nonzero(counts)
    many = counts[region, day]
    region, day = np.repeat(region, many), np.repeat(day, many)
    fast = random.random(len(day)) < 0.75
    lateness = random.exponential(np.where(fast, mean_delay / 2, mean_delay * 2.5))
    seen = day + np.ceil(lateness).astype(np.int64)
    gone = np.where(
        random.random(len(day)) < withdrawn, seen + 7 + random.integers(0, 40, len(day)), np.inf
    )
    return World(regions, days, region, day, seen, gone)


def covered_90(law: Predictive, came: np.ndarray) -> float:
    """Return how often the central 90 % hold what came, (series, horizons).

    A count's step of the cdf counts with the part of it that lies inside, as a draw from the
    randomised PIT would on average: whole counts alone would make every interval look wide.
    """
    counts = came.astype(np.int64)
    low, high = law.at_most(counts - 1), law.at_most(counts)
    inside = np.clip(np.minimum(high, 0.95) - np.maximum(low, 0.05), 0, None)
    return float(np.mean(inside / np.maximum(high - low, 1e-12)))
