"""Probabilities in the columns of people's tables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.table_columns import percent_beside


@pytest.mark.parametrize(
    ("probability", "needed", "told"),
    [
        (0.7275, 0.5, "73 %"),
        (0.2466, 0.25, "24.7 %"),
        (0.5002, 0.5, "50.02 %"),
        (0.999, 0.5, ">99 %"),
        (0.001, 0.5, "<1 %"),
    ],
)
def test_a_probability_near_its_line_is_told_apart_from_it(
    probability: float, needed: float, told: str
) -> None:
    assert percent_beside(probability, needed) == told


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.floats(0.01, 0.99), st.sampled_from([0.05, 0.25, 0.5, 0.6, 0.9]))
def test_what_is_below_a_line_never_reads_as_reaching_it(probability: float, needed: float) -> None:
    told = float(percent_beside(probability, needed).removesuffix(" %"))
    assert (told < needed * 100) <= (probability < needed)
    if abs(probability - needed) > 0.0001:
        assert (told < needed * 100) == (probability < needed)
