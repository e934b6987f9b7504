"""`tocsin export`: what the store holds, as files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from core.clock import SystemClock
from core.regions import label
from core.text import csv_safe
from forecast.series import build
from tocsin.asof import read_at
from tocsin.config import load
from tocsin.labels import label_of, unit_of
from tocsin.output_file import replacing
from tocsin.outward import require_shareable
from tocsin.provenance import sources_of, write_beside
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
    today = as_of or config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        incidents = stores.incidents
        known_at = read_at(incidents, config, as_of) if as_of else None
        cells = incidents.cells(watch, today, known_at)
        panel = build(cells, incidents.coverage(watch.feeds, known_at), watch, today).panel
        sources = sources_of(config, incidents, watch, known_at)
    width = panel.counts.shape[1]
    row, column = np.nonzero(~np.isnan(panel.counts))
    starts = [
        panel.period.start(int(panel.ends[r]) - width + 1 + int(c))
        for r, c in zip(row, column, strict=True)
    ]
    names = [label(key) for key in panel.keys]
    safe = out.suffix == ".csv" and not raw
    shown = np.array([csv_safe(name) if safe else name for name in names], dtype=object)
    frame = pd.DataFrame(
        {
            "region": shown[row] if len(row) else [],
            "date": [start.isoformat() for start in starts],
            "count": panel.counts[row, column].astype(np.int64),
        }
    )
    with replacing(out) as partial:
        if out.suffix == ".parquet":
            frame.to_parquet(partial, index=False)
        else:
            frame.to_csv(partial, index=False)
    said = label_of(config, as_of, as_known_then=known_at is not None)
    about = {"unit": unit_of(config, watch), "cutoff": today.isoformat(), "label": said}
    beside = write_beside(out, watch, sources, about)
    told = f"{out}: {len(frame)} counts of {len(names)} regions; {beside.name} says whom to credit"
    print(f"{told}; {said}" if said else told)
    return []
