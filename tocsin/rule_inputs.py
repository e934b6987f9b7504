"""What a watch has counted, as rules need it beside the forecasts: sightings, and histories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from alerts.rules.spread import Sightings
from core.forecasts import WatchResult
from core.protocols import IncidentStore
from core.series import Cells, FloatArray
from core.settings import WatchSettings
from forecast.series import Built, build


class Counted(NamedTuple):
    """The counts of a watch as of a day, sparse and as series."""

    watch: WatchSettings
    cells: Cells
    built: Built


def count(
    incidents: IncidentStore, watch: WatchSettings, today: date, as_of: str | None
) -> Counted:
    """Count a watch's events dated until `today`, as known at stamp `as_of` (None: as now)."""
    cells = incidents.cells(watch, today, as_of)
    return Counted(watch, cells, build(cells, incidents.coverage(watch.feeds, as_of), watch, today))


def sightings(counted: Counted, unit: str) -> Sightings:
    """Return what rules on spread look at."""
    panel = counted.built.panel
    ends = dict(zip(panel.keys, panel.ends.tolist(), strict=True))
    return Sightings(counted.watch, unit, counted.cells, ends, counted.built.running)


def with_history(results: Iterable[WatchResult], counted: Counted) -> Iterator[WatchResult]:
    """Yield stored results whose panels hold all that was counted, not the newest counts alone."""
    place = {key: row for row, key in enumerate(counted.built.panel.keys)}
    return (_with_history(result, counted.built, place) for result in results)


def _with_history(
    result: WatchResult, built: Built, place: dict[tuple[str, ...], int]
) -> WatchResult:
    panel = result.outlook.panel
    width = max(built.panel.counts.shape[1], panel.counts.shape[1])
    counts = np.full((len(panel), width), np.nan)
    for row, key in enumerate(panel.keys):
        known = place.get(key)
        if known is not None:
            later = int(built.panel.ends[known] - panel.ends[row])
            _lay(counts[row], built.panel.counts[known], later)
    kept = counts[:, width - panel.counts.shape[1] :]
    kept[:] = np.where(np.isnan(panel.counts), kept, panel.counts)
    outlook = replace(result.outlook, panel=replace(panel, counts=counts))
    return replace(result, outlook=outlook)


def _lay(row: FloatArray, counts: FloatArray, later: int) -> None:
    """Write counts that end `later` periods after the row does into it, right-aligned."""
    if later >= 0:
        counts, stop = counts[: len(counts) - later], len(row)
    else:
        stop = len(row) + later
    row[max(stop - len(counts), 0) : stop] = counts[max(len(counts) - stop, 0) :]
