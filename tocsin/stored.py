"""A run's forecasts, read back from the store into the shape in which they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.forecasts import Outlook, WatchResult
from core.regions import RegionKey
from core.series import FloatArray, Panel
from forecast.hierarchy import groups_of
from storage.reading import Block, Reader, RunRow


def results(reader: Reader, run: RunRow, watch: str) -> Iterator[WatchResult]:
    """Yield the blocks of a watch; their panels hold the counts that standings keep."""
    yield from blocks_of(reader, run.run_id, watch)


def blocks_of(reader: Reader, run: int, watch: str) -> Iterator[WatchResult]:
    """Yield what `results` does, of a run by its number."""
    return (_result(watch, block) for block in reader.blocks(run, watch) if block.series)


def known_at(run: RunRow) -> str:
    """Return the stamp as of which a run saw the incidents."""
    return run.started_at if run.mode == "live" else run.watermark


def expected_before(reader: Reader, run: RunRow, watch: str) -> dict[tuple[RegionKey, int], float]:
    """Return the expected counts of the run before, by region and period index."""
    before = reader.previous_run(run, watch)
    if before is None:
        return {}
    return {(key, period): mean for key, period, mean in reader.expected(before.run_id, watch)}


def _result(watch: str, block: Block) -> WatchResult:
    series = block.series
    panel = Panel(
        keys=tuple(one.key for one in series),
        period=series[0].period,
        counts=_aligned([one.standing.recent for one in series]),
        ends=np.array([one.standing.newest for one in series], dtype=np.int64),
        opened=_aligned([one.standing.opened for one in series]),
    )
    weights = np.array(
        [
            [[step.weights.get(name, 0.0) for name in block.members] for step in one.horizons]
            for one in series
        ]
    )
    notes = tuple(one.note for one in series)
    predictive = replace(block.predictive, groups=groups_of(panel.keys))
    outlook = Outlook(panel, predictive, block.members, weights, notes)
    standings = tuple(one.standing for one in series)
    first = series[0]
    return WatchResult(
        *(watch, first.unit, outlook, standings, first.running, first.late),
        changes=tuple(one.change for one in series),
        total=block.total,
    )


def _aligned(rows: list[tuple[int | None, ...]]) -> FloatArray:
    """Return counts as a matrix whose last column is each row's last count."""
    width = max(map(len, rows), default=0)
    matrix = np.full((len(rows), width), np.nan)
    for number, row in enumerate(rows):
        known = [np.nan if count is None else float(count) for count in row]
        matrix[number, width - len(row) :] = known
    return matrix
