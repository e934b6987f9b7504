"""The totals of a run: what the regions of a country add up to, with the right uncertainty.

The shape of a row is documented in docs/totals.md; its keys are a promise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.errors import InputError
from core.joint import DRAWS
from core.regions import ABROAD, RegionKey, label
from core.series import IntArray
from core.settings import SITE, WatchSettings
from forecast.hierarchy import SEED, Totals
from storage.reading import Reader, RunRow
from tocsin.stored import results

Row = dict[str, Any]


def totals_of(reader: Reader, watch: WatchSettings, run: RunRow, at_least: int | None) -> list[Row]:
    """Return the totals of a watch's run: per whole one row per period, and one for all of them.

    "(abroad)" is left out: it holds what other regions count already. Periods are those from the
    running one on, which all regions have; `at_least` asks for the probabilities that
    the total of a row, and that any of its regions in any of its periods, reaches it.

    Raises:
        InputError: the regions overlap: by sites, or one is a part of the whole that another is.
    """
    if SITE in watch.group_by:
        problem = "counts an incident once for every site near it"
        raise InputError(f"watch {watch.name}", problem, "ask for the totals of another watch")
    totals = Totals(DRAWS, SEED)
    through: dict[RegionKey, str] = {}
    running, unit = 0, ""
    for block in results(reader, run, watch.name):
        if block.total:
            continue
        running, unit = block.running, block.unit
        panel = block.outlook.panel
        rows = np.array([n for n, key in enumerate(panel.keys) if ABROAD not in key], dtype=int)
        keys = [panel.keys[row] for row in rows]
        firsts = [block.running - int(end) - 1 for end in panel.ends[rows]]
        totals.add(keys, block.outlook.predictive.select(rows), firsts)
        through |= {panel.keys[row]: block.standings[row].data_as_of.isoformat() for row in rows}
    if not through:
        return []
    wholes, paths = totals.paths()
    spans = _spans(watch, running, paths.shape[2])
    return [
        {
            "watch": watch.name,
            "total": label(key),
            "regions": len(totals.parts(key)),
            "unit": unit,
            **named,
            **_law(path[:, steps].sum(axis=1)),
            "at_least": at_least,
            "probability": _chance(path[:, steps].sum(axis=1), at_least),
            "any_region": _chance(totals.largest(key)[:, steps].max(axis=1), at_least),
            "data_as_of": min(through[part] for part in totals.parts(key)),
        }
        for key, path in zip(wholes, paths, strict=True)
        for named, steps in spans
    ]


def _spans(watch: WatchSettings, running: int, horizons: int) -> list[tuple[Row, slice]]:
    """Return every period and all of them together, with their names and their steps."""
    period = watch.period
    single = [(running + step, running + step, slice(step, step + 1)) for step in range(horizons)]
    whole = [(running, running + horizons - 1, slice(0, horizons))] if horizons > 1 else []
    return [
        (
            {
                "period": period.label(first)
                if first == last
                else f"{period.label(first)} to {period.label(last)}",
                "start": period.start(first).isoformat(),
                "end": period.end(last).isoformat(),
            },
            steps,
        )
        for first, last, steps in [*single, *whole]
    ]


def _law(drawn: IntArray) -> Row:
    """Return what a table shows of the draws of one total."""
    low, median, high = np.quantile(drawn, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {
        "median": int(median),
        "low_90": int(low),
        "high_90": int(high),
        "mean": round(float(drawn.mean()), 2),
    }


def _chance(drawn: IntArray, at_least: int | None) -> float | None:
    """Return the share of paths that reach a count."""
    return None if at_least is None else round(float(np.mean(drawn >= at_least)), 4)
