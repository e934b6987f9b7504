"""Exported counts are those that were known then."""

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.tocsin.town_by_day import TownByDay
from tocsin.commands.exports.asked import Asked
from tocsin.commands.exports.counts import export_counts


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    made = TownByDay(tmp_path)
    made.configure()
    for month in range(18):
        day = f"{2023 + month // 12}-{month % 12 + 1:02d}-05"
        made.events[f"{month}"] = (day, "Storm")
    return made


def june(town: TownByDay, as_of: date | None) -> int:
    """Return the count of June 2024 in an export."""
    out = town.folder / "counts.csv"
    export_counts(Asked(town.config, None, "provinces", as_of), out)
    with out.open(encoding="utf-8", newline="") as lines:
        (count,) = (row["count"] for row in csv.DictReader(lines) if row["date"] == "2024-06-01")
    return int(count)


def test_a_late_report_is_not_in_the_counts_as_of_a_day_before_it_came(
    town: TownByDay, capsys: pytest.CaptureFixture[str]
) -> None:
    town.run("2024-07-02")
    town.events["late"] = ("2024-06-20", "Storm")
    town.run("2024-07-09")
    capsys.readouterr()
    assert june(town, date(2024, 7, 5)) == 1
    assert "replay as of 2024-07-05, as known then" in capsys.readouterr().out
    assert june(town, date(2024, 7, 9)) == 2
    assert june(town, None) == 2


def test_before_the_first_pull_the_counts_are_todays_by_event_date_and_say_so(
    town: TownByDay, capsys: pytest.CaptureFixture[str]
) -> None:
    town.run("2024-07-09")
    capsys.readouterr()
    assert june(town, date(2024, 7, 1)) == 1
    told = capsys.readouterr().out
    assert "replay as of 2024-07-01, by event date, with today's revised data" in told
