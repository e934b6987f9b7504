"""Complete, open and unknown periods, and late reports, as the table shows them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.tocsin.town_by_day import TownByDay


def table(town: TownByDay, form: str, today: str) -> str:
    out = io.StringIO()
    town.table(form, out, today)
    return out.getvalue()


def region(town: TownByDay, today: str) -> dict[str, Any]:
    (sheet,) = json.loads(table(town, "json", today))
    return dict(sheet["regions"][0])


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    """Events on the 10th and 20th of every month of two years, and one in the running month."""
    made = TownByDay(tmp_path)
    made.configure(
        {'covered_through = "pull"': 'covered_through = "pull"\ngaps = [[2023-09-15, 2023-10-31]]'}
    )
    for month in range(30):
        for number, day in enumerate((10, 20)):
            made.events[f"{month}-{number}"] = (
                f"{2022 + month // 12}-{month % 12 + 1:02d}-{day}", "Storm",
            )  # fmt: skip
    return made


def test_a_gap_is_null_an_unfinished_month_open_and_its_forecast_says_so(town: TownByDay) -> None:
    town.run("2024-06-15")
    found = region(town, "2024-06-15")
    recent = {point["period"]: (point["count"], point["status"]) for point in found["recent"]}
    assert recent["2023-08"] == (2, "complete")
    assert recent["2023-09"] == recent["2023-10"] == (None, "unknown")
    assert recent["2024-05"] == (2, "complete")
    assert found["reported_so_far"] == [{"period": "2024-06", "count": 1, "status": "open"}]
    steps = [(s["period"], s["reported"], s["coverage"]) for s in found["forecast"]]
    assert steps == [
        ("2024-06", 1, "open"),
        ("2024-07", None, "unknown"),
        ("2024-08", None, "unknown"),
    ]
    assert found["data_as_of"] == "2024-06-15"


def test_text_and_csv_show_it_too(town: TownByDay) -> None:
    town.run("2024-06-15")
    text = table(town, "text", "2024-06-15")
    assert "So far" in text
    assert "2024-06: 1" in text
    assert "··" in text
    assert "· in the last 12: no source covers that month." in text
    assert "not corrected: 0 of 6 past months seen to learn the delay" in text
    lines = list(csv.DictReader(io.StringIO(table(town, "csv", "2024-06-15"))))
    assert [(line["period"], line["reported"], line["coverage"]) for line in lines] == [
        ("2024-06", "1", "open"), ("2024-07", "", "unknown"), ("2024-08", "", "unknown"),
    ]  # fmt: skip
    assert {line["tempo_expected"] for line in lines} == {""}


def test_months_that_are_over_but_not_covered_are_unknown(town: TownByDay) -> None:
    town.configure({'covered_through = "pull"': "covered_through = 2024-04-30"})
    town.run("2024-06-15")
    steps = [
        (s["period"], s["status"], s["coverage"]) for s in region(town, "2024-06-15")["forecast"]
    ]
    assert steps[:2] == [
        ("2024-05", "expected, not yet reported", "open"),
        ("2024-06", "forecast", "open"),
    ]


@pytest.fixture
def tardy(tmp_path: Path) -> TownByDay:
    """A source that reports 7 of 10 events of a month by its end, the others a month later."""
    made = TownByDay(tmp_path)
    made.configure()
    for month in range(32):
        for number in range(10):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{3 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Storm")
    everything = dict(made.events)
    for month in range(22, 32):
        first = f"{2022 + month // 12}-{month % 12 + 1:02d}-02"
        made.events = {
            name: event
            for name, event in everything.items()
            if int(name.split("-")[0]) < month - 1
            or (int(name.split("-")[0]) == month - 1 and int(name.split("-")[1]) < 7)
        }
        made.run(first)
    return made


def test_late_reports_are_learned_and_the_newest_month_is_completed(tardy: TownByDay) -> None:
    found = region(tardy, "2024-08-02")
    (newest,) = [one for one in found["expected_when_complete"] if one["period"] == "2024-07"]
    assert newest["reported"] == found["tempo"]["count"] == 7
    assert newest["low_90"] <= 10 <= newest["high_90"]
    assert newest["median"] in {9, 10, 11}
    text = table(tardy, "text", "2024-08-02")
    assert f"2024-07: 7 → {newest['median']} (" in text
    assert "Late reports: corrected, as learned from 9 past months." in text
    line = next(csv.DictReader(io.StringIO(table(tardy, "csv", "2024-08-02"))))
    assert (line["tempo"], line["tempo_expected"]) == ("7", str(newest["median"]))
    assert found["forecast"][0]["mean"] == pytest.approx(10, abs=1.5)
