"""The levels: what each one says of a history, and how those of a regime move."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Period
from core.series import FloatArray
from forecast.models.dynamic_count import LOG_RATES, RATES, levels_for
from forecast.models.levels import REGIME_LEVELS, level_count, levels_of, regime_place
from forecast.models.regimes import believe

NAN = float("nan")
REGIME = -1 - REGIME_LEVELS


def found_in(counts: FloatArray | list[float], period: Period = Period.MONTH) -> FloatArray:
    """Return (levels, columns + 1)."""
    y, levels = np.array([counts], dtype=np.float64), levels_for(period)
    return levels_of(y, believe(y, levels.regimes), levels)[0].T


def test_every_level_of_a_constant_series_is_that_constant() -> None:
    assert found_in([4.0] * 30)[:, -1] == pytest.approx(4.0, abs=0.05)


def test_the_levels_of_the_regime_stand_before_the_long_run_mean() -> None:
    levels = levels_for(Period.MONTH)
    assert regime_place(levels) == level_count(levels) - 1 - REGIME_LEVELS


def test_exponentially_weighted_means_are_normalised_by_their_weights() -> None:
    counts = np.array([3.0, 0.0, 7.0, 1.0])
    found = found_in(counts)
    for row, rate in enumerate(RATES):
        weights = (1 - rate) ** np.arange(3, -1, -1)
        assert found[row, -1] == pytest.approx(np.average(counts, weights=weights))
    for row, rate in enumerate(LOG_RATES, start=len(RATES) + 1):
        weights = (1 - rate) ** np.arange(3, -1, -1)
        mean = np.expm1(np.average(np.log1p(counts), weights=weights))
        assert found[row, -1] == pytest.approx(mean)


def test_the_trailing_mean_is_that_of_a_year_and_the_last_that_of_everything() -> None:
    counts = np.arange(40.0)
    found = found_in(counts)
    assert found[len(RATES), -1] == pytest.approx(counts[-12:].mean())
    assert found[-1, -1] == pytest.approx(counts.mean())
    weeks = found_in(np.arange(80.0), Period.WEEK)
    assert weeks[len(RATES), -1] == pytest.approx(np.arange(80.0)[-52:].mean())


@pytest.mark.parametrize(("before", "after"), [(2, 20), (0, 6), (20, 2), (60, 5)])
def test_four_months_at_a_new_level_take_the_regimes_level_most_of_the_way(
    before: int, after: int
) -> None:
    draw = np.random.default_rng(3)
    way = []
    for _ in range(50):
        counts = np.concatenate([draw.poisson(before, 60), draw.poisson(after, 4)])
        way.append((found_in(counts)[REGIME, -1] - before) / (after - before))
    print(f"{before} to {after}: {np.mean(way):.2f} of the way after four months")
    assert 0.55 < np.mean(way) < 1.05


def test_a_spike_that_reverts_is_taken_back() -> None:
    draw = np.random.default_rng(4)
    counts = draw.poisson(3, 60).astype(float)
    counts[40] = 80
    found = found_in(counts)[REGIME]
    assert found[41] > 8, "it might have been a takeover"
    assert found[44] < found[41] / 2
    assert found[50] < 5


def test_the_regimes_level_of_a_steady_series_is_steadier_than_its_newest_counts() -> None:
    counts = np.random.default_rng(5).poisson(8, 200)
    found = found_in(counts)[REGIME, 50:]
    assert np.std(found) < np.std(counts) / 2
    assert np.mean(found) == pytest.approx(8, abs=0.5)


def test_unknown_months_leave_every_recursive_level_as_it_was() -> None:
    counts = [3.0, 5.0, 2.0, 4.0]
    gap = found_in([*counts, NAN, NAN])
    recursive = [*range(len(RATES)), -6, -5, -4, -3, -2]
    assert np.array_equal(gap[recursive, -1], found_in(counts)[recursive, -1])


def test_no_level_is_under_half_an_event_in_all_of_the_history() -> None:
    assert np.all(found_in([0.0] * 99)[:, -1] >= 0.5 / 100)
    assert np.all(found_in([NAN] * 3) == 0.5)


KINDS = st.one_of(
    st.just(NAN), st.integers(0, 5).map(float), st.integers(0, 10**9).map(float)
)  # fmt: skip


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(KINDS, min_size=1, max_size=60))
def test_levels_of_hostile_counts_lie_between_nothing_and_the_largest_count(
    counts: list[float],
) -> None:
    found = found_in(counts)
    most = np.nanmax(counts) if not np.all(np.isnan(counts)) else 0.0
    assert np.all(np.isfinite(found))
    assert np.all(found > 0)
    assert np.all(found <= most * (1 + 1e-9) + 1)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=40), st.integers(1, 39))
def test_levels_at_an_origin_know_nothing_of_what_came_later(
    counts: list[int], origin: int
) -> None:
    origin = min(origin, len(counts) - 1)
    short, whole = found_in(np.array(counts[:origin])), found_in(np.array(counts))
    assert np.array_equal(short, whole[:, : origin + 1])
