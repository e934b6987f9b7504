"""`tocsin export`: what the store holds, as files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from core.clock import SystemClock
from core.text import csv_safe
from tocsin.config import load
from tocsin.exports.counts import counted
from tocsin.labels import unit_of
from tocsin.output_file import replacing
from tocsin.outward import require_shareable
from tocsin.provenance import write_beside
from tocsin.stores import opened


def export_counts(
    path: Path,
    database: Path | None,
    watch_name: str,
    out: Path,
    as_of: date | None,
    *,
    raw: bool,
    outside: bool,
) -> list[str]:
    """Write a watch's complete periods as a COUNTS file: region, date (first day), count.

    Periods that no feed covers have no row. `as_of` reads the store as it was known then; before
    the first pull, today's data by event date. Beside it, OUT.sources.json says where the counts
    come from. `outside`: the file is to be handed on.

    Raises:
        InputError: when it may not be handed on.
    """
    import pandas as pd  # noqa: PLC0415 - imported with the work

    config, clock = load(path), SystemClock()
    watch = config.watch_named(watch_name)
    if outside:
        require_shareable(config, watch)
    with opened(config, database, "read", clock) as stores:
        found = counted(stores, config, watch, as_of, clock.now().date())
    rows = found.rows
    safe = out.suffix == ".csv" and not raw
    frame = pd.DataFrame(
        {
            "region": [csv_safe(row.region) if safe else row.region for row in rows],
            "date": [row.first.isoformat() for row in rows],
            "count": np.array([row.events for row in rows], dtype=np.int64),
        }
    )
    with replacing(out) as partial:
        if out.suffix == ".parquet":
            frame.to_parquet(partial, index=False)
        else:
            frame.to_csv(partial, index=False)
    about = {
        "unit": unit_of(config, watch),
        "cutoff": found.today.isoformat(),
        "label": found.label,
    }
    beside = write_beside(out, watch, found.sources, about)
    regions = len({row.region for row in rows})
    told = f"{out}: {len(frame)} counts of {regions} regions; {beside.name} says whom to credit"
    print(f"{told}; {found.label}" if found.label else told)
    return []
