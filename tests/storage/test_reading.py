"""What tables and messages show, and the state of the file."""

import sqlite3
from datetime import date
from pathlib import Path

import numpy as np

from core.alerts import AlertChanges
from core.forecasts import WatchResult
from storage.database import Database, open_database, safe_journal_mode
from storage.health import examine
from storage.reading import Reader
from storage.runs import Runs
from tests.storage.samples import CUTOFF, NOW, alert, key, result


def publish(runs: Runs, *results: WatchResult, **named: object) -> int:
    run = runs.begin(key(**named), NOW, "0.1.0", "a label")
    for part in results or (result(),):
        runs.stage(run, part)
    runs.publish(run, AlertChanges(), ["because"], NOW)
    return run


def test_the_latest_run_is_the_newest_live_one_of_the_watch(runs: Runs, database: Database) -> None:
    reader = Reader(database)
    assert reader.latest_run("provinces") is None
    first = publish(runs, cutoff=date(2022, 8, 31))
    second = publish(runs)
    publish(runs, result(name="actors"), config="other")
    publish(runs, mode="replay", cutoff=date(2022, 9, 30))
    latest = reader.latest_run("provinces")
    assert (latest.run_id, latest.cutoff, latest.mode) == (second, CUTOFF, "live")
    assert (latest.version, latest.label, latest.reasons) == ("0.1.0", "a label", ("because",))
    assert reader.previous_run(latest, "provinces").run_id == first
    assert reader.previous_run(reader.latest_run("actors"), "actors") is None


def test_a_run_as_of_a_day_is_the_newest_then_or_a_replay_of_that_day(
    runs: Runs, database: Database
) -> None:
    august, september, replay = (
        publish(runs, cutoff=date(2022, 8, 31)),
        publish(runs, cutoff=date(2022, 9, 30)),
        publish(runs, cutoff=date(2022, 9, 15), mode="replay"),
    )
    reader = Reader(database)
    asked = {
        date(2022, 8, 30): None,
        date(2022, 8, 31): august,
        date(2022, 9, 14): august,
        date(2022, 9, 15): replay,
        date(2022, 9, 16): august,
        date(2022, 9, 30): september,
        date(2023, 1, 1): september,
    }
    found = {day: reader.latest_run("provinces", day) for day in asked}
    assert {day: run and run.run_id for day, run in found.items()} == asked
    assert reader.previous_run(found[date(2022, 9, 15)], "provinces").run_id == august


def test_forecasts_read_back_with_standing_weights_and_notes(
    runs: Runs, database: Database
) -> None:
    made = result(seed=5)
    run = publish(runs, made)
    second, first = result([("Chad", "Lac")], seed=6), Reader(database).forecasts(run, "provinces")
    assert [series.key for series in first] == list(made.outlook.panel.keys)
    series = first[1]
    assert series.standing == made.standings[1]
    assert (series.unit, series.running, series.note) == ("attacks", 24_274, made.outlook.notes[1])
    assert [h.horizon for h in series.horizons] == [1, 2, 3]
    weights = made.outlook.weights[1, 0]
    stored = series.horizons[0].weights
    assert list(stored.values()) == sorted(stored.values(), reverse=True)
    assert abs(stored["dynamic-count"] - weights[0]) < 0.01
    assert sum(stored.values()) == 1
    again = publish(runs, made, second, config="two blocks")
    keys = [series.key for series in Reader(database).forecasts(again, "provinces")]
    assert keys == [("Chad", "Lac"), *made.outlook.panel.keys]


def test_the_distributions_of_a_block_read_back(runs: Runs, database: Database) -> None:
    made = result(steps=3, top=500, seed=8)
    run = publish(runs, made, result([("Chad",)], steps=2, top=9))
    block, other = Reader(database).blocks(run, "provinces")
    assert block.members == ("dynamic-count", "conflictology")
    assert [series.key for series in block.series] == list(made.outlook.panel.keys)
    before, after = made.outlook.predictive, block.predictive
    for n in (1, 2, 5, 20, 400):
        gap = before.probability_at_least(n) - after.probability_at_least(n)
        assert np.abs(gap).max() <= 1 / 65_535
    assert np.array_equal(after.dependence, before.dependence)
    assert np.array_equal(after.seeds, before.seeds)
    assert np.mean(after.paths(200, 1) == before.paths(200, 1)) > 0.99
    assert other.predictive.shape == (1, 2)


def test_the_forecast_view_says_what_has_not_been_reported_yet(
    runs: Runs, database: Database
) -> None:
    run = publish(runs)
    rows = database.rows(
        "SELECT region, period_start, horizon, status, low_90 <= median AND median <= high_90, "
        "run, data_as_of, cutoff FROM forecast_table"
    )
    tail = (1, run, "2022-09-30", "2022-09-30")
    assert rows[:2] == [
        ("Nigeria/Borno", "2022-10-01", 1, "expected, not yet reported", *tail),
        ("Nigeria/Borno", "2022-11-01", 2, "forecast", *tail),
    ]
    assert rows[-1][0] == r"Nigeria/Yobe\/East"


def test_the_forecast_view_writes_days_and_weeks_as_dates(database: Database, runs: Runs) -> None:
    publish(runs)
    for period, start in (("week", "2022-10-03"), ("day", "2022-10-05")):
        index = {"week": 738_430 // 7, "day": 738_433}[period]
        with database.transaction() as connection:
            connection.execute("UPDATE blocks SET period = ?", [period])
            connection.execute("UPDATE forecasts SET period_index = ?", [index])
        assert database.value("SELECT period_start FROM forecast_table") == start


def test_the_views_open_in_any_sqlite_tool(runs: Runs, path: Path) -> None:
    publish(runs)
    connection = sqlite3.connect(path)
    assert len(connection.execute("SELECT * FROM forecast_table").fetchall()) == 6
    assert connection.execute("SELECT * FROM alert_table").fetchall() == []
    connection.close()


def test_open_alerts_are_shown_by_scope_newest_change_first(runs: Runs, database: Database) -> None:
    older, newer = alert("A1"), alert("A2", updated_at="2022-11-01")
    replay = alert("A3", scope="replay 2022-01-01")
    calm = alert("A4", "resolved", resolved_at="2022-11-01")
    run = runs.begin(key(), NOW, "0.1.0", "")
    runs.publish(run, AlertChanges((older, newer, replay, calm)), [], NOW)
    assert Reader(database).open_alerts() == [newer, older]
    assert Reader(database).open_alerts("replay 2022-01-01") == [replay]


def test_a_sound_file_is_told_to_be_sound(database: Database, path: Path) -> None:
    with open_database(path, mode="read") as reader:
        for opened in (database, reader):
            health = examine(opened)
            assert health.sound
            assert health.faults == ()
            assert health.size == path.stat().st_size
            assert health.journal_mode == safe_journal_mode(sqlite3.sqlite_version_info)
            assert len(health.installation) == 36


def test_damage_is_found_by_the_examination(runs: Runs, database: Database, path: Path) -> None:
    publish(runs, result([("Nigeria", f"Place {n}") for n in range(300)]))
    page = database.value("SELECT rootpage FROM sqlite_master WHERE name = 'forecasts'")
    database.close()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * 4096 : (page - 1) * 4096 + 8] = b"\xff" * 8
    path.write_bytes(whole)
    with open_database(path, mode="read") as damaged:
        health = examine(damaged)
    assert not health.sound
    assert f"page {page}" in " ".join(health.faults).lower()
