"""Factors of the season and of known dates."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.calendars import Occasion
from core.periods import Period
from core.series import Panel
from forecast.backtest import backtest
from forecast.models.factors import STRENGTHS, around, cycles, learn
from tests.forecast import simulated

MODELS = ("dynamic-count", "conflictology", "seasonal")


def test_the_year_around_a_period_has_its_ends_at_half_their_weight() -> None:
    counts = np.arange(30.0)[None, :]
    mean = around(counts, 12)
    assert np.isnan(mean[0, :6]).all()
    assert np.isnan(mean[0, -6:]).all()
    assert mean[0, 6:-6] == pytest.approx(counts[0, 6:-6])


def test_unknown_periods_are_left_out_of_the_year() -> None:
    counts = np.full((1, 40), 3.0)
    counts[0, 10:14] = np.nan
    mean = around(counts, 12)[0, 6:-6]
    assert mean[~np.isnan(mean)] == pytest.approx(3.0)


def test_a_season_is_found_as_strong_as_it_is() -> None:
    found = learn(simulated.seasonal(1, series=30), 12, 119)
    truth = np.exp(0.7 * np.cos(2 * np.pi * np.arange(12) / 12))
    assert found.season[0, 0] == pytest.approx(truth / truth.mean(), rel=0.15)


def test_without_a_season_and_with_few_events_factors_stay_near_one() -> None:
    draw = np.random.default_rng(3)
    found = learn(simulated.panel_of(draw.poisson(0.1, (6, 60))), 12, 59)
    # About three events a place: with κ = 8 a factor's standard error is 0.16, with 60 it is 0.03.
    assert found.season[0] == pytest.approx(np.ones((1, 12)), abs=3 * 0.16)
    assert found.season[1] == pytest.approx(np.ones((1, 12)), abs=3 * 0.03)
    assert STRENGTHS[0] < STRENGTHS[1]


def test_each_country_has_a_season_of_its_own_that_leans_on_all() -> None:
    north, south = simulated.seasonal(1, series=20), simulated.seasonal(2, series=3)
    counts = np.concatenate([north.counts, np.roll(south.counts, 6, axis=1)])
    keys = (*north.keys, *((("South", key[1])) for key in south.keys))
    panel = Panel(keys, Period.MONTH, counts, np.full(23, north.ends[0]), np.zeros((23, 0)))
    found = learn(panel, 12, 119)
    assert found.season[0, 0, 0] > 1.5
    assert found.season[0, 1, 6] > 1.2
    assert found.season[0, 1, 6] < found.season[0, 0, 0]


def test_one_wild_month_is_no_season() -> None:
    counts = np.full((4, 96), 5.0)
    counts[0, 40] = 5_000
    assert learn(simulated.panel_of(counts), 12, 95).season.max() < 1.35


def test_a_factor_learns_nothing_from_its_last_half_year_nor_from_what_comes() -> None:
    panel = simulated.seasonal(5)
    counts = panel.counts.copy()
    counts[:, 100:] = 99
    one, other = learn(panel, 6, 60), learn(replace(panel, counts=counts), 6, 60)
    known = slice(0, 100 - 60 + 1)
    assert np.array_equal(one.ahead[:, :, known], other.ahead[:, :, known])
    assert not np.array_equal(one.ahead[:, :, -1], other.ahead[:, :, -1])


def test_weeks_of_the_year_follow_the_date_and_days_have_their_weekday() -> None:
    monday = date(2024, 1, 1)
    (weeks,) = cycles(Period.WEEK, np.array([Period.WEEK.of(monday)]), 1, 52)
    assert weeks.place[0, 0] == 0
    assert weeks.place[0, 51] == 51
    _, days = cycles(Period.DAY, np.array([monday.toordinal()]), 1, 7)
    assert days.place[0].tolist() == [0, 1, 2, 3, 4, 5, 6, 0]


def eids(first: int, last: int) -> tuple[Occasion, ...]:
    """Return three days a year that begin eleven days earlier every year, as the moon has it."""
    start, found = date(first, 12, 20), []
    while start.year <= last:
        found.append(Occasion("Eid", start, start + timedelta(days=2)))
        start += timedelta(days=354)
    return tuple(found)


def with_eids(seed: int, factor: float) -> Panel:
    """Return 5 years of days whose rate is another on the days of Eid."""
    draw = np.random.default_rng(seed)
    panel = simulated.panel_of(np.zeros((20, 1_826)), Period.DAY)
    known, days = eids(2015, 2024), np.arange(panel.ends[0] - 1_825, panel.ends[0] + 1)
    held = [any(o.first.toordinal() <= day <= o.last.toordinal() for o in known) for day in days]
    rates = draw.gamma(4, 0.5, (20, 1)) * np.where(held, factor, 1.0)
    return replace(panel, counts=draw.poisson(rates).astype(float), occasions=(known,) * 20)


@pytest.mark.parametrize("factor", [4.0, 0.2])
def test_the_effect_of_a_known_date_is_learned_and_laid_on_the_next_one(factor: float) -> None:
    panel = with_eids(1, factor)
    found = learn(panel, 3, 1_825)
    assert found.labels == ("Eid",)
    assert 1 + found.dates[0, 0, 0] == pytest.approx(factor, rel=0.25)
    eid = next(one for one in panel.occasions[0] if one.first.year == 2023)
    column = 1_826 - (int(panel.ends[0]) - eid.first.toordinal()) - 1
    ahead = learn(panel, 3, column).ahead[0, 0, 0]
    assert ahead == pytest.approx(np.full(3, factor), rel=0.5)


def test_a_known_date_moves_the_forecast_before_anything_has_happened() -> None:
    panel = with_eids(2, 5.0)
    eid = next(one for one in panel.occasions[0] if one.first.year == 2023)
    until = 1_826 - (int(panel.ends[0]) - eid.last.toordinal())
    cut = replace(panel, counts=panel.counts[:, :until], ends=np.full(20, eid.last.toordinal()))
    dated, blind = (
        backtest(one, 3, 1, 1, ("seasonal",)).models["seasonal"].overall["crps"]
        for one in (cut, replace(cut, occasions=()))
    )
    print(f"three days with five times as much: CRPS {blind:.2f} to {dated:.2f}")
    assert dated < 0.7 * blind
