"""`tocsin explain`, by the real program: text, JSON, CSV, and what is no region."""

import csv
import io
from pathlib import Path

import pytest

from tests.acceptance.shown import made_explanation, written_explanation
from tests.acceptance.town import QUIET, RISING, Town
from tocsin.commands.explain import CSV_COLUMNS

BEFORE = {'as_of = "2024-07-01"': 'as_of = "2024-06-01"', "= 2024-06-30": "= 2024-05-31"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A run on 1 June and one on 1 July; a name in it means harm."""
    made = Town(tmp_path_factory.mktemp("town"))
    counts = {"Calm": QUIET, "Storm": RISING, "=1+1": QUIET}
    for change, months in ((BEFORE, 29), (None, 30)):
        made.configure(change=change)
        made.record({name: series[:months] for name, series in counts.items()})
        assert made.tocsin("run").code == 0
    return made


def test_the_documentation_shows_what_the_program_prints(tmp_path: Path) -> None:
    """`make docs` rewrites the page when the program prints something else."""
    assert made_explanation(tmp_path) == written_explanation()


def test_people_read_what_moved_a_region(town: Town) -> None:
    answer = town.tocsin("explain", "--watch", "provinces", "--region", "Freedonia/Storm")
    assert answer.code == 0, answer.err
    assert "more than in run 1 (cut-off 2024-06-01)" in answer.out
    assert "2024-06 came in at 12" in answer.out
    assert "Freedonia/Calm" not in answer.out


def test_machines_get_the_parts_and_they_add_up(town: Town) -> None:
    (sheet,) = town.tocsin("explain", "--format", "json").data
    assert {one["region"] for one in sheet["regions"]} == {
        "Freedonia/Calm",
        "Freedonia/Storm",
        "Freedonia/=1+1",
    }
    for one in sheet["regions"]:
        change = one["change"]
        parts = sum(change[part]["effect"] for part in ("new_data", "revised_data", "program"))
        assert change["after"] == pytest.approx(change["before"] + parts, abs=0.002)
    (table,) = town.tocsin("table", "--format", "json").data
    shown = {one["region"]: one for one in sheet["regions"]}
    for row in table["regions"]:
        assert row["explanation"] == {
            k: shown[row["region"]][k] for k in ("words", "effects", "change")
        }
        assert row["change_since_last_run"]["before"] == row["explanation"]["change"]["before"]


def test_spreadsheets_get_one_line_per_region(town: Town) -> None:
    lines = list(csv.reader(io.StringIO(town.tocsin("explain", "--format", "csv").out)))
    assert tuple(lines[0]) == CSV_COLUMNS
    assert len(lines) == 4
    assert not any(cell.startswith(("=", "@")) for line in lines for cell in line)


def test_a_glob_chooses_regions_and_an_exact_name_only_itself(town: Town) -> None:
    (sheet,) = town.tocsin("explain", "--region", "*/[CS]*", "--format", "json").data
    assert {one["region"] for one in sheet["regions"]} == {"Freedonia/Calm", "Freedonia/Storm"}


def test_a_region_that_does_not_exist_names_the_nearest(town: Town) -> None:
    answer = town.tocsin("explain", "--region", "Freedonia/Strom")
    assert answer.code == 2
    assert "no region is 'Freedonia/Strom'" in answer.err
    assert "Freedonia/Storm" in answer.err


def test_a_first_run_says_that_there_is_nothing_to_compare(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.configure()
    town.record({"Calm": QUIET})
    town.tocsin("run")
    assert "there is no change to explain" in town.tocsin("explain").out
    assert "explanation" not in town.tocsin("table").out
