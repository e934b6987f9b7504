"""`tocsin explain`: what a forecast rests on, and why it changed since the run before."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TextIO

from core.clock import SystemClock
from core.errors import InputError
from core.text import clean, csv_safe
from tocsin.complaints import nearest
from tocsin.config import load
from tocsin.forecast_table import Sheet
from tocsin.provenance import lines
from tocsin.sheets import sheets
from tocsin.stores import opened

CSV_COLUMNS = (
    "watch", "region", "unit", "run", "cutoff", "label", "since_run", "since", "period",
    "before", "after", "new_data", "revised_data", "program", "words",
)  # fmt: skip
"""One line per region; a region without a change has no figures of one."""
_SHOWN = 20
"""Regions on a screen; JSON and CSV have all."""


def explain(
    path: Path,
    database: Path | None,
    watch: str | None,
    region: str,
    as_of: date | None,
    *,
    form: str,
    raw: bool,
) -> list[str]:
    """Print the explanations of the newest run, or of the newest at `as_of`."""
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch)] if watch else config.watches
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        found = sheets(stores.reader, config, watches, today, as_of, incidents=stores.incidents)
    write(_chosen(found, region), form, sys.stdout, raw=raw)
    return []


def _chosen(found: Sequence[Sheet], region: str) -> list[Sheet]:
    """Return the sheets with the rows whose region is this one, or is of this glob.

    Raises:
        InputError: there is none.
    """
    chosen = []
    for sheet in found:
        rows = tuple(r for r in sheet.rows if region in ("*", r["region"]))
        rows = rows or tuple(r for r in sheet.rows if fnmatchcase(r["region"], region))
        if rows:
            chosen.append(replace(sheet, rows=rows))
    if not chosen:
        known = [row["region"] for sheet in found for row in sheet.rows]
        raise InputError("--region", f"no region is {region!r}", nearest(region, known, "regions"))
    return chosen


def write(found: Sequence[Sheet], form: str, out: TextIO, *, raw: bool = False) -> None:
    """Write explanations as text, json or csv; `raw` leaves CSV cells as they are."""
    if form == "json":
        json.dump([_document(sheet) for sheet in found], out, indent=2, ensure_ascii=False)
        out.write("\n")
    elif form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for line in (line for sheet in found for line in _lines(sheet)):
            cells = ["" if cell is None else clean(str(cell), 10_000) for cell in line]
            writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])
    else:
        out.writelines(f"{line}\n" for sheet in found for line in _text(sheet))


def _document(sheet: Sheet) -> dict[str, Any]:
    return {
        "watch": sheet.watch,
        "unit": sheet.unit,
        "period": sheet.period.value,
        "label": sheet.run.label,
        "cutoff": sheet.run.cutoff.isoformat(),
        "run": sheet.run.run_id,
        "filters": sheet.filters,
        "sources": [source.model_dump(mode="json") for source in sheet.sources],
        "regions": [{"region": row["region"], **row["explanation"]} for row in sheet.rows],
    }


def _lines(sheet: Sheet) -> Iterator[list[Any]]:
    run = sheet.run
    for row in sheet.rows:
        change, words = row["explanation"]["change"], " ".join(row["explanation"]["words"])
        named = [sheet.watch, row["region"], row["unit"], run.run_id, run.cutoff, run.label]
        keys = ("since_run", "since", "period", "before", "after")
        parts = ("new_data", "revised_data", "program")
        figures = [change[key] for key in keys] if change else [None] * len(keys)
        effects = [change[part]["effect"] for part in parts] if change else [None] * len(parts)
        yield [*named, *figures, *effects, words]


def _text(sheet: Sheet) -> Iterator[str]:
    named = f"{sheet.watch}: {sheet.unit} per {sheet.period.value}; run {sheet.run.run_id}"
    title = f"{named}, cut-off {sheet.run.cutoff}"
    yield clean(f"{title}. {sheet.run.label.upper()}" if sheet.run.label else title)
    for row in sheet.rows[:_SHOWN]:
        yield ""
        yield clean(row["region"])
        yield from (f"  {clean(words, 1000)}" for words in row["explanation"]["words"])
    yield ""
    if len(sheet.rows) > _SHOWN:
        yield f"{len(sheet.rows) - _SHOWN} more regions: --format json or csv has all."
    yield from lines(sheet.sources)
