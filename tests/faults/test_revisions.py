"""Rows 22 and 25 of the fault table: revisions, and the age of data. Figures are printed last."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.clock import stamp
from storage.database import Database, open_database
from storage.incidents import Incidents
from tests.acceptance.town import QUIET, RISING, Town
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch
from tests.tocsin.town_by_day import TownByDay
from tocsin.asof import Replay


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        yield database


def counted(store: Incidents, as_of: str | None = None) -> list[tuple[object, ...]]:
    cells = store.cells(watch(), CUTOFF, as_of)
    return [(cells.keys[r], p, c) for r, p, c in zip(*map(list, cells_of(cells)), strict=True)]


def cells_of(cells: object) -> tuple[np.ndarray, ...]:
    return cells.region, cells.period, cells.count


def test_the_same_batch_ten_times_counts_once(database: Database) -> None:
    store, random = Incidents(database), np.random.default_rng(3)
    days = [
        (date(2022, 1, 1) + timedelta(int(n))).isoformat() for n in random.integers(0, 240, 500)
    ]
    rows = [incident(n, day, admin1=f"P{n % 7}") for n, day in enumerate(days)]
    store.load(FEED, ListPull(rows), NOW)
    first = counted(store)
    for again in range(1, 10):
        shuffled = [rows[n] for n in random.permutation(len(rows))]
        doubled = [*shuffled, *shuffled[:50]]  # and some twice within the batch
        store.load(FEED, ListPull(doubled, origin=f"again {again}"), NOW + timedelta(again))
        assert counted(store) == first
    (versions,) = database.rows("SELECT count(*) FROM incidents")[0]
    assert versions == 500
    assert sum(count for *_, count in first) == 500
    print("the same batch 10 times: 500 incidents, 500 versions, counts equal 10 of 10 times")


def test_every_revision_is_kept_and_every_vintage_can_be_counted_again(database: Database) -> None:
    store, random = Incidents(database), np.random.default_rng(4)
    rows = {n: incident(n, admin1=f"P{n % 5}") for n in range(200)}
    told = []
    for pull in range(20):
        for n in random.choice(200, 20, replace=False):
            day = (date(2022, 1, 1) + timedelta(int(random.integers(0, 240)))).isoformat()
            rows[int(n)] = incident(n, day, admin1=f"P{random.integers(0, 5)}")
        gone = rows.pop(int(random.choice(list(rows))))
        store.load(FEED, ListPull(list(rows.values())), NOW + timedelta(pull))
        told.append(counted(store))
        rows[int(gone.source_id)] = gone
    for pull, then in enumerate(told):
        assert counted(store, stamp(NOW + timedelta(pull))) == then
    versions = database.value("SELECT count(*) FROM incidents")
    print(f"20 pulls, {versions} versions of 200 incidents kept: 20 of 20 vintages counted again")


def test_past_forecasts_stay_as_they_are_whatever_is_revised(tmp_path: Path) -> None:
    town = TownByDay(tmp_path)
    town.configure()
    for month in range(24):
        for number in range(2 + month % 3):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{5 + number:02d}"
            town.events[f"{month}-{number}"] = (day, "Storm")
    days = [date(2024, 1, 2) + timedelta(7 * n) for n in range(8)]
    made, runs = {}, {}
    for number, day in enumerate(days):
        runs[day] = town.run(day.isoformat()).run
        made[day] = town.curves(runs[day])
        town.events[f"{number}-0"] = (f"2023-{number + 1:02d}-25", "Storm")
        town.events[f"late-{number}"] = ("2023-12-20", "Storm")
    for day in days:
        assert town.curves(runs[day]) == made[day], "the stored forecast"
        again = town.run("2024-06-01", Replay(day))
        assert town.curves(again.run) == made[day], "the forecast asked again"
    assert len({str(curves) for curves in made.values()}) == len(days)
    print(f"{len(days)} runs, revised in between: {len(days)} stored and asked again as they were")


def test_every_forecast_shows_the_age_of_its_data(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.configure()
    town.record({"Calm": QUIET, "Storm": RISING})
    assert town.tocsin("run").code == 0
    (sheet,) = json.loads(town.tocsin("table", "--format", "json").out)
    lines = list(csv.DictReader(io.StringIO(town.tocsin("table", "--format", "csv").out)))
    text = town.tocsin("table").out
    with sqlite3.connect(tmp_path / "tocsin.db") as connection:
        rows = connection.execute("SELECT data_as_of FROM forecast_table").fetchall()
    shown = [region["data_as_of"] for region in sheet["regions"]]
    shown += [line["data_as_of"] for line in lines] + [day for (day,) in rows]
    assert set(shown) == {"2024-06-30"}
    assert {region["data_age_days"] for region in sheet["regions"]} == {1}
    assert {line["data_age_days"] for line in lines} == {"1"}
    assert "Data complete to 2024-06-30, 1 day old." in text
    print(f"{len(shown)} of {len(shown)} forecasts in JSON, CSV and SQL show data_as_of")
