"""`tocsin rules check`: what every rule would do today, and whose rules are due for a review."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.clock import SystemClock
from core.text import clean, csv_safe
from tocsin.config import load
from tocsin.rules_today import COLUMNS, Row, Standing, standings
from tocsin.stores import opened

_SHOWN = 10
"""Rows of a rule that do not ring and are shown as text: the likeliest."""


def check(
    path: Path, database: Path | None, watch: str | None, *, form: str, raw: bool
) -> list[str]:
    """Print each rule's readings of the newest run; nothing is changed and nothing is sent."""
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch)] if watch else config.watches
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        found = list(standings(config, stores, watches, today))
    _WRITERS[form](found, raw)
    return []


def _text(found: Sequence[Standing], _raw: bool) -> None:
    for standing in found:
        print(_title(standing))
        for line in _lines(standing):
            print(f"  {clean(line, 400)}")


def _title(standing: Standing) -> str:
    rule = standing.rule
    parts = [f"{rule.name}: on = {rule.on!r}, watch {rule.watch}"]
    parts += [f"owner {clean(rule.owner, 100)}"] if rule.owner else []
    if rule.review_by is not None:
        was = "REVIEW WAS DUE ON" if standing.review_due else "review by"
        parts.append(f"{was} {rule.review_by}")
    if standing.run is not None:
        parts.append(f"run {standing.run.run_id}, cut-off {standing.run.cutoff}")
        parts += [clean(standing.run.label).upper()] if standing.run.label else []
    return "; ".join(parts)


def _lines(standing: Standing) -> Iterable[str]:
    """Yield what rings, then the nearest that does not, then how many more there are."""
    if standing.why_none:
        yield standing.why_none
    ringing = [row for row in standing.rows if row["rings"]]
    calm = [row for row in standing.rows if not row["rings"]]
    for row in [*ringing, *calm[:_SHOWN]]:
        follows = f" ({row['follows']})" if row["follows"] else ""
        alert = f"; alert now: {row['alert']}" if row["alert"] else ""
        verb = "RINGS" if row["rings"] else "calm "
        yield (
            f"{verb} {row['severity']} in {row['region']}: {row['at_least']:,} or more"
            f"{follows}: {row['why']}{alert}"
        )
    if len(calm) > _SHOWN:
        yield f"… and {len(calm) - _SHOWN:,} more that do not ring; --format csv lists them"


def _json(found: Sequence[Standing], _raw: bool) -> None:
    json.dump(
        [
            {
                "rule": one.rule.name,
                "watch": one.rule.watch,
                "on": one.rule.on,
                "action": one.rule.action,
                "owner": one.rule.owner,
                "review_by": one.rule.review_by and one.rule.review_by.isoformat(),
                "review_due": one.review_due,
                "run": one.run and one.run.run_id,
                "cutoff": one.run and one.run.cutoff.isoformat(),
                "label": one.run.label if one.run else "",
                "why_none": one.why_none,
                "readings": one.rows,
            }
            for one in found
        ],
        sys.stdout,
        indent=2,
        ensure_ascii=False,
    )
    print()


def _csv(found: Sequence[Standing], raw: bool) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for standing in found:
        for row in standing.rows:
            cells = [_cell(row, column) for column in COLUMNS]
            writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])


def _cell(row: Row, column: str) -> str:
    value = row[column]
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else clean(str(value), 1000)


_WRITERS = {"text": _text, "json": _json, "csv": _csv}
