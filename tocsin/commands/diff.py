"""`tocsin diff`: what changed in the store, and which forecasts and alerts it touches."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from core.clock import SystemClock, stamp
from core.errors import InputError
from core.quantities import quantity
from core.text import clean, csv_safe
from tocsin.asof import moment
from tocsin.config import load
from tocsin.difference import difference
from tocsin.outward import difference_outward, remark
from tocsin.provenance import lines, sources_of_feeds
from tocsin.stores import opened

CSV_COLUMNS = ("what", "feed_or_watch", "id", "region", "date_or_period", "field", "from", "to")
_SHOWN = 20
"""Lines of a kind on a screen; JSON and CSV have all."""


def diff(
    path: Path,
    database: Path | None,
    moments: tuple[str, str | None],
    watch: str | None,
    *,
    form: str,
    raw: bool,
    outside: bool = False,
) -> list[str]:
    """Print what changed after the first moment until the second, or until now.

    `outside`: only what may be handed on.
    """
    config, clock = load(path), SystemClock()
    since = moment("--from", moments[0])
    until = moment("--to", moments[1]) if moments[1] else stamp(clock.now())
    if since >= until:
        raise InputError(
            "--from", f"{_second(since)} is not before {_second(until)}", "give an earlier moment"
        )
    watches = [config.watch_named(watch)] if watch else list(config.watches)
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        found = difference(stores, watches, since, until, today)
        sources = sources_of_feeds(config, stores.reader, [f["feed"] for f in found["feeds"]])
    found["sources"] = [source.model_dump(mode="json") for source in sources]
    if outside:
        found = difference_outward(found, config)
    write(found, form, sys.stdout, raw=raw)
    if form == "text":
        shown = [source for source in sources if not outside or source.share != "none"]
        remarks = [] if outside else remark(config, [source.feed for source in sources])
        print(*lines(shown), *remarks, sep="\n")
    return []


def write(found: dict[str, Any], form: str, out: TextIO, *, raw: bool = False) -> None:
    """Write a difference as text, json or csv; `raw` leaves CSV cells as they are."""
    if form == "json":
        json.dump(found, out, indent=2, ensure_ascii=False)
        out.write("\n")
    elif form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for line in _lines(found):
            cells = ["" if cell is None else clean(str(cell), 10_000) for cell in line]
            writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])
    else:
        out.writelines(f"{line}\n" for line in _text(found))


def _lines(found: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the lines of a CSV: one per changed field, count, touched run and alert."""
    for feed in found["feeds"]:
        for row in feed["changes"]:
            named = (row["kind"], feed["feed"], row["id"], "", row["date"])
            if not row["fields"]:
                yield (*named, "", "", "")
            for field, moved in row["fields"].items():
                yield (*named, field, moved["from"], moved["to"])
    for watch in found["watches"]:
        name = watch["watch"]
        for cell in watch["counts"]:
            place = (cell["region"], cell["period"])
            yield ("count", name, "", *place, "count", cell["from"], cell["to"])
        for run in watch["runs"]:
            for region in run["regions"]:
                yield ("run", name, run["run"], region, run["cutoff"], "", "", "")
        for alert in watch["alerts"]:
            yield ("alert", name, alert["id"], alert["region"], "", alert["rule"], "", "")


def _text(found: dict[str, Any]) -> Iterator[str]:
    yield f"Changes after {_second(found['from'])} until {_second(found['to'])}"
    for feed in found["feeds"]:
        covered = feed["coverage"]
        yield (
            f"{feed['feed']}: {feed['added']:,} added, {feed['revised']:,} revised, "
            f"{feed['deleted']:,} deleted; {_covered(covered['from'], covered['to'])}"
        )
        yield from _some([_change(row) for row in feed["changes"]])
    for watch in found["watches"]:
        counts, runs, alerts = watch["counts"], watch["runs"], watch["alerts"]
        yield f"watch {watch['watch']}: {quantity(len(counts), 'counts')} changed"
        yield from _some([f"{c['region']} {c['period']}: {c['from']} → {c['to']}" for c in counts])
        yield f"  touched: {quantity(len(runs), 'runs')}, {quantity(len(alerts), 'alerts')}"
        yield from _some([_run(run) for run in runs])
        yield from _some([_alert(alert) for alert in alerts])


def _second(at: str) -> str:
    """Return a stamp to the second: a day ends at 23:59:59."""
    return f"{at[:19]}Z"


def _covered(before: str | None, after: str | None) -> str:
    """Return how far the feed's coverage reaches, and reached."""
    if after is None or before == after:
        return f"covered to {after}" if after else "covers no day yet"
    return (
        f"covered to {after}, before to {before}" if before else f"covered to {after}, not before"
    )


def _some(lines: list[str]) -> Iterator[str]:
    yield from (f"  {clean(line, 300)}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"  … and {len(lines) - _SHOWN} more: --format json or csv has all"


def _change(row: dict[str, Any]) -> str:
    fields = ", ".join(
        f"{name} {'–' if m['from'] is None else m['from']} → {'–' if m['to'] is None else m['to']}"
        for name, m in row["fields"].items()
    )
    return f"{row['kind']} {row['id']} ({row['date']})" + (f": {fields}" if fields else "")


def _run(run: dict[str, Any]) -> str:
    regions = run["regions"]
    named = ", ".join(regions[:3]) + (f" and {len(regions) - 3} more" if len(regions) > 3 else "")
    return f"run {run['run']} (cut-off {run['cutoff']}, {run['mode']}): {named}"


def _alert(alert: dict[str, Any]) -> str:
    state = f"{alert['severity']}, {alert['state']}"
    return f"{alert['region']}: {state} (rule {alert['rule']}, {alert['id']})"
