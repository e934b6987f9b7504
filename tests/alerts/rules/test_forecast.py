"""Rules read forecasts: the right window, the right threshold, the right words."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from alerts.facts import Facts
from alerts.rules import RunNote, read
from core.series import Completed
from core.sources import Source
from tests.alerts.samples import KABUL, SEPTEMBER, SOURCE, result, rule

NOTE = RunNote(date(2022, 10, 3), "simulated data")
ONE_LEVEL = [{"severity": "high", "at_least": 8, "probability": 0.5}]


def at_least_in_any(n: int, means: list[float]) -> float:
    return 1 - math.prod(poisson.cdf(n - 1, mean) for mean in means)


def test_any_is_the_probability_that_some_period_of_the_window_reaches_the_threshold() -> None:
    (found,) = read(rule(levels=ONE_LEVEL), result([[3.0, 6.0, 9.0, 50.0]]))
    assert found.readings[0].probability == pytest.approx(at_least_in_any(8, [3, 6, 9]), abs=0.02)


def test_total_is_the_probability_that_the_window_adds_up_to_the_threshold() -> None:
    asked = rule(levels=ONE_LEVEL, aggregate="total")
    (found,) = read(asked, result([[1.0, 2.0, 3.0, 50.0]]))
    assert found.readings[0].probability == pytest.approx(poisson.sf(7, 6.0), abs=0.02)


def test_a_window_of_one_period_is_exact() -> None:
    (found,) = read(rule(levels=ONE_LEVEL, within=1), result([[6.0, 50.0]]))
    assert found.readings[0].probability == pytest.approx(poisson.sf(7, 6.0), abs=1e-12)


def test_periods_that_are_over_but_not_reported_never_ring() -> None:
    late = result([[90.0, 90.0, 2.0, 2.0, 2.0]], ends=[SEPTEMBER - 2])
    (found,) = read(rule(), late, NOTE)
    assert not any(reading.crossed for reading in found.readings)


def test_series_that_end_in_different_periods_are_read_over_the_same_days() -> None:
    block = result(
        [[0.0, 0.0, 9.0, 9.0, 9.0], [9.0, 9.0, 9.0, 0.0, 0.0], [0.0, 0.0, 9.0, 9.0, 9.0]],
        ends=[SEPTEMBER - 2, SEPTEMBER, SEPTEMBER - 2],
    )
    found = read(rule(), block, NOTE)
    assert [e.region[1] for e in found] == ["P0", "P1", "P2"]
    same = pytest.approx(at_least_in_any(8, [9, 9, 9]), abs=0.02)
    assert [e.readings[0].probability for e in found] == [same] * 3
    windows = [Facts.model_validate(e.facts).window for e in found]
    assert {(w.first, w.last) for w in windows} == {(date(2022, 10, 1), date(2022, 12, 31))}
    assert [Facts.model_validate(e.facts).not_yet_reported for e in found] == [
        ("2022-08", "2022-09"),
        (),
        ("2022-08", "2022-09"),
    ]


def test_a_running_period_that_is_complete_is_no_forecast() -> None:
    block = result([[9.0, 9.0, 90.0]], running=SEPTEMBER)
    (found,) = read(rule(), block, NOTE)
    window = Facts.model_validate(found.facts).window
    assert (window.first, window.last, window.periods) == (date(2022, 10, 1), date(2022, 11, 30), 2)
    assert read(rule(within=1), block) == []


def test_a_forecast_that_is_too_short_for_the_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 3 steps, not 2"):
        read(rule(), result([[1.0, 1.0]]))


def test_each_series_has_the_threshold_of_its_own_baseline() -> None:
    level = {
        "severity": "high",
        "at_least": {"times_baseline": 2, "minimum": 3},
        "probability": 0.5,
    }
    block = result([[5.0] * 3] * 3, baselines=[4.0, None, 10.0])
    for aggregate, expected in (("any", [8, 3, 20]), ("total", [24, 3, 60])):
        found = read(rule(levels=[level], aggregate=aggregate), block)
        assert [e.readings[0].threshold for e in found] == expected


def test_levels_are_read_from_least_to_most_severe() -> None:
    levels = [
        {"severity": "severe", "at_least": 20, "probability": 0.6},
        {"severity": "advisory", "at_least": 2, "probability": 0.6},
    ]
    (found,) = read(rule(levels=levels), result([[5.0] * 3]))
    assert [reading.severity for reading in found.readings] == ["advisory", "severe"]


def test_a_series_is_read_the_same_in_any_block() -> None:
    rng = np.random.default_rng(1)
    means = rng.gamma(2.0, 3.0, size=(20, 5))
    ends = [SEPTEMBER - int(n) for n in rng.integers(0, 3, 20)]
    whole = read(rule(aggregate="total"), result(means, ends))
    for row in range(20):
        (alone,) = read(rule(aggregate="total"), result(means[row : row + 1], ends[row : row + 1]))
        assert alone.readings == whole[row].readings


def test_facts_are_written_only_where_something_may_be_told() -> None:
    block = result([[0.1] * 3, [30.0] * 3, [0.1] * 3])
    open_regions = {("Afghanistan", "P2")}
    assert [bool(e.facts) for e in read(rule(), block, NOTE, open_regions)] == [False, True, True]
    assert [bool(e.facts) for e in read(rule(), block)] == [False, False, False]


def test_facts_tell_place_window_counts_baseline_models_and_the_run() -> None:
    (found,) = read(rule(), result([[9.0, 12.0, 9.0]], keys=[KABUL]), NOTE)
    facts = Facts.model_validate(found.facts)
    assert facts.place == "Afghanistan/Kabul"
    assert facts.region == KABUL
    assert (facts.window.first, facts.window.last) == (date(2022, 10, 1), date(2022, 12, 31))
    assert [(p.period, p.count) for p in facts.recent] == [
        ("2022-07", 3),
        ("2022-08", 5),
        ("2022-09", 7),
    ]
    assert [(p.period, p.count) for p in facts.seen_so_far] == [("2022-10", 2)]
    assert facts.baseline is not None
    assert (facts.baseline.first, facts.baseline.last) == (date(2021, 9, 1), date(2022, 8, 31))
    assert [(m.model, m.weight) for m in facts.models] == [
        ("dynamic-count", 0.7),
        ("conflictology", 0.3),
    ]
    assert (facts.label, facts.cutoff, facts.running) == (
        "simulated data",
        date(2022, 10, 3),
        "2022-10",
    )
    assert found.data_through == date(2022, 9, 30)


def test_a_region_without_a_baseline_says_so() -> None:
    (found,) = read(rule(), result([[30.0] * 3], baselines=[None]), NOTE)
    assert found.facts["baseline"] is None


@pytest.mark.parametrize(
    ("within", "aggregate", "of"),
    [(1, "any", "period"), (3, "any", "largest period"), (3, "total", "total")],
)
def test_what_is_expected_is_what_the_probability_speaks_of(
    within: int, aggregate: str, of: str
) -> None:
    asked = rule(within=within, aggregate=aggregate)
    (found,) = read(asked, result([[30.0, 40.0, 50.0]]), NOTE)
    expected = Facts.model_validate(found.facts).expected
    median = {"period": 30, "largest period": 51, "total": 120}[of]
    assert expected.of == of
    assert abs(expected.median - median) <= 2
    assert expected.low_90 < expected.median < expected.high_90


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    means=st.lists(st.floats(0.01, 60), min_size=3, max_size=3),
    aggregate=st.sampled_from(["any", "total"]),
)
def test_probability_and_interval_of_one_message_never_contradict_each_other(
    means: list[float], aggregate: str
) -> None:
    asked = {"severity": "high", "at_least": 1, "probability": 0.5}
    (region,) = (("Afghanistan", "P0"),)
    (found,) = read(rule(levels=[asked], aggregate=aggregate), result([means]), NOTE, {region})
    expected = Facts.model_validate(found.facts).expected
    for count, chance in (
        (expected.median, 0.5),
        (expected.low_90, 0.95),
        (expected.high_90, 0.05),
    ):
        if count < 1:
            continue
        at = {**asked, "at_least": count}
        (again,) = read(rule(levels=[at], aggregate=aggregate), result([means]))
        # P(X >= q) >= 1 - level, since q is the smallest count whose cdf reaches the level.
        assert again.readings[0].probability >= chance - 1e-3


def test_facts_tell_where_the_counts_come_from_and_what_late_reports_will_make_of_them() -> None:
    block = result([[9.0, 9.0, 9.0]])
    late = Completed(SEPTEMBER, 7, 9, 8, 12)
    block = replace(block, standings=(block.standings[0]._replace(completed=(late,)),))
    source = Source.model_validate(SOURCE)
    (found,) = read(rule(), block, RunNote(NOTE.cutoff, sources=(source,), filters="all of it"))
    facts = Facts.model_validate(found.facts)
    assert (facts.sources, facts.filters) == ((source,), "all of it")
    assert [one.model_dump() for one in facts.expected_when_complete] == [
        {"period": "2022-09", "reported": 7, "median": 9, "low_90": 8, "high_90": 12}
    ]
