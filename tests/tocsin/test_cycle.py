"""What a cycle does not do: degrade for want of history, or score in a replay."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from storage.database import open_database
from tests.tocsin.town_by_day import TownByDay, of_two
from tocsin.asof import Replay


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    return of_two(tmp_path)


def scores(town: TownByDay, run: int) -> int:
    with closing(open_database(town.database, mode="read")) as database:
        return int(database.value("SELECT count(*) FROM scores WHERE run_id = ?", [run]))


def test_a_region_with_too_few_events_is_left_out_and_the_run_is_not_degraded(
    town: TownByDay,
) -> None:
    town.configure({"horizon = 3": "horizon = 3\nminimum_events = 2"})
    town.events["once"] = ("2024-03-01", "Rare")
    report = town.run("2024-07-02")
    assert report.reasons == []
    assert len(town.curves(report.run)) == 2 * 3


def test_live_runs_score_what_has_come_due_and_a_replay_nothing(town: TownByDay) -> None:
    town.run("2024-05-02")
    assert scores(town, town.run("2024-06-02").run) > 0
    town.events["late"] = ("2024-05-20", "Storm")
    assert scores(town, town.run("2024-06-09").run) > 0, "May is not what it was first seen as"
    again = town.run("2024-06-10", Replay(date(2024, 6, 3)))
    assert scores(town, again.run) == 0
