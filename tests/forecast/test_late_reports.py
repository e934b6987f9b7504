"""Late reports with known truth: the delay is learned, and the newest periods are completed."""

from datetime import date, timedelta

import numpy as np
import pytest

from core.periods import Period
from core.series import Panel
from core.settings import WatchSettings
from forecast.completion import _late, _posteriors, forecast_late
from forecast.delays import ALL, LEAST_PERIODS, Delay, Share, choose, learn
from forecast.engine import forecast
from forecast.scores import crps
from forecast.series import Built, build
from tests.forecast.late_reports import FIRST, World, covered_90, world

MODELS = ("dynamic-count", "conflictology")


def watch(period: str) -> WatchSettings:
    keys = {"name": "w", "feeds": ("f",), "group_by": ("admin1",), "period": period, "horizon": 3}
    return WatchSettings.model_validate(keys)


def built(events: World, now: date, period: str) -> tuple[Built, Delay, date]:
    """Return the series as they stood, the delay as it could be learned, and the last pull."""
    settings, pulled = watch(period), events.pulls(now)[-1]
    history = events.history(now, settings)
    cells = events.cells(pulled, settings.period)
    found = build(cells, history.vintages[-1].coverage, settings, now)
    return found, learn(history, settings, pulled).delay, pulled


def truth(events: World, period: str) -> dict[tuple[int, int], int]:
    cells = events.cells(None, watch(period).period)
    numbers = zip(cells.region.tolist(), cells.period.tolist(), cells.count.tolist(), strict=True)
    return {(region, index): count for region, index, count in numbers}


@pytest.mark.parametrize(("period", "first", "pulls"), [("week", 600, 10), ("month", 750, 12)])
def test_completed_counts_cover_what_came_and_are_not_biased(
    period: str, first: int, pulls: int
) -> None:
    events = world(regions=24)
    final = truth(events, period)
    came, means, reported, inside, covered = [], [], [], [], []
    for number in range(pulls):
        found, delay, _ = built(events, FIRST + timedelta(first + 49 * number), period)
        late = _late(found.panel, delay)
        for laws in _posteriors(found.panel, delay, late, MODELS):
            counts = np.array(
                [
                    [final.get((int(key[0][1:]), one.period), 0) for one in completed]
                    for key, completed in zip(laws.panel.keys, laws.reported.told, strict=True)
                ]
            )
            covered.append(covered_90(laws.reported.law, counts))
            means += laws.reported.law.mean().ravel().tolist()
            came += counts.ravel().tolist()
            shown = [one for completed in laws.reported.told for one in completed]
            reported += [one.reported for one in shown]
            pairs = zip(shown, counts.ravel().tolist(), strict=True)
            inside += [one.low_90 <= count <= one.high_90 for one, count in pairs]
    bias = sum(means) / sum(came) - 1
    raw = sum(reported) / sum(came) - 1
    share = float(np.mean(covered))
    print(
        f"{len(came)} {period}s: bias {bias:+.1%} (as reported {raw:+.1%}), 90 % interval covers "
        f"{share:.1%} ({np.mean(inside):.1%} with the steps of whole counts)"
    )
    assert raw < -0.05
    assert abs(bias) < 0.03
    assert 0.85 <= share <= 0.95


@pytest.mark.parametrize(
    ("reported", "known", "least", "most"),
    [(1, Share(1 / 30, 1e-4), 1, 8), (40, Share(0.5, 1e-3), 60, 100)],
    ids=["one-event-on-the-first-day-is-not-thirty", "a-surge-beyond-all-of-the-past-is-believed"],
)
def test_a_quiet_region_is_completed_with_sense(
    reported: int, known: Share, least: int, most: int
) -> None:
    counts = np.zeros((3, 60))
    counts[:, ::12] = 1
    opened = np.array([[float(reported)], [0.0], [0.0]])
    keys = [("Quiet",), ("Other",), ("Third",)]
    panel = Panel(keys, Period.MONTH, counts, np.full(3, 23_999), opened)
    late = next(forecast_late(panel, Delay(24_000, (ALL,), (known,)), 3, MODELS))
    completed = late.completed[0][0]
    print(f"reported {reported}, expected {completed.median} to {completed.high_90}")
    assert completed.reported == reported
    assert least <= completed.median
    assert completed.high_90 <= most


def test_forecasts_from_completed_counts_are_better_than_from_reported_ones() -> None:
    events = world(regions=24)
    final = truth(events, "week")
    totals = np.zeros(2)
    for number in range(8):
        found, delay, _ = built(events, FIRST + timedelta(600 + 56 * number), "week")
        steps = int(found.steps[0])
        came = np.array(
            [
                [final.get((int(key[0][1:]), int(end) + h + 1), 0) for h in range(steps)]
                for key, end in zip(found.panel.keys, found.panel.ends, strict=True)
            ],
            dtype=np.float64,
        )
        plain = next(forecast(found.panel, steps, MODELS)).predictive
        late = next(forecast_late(found.panel, delay, steps, MODELS)).outlook.predictive
        totals += [
            crps(law.cdf.reshape(came.size, -1), law.support, came.ravel()).mean()
            for law in (plain, late)
        ]
    gain = totals[1] / totals[0]
    print(f"CRPS of forecasts made of completed counts: {gain:.3f} of those made of reported ones")
    assert gain < 0.98


def test_a_delay_is_learned_as_it_is() -> None:
    events = world(regions=40, withdrawn=0.0, mean_delay=8.0)
    _, delay, pulled = built(events, FIRST + timedelta(1200), "week")
    running = watch("week").period.of(pulled)
    weeks, stamp = events.period(watch("week").period), (pulled - FIRST).days
    assert delay.running == running
    for lag in (1, 2, 3):
        ages = range(20, 150)
        shares = []
        for back in ages:
            week = weeks == running - back
            seen = events.seen[week] <= stamp - 7 * (back - lag)
            shares.append((seen.sum(), week.sum()))
        known, all_of = np.array(shares).sum(axis=0)
        assert delay.known[lag].mean == pytest.approx(known / all_of, abs=0.03)
        assert delay.kept[lag].mean == pytest.approx(1, abs=1e-9)


def test_a_feed_that_is_never_late_is_never_corrected() -> None:
    prompt = world(regions=10, withdrawn=0.0, mean_delay=0.0)
    now = FIRST + timedelta(1200)
    settings = watch("week")
    chosen = choose(prompt.history(now, settings), [], settings, prompt.pulls(now)[-1])
    assert chosen.delay is None
    assert chosen.told.startswith("none seen in ")


@pytest.mark.parametrize("weeks", range(1, LEAST_PERIODS + 2))
def test_too_few_vintages_say_so(weeks: int) -> None:
    events = world(regions=5)
    now = FIRST + timedelta(7 * weeks + 7)
    settings = watch("week")
    chosen = choose(events.history(now, settings), [], settings, events.pulls(now)[-1])
    if chosen.delay is None:
        told = f"not corrected: {weeks} of {LEAST_PERIODS} past weeks seen to learn the delay"
        assert chosen.told == told
    assert (chosen.delay is not None) == (weeks >= LEAST_PERIODS)
