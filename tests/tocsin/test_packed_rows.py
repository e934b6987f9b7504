"""Packed rows are the rows that were made, in order, and small."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tocsin.sheets_of import sheet
from tocsin.forecast_table import Row
from tocsin.packed_rows import PackedRows

CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


def place(row: Row) -> Any:
    return row["place"]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries({"place": st.integers(0, 3), "cell": CELLS}), max_size=8))
def test_rows_come_back_as_they_were_sorted_and_equal_ones_as_they_came(rows: list[Row]) -> None:
    packed = PackedRows(iter(rows), by=place)
    wanted = sorted(rows, key=place)
    assert list(packed) == wanted == list(packed)
    assert len(packed) == len(rows)
    assert [packed[n] for n in range(len(packed))] == wanted
    assert list(packed[1:3]) == wanted[1:3]


def test_a_row_of_the_table_takes_a_fraction_of_its_text() -> None:
    rows = sheet([f"Province {n}" for n in range(200)]).rows
    packed = PackedRows(rows, by=lambda row: row["region"])
    text = sum(len(repr(row)) for row in rows)
    assert sum(map(len, packed._packed)) < text / 5


def test_rows_are_taken_one_at_a_time() -> None:
    held: list[int] = []

    def made() -> Iterator[Row]:
        for number in range(3):
            held.append(number)
            yield {"place": -number}

    assert [row["place"] for row in PackedRows(made(), by=place)] == [-2, -1, 0]
    assert held == [0, 1, 2]


def test_a_place_that_is_not_there_is_an_error_and_no_rows_are_none() -> None:
    none = PackedRows((), by=place)
    assert not none
    assert list(none[:40]) == []
    with pytest.raises(IndexError):
        none[0]
