"""`tocsin export counts`: the complete periods of a watch, for predict and backtest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.text import csv_safe
from tocsin.commands.exports.asked import Asked
from tocsin.exports.counts import Count, counted
from tocsin.labels import unit_of
from tocsin.output_file import replacing
from tocsin.provenance import write_beside
from tocsin.stores import opened

if TYPE_CHECKING:
    import pandas as pd


def export_counts(asked: Asked, out: Path) -> list[str]:
    """Write a watch's complete periods as a COUNTS file: region, date (first day), count.

    Periods that no feed covers have no row. `as_of` reads the store as it was known then; before
    the first pull, today's data by event date. Beside it, OUT.sources.json says where the counts
    come from.

    Raises:
        InputError: when it may not be handed on.
    """
    config, watch, clock = asked.found()
    with opened(config, asked.database, "read", clock) as stores:
        found = counted(stores, config, watch, asked.as_of, clock.now().date())
    frame = _frame(found.rows, safe=out.suffix == ".csv" and not asked.raw)
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
    regions = frame["region"].nunique()
    told = f"{out}: {len(frame)} counts of {regions} regions; {beside.name} says whom to credit"
    print(f"{told}; {found.label}" if found.label else told)
    return []


def _frame(rows: Sequence[Count], *, safe: bool) -> pd.DataFrame:
    """Return the counts as a table; `safe` leaves no region that starts a formula."""
    import pandas as pd  # noqa: PLC0415 - imported with the work

    return pd.DataFrame(
        {
            "region": [csv_safe(row.region) if safe else row.region for row in rows],
            "date": [row.first.isoformat() for row in rows],
            "count": np.array([row.events for row in rows], dtype=np.int64),
        }
    )
