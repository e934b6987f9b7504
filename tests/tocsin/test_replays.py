"""Two clocks: what is known when. A past run asked again says what it said."""

from datetime import date
from pathlib import Path

import pytest

from core.clock import stamp, unstamp
from core.errors import InputError
from storage.database import open_database
from tests.tocsin.town_by_day import TownByDay, of_two
from tocsin.asof import Replay, end_of, moment


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    return of_two(tmp_path)


def revise(town: TownByDay) -> None:
    """Let the source change its mind on the past: one moved, one gone, some late."""
    town.events["20-1"] = ("2023-09-06", "Storm")
    del town.events["25-0"]
    town.events |= {f"late-{n}": ("2024-05-20", "Storm") for n in range(6)}


def test_a_past_run_asked_again_after_revisions_gives_the_same_bytes(town: TownByDay) -> None:
    then = town.run("2024-07-02")
    revise(town)
    now = town.run("2024-07-09")
    assert town.curves(now.run) != town.curves(then.run)
    again = town.run("2024-07-20", Replay(date(2024, 7, 2)))
    assert not again.repeated
    assert again.run not in {then.run, now.run}
    curves = town.curves(again.run)
    assert curves == town.curves(then.run)
    assert len(curves) == 2 * 3
    print(f"{len(curves)} forecasts are byte for byte those of 18 days before")


def test_of_two_runs_on_one_day_each_is_asked_again_by_its_watermark(town: TownByDay) -> None:
    morning = town.run("2024-07-02")
    revise(town)
    evening = town.run("2024-07-02", hour=18)
    with open_database(town.database, mode="read") as database:
        marks = [row[0] for row in database.rows("SELECT watermark FROM runs ORDER BY run_id")]
    day = unstamp(marks[0]).date()
    for run, mark in zip((morning, evening), marks, strict=True):
        replay = town.run("2024-08-01", Replay(day, mark))
        assert town.curves(replay.run) == town.curves(run.run)
    by_day = town.run("2024-08-01", Replay(day))
    assert town.curves(by_day.run) == town.curves(evening.run)


def test_a_replay_as_known_then_is_not_made_again_when_something_new_comes_in(
    town: TownByDay,
) -> None:
    town.run("2024-07-02")
    replay = Replay(date(2024, 7, 2))
    first = town.run("2024-07-03", replay)
    revise(town)
    town.run("2024-07-09")
    second = town.run("2024-07-10", replay)
    assert second.repeated
    assert second.run == first.run


def test_a_replay_before_the_first_pull_uses_todays_data_and_is_not_called_late(
    town: TownByDay,
) -> None:
    town.run("2024-07-02")
    past = town.run("2024-07-03", Replay(date(2023, 12, 31)))
    with open_database(town.database, mode="read") as database:
        (row,) = database.rows("SELECT label FROM runs WHERE run_id = ?", [past.run])
        late = database.value("SELECT late FROM blocks WHERE run_id = ?", [past.run])
    assert "by event date, with today's revised data" in row[0]
    assert late == ""


def test_a_day_means_its_end_and_an_instant_itself() -> None:
    assert moment("--from", "2024-02-29") == "2024-02-29T23:59:59.999999Z"
    assert moment("--from", "2024-02-29T06:00:00Z") == "2024-02-29T06:00:00.000000Z"
    assert moment("--from", "2024-02-29T06:00+02:00") == "2024-02-29T04:00:00.000000Z"
    assert moment("--from", "2024-02-29 06:00") == "2024-02-29T06:00:00.000000Z"
    assert end_of(date(2024, 2, 29)) == moment("-", "2024-02-29")
    known = "2024-07-02T06:00:00.000001Z"
    assert moment("--known-at", known) == known == stamp(unstamp(known))


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2024-02-30", "2024-13-01T00:00:00Z", "0001-01-01T00:00+14:00"],
)
def test_a_moment_that_is_none_is_refused_with_its_option(text: str) -> None:
    with pytest.raises(InputError, match=r"^--to: .* is no date and no instant; write 2024-01-31"):
        moment("--to", text)


def test_known_at_needs_a_day_to_cut_off_at() -> None:
    assert Replay.of(None, None) is None
    with pytest.raises(InputError, match="--known-at: needs --as-of"):
        Replay.of(None, "2024-01-31")
