"""A change is kept with its run and read back as it was."""

from dataclasses import replace
from datetime import date

import pytest

from core.alerts import AlertChanges
from core.explanations import Arrived, Change, Revised
from storage.changed import decode_change, encode_change
from storage.database import Database
from storage.reading import Reader
from storage.runs import Runs
from tests.storage.samples import NOW, key, result

CHANGE = Change(
    *(6, date(2022, 9, 24), 24_273, 9.25, 2.125, -0.5, 0.0),
    new_periods=(Arrived(24_271, 4, None), Arrived(24_272, 18, 12.5)),
    revised_periods=(Revised(24_266, 3, 1),),
    revised_in_all=1,
    causes=("version",),
)


@pytest.mark.parametrize("change", [CHANGE, CHANGE._replace(new_periods=(), causes=()), None])
def test_a_change_is_read_back_as_it_was(change: Change | None) -> None:
    assert decode_change(encode_change(change)) == change


def test_the_parts_of_a_change_lead_from_before_to_after() -> None:
    assert CHANGE.after == 9.25 + 2.125 - 0.5


def test_a_run_keeps_the_change_of_every_series(runs: Runs, database: Database) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    runs.stage(run, replace(result(), changes=(CHANGE, None)))
    runs.publish(run, AlertChanges(), [], NOW)
    assert [one.change for one in Reader(database).forecasts(run, "provinces")] == [CHANGE, None]


def test_a_run_that_explains_nothing_keeps_nothing(runs: Runs, database: Database) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    runs.stage(run, result())
    runs.publish(run, AlertChanges(), [], NOW)
    assert [one.change for one in Reader(database).forecasts(run, "provinces")] == [None, None]


def test_the_run_to_compare_with_is_the_newest_live_one_not_cut_off_later(
    runs: Runs, database: Database
) -> None:
    made = {}
    for name, day, mode in (
        ("first", date(2022, 9, 1), "live"),
        ("later", date(2022, 9, 20), "live"),
        ("replay", date(2022, 9, 2), "replay"),
    ):
        made[name] = runs.begin(key(cutoff=day, mode=mode), NOW, "0.1.0", "")
        runs.stage(made[name], replace(result(), counted="deeds"))
        runs.publish(made[name], AlertChanges(), [], NOW)
    reader = Reader(database)
    found = reader.live_run("provinces", date(2022, 9, 10))
    assert found is not None
    assert found.run_id == made["first"]
    assert reader.live_run("provinces", date(2022, 8, 1)) is None
    assert reader.live_run("elsewhere", date(2022, 9, 10)) is None
    assert reader.counted(made["first"], "provinces") == "deeds"


def test_what_a_run_expected_is_read_without_its_distributions(
    runs: Runs, database: Database
) -> None:
    run = runs.begin(key(), NOW, "0.1.0", "")
    made = result(steps=3)
    runs.stage(run, made)
    means = made.outlook.predictive.mean()
    found = sorted(Reader(database).expected(run, "provinces", 24_274))
    assert [(region, period) for region, period, _ in found] == [
        (region, period) for region in made.outlook.panel.keys for period in (24_273, 24_274)
    ]
    assert [mean for *_, mean in found] == means[:, :2].ravel().tolist()
