"""The examples, with the real program on the real files."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.town import Town

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    "nigeria": "hdx_ucdp_nigeria.csv.gz",
    "pakistan-ttp": "hdx_ucdp_pakistan.csv.gz",
    "twelve-countries": "ucdp_ged_extract.csv.gz",
}
pytestmark = pytest.mark.realdata


@pytest.fixture
def example(tmp_path: Path, real_data: Callable[[str], Path]) -> Callable[[str], Town]:
    """Lay an example out as it lies in the repository: a folder beside the one with the data."""

    def lay(name: str) -> Town:
        folder = tmp_path / "project" / "examples"
        folder.mkdir(parents=True)
        data = tmp_path / "shared" / "data"
        data.mkdir(parents=True)
        source = real_data(EXAMPLES[name])
        (data / source.name).symlink_to(source)
        shutil.copy(ROOT / "examples" / f"{name}.toml", folder / "config.toml")
        return Town(folder)

    return lay


def total(town: Town, sql: str) -> int:
    (path,) = town.folder.glob("*.db")
    with sqlite3.connect(path) as connection:
        return int(connection.execute(sql).fetchone()[0])


@pytest.mark.parametrize(
    ("name", "incidents"), [("nigeria", 4603), ("pakistan-ttp", 6416), ("twelve-countries", 44871)]
)
def test_an_example_works_from_an_empty_database_and_a_second_run_adds_nothing(
    example: Callable[[str], Town], name: str, incidents: int
) -> None:
    town = example(name)
    first = town.tocsin("run")
    assert first.code == 0, first.err
    assert f"{incidents} new, 0 revised, 0 deleted, 0 as before, 0 in quarantine" in first.out
    made = total(town, "SELECT count(*) FROM outbox")
    forecasts = total(town, "SELECT count(*) FROM forecasts")
    assert made >= 1
    second = town.tocsin("run")
    assert second.code == 0, second.err
    assert "nothing new came in" in second.out
    assert total(town, "SELECT count(*) FROM outbox") == made
    assert total(town, "SELECT count(*) FROM forecasts") == forecasts
    assert total(town, "SELECT count(*) FROM incidents") == incidents


def test_a_replay_shows_the_forecast_from_events_until_then_with_its_label(
    example: Callable[[str], Town],
) -> None:
    town = example("nigeria")
    town.tocsin("run")
    replay = town.tocsin("run", "--as-of", "2014-06-30", "--format", "json")
    assert replay.code == 0, replay.err
    (sheet,) = replay.data
    assert "by event date, with today's revised data" in sheet["label"]
    assert sheet["cutoff"] == "2014-06-30"
    for region in sheet["regions"]:
        assert region["tempo"]["period"] == "2014-06"
        assert [step["period"] for step in region["forecast"]][:2] == ["2014-07", "2014-08"]
    borno = next(r for r in sheet["regions"] if r["region"] == "Nigeria/Borno state")
    assert borno["tempo"]["count"] > 10


def test_all_twelve_countries_are_forecast_in_one_run(example: Callable[[str], Town]) -> None:
    town = example("twelve-countries")
    town.tocsin("run")
    (sheet,) = town.tocsin("table", "--format", "json").data
    countries = {region["region"].split("/")[0] for region in sheet["regions"]}
    assert len(countries) == 12
    assert all(len(region["forecast"]) >= 3 for region in sheet["regions"])
