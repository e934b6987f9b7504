"""`tocsin rules check`: every rule's reading of the newest run, with owner and review date."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.acceptance.town import QUIET, RISING, SCREEN, Town

MORE = """
[[rules]]
name = "record"
watch = "provinces"
levels = [
  { severity = "severe", at_least = { record = true, minimum = 50 }, probability = 0.9 },
]
clear_probability = 0.3
owner = "=desk"
review_by = 2024-01-31

[[rules]]
name = "seen"
watch = "provinces"
on = "observed"
levels = [{ severity = "severe", at_least = { chance = 0.01, minimum = 4 } }]
"""


def asking(folder: Path) -> Town:
    town = Town(folder)
    town.configure(SCREEN + MORE)
    town.record({"Calm": QUIET, "Storm": [*RISING[:-1], 60]})
    return town


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town whose rules have been read in one run."""
    town = asking(tmp_path_factory.mktemp("town"))
    assert town.tocsin("run").code == 0
    return town


def test_before_the_first_run_every_rule_says_that_there_is_none(tmp_path: Path) -> None:
    town = asking(tmp_path)
    assert town.tocsin("pull").code == 0
    answer = town.tocsin("rules", "check")
    assert answer.code == 0, answer.err
    assert answer.out.count("its watch has no run yet") == 3


def test_every_rule_says_what_it_would_do_and_changes_nothing(asked: Town) -> None:
    before = asked.tocsin("table", "--format", "json").out
    answer = asked.tocsin("rules", "check", "--watch", "provinces")
    assert answer.code == 0, answer.err
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert any(line.startswith("RINGS severe in") and "Storm: 5 or more" in line for line in lines)
    assert any("REVIEW WAS DUE ON 2024-01-31" in line and "owner =desk" in line for line in lines)
    assert asked.tocsin("table", "--format", "json").out == before


def test_json_and_csv_hold_every_region_of_every_rule(asked: Town) -> None:
    rules = asked.tocsin("rules", "check", "--format", "json").data
    assert [(one["rule"], one["on"], one["review_due"]) for one in rules] == [
        ("tempo", "forecast", False),
        ("record", "forecast", True),
        ("seen", "observed", False),
    ]
    assert {len(one["readings"]) for one in rules} == {2}
    rows = list(csv.DictReader(io.StringIO(asked.tocsin("rules", "check", "--format", "csv").out)))
    assert len(rows) == 6
    assert {row["owner"] for row in rows} == {"", "'=desk"}
    readings = {(r["rule"], r["region"]): r for one in rules for r in one["readings"]}
    storm = next(key for key in readings if key[0] == "tempo" and "Storm" in key[1])
    assert readings[storm]["rings"] is True
    assert readings[storm]["alert"] == "severe, firing"


def test_the_table_shows_the_thresholds_that_the_run_was_read_with(asked: Town) -> None:
    (sheet,) = asked.tocsin("table", "--format", "json").data
    shown = {
        (rule["rule"], row["region"]): (rule["at_least"], rule["probability"])
        for row in sheet["regions"]
        for rule in row["rules"]
    }
    rules = asked.tocsin("rules", "check", "--format", "json").data
    checked = {
        (one["rule"], r["region"]): (r["at_least"], r["probability"])
        for one in rules
        if one["on"] == "forecast"
        for r in one["readings"]
    }
    assert shown == checked
    assert shown["record", "Freedonia/Storm"][0] == 61


def test_a_review_that_is_due_is_told_by_doctor_and_config_check(asked: Town) -> None:
    line = "rule record: its review was due on 2024-01-31; =desk answers for it"
    assert line in asked.tocsin("config", "check").out
    assert line in asked.tocsin("doctor").out


def test_what_has_happened_rings_by_the_same_way_as_a_forecast(asked: Town) -> None:
    shown = asked.tocsin("rules", "check").out
    assert "alert now: severe, firing" in shown.split("seen: on = 'observed'")[1]
