"""Rates say how many cases they rest on and how unsure they are."""

import json

import numpy as np
import pytest

from alerts.rates import middle, pace, share


def test_a_share_has_the_interval_of_wilson() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263.
    found = share(81, 263)
    assert found["value"] == pytest.approx(0.3080, abs=5e-5)
    assert (found["low_95"], found["high_95"]) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert found["n"] == 263


@pytest.mark.parametrize(("hits", "of"), [(0, 20), (20, 20), (1, 1)])
def test_a_share_of_none_or_all_is_not_certain(hits: int, of: int) -> None:
    found = share(hits, of)
    assert 0 <= found["low_95"] <= found["value"] <= found["high_95"] <= 1
    assert found["high_95"] - found["low_95"] > 0.1


def test_a_pace_has_the_exact_interval_of_a_poisson_mean() -> None:
    # Garwood's table: 0 to 3.689 for no event, 4.795 to 18.39 for ten.
    assert pace(0, 1.0)["high_95"] == pytest.approx(3.689, abs=5e-4)
    ten = pace(10, 2.0)
    assert (ten["value"], ten["n"]) == (5.0, 10)
    assert (2 * ten["low_95"], 2 * ten["high_95"]) == pytest.approx((4.795, 18.39), abs=5e-3)


def test_a_median_lies_in_its_interval_and_few_values_have_none() -> None:
    draws = np.random.default_rng(0).integers(0, 90, 101).tolist()
    found = middle(draws)
    assert found["value"] == float(np.median(draws))
    assert found["low_95"] < found["value"] < found["high_95"]
    assert middle([31, 61]) == {"value": 46.0, "n": 2, "low_95": None, "high_95": None}


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(1)
    shares = [share(int(random.binomial(40, 0.3)), 40) for _ in range(500)]
    paces = [pace(int(random.poisson(6)), 3.0) for _ in range(500)]
    inside = [sum(r["low_95"] <= truth <= r["high_95"] for r in rates) / 500
              for rates, truth in ((shares, 0.3), (paces, 2.0))]  # fmt: skip
    assert all(0.92 <= covered <= 0.995 for covered in inside), inside


def test_what_rests_on_nothing_says_nothing() -> None:
    for found in (share(0, 0), pace(0, 0.0), middle([])):
        assert found["value"] is None
        assert found["low_95"] is None
    json.dumps([share(1, 3), pace(2, 5.0), middle([1, 2, 3] * 9)], allow_nan=False)
