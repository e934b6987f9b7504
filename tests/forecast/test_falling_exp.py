"""The exponential and the maximum that loops are vectorised with."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.series import FloatArray
from forecast.compiled import compiled_fast
from forecast.falling_exp import falling_exp
from forecast.largest import LANES, largest


@compiled_fast
def exponentials(x: FloatArray, out: FloatArray) -> None:
    for k in range(len(x)):
        out[k] = falling_exp(x[k])


@compiled_fast
def most(values: FloatArray, lanes: FloatArray) -> float:
    return largest(values, lanes)


def falling(*x: float) -> FloatArray:
    out = np.empty(len(x))
    exponentials(np.array(x), out)
    return out


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.floats(-400.0, 0.0), min_size=1, max_size=70))
def test_the_exponential_is_that_of_the_library_to_nine_digits(x: list[float]) -> None:
    assert falling(*x) == pytest.approx([math.exp(one) for one in x], rel=1e-8, abs=0.0)


def test_what_counts_in_a_sum_of_weights_has_twelve_digits() -> None:
    x = np.linspace(-40.0, 0.0, 4001)
    assert falling(*x) == pytest.approx(np.exp(x), rel=1e-12, abs=0.0)


def test_a_smaller_argument_never_has_a_larger_exponential_and_the_least_have_none() -> None:
    x = np.concatenate((-np.logspace(308, 2.9, 50), np.linspace(-790.0, 0.0, 3000)))
    found = falling(*x)
    assert np.all(np.diff(found) >= 0)
    assert falling(0.0, -745.0, -746.0, -800.0, -1e9, -math.inf).tolist() == pytest.approx(
        [1.0, math.exp(-745.0), 0.0, 0.0, 0.0, 0.0], abs=0.0
    )


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e299, 1e299), min_size=1, max_size=3 * LANES + 2))
def test_the_largest_is_found_wherever_it_stands(values: list[float]) -> None:
    assert most(np.array(values), np.empty(LANES)) == max(values)


def test_nothing_has_no_largest() -> None:
    assert most(np.empty(0), np.empty(LANES)) == -1e300
