"""A track record as text for people, JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from typing import TextIO

from core.text import clean, csv_safe
from tocsin.record.document import Row

CSV_COLUMNS = (
    "watch", "label", "part", "model", "horizon", "region", "rule", "severity", "at_least",
    "low", "high", "forecasts", "periods", "crps", "log_score",
    "coverage_50", "coverage_80", "coverage_90", "coverage_95",
    "pool_crps_ratio", "low_90", "high_90", "against_last_year",
    "said", "came", "share", "share_low", "share_high", "period", "weight", "regions",
)  # fmt: skip
"""One line per model, horizon, period, region, bin of a level and weight of a model; `part` says
which."""


_PARTS = {
    "model": "models",
    "horizon": "horizons",
    "period": "by_period",
    "member": "members",
    "region": "regions",
}


def write(records: Sequence[Row], form: str, out: TextIO, *, raw: bool = False) -> None:
    """Write track records as text, json or csv; `raw` leaves CSV cells as they are."""
    if form == "json":
        json.dump(records, out, indent=2, ensure_ascii=False)
        out.write("\n")
    elif form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for line in (line for record in records for line in _lines(record)):
            cells = [_cell(line.get(column)) for column in CSV_COLUMNS]
            writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])
    else:
        from tocsin.record.text import write_text  # noqa: PLC0415 - Rich: the others do without

        for record in records:
            write_text(record, out)


def _lines(record: Row) -> Iterator[Row]:
    named = {"watch": record["watch"], "label": record["label"]}
    for part, rows in _PARTS.items():
        for row in record[rows]:
            line = {**named, "part": part, **row}
            if part == "region":
                line["pool_crps_ratio"] = row["crps_ratio"]
            yield line
    for level in record["reliability"]:
        for one in level["bins"]:
            yield {**named, "part": "reliability", **level, **one}


def _cell(value: object) -> str:
    return "" if value is None else clean(str(value), 10_000)
