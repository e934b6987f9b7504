"""A row of the forecast table as a chart: the same numbers, and nothing that they do not say."""

from datetime import date
from typing import Any

from core.periods import Period
from tests.tocsin.sheets_of import poisson_like, sheet
from tocsin.forecast_table import Row
from tocsin.region_fan import fan_of, with_quartiles

LAW = poisson_like([[2.0, 3.0]])


def row(**changes: Any) -> Row:
    (made,) = sheet(["Borno"]).rows
    return {**made, **changes}


def test_counts_forecasts_and_lines_are_those_of_the_row() -> None:
    made = row()
    steps = with_quartiles(made["forecast"], LAW)
    fan = fan_of(made, steps, "simulated data")
    assert fan is not None
    assert (fan.title, fan.unit, fan.per, fan.note) == (
        *("Borno", "attacks", Period.MONTH, "simulated data"),
    )
    assert [(one.label, one.count) for one in fan.counted] == [
        *(("2022-07", None), ("2022-08", 2), ("2022-09", 4)),
    ]
    assert [one.label for one in fan.forecast] == ["2022-10", "2022-11"]
    assert fan.forecast[0].first == date(2022, 10, 1)
    assert [one.high_90 for one in fan.forecast] == [one["high_90"] for one in made["forecast"]]
    assert [(line.label, line.count) for line in fan.thresholds] == [("severe", 3)]
    assert fan.baseline == 1.5
    assert fan.level_since is None


def test_known_dates_of_the_window_are_marked() -> None:
    known = {"name": "Eid", "first": "2022-10-03", "last": "2022-10-05", "words": "Eid 3–5 October"}
    made = row(known_dates=[known])
    fan = fan_of(made, with_quartiles(made["forecast"], LAW), "")
    assert fan is not None
    assert [(one.label, one.first, one.last) for one in fan.marks] == [
        ("Eid", date(2022, 10, 3), date(2022, 10, 5))
    ]


def test_quartiles_lie_within_the_90_percent_interval() -> None:
    for step in with_quartiles(row()["forecast"], LAW):
        assert step["low_90"] <= step["low_50"] <= step["median"] <= step["high_50"]
        assert step["high_50"] <= step["high_90"]


def test_a_period_whose_reports_still_come_in_is_not_drawn_as_complete() -> None:
    late = {"period": "2022-09", "reported": 4, "median": 6, "low_90": 4, "high_90": 9}
    so_far = [{"period": "2022-10", "count": 1, "status": "open"}]
    made = row(expected_when_complete=[late], reported_so_far=so_far)
    fan = fan_of(made, with_quartiles(made["forecast"], LAW), "")
    assert fan is not None
    assert [one.label for one in fan.counted] == ["2022-07", "2022-08"]
    assert [(one.label, one.reported, one.median) for one in fan.incomplete] == [
        *(("2022-09", 4, 6), ("2022-10", 1, None)),
    ]


def test_the_level_since_a_change_is_drawn_from_its_first_day() -> None:
    since = {"period": "2021-10", "mean": 2.5, "probability": 0.8}
    made = row(level_since=since)
    fan = fan_of(made, with_quartiles(made["forecast"], LAW), "")
    assert fan is not None
    assert fan.level_since is not None
    assert (fan.level_since.first, fan.level_since.mean) == (date(2021, 10, 1), 2.5)


def test_the_threshold_of_a_total_stands_for_no_single_period() -> None:
    (level,) = row()["rules"]
    for aggregate, within, drawn in (("total", 2, 0), ("total", 1, 1), ("any", 2, 1)):
        made = row(rules=[{**level, "aggregate": aggregate, "within": within}])
        fan = fan_of(made, with_quartiles(made["forecast"], LAW), "")
        assert fan is not None
        assert len(fan.thresholds) == drawn


def test_without_a_forecast_there_is_no_chart() -> None:
    assert fan_of(row(forecast=[]), [], "") is None
