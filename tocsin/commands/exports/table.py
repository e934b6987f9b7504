"""`tocsin export table`: the forecast table as CSV, Parquet or Excel."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.clock import SystemClock
from core.sources import credits_of
from tocsin.config import load
from tocsin.exports.frames import write_table
from tocsin.outward import require_shareable
from tocsin.provenance import write_beside
from tocsin.sheets import sheets
from tocsin.stores import opened
from tocsin.table_output import CSV_COLUMNS, lines


def export_table(
    path: Path,
    database: Path | None,
    watch_name: str,
    out: Path,
    as_of: date | None,
    *,
    raw: bool,
    outside: bool,
) -> list[str]:
    """Write one row per region and horizon, with the columns of `tocsin table --format csv`.

    Raises:
        InputError: when the watch has no run, or may not be handed on.
    """
    config, clock = load(path), SystemClock()
    watch = config.watch_named(watch_name)
    if outside:
        require_shareable(config, watch)
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        incidents = stores.incidents
        (sheet,) = sheets(stores.reader, config, [watch], today, as_of, incidents=incidents)
    rows = [list(line.values()) for line in lines(sheet, sheet.rows)]
    run = sheet.run
    about = {"run": str(run.run_id), "cutoff": run.cutoff.isoformat(), "label": run.label}
    told = {**about, "unit": sheet.unit, "data_as_of": min(r["data_as_of"] for r in sheet.rows)}
    credited = {f"source {n}": line for n, line in enumerate(credits_of(sheet.sources), 1)}
    write_table(out, CSV_COLUMNS, rows, {**told, "counted": sheet.filters, **credited}, raw=raw)
    beside = write_beside(out, watch, sheet.sources, told)
    print(f"{out}: {len(rows)} rows; {beside.name} says whom to credit")
    return []
