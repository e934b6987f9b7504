"""The engine: forecasts of a panel, block by block, the next block begun before one is taken."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Sequence

import numpy as np

from core.forecasts import Outlook
from core.predictive import Predictive
from core.regions import label
from core.series import IntArray, LevelSince, Panel
from forecast.account import Account, notes
from forecast.ensemble import Ensemble, Pooled
from forecast.models import COSTLY, PROVING
from forecast.models.base import Regime, Task, shared_support
from forecast.pool import WINDOW
from forecast.shares import all_cores, one_ahead

EVEN = 0.5
"""A change of level is told only where it is more probable than not."""


def forecast(
    panel: Panel,
    steps: int,
    models: Sequence[str],
    block: int = 512,
    budget: int | None = None,
) -> Generator[Outlook, None, None]:
    """Yield the forecasts of a panel, a block of series at a time.

    What is said of a series does not depend on the block that it is in. The last outlook says
    what went wrong in any of them. Blocks that nobody takes are not made when it is closed.

    Args:
        panel: the series; step 1 is the period after the last column.
        steps: horizons.
        models: names of the members (forecast.models.MODELS).
        block: series per outlook.
        budget: series that a costly member may be asked about; None without limit.

    Raises:
        InputError: a model of that name does not exist.
    """
    if not len(panel):
        return
    columns = panel.counts.shape[1]
    first = max(columns - WINDOW - steps, 0)
    task = Task(steps, first, shared_support(panel.counts), budget)
    ensemble = Ensemble(panel, models, task, np.array([columns]))
    account = Account(tuple(dict.fromkeys(models)))
    blocks = [
        np.arange(first, min(first + block, len(panel))) for first in range(0, len(panel), block)
    ]

    def outlook(rows: IntArray, pooled: Pooled) -> Outlook:
        account.add(pooled.fits)
        last, part = int(rows[-1]) == len(panel) - 1, panel.select(rows)
        seeds = [zlib.crc32(label(key).encode()) for key in part.keys]
        predictive = Predictive(
            task.support,
            pooled.cdf[:, 0],
            ensemble.dependence,
            np.array(seeds, dtype=np.int64),
            ensemble.between,
            ensemble.groups[rows],
        )
        return Outlook(
            part,
            predictive,
            ensemble.members,
            pooled.weights[:, 0],
            notes(ensemble.members, pooled.fits, pooled.weights[:, 0, 0]),
            account.reasons() if last else (),
            account.remarks() if last else (),
            _levels_since(part, pooled.regime),
            ensemble.effects(pooled, rows, part.ends),
        )

    with all_cores() as threads:
        begun = (ensemble.begin(rows, threads) for rows in blocks)
        yield from map(outlook, blocks, one_ahead(begun))


def levels_since(panel: Panel, models: Sequence[str]) -> tuple[LevelSince | None, ...]:
    """Return since when series that are not forecast themselves have run at their present level.

    Members that are costly or have to earn their share are not asked: they follow no regimes.
    """
    columns = panel.counts.shape[1]
    task = Task(1, max(columns - WINDOW - 1, 0), shared_support(panel.counts), None)
    asked = [name for name in models if name not in {*COSTLY, *PROVING}]
    if not asked:
        return ()
    pooled = Ensemble(panel, asked, task, np.array([columns])).pooled(np.arange(len(panel)))
    return _levels_since(panel, pooled.regime)


def _levels_since(panel: Panel, regime: Regime | None) -> tuple[LevelSince | None, ...]:
    """Return since when each series has run at its present level, where a shift is likely."""
    if regime is None:
        return ()
    first, mean, probability = (part[:, 0] for part in regime[:3])
    found: list[LevelSince | None] = [None] * len(panel)
    for row in np.flatnonzero(probability > EVEN).tolist():
        period = int(panel.ends[row]) - panel.counts.shape[1] + 1 + int(first[row])
        found[row] = LevelSince(period, float(mean[row]), float(probability[row]))
    return tuple(found)
