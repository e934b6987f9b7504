"""`tocsin export table`: the forecast table as CSV, Parquet or Excel."""

from __future__ import annotations

from pathlib import Path

from core.sources import credits_of
from tocsin.commands.exports.asked import Asked
from tocsin.exports.frames import write_table
from tocsin.provenance import write_beside
from tocsin.sheets import sheets
from tocsin.stores import opened
from tocsin.table_output import CSV_COLUMNS, lines


def export_table(asked: Asked, out: Path) -> list[str]:
    """Write one row per region and horizon, with the columns of `tocsin table --format csv`.

    Raises:
        InputError: when the watch has no run, or may not be handed on.
    """
    config, watch, clock = asked.found()
    today = config.service.as_of or clock.now().date()
    with opened(config, asked.database, "read", clock) as stores:
        incidents = stores.incidents
        (sheet,) = sheets(stores.reader, config, [watch], today, asked.as_of, incidents=incidents)
    rows = [list(line.values()) for line in lines(sheet, sheet.rows)]
    run = sheet.run
    about = {"run": str(run.run_id), "cutoff": run.cutoff.isoformat(), "label": run.label}
    told = {**about, "unit": sheet.unit, "data_as_of": min(r["data_as_of"] for r in sheet.rows)}
    credited = {f"source {n}": line for n, line in enumerate(credits_of(sheet.sources), 1)}
    told_inside = {**told, "counted": sheet.filters, **credited}
    write_table(out, CSV_COLUMNS, rows, told_inside, raw=asked.raw)
    beside = write_beside(out, watch, sheet.sources, told)
    print(f"{out}: {len(rows)} rows; {beside.name} says whom to credit")
    return []
