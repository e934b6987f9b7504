"""`tocsin export report`: one HTML file that tells a whole run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alerts.sharing import confined_watches
from core.clock import SystemClock
from core.errors import InputError
from core.settings import WatchSettings
from storage.reading import Reader, RunRow
from storage.stories import Stories
from tocsin.config import load
from tocsin.exports.report import report
from tocsin.output_file import replacing
from tocsin.paper.rendering import render
from tocsin.sheets import sheet_of
from tocsin.stores import opened


def export_report(
    path: Path, database: Path | None, number: int | None, out: Path, *, outside: bool
) -> list[str]:
    """Write the report of a run, or of the newest; to be handed on, without what stays inside.

    Raises:
        InputError: when there is no such run, or nothing of it may be handed on.
    """
    config, clock = load(path), SystemClock()
    inside = confined_watches(config.watches, config.feeds) if outside else {}
    watches = [watch for watch in config.watches if watch.name not in inside]
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        runs = _runs(stores.reader, watches, number)
        sheets = [
            sheet_of(
                *(stores.reader, config, watch, run, today),
                asked_now=number is None,
                incidents=stores.incidents,
            )
            for watch, run in runs
        ]
        told, scope = {watch.name for watch, _ in runs}, runs[0][1].key.scope
        stories = Stories(stores.database)
        listed = [one for one in stories.listed(scope, everything=False) if one.watch in told]
        newest = stories.newest([one.alert_id for one in listed])
    made = report(runs[0][1], sheets, [(one, newest[one.alert_id]) for one in listed])
    with replacing(out, (".html", ".htm")) as partial:
        partial.write_text(render(made, "html"), encoding="utf-8")
    print(f"{out}: run {runs[0][1].run_id}, {len(sheets)} watches")
    return []


def _runs(
    reader: Reader, watches: Sequence[WatchSettings], number: int | None
) -> list[tuple[WatchSettings, RunRow]]:
    """Return the watches that a run forecast, each with the run.

    Raises:
        InputError: when there are none.
    """
    if number is None:
        known = [run.run_id for watch in watches if (run := reader.latest_run(watch.name))]
        if not known:
            raise InputError("report", "there is no run yet", "'tocsin run' makes one")
        number = max(known)
    found = [(watch, run) for watch in watches if (run := reader.run(number, watch.name))]
    if not found:
        mend = "'tocsin table' names the newest run"
        raise InputError("--run", f"no published run has number {number}", mend)
    return found
