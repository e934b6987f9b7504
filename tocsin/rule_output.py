"""Replayed rules as text for people, JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from core.text import clean, csv_safe

Json = dict[str, Any]
_COUNTS = ("alerts", "came_true", "false_alarms", "undecided", "events", "hits", "misses")
_RATES = (
    "precision", "recall", "alerts_a_month", "false_alarms_a_month",
    "false_alarms_a_month_per_100_regions", "median_lead_days",
)  # fmt: skip
_PARTS = ("value", "n", "low_95", "high_95")
CSV_COLUMNS = (
    "what", "level", "at_least", "probability", "rule", *_COUNTS,
    *(f"{rate}_{part}" for rate in _RATES for part in _PARTS), "share_of_time_ringing",
    "clock", "label",
)  # fmt: skip
"""One line per level and rule, then one per point of the curve."""
ALERT_COLUMNS = ("region", "rang", "severity", "threshold", "probability", "outcome", "reached")
SHOWN = 20
"""Alerts on a screen; JSON and CSV have all."""


def write_replay(found: Json, form: str, out: TextIO, *, raw: bool = False) -> None:
    """Write a replay as text, json or csv; `raw` leaves CSV cells as they are."""
    if form == "json":
        write_json(found, out)
    elif form == "csv":
        write_csv(CSV_COLUMNS, _lines(found), out, raw=raw)
    else:
        from tocsin.rule_text import replay_lines  # noqa: PLC0415 - JSON and CSV do without

        out.writelines(f"{line}\n" for line in replay_lines(found))


def write_json(found: Json, out: TextIO) -> None:
    """Write a document as JSON for people and programs."""
    json.dump(found, out, indent=2, ensure_ascii=False, allow_nan=False)
    out.write("\n")


def write_csv(
    columns: Sequence[str], lines: Iterable[Sequence[Any]], out: TextIO, *, raw: bool
) -> None:
    """Write cleaned cells under a header; None is an empty cell."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        cells = ["" if cell is None else clean(str(cell), 10_000) for cell in line]
        writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])


def _lines(found: Json) -> Iterator[list[Any]]:
    shared = [found["clock"], found["label"]]
    for level in found["levels"]:
        for rule in ("forecast", "naive"):
            named = ["level", level["level"], level["at_least"], level["probability"], rule]
            yield [*named, *_figures(level[rule]), *shared]
    for point in found["curve"]:
        named = ["curve", None, point["at_least"], point["probability"], point["rule"]]
        yield [*named, *_figures(point), *shared]


def _figures(skill: Json) -> list[Any]:
    rates = [skill[rate][part] for rate in _RATES for part in _PARTS]
    return [*(skill[name] for name in _COUNTS), *rates, skill["share_of_time_ringing"]["value"]]
