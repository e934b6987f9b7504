"""Panels in which one thing is strong: a season, a neighbour that leads, days that excite."""

from dataclasses import replace
from datetime import date

import numpy as np

from core.periods import Period
from core.series import FloatArray, Panel

END = date(2023, 12, 31)


def panel_of(counts: FloatArray, period: Period = Period.MONTH) -> Panel:
    """Return counts of one country whose last period ends with 2023."""
    series = len(counts)
    keys = tuple(("Land", f"r{number}") for number in range(series))
    ends = np.full(series, period.last_complete(END), dtype=np.int64)
    return Panel(keys, period, counts.astype(np.float64), ends, np.zeros((series, 0)))


def seasonal(seed: int, series: int = 12, months: int = 120) -> Panel:
    """Return months whose Januaries have four times as many events as their Julies."""
    draw = np.random.default_rng(seed)
    season = np.exp(0.7 * np.cos(2 * np.pi * np.arange(months) / 12))
    drift = np.exp(np.cumsum(draw.normal(0, 0.08, (series, months)), axis=1))
    return panel_of(draw.poisson(draw.gamma(2, 4, (series, 1)) * drift * season))


def led(seed: int, pairs: int = 16, months: int = 120) -> Panel:
    """Return pairs of neighbours: what moves one moves the other a month later."""
    draw = np.random.default_rng(seed)
    waves, levels = draw.normal(0, 0.9, (pairs, months + 1)), draw.gamma(4, 5, (pairs, 1))
    rates = [levels * np.exp(part) for part in (waves[:, 1:], waves[:, :-1])]
    middles = draw.uniform(0, 20, (pairs, 2))
    places = np.concatenate([middles, middles + 0.1])
    return replace(panel_of(draw.poisson(np.concatenate(rates))), places=places)


def exciting(seed: int, series: int = 40, days: int = 600) -> Panel:
    """Return days of which every event brings 0.9 more, nine in ten of them the day after."""
    draw = np.random.default_rng(seed)
    counts, echo = np.zeros((series, days)), np.zeros(series)
    background = draw.gamma(2, 0.5, series)
    for day in range(days):
        counts[:, day] = draw.poisson(background + 0.9 * echo)
        echo = 0.1 * echo + 0.9 * counts[:, day]
    return panel_of(counts, Period.DAY)
