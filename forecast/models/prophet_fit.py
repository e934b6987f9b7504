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
_SEASON_STRENGTH = 0.02
"""Prophet's default of 10 sees a season in every accident; this backtested best."""
_SEED = 1


def prepare() -> Solve:
    """Load Prophet, silence it, and return the function that answers requests."""
    # The plots bring matplotlib, which takes longer to import than all the rest together.
    plots: Any = ModuleType("prophet.plot")
    plots.plot = plots.plot_components = None
    sys.modules["prophet.plot"] = plots
    from prophet import Prophet  # noqa: PLC0415

    del Prophet
    for name in ("prophet", "prophet.models", "cmdstanpy"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.disabled = True
    return solve


def solve(request: Message) -> Message:
    """Fit one series and return its point path.

    Args:
        request: `days` and `counts` of the history (day ordinals), `future` (day ordinals),
            `yearly` and `weekly` Fourier orders (0 for none), `scale` ("counts", "sqrt" or
            "log").

    Returns:
        `path`: the means at `future`, on the scale of counts, not negative.

    Raises:
        Exception: whatever Prophet raises.
    """
    from prophet import Prophet  # noqa: PLC0415

    history = np.array(request["counts"], dtype=np.float64)
    model = Prophet(
        n_changepoints=min(_CHANGEPOINTS, max(len(history) // 6, 1)),
        yearly_seasonality=request["yearly"] or False,
        weekly_seasonality=request["weekly"] or False,
        daily_seasonality=False,
        seasonality_prior_scale=_SEASON_STRENGTH,
        uncertainty_samples=0,
    )
    frame = pd.DataFrame({"ds": _days(request["days"]), "y": _scaled(history, request["scale"])})
    # Prophet takes Newton's method under 100 points, ten times as slow; it falls back on it.
    model.fit(frame, algorithm="LBFGS", seed=_SEED)
    if model.stan_backend is not None:
        model.stan_backend.cleanup()
    return {"path": _counts(path(model, _days(request["future"])), request["scale"]).tolist()}


def path(model: Any, days: pd.DatetimeIndex) -> FloatArray:
    """Return a fitted model's means, as `predict` does at a tenth of its cost.

    Trend and Fourier terms are those of Prophet's documentation (Taylor and Letham, "Forecasting
    at scale", The American Statistician 72, 2018, sections 3.1 and 3.2); a test compares.
    """
    params = {name: np.asarray(value).ravel() for name, value in model.params.items()}
    t = np.asarray((days - model.start) / model.t_scale, dtype=np.float64)
    slope, start = float(params["k"][0]), float(params["m"][0])
    trend = model.piecewise_linear(t, params["delta"], slope, start, model.changepoints_t)
    terms = [
        model.fourier_series(pd.Series(days), season["period"], season["fourier_order"])
        for season in model.seasonalities.values()
    ]
    seasonal = np.hstack(terms) @ params["beta"] if terms else 0.0
    return np.asarray((trend + seasonal) * model.y_scale + getattr(model, "y_min", 0.0))


def _days(ordinals: list[int]) -> pd.DatetimeIndex:
    return pd.to_datetime(np.array(ordinals) - _EPOCH, unit="D")


def _scaled(counts: FloatArray, scale: str) -> FloatArray:
    if scale == "sqrt":
        return np.sqrt(counts)
    return np.log1p(counts) if scale == "log" else counts


def _counts(scaled: FloatArray, scale: str) -> FloatArray:
    """Return values on the scale of counts; an overflow is as large as a count can be."""
    positive = np.maximum(scaled, 0.0)
    if scale == "sqrt":
        positive = positive**2
    elif scale == "log":
        positive = np.expm1(np.minimum(positive, 50.0))
    return np.minimum(positive, 1e15)
