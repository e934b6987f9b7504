"""Regimes: what counts say of their last change of level, and who hears of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Period
from core.series import FloatArray, Panel
from forecast.models.dynamic_count import regimes_for
from forecast.models.regimes import (
    HYPOTHESES,
    Beliefs,
    believe,
    levels_since,
)
from forecast.models.regimes import shifts as shifts_of
from forecast.models.siblings import HEARD_SERIES, LAGS, heed, listen

NAN = float("nan")
REGIMES = regimes_for(Period.MONTH)


def beliefs_of(counts: FloatArray | list[float]) -> Beliefs:
    return believe(np.array([counts], dtype=np.float64), REGIMES)


def since(beliefs: Beliefs, origin: int) -> tuple[float, float, float]:
    first, mean, probability = levels_since(beliefs, np.array([origin]))[0, 0]
    return float(first), float(mean), float(probability)


def shifts(beliefs: Beliefs, most: int = REGIMES.year) -> FloatArray:
    return shifts_of(beliefs, np.arange(beliefs.known.shape[1]), np.array([most]))[0, :, 0]


def panel(counts: FloatArray, country: str = "Here") -> Panel:
    keys = tuple((country, f"r{number}") for number in range(len(counts)))
    ends = np.zeros(len(keys), dtype=np.int64)
    return Panel(keys, Period.MONTH, counts, ends, np.zeros((len(keys), 0)))


def heeded(given_panel: Panel, row: int) -> Beliefs:
    beliefs = beliefs_of(given_panel.counts[row])
    heed(listen(given_panel, REGIMES).of(np.array([row])), REGIMES.hazard, beliefs)
    return beliefs


@pytest.mark.parametrize(("before", "after"), [(20, 2), (2, 20), (40, 10), (10, 1), (100, 5)])
def test_a_lasting_change_is_dated_to_the_month(before: int, after: int) -> None:
    draw, dated = np.random.default_rng(1), 0
    for _ in range(50):
        counts = np.concatenate([draw.poisson(before, 60), draw.poisson(after, 12)])
        first, mean, probability = since(beliefs_of(counts), 72)
        if abs(first - 60) <= 1 and probability > 0.5:
            dated += 1
            assert mean == pytest.approx(counts[int(first) :].mean())
    print(f"{before} to {after}: dated in {dated} of 50")
    assert dated >= 45


@pytest.mark.parametrize("dispersion", [0.5, 3.0])
def test_a_series_that_keeps_its_level_rarely_shows_a_change(dispersion: float) -> None:
    draw, found = np.random.default_rng(2), 0
    for _ in range(100):
        counts = draw.negative_binomial(dispersion, dispersion / (dispersion + 8), 90)
        found += since(beliefs_of(counts), 90)[2] > 0.5
    print(f"dispersion {dispersion}: a change shown in {found} of 100 steady series")
    assert found <= 5


def test_a_fall_that_is_a_shift_in_a_steady_series_is_none_in_a_wild_one() -> None:
    draw = np.random.default_rng(3)
    steady = np.concatenate([draw.poisson(20, 60), [4, 3, 5]])
    wild = np.concatenate([draw.negative_binomial(0.5, 0.5 / 20.5, 60), [4, 3, 5]])
    assert shifts(beliefs_of(steady))[-1] > 0.9
    assert shifts(beliefs_of(wild))[-1] < 0.5


def test_a_regime_is_new_until_it_has_so_many_counts() -> None:
    counts = np.concatenate([np.random.default_rng(3).poisson(20, 60), [2] * 9])
    few, year = shifts(beliefs_of(counts), 5), shifts(beliefs_of(counts))
    assert few[64] > 0.9
    assert few[64] <= year[64]
    assert few[68] < 0.1
    assert year[68] > 0.9


def test_a_spike_that_reverts_is_no_regime() -> None:
    counts = np.random.default_rng(4).poisson(3, 60).astype(float)
    counts[40] = 80
    found = shifts(beliefs_of(counts))
    assert found[50] < 0.1
    assert not since(beliefs_of(counts), 60)[2] > 0.5


def test_a_gap_leaves_beliefs_as_they_were() -> None:
    counts = np.random.default_rng(5).poisson(5, 30).astype(float)
    whole, gap = beliefs_of(counts), beliefs_of([*counts, NAN, NAN])
    assert np.array_equal(whole.worth[0, -1], gap.worth[0, -1])
    assert since(whole, 30) == pytest.approx(since(gap, 32), nan_ok=True)


@pytest.mark.parametrize(("before", "after"), [(10, 2), (2, 8)])
def test_what_most_provinces_show_counts_in_the_rest_at_once(before: int, after: int) -> None:
    draw = np.random.default_rng(6)
    counts = np.concatenate([draw.poisson(before, (20, 60)), draw.poisson(after, (20, 1))], axis=1)
    together = panel(counts.astype(float))
    alone = [shifts(beliefs_of(row))[-1] for row in together.counts]
    heard = [shifts(heeded(together, row))[-1] for row in range(20)]
    print(f"{before} to {after} in one month: yielded {np.mean(alone):.2f} alone, ", end="")
    print(f"{np.mean(heard):.2f} with siblings")
    assert np.mean(alone) < 0.5
    assert np.median(heard) > 0.9


def test_one_odd_month_in_one_province_does_not_count_in_the_others_nor_twice_in_itself() -> None:
    counts = np.random.default_rng(7).poisson(4, (20, 61)).astype(float)
    counts[3, -1] = 60
    for row in range(20):
        assert shifts(heeded(panel(counts), row))[-1] < 0.1 or row == 3
    alone, heard = beliefs_of(counts[3]), heeded(panel(counts), 3)
    assert np.allclose(heard.worth[0, -1], alone.worth[0, -1])


def test_a_shock_in_one_country_is_none_in_another() -> None:
    draw = np.random.default_rng(8)
    struck = np.concatenate([draw.poisson(20, (10, 60)), draw.poisson(2, (10, 2))], axis=1)
    calm = draw.poisson(20, (10, 62))
    keys = panel(struck.astype(float), "Struck").keys + panel(calm.astype(float), "Calm").keys
    counts = np.concatenate([struck, calm]).astype(float)
    both = Panel(keys, Period.MONTH, counts, np.zeros(20, dtype=np.int64), np.zeros((20, 0)))
    assert shifts(heeded(both, 0))[-1] > 0.9
    assert max(shifts(heeded(both, row))[-1] for row in range(10, 20)) < 0.1


def test_two_provinces_are_too_few_to_speak_for_each_other() -> None:
    heard = listen(panel(np.random.default_rng(9).poisson(5, (2, 30)).astype(float)), REGIMES)
    assert not heard.said.any()
    assert not heard.counted.any()


def test_of_many_series_some_are_asked_and_all_hear() -> None:
    counts = np.random.default_rng(10).poisson(5, (HEARD_SERIES + 40, 12)).astype(float)
    heard = listen(panel(counts), REGIMES)
    assert heard.counted.sum() == HEARD_SERIES
    assert heard.said.shape == (1, 13, LAGS)
    assert heard.of(np.array([3, 1])).counted.tolist() == heard.counted[[3, 1]].tolist()


KINDS = st.one_of(st.just(NAN), st.integers(0, 5).map(float), st.integers(0, 10**9).map(float))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.lists(KINDS, min_size=24, max_size=24), min_size=3, max_size=5))
def test_beliefs_of_hostile_counts_are_probabilities(rows: list[list[float]]) -> None:
    given_panel = panel(np.array(rows))
    for row in range(len(rows)):
        beliefs = heeded(given_panel, row)
        assert beliefs.worth.shape == (1, 25, HYPOTHESES)
        assert np.all(beliefs.worth >= 0)
        assert np.allclose(beliefs.worth.sum(axis=2), 1)
        yielded = shifts(beliefs)
        assert np.all((yielded >= 0) & (yielded < 1))
        first, mean, probability = since(beliefs, 24)
        assert np.isnan(first) or (0 < first < 24 and mean >= 0 and 0 < probability < 1 + 1e-9)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=3, max_size=40), st.integers(2, 39))
def test_beliefs_at_an_origin_know_nothing_of_what_came_later(counts: list[int], at: int) -> None:
    at = min(at, len(counts) - 1)
    early, late = beliefs_of([float(c) for c in counts[:at]]), beliefs_of(np.array(counts))
    assert np.array_equal(early.worth, late.worth[:, : at + 1])
    assert np.array_equal(early.starts, late.starts[:, : at + 1])
