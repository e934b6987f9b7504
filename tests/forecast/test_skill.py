"""Verdicts on a record, with intervals that know how few and how alike its cases are."""

import numpy as np
import pytest

from core.series import FloatArray
from forecast.reliability import reliability
from forecast.skill import LEAST_PERIODS, Ratio, Verdict, ratio, shares, skills


def record(factor: float, periods: int, series: int = 1, seed: int = 1) -> tuple[FloatArray, ...]:
    """Summed scores of a model that is `factor` times as bad as its benchmark, give or take."""
    random = np.random.default_rng(seed)
    theirs = random.gamma(4.0, 1.0, (series, periods))
    ours = factor * theirs * random.uniform(0.8, 1.2, (series, periods))
    return ours, theirs, np.full((series, periods), 6.0)


@pytest.mark.parametrize(
    ("factor", "periods", "verdict"),
    [
        (0.7, 24, Verdict.BETTER),
        (1.3, 24, Verdict.WORSE),
        (1.0, 24, Verdict.EQUAL),
        (0.7, LEAST_PERIODS - 1, Verdict.TOO_FEW),
        (1.3, LEAST_PERIODS, Verdict.WORSE),
        (1.0001, 480, Verdict.EQUAL),
    ],
)
def test_a_verdict_needs_enough_periods_and_an_interval_on_one_side(
    factor: float, periods: int, verdict: Verdict
) -> None:
    (found,) = skills(*record(factor, periods), steps=6)
    assert found.verdict is verdict
    assert (found.forecasts, found.periods) == (6 * periods, periods)
    if verdict is Verdict.TOO_FEW:
        assert found.ratio == Ratio(None, None, None)
    else:
        assert found.ratio.value == pytest.approx(factor, rel=0.1)


def test_one_bad_month_does_not_make_a_region_worse() -> None:
    ours, theirs, counts = record(0.97, 24)
    ours[0, 7] += 20
    (found,) = skills(ours, theirs, counts, steps=6)
    assert found.ratio.value is not None
    assert found.ratio.value > 1.1
    assert found.verdict is Verdict.EQUAL


def test_a_quiet_region_is_not_called_worse_for_a_thousandth_of_an_event() -> None:
    ours, theirs = np.full((1, 24), 0.006), np.zeros((1, 24))
    (found,) = skills(ours, theirs, np.full((1, 24), 6.0), steps=6)
    assert found.verdict is Verdict.EQUAL
    assert found.ratio == Ratio(None, None, None)


def test_an_interval_has_no_upper_end_where_the_benchmark_may_have_made_no_error() -> None:
    ours, theirs = np.full((1, 24), 0.1), np.zeros((1, 24))
    theirs[0, 20:] = 0.7
    (found,) = skills(ours, theirs, np.full((1, 24), 6.0), steps=3)
    assert found.ratio.value == pytest.approx(2.4 / 2.8)
    assert found.ratio.low is not None
    assert found.ratio.high is None
    assert found.verdict is Verdict.EQUAL
    assert ratio(ours[0], theirs[0], 3).high is None


def test_periods_without_a_score_count_for_nothing() -> None:
    ours, theirs, counts = record(0.7, 24)
    gap = np.arange(24) % 2 == 0
    (found,) = skills(*(np.where(gap, one, 0.0) for one in (ours, theirs, counts)), steps=6)
    assert (found.periods, found.verdict) == (12, Verdict.BETTER)


def test_what_is_said_of_a_series_does_not_depend_on_the_others() -> None:
    ours, theirs, counts = record(1.05, 30, series=600)
    together = skills(ours, theirs, counts, steps=3)
    for row in (0, 511, 512, 599):
        (alone,) = skills(*(one[row : row + 1] for one in (ours, theirs, counts)), steps=3)
        assert alone.verdict is together[row].verdict
        assert alone.ratio == pytest.approx(together[row].ratio)


def test_of_regions_that_are_as_good_few_are_called_worse() -> None:
    """Scores that come in waves of half a year, and no difference in truth."""
    random = np.random.default_rng(5)
    wave = np.repeat(random.normal(0, 0.3, (800, 4)), 6, axis=1)
    theirs = random.gamma(4.0, 1.0, (800, 24))
    ours = theirs * np.exp(wave)
    ours *= theirs.sum() / ours.sum()
    found = skills(ours, theirs, np.ones((800, 24)), steps=6)
    worse = np.mean([one.verdict is Verdict.WORSE for one in found])
    assert worse < 0.2
    print(f"{worse:.0%} of regions without a difference are called worse")


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(3), 0
    for _ in range(300):
        theirs = random.gamma(4.0, 1.0, 48)
        ours = theirs * 0.9 * random.uniform(0.5, 1.5, 48)
        found = ratio(ours, theirs, steps=3)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.9 <= found.high
    assert 0.8 <= held / 300 <= 0.95


def test_the_same_record_has_the_same_interval() -> None:
    ours, theirs, _ = record(0.9, 40)
    assert ratio(ours[0], theirs[0], 6) == ratio(ours[0], theirs[0], 6)
    assert ratio(ours[0][:5], theirs[0][:5], 6) == Ratio(None, None, None)
    assert ratio(ours[0], theirs[0] * 0, 6) == Ratio(None, None, None)


def test_a_share_of_none_is_not_never() -> None:
    none = shares(np.zeros(20), np.full(20, 5.0), steps=3)
    assert none is not None
    assert none[0] == 0
    assert 0.03 < none[1] < 0.04  # Wilson: 3.7 %
    assert shares(np.zeros(5), np.full(5, 100.0), steps=3) is None


def test_cases_that_go_together_widen_a_share() -> None:
    alike = np.repeat([0.0, 1.0], 12) * 50
    found = shares(alike, np.full(24, 50.0), steps=6)
    mixed = shares(np.full(24, 25.0), np.full(24, 50.0), steps=6)
    assert found is not None
    assert mixed is not None
    assert found[1] - found[0] > 3 * (mixed[1] - mixed[0])


def test_reliability_bins_every_case_once_and_finds_honest_chances_honest() -> None:
    random = np.random.default_rng(9)
    chance = np.concatenate([random.beta(0.5, 1.0, 6000), [0.0, 1.0]])
    came = random.random(6002) < chance
    found = reliability(chance, came, np.arange(6002) % 30, steps=3)
    assert sum(one.forecasts for one in found) == 6002
    assert found[0].low == 0.0
    assert found[-1].high == 1.0
    for one in found:
        assert one.low <= one.said <= one.high
        assert one.share_low is not None
        assert one.share_high is not None
        assert one.share_low <= one.said <= one.share_high
        assert one.periods == 30


def test_reliability_of_few_cases_has_no_interval() -> None:
    (one,) = reliability(np.full(3, 0.7), np.array([True, True, False]), np.arange(3), steps=3)
    assert (one.forecasts, one.periods, one.came) == (3, 3, 2)
    assert (one.share_low, one.share_high) == (None, None)
