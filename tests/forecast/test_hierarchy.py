"""Paths over regions: as correlated as they should be, and totals that add up."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.forecasts import Outlook
from core.periods import Period
from core.predictive import Predictive, support_grid
from core.regions import ALL, RegionKey, whole_of
from core.series import FloatArray, Panel
from forecast.engine import forecast
from forecast.hierarchy import Totals, groups_of, law_of

MODELS = ("dynamic-count", "conflictology")
KEYS: tuple[RegionKey, ...] = (("A", "x"), ("A", "y"), ("B", "x"), ("B", "y"))


def poisson_like(means: list[float], horizons: int = 2) -> Predictive:
    """Return geometric laws with these means at every horizon."""
    support = support_grid(40 * max(means))
    mean = np.array(means)[:, None, None] * np.ones((1, horizons, 1))
    cdf = 1 - (mean / (1 + mean)) ** (support + 1)
    cdf[..., -1] = 1.0
    dependence = np.full((horizons, horizons), 0.4) + 0.6 * np.eye(horizons)
    return Predictive(support, cdf, dependence, np.arange(len(means)) + 11)


def outlook(keys: tuple[RegionKey, ...], predictive: Predictive) -> Outlook:
    count, horizons = predictive.shape
    blank = np.full((count, 0), np.nan)
    panel = Panel(keys, Period.MONTH, blank, np.full(count, 100), blank)
    return Outlook(panel, predictive, ("zero",), np.ones((count, horizons, 1)), ("",) * count)


def shared(predictive: Predictive, between: float) -> Predictive:
    return replace(predictive, between=between, groups=groups_of(KEYS))


def test_a_region_is_a_part_of_what_its_name_begins_with() -> None:
    assert whole_of(("Nigeria", "Borno", "Maiduguri")) == ("Nigeria",)
    assert whole_of(("Borno",)) == ALL
    first, second, third, fourth = groups_of(KEYS)
    assert first == second != third == fourth


def test_regions_of_one_group_move_together_and_others_do_not() -> None:
    drawn = shared(poisson_like([50.0] * 4), 0.6).paths(6000, 3)
    ranks = np.argsort(np.argsort(drawn[:, :, 0], axis=1), axis=1)
    found = np.corrcoef(ranks)
    # Spearman's correlation of a Gaussian copula: 6/π · asin(ρ/2) = 0.582.
    assert found[0, 1] == pytest.approx(0.582, abs=0.03)
    assert found[2, 3] == pytest.approx(0.582, abs=0.03)
    assert np.abs(found[:2, 2:]).max() < 0.04


def test_a_common_factor_changes_no_margin_and_no_dependence_over_horizons() -> None:
    plain, joined = poisson_like([20.0] * 4), shared(poisson_like([20.0] * 4), 0.6)
    for predictive in (plain, joined):
        drawn = predictive.paths(6000, 3)
        assert drawn.mean(axis=(1, 2)) == pytest.approx(20.0, rel=0.05)
        ranks = np.argsort(np.argsort(drawn[0], axis=0), axis=0)
        assert np.corrcoef(ranks.T)[0, 1] == pytest.approx(0.385, abs=0.04)


def test_without_a_factor_paths_are_what_they_were() -> None:
    plain = poisson_like([5.0, 9.0, 2.0, 1.0])
    assert plain.paths(50, 3).tobytes() == shared(plain, 0.0).paths(50, 3).tobytes()


def test_paths_do_not_depend_on_the_block() -> None:
    whole = shared(poisson_like([5.0, 9.0, 2.0, 1.0]), 0.5)
    alone = np.concatenate([whole.rows(n, n + 1).paths(40, 3) for n in range(4)])
    assert whole.paths(40, 3).tobytes() == alone.tobytes()


def test_a_total_is_the_sum_of_its_regions_paths_in_any_blocks() -> None:
    predictive = shared(poisson_like([5.0, 9.0, 2.0, 1.0]), 0.5)
    drawn = predictive.paths(30, 7)
    blocks = [
        outlook(KEYS[:1], predictive.rows(0, 1)),
        outlook(KEYS[1:], predictive.rows(1, 4)),
    ]
    totals = Totals(30, 7)
    assert list(totals.passing(blocks)) == blocks
    keys, paths = totals.paths()
    assert keys == (("A",), ("B",))
    assert np.array_equal(paths, np.stack([drawn[0] + drawn[1], drawn[2] + drawn[3]]))
    assert np.array_equal(totals.largest(("A",)), np.maximum(drawn[0], drawn[1]))
    assert totals.parts(("B",)) == [("B", "x"), ("B", "y")]


def test_regions_that_move_together_make_the_total_less_certain() -> None:
    widths = []
    for between in (0.0, 0.5):
        predictive = shared(poisson_like([20.0] * 4), between)
        totals = Totals(4000, 7)
        list(totals.passing([outlook(tuple(("A", str(n)) for n in range(4)), predictive)]))
        low, high = law_of(totals.paths()[1]).quantile([0.05, 0.95])[0, 0]
        widths.append(high - low)
    assert widths[1] > 1.15 * widths[0]


def test_a_region_beside_its_own_parts_is_refused() -> None:
    totals = Totals(5, 0)
    made = outlook((("A",), ("A", "x")), poisson_like([1.0, 2.0]))
    list(totals.passing([made]))
    with pytest.raises(InputError, match="'A' stands beside its own parts"):
        totals.paths()


def test_the_law_of_paths_has_their_quantiles_and_shares() -> None:
    paths = np.random.default_rng(1).poisson(30, (2, 999, 3))
    law = law_of(paths)
    expected = np.quantile(paths, [0.05, 0.5, 0.95], axis=1, method="inverted_cdf")
    assert np.array_equal(law.quantile([0.05, 0.5, 0.95]), expected.transpose(1, 2, 0))
    assert law.mean() == pytest.approx(paths.mean(axis=1))
    assert law.at_most(28) == pytest.approx((paths <= 28).mean(axis=1))


def test_the_engine_finds_a_factor_that_is_there(
    panel: Callable[..., Panel], wandering: Callable[..., FloatArray]
) -> None:
    """Eight regions whose counts swing together, and eight that go their own ways."""
    alone = wandering(8, 96)
    swing = np.exp(np.random.default_rng(5).normal(0, 0.8, 96))
    together = np.random.default_rng(6).poisson(8 * swing, (8, 96)).astype(np.float64)
    found = [next(forecast(panel(counts), 3, MODELS)).predictive for counts in (alone, together)]
    assert found[0].between < 0.15
    assert found[1].between > found[0].between + 0.1


def test_the_factor_and_the_paths_are_the_same_in_blocks_of_any_size(
    panel: Callable[..., Panel], wandering: Callable[..., FloatArray]
) -> None:
    made = panel(wandering(9, 60))
    found = []
    for block in (2, 512):
        totals = Totals(64, 5)
        list(totals.passing(forecast(made, 3, MODELS, block=block)))
        found.append(totals.paths()[1].tobytes())
    assert found[0] == found[1]
