"""Weights of dynamic-count's pairs: the mixture that told most, near what scores say of them."""

import numpy as np
import pytest
from scipy.stats import nbinom

from core.periods import Period
from core.series import FloatArray, Panel
from forecast.models.dynamic_count import CONTRAST, FORGETTING, START, experts_for
from forecast.models.dynamic_mixing import WINDOW
from forecast.models.dynamic_pairs import Walk, total_scores, walk, weigh
from forecast.models.siblings import listen

STEPS, COLUMNS, PRIOR = 3, 90, 3.0
EXPERTS = experts_for(Period.MONTH, STEPS)


def walked(counts: FloatArray) -> Walk:
    keys = tuple((str(row),) for row in range(len(counts)))
    ends, none = np.full(len(counts), 24_000), np.zeros((len(counts), 0))
    heard = listen(Panel(keys, Period.MONTH, counts, ends, none), EXPERTS.levels.regimes)
    return walk(counts, EXPERTS, heard.of(np.arange(len(counts))))


def steady(series: int, columns: int = COLUMNS) -> FloatArray:
    """Return scattered counts around one level, so that nothing yields to a new one."""
    draw = np.random.default_rng(5)
    return draw.negative_binomial(1.5, 1.5 / 6.5, (series, columns)).astype(float)


def weights(counts: FloatArray, origins: list[int]) -> FloatArray:
    """Return (series, origins, steps, pairs) weights of series that share nothing."""
    shared = np.zeros((counts.shape[1] + 1, STEPS, EXPERTS.pairs))
    return weigh(walked(counts), EXPERTS, shared, np.array(origins), 0).weights


def told(there: Walk, h: int) -> tuple[FloatArray, FloatArray]:
    """Return (counts, pairs) p of the first series' newest counts, and (counts,) their worth."""
    columns, r = there.counts.shape[1], EXPERTS.laws.dispersions
    came = np.arange(max(columns - WINDOW, h + int(there.first[0])), columns)
    came = came[there.counts[0, came] >= 0]
    rows = np.concatenate((there.rows[0, came - h], there.pulled[h, 0, came - h]), axis=1)
    means, y = EXPERTS.laws.means[rows][..., None], there.counts[0, came][:, None, None]
    log = nbinom.logpmf(y, r, r / (r + means)).reshape(len(came), -1)
    behind = np.maximum(log - log.max(axis=1, keepdims=True), -CONTRAST)
    return np.exp(behind), FORGETTING ** (columns - 1.0 - came)


def start(there: Walk, h: int) -> FloatArray:
    """Return (pairs,) the softmax of the first series' tempered scores, at its end."""
    scores = START * total_scores(there, EXPERTS, 0)[-1, h]
    chances = np.exp(np.maximum(scores - scores.max(), -14))
    return np.asarray(chances / chances.sum())


def objective(w: FloatArray, p: FloatArray, worth: FloatArray, b: FloatArray) -> float:
    return float(worth @ np.log(p @ w) + PRIOR * (b @ np.log(w)))


def best(p: FloatArray, worth: FloatArray, b: FloatArray) -> FloatArray:
    """Return the weights that maximise the objective, by expectation-maximisation to the end."""
    w = b
    for _ in range(5_000):
        w = (w * ((worth / (p @ w)) @ p) + PRIOR * b) / (worth.sum() + PRIOR)
    return w


@pytest.mark.parametrize("h", range(STEPS))
def test_six_steps_make_most_of_the_way_to_the_best_mixture(h: int) -> None:
    counts = steady(1)
    there, found = walked(counts), weights(counts, [COLUMNS])[0, 0, h]
    p, worth = told(there, h)
    b = start(there, h)
    reached, top, bottom = (objective(w, p, worth, b) for w in (found, best(p, worth, b), b))
    print(f"step {h + 1}: {(reached - bottom) / (top - bottom):.3f} of what could be gained")
    assert bottom + 0.8 * (top - bottom) < reached <= top + 1e-9


def test_weights_sum_to_one_and_none_is_lost() -> None:
    found = weights(steady(4), [40, 90])
    assert found.sum(axis=3) == pytest.approx(1)
    assert (found > 0).all()


def test_a_series_without_a_past_starts_from_what_all_have_taught() -> None:
    counts = np.full((1, 30), np.nan)
    counts[0, -1] = 4.0
    taught = np.random.default_rng(1).normal(0, 1, (31, STEPS, EXPERTS.pairs))
    found = weigh(walked(counts), EXPERTS, taught, np.array([30]), 0).weights[0, 0, 2]
    chances = np.exp(taught[30, 2])
    assert found == pytest.approx(chances / chances.sum())


def test_weights_at_an_origin_know_nothing_of_other_origins_or_of_what_came_later() -> None:
    counts = steady(3)
    together = weights(counts, [45, 60, 90])
    alone = weights(counts[:, :60], [60])
    assert together[:, 1].tobytes() == alone[:, 0].tobytes()


def test_counts_that_are_not_known_speak_neither_for_nor_against_a_pair() -> None:
    counts = steady(1)
    counts[0, 50:60] = np.nan
    there, found = walked(counts), weights(counts, [COLUMNS])[0, 0, 0]
    (p, worth), b = told(there, 0), start(there, 0)
    assert len(p) == WINDOW - 10
    reached, top, bottom = (objective(w, p, worth, b) for w in (found, best(p, worth, b), b))
    assert bottom + 0.8 * (top - bottom) < reached <= top + 1e-9
