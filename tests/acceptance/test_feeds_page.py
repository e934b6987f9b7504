"""docs/feeds.md is true: its tables and its configuration give what it shows."""

from pathlib import Path

import pytest

from tests.acceptance.shown import feeds_folder, made_pulls, written_pulls


def test_the_page_shows_what_its_configuration_prints(tmp_path: Path) -> None:
    """`make docs` rewrites the page's answer when the program prints another."""
    assert made_pulls(tmp_path) == written_pulls()


@pytest.fixture
def pulled(tmp_path: Path) -> str:
    town = feeds_folder(tmp_path)
    answer = town.tocsin("pull")
    assert answer.code == 4
    assert "mopti.csv: no column is known as the date" in answer.err
    doctor = town.tocsin("doctor")
    assert doctor.code != 0
    return doctor.out + doctor.err


def test_the_doctor_names_the_file_that_was_left_out_and_the_columns_taken(pulled: str) -> None:
    assert "mopti.csv: no column is known as the date nor one as the country" in pulled
    assert "security.xlsx" in pulled or "columns taken: id = 'Incident ID'" in pulled
