"""An analyst's value is scored beside the model's once it is known what came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.database import open_database
from tests.acceptance.town import Town
from tests.tocsin.town_by_day import TownByDay

MONTHS = [2, 3, 2, 4] * 6 + [9, 2]
"""Two years as usual, then a month that only the analyst foresaw, and one as usual."""


def override(town: Town, *what: str, by: str = "Amina") -> None:
    answer = town.tocsin("overrides", "add", *what, "--by", by, "--reason", "a word from the field")
    assert answer.code == 0, answer.err


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = TownByDay(tmp_path_factory.mktemp("lived"))
    made.configure()
    for number, count in enumerate(MONTHS):
        for one in range(count):
            day = f"{2022 + number // 12}-{number % 12 + 1:02d}-{one + 1:02d}"
            made.events[f"{number}-{one}"] = (day, "Storm")
    town = Town(made.folder)
    made.run("2024-01-02")
    of = ("--watch", "provinces", "--region", "Freedonia/Storm", "--period")
    override(town, *of, "2024-01", "--value", "90")
    override(town, *of, "2024-01", "--value", "9")
    override(town, *of, "2024-01", "--value", "0", by="Bo")
    override(town, *of, "2024-02", "--value", "30")
    override(town, *of, "2024-03", "--value", "3")
    override(town, *of, "2024-02", "--reject", by="Bo")
    made.run("2024-02-02")
    made.run("2024-03-02")
    return town


def test_the_nearer_one_is_named_and_only_a_persons_last_word_counts(lived: Town) -> None:
    rows = lived.tocsin("overrides", "scores", "--format", "json").data
    told = [(row["by"], row["about"], row["analyst"], row["better"]) for row in rows]
    assert told == [
        ("Amina", "2024-01-01", 9, "analyst"),
        ("Bo", "2024-01-01", 0, "model"),
        ("Amina", "2024-02-01", 30, "model"),
    ]


def test_the_models_score_is_that_of_its_own_record(lived: Town) -> None:
    rows = lived.tocsin("overrides", "scores", "--format", "json").data
    with open_database(lived.folder / "tocsin.db", mode="read") as database:
        kept = database.rows(
            "SELECT crps, log_score FROM score_table WHERE model = 'pool' AND run = 1 "
            "AND period_start = '2024-01-01'"
        )
    assert kept == [
        (
            pytest.approx(rows[0]["model_score"], abs=1e-3),
            pytest.approx(rows[0]["model_log_score"], abs=1e-3),
        )
    ]


def test_a_configuration_that_is_changed_later_changes_no_score(
    lived: Town, tmp_path: Path
) -> None:
    before = lived.tocsin("overrides", "scores", "--format", "json").data
    for name in ("tocsin.db", "config.toml", "incidents.csv"):
        (tmp_path / name).write_bytes((lived.folder / name).read_bytes())
    changed = TownByDay(tmp_path)
    changed.configure({"horizon = 3": 'horizon = 3\nwhere = { province = "S*" }'})
    assert Town(tmp_path).tocsin("overrides", "scores", "--format", "json").data == before


def test_the_record_says_how_often_with_an_interval(lived: Town) -> None:
    text = lived.tocsin("overrides", "scores").out
    words = "overrides were better than the model in 1 of 3 (95 % interval 6 to 79 %)"
    assert text.splitlines()[-1] == words
    assert f"{words.capitalize()}." in lived.tocsin("scores", "--since", "2024-01-01").out
    (record,) = json.loads(lived.tocsin("scores", "--since", "2024-01-01", "--format", "json").out)
    assert (record["overrides"]["scored"], record["overrides"]["better"]) == (3, 1)
    (rule,) = record["warned"]
    assert (rule["rule"], rule["judged"]) == ("tempo", 0)


def test_before_anything_is_due_it_says_so(tmp_path: Path) -> None:
    made = TownByDay(tmp_path)
    made.configure()
    made.events["a"] = ("2023-05-05", "Storm")
    made.run("2024-01-02")
    assert "no override has come due yet" in Town(tmp_path).tocsin("overrides", "scores").out
