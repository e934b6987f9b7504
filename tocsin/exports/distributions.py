"""Forecast distributions as rows of the hubverse's output types.

Source: the hubverse's documentation, "Model output", hubverse.io.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.predictive import Predictive
from core.series import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
"""The quantile levels of the hubverse convention."""
_TAIL = 1e-4
_LONGEST_PMF = 20_000


@dataclass(frozen=True)
class Wanted:
    """Which rows: quantile, sample or pmf, and a cdf row at N - 1 for every N of `at_least`."""

    output_type: str = "quantile"
    samples: int = 1000
    seed: int = 0
    at_least: tuple[int, ...] = ()


def rows(predictive: Predictive, wanted: Wanted, paths: IntArray | None = None) -> pd.DataFrame:
    """Return series, step, output_type, output_type_id and value, by series and step (from 0).

    Samples are `paths`, (series, samples, steps), or else drawn from the distributions.
    """
    import pandas as pd  # noqa: PLC0415 - imported with the work

    parts = [_cells(predictive, wanted, paths), *_thresholds(predictive, wanted)]
    return pd.concat(parts, ignore_index=True).sort_values(["series", "step"], kind="stable")


def _cells(predictive: Predictive, wanted: Wanted, paths: IntArray | None) -> pd.DataFrame:
    if wanted.output_type == "quantile":
        return _block("quantile", [f"{q:g}" for q in LEVELS], predictive.quantile(LEVELS))
    if wanted.output_type == "sample":
        drawn = predictive.paths(wanted.samples, wanted.seed) if paths is None else paths
        ids = [str(n) for n in range(wanted.samples)]
        return _block("sample", ids, drawn.transpose(0, 2, 1))
    return _pmf(predictive)


def _thresholds(predictive: Predictive, wanted: Wanted) -> Iterator[pd.DataFrame]:
    for n in wanted.at_least:
        yield _block("cdf", [str(n - 1)], predictive.at_most(n - 1)[..., None])


def _block(kind: str, ids: Sequence[str], values: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Return rows for (series, steps, ids) values."""
    import pandas as pd  # noqa: PLC0415

    series, steps, width = values.shape
    return pd.DataFrame(
        {
            "series": np.repeat(np.arange(series), steps * width),
            "step": np.tile(np.repeat(np.arange(steps), width), series),
            "output_type": kind,
            "output_type_id": np.tile(np.array(ids, dtype=object), series * steps),
            "value": values.reshape(-1).astype(np.float64),
        }
    )


def _pmf(predictive: Predictive) -> pd.DataFrame:
    """Return P(count = k) for k below the tail, and the tail row "K+", per series and step."""
    import pandas as pd  # noqa: PLC0415

    tops = np.minimum(predictive.quantile([1 - _TAIL])[..., 0] + 1, _LONGEST_PMF)
    counts = np.arange(int(tops.max()))
    named = counts.astype(str).astype(object)
    ids: list[Any] = []
    values: list[FloatArray] = []
    for cell in np.ndindex(*tops.shape):
        top = int(tops[cell])
        # Inside a step of the grid the mass lies evenly, so the cdf is a straight line there.
        below = np.interp(counts[:top], predictive.support, predictive.cdf[cell])
        ids += [named[:top], [f"{top}+"]]
        values.append(np.diff(below, prepend=0.0, append=1.0))
    series, step = np.indices(tops.shape).reshape(2, -1).repeat(tops.ravel() + 1, axis=1)
    return pd.DataFrame(
        {
            "series": series,
            "step": step,
            "output_type": "pmf",
            "output_type_id": np.concatenate(ids),
            "value": np.concatenate(values),
        }
    )
