"""Forecasts that have come due are scored once, and again where the outcome is revised."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scoringrules

from storage.curves import decode
from storage.database import open_database
from tests.tocsin.town_by_day import TownByDay
from tocsin.asof import Replay
from tocsin.config import load
from tocsin.cycle import Cycle
from tocsin.stores import opened

MODELS = {"pool", "zero", "last", "conflictology", "history-nb"}


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    made = TownByDay(tmp_path)
    made.configure()
    for month in range(34):
        for number in range(3 + month % 4):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{5 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Calm" if number % 2 else "Storm")
    return made


def rows(town: TownByDay, sql: str) -> list[Any]:
    with open_database(town.database, mode="read") as database:
        return database.rows(sql)


def scored(town: TownByDay, where: str = "1") -> list[Any]:
    return rows(
        town,
        "SELECT run, region, period_start, model, observed, revision FROM score_table "
        f"WHERE {where} ORDER BY run, region, period_start, model, revision",
    )


def test_the_first_run_scores_nothing_and_the_next_month_scores_what_was_ahead(
    town: TownByDay,
) -> None:
    town.run("2024-07-02")
    assert scored(town) == []
    town.run("2024-08-02")
    found = scored(town)
    assert len(found) == 2 * len(MODELS)
    assert {row[3] for row in found} == MODELS
    assert {row[2] for row in found} == {"2024-07-01"}
    assert {row[0] for row in found} == {1}
    storm = [row for row in found if row[1] == "Freedonia/Storm"]
    assert {row[4] for row in storm} == {3}


def test_a_forecast_is_scored_exactly_once_over_many_runs(town: TownByDay) -> None:
    days = ("2024-07-02", "2024-07-02", "2024-07-20", "2024-08-02", "2024-08-09", "2024-09-02")
    for day in (*days, "2024-09-02", "2024-10-02"):
        town.run(day)
    doubled = rows(
        town,
        "SELECT count(*) FROM scores GROUP BY block_id, series_id, horizon, model "
        "HAVING count(*) > 1",
    )
    assert doubled == []
    found = scored(town, "model = 'pool' AND region = 'Freedonia/Calm'")
    periods = [row[2] for row in found]
    assert periods == [
        *("2024-07-01", "2024-08-01", "2024-09-01"),
        *("2024-08-01", "2024-09-01"),
        "2024-09-01",
    ]


def test_only_the_first_run_of_a_period_is_scored(town: TownByDay) -> None:
    first = town.run("2024-07-02").run
    town.events["new"] = ("2024-07-08", "Calm")
    assert town.run("2024-07-09").run != first
    town.run("2024-08-02")
    assert {row[0] for row in scored(town)} == {first}


def test_the_scores_are_those_of_the_stored_distributions(town: TownByDay) -> None:
    town.run("2024-07-02")
    town.run("2024-08-02")
    stored = rows(
        town,
        "SELECT model, curve, observed, crps, log_score FROM scores "
        "JOIN forecasts USING (block_id, series_id, horizon) "
        "JOIN outcomes USING (run_id, series_id) WHERE model = 'pool' UNION ALL "
        "SELECT model, curve, observed, crps, log_score FROM scores "
        "JOIN benchmarks USING (block_id, series_id, model) "
        "JOIN outcomes USING (run_id, series_id)",
    )
    assert len(stored) == 2 * len(MODELS)
    for model, curve, observed, crps, log_score in stored:
        support, cdf = decode([curve])
        assert len(support) < 256, "an exact grid: one atom per point"
        mass = np.diff(cdf[0], prepend=0.0)
        draws = np.repeat(support, np.rint(mass * 65_535).astype(int)).astype(float)
        reference = scoringrules.crps_ensemble(float(observed), draws)
        assert crps == pytest.approx(float(reference), abs=1e-6), model
        chance = mass[observed] if observed < len(mass) else 0.0
        assert log_score == pytest.approx(np.log(max(chance, 1e-6)), abs=1e-9)


def test_a_revised_outcome_is_scored_again_and_both_stay(town: TownByDay) -> None:
    town.run("2024-07-02")
    town.run("2024-08-02")
    town.events["late"] = ("2024-07-20", "Storm")
    town.run("2024-08-09")
    storm = scored(town, "model = 'pool' AND region = 'Freedonia/Storm'")
    assert [(row[4], row[5]) for row in storm] == [(3, 1), (4, 2)]
    calm = scored(town, "model = 'pool' AND region = 'Freedonia/Calm'")
    assert [row[5] for row in calm] == [1]
    known = rows(
        town, "SELECT DISTINCT forecast_data_as_of, outcome_data_as_of FROM score_table ORDER BY 2"
    )
    assert known == [("2024-07-02", "2024-08-02"), ("2024-07-02", "2024-08-09")]


def test_replays_and_drills_never_score(town: TownByDay) -> None:
    town.run("2024-07-02")
    town.run("2024-08-02", Replay(date(2024, 7, 31)))
    config, clock = load(town.config), town.clock("2024-08-02")
    with opened(config, None, "own", clock) as stores:
        Cycle(config, stores, clock, replay=Replay(date(2024, 8, 2)), deliver=True).run()
    assert scored(town) == []
    assert rows(town, "SELECT count(*) FROM outcomes") == [(0,)]
    town.run("2024-08-02")
    assert {row[0] for row in scored(town)} == {1}


def test_a_watch_that_counts_something_else_starts_a_record_of_its_own(town: TownByDay) -> None:
    town.run("2024-07-02")
    grouping = 'group_by = ["country", "admin1"]'
    town.configure({grouping: f'{grouping}\nwhere = {{ admin1 = "S*" }}'})
    town.run("2024-08-02")
    assert scored(town) == []
    town.run("2024-09-02")
    assert {(row[0], row[2]) for row in scored(town)} == {(2, "2024-08-01")}


def test_other_rules_and_models_continue_the_record(town: TownByDay) -> None:
    town.run("2024-07-02")
    town.configure({"horizon = 3": 'horizon = 4\nmodels = ["conflictology"]'})
    town.run("2024-08-02")
    assert {row[0] for row in scored(town)} == {1}


def test_a_period_that_no_source_covers_is_not_scored_as_zero(town: TownByDay) -> None:
    town.run("2024-07-02")
    town.configure({'noun = "attacks"': 'noun = "attacks"\ngaps = [["2024-07-01", "2024-07-31"]]'})
    town.run("2024-08-02")
    assert scored(town) == []
    town.run("2024-09-02")
    assert {row[2] for row in scored(town)} == {"2024-08-01"}
