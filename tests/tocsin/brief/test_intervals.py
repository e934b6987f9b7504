"""Intervals against published and closed-form values, and against simulation."""

import numpy as np
import pytest

from tocsin.brief.intervals import (
    NOTHING,
    allowing_for_bursts,
    dispersion,
    mean_count,
    rate_ratio,
)


def test_ten_against_two_is_the_clopper_pearson_interval_of_ten_in_twelve() -> None:
    # Clopper and Pearson (1934): 10 of 12 gives 0.5159 to 0.9791; odds 1.0656 to 46.9.
    found = rate_ratio(10, 1.0, 2, 1.0)
    assert found.value == 5
    assert found.low_95 == pytest.approx(0.5159 / 0.4841, rel=1e-3)
    assert found.high_95 == pytest.approx(0.9791 / 0.0209, rel=2e-2)


def test_exposure_scales_the_ratio_and_its_ends() -> None:
    one, double = rate_ratio(10, 1.0, 2, 1.0), rate_ratio(10, 2.0, 2, 1.0)
    assert [end and end / 2 for end in one] == pytest.approx(list(double))


def test_none_before_has_a_lower_end_and_no_upper_one() -> None:
    found = rate_ratio(6, 1.0, 0, 1.0)
    assert (found.value, found.high_95) == (None, None)
    assert found.low_95 == pytest.approx(1.1771, rel=1e-3)  # (0.025 ** (1/6)) / (1 - …)
    quiet = rate_ratio(0, 1.0, 6, 1.0)
    assert (quiet.value, quiet.low_95) == (0, 0)
    assert quiet.high_95 == pytest.approx(1 / 1.1771, rel=1e-3)


def test_five_against_none_may_be_chance_and_six_may_not() -> None:
    five, six = rate_ratio(5, 1.0, 0, 1.0), rate_ratio(6, 1.0, 0, 1.0)
    assert (five.low_95 or 9) < 1 < (six.low_95 or 0)


def test_nothing_at_all_says_nothing() -> None:
    assert rate_ratio(0, 1.0, 0, 1.0) == NOTHING
    assert rate_ratio(3, 1.0, 3, 0.0) == NOTHING
    assert mean_count(0, 0, 0) == NOTHING


def test_the_exact_interval_covers_the_truth_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1940)
    before, since = rng.poisson(4, 400), rng.poisson(8, 400)
    held = 0
    for a, b in zip(since.tolist(), before.tolist(), strict=True):
        found = rate_ratio(a, 1.0, b, 1.0)
        low = found.low_95 or 0.0
        held += low <= 2 <= (np.inf if found.high_95 is None else found.high_95)
    assert held / 400 >= 0.95


def test_a_mean_of_spread_counts_has_a_wider_interval_than_one_of_even_counts() -> None:
    even, spread = mean_count(10, 30, 90), mean_count(10, 30, 900)
    assert even.value == spread.value == 3
    ends = [end or 0.0 for end in (*spread[1:], *even[1:])]
    assert ends[0] < ends[2] < 3 < ends[3] < ends[1]


def test_the_quasi_poisson_interval_covers_an_overdispersed_mean() -> None:
    rng = np.random.default_rng(1989)
    held = 0
    for _ in range(400):
        counts = rng.negative_binomial(1, 0.25, 120)  # mean 3, variance 12
        found = mean_count(120, int(counts.sum()), int((counts**2).sum()))
        held += (found.low_95 or 9) <= 3 <= (found.high_95 or 0)
    assert held / 400 >= 0.92


def test_one_event_or_no_deaths_have_a_mean_without_ends() -> None:
    assert mean_count(1, 7, 49) == (7, None, None)
    assert mean_count(5, 0, 0) == (0, None, None)


def test_dispersion_is_one_for_independent_events_and_more_for_bursts() -> None:
    rng = np.random.default_rng(7)
    level = rng.poisson(5, 600).tolist(), rng.poisson(14, 600).tolist()
    assert dispersion(level) == pytest.approx(1, abs=0.1)
    bursts = [int(count) * 3 for count in rng.poisson(5, 600)]
    assert dispersion([bursts]) == pytest.approx(3, abs=0.3)
    assert dispersion([[1, 2, 3], [4]]) is None
    assert dispersion([[0] * 20]) is None


def test_the_wider_interval_covers_the_ratio_of_counts_that_come_in_bursts() -> None:
    rng = np.random.default_rng(11)
    exact = wide = 0
    for _ in range(400):
        since, before = (int(rng.poisson(mean)) * 4 for mean in (40, 20))  # variance 4 x the mean
        narrow = rate_ratio(since, 1.0, before, 1.0)
        found = allowing_for_bursts(since, before, since / before, 4.0)
        exact += (narrow.low_95 or 9) <= 2 <= (narrow.high_95 or 0)
        wide += (found.low_95 or 9) <= 2 <= (found.high_95 or 0)
    assert exact / 400 < 0.8
    assert wide / 400 >= 0.92
