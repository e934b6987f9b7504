"""`tocsin duplicates`: incidents that are likely one event told twice. Nothing is changed."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.quantities import quantity
from core.text import clean, csv_safe
from storage.duplicates import CROWD, NEAR_DAYS, NEAR_KM, Pair, Sweep, likely_duplicates
from tocsin.config import Config, load
from tocsin.outward import remark, sharing_rows
from tocsin.provenance import lines, sources_of_feeds
from tocsin.stores import opened

COLUMNS = (
    "first_feed", "first_id", "first_date", "second_feed", "second_id", "second_date",
    "km", "country", "actor", "first_fatalities", "second_fatalities",
)  # fmt: skip
"""One line per pair; the first is the earlier one."""
Row = dict[str, Any]


def duplicates(
    path: Path,
    database: Path | None,
    watch: str | None,
    *,
    form: str,
    across: bool,
    raw: bool,
    outside: bool,
) -> list[str]:
    """Print the pairs within and across the feeds of a watch, or of all feeds.

    `across`: only pairs of two feeds. A careful source tells apart what lies close together.
    `outside`: only incidents that may be handed on.
    """
    config = load(path)
    sweep, feeds = Sweep(), _feeds(config, watch)
    if outside:
        feeds = [feed for feed in feeds if feed in sharing_rows(config)]
    with opened(config, database, "read", SystemClock()) as stores:
        pairs = likely_duplicates(stores.database, feeds, sweep)
        wanted = (pair for pair in pairs if not across or pair.first.feed != pair.second.feed)
        _WRITERS[form](map(_row, wanted), raw)
        sources = sources_of_feeds(config, stores.reader, feeds)
    if form == "text":
        print(_summary(sweep), *lines(sources), *remark(config, feeds), sep="\n")
    return []


def _feeds(config: Config, watch: str | None) -> list[str]:
    if watch is None:
        return [feed.name for feed in config.feeds]
    return list(config.watch_named(watch).feeds)


def _row(pair: Pair) -> Row:
    first, second = pair.first, pair.second
    values = (
        *(first.feed, first.source_id, first.day.isoformat()),
        *(second.feed, second.source_id, second.day.isoformat()),
        *(round(pair.km, 1), first.country, first.actor, first.fatalities, second.fatalities),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _text(rows: Iterable[Row], _raw: bool) -> None:
    for row in rows:
        told = [
            clean(f"{row[f'{which}_date']} {row[f'{which}_feed']} {row[f'{which}_id']}", 200)
            + f" ({_deaths(row[f'{which}_fatalities'])})"
            for which in ("first", "second")
        ]
        about = clean(f"{row['km']} km apart, {row['actor']}, {row['country']}", 300)
        print(f"{told[0]} = {told[1]}: {about}")


def _deaths(count: int | None) -> str:
    return "deaths unknown" if count is None else f"{count} dead"


def _json(rows: Iterable[Row], _raw: bool) -> None:
    """Write the list line by line: there may be many."""
    print("[", end="")
    for number, row in enumerate(rows):
        print("," if number else "", end="\n")
        print(json.dumps(row, ensure_ascii=False), end="")
    print("\n]")


def _csv(rows: Iterable[Row], raw: bool) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(rows, raw=raw))


def _cells(rows: Iterable[Row], *, raw: bool) -> Iterator[list[str]]:
    for row in rows:
        cells = ["" if value is None else clean(str(value), 1000) for value in row.values()]
        yield cells if raw else [csv_safe(cell) for cell in cells]


_WRITERS = {"text": _text, "json": _json, "csv": _csv}


def _summary(sweep: Sweep) -> str:
    line = (
        f"{quantity(sweep.compared, 'incidents')} compared: at most {NEAR_DAYS} day and "
        f"{NEAR_KM:g} km apart, same actor, similar fatalities; {sweep.left_out} without "
        "coordinates, actor or day were not. Nothing was merged."
    )
    if sweep.crowded:
        line += (
            f" In places with more than {CROWD} of one actor on one day, {sweep.crowded} were "
            "compared with those only."
        )
    return line
