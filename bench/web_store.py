"""A store for bench.web: 5,000 regions, ten years of months, 100 runs, thousands of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from alerts import rules
from alerts.evidence import RunNote
from alerts.lifecycle import Moment, Reason, step
from bench.scores import COLUMNS, END, REGIONS, WATCH, results, wandering
from core.alerts import Alert, AlertChanges, AlertEvent, AlertState, Evaluation
from core.clock import stamp
from core.forecasts import RunKey
from core.incidents import Coverage
from core.periods import Period
from core.series import Cells
from core.settings import RuleSettings
from feeds.registry import open_feed
from forecast.series import Built, build
from storage.alerts import enter_changes
from storage.database import Database
from storage.incidents import Incidents
from storage.runs import Runs
from storage.seals import seal
from tocsin.config import load

RUNS, INCIDENTS, ENDED_PER_RUN = 100, 200_000, 50
NOW = datetime(2023, 1, 2, tzinfo=UTC)
CONFIG = """
[service]
database = "tocsin.db"
schedule = "0 6 1 1 *"
as_of = "2023-01-02"

[[feeds]]
name = "world"
kind = "csv"
path = "world.csv"

[feeds.columns]
id = "id"
date = "date"
country = "country"
admin1 = "admin1"
latitude = "latitude"
longitude = "longitude"

[[watches]]
name = "provinces"
feeds = ["world"]
group_by = ["admin1"]

[[rules]]
name = "tempo"
watch = "provinces"
within = 3
levels = [{{ severity = "severe", at_least = 12, probability = 0.5 }}]
clear_probability = 0.3

[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]

[web]
listen = "127.0.0.1:{port}"
"""


def fill(folder: Path, database: Database) -> None:
    """Store incidents, runs and alerts; the newest run has the alerts that are open."""
    rule = load(folder / "config.toml").rules[0]
    assert isinstance(rule, RuleSettings)
    load_incidents(folder, database)
    first = stage(database, "first", [])
    copy(database, first, RUNS - 1)
    read = readings(rule)
    enter_past(database, read, rule)
    stage(database, "newest", [alert for one in read if (alert := opened(one, rule, NOW))])


def load_incidents(folder: Path, database: Database) -> None:
    """Store incidents all over the world, so that regions have a place."""
    draw, feed = np.random.default_rng(1), load(folder / "config.toml").feeds[0]
    middles = draw.uniform((-50, -170), (65, 170), (REGIONS, 2))
    with (folder / "world.csv").open("w", encoding="utf-8") as file:
        file.write("id,date,country,admin1,latitude,longitude\n")
        for n in range(INCIDENTS):
            latitude, longitude = middles[n % REGIONS] + draw.normal(0, 0.5, 2)
            day = f"20{13 + n % 10}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
            file.write(f"{n},{day},,Province {n % REGIONS},{latitude:.3f},{longitude:.3f}\n")
    Incidents(database).load(feed, open_feed(feed, folder).pull(NOW.date()), NOW)


def series() -> Built:
    """Return ten years of counts as series, with where each stands."""
    counts, start = wandering()[:, :COLUMNS], END - COLUMNS + 1
    region, column = np.nonzero(counts > 0)
    found = counts[region, column].astype(np.int64)
    cells = Cells([(f"Province {n}",) for n in range(REGIONS)], region, column + start, found)
    days = Coverage("", Period.MONTH.start(start), Period.MONTH.end(END))
    return build(cells, {"world": [days]}, WATCH, NOW.date())


def stage(database: Database, watermark: str, alerts: list[tuple[Alert, AlertEvent]]) -> int:
    """Stage and publish a run of all regions; return its number."""
    runs, made = Runs(database), series()
    run = runs.begin(RunKey("c0ffee", NOW.date(), watermark), NOW, "bench", "")
    for result in results(made):
        runs.stage(run, result)
    changes = AlertChanges(tuple(a for a, _ in alerts), tuple(e for _, e in alerts))
    runs.publish(run, changes, (), NOW)
    return run


def readings(rule: RuleSettings) -> list[Evaluation]:
    """Return what the rule reads of the forecasts, in every region."""
    note = RunNote(NOW.date())
    return [one for result in results(series()) for one in rules.read(rule, result, note)]


def opened(read: Evaluation, rule: RuleSettings, at: datetime) -> tuple[Alert, AlertEvent] | None:
    """Return an alert that opens, if the rule rings."""
    taken = step(None, read, rule, Moment(stamp(at), stamp(at)))
    if taken.alert is None:
        return None
    top = read.readings[-1]
    told = (top.severity, taken.reason, top.probability, read.facts)
    alert = taken.alert
    return alert, AlertEvent(alert.alert_id, 1, stamp(at), None, AlertState.FIRING, *told)


def enter_past(database: Database, read: list[Evaluation], rule: RuleSettings) -> None:
    """Write alerts that opened on every day of the past runs, and ended twenty days later."""
    for n in range(RUNS - 1):
        at = NOW - timedelta(days=RUNS - n + 30)
        rung = [pair for one in read if (pair := opened(one, rule, at))]
        chosen = rung[n % 7 :: max(len(rung) // ENDED_PER_RUN, 1)][:ENDED_PER_RUN]
        ended = [ending(*pair, at + timedelta(days=20)) for pair in chosen]
        alerts = tuple(alert for alert, _ in ended)
        events = (*(event for _, event in chosen), *(event for _, event in ended))
        with database.transaction() as connection:
            enter_changes(connection, None, AlertChanges(alerts, events), stamp(at))


def ending(alert: Alert, event: AlertEvent, at: datetime) -> tuple[Alert, AlertEvent]:
    """Return an alert as it is when it is over, and the step that ends it."""
    over = {"state": AlertState.RESOLVED, "updated_at": stamp(at), "resolved_at": stamp(at)}
    last = {"sequence": 2, "at": stamp(at), "from_state": AlertState.FIRING}
    last |= {"to_state": AlertState.RESOLVED, "reason": Reason.CLEARED, "probability": 0.1}
    return replace(alert, **over), replace(event, **last)


def copy(database: Database, run: int, times: int) -> None:
    """Copy a run, its blocks and its forecasts, as older runs with other watermarks."""
    blocks = [row[0] for row in database.rows("SELECT block_id FROM blocks WHERE run_id=?", [run])]
    named = [name for (name,) in database.rows("SELECT name FROM pragma_table_info('blocks')")]
    columns = ", ".join(name for name in named if name not in ("block_id", "run_id"))
    for n in range(times):
        at = (NOW - timedelta(days=times - n)).isoformat()
        with database.transaction() as connection:
            new = connection.execute(
                "INSERT INTO runs (config_hash, cutoff, watermark, mode, version, label, "
                "started_at, finished_at, published) SELECT config_hash, cutoff, ?, mode, version, "
                "label, ?, ?, 1 FROM runs WHERE run_id = ?",
                [f"copy {n}", at, at, run],
            ).lastrowid
            for block in blocks:
                made = connection.execute(
                    f"INSERT INTO blocks (run_id, {columns}) SELECT ?, {columns} FROM blocks "
                    "WHERE block_id = ?",
                    [new, block],
                ).lastrowid
                for table in ("standings", "forecasts"):
                    known = database.rows(f"SELECT name FROM pragma_table_info('{table}')")
                    others = ", ".join(name for (name,) in known[1:])
                    connection.execute(
                        f"INSERT INTO {table} SELECT ?, {others} FROM {table} WHERE block_id = ?",
                        [made, block],
                    )
                assert made is not None
                seal(connection, made)
