"""Delays as configured, and completion where it must do nothing or cannot know much."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.periods import Period
from core.series import FloatArray, History, Panel
from core.settings import FeedSettings, WatchSettings
from forecast.completion import MOST_CORRECTED, forecast_late
from forecast.delays import ALL, LEAST_PERIODS, Delay, Share, choose, learned_since
from forecast.engine import forecast

Make = Callable[..., Panel]
Wander = Callable[..., FloatArray]
MODELS = ("dynamic-count", "conflictology")
WATCH = WatchSettings(name="w", feeds=("f",), group_by=("admin1",))
NONE = np.zeros(0, dtype=np.int64)
NEVER = History([], [], NONE, NONE, NONE, NONE, NONE)
HALF = Share(0.5, 0.002)


def feed(**delay: object) -> FeedSettings:
    return FeedSettings.model_validate({"name": "f", "kind": "csv", **delay})


def configured(delay: dict[str, float], day: date, watch: WatchSettings = WATCH) -> Delay:
    chosen = choose(NEVER, [feed(delay=delay)], watch, day)
    assert chosen.told.startswith("corrected as configured: 0 of ")
    assert chosen.delay
    return chosen.delay


def test_without_vintages_and_without_configuration_nothing_is_corrected() -> None:
    chosen = choose(NEVER, [feed()], WATCH, date(2024, 1, 31))
    told = f"not corrected: 0 of {LEAST_PERIODS} past months seen to learn the delay"
    assert chosen == (None, told)


def test_a_configured_delay_is_the_mean_over_the_days_of_a_period() -> None:
    delay = configured({"10": 1.0}, date(2024, 1, 31))
    # On 31 January events of that day are unknown, those of the day before known to a tenth …
    assert delay.known[0].mean == pytest.approx((sum(range(10)) / 10 + 21) / 31)
    assert delay.known[1] == ALL
    assert delay.lags == 1
    assert delay.kept[0] == ALL


def test_days_to_come_count_as_not_reported() -> None:
    delay = configured({"0": 1.0}, date(2024, 1, 10))
    assert delay.known[0].mean == pytest.approx(10 / 31)


def test_a_configured_delay_runs_in_straight_lines_through_its_points() -> None:
    daily = WATCH.model_copy(update={"period": Period.DAY})
    delay = configured({"2": 0.5, "6": 0.9, "8": 1.0}, date(2024, 1, 31), daily)
    shares = [share.mean for share in delay.known[:9]]
    assert shares == pytest.approx([0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1])


def test_the_slowest_of_several_feeds_decides() -> None:
    feeds = [feed(delay={"5": 1.0}), feed(delay={"20": 1.0}), feed()]
    chosen = choose(NEVER, feeds, WATCH, date(2024, 1, 31))
    assert chosen.delay == configured({"20": 1.0}, date(2024, 1, 31))


@pytest.mark.parametrize(
    "delay", [{"7": 0.9, "30": 0.5}, {"7": 1.1}, {"7": 0}, {"-1": 0.5}, {"soon": 0.5}]
)
def test_a_delay_that_cannot_be_is_refused(delay: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        feed(delay=delay)


def test_delays_are_learned_from_the_last_years_only() -> None:
    assert learned_since(Period.MONTH, date(2024, 6, 15)) == date(2019, 6, 1)
    assert learned_since(Period.DAY, date(2024, 6, 15)) == date(2024, 6, 15) - timedelta(90)


def now(lag_zero_open: Panel) -> int:
    return int(lag_zero_open.ends[0]) + 1


def test_without_a_delay_forecasts_are_the_engines_own_byte_for_byte(
    panel: Make, wandering: Wander
) -> None:
    given = panel(wandering(6, 48))
    final = Delay(now(given), (ALL,) * 4, (ALL,) * 4)
    old = Delay(now(given) + 30, (ALL,) * 9, (HALF,) * 9)
    (plain,) = forecast(given, 4, MODELS)
    for delay in (None, final, old):
        ((outlook, completed, _),) = forecast_late(given, delay, 4, MODELS)
        assert outlook.predictive.cdf.tobytes() == plain.predictive.cdf.tobytes()
        assert outlook.weights.tobytes() == plain.weights.tobytes()
        assert completed == ((),) * 6


def test_the_newest_month_is_completed_and_the_level_follows(
    panel: Make, wandering: Wander
) -> None:
    counts = np.full((4, 48), 20.0) + wandering(4, 48) % 3
    counts[:, -1] = 10
    given = panel(counts)
    delay = Delay(now(given), (ALL,) * 3, (HALF, HALF, ALL))
    (plain,) = forecast(given, 4, MODELS)
    ((outlook, completed, _),) = forecast_late(given, delay, 4, MODELS)
    for (one,) in completed:
        assert (one.period, one.reported) == (int(given.ends[0]), 10)
        assert one.low_90 <= 20 <= one.high_90
        assert one.low_90 >= 10
    assert np.all(outlook.predictive.mean()[:, 0] > plain.predictive.mean()[:, 0] + 0.5)
    assert outlook.panel.counts[:, -1].tolist() == [10] * 4, "what was reported stays as it is"


def test_an_open_month_is_forecast_from_what_is_reported_of_it(
    panel: Make, wandering: Wander
) -> None:
    given = panel(wandering(5, 60))
    opened = np.array([[30.0], [0.0], [3.0], [np.nan], [8.0]])
    given = Panel(given.keys, given.period, given.counts, given.ends, opened)
    delay = Delay(now(given), (ALL, ALL), (HALF, ALL))
    (plain,) = forecast(given, 3, MODELS)
    ((outlook, completed, _),) = forecast_late(given, delay, 3, MODELS)
    first = outlook.predictive.quantile([0.0001])[:, 0, 0]
    assert first[0] >= 30, "what is reported will not be unreported"
    assert [len(one) for one in completed] == [1, 1, 1, 0, 1]
    assert outlook.predictive.shape == (5, 3)
    assert outlook.predictive.mean()[3, 0] == pytest.approx(plain.predictive.mean()[3, 0])
    assert outlook.predictive.mean()[0, 1] > plain.predictive.mean()[0, 1], "it flows on"


def test_what_is_said_of_a_series_does_not_depend_on_its_block(
    panel: Make, wandering: Wander, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = panel(wandering(9, 48))
    delay = Delay(now(given), (ALL, Share(0.9, 0.01), ALL), (HALF, Share(0.8, 0.01), ALL))
    ((whole, said, _),) = forecast_late(given, delay, 3, MODELS)
    monkeypatch.setattr(forecast, "__defaults__", (4, None))
    parts = list(forecast_late(given, delay, 3, MODELS))
    assert len(parts) == 3
    joined = np.concatenate([part.outlook.predictive.cdf for part in parts])
    assert np.array_equal(joined, whole.predictive.cdf)
    assert tuple(one for part in parts for one in part.completed) == said


def test_no_more_than_a_year_of_months_is_corrected(panel: Make, wandering: Wander) -> None:
    given = panel(wandering(3, 60))
    delay = Delay(now(given), (ALL,) * 25, (HALF,) * 25)
    ((_, completed, _),) = forecast_late(given, delay, 3, MODELS)
    assert [len(one) for one in completed] == [MOST_CORRECTED] * 3
    assert completed[0][-1].period == int(given.ends[0])


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    reported=st.lists(st.integers(0, 100_000), min_size=3, max_size=3),
    mean=st.floats(0.001, 0.99),
    spread=st.floats(0, 0.9),
    kept=st.floats(0.001, 1),
    columns=st.integers(0, 5),
)
def test_whatever_is_reported_the_completed_counts_are_distributions(
    reported: list[int], mean: float, spread: float, kept: float, columns: int
) -> None:
    counts = np.array([[1.0, 2.0, 0.0, 1.0, 4.0][:columns]] * 3).reshape(3, columns)
    ends = np.full(3, 24_287)
    keys = (("a",), ("b",), ("c",))
    given = Panel(keys, Period.MONTH, counts, ends, np.array(reported, dtype=float)[:, None])
    known, stays = (Share(m, m * (1 - m) * spread) for m in (mean, kept))
    delay = Delay(24_288, (stays, stays, ALL), (known, known, ALL))
    ((outlook, completed, _),) = forecast_late(given, delay, 2, ("conflictology",))
    assert np.all(np.isfinite(outlook.predictive.mean()))
    for place, series in enumerate(completed):
        assert series[-1].reported == reported[place]
        for one in series:
            assert 0 <= one.low_90 <= one.median <= one.high_90
