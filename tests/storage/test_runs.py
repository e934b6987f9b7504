"""Runs: staged unseen, published whole, once per key."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.alerts import AlertChanges
from core.errors import FailedError
from core.regions import label
from storage.alerts import Alerts
from storage.database import Database, open_database
from storage.reading import Reader
from storage.runs import Runs
from storage.staging import LEVELS
from tests.storage.samples import NOW, alert, changes, delivery, event, key, result

ROOT = Path(__file__).resolve().parents[2]
MADE = ("blocks", "standings", "forecasts", "runs")


def counts(database: Database, tables: tuple[str, ...]) -> list[int]:
    return [database.value(f"SELECT count(*) FROM {table}") for table in tables]


def published(runs: Runs, **named: object) -> int:
    run = runs.begin(key(**named), NOW, "0.1.0", "")
    runs.stage(run, result())
    runs.publish(run, AlertChanges(), [], NOW)
    return run


def test_a_run_is_unseen_until_it_is_published(runs: Runs, database: Database) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "by event date")
    runs.stage(run, result())
    assert runs.find(key()) is None
    assert Reader(database).latest_run("provinces") is None
    assert database.rows("SELECT * FROM forecast_table") == []
    runs.publish(run, changes(2), ["tracker is stale"], NOW)
    assert runs.find(key()) == run
    assert Reader(database).latest_run("provinces").reasons == ("tracker is stale",)
    assert len(database.rows("SELECT * FROM forecast_table")) == 6
    assert [row[10] for row in database.rows("SELECT * FROM alert_table")] == ["2022-10-01"] * 2


@pytest.mark.parametrize(
    "change", [{"config": "x"}, {"cutoff": date(2022, 9, 29)}, {"mode": "replay"}]
)
def test_a_run_is_found_by_all_that_went_in(runs: Runs, change: dict[str, object]) -> None:
    run = published(runs)
    assert runs.find(key()) == run
    assert runs.find(key(**change)) is None
    assert published(runs, **change) != run


def test_the_same_key_is_published_once(runs: Runs, database: Database) -> None:
    published(runs)
    again = runs.begin(key(), NOW, "0.1.0", "")
    with pytest.raises(FailedError, match="published already"):
        runs.publish(again, changes(), [], NOW)
    assert counts(database, ("alerts", "alert_events", "outbox")) == [0, 0, 0]


def test_a_published_run_takes_nothing_more(runs: Runs) -> None:
    run = published(runs)
    for late in (lambda: runs.stage(run, result()), lambda: runs.publish(run, changes(), [], NOW)):
        with pytest.raises(FailedError, match="run 1: is published already"):
            late()
    with pytest.raises(FailedError, match="run 9: does not exist"):
        runs.stage(9, result())


def test_a_new_run_removes_what_an_interrupted_one_left(runs: Runs, database: Database) -> None:
    kept = published(runs)
    before = counts(database, MADE)
    leftover = runs.begin(key("other"), NOW, "0.1.0", "")
    for part in range(3):
        many = [("Nigeria", f"Place {part}-{n}") for n in range(400)]
        runs.stage(leftover, result(many, steps=1))
    runs.begin(key("third"), NOW, "0.1.0", "")
    assert counts(database, MADE) == [*before[:3], before[3] + 1]
    assert [s.key for s in Reader(database).forecasts(kept, "provinces")]


def test_a_killed_run_leaves_nothing_to_see(path: Path) -> None:
    code = (
        "import os, sys; from storage.database import open_database; "
        "from storage.runs import Runs; from tests.storage.samples import *; "
        "runs = Runs(open_database(sys.argv[1], mode='own')); "
        "run = runs.begin(key(), NOW, '1', ''); runs.stage(run, result()); "
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    with open_database(path, mode="own") as database:
        assert counts(database, ("runs", "forecasts")) == [1, 6]
        assert Reader(database).latest_run("provinces") is None
        published(Runs(database))
        assert counts(database, ("runs", "forecasts")) == [1, 6]


def test_a_removed_run_is_not_continued_under_its_old_number(runs: Runs) -> None:
    removed = runs.begin(key(), NOW, "0.1.0", "")
    assert runs.begin(key("other"), NOW, "0.1.0", "") != removed
    with pytest.raises(FailedError, match="does not exist"):
        runs.stage(removed, result())


def test_forecasts_are_stored_as_they_were_made(runs: Runs, database: Database) -> None:
    made = result(steps=4, seed=3)
    run = runs.begin(key(), NOW, "0.1.0", "")
    runs.stage(run, made)
    rows = database.rows(
        "SELECT horizon, period_index, mean, q05, q25, q50, q75, q95 FROM forecasts"
    )
    predictive = made.outlook.predictive
    assert [row[0] for row in rows] == [1, 2, 3, 4] * 2
    assert [row[1] for row in rows] == [24_273, 24_274, 24_275, 24_276] * 2
    assert np.allclose([row[2] for row in rows], predictive.mean().ravel(), rtol=0, atol=1e-12)
    assert np.array_equal([row[3:] for row in rows], predictive.quantile(LEVELS).reshape(-1, 5))


def test_a_series_keeps_its_number_from_run_to_run(runs: Runs, database: Database) -> None:
    published(runs)
    published(runs, config="next")
    keys = result().outlook.panel.keys
    assert database.rows("SELECT region FROM series ORDER BY series_id") == [
        (label(region),) for region in keys
    ]


def test_a_block_without_series_is_a_run_of_the_watch_too(runs: Runs, database: Database) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    runs.stage(run, result([]))
    runs.publish(run, AlertChanges(), [], NOW)
    assert Reader(database).latest_run("provinces").run_id == run
    assert Reader(database).forecasts(run, "provinces") == []


def test_a_failing_block_leaves_nothing_of_itself(runs: Runs, database: Database) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    twice = result([("Nigeria", "Borno"), ("Nigeria", "Borno")])
    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        runs.stage(run, twice)
    assert counts(database, ("blocks", "series", "standings", "forecasts", "blends")) == [0] * 5


def test_publishing_fails_whole_when_a_delivery_cannot_be_entered(
    runs: Runs, database: Database
) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    orphan = AlertChanges((alert(),), (event(),), (delivery(), delivery("D2", "A1", 9)))
    with pytest.raises(Exception, match="FOREIGN KEY constraint failed"):
        runs.publish(run, orphan, [], NOW)
    assert counts(database, ("alerts", "alert_events", "outbox")) == [0, 0, 0]
    assert runs.find(key()) is None


def test_an_alert_is_brought_up_to_date_and_keeps_what_it_opened_with(
    runs: Runs, database: Database
) -> None:
    opened = runs.begin(key(), NOW, "0.1.0", "")
    runs.publish(opened, changes(2), [], NOW)
    next_run = runs.begin(key("next"), NOW, "0.1.0", "")
    step = event("A1", 2)
    calm = alert("A1", "resolved", threshold=99, clears=2, resolved_at="2022-11-01")
    runs.publish(next_run, AlertChanges((calm,), (step,)), [], NOW + timedelta(days=31))
    alerts = Alerts(database)
    assert [alert.alert_id for alert in alerts.unresolved("live")] == ["A2"]
    assert alerts.unresolved("replay 2022-09-30") == []
    assert alerts.last_sequence(["A1", "A2", "A3"]) == {"A1": 2, "A2": 1}
    assert database.rows("SELECT threshold, clears, state FROM alerts WHERE alert_id = 'A1'") == [
        (8, 2, "resolved")
    ]
    assert database.rows("SELECT run_id FROM alert_events WHERE alert_id = 'A1'") == [(1,), (2,)]


def test_an_unresolved_alert_reads_back_as_it_was(runs: Runs, database: Database) -> None:
    made = alert(region=("Nigeria", "a/b", "«c»"), baseline=None)
    run = runs.begin(key(), NOW, "0.1.0", "")
    runs.publish(run, AlertChanges((made,), (event(),)), [], NOW)
    assert Alerts(database).unresolved("live") == [made]


def test_two_open_alerts_of_one_rule_in_one_region_are_refused(runs: Runs) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    twins = (alert("A1", region=("Nigeria",)), alert("A2", region=("Nigeria",)))
    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        runs.publish(run, AlertChanges(twins), [], NOW)
