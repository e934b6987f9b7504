"""`tocsin alerts missed`: crossings of a rule's line that nobody was warned of."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from core.clock import SystemClock
from core.quantities import quantity
from tocsin.config import load
from tocsin.listing import write
from tocsin.missed import Crossings, unheard
from tocsin.stores import opened

COLUMNS = {
    "from": "From",
    "to": "To",
    "region": "Region",
    "rule": "Rule",
    "severity": "Severity",
    "count": "Count",
    "at_least": "Line",
    "heard": "Heard",
    "alert": "Alert",
}
CSV_COLUMNS = (
    "watch", "rule", "region", "severity", "from", "to", "count", "at_least", "unit", "heard",
    "alert", "known_at",
)  # fmt: skip


def missed(
    path: Path, database: Path | None, watch: str | None, since: date, *, form: str, raw: bool
) -> list[str]:
    """Print the crossings since a day, of one watch or of all; text says how many were warned of.

    Raises:
        ConfigError: when no watch is called so.
    """
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch)] if watch else config.watches
    with opened(config, database, "read", clock) as stores, stores.database.snapshot():
        found = [row for one in watches for row in Crossings(stores, one, since).rows()]
    listed = unheard(found)
    columns = COLUMNS if form == "text" else dict.fromkeys(CSV_COLUMNS, "")
    write(listed, columns, form, sys.stdout, raw=raw, empty="no crossing was missed")
    if form == "text":
        crossings = quantity(len(found), "crossings")
        print(f"warned of: {len(found) - len(listed)} of {crossings} since {since}")
    return []
