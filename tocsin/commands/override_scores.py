"""`tocsin overrides scores`: what analysts said, against what the model said, and what came."""

from __future__ import annotations

import sys
from pathlib import Path

from core.clock import SystemClock
from tocsin.config import load
from tocsin.listing import write
from tocsin.record.overrides import OverrideRecord, summary
from tocsin.stores import opened

COLUMNS = {
    "override": "Override",
    "region": "Region",
    "about": "About",
    "by": "By",
    "analyst": "Analyst",
    "model": "Model",
    "came": "Came",
    "score": "Score",
    "analyst_score": "Analyst's",
    "model_score": "Model's",
    "better": "Better",
}
CSV_COLUMNS = ("watch", "kind", *COLUMNS, "analyst_log_score", "model_log_score")


def scores(
    path: Path, database: Path | None, watch: str | None, *, form: str, raw: bool
) -> list[str]:
    """Print the overrides that have come due, and in text how often analysts were nearer.

    Raises:
        ConfigError: when no watch is called so.
    """
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch)] if watch else config.watches
    with opened(config, database, "read", clock) as stores, stores.database.snapshot():
        rows = [row for one in watches for row in OverrideRecord(stores, one).rows()]
    columns = COLUMNS if form == "text" else dict.fromkeys(CSV_COLUMNS, "")
    empty = "no override has come due yet"
    write(rows, columns, form, sys.stdout, raw=raw, empty=empty)
    if form == "text" and rows:
        print(summary(rows)["words"])
    return []
