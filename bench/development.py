"""The development set: seven countries, monthly counts by province (docs/forecasting.md)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.periods import Period
from core.series import Panel

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


def panels() -> dict[str, Panel]:
    """Return per country the provinces with at least 24 months that are not zero."""
    events = pd.read_csv(DATA, usecols=["date", "country", "admin1"])
    events["month"] = events["date"].str[:7]
    events = events.dropna()
    return {country: _panel(events, country) for country in WINDOWS}


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
    return Panel(keys, Period.MONTH, matrix, ends, np.zeros((len(keys), 0)))
