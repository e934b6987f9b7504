"""Prophet as a member: what is fitted, for whom, when, and the law around its path."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.forecasts import Outlook
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.backtest import backtest, origins_of
from forecast.engine import forecast
from forecast.ensemble import Ensemble
from forecast.models import prophet, prophet_fit, prophet_law
from forecast.models.base import Task, shared_support
from forecast.models.prophet_law import DISPERSIONS, FACTORS, Miss, Record
from forecast.pool import WINDOW
from forecast.workers.frames import Message
from forecast.workers.pool import Answer, WorkerPool

Make = Callable[..., Panel]
Wander = Callable[..., FloatArray]
COUNT_MODELS = ("dynamic-count", "conflictology")
MODELS = (*COUNT_MODELS, "prophet")
NAN = float("nan")


class Counting(WorkerPool):
    """Real workers, and a list of what they were asked."""

    def answers(self, requests: Any, progress: Any = lambda _done, _of: None) -> list[Answer]:
        self.asked: list[Message] = [*getattr(self, "asked", []), *requests]
        return super().answers(requests, progress)


@pytest.fixture(scope="module")
def one_worker() -> Iterator[Counting]:
    with Counting(prophet.COMMAND, size=1) as pool:
        yield pool


@pytest.fixture
def counting(one_worker: Counting, monkeypatch: pytest.MonkeyPatch) -> Counting:
    one_worker.asked = []
    monkeypatch.setattr(prophet, "workers", lambda: one_worker)
    return one_worker


def only(panel: Panel, budget: int | None = None, models: tuple[str, ...] = MODELS) -> Outlook:
    (outlook,) = forecast(panel, 3, models, budget=budget)
    return outlook


def alone(panel: Panel, budget: int | None = None) -> Outlook:
    """Return what Prophet says where it need not earn its weight; others only stand in."""
    return only(panel, budget, ("prophet",))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Prophet's own, with pandas 3
@pytest.mark.parametrize(("freq", "length", "weekly"), [("MS", 90, 0), ("D", 800, 3)])
def test_the_path_is_prophets_last_level_with_its_seasons(
    freq: str, length: int, weekly: int
) -> None:
    prophet_fit.prepare()
    from prophet import Prophet  # noqa: PLC0415 - after it was silenced

    days = pd.date_range("2014-01-01", periods=length + 6, freq=freq)
    counts = np.random.default_rng(2).poisson(6, length).astype(float)
    model = Prophet(
        uncertainty_samples=0, yearly_seasonality=2, weekly_seasonality=weekly or False,
        daily_seasonality=False,
    )  # fmt: skip
    model.fit(pd.DataFrame({"ds": days[:length], "y": counts}))
    told = model.predict(pd.DataFrame({"ds": days[length - 1 :]}))
    expected = told["trend"].iloc[0] + told["additive_terms"].iloc[1:]
    assert np.allclose(prophet_fit.path(model, days[length:]), expected, rtol=1e-12)


def ask(pool: WorkerPool, counts: list[float], yearly: int = 0) -> FloatArray:
    days = [Period.MONTH.start(24_000 + month).toordinal() for month in range(len(counts) + 6)]
    history, future = days[:-6], days[-6:]
    request = {"days": history, "counts": counts, "future": future, "yearly": yearly, "weekly": 0}
    (answer,) = pool.answers([request])
    assert isinstance(answer, dict)
    return np.array(answer["path"])


def test_the_path_follows_a_lasting_change_of_level(counting: Counting) -> None:
    path = ask(counting, [2.0] * 48 + [20.0] * 12)
    assert np.all((path > 14) & (path < 35))


def test_a_season_is_found_where_there_is_one(counting: Counting) -> None:
    season = ([1.0] * 6 + [30.0] * 6) * 9
    quiet, busy = ask(counting, season, yearly=2), ask(counting, season[:-6], yearly=2)
    assert busy.mean() > 1.5 * quiet.mean()


def test_a_short_or_quiet_series_is_not_asked_about(counting: Counting, panel: Make) -> None:
    draw = np.random.default_rng(3)
    counts = draw.poisson(4, (4, 40)) + 1.0
    counts[1, :-23] = NAN
    counts[2] = 0
    counts[2, -11:] = 1
    found = alone(panel(counts))
    why = "too little history for prophet: conflictology instead"
    assert found.notes == ("", why, why, "")
    assert found.weights[:, 0, 0].tolist() == [1, 0, 0, 1]
    assert found.reasons == ()


def test_a_run_makes_one_fit_a_series_and_a_fixed_number_of_past_ones(
    counting: Counting, panel: Make, wandering: Wander
) -> None:
    only(panel(wandering(20, 90) + 1))
    assert len(counting.asked) <= 20 + prophet.AT_ONCE * (2 * WINDOW + 6) // prophet.EVERY + 6


def test_the_busiest_series_of_late_come_first_in_the_budget(
    counting: Counting, panel: Make
) -> None:
    counts = np.ones((6, 60))
    counts[[4, 1], -3:] = 9
    counts[2, :20] = 50
    found = alone(panel(counts), budget=2)
    assert found.weights[:, 0, 0].tolist() == [0, 1, 0, 0, 1, 0]
    assert found.notes[0] == "prophet not asked, over its budget: conflictology instead"
    assert found.remarks == ("prophet was asked for 2 of 6 series",)
    assert found.reasons == ()


def test_a_budget_of_nothing_leaves_the_count_models(counting: Counting, panel: Make) -> None:
    counts = np.random.default_rng(4).poisson(3, (4, 50)).astype(float)
    found = only(panel(counts), budget=0)
    assert found.weights[..., 2].max() == 0
    assert found.remarks == ("prophet was asked for 0 of 4 series",)


def test_remarks_and_reasons_come_with_the_last_block(
    counting: Counting, panel: Make, wandering: Wander
) -> None:
    blocks = list(forecast(panel(wandering(6, 50) + 1), 3, MODELS, block=2, budget=3))
    assert [block.remarks for block in blocks] == [(), (), ("prophet was asked for 3 of 6 series",)]


@pytest.mark.parametrize("block", [3, 100])
def test_workers_and_blocks_do_not_show_in_the_bytes(
    block: int, panel: Make, wandering: Wander, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = panel(wandering(7, 44) + 1)
    one = alone(given)
    with WorkerPool(prophet.COMMAND, size=3) as several:
        monkeypatch.setattr(prophet, "workers", lambda: several)
        parts = list(forecast(given, 3, ("prophet",), block=block))
    for read in (lambda o: o.predictive.cdf, lambda o: o.weights):
        assert b"".join(read(part).tobytes() for part in parts) == read(one).tobytes()


@pytest.mark.parametrize("models", [MODELS, ("prophet",)])
def test_a_past_origin_forecasts_exactly_what_a_run_then_would_have(
    models: tuple[str, ...], panel: Make, wandering: Wander, counting: Counting
) -> None:
    counts = wandering(3, 70) + 1
    origins = origins_of(70, 3, 12, 8)
    task = Task(3, max(int(origins[0]) - WINDOW - 3, 0), shared_support(counts))
    past = Ensemble(panel(counts), models, task, origins).pooled(np.arange(3))
    for slot, origin in enumerate(origins):
        (then,) = forecast(moved(panel(counts[:, :origin]), 70 - origin), 3, models)
        points = len(then.predictive.support)
        assert past.weights[:, slot].tobytes() == then.weights.tobytes()
        assert past.cdf[:, slot, :, :points].tobytes() == then.predictive.cdf.tobytes()


def moved(panel: Panel, periods: int) -> Panel:
    """Return a panel that ends so many periods earlier."""
    return Panel(panel.keys, panel.period, panel.counts, panel.ends - periods, panel.opened)


def test_a_backtest_scores_prophet_per_region_and_tells_how_it_gets_on(
    panel: Make, wandering: Wander, counting: Counting
) -> None:
    told: list[tuple[str, int, int]] = []
    given = panel(wandering(3, 70) + 1)
    found = backtest(given, 3, 12, 6, MODELS, lambda *what: told.append(what))
    assert found.models["prophet"].series["r2"]["crps"] > 0
    assert ("prophet: series", 6, 6) in told


@pytest.mark.parametrize("period", list(Period))
def test_every_period_has_its_calendar(period: Period, panel: Make, counting: Counting) -> None:
    length = 2 * period.year_length + 4
    counts = np.random.default_rng(5).poisson(3, (1, length)).astype(float)
    counts[0, 10] = NAN
    fitter = prophet.ProphetFitter(
        panel(counts, period), Task(2, length, shared_support(counts)), counting
    )
    counting.asked = []
    assert fitter.fit(np.array([0]), np.array([length])).able.all()
    (asked,) = counting.asked
    days = [*asked["days"], *asked["future"]]
    assert len(asked["days"]) == length - 1
    assert [period.of(pd.Timestamp.fromordinal(day).date()) for day in asked["future"]] == [
        2023 * 12 + 12, 2023 * 12 + 13,
    ]  # fmt: skip
    assert days == sorted(set(days))
    assert bool(asked["weekly"]) == (period is Period.DAY)


def pairs(weights: FloatArray) -> FloatArray:
    return weights.reshape(len(weights), len(FACTORS), len(DISPERSIONS))


def misses(ratio: float, level: float, number: int = 40) -> list[Miss]:
    """Return one-step paths `ratio` times as high as the Poisson counts that came."""
    came = np.random.default_rng(6).poisson(level, number).astype(float)
    return [Miss(90 + n % 8, np.array([ratio * level]), came[n : n + 1]) for n in range(number)]


def test_without_errors_the_law_is_the_usual_one_at_every_level() -> None:
    empty = Record([], 2)
    low, high = empty.law(100, np.array([1.0, 1.0])), empty.law(100, np.array([500.0, 500.0]))
    assert low.tobytes() == high.tobytes()
    assert low.sum(axis=1) == pytest.approx([1, 1])


def test_paths_that_were_twice_too_high_are_halved() -> None:
    law = pairs(Record(misses(2.0, 20.0), 1).law(100, np.array([40.0])))[0]
    assert FACTORS[int(law.sum(axis=1).argmax())] == 0.5
    assert DISPERSIONS[int(law.sum(axis=0).argmax())] == max(DISPERSIONS), "Poisson counts"


def test_errors_at_another_level_say_little() -> None:
    record = Record(misses(2.0, 20.0), 1)
    near, far = (pairs(record.law(100, np.array([level])))[0] for level in (40.0, 0.3))
    usual = pairs(Record([], 1).law(100, np.array([0.3])))[0]
    assert np.abs(near - usual).sum() > 5 * np.abs(far - usual).sum()


def test_an_error_that_was_not_known_yet_or_is_forgotten_says_nothing() -> None:
    known = misses(2.0, 20.0)
    late = [miss._replace(origin=100) for miss in known]
    old = [miss._replace(origin=100 - prophet_law.MEMORY - 1) for miss in known]
    unknown = [miss._replace(came=np.array([NAN])) for miss in known]
    path = np.array([40.0])
    usual = Record([], 1).law(100, path)
    for silent in (late, old, unknown):
        assert np.allclose(Record(silent, 1).law(100, path), usual)


def test_a_law_gives_the_probabilities_of_its_distribution() -> None:
    path, support = np.array([3.0, 700.0]), np.arange(256)
    law = Record(misses(1.0, 3.0), 1).law(100, path[:1])
    law = np.vstack([law, law])
    cdf = np.ones((2, 256))
    prophet_law.fill_cdf(law, path, 20.0, support, cdf)
    mass = np.diff(cdf[0], prepend=0.0)
    for count in (0, 3, 11):
        given = prophet_law.probabilities(law, path, np.array([count, NAN]))
        assert given[0] == pytest.approx(mass[count], rel=1e-3)
        assert np.isnan(given[1])


@pytest.mark.parametrize(
    ("path", "history", "expected"),
    [
        ([0.0, 2.0], [1, 0, 5, NAN], [0.125, 2.0]),
        ([1e15, 2.0], [1, 0, 5], [24.0, 2.0]),
        ([0.0], [0, 0, 0, 0], [0.1]),
    ],
)
def test_a_path_neither_vanishes_nor_explodes(
    path: list[float], history: list[float], expected: list[float]
) -> None:
    assert prophet_law.bounded(np.array(path), np.array(history)).tolist() == expected


def test_a_trial_fit_names_the_versions() -> None:
    well, words = prophet.check()
    assert well
    assert "prophet 1." in words
    assert "CmdStan 2." in words
