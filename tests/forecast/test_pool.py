"""Weights from past probabilities: the optimum, the prior, and what is unknown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from forecast.pool import DISCOUNT, OWN_STRENGTH, WINDOW, earned, shared_weights, weights

AT = np.array([30])
ABLE = np.ones((1, 1, 2), dtype=bool)


def past(first: list[float], second: list[float]) -> np.ndarray:
    """Return (1, origins, 1, 2) probabilities."""
    return np.stack([first, second], axis=-1)[None, :, None, :]


def shared(*values: float) -> np.ndarray:
    return np.array(values)[None, None, :]


def test_without_a_past_the_shared_weights_stand() -> None:
    empty = np.full((1, 30, 1, 2), np.nan)
    assert weights(empty, AT, shared(0.7, 0.3), ABLE)[0, 0, 0].tolist() == pytest.approx([0.7, 0.3])


def test_the_weights_maximise_the_documented_objective() -> None:
    draw = np.random.default_rng(3)
    first, second = draw.uniform(0.01, 0.4, WINDOW), draw.uniform(0.01, 0.6, WINDOW)
    found = weights(past(first, second), np.array([WINDOW]), shared(0.7, 0.3), ABLE)[0, 0, 0]
    discounts = DISCOUNT ** np.arange(WINDOW - 1, -1, -1.0)

    def loss(w: float) -> float:
        fit = discounts @ np.log(w * first + (1 - w) * second)
        return -(fit + OWN_STRENGTH * (0.7 * np.log(w) + 0.3 * np.log(1 - w)))

    best = minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded").x
    assert found[0] == pytest.approx(best, abs=0.01)
    assert found.sum() == pytest.approx(1)


def test_a_member_that_is_always_better_gains_weight_and_never_all() -> None:
    found = weights(past([0.3] * 30, [0.1] * 30), AT, shared(0.5, 0.5), ABLE)[0, 0, 0]
    assert 0.6 < found[0] < 0.95


def test_what_came_at_or_after_the_origin_is_not_looked_at() -> None:
    early = past([0.2] * 30, [0.2] * 30)
    late = early.copy()
    late[0, 20:, 0, 0] = 0.9
    at = np.array([20])
    one, two = (weights(p, at, shared(0.5, 0.5), ABLE) for p in (early, late))
    assert one.tobytes() == two.tobytes()


def test_a_forecast_of_two_steps_is_known_one_origin_later() -> None:
    probabilities = np.repeat(past([0.2] * 30, [0.2] * 30), 2, axis=2)
    probabilities[0, 19, :, 0] = 0.9
    both = np.repeat(shared(0.5, 0.5), 2, axis=1)
    found = weights(probabilities, np.array([20]), both, ABLE)[0, 0]
    assert found[0, 0] > 0.5, "one step: made at 19, known at 20"
    assert found[1, 0] == pytest.approx(0.5), "two steps: made at 19, known at 21"


def test_only_a_window_of_the_past_is_looked_at() -> None:
    columns = WINDOW + 10
    probabilities = past([0.9] * 10 + [0.2] * WINDOW, [0.2] * columns)
    found = weights(probabilities, np.array([columns]), shared(0.5, 0.5), ABLE)
    assert found[0, 0, 0].tolist() == pytest.approx([0.5, 0.5])


def test_a_member_that_is_not_able_gets_nothing() -> None:
    probabilities = past([0.2] * 30, [0.2] * 30)
    only = weights(probabilities, AT, shared(0.5, 0.5), np.array([[[False, True]]]))
    none = weights(probabilities, AT, shared(0.5, 0.5), np.array([[[False, False]]]))
    assert only[0, 0, 0].tolist() == [0, 1]
    assert none[0, 0, 0].tolist() == [0, 0]


def test_a_count_that_no_member_thought_possible_teaches_nothing() -> None:
    found = weights(past([0.0] * 30, [0.0] * 30), AT, shared(0.6, 0.4), ABLE)[0, 0, 0]
    assert found.tolist() == pytest.approx([0.6, 0.4])


def test_shared_weights_take_the_series_together() -> None:
    one = past([0.3] * 30, [0.1] * 30)
    many = np.concatenate([one] * 20)
    prior = np.array([0.5, 0.5])
    alone, together = (shared_weights(p, AT, prior)[0, 0, 0] for p in (one, many))
    assert 0.5 < alone < together < 1


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.integers(1, 5), st.integers(0, 60), st.integers(0, 10_000))
def test_weights_always_lie_on_the_simplex(members: int, origins: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    probabilities = draw.uniform(0, 1, (3, origins, 2, members)) ** 8
    probabilities[draw.uniform(size=probabilities.shape) < 0.2] = np.nan
    prior = draw.dirichlet(np.ones(members))
    at = np.array([origins])
    common = shared_weights(probabilities, at, prior)
    found = weights(probabilities, at, common, np.ones((3, 1, members), dtype=bool))
    assert np.all(found >= 0)
    assert np.allclose(found.sum(axis=-1), 1)


def test_a_member_without_a_past_keeps_its_prior_while_the_others_share_the_rest() -> None:
    first, second = [0.3] * 30, [0.1] * 30
    both = weights(past(first, second), AT, shared(0.5, 0.5), ABLE)[0, 0, 0]
    three = np.stack([first, second, [np.nan] * 30], axis=-1)[None, :, None, :]
    able = np.ones((1, 1, 3), dtype=bool)
    found = weights(three, AT, shared(0.45, 0.45, 0.1), able)[0, 0, 0]
    assert found[2] == pytest.approx(0.1, abs=0.002)
    assert found[0] / found[1] == pytest.approx(both[0] / both[1], rel=0.1)


def test_weights_with_gaps_maximise_the_score_of_those_that_were_there() -> None:
    draw = np.random.default_rng(8)
    probabilities = draw.uniform(0.05, 0.6, (1, 24, 1, 3))
    probabilities[0, ::3, 0, 2] = np.nan
    prior = np.array([0.5, 0.3, 0.2])
    at, able = np.array([24]), np.ones((1, 1, 3), dtype=bool)
    found = weights(probabilities, at, shared(*prior), able)[0, 0, 0]

    def objective(w: np.ndarray) -> float:
        p, there = probabilities[0, :, 0], ~np.isnan(probabilities[0, :, 0])
        terms = np.log(np.nansum(w * p, axis=1)) - np.log((w * there).sum(axis=1))
        return float(DISCOUNT ** np.arange(23, -1, -1.0) @ terms + OWN_STRENGTH * prior @ np.log(w))

    for m in range(3):
        for step in (0.01, -0.01):
            other = found.copy()
            other[m] += step
            assert objective(other / other.sum()) < objective(found)


@pytest.mark.parametrize(("better", "proven"), [(1.6, True), (1.0, False), (0.7, False)])
def test_a_costly_member_has_to_show_a_gain(better: float, proven: bool) -> None:
    draw = np.random.default_rng(9)
    pool = draw.uniform(0.1, 0.3, (6, 30, 2))
    own = pool * better * draw.uniform(0.8, 1.2, pool.shape)
    found = earned(np.stack([pool, own], axis=-1), AT, alone(2))
    assert found[0, 1] == proven


def alone(steps: int) -> np.ndarray:
    """Return (1, steps, 2) weights that are all the first member's."""
    return np.tile([1.0, 0.0], (1, steps, 1))


def test_a_gain_that_all_series_had_at_one_time_is_one_gain() -> None:
    pool = np.full((60, 30, 1), 0.1)
    own = np.random.default_rng(2).uniform(0.06, 0.14, pool.shape)
    own[:, 29] = 0.6
    assert not earned(np.stack([pool, own], axis=-1), AT, alone(1))[0, 1]


def test_a_gain_at_the_first_step_alone_is_enough() -> None:
    draw = np.random.default_rng(5)
    pool = np.full((10, 30, 6), 0.1)
    own = draw.uniform(0.05, 0.15, pool.shape)
    assert not earned(np.stack([pool, own], axis=-1), AT, alone(6))[0, 1]
    own[:, :, 0] *= 1.6
    own[:, :, 1:] *= 0.7
    assert earned(np.stack([pool, own], axis=-1), AT, alone(6))[0, 1]


def test_a_few_lucky_forecasts_prove_nothing() -> None:
    pool = np.full((1, 30, 1), 0.1)
    own = np.where(np.arange(30)[None, :, None] > 20, 0.5, np.nan)
    assert not earned(np.stack([pool, own], axis=-1), AT, alone(1))[0, 1]
