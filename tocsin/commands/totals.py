"""`tocsin totals`: what the regions of a watch's newest run add up to."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from core.clock import SystemClock
from core.errors import InputError
from core.text import clean
from tocsin.config import load
from tocsin.listing import write
from tocsin.provenance import lines, sources_of_run
from tocsin.stores import opened
from tocsin.totals import totals_of

COLUMNS = {
    "watch": "Watch",
    "total": "Total",
    "regions": "Regions",
    "period": "Period",
    "start": "From",
    "end": "Until",
    "median": "Median",
    "low_90": "90 % from",
    "high_90": "to",
    "mean": "Mean",
    "at_least": "At least",
    "probability": "Probability",
    "any_region": "Of any region",
    "unit": "Unit",
    "data_as_of": "Data to",
    "run": "Run",
    "label": "Label",
}


def totals(
    path: Path,
    database: Path | None,
    watch_name: str,
    as_of: date | None,
    at_least: int | None,
    *,
    form: str,
    raw: bool,
) -> list[str]:
    """Print the totals of a watch's newest run, or of the newest at `as_of`."""
    config, clock = load(path), SystemClock()
    watch = config.watch_named(watch_name)
    with opened(config, database, "read", clock) as stores:
        run = stores.reader.latest_run(watch.name, as_of)
        if run is None:
            raise InputError(f"watch {watch.name}", "has no run yet", "'tocsin run' makes one")
        found = totals_of(stores.reader, watch, run, at_least)
        sources = sources_of_run(config, stores.reader, watch, run)
    rows = [{**row, "run": run.run_id, "label": run.label} for row in found]
    columns = COLUMNS
    if form == "text":
        titled = f"{watch.name}: totals; run {run.run_id}, cut-off {run.cutoff}"
        print(clean(f"{titled}. {run.label.upper()}" if run.label else titled))
        asked = set() if at_least is not None else {"at_least", "probability", "any_region"}
        told = {"watch", "run", "label", "start", "end"} | asked
        columns = {key: name for key, name in COLUMNS.items() if key not in told}
    write(rows, columns, form, sys.stdout, raw=raw, empty="no region has been forecast")
    if form == "text":
        print(*lines(sources), sep="\n")
    return []
