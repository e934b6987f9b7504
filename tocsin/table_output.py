"""The forecast table as text for people, JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from core.sources import credits_of
from core.text import clean, csv_safe
from tocsin.forecast_table import Head, Row, Sheet, skill_row


def write(sheets: Sequence[Sheet], form: str, out: TextIO, *, raw: bool = False) -> None:
    """Write tables as text, json or csv; `raw` leaves CSV cells as they are."""
    if form == "json":
        _write_json(sheets, out)
    elif form == "csv":
        _write_csv(sheets, out, raw=raw)
    else:
        from tocsin.table_text import write_text  # noqa: PLC0415 - Rich: JSON and CSV do without

        for sheet in sheets:
            write_text(sheet, out)


def _write_json(sheets: Sequence[Sheet], out: TextIO) -> None:
    """Write what `json.dump` would, row by row: a watch of many regions is never whole in text."""
    out.write("[")
    for number, sheet in enumerate(sheets):
        out.write(",\n" if number else "\n")
        out.write(_indented(about(sheet), 1).removesuffix("\n  }"))
        for name, rows in (("totals", sheet.totals), ("regions", sheet.regions)):
            out.write(f',\n    "{name}": [')
            for place, row in enumerate(rows):
                out.write(",\n" if place else "\n")
                out.write(_indented(row, 3))
            out.write("\n    ]" if len(rows) else "]")
        out.write("\n  }")
    out.write("\n]\n" if sheets else "]\n")


def _indented(document: Row, depth: int) -> str:
    text, margin = json.dumps(document, indent=2, ensure_ascii=False), "  " * depth
    return margin + text.replace("\n", f"\n{margin}")  # line breaks of names are written as \\n


def about(sheet: Head) -> Row:
    """Return what is said of a sheet as a whole, as JSON has it."""
    return {
        "watch": sheet.watch,
        "unit": sheet.unit,
        "period": sheet.period.value,
        "label": sheet.run.label,
        "cutoff": sheet.run.cutoff.isoformat(),
        "run": sheet.run.run_id,
        "finished": sheet.run.finished_at,
        "degraded": list(sheet.run.reasons),
        "late_reports": sheet.late,
        "skill": skill_row(sheet.skill),
        "filters": sheet.filters,
        "sources": [source.model_dump(mode="json") for source in sheet.sources],
    }


CSV_COLUMNS = (
    "watch", "region", "unit", "run", "cutoff", "data_as_of", "data_age_days", "label",
    "tempo_period", "tempo", "baseline", "baseline_from", "baseline_to",
    "level_since", "level_mean", "level_probability",
    "horizon", "period", "period_start", "period_end", "status",
    "median", "low_90", "high_90", "mean", "models", "alert_state", "alert_severity",
    "rule_probabilities", "note", "iso3", "abroad", "reported", "coverage",
    "tempo_expected", "tempo_low_90", "tempo_high_90", "late_reports",
    "skill", "skill_crps_ratio", "skill_forecasts", "skill_periods",
    "filters", "sources", "override", "total", "open_alerts", "known_dates",
)  # fmt: skip
"""One line per region and horizon."""


def _write_csv(sheets: Sequence[Sheet], out: TextIO, *, raw: bool) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for sheet in sheets:
        for line in lines(sheet, sheet.rows):
            cells = [_cell(value) for value in line.values()]
            writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])


def lines(sheet: Head, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the lines of a table for some rows of a sheet: CSV_COLUMNS with their values."""
    for row in rows:
        for step in row["forecast"]:
            yield dict(zip(CSV_COLUMNS, _flat(sheet, row, step), strict=True))


def _flat(sheet: Head, row: Row, step: Row) -> list[Any]:
    alert = row["alert"] or {"state": "", "severity": ""}
    rules = "; ".join(f"{_rule_name(r)} {r['probability']:.4f}" for r in row["rules"])
    return [
        sheet.watch, row["region"], row["unit"], sheet.run.run_id, sheet.run.cutoff.isoformat(),
        row["data_as_of"], row["data_age_days"], sheet.run.label,
        row["tempo"]["period"], row["tempo"]["count"],
        row["baseline"]["mean"], row["baseline"]["from"], row["baseline"]["to"],
        *_level(row),
        step["horizon"], step["period"], step["start"], step["end"], step["status"],
        step["median"], step["low_90"], step["high_90"], step["mean"], _models(row),
        alert["state"], alert["severity"], rules, row["note"],
        row["iso3"], row["abroad"],
        step["reported"], step["coverage"], *_tempo_expected(row), sheet.late,
        *(row["skill"][k] for k in ("against_last_year", "crps_ratio", "forecasts", "periods")),
        sheet.filters, " | ".join(credits_of(sheet.sources)),
        (step.get("override") or {"words": None})["words"],
        row["total"], len(row["alerts"]),
        "; ".join(one["words"] for one in row["known_dates"]),
    ]  # fmt: skip


def _level(row: Row) -> list[Any]:
    """Return since when the level holds, the mean since and the probability; blank if unshifted."""
    since = row["level_since"]
    return [since["period"], since["mean"], since["probability"]] if since else [None] * 3


def _tempo_expected(row: Row) -> list[int | None]:
    """Return what the newest complete period is expected to be when all reports are in."""
    for one in row["expected_when_complete"]:
        if one["period"] == row["tempo"]["period"]:
            return [one["median"], one["low_90"], one["high_90"]]
    return [None, None, None]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else clean(str(value), limit=10_000)


def _rule_name(reading: Row) -> str:
    return f"{reading['rule']}/{reading['severity']} (≥{reading['at_least']})"


def _models(row: Row) -> str:
    return ", ".join(f"{m['model']} {m['weight']:.2f}" for m in row["models"])
