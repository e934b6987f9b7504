"""A run as a paper, gathered from the store: what reports and digests are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from core.alerts import Alert, AlertEvent
from core.errors import InputError
from core.settings import WatchSettings
from storage.reading import Reader, RunRow
from storage.stories import Stories
from tocsin.config import Config
from tocsin.exports.report import report
from tocsin.forecast_table import Sheet
from tocsin.paper.paper import Paper, Picture
from tocsin.sheets import sheet_of
from tocsin.stores import Stores


class Reported(NamedTuple):
    """The report of a run, how many watches it tells of, and the open alerts that it lists.

    Each alert with its newest step.
    """

    run: RunRow
    watches: int
    alerts: tuple[tuple[Alert, AlertEvent], ...]
    paper: Paper


def reported(
    config: Config,
    stores: Stores,
    watches: Sequence[WatchSettings],
    number: int | None,
    today: date,
    draw: Callable[[Reader, Sheet], Sequence[Picture]] = lambda _reader, _sheet: (),
) -> Reported:
    """Return the report of a run on some watches, of the newest where `number` is None.

    `draw` gives each watch its charts; without it there are none, and no chart library is loaded.

    Raises:
        InputError: when there is no such run.
    """
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
    drawn = [(sheet, draw(stores.reader, sheet)) for sheet in sheets]
    alerts = tuple((one, newest[one.alert_id]) for one in listed)
    return Reported(runs[0][1], len(sheets), alerts, report(runs[0][1], drawn, alerts))


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
