"""Prophet in the pool: what it earns and what it costs.

`python -m bench.prophet scores` backtests the development set with and without it;
`python -m bench.prophet defaults` scores the pool and Prophet as it comes, its draws clipped at
zero, on the same origins;
`python -m bench.prophet speed` times a run over 50 provinces against the bare Prophet loop.
"""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from bench.development import panels, scored
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.backtest import origins_of
from forecast.engine import forecast
from forecast.models.prophet import workers

COUNT_MODELS = ("dynamic-count", "conflictology")
WITH_PROPHET = (*COUNT_MODELS, "prophet")
STEPS, ORIGINS, EVERY = 6, 60, 6
PROVINCES = 50
SELDOM = 12


def compare() -> None:
    """Print CRPS of the pool without and with Prophet, of Prophet alone, and its weights."""
    print("| country | series | pool without | pool with | Prophet alone | weight h1 | weight h6 |")
    print("|--|--|--|--|--|--|--|")
    for country, panel in panels().items():
        origins = origins_of(panel.counts.shape[1], STEPS, ORIGINS, EVERY)
        without = scored(panel, COUNT_MODELS, STEPS, origins)
        found = scored(panel, WITH_PROPHET, STEPS, origins)
        weight = found.weights[:, -1]
        print(
            f"| {country} | {len(panel)} | {without.pool:.4f} | {found.pool:.4f} "
            f"| {found.alone[-1]:.4f} | {weight[0]:.3f} | {weight[-1]:.3f} |",
            flush=True,
        )


def defaults() -> None:
    """Print the CRPS of the pool and of Prophet's defaults, every twelfth origin, and ratios."""
    from scoringrules import crps_ensemble  # noqa: PLC0415 - its import would count in `speed`

    print("| country | series | pool | Prophet, defaults | ratio |\n|--|--|--|--|--|")
    ratios = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        for country, panel in panels().items():
            origins = origins_of(panel.counts.shape[1], STEPS, ORIGINS, SELDOM)
            pool = scored(panel, COUNT_MODELS, STEPS, origins).pool
            known = [row[:origin].tolist() for row in panel.counts for origin in origins]
            drawn = np.array(list(executor.map(clipped_draws, known)))
            came = np.concatenate([[row[o : o + STEPS] for o in origins] for row in panel.counts])
            bare = float(np.mean(crps_ensemble(came, drawn)))
            ratios.append(pool / bare)
            print(f"| {country} | {len(panel)} | {pool:.3f} | {bare:.3f} | {ratios[-1]:.3f} |")
    print(f"geometric mean of pool / Prophet: {np.exp(np.mean(np.log(ratios))):.4f}")


def clipped_draws(counts: list[float]) -> FloatArray:
    """Return (steps, draws) of Prophet's predictive with defaults, clipped at zero."""
    np.random.seed(0)  # Prophet draws from NumPy's global generator
    model, future = _fitted(counts)
    return np.asarray(np.maximum(model.predictive_samples(future)["yhat"], 0.0))


def speed() -> None:
    """Print seconds and CPU seconds of the bare loop and of a run, in turn, three times."""
    counts = np.random.default_rng(1).negative_binomial(1, 0.25, (PROVINCES, 120)).astype(float)
    for _ in range(3):
        bare, bare_cpu = _timed(lambda: _bare(counts))
        run, run_cpu = _timed(lambda: _run(counts))
        workers().close()
        workers.cache_clear()
        print(
            f"bare loop {bare:.1f} s ({bare_cpu:.1f} s of CPU), run {run:.1f} s ({run_cpu:.1f}): "
            f"{run / bare:.2f} times the time, {run_cpu / bare_cpu:.2f} times the CPU"
        )


def _timed(work: object) -> tuple[float, float]:
    started, cpu = time.perf_counter(), _cpu()
    assert callable(work)
    work()
    return time.perf_counter() - started, _cpu() - cpu


def _cpu() -> float:
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def _bare(counts: FloatArray) -> None:
    """Fit and predict every series with Prophet's defaults, in two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        list(executor.map(bare_fit, counts.tolist()))


def bare_fit(counts: list[float]) -> float:
    """Fit and predict one monthly series with Prophet's defaults; return the last step's value."""
    model, future = _fitted(counts)
    return float(model.predict(future)["yhat"].iloc[-1])


def _fitted(counts: list[float]) -> tuple[Any, pd.DataFrame]:
    """Return Prophet with its defaults, fitted, and the months to predict."""
    from prophet import Prophet  # noqa: PLC0415 - the model under test loads it in workers only

    logging.getLogger("cmdstanpy").disabled = True
    model = Prophet()
    days = pd.date_range("2014-01-01", periods=len(counts), freq="MS")
    model.fit(pd.DataFrame({"ds": days, "y": counts}))
    return model, model.make_future_dataframe(STEPS, freq="MS", include_history=False)


def _run(counts: FloatArray) -> None:
    keys = tuple((str(row),) for row in range(len(counts)))
    ends = np.full(len(counts), 2023 * 12 + 11)
    panel = Panel(keys, Period.MONTH, counts, ends, np.zeros((len(counts), 0)))
    for outlook in forecast(panel, STEPS, WITH_PROPHET):
        assert not outlook.reasons
    # Children count once they have ended.
    workers().close()


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    {"scores": compare, "defaults": defaults, "speed": speed}[sys.argv[1]]()
