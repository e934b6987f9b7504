"""Four periods after a lasting change of level the pool stands at the new one."""

from collections.abc import Callable

import numpy as np
import pytest

from core.series import FloatArray, Panel
from forecast.engine import forecast

Make = Callable[..., Panel]
MODELS = ("dynamic-count", "conflictology")
PAIRS = [(20, 2), (2, 20), (40, 10), (10, 40), (10, 1), (1, 10), (100, 5), (5, 100)]
SERIES, BEFORE, AFTER, STEPS = 100, 60, 4, 6


def drawn(old: float, new: float, dispersion: float | None, after: int = AFTER) -> FloatArray:
    """Return (series, columns) counts whose level changes so many columns before the end."""
    draw = np.random.default_rng(1)
    parts = []
    for mean, columns in ((old, BEFORE), (new, after)):
        shape = (SERIES, columns)
        if dispersion is None:
            parts.append(draw.poisson(mean, shape))
        else:
            parts.append(
                draw.negative_binomial(dispersion, dispersion / (dispersion + mean), shape)
            )
    return np.concatenate(parts, axis=1).astype(np.float64)


def near(means: FloatArray, level: float) -> FloatArray:
    """Return the share of series within a factor of two of a level."""
    return np.asarray(((means >= level / 2) & (means <= level * 2)).mean(axis=0))


def alone(counts: FloatArray, panel: Make) -> FloatArray:
    """Return (series, steps) means of each series forecast as if there were no other."""
    outlooks = (next(iter(forecast(panel([row]), STEPS, MODELS))) for row in counts)
    return np.concatenate([one.predictive.mean() for one in outlooks])


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_one_steady_series_alone_is_followed_within_a_factor_of_two(
    old: int, new: int, panel: Make
) -> None:
    counts = drawn(old, new, None)
    found, counted = near(alone(counts, panel), new), near(counts[:, -AFTER:].mean(axis=1), new)
    print(f"{old} to {new}: steps 1 to 6 {found}, the four counts themselves {counted}")
    # Four counts around 1 are themselves within a factor of two in 94 of 100 series only, and what
    # every forecast allows for escalation lifts its mean by a twentieth.
    assert found.min() >= (0.83 if new == 1 else 0.9)


@pytest.mark.parametrize(("old", "new"), [(20, 2), (1, 10), (100, 5)])
def test_a_level_that_is_followed_stays_followed_while_scores_take_over(
    old: int, new: int, panel: Make
) -> None:
    for after in (6, 8, 10, 12):
        counts = drawn(old, new, None, after)[:25]
        found = near(alone(counts, panel), new)
        print(f"{old} to {new}, {after} months later: steps 1 to 6 {found}")
        assert found.min() >= 0.88


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_scattered_series_that_shift_together_are_followed_as_well_as_their_counts_allow(
    old: int, new: int, panel: Make
) -> None:
    counts = drawn(old, new, 5.0)
    (outlook,) = forecast(panel(counts), STEPS, MODELS)
    found = near(outlook.predictive.mean(), new)
    counted = near(counts[:, -AFTER:].mean(axis=1), new)
    print(f"{old} to {new}, dispersion 5: {found}, the four counts themselves {counted}")
    assert found.min() >= min(0.9, counted - 0.05)


def test_a_scattered_series_alone_takes_longer_to_be_believed(panel: Make) -> None:
    found = {pair: near(alone(drawn(*pair, 5.0), panel), pair[1])[0] for pair in PAIRS}
    print("dispersion 5, alone, one step ahead:", {f"{o} to {n}": s for (o, n), s in found.items()})
    assert min(found.values()) >= 0.6


def test_the_twenty_first_province_follows_the_other_twenty_at_once(panel: Make) -> None:
    draw = np.random.default_rng(2)
    counts = draw.poisson(5, (21, 61)).astype(np.float64)
    counts[:20, -1] = draw.poisson(25, 20)
    counts[20, -1] = 12
    (outlook,) = forecast(panel(counts), STEPS, MODELS)
    (single,) = forecast(panel(counts[20:]), STEPS, MODELS)
    means = outlook.predictive.mean()[20, 0], single.predictive.mean()[0, 0]
    print(f"12 after fives: {means[0]:.1f} where twenty provinces rose, {means[1]:.1f} alone")
    assert means[0] > 1.5 * means[1]


def test_an_odd_month_in_one_province_moves_no_other(panel: Make) -> None:
    counts = np.random.default_rng(3).poisson(5, (21, 61)).astype(np.float64)
    odd = counts.copy()
    odd[0, -1] = 60
    before, after = (next(iter(forecast(panel(c), STEPS, MODELS))) for c in (counts, odd))
    moved = np.abs(after.predictive.mean()[1:] - before.predictive.mean()[1:])
    print(f"the other twenty move by at most {moved.max():.2f}")
    assert moved.max() < 0.5


def test_an_outlook_says_since_when_the_level_holds_and_only_where_it_changed(panel: Make) -> None:
    draw = np.random.default_rng(4)
    shifted = np.concatenate([draw.poisson(20, 60), draw.poisson(2, 12)])
    (outlook,) = forecast(panel([shifted, draw.poisson(9, 72)]), STEPS, MODELS)
    found, steady = outlook.since
    assert steady is None
    assert found is not None
    assert abs(found.period - (2023 * 12)) <= 1, "December 2023 is the twelfth month at the level"
    assert found.mean == pytest.approx(shifted[found.period - 2023 * 12 - 12 :].mean())
    assert 0.5 < found.probability <= 1


def test_without_a_member_that_follows_levels_nothing_is_said_of_them(panel: Make) -> None:
    (outlook,) = forecast(panel([[3.0] * 30]), 2, ("conflictology",))
    assert outlook.since == ()
