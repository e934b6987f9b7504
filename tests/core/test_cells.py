"""Half-degree cells: the numbers are PRIO-GRID's."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cells import cell_of

FILES = ["hdx_ucdp_nigeria", "hdx_ucdp_pakistan", "ucdp_candidate_v23_0_10"]


@pytest.mark.realdata
@pytest.mark.parametrize("name", FILES)
def test_every_cell_is_the_one_that_ucdp_writes(
    real_data: Callable[[str], Path], name: str
) -> None:
    with gzip.open(real_data(f"{name}.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["latitude"][:1].strip("#")]
    wrong = [
        row
        for row in rows
        if cell_of(float(row["latitude"]), float(row["longitude"]))
        != int(float(row["priogrid_gid"]))
    ]
    assert len(rows) > 2000
    assert not wrong
    print(f"{name}: {len(rows)} of {len(rows)} cells equal UCDP's priogrid_gid")


@pytest.mark.parametrize(
    ("latitude", "longitude", "cell"),
    [
        (-90.0, -180.0, 1),
        (-90.0, 180.0, 720),
        (-89.5, -180.0, 721),
        (90.0, 180.0, 259_200),
        (0.0, 0.0, 129_961),
        (-0.01, -0.01, 129_240),
    ],
)
def test_cells_count_from_the_south_west_corner(
    latitude: float, longitude: float, cell: int
) -> None:
    assert cell_of(latitude, longitude) == cell


@settings(derandomize=True)
@given(st.integers(1, 259_200))
def test_a_cell_holds_its_own_centre(cell: int) -> None:
    row, column = divmod(cell - 1, 720)
    assert cell_of((row + 0.5) / 2 - 90, (column + 0.5) / 2 - 180) == cell
