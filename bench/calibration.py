"""How calibrated the pool is on the development set: `python -m bench.calibration`.

Coverage of central intervals counts the part of a step that lies inside, as a randomised PIT does:
whole counts have steps, and an interval that ends on one covers more than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.stats import kstest

from bench.development import panels
from core.predictive import Predictive
from core.series import FloatArray, Panel
from forecast import scores
from forecast.backtest import origins_of
from forecast.ensemble import Ensemble
from forecast.models.base import Task, shared_support
from forecast.pool import WINDOW

MODELS = ("dynamic-count", "conflictology")
STEPS, ORIGINS = 6, 60
INTERVALS = (0.5, 0.8, 0.9, 0.95)
LINES = (2, 5, 10, 20)
BINS = np.array([0.0, 0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0])


class Cases(NamedTuple):
    """Forecasts of one country and what came: laws of (cases, 1), counts and steps (cases,)."""

    laws: Predictive
    came: FloatArray
    step: FloatArray


def cases_of(panel: Panel) -> Cases:
    """Forecast a panel at its last origins."""
    origins = origins_of(panel.counts.shape[1], STEPS, ORIGINS, 1)
    first = max(int(origins[0]) - WINDOW - STEPS, 0)
    task = Task(STEPS, first, shared_support(panel.counts))
    cdf = Ensemble(panel, MODELS, task, origins).pooled(np.arange(len(panel))).cdf
    came = np.stack([panel.counts[:, o : o + STEPS] for o in origins], axis=1)
    step = np.broadcast_to(np.arange(STEPS), came.shape)
    laws = scores.rows(cdf.reshape(-1, cdf.shape[-1]), task.support)
    return Cases(laws, came.ravel(), step.ravel())


def covered(pits: FloatArray) -> Iterator[str]:
    """Yield the share of randomised PITs inside each central interval."""
    for level in INTERVALS:
        yield f"{np.mean(np.abs(pits - 0.5) <= level / 2):.3f}"


def main() -> None:
    """Print coverage by country and by step, and the reliability of P(count >= line)."""
    print("| country | 50 | 80 | 90 | 95 % | p of a uniform PIT |\n|--|--|--|--|--|--|")
    pits, steps, chances, hits = [], [], [], []
    for country, panel in panels().items():
        laws, came, step = cases_of(panel)
        pit = scores.randomised_pit(laws, came, seed=1)
        # Forecasts of one origin err together: only those that do not overlap are independent.
        apart = np.arange(len(pit)) % (STEPS * STEPS) == 0
        print(
            f"| {country} | {' | '.join(covered(pit))} | {kstest(pit[apart], 'uniform')[1]:.2f} |"
        )
        pits.append(pit)
        steps.append(step)
        for line in LINES:
            chances.append(laws.probability_at_least(line)[:, 0])
            hits.append(came >= line)
    every, at = np.concatenate(pits), np.concatenate(steps)
    for h in range(STEPS):
        print(f"| all, step {h + 1} | {' | '.join(covered(every[at == h]))} | |")
    _reliability(np.concatenate(chances), np.concatenate(hits).astype(float))


def _reliability(chances: FloatArray, hits: FloatArray) -> None:
    print("\n| P(count ≥ 2, 5, 10, 20) | mean | came true | forecasts |\n|--|--|--|--|")
    bins = np.clip(np.digitize(chances, BINS) - 1, 0, len(BINS) - 2)
    for b in range(len(BINS) - 1):
        some = bins == b
        print(
            f"| {BINS[b]:.2f} to {BINS[b + 1]:.2f} | {chances[some].mean():.3f} "
            f"| {hits[some].mean():.3f} | {some.sum():,} |"
        )


if __name__ == "__main__":
    main()
