"""Sheets of the forecast table, from the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from core.alerts import Alert
from core.clock import at_date, stamp
from core.errors import InputError
from core.forecasts import WatchResult
from core.overrides import Override
from core.protocols import IncidentStore
from core.regions import label
from core.settings import WatchSettings
from core.sources import filters_of
from storage.overrides import Overrides
from storage.reading import Reader, RunRow
from tocsin.config import Config
from tocsin.forecast_table import Beside, Row, Sheet, rows_of, threat
from tocsin.packed_rows import PackedRows
from tocsin.provenance import sources_of_run
from tocsin.record.skill import skill_of
from tocsin.rule_inputs import count, with_history
from tocsin.stored import expected_before, known_at, results


def sheets(
    reader: Reader,
    config: Config,
    watches: Sequence[WatchSettings],
    today: date,
    as_of: date | None = None,
    *,
    incidents: IncidentStore,
) -> list[Sheet]:
    """Return one sheet per watch: of its newest run, or of the newest at `as_of`.

    Where a threshold follows the history, the `incidents` of the run are counted again.

    A watch that was never forecast, such as one whose source has been down so far, has none.

    Raises:
        InputError: when none of the watches has been forecast.
    """
    runs = {watch.name: reader.latest_run(watch.name, as_of) for watch in watches}
    known = [(watch, run) for watch in watches if (run := runs[watch.name])]
    if not known:
        when = f" with a cut-off until {as_of}" if as_of else ""
        names = ", ".join(runs)
        raise InputError(f"watch {names}", f"has no run{when} yet", "'tocsin run' makes one")
    asked_now = as_of is None
    return [
        sheet_of(reader, config, watch, run, today, asked_now=asked_now, incidents=incidents)
        for watch, run in known
    ]


def sheet_of(
    reader: Reader,
    config: Config,
    watch: WatchSettings,
    run: RunRow,
    today: date,
    *,
    asked_now: bool,
    incidents: IncidentStore,
) -> Sheet:
    """Return the sheet of a watch by one run; `asked_now` sets analysts' values beside it."""
    blocks = results(reader, run, watch.name)
    if any(rule.needs_history for rule in config.rules if rule.watch == watch.name):
        blocks = with_history(blocks, count(incidents, watch, run.cutoff, known_at(run)))
    return _sheet(reader, config, watch, run, blocks, today, asked_now=asked_now)


def _sheet(
    reader: Reader,
    config: Config,
    watch: WatchSettings,
    run: RunRow,
    blocks: Iterable[WatchResult],
    today: date,
    *,
    asked_now: bool,
) -> Sheet:
    skill = skill_of(reader.record, config, watch, run)
    beside = Beside(
        watch,
        [rule for rule in config.rules if rule.watch == watch.name],
        run.cutoff if run.mode != "live" or config.service.as_of else today,
        _alerts(reader, config, watch, run),
        expected_before(reader, run, watch.name),
        skill.regions,
        config.calendars,
    )
    overrides = Overrides(reader.database).in_force(stamp(at_date(today))) if asked_now else []
    said = [one for one in overrides if one.watch == watch.name]
    made = (row for result in blocks for row in rows_of(result, beside))
    rows = PackedRows(_with_overrides(made, said), by=threat)
    unit = str(rows[0]["unit"]) if rows else "events"
    late = reader.late(run.run_id, watch.name)
    sources = sources_of_run(config, reader, watch, run)
    return Sheet(
        *(watch.name, watch.period, run, unit, late),
        *(skill.overall, sources, filters_of(watch), rows),
    )


def _alerts(reader: Reader, config: Config, watch: WatchSettings, run: RunRow) -> list[Alert]:
    """Return a watch's open alerts, but for those that a silent feed rings."""
    feed_rules = {rule.name for rule in config.stale_rules}
    return [
        alert
        for alert in reader.open_alerts(run.key.scope)
        if alert.watch == watch.name and alert.rule not in feed_rules
    ]


def _with_overrides(rows: Iterable[Row], overrides: Sequence[Override]) -> Iterator[Row]:
    """Yield rows with analysts' values beside the forecasts they are about; the newest counts."""
    about = {(label(o.region), o.period.isoformat()): o for o in overrides if o.period}
    for row in rows:
        for step in row["forecast"]:
            one = about.get((row["region"], step["start"]))
            told = one and {"value": one.value, "by": one.by, "words": one.in_words()}
            step["override"] = told
        yield row
