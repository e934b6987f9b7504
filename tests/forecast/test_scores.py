"""Scores, checked against their definitions and against scoringrules."""

import math

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, nbinom

from core.predictive import support_grid
from core.series import FloatArray
from forecast import scores


def law(mean: float, r: float, top: int) -> tuple[FloatArray, FloatArray]:
    support = support_grid(top)
    cdf = nbinom.cdf(support, r, r / (r + mean))
    return support, cdf / cdf[-1]


def by_definition(cdf: FloatArray, support: FloatArray, came: int) -> float:
    numbers = np.arange(max(support[-1], came) + 1)
    return float(np.sum((np.interp(numbers, support, cdf) - (numbers >= came)) ** 2))


@pytest.mark.parametrize("came", [0, 1, 7, 40, 255, 256, 300, 1999, 5000])
def test_crps_is_the_sum_of_squares_on_exact_and_coarse_parts_of_the_grid(came: int) -> None:
    support, cdf = law(60.0, 0.5, 2000)
    found = scores.crps(cdf[None], support, np.array([float(came)]))[0]
    assert found == pytest.approx(by_definition(cdf, support, came), rel=1e-9)


def test_crps_agrees_with_scoringrules_on_a_sample_of_the_law() -> None:
    draws = np.random.default_rng(1).negative_binomial(2, 0.2, size=4000)
    support = support_grid(int(draws.max()))
    cdf = np.searchsorted(np.sort(draws), support, side="right") / len(draws)
    for came in (0.0, 8.0, 31.0):
        reference = scoringrules.crps_ensemble(came, draws.astype(float))
        found = scores.crps(cdf[None], support, np.array([came]))[0]
        assert found == pytest.approx(float(reference), rel=1e-9)


def test_crps_agrees_with_the_closed_form_of_the_negative_binomial() -> None:
    support, cdf = law(6.0, 2.0, 250)
    for came in (0.0, 5.0, 20.0):
        reference = scoringrules.crps_negbinom(came, 2.0, 2.0 / 8.0)
        assert scores.crps(cdf[None], support, np.array([came]))[0] == pytest.approx(reference)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.floats(0.01, 3000), st.floats(0.15, 50), st.integers(0, 10_000))
def test_crps_is_never_negative_and_never_beyond_the_distance(
    mean: float, r: float, came: int
) -> None:
    support, cdf = law(mean, r, int(mean * 20) + 10)
    found = scores.crps(cdf[None], support, np.array([float(came)]))[0]
    assert 0 <= found <= max(came, int(support[-1]))


def test_a_sure_forecast_that_is_right_scores_nothing() -> None:
    support = support_grid(20)
    sure = (support >= 4).astype(float)[None]
    assert scores.crps(sure, support, np.array([4.0]))[0] == 0
    assert scores.log_score(scores.rows(sure, support), np.array([4.0]))[0] == 0


def test_log_score_is_the_log_mass_and_has_a_floor() -> None:
    support, cdf = law(6.0, 2.0, 250)
    predictive = scores.rows(np.stack([cdf, cdf]), support)
    found = scores.log_score(predictive, np.array([5.0, 240.0]))
    reference = -scoringrules.logs_negbinom(5.0, 2.0, 2.0 / 8.0)
    assert found.tolist() == [pytest.approx(float(reference)), math.log(1e-6)]


@pytest.mark.parametrize(("came", "bin_"), [(0, 0), (2, 1), (3, 2), (1000, 9), (1001, 10)])
def test_ignorance_reads_the_bin_that_came(came: int, bin_: int) -> None:
    support = support_grid(3000)
    ends = np.array([-1, *scores.BIN_ENDS, 3000])
    cdf = np.interp(support, ends, np.linspace(0, 1, 12))
    cdf[-1] = 1.0
    masses = np.diff(np.interp(scores.BIN_ENDS, support, cdf), prepend=0.0, append=1.0)
    found = scores.ignorance(scores.rows(cdf[None], support), np.array([float(came)]))[0]
    assert found == pytest.approx(-math.log2(0.999 * masses[bin_] + 0.001 / 11))


def test_ignorance_stays_finite_when_the_bin_was_thought_impossible() -> None:
    support = support_grid(20)
    sure = np.ones((1, len(support)))
    found = scores.ignorance(scores.rows(sure, support), np.array([5000.0]))[0]
    assert found == pytest.approx(-math.log2(0.001 / 11))


def test_interval_score_agrees_with_scoringrules() -> None:
    came = np.array([3.0, 0.0, 9.0])
    lower, upper = np.array([1, 1, 1]), np.array([6, 6, 6])
    reference = scoringrules.interval_score(came, lower.astype(float), upper.astype(float), 0.1)
    assert scores.interval_score(lower, upper, came).tolist() == pytest.approx(reference.tolist())


def test_both_ends_of_an_interval_are_covered() -> None:
    came = np.array([0.0, 1.0, 6.0, 7.0])
    found = scores.covered(np.full(4, 1), np.full(4, 6), came)
    assert found.tolist() == [False, True, True, False]


def test_the_randomised_pit_of_the_true_law_is_uniform() -> None:
    support, cdf = law(2.0, 1.0, 250)
    came = np.random.default_rng(2).negative_binomial(1, 1 / 3, size=5000).astype(float)
    predictive = scores.rows(np.repeat(cdf[None], len(came), axis=0), support)
    assert kstest(scores.randomised_pit(predictive, came, seed=3), "uniform").pvalue > 0.01
    wrong = scores.randomised_pit(predictive, came + 1, seed=3)
    assert kstest(wrong, "uniform").pvalue < 1e-6
