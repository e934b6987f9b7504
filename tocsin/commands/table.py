"""`tocsin table`: the forecasts of the newest run."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from core.clock import SystemClock
from tocsin.config import load
from tocsin.sheets import sheets
from tocsin.stores import opened
from tocsin.table_output import write


def table(
    path: Path,
    database: Path | None,
    watch: str | None,
    as_of: date | None,
    *,
    form: str,
    raw: bool,
) -> list[str]:
    """Print the table; a degraded run says so in it."""
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch)] if watch else config.watches
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        found = sheets(stores.reader, config, watches, today, as_of, incidents=stores.incidents)
    write(found, form, sys.stdout, raw=raw)
    return []
