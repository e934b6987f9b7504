"""Cells, sites, two sources, names and silence, with the real program."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.acceptance.town import SCREEN, Answer, Town

CONFIG = """
[service]
database = "tocsin.db"
as_of = "2024-07-01"

[[feeds]]
name = "tracker"
kind = "csv"
path = "tracker.csv"
covered_through = 2024-06-30
columns = {columns}

[[feeds]]
name = "wire"
kind = "csv"
path = "wire.csv"
covered_through = 2024-06-30
columns = {columns}

[[watches]]
name = "offices"
feeds = ["tracker"]
group_by = ["site"]

[[watches]]
name = "cells"
feeds = ["tracker"]
group_by = ["country", "cell"]

[[watches]]
name = "spread"
feeds = ["tracker", "wire"]
precedence = ["tracker", "wire"]
group_by = ["actor", "country"]
home = "AFG"

[[sites]]
name = "Kabul office"
latitude = 34.53
longitude = 69.17
radius_km = 15

[[sites]]
name = "Ring road"
latitude = 34.4
longitude = 69.1
radius_km = 60

[[rules]]
name = "silence"
watch = "offices"
on = "stale"
severity = "advisory"
after = "7d"
""".replace(
    "{columns}",
    '{ id = "id", date = "date", country = "country", admin1 = "province", actor = "actor", '
    'latitude = "lat", longitude = "lon" }',
)
HEADER = "id,date,country,province,actor,lat,lon"
PLACES = {
    "Kabul": ("Afghanistan", "Kabul", "34.54,69.20"),
    "Logar": ("Afghanistan", "Logar province", "34.0,69.2"),
    "Lowgar": ("Afghanistan", "Lōgar", "34.01,69.2"),
    "Peshawar": ("PAK", "Khyber Pakhtunkhwa", "34.01,71.5"),
    "nowhere": ("Afghanistan", "", ","),
}


def rows(place: str, months: int, prefix: str) -> list[str]:
    country, province, point = PLACES[place]
    return [
        f"{prefix}{place}{n},{2023 + n // 12}-{n % 12 + 1:02d}-15,{country},{province},IS-K,{point}"
        for n in range(months)
    ]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = Town(tmp_path_factory.mktemp("town"))
    (made.folder / "config.toml").write_text(CONFIG + SCREEN, encoding="utf-8")
    tracker = [line for place in PLACES for line in rows(place, 18, "t")]
    write(made.folder / "tracker.csv", tracker)
    write(made.folder / "wire.csv", rows("Kabul", 18, "w"))
    return made


@pytest.fixture(scope="module")
def run(town: Town) -> Answer:
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    return answer


def write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def tempo(town: Town, watch: str) -> dict[str, int]:
    (sheet,) = town.tocsin("table", "--watch", watch, "--format", "json").data
    return {row["region"]: row["tempo"]["count"] for row in sheet["regions"]}


@pytest.mark.usefixtures("run")
def test_sites_overlap_and_what_has_no_place_is_told(town: Town, run: Answer) -> None:
    assert tempo(town, "offices") == {"Kabul office": 1, "Ring road": 3}
    assert "watch offices: 18 incidents without coordinates: counted for no site" in run.out


@pytest.mark.usefixtures("run")
def test_cells_are_numbered_as_prio_grid_numbers_them(town: Town) -> None:
    assert tempo(town, "cells") == {
        "Afghanistan/179779": 1,
        "Afghanistan/179059": 2,
        "Afghanistan/(unknown)": 1,
        "Pakistan/179064": 1,
    }


@pytest.mark.usefixtures("run")
def test_one_source_counts_and_the_spread_abroad_is_a_series(town: Town) -> None:
    assert tempo(town, "spread") == {
        "IS-K/Afghanistan": 4,
        "IS-K/Pakistan": 1,
        "IS-K/(abroad)": 1,
    }
    (sheet,) = town.tocsin("table", "--watch", "spread", "--format", "json").data
    marks = {row["region"]: (row["iso3"], row["abroad"]) for row in sheet["regions"]}
    assert marks == {
        "IS-K/Afghanistan": ("AFG", False),
        "IS-K/Pakistan": ("PAK", True),
        "IS-K/(abroad)": (None, True),
    }
    table = town.tocsin("table", "--watch", "spread", "--format", "csv").out
    lines = {row["region"]: row for row in csv.DictReader(io.StringIO(table))}
    assert lines["IS-K/Pakistan"]["iso3"] == "PAK"
    assert lines["IS-K/Pakistan"]["abroad"] == "true"
    assert lines["IS-K/(abroad)"]["iso3"] == ""


@pytest.mark.usefixtures("run")
def test_likely_duplicates_are_listed_across_feeds_and_nothing_is_merged(town: Town) -> None:
    answer = town.tocsin("duplicates", "--across", "--format", "json")
    assert answer.code == 0, answer.err
    assert len(answer.data) == 18
    assert answer.data[0] == {
        "first_feed": "tracker", "first_id": "tKabul0", "first_date": "2023-01-15",
        "second_feed": "wire", "second_id": "wKabul0", "second_date": "2023-01-15",
        "km": 0.0, "country": "Afghanistan", "actor": "IS-K",
        "first_fatalities": None, "second_fatalities": None,
    }  # fmt: skip
    text = town.tocsin("duplicates", "--watch", "spread").out
    pairs_told = [line for line in text.splitlines() if " = " in line]
    assert len(pairs_told) == 18 * 2, "the two tellings of Logar too"
    assert "Nothing was merged." in text
    table = town.tocsin("duplicates", "--watch", "offices", "--format", "csv").out
    pairs = list(csv.DictReader(io.StringIO(table)))
    assert {(pair["first_feed"], pair["second_feed"]) for pair in pairs} == {("tracker", "tracker")}
    assert town.tocsin("duplicates", "--watch", "cells", "--across", "--format", "json").data == []


@pytest.mark.usefixtures("run")
def test_aliases_are_suggested_as_lines_of_the_configuration(town: Town) -> None:
    answer = town.tocsin("aliases", "suggest")
    assert answer.code == 0, answer.err
    assert '"Logar province" = ["Lōgar"]  # Afghanistan: 18 + 18 incidents' in answer.out
    as_json = town.tocsin("aliases", "suggest", "--format", "json").data
    assert [(one["name"], one["spelling"]) for one in as_json] == [("Logar province", "Lōgar")]
    assert town.tocsin("aliases", "suggest", "--format", "csv").out.splitlines()[1:] == [
        "admin1,Afghanistan,Logar province,18,Lōgar,18,100.0"
    ]
    config = (town.folder / "config.toml").read_text(encoding="utf-8")
    mended = town.folder / "mended.toml"
    mended.write_text(f"{config}\n{answer.out}", encoding="utf-8")
    town.tocsin("run", "--config", "mended.toml", "--database", "other.db")
    again = town.tocsin(
        "aliases",
        "suggest",
        "--config",
        "mended.toml",
        "--database",
        "other.db",
        "--format",
        "json",
    )
    assert again.data == []


def test_a_feed_that_falls_silent_rings_and_degrades_the_run(tmp_path: Path) -> None:
    town = Town(tmp_path)
    write(town.folder / "tracker.csv", rows("Kabul", 18, "t"))
    write(town.folder / "wire.csv", rows("Kabul", 18, "w"))

    def on(day: str) -> Answer:
        text = (CONFIG + SCREEN).replace("2024-07-01", day)
        (town.folder / "config.toml").write_text(text, encoding="utf-8")
        return town.tocsin("run")

    for day in ("2024-07-01", "2024-07-08"):
        assert on(day).code == 0
    late = on("2024-07-09")
    assert late.code == 4
    assert "degraded: feed tracker: no new data from tracker since 2024-07-01 (8 days)" in late.err
    assert "What         ADVISORY: no new data from tracker" in late.out
    again = on("2024-07-09")
    assert again.code == 4
    assert "ADVISORY" not in again.out
    assert "!!  silence: feed tracker: no new data" in town.tocsin("doctor").out
    news = rows("Kabul", 18, "t")
    write(town.folder / "tracker.csv", [*news, news[0].replace("tKabul0,2023-01", "new,2024-06")])
    back = on("2024-07-10")
    assert back.code == 0, back.err
    assert "RESOLVED (was ADVISORY): new data from tracker" in back.out
    (sheet,) = town.tocsin("table", "--watch", "offices", "--format", "json").data
    assert all(row["data_as_of"] and row["data_age_days"] >= 0 for row in sheet["regions"])
    assert json.dumps(sheet)
