"""`tocsin scores` in the real program: before there is a record, and with one."""

import csv
import io
from pathlib import Path

from tests.acceptance.shown import SCORES, made_record, written_record
from tests.acceptance.town import Answer, Town
from tests.tocsin.town_by_day import TownByDay
from tocsin.record.output import CSV_COLUMNS


def town_of(folder: Path) -> Town:
    made = TownByDay(folder)
    made.configure({"# as_of": "as_of"})
    for month in range(30):
        for n in range(2 + month % 5):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{n + 3:02d}"
            made.events[f"{month}-{n}"] = (day, "Calm" if n % 2 else "Storm")
    lines = [f"{i},{d},Freedonia,{p}" for i, (d, p) in made.events.items()]
    table = "\n".join(["id,date,country,province", *lines]) + "\n"
    (folder / "incidents.csv").write_text(table, encoding="utf-8")
    return Town(folder)


def run_on(town: Town, day: str) -> Answer:
    """Run on a day, as a demonstration: the configuration says which day it is."""
    path = town.folder / "config.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    told = [f'as_of = "{day}"' if line.startswith("as_of") else line for line in lines]
    path.write_text("\n".join(told), encoding="utf-8")
    return town.tocsin("run")


def test_a_new_installation_says_that_it_has_no_record_and_what_there_is_instead(
    tmp_path: Path,
) -> None:
    town = town_of(tmp_path)
    assert run_on(town, "2024-05-01").code == 0
    answer = town.tocsin("scores")
    assert answer.code == 0
    assert "No record yet (n = 0): no published forecast has come due." in answer.out
    assert "tocsin scores --backtest" in answer.out
    (record,) = town.tocsin("scores", "--format", "json").data
    assert (record["forecasts"], record["models"], record["regions"]) == (0, [], [])
    (backtest,) = town.tocsin("scores", "--backtest", "--origins", "14", "--format", "json").data
    assert backtest["forecasts"] == 2 * (14 + 13 + 12)
    assert "backtest, by event date, with today's revised data" in backtest["label"]


def test_a_record_grows_by_the_month_and_is_honest_about_few(tmp_path: Path) -> None:
    town = town_of(tmp_path)
    for month in (4, 5, 6):
        assert run_on(town, f"2024-{month:02d}-01").code == 0
    (record,) = town.tocsin("scores", "--watch", "provinces", "--format", "json").data
    assert (record["forecasts"], record["periods"]) == (2 * (2 + 1), 2)
    assert record["skill"]["against_last_year"] == "too few to say"
    text = town.tocsin("scores", "--region", "*/Storm", "--horizon", "1").out
    assert "2 forecasts of 2 months from 2024-04 to 2024-05; regions */Storm; horizon 1" in text
    assert "n = 2 months, too few to say" in text
    table = town.tocsin("scores", "--format", "csv").out
    assert tuple(next(csv.reader(io.StringIO(table)))) == CSV_COLUMNS
    assert "too few to say (n 3)" in town.tocsin("table").out


def test_what_does_not_exist_is_refused_with_one_line(tmp_path: Path) -> None:
    town = town_of(tmp_path)
    missing = town.tocsin("scores")
    assert (missing.code, missing.err.count("\n")) == (3, 1)
    assert "there is no database yet" in missing.err
    run_on(town, "2024-05-01")
    unknown = town.tocsin("scores", "--watch", "districts")
    assert (unknown.code, unknown.err.count("\n")) == (2, 1)
    assert town.tocsin("scores", "--horizon", "0").code == 2
    assert town.tocsin("scores", "--since", "yesterday").code == 2


def test_the_page_shows_what_the_program_prints_and_names_every_column(tmp_path: Path) -> None:
    assert made_record(tmp_path) == written_record()
    assert f"`{', '.join(CSV_COLUMNS)}`" in SCORES.read_text(encoding="utf-8")
