"""Whole runs: what changed since the run before, held against runs that saw only a part of it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from core.explanations import Arrived, Change, Revised
from core.periods import Period
from storage.database import open_database
from storage.reading import Reader
from tests.tocsin.town_by_day import TownByDay
from tocsin.asof import Replay

STORM = ("Freedonia", "Storm")
MAY = Period.MONTH.of(date(2024, 5, 1))
JUNE = MAY + 1


def town(folder: Path, change: dict[str, str] | None = None) -> TownByDay:
    """Thirty months of two provinces until June 2024."""
    folder.mkdir(exist_ok=True)
    made = TownByDay(folder)
    made.configure(change)
    for month in range(30):
        for number in range(2 + month % 3):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{5 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Storm" if number else "Calm")
    return made


def changes(made: TownByDay) -> dict[tuple[str, ...], Change | None]:
    """Return the changes that the newest run keeps."""
    with closing(open_database(made.database, mode="read")) as database:
        reader = Reader(database)
        run = reader.latest_run("provinces")
        assert run is not None
        return {one.key: one.change for one in reader.forecasts(run.run_id, "provinces")}


def expected(made: TownByDay, period: int) -> float:
    """Return what the newest run expects of Storm."""
    with closing(open_database(made.database, mode="read")) as database:
        reader = Reader(database)
        run = reader.latest_run("provinces")
        assert run is not None
        found = {(k, p): mean for k, p, mean in reader.expected(run.run_id, "provinces", period)}
        return found[STORM, period]


def storm(made: TownByDay) -> Change:
    found = changes(made)[STORM]
    assert found is not None
    return found


def revise(made: TownByDay) -> None:
    """Withdraw two events of Storm in April 2024, and find one more in May 2023."""
    del made.events["27-1"], made.events["26-1"]
    made.events["new"] = ("2023-05-20", "Storm")


def test_the_first_run_has_nothing_to_compare_with(tmp_path: Path) -> None:
    made = town(tmp_path)
    made.run("2024-06-03")
    assert changes(made) == {("Freedonia", "Calm"): None, STORM: None}


def test_when_a_month_came_in_all_of_the_change_is_that_month(tmp_path: Path) -> None:
    made = town(tmp_path)
    made.run("2024-06-03")
    before, june = expected(made, JUNE + 1), expected(made, JUNE)
    made.events |= {f"storm-{n}": ("2024-06-20", "Storm") for n in range(9)}
    made.run("2024-07-02")
    change = storm(made)
    assert (change.run, change.cutoff, change.period) == (1, date(2024, 6, 3), JUNE + 1)
    assert change.before == before
    assert (change.revised, change.program, change.causes) == (0.0, 0.0, ())
    assert change.arrived > 0.5
    assert change.after == pytest.approx(expected(made, JUNE + 1))
    assert change.new_periods == (Arrived(JUNE, 12, june),)


def test_the_effect_of_a_revision_is_what_a_run_of_the_same_day_would_have_said(
    tmp_path: Path,
) -> None:
    made, other = town(tmp_path / "made"), town(tmp_path / "other")
    made.run("2024-06-03")
    revise(other)
    other.run("2024-06-03")
    effect = expected(other, JUNE) - expected(made, JUNE)
    revise(made)
    made.run("2024-06-10")
    change = storm(made)
    assert abs(effect) > 0.05
    assert change.revised == pytest.approx(effect, rel=1e-9)
    assert (change.arrived, change.program) == (pytest.approx(0, abs=1e-9), pytest.approx(0))
    assert change.new_periods == ()


def test_a_month_and_a_revision_are_told_apart(tmp_path: Path) -> None:
    made, other = town(tmp_path / "made"), town(tmp_path / "other")
    made.run("2024-06-03")
    revise(other)
    other.run("2024-06-03")
    effect = expected(other, JUNE + 1) - expected(made, JUNE + 1)
    revise(made)
    made.run("2024-07-02")
    change = storm(made)
    assert change.revised == pytest.approx(effect, rel=1e-9)
    assert change.after == pytest.approx(expected(made, JUNE + 1))
    april, march = MAY - 1, MAY - 2
    assert change.revised_periods == (
        Revised(MAY - 12, 2, 3),
        Revised(march, 3, 2),
        Revised(april, 1, 0),
    )
    assert change.revised_in_all == 3


def test_a_total_changes_by_what_its_regions_do_without_being_drawn_again(tmp_path: Path) -> None:
    made = town(tmp_path, {"horizon = 3": 'horizon = 3\ntotals = ["Freedonia"]'})
    made.run("2024-06-03")
    revise(made)
    made.events |= {f"storm-{n}": ("2024-06-20", "Storm") for n in range(9)}
    made.run("2024-07-02")
    found = changes(made)
    total = found.pop(("Freedonia",))
    regions = [change for change in found.values() if change]
    assert total
    assert len(regions) == 2
    assert total.revised == pytest.approx(sum(one.revised for one in regions))
    assert total.arrived == pytest.approx(sum(one.arrived for one in regions), abs=0.05)
    assert total.program == pytest.approx(0)
    assert total.after - total.before == pytest.approx(total.arrived + total.revised)
    assert total.new_periods[0].came == sum(one.new_periods[0].came for one in regions)


def test_another_configuration_is_told_apart_from_the_data(tmp_path: Path) -> None:
    made = town(tmp_path)
    made.run("2024-06-03")
    before = expected(made, JUNE)
    made.configure({"horizon = 3": 'horizon = 3\nmodels = ["conflictology"]'})
    made.run("2024-06-03", hour=9)
    change = storm(made)
    assert change.causes == ("configuration",)
    assert (change.arrived, change.revised) == (0.0, 0.0)
    assert change.program == pytest.approx(expected(made, JUNE) - before)
    assert change.program != 0.0


def test_another_version_is_named(tmp_path: Path) -> None:
    made = town(tmp_path)
    made.run("2024-06-03")
    with closing(sqlite3.connect(made.database)) as database, database:
        database.execute("UPDATE runs SET version = '0.0.0'")
    made.run("2024-07-02")
    change = storm(made)
    assert change.causes == ("version",)
    assert change.program == pytest.approx(0, abs=1e-9)


def test_what_counts_something_else_now_is_not_compared(tmp_path: Path) -> None:
    made = town(tmp_path)
    made.run("2024-06-03")
    made.configure({"horizon = 3": 'horizon = 3\nwhere = { admin1 = "Storm" }'})
    made.run("2024-06-10")
    assert changes(made) == {STORM: None}


def test_a_region_whose_events_all_moved_away_is_explained_by_the_revision(
    tmp_path: Path,
) -> None:
    made = town(tmp_path)
    made.run("2024-06-03")
    for name, (day, province) in list(made.events.items()):
        if province == "Calm" and day < "2024-06-01":
            made.events[name] = (day, "Storm")
    made.run("2024-07-02")
    calm = changes(made)["Freedonia", "Calm"]
    assert calm is not None
    assert calm.revised == pytest.approx(-calm.before)
    assert calm.revised_in_all == 29


LATE = {"noun = ": "delay = { 0 = 0.4, 30 = 0.8, 60 = 1.0 }\nnoun = "}


def with_an_outbreak(made: TownByDay) -> None:
    made.events |= {f"storm-{n}": ("2024-06-20", "Storm") for n in range(9)}


@pytest.mark.parametrize("event", [with_an_outbreak, revise, lambda _: None])
def test_where_reports_come_late_the_parts_add_up_too(
    tmp_path: Path, event: Callable[[TownByDay], None]
) -> None:
    made = town(tmp_path, LATE)
    made.run("2024-06-17")
    event(made)
    made.run("2024-06-24")
    change = storm(made)
    assert change.after == pytest.approx(expected(made, JUNE), rel=1e-9)
    assert change.program == pytest.approx(0, abs=1e-9)
    if event is with_an_outbreak:
        assert change.arrived > 0.5
        assert abs(change.revised) < 1


def test_prophet_changes_stand_with_the_program(tmp_path: Path) -> None:
    models = 'models = ["dynamic-count", "conflictology", "prophet"]'
    made = town(tmp_path, {"horizon = 3": f"horizon = 3\n{models}"})
    made.run("2024-06-03")
    made.run("2024-07-02")
    change = storm(made)
    assert change.causes == ("prophet",)
    assert change.after == pytest.approx(expected(made, JUNE + 1))
    assert abs(change.program) < abs(change.arrived) + 0.1


def test_a_replay_explains_nothing_and_forecasts_do_not_change_by_being_explained(
    tmp_path: Path,
) -> None:
    made, alone = town(tmp_path / "made"), town(tmp_path / "alone")
    made.run("2024-06-03")
    for one in (made, alone):
        revise(one)
        one.run("2024-07-02")
    assert made.curves(2) == alone.curves(1)
    made.run("2024-07-09", Replay(date(2024, 6, 3)))
    with closing(open_database(made.database, mode="read")) as database:
        replayed = Reader(database).forecasts(3, "provinces")
    assert [one.change for one in replayed] == [None, None]
