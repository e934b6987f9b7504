"""What a worker does for the Prophet model: one fit, one path. The only module to import prophet.

A request holds a series' counts by day number and the days to forecast; see `solve`.
"""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from core.series import FloatArray
from forecast.workers.frames import Message
from forecast.workers.serve import Solve

_EPOCH = 719_163
"""Ordinal of 1970-01-01."""
_CHANGEPOINTS = 25
"""Prophet's own default; short series get one for every six points instead."""
_FLEXIBILITY, _REACH = 1.0, 1.0
"""Changepoint prior scale and range: the level has to follow a front that moves (defaults: 0.05,
0.8)."""
_SEASON_STRENGTH = 0.1
"""Seasonality prior scale: with the default of 10 every accident becomes a season."""
_SEED = 1
_HIGHEST = 40.0


def prepare() -> Solve:
    """Load Prophet, silence it, and return the function that answers requests."""
    # The plots bring matplotlib, which takes longer to import than all the rest together.
    plots: Any = ModuleType("prophet.plot")
    plots.plot = plots.plot_components = None
    sys.modules["prophet.plot"] = plots
    from prophet import Prophet  # noqa: PLC0415

    for name in ("prophet", "prophet.models", "cmdstanpy"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.disabled = True
    try:
        Prophet()
    except Exception as error:
        raise RuntimeError("Prophet's compiled model or its CmdStan does not load") from error
    return solve


def solve(request: Message) -> Message:
    """Fit log(1 + count) of one series and return its point path.

    Args:
        request: `days` and `counts` of the history (day ordinals), `future` (day ordinals),
            `yearly` and `weekly` Fourier orders (0 for none).

    Returns:
        `path`: the means at `future`, not negative.

    Raises:
        Exception: whatever Prophet raises.
    """
    from prophet import Prophet  # noqa: PLC0415

    counts = np.array(request["counts"], dtype=np.float64)
    model = Prophet(
        n_changepoints=min(_CHANGEPOINTS, max(len(counts) // 6, 1)),
        changepoint_prior_scale=_FLEXIBILITY,
        changepoint_range=_REACH,
        yearly_seasonality=request["yearly"] or False,
        weekly_seasonality=request["weekly"] or False,
        daily_seasonality=False,
        seasonality_prior_scale=_SEASON_STRENGTH,
        uncertainty_samples=0,
    )
    # Prophet takes Newton's method under 100 points, ten times as slow; it falls back on it.
    frame = pd.DataFrame({"ds": _days(request["days"]), "y": np.log1p(counts)})
    model.fit(frame, algorithm="LBFGS", seed=_SEED)
    logs = np.clip(path(model, _days(request["future"])), 0.0, _HIGHEST)
    return {"path": np.expm1(logs).tolist()}


def path(model: Any, days: pd.DatetimeIndex) -> FloatArray:
    """Return a fitted model's seasons at these days around the level that its trend has reached.

    The trend's last slope is not drawn on: on the development set that made every horizon worse.
    Trend and Fourier terms are those of Taylor and Letham, "Forecasting at scale" (The American
    Statistician 72, 2018, sections 3.1 and 3.2); a test compares them with `predict`, which takes
    ten times as long.
    """
    params = {name: np.asarray(value).ravel() for name, value in model.params.items()}
    last, slope, start = np.ones(1), float(params["k"][0]), float(params["m"][0])
    level = model.piecewise_linear(last, params["delta"], slope, start, model.changepoints_t)
    terms = [
        model.fourier_series(pd.Series(days), season["period"], season["fourier_order"])
        for season in model.seasonalities.values()
    ]
    seasonal = np.hstack(terms) @ params["beta"] if terms else np.zeros(len(days))
    return np.asarray((level + seasonal) * model.y_scale)


def _days(ordinals: list[int]) -> pd.DatetimeIndex:
    return pd.to_datetime(np.array(ordinals) - _EPOCH, unit="D")
