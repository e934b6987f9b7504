"""`tocsin totals`, by the real program."""

import csv
import io
from pathlib import Path

import pytest

from tests.acceptance.shown import made_country, made_totals, written_country, written_totals
from tests.acceptance.town import QUIET, RISING, Town
from tocsin.commands.totals import COLUMNS


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = Town(tmp_path_factory.mktemp("town"))
    made.configure()
    made.record({"Calm": QUIET, "Storm": RISING})
    assert made.tocsin("run").code == 0
    return made


def test_the_documentation_shows_what_the_program_prints(tmp_path: Path) -> None:
    """`make docs` rewrites the page when the program prints something else."""
    assert made_totals(tmp_path) == written_totals()
    (folder := tmp_path / "country").mkdir()
    assert made_country(folder) == written_country()


def test_totals_come_as_text_json_and_csv_and_agree_with_the_table(town: Town) -> None:
    found = town.tocsin(
        "totals", "--watch", "provinces", "--format", "json", "--at-least", "9"
    ).data
    assert [row["total"] for row in found] == ["Freedonia"] * 4
    (sheet,) = town.tocsin("table", "--format", "json").data
    means = [row["forecast"][0]["mean"] for row in sheet["regions"]]
    assert found[0]["mean"] == pytest.approx(sum(means), rel=0.05)
    lines = list(csv.reader(io.StringIO(town.tocsin(
        "totals", "--watch", "provinces", "--format", "csv"
    ).out)))  # fmt: skip
    assert tuple(lines[0]) == tuple(COLUMNS)
    assert len(lines) == 5
    text = town.tocsin("totals", "--watch", "provinces").out
    assert "Freedonia  2        2024-07 to 2024-09" in text
    assert "Probability" not in text


def test_a_watch_that_does_not_exist_or_has_not_run_is_refused(town: Town) -> None:
    assert town.tocsin("totals", "--watch", "provnces").code == 2
    answer = town.tocsin("totals", "--watch", "provinces", "--as-of", "1999-01-01")
    assert answer.code == 2
    assert "has no run yet" in answer.err
