"""The development set: seven countries, monthly counts by province (docs/forecasting.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.periods import Period
from core.series import AnyArray, FloatArray, IntArray, Panel
from forecast import scores
from forecast.ensemble import Ensemble
from forecast.models.base import Task, shared_support
from forecast.pool import WINDOW

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ucdp_ged_extract.csv.gz"
WINDOWS = {
    "Burkina Faso": ("2016-01", "2023-12"),
    "Iraq": ("2003-04", "2018-12"),
    "Mali": ("2012-01", "2023-12"),
    "Mexico": ("2006-01", "2023-12"),
    "Nigeria": ("2009-01", "2019-12"),
    "Pakistan": ("2004-01", "2021-12"),
    "Ukraine": ("2014-01", "2021-12"),
}
LEAST_NON_ZERO = 24


def panels(period: Period = Period.MONTH) -> dict[str, Panel]:
    """Return per country the provinces with at least 24 months that are not zero.

    Counted by week, they are the same provinces, with the events that are dated to the week.
    """
    columns = ["date", "date_prec", "country", "admin1", "lat", "lon"]
    events = pd.read_csv(DATA, usecols=columns).dropna(subset=["date", "country", "admin1"])
    events["month"] = events["date"].str[:7]
    monthly = {country: _panel(events, country) for country in WINDOWS}
    if period is Period.MONTH:
        return monthly
    return {country: _weekly(events, panel) for country, panel in monthly.items()}


def _weekly(events: pd.DataFrame, monthly: Panel) -> Panel:
    """Return a panel of months, counted by week."""
    country = monthly.keys[0][0]
    first, last = (pd.Period(month) for month in WINDOWS[country])
    start = Period.WEEK.of(first.start_time.date() - timedelta(days=1)) + 1
    end = Period.WEEK.last_complete(last.end_time.date())
    exact = events[(events["country"] == country) & (events["date_prec"] <= 3)]
    weeks = pd.to_datetime(exact["date"]).map(lambda day: Period.WEEK.of(day.date()))
    counts = exact.groupby(["admin1", weeks]).size().unstack(fill_value=0)
    names = [key[1] for key in monthly.keys]
    counts = counts.reindex(index=names, columns=list(range(start, end + 1)), fill_value=0)
    matrix, ends = counts.to_numpy(dtype=np.float64), np.full(len(names), end, dtype=np.int64)
    return replace(monthly, period=Period.WEEK, counts=matrix, ends=ends)


def _panel(events: pd.DataFrame, country: str) -> Panel:
    months = pd.period_range(*WINDOWS[country], freq="M").astype(str)
    chosen = events[(events["country"] == country) & events["month"].isin(months)]
    counts = chosen.groupby(["admin1", "month"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=months, fill_value=0)
    counts = counts[(counts > 0).sum(axis=1) >= LEAST_NON_ZERO]
    matrix = counts.to_numpy(dtype=np.float64)
    last = int(months[-1][:4]) * 12 + int(months[-1][5:]) - 1
    keys = tuple((country, str(name)) for name in counts.index)
    ends = np.full(len(keys), last, dtype=np.int64)
    middles = chosen.groupby("admin1")[["lat", "lon"]].mean().loc[counts.index]
    return Panel(
        *(keys, Period.MONTH, matrix, ends, np.zeros((len(keys), 0))),
        columns=("country", "admin1"),
        places=middles.to_numpy(dtype=np.float64),
    )


class Scored(NamedTuple):
    """Mean CRPS of the pool and of each member alone, and each one's mean weight per step."""

    pool: float
    alone: tuple[float, ...]
    weights: FloatArray


def scored(panel: Panel, models: Sequence[str], steps: int, origins: IntArray) -> Scored:
    """Return how a pool and its members did at past origins."""
    first = max(int(origins[0]) - WINDOW - steps, 0)
    task = Task(steps, first, shared_support(panel.counts))
    pooled = Ensemble(panel, models, task, origins).pooled(np.arange(len(panel)), everyone=True)
    came = np.stack([panel.counts[:, o : o + steps] for o in origins], axis=1)
    alone = tuple(
        _crps(fit.cdf, task, came, np.broadcast_to(fit.able[:, :, None], came.shape))
        for fit in pooled.fits
    )
    weights = pooled.weights[..., : len(models)].mean(axis=(0, 1))
    return Scored(_crps(pooled.cdf, task, came, np.ones(came.shape, dtype=bool)), alone, weights)


def _crps(cdf: FloatArray, task: Task, came: FloatArray, chosen: AnyArray) -> float:
    flat = np.ascontiguousarray(cdf[chosen])
    return float(scores.crps(flat, task.support, came[chosen]).mean())
