"""What becomes of counted cells: complete, open and unknown periods apart."""

from datetime import date

import numpy as np
import pytest

from core.incidents import Coverage
from core.periods import Period
from core.series import Cells
from core.settings import WatchSettings
from forecast.series import Built, build

MONTH = Period.MONTH


def month(text: str) -> int:
    return MONTH.of(date.fromisoformat(f"{text}-01"))


def cells(counts: dict[tuple[str, ...], dict[str, int]]) -> Cells:
    keys = list(counts)
    rows = [
        (keys.index(k), month(m), n) for k, periods in counts.items() for m, n in periods.items()
    ]
    region, period, count = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Cells(keys, region, period, count)


def watch(**keys: object) -> WatchSettings:
    given = {"name": "w", "feeds": ("f",), "group_by": ("country", "admin1"), **keys}
    return WatchSettings.model_validate(given)


def stretch(first: str, through: str, country: str = "") -> Coverage:
    return Coverage(country, date.fromisoformat(first), date.fromisoformat(through))


YEAR = {("Mali", "Mopti"): {"2020-01": 2, "2020-03": 1, "2020-12": 5}}
COVERED = {"f": [stretch("2020-01-01", "2020-12-31")]}


def built(now: str = "2021-01-01", **keys: object) -> Built:
    return build(cells(YEAR), COVERED, watch(**keys), date.fromisoformat(now))


def test_a_covered_month_without_an_event_is_zero() -> None:
    panel = built().panel
    assert panel.counts.tolist() == [[2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5]]
    assert panel.keys == (("Mali", "Mopti"),)
    assert panel.ends.tolist() == [month("2020-12")]


def test_the_first_step_is_the_running_period_when_the_data_are_fresh() -> None:
    found = built()
    assert found.running == month("2021-01")
    assert found.steps.tolist() == [6]


def test_periods_that_are_over_but_not_covered_need_extra_steps() -> None:
    found = built(now="2021-03-10")
    assert found.running == month("2021-03")
    assert found.steps.tolist() == [8]


def test_a_period_is_over_on_its_last_day() -> None:
    found = built(now="2020-12-31")
    assert found.panel.ends.tolist() == [month("2020-12")]
    assert found.running == month("2021-01")


def test_a_period_that_is_not_over_is_open_however_far_coverage_reaches() -> None:
    found = built(now="2020-12-30")
    assert found.panel.ends.tolist() == [month("2020-11")]
    assert found.panel.opened.tolist() == [[5]]
    assert found.standing(0).opened == (5,)


def test_a_month_covered_in_part_is_open_and_one_not_covered_unknown() -> None:
    covered = {"f": [stretch("2020-01-01", "2020-12-10")]}
    found = build(cells(YEAR), covered, watch(), date(2021, 1, 15))
    assert found.panel.ends.tolist() == [month("2020-11")]
    assert found.panel.opened[0, 0] == 5
    assert np.isnan(found.panel.opened[0, 1])


def test_what_was_counted_is_shown_where_no_day_is_covered_too() -> None:
    covered = {"f": [stretch("2020-01-01", "2020-11-30")]}
    found = build(cells(YEAR), covered, watch(), date(2021, 1, 15))
    assert found.panel.ends.tolist() == [month("2020-11")]
    assert found.standing(0).opened == (5, None)


def test_a_gap_is_unknown_and_never_zero() -> None:
    covered = {"f": [stretch("2020-01-01", "2020-04-30"), stretch("2020-06-15", "2020-12-31")]}
    counts = build(cells(YEAR), covered, watch(), date(2021, 1, 1)).panel.counts[0]
    assert np.flatnonzero(np.isnan(counts)).tolist() == [4, 5], "May, and June that lacks days"


def test_the_first_month_counts_although_coverage_starts_with_its_first_event() -> None:
    covered = {"f": [stretch("2020-01-17", "2020-12-31")]}
    assert build(cells(YEAR), covered, watch(), date(2021, 1, 1)).panel.counts[0, 0] == 2


def test_series_of_different_length_are_aligned_at_the_right() -> None:
    counts = {("Mali", "Mopti"): {"2020-03": 1}, ("Niger", "Tahoua"): {"2020-11": 4}}
    covered = {
        "f": [
            stretch("2020-01-01", "2020-12-31", "Mali"),
            stretch("2020-09-01", "2020-11-30", "Niger"),
        ]
    }
    found = build(cells(counts), covered, watch(), date(2021, 1, 1))
    assert found.panel.counts[0].tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert np.isnan(found.panel.counts[1, :9]).all()
    assert found.panel.counts[1, 9:].tolist() == [0, 0, 4]
    assert found.panel.ends.tolist() == [month("2020-12"), month("2020-11")]
    assert found.steps.tolist() == [6, 7]


def test_a_country_has_its_own_coverage_whatever_its_case() -> None:
    covered = {
        "f": [stretch("2020-01-01", "2020-12-31"), stretch("2020-01-01", "2020-06-30", "MALI")]
    }
    found = build(cells(YEAR), covered, watch(), date(2021, 1, 1))
    assert found.panel.ends.tolist() == [month("2020-06")]


