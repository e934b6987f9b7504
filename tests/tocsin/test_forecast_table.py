"""The rows of the forecast table."""

from dataclasses import replace
from datetime import date

from core.alerts import Alert, AlertState
from core.regions import RegionKey
from core.series import LevelSince
from tests.tocsin.sheets_of import OCTOBER, RULE, WATCH, result
from tocsin.forecast_table import Beside, name_of, rows_of, threat

KABUL: RegionKey = ("Kabul",)
HERAT: RegionKey = ("Herat",)
TODAY = date(2022, 10, 3)
BESIDE = Beside(WATCH, [RULE], TODAY)


def alert(region: RegionKey) -> Alert:
    return Alert(
        "al_1", "live", "provinces", "tempo", region, AlertState.FIRING, "severe", 1, 0,
        date(2022, 9, 30), 3, 1.5, "attacks", "2022-10-01T06:00:00.000000Z", "s",
    )  # fmt: skip


def test_a_row_says_what_was_counted_what_is_expected_and_how_old_the_data_are() -> None:
    (row,) = rows_of(result([KABUL], [[2.0, 3.0]]), BESIDE)
    assert row["region"] == "Kabul"
    assert row["recent"] == [
        {"period": "2022-07", "count": None, "status": "unknown"},
        {"period": "2022-08", "count": 2, "status": "complete"},
        {"period": "2022-09", "count": 4, "status": "complete"},
    ]
    assert row["tempo"] == {"period": "2022-09", "count": 4}
    assert row["baseline"] == {"mean": 1.5, "from": "2021-09", "to": "2022-08"}
    assert (row["data_as_of"], row["data_age_days"]) == ("2022-09-30", 3)
    first, second = row["forecast"]
    assert (first["period"], first["start"], first["end"]) == (
        "2022-10",
        "2022-10-01",
        "2022-10-31",
    )
    assert (first["low_90"], first["median"], first["high_90"]) == (0, 1, 7)
    assert first["mean"] == 2.0
    assert second["horizon"] == 2
    assert row["models"] == [
        {"model": "dynamic-count", "weight": 0.75},
        {"model": "conflictology", "weight": 0.25},
    ]


def test_a_row_says_since_when_its_level_holds_where_it_changed() -> None:
    made = result([KABUL, HERAT], [[2.0, 3.0]] * 2)
    shifted = made.standings[0]._replace(since=LevelSince(OCTOBER - 12, 3.456, 0.8049))
    made = replace(made, standings=(shifted, made.standings[1]))
    kabul, herat = rows_of(made, BESIDE)
    assert kabul["level_since"] == {"period": "2021-10", "mean": 3.46, "probability": 0.8}
    assert kabul["baseline"] == herat["baseline"], "the baseline keeps its definition"
    assert herat["level_since"] is None


def test_periods_that_are_over_but_not_reported_are_named_so_and_the_horizon_stays() -> None:
    made = result([KABUL], [[2.0] * 4], newest=OCTOBER - 3)
    (row,) = rows_of(made, BESIDE)
    assert [(step["period"], step["status"]) for step in row["forecast"]] == [
        ("2022-08", "expected, not yet reported"),
        ("2022-09", "expected, not yet reported"),
        ("2022-10", "forecast"),
        ("2022-11", "forecast"),
    ]


def test_the_change_is_that_of_the_running_period_since_the_run_before() -> None:
    made = result([KABUL, HERAT], [[2.0, 3.0], [1.0, 1.0]])
    before = {(KABUL, OCTOBER): 1.25}
    kabul, herat = rows_of(made, replace(BESIDE, previous=before))
    assert kabul["change_since_last_run"] == {
        "period": "2022-10",
        "before": 1.25,
        "difference": 0.75,
    }
    assert herat["change_since_last_run"] is None


def test_each_rule_shows_its_threshold_and_how_likely_it_is() -> None:
    (row,) = rows_of(result([KABUL], [[2.0, 3.0]]), BESIDE)
    (reading,) = row["rules"]
    assert (reading["rule"], reading["severity"], reading["at_least"]) == ("tempo", "severe", 3)
    assert reading["rings_at"] == 0.5
    assert 0.296 < reading["probability"] < 0.296 + 0.42  # one month alone; both if independent


def test_open_alerts_come_first_then_the_likeliest() -> None:
    made = result([HERAT, KABUL, ("Quiet",)], [[1.0, 1.0], [5.0, 5.0], [0.1, 0.1]])
    rows = list(rows_of(made, replace(BESIDE, alerts=[alert(("Quiet",))])))
    assert [row["region"] for row in sorted(rows, key=threat)] == ["Quiet", "Kabul", "Herat"]
    assert next(row for row in rows if row["alert"])["alert"]["state"] == "firing"


def test_all_open_alerts_of_a_region_are_told_the_one_to_look_at_first_in_front() -> None:
    severe, mild = alert(KABUL), replace(alert(KABUL), alert_id="al_0", severity="elevated")
    pending = replace(alert(KABUL), alert_id="al_2", state=AlertState.PENDING)
    made = result([KABUL, HERAT], [[5.0, 5.0]] * 2)
    kabul, herat = rows_of(made, Beside(WATCH, [], TODAY, [mild, pending, severe]))
    assert [one["id"] for one in kabul["alerts"]] == ["al_1", "al_2", "al_0"]
    assert kabul["alert"] == kabul["alerts"][0]
    assert (herat["alert"], herat["alerts"]) == (None, [])


def test_totals_lead_and_only_rules_on_totals_read_them() -> None:
    watch = WATCH.model_copy(update={"group_by": ("country", "admin1")})
    regions = result([("A", "x"), ("A", "y")], [[9.0, 9.0]] * 2)
    total = replace(result([("A",)], [[1.0, 1.0]]), total=True)
    whole = RULE.model_copy(update={"name": "country", "of": "totals"})
    beside = Beside(watch, [RULE, whole], TODAY)
    rows = [row for one in (regions, total) for row in rows_of(one, beside)]
    first, *others = sorted(rows, key=threat)
    assert (first["region"], first["total"], name_of(first)) == ("A", True, "A (total)")
    assert [one["rule"] for one in first["rules"]] == ["country"]
    assert {one["rule"] for row in others for one in row["rules"]} == {"tempo"}
    assert not any(row["total"] for row in others)


def test_a_rule_may_name_its_regions() -> None:
    named = RULE.model_copy(update={"region": "K*"})
    rows = rows_of(result([KABUL, HERAT], [[5.0, 5.0]] * 2), replace(BESIDE, rules=[named]))
    assert [len(row["rules"]) for row in rows] == [1, 0]
