"""What every member promises, run over every member; and what each one says."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from core.errors import InputError
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.models import COSTLY, MODELS, model
from forecast.models.base import MemberFit, Task, shared_support
from forecast.models.dynamic_count import SHARING_SERIES, DynamicCount, DynamicCountFitter

Make = Callable[..., Panel]
NAN = float("nan")


def fitted(
    name: str, given: Panel, origins: list[int] | None = None, scored_from: int = 0
) -> tuple[MemberFit, np.ndarray]:
    support = shared_support(given.counts)
    task = Task(4, scored_from, support)
    wanted = np.array(origins or [given.counts.shape[1]])
    return model(name).prepare(given, task).fit(np.arange(len(given)), wanted), support


@pytest.mark.parametrize("name", MODELS)
def test_a_member_gives_distributions(
    name: str, panel: Make, wandering: Callable[..., FloatArray]
) -> None:
    found, support = fitted(name, panel(wandering(5, 60) + 1), [36, 60])
    assert found.cdf.shape == (5, 2, 4, len(support))
    assert np.all(np.diff(found.cdf, axis=-1) >= 0)
    assert np.all(found.cdf >= 0)
    assert np.all(found.cdf <= 1)
    assert found.able.all()


@pytest.mark.parametrize("name", MODELS)
def test_past_probabilities_are_those_of_the_forecasts_made_then(
    name: str, panel: Make, wandering: Callable[..., FloatArray]
) -> None:
    given = panel(np.minimum(wandering(4, 60) + 1, 9))
    found, support = fitted(name, given, [42], scored_from=36)
    for row in range(4):
        for h in range(4):
            came = int(given.counts[row, 42 + h])
            mass = np.diff(found.cdf[row, 0, h], prepend=0.0)[came]
            assert found.past[row, 6, h] == pytest.approx(mass, rel=2e-3, abs=2e-5)
    assert np.isnan(found.past[:, -1, 1:]).all(), "what has not come cannot be scored"
    assert name in COSTLY or not np.isnan(found.past[:, -1, 0]).any()
    assert len(support) > 0


@pytest.mark.parametrize("name", MODELS)
def test_the_future_does_not_change_a_forecast(
    name: str, panel: Make, wandering: Callable[..., FloatArray]
) -> None:
    counts = wandering(4, 50) + 1
    changed = counts.copy()
    changed[:, 40:] = counts[:, 40:] // 2
    first, support = fitted(name, panel(counts), [40])
    second, other = fitted(name, panel(changed), [40])
    points = min(len(support), len(other))
    assert first.cdf[..., :points].tobytes() == second.cdf[..., :points].tobytes()


@pytest.mark.parametrize("name", MODELS)
def test_a_series_says_the_same_in_any_block(
    name: str, panel: Make, wandering: Callable[..., FloatArray]
) -> None:
    given = panel(wandering(9, 40) + 1)
    task = Task(3, 10, shared_support(given.counts))
    fitter, at = model(name).prepare(given, task), np.array([40])
    whole, part = fitter.fit(np.arange(9), at), fitter.fit(np.array([4, 5]), at)
    assert whole.cdf[4:6].tobytes() == part.cdf.tobytes()
    assert whole.past[4:6].tobytes() == part.past.tobytes()


@pytest.mark.parametrize(
    ("name", "able"),
    [
        ("dynamic-count", [False, False, True]),
        ("conflictology", [False, True, True]),
        ("last", [False, True, True]),
        ("history-nb", [True, True, True]),
        ("zero", [True, True, True]),
        ("prophet", [False, False, False]),
    ],
)
def test_a_member_says_when_a_series_is_not_for_it(
    name: str, able: list[bool], panel: Make
) -> None:
    found, _ = fitted(name, panel([[NAN, NAN, NAN], [NAN, NAN, 3], [NAN, 1, 0]]))
    assert found.able[:, 0].tolist() == able


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"no model 'prophecy'; use dynamic-count, conflictology"):
        model("prophecy")


def test_conflictology_is_the_distribution_of_the_last_year(panel: Make) -> None:
    counts = [9] * 5 + [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 7]
    found, support = fitted("conflictology", panel([counts]))
    at = [found.cdf[0, 0, 0, k] for k in (0, 1, 2, 6, 7)]
    assert at == pytest.approx([6 / 12, 9 / 12, 11 / 12, 11 / 12, 1])
    assert support[-1] >= 9


def test_conflictology_of_weeks_looks_back_over_52(panel: Make) -> None:
    counts = [5] * 30 + [1] * 52
    found, _ = fitted("conflictology", panel([counts], Period.WEEK))
    assert found.cdf[0, 0, 0, :2].tolist() == [0, 1]


def test_conflictology_leaves_unknown_months_out_and_falls_back_on_the_last_known(
    panel: Make,
) -> None:
    gap = [4.0] + [NAN] * 12
    half = [NAN] * 7 + [0.0, 0.0, 3.0, NAN, NAN, NAN]
    found, _ = fitted("conflictology", panel([gap, half]))
    assert found.cdf[0, 0, 0, 3:5].tolist() == [0, 1]
    assert found.cdf[1, 0, 0, 0] == pytest.approx(2 / 3)


def test_last_is_poisson_around_the_newest_known_count(panel: Make) -> None:
    found, support = fitted("last", panel([[1, 8, 4, NAN]]))
    assert np.allclose(found.cdf[0, 0, 0], poisson.cdf(support, 4))


def test_history_nb_has_the_moments_of_the_history(panel: Make) -> None:
    counts = np.array([0, 3, 1, 8, 0, 2, 11, 1], dtype=float)
    found, support = fitted("history-nb", panel([counts]))
    mean, variance = counts.mean(), counts.var()
    r = mean**2 / (variance - mean)
    assert np.allclose(found.cdf[0, 0, 2], nbinom.cdf(support, r, r / (r + mean)))


def test_history_nb_of_an_even_series_is_poisson(panel: Make) -> None:
    found, support = fitted("history-nb", panel([[3, 3, 3, 3, 3]]))
    assert np.allclose(found.cdf[0, 0, 0], poisson.cdf(support, 3), atol=1e-5)


def test_history_nb_without_history_is_geometric(panel: Make) -> None:
    found, support = fitted("history-nb", panel([[NAN, NAN]]))
    assert np.allclose(found.cdf[0, 0, 0], 1 - 0.5 ** (support + 1.0))


def test_dynamic_count_follows_a_lasting_change_of_level(panel: Make) -> None:
    draw = np.random.default_rng(5)
    counts = np.concatenate([draw.poisson(2, (8, 60)), draw.poisson(20, (8, 6))], axis=1)
    found, support = fitted("dynamic-count", panel(counts))
    median = support[(found.cdf[:, 0, 0] >= 0.5).argmax(axis=1)]
    assert np.all((median > 10) & (median < 30))


def test_dynamic_count_of_poisson_counts_is_hardly_wider_than_poisson(panel: Make) -> None:
    counts = np.random.default_rng(6).poisson(6, (20, 150))
    found, support = fitted("dynamic-count", panel(counts))
    width = [np.ptp(support[np.searchsorted(cdf, [0.05, 0.95])]) for cdf in found.cdf[:, 0, 0]]
    assert np.mean(width) < 1.25 * np.ptp(poisson.ppf([0.05, 0.95], 6))


def test_dynamic_count_lends_a_short_series_the_dispersion_of_the_others(panel: Make) -> None:
    short = np.full((1, 100), NAN)
    short[0, -3:] = (4, 4, 4)
    draw = np.random.default_rng(8)
    wild = np.vstack([draw.negative_binomial(0.5, 0.5 / 4.5, (30, 100)), short])
    calm = np.vstack([draw.poisson(4, (30, 100)), short])
    beyond = [1 - fitted("dynamic-count", panel(c))[0].cdf[-1, 0, 0, 10] for c in (wild, calm)]
    assert beyond[0] > 2 * beyond[1]


def test_dynamic_count_skips_a_gap_without_forgetting(panel: Make) -> None:
    counts = np.random.default_rng(9).poisson(5, (4, 40)).astype(float)
    gap = np.hstack([counts[:, :30], np.full((4, 6), NAN), counts[:, 30:]])
    found, support = fitted("dynamic-count", panel(gap))
    assert found.able.all()
    median = support[(found.cdf[:, 0, 0] >= 0.5).argmax(axis=1)]
    assert np.all((median >= 3) & (median <= 7))


def test_what_the_first_pass_walked_through_need_not_be_walked_through_again(
    panel: Make, wandering: Callable[..., FloatArray]
) -> None:
    given = panel(wandering(300, 60))
    task = Task(4, 30, shared_support(given.counts))
    fitter = DynamicCount().prepare(given, task)
    again = DynamicCountFitter(
        given.counts, task, fitter._experts, fitter._shared, fitter._heard, None
    )
    assert fitter._known is not None
    assert len(fitter._known.rows) == SHARING_SERIES
    origins = np.array([45, 60])
    for rows in (np.arange(300), fitter._known.rows[:9], np.array([299, 7, 0, 150])):
        kept, anew = fitter.fit(rows, origins), again.fit(rows, origins)
        assert kept.cdf.tobytes() == anew.cdf.tobytes()
        assert kept.past.tobytes() == anew.past.tobytes()
        assert kept.regime is not None
        assert anew.regime is not None
        assert np.array_equal(kept.regime, anew.regime, equal_nan=True)