def test_without_a_country_in_the_key_the_feed_as_a_whole_counts() -> None:
    counts = {("IS",): {"2020-02": 3}}
    covered = {
        "f": [stretch("2020-01-01", "2020-12-31"), stretch("2020-01-01", "2020-06-30", "Mali")]
    }
    found = build(cells(counts), covered, watch(group_by=("actor",)), date(2021, 1, 1))
    assert found.panel.ends.tolist() == [month("2020-12")]


def test_with_two_feeds_a_month_is_complete_only_when_both_cover_it() -> None:
    covered = {**COVERED, "g": [stretch("2020-03-01", "2020-10-31")]}
    found = build(cells(YEAR), covered, watch(feeds=("f", "g")), date(2021, 1, 1))
    assert found.panel.counts.tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]]
    assert found.panel.ends.tolist() == [month("2020-10")]


def test_where_a_precedence_says_who_counts_the_data_reach_as_far_as_any_feed_does() -> None:
    coverage = {**COVERED, "g": [stretch("2020-02-01", "2020-10-31")]}
    both = {"feeds": ("f", "g")}
    now = date(2021, 1, 1)
    each = build(cells(YEAR), coverage, watch(**both, precedence=("g", "f")), now)
    together = build(cells(YEAR), coverage, watch(**both), now)
    assert each.panel.ends.tolist() == [month("2020-12")]
    assert each.standing(0).data_as_of == date(2020, 12, 31)
    assert together.panel.ends.tolist() == [month("2020-10")]
    assert together.standing(0).data_as_of == date(2020, 10, 31)


def test_a_feed_of_other_countries_does_not_hold_a_country_back() -> None:
    covered = {**COVERED, "g": [stretch("2020-03-01", "2020-05-31", "Chad")]}
    found = build(cells(YEAR), covered, watch(feeds=("f", "g")), date(2021, 1, 1))
    assert found.panel.ends.tolist() == [month("2020-12")]


@pytest.mark.parametrize(
    ("covered", "now", "reason"),
    [
        ({}, "2021-01-01", "no feed covers it"),
        ({"f": [stretch("2020-12-05", "2020-12-20")]}, "2021-01-01", "no complete period"),
        (COVERED, "2031-02-01", "its data end with 2020-12, too long ago to forecast from"),
    ],
)
def test_a_region_that_cannot_be_forecast_is_left_out_with_a_reason(
    covered: dict[str, list[Coverage]], now: str, reason: str
) -> None:
    found = build(cells(YEAR), covered, watch(), date.fromisoformat(now))
    assert found.left_out == {("Mali", "Mopti"): reason}
    assert len(found.panel) == 0
    assert len(found.through) == 0


def test_ten_years_after_the_data_end_is_the_last_month_that_is_forecast() -> None:
    assert built(now="2031-01-01").steps.tolist() == [126]


def test_a_region_with_too_few_events_is_left_out() -> None:
    assert built(minimum_events=8).left_out == {}
    assert built(minimum_events=9).left_out == {
        ("Mali", "Mopti"): "8 counted in all, fewer than minimum_events"
    }


def test_the_baseline_is_the_mean_of_the_twelve_months_before_the_newest() -> None:
    counts = {("Mali", "Mopti"): {f"2020-{m:02d}": m for m in range(1, 13)} | {"2021-01": 99}}
    covered = {"f": [stretch("2019-06-01", "2021-01-31")]}
    standing = build(cells(counts), covered, watch(), date(2021, 2, 1)).standing(0)
    assert standing.baseline == 6.5
    assert (standing.baseline_first, standing.baseline_last) == (month("2020-01"), month("2020-12"))
    assert standing.tempo == 99
    assert standing.newest == month("2021-01")
    assert standing.data_as_of == date(2021, 1, 31)
    assert len(standing.recent) == 20
    assert standing.recent[-2:] == (12, 99)


def test_the_baseline_skips_months_that_are_unknown() -> None:
    counts = {("Mali", "Mopti"): {"2019-01": 12, "2020-12": 3}}
    covered = {"f": [stretch("2018-12-01", "2019-01-31"), stretch("2020-03-01", "2020-12-31")]}
    standing = build(cells(counts), covered, watch(), date(2021, 1, 1)).standing(0)
    assert standing.baseline == pytest.approx(12 / 11)
    assert standing.baseline_first == month("2018-12")
    assert standing.recent[-11:-9] == (None, 0)


def test_a_series_of_one_month_has_no_baseline() -> None:
    covered = {"f": [stretch("2020-12-01", "2020-12-31")]}
    standing = build(cells(YEAR), covered, watch(), date(2021, 1, 1)).standing(0)
    assert standing.baseline is None
    assert standing.recent == (5,)


def test_weeks_run_from_monday_and_a_cut_one_is_open() -> None:
    week = Period.WEEK.of(date(2021, 1, 6))
    one = Cells([("Mali", "Mopti")], np.array([0]), np.array([week]), np.array([2]))
    covered = {"f": [stretch("2020-12-28", "2021-01-15")]}
    found = build(one, covered, watch(period="week"), date(2021, 1, 20))
    assert found.panel.counts.tolist() == [[0, 2]]
    assert found.panel.opened[0].tolist()[:1] == [0]
    assert found.running == Period.WEEK.of(date(2021, 1, 20))
