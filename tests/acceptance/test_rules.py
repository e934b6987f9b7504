"""`tocsin rules`: the real program tells what rules would have rung."""

from __future__ import annotations

import csv
import io
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.shown import made_replay, written_replay
from tests.acceptance.town import RISING, Town
from tocsin.rule_output import CSV_COLUMNS

DAYS = ("--from", "2023-01-31", "--to", "2024-06-30")
SHORT = ("--from", "2024-02-01")
REPLAY = ("rules", "replay", "--watch", "provinces", "--rule", "tempo", *DAYS)
SUGGEST = ("rules", "suggest", "--watch", "provinces", "--alerts-per-month", "0.1")
SURGES = [1, 0, 2, 1, 6, 7, 6, 0, 1, 0] * 3


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town that has run once; tests that configure it anew take a copy."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.configure()
    town.record({"Calm": [0, 1, 0, 0, 1] * 6, "Storm": RISING, '=cmd"|x': SURGES})
    assert town.tocsin("run").code == 0
    return town


@pytest.fixture(scope="module")
def replayed(ready: Town) -> Any:
    answer = ready.tocsin(*REPLAY, "--format", "json")
    assert answer.code == 0, answer.err
    return answer.data


@pytest.fixture(scope="module")
def suggested(ready: Town) -> Any:
    answer = ready.tocsin(*SUGGEST, "--format", "json")
    assert answer.code == 0, answer.err
    return answer.data


@pytest.fixture
def own(ready: Town, tmp_path: Path) -> Town:
    for name in ("config.toml", "incidents.csv", "tocsin.db"):
        shutil.copy(ready.folder / name, tmp_path / name)
    return Town(tmp_path)


def test_a_replay_counts_every_alert_and_event_once_and_lists_what_rang(replayed: Any) -> None:
    found = replayed
    assert (found["evaluations"], found["regions"]) == (18, 3)
    assert found["clock"] == "event-date"
    assert "by event date, with today's revised data" in found["label"]
    (level,) = found["levels"]
    for rule in ("forecast", "naive"):
        skill = level[rule]
        assert skill["alerts"] == sum(skill[k] for k in ("came_true", "false_alarms", "undecided"))
        assert skill["events"] == skill["hits"] + skill["misses"]
        assert skill["precision"]["n"] == skill["came_true"] + skill["false_alarms"]
        assert skill["recall"]["n"] == skill["events"]
    assert level["naive"]["events"] == level["forecast"]["events"] > 0
    assert len(found["alerts"]) == level["forecast"]["alerts"] > 0
    assert {one["outcome"] for one in found["alerts"]} <= {"came true", "false alarm", "undecided"}
    assert [one["rang"] for one in found["alerts"]] == sorted(o["rang"] for o in found["alerts"])


def test_the_rule_itself_is_a_point_of_its_curve(replayed: Any) -> None:
    found = replayed
    named = {"at_least", "rule", "probability"}
    point = next(
        p for p in found["curve"]
        if p["at_least"] == "5" and p["rule"] == "forecast" and p["probability"] == 0.5
    )  # fmt: skip
    assert {k: v for k, v in point.items() if k not in named} == found["levels"][0]["forecast"]
    assert {p["rule"] for p in found["curve"]} == {"forecast", "naive"}


def test_a_replay_agrees_with_runs_asked_for_one_by_one(own: Town, replayed: Any) -> None:
    """What it says rang at the end of a month is what `run --as-of` that day rings."""
    first = next(one for one in replayed["alerts"] if "Storm" in one["region"])
    own.tocsin("run", "--as-of", first["rang"])
    (sheet,) = own.tocsin("table", "--as-of", first["rang"], "--format", "json").data
    (row,) = [row for row in sheet["regions"] if row["region"] == first["region"]]
    (reading,) = row["rules"]
    assert reading["probability"] == pytest.approx(first["probability"], abs=0.002)
    assert reading["at_least"] == first["threshold"]


def test_the_text_says_clock_event_and_interval_and_the_csv_has_a_line_per_point(
    ready: Town,
) -> None:
    text = ready.tocsin(*REPLAY, *SHORT).out
    for told in ("Clock: by event date", "Event to warn of: a month at or above the line",
                 "95 % interval", "naive", "median lead time, days"):  # fmt: skip
        assert told in text
    rows = list(csv.reader(io.StringIO(ready.tocsin(*REPLAY, *SHORT, "--format", "csv").out)))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert all(len(row) == len(CSV_COLUMNS) for row in rows)
    assert {row[0] for row in rows[1:]} == {"level", "curve"}


def test_two_levels_are_shown_together_and_alone(own: Town) -> None:
    config = own.folder / "config.toml"
    elevated = 'levels = [{ severity = "elevated", at_least = { times_baseline = 2, minimum = 3 }'
    text = config.read_text(encoding="utf-8")
    text = text.replace("levels = [", f"{elevated}, probability = 0.4 }}, ")
    config.write_text(text, encoding="utf-8")
    found = own.tocsin(*REPLAY, *SHORT, "--format", "json").data
    assert [level["level"] for level in found["levels"]] == ["all levels", "elevated", "severe"]
    assert found["levels"][1]["at_least"] == "2 × baseline, at least 3"
    assert len(found["alerts"]) == found["levels"][0]["forecast"]["alerts"]


def test_without_quiet_every_period_at_the_line_is_an_event(ready: Town, replayed: Any) -> None:
    every = ready.tocsin(*REPLAY, "--quiet", "0", "--models", "conflictology", "--format", "json")
    assert every.data["quiet"] == 0
    counts = [found["levels"][0]["forecast"]["events"] for found in (every.data, replayed)]
    assert counts[0] > counts[1] > 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("--rule", "tempi"), "no rule on forecasts of watch 'provinces' is called 'tempi'"),
        (("--watch", "province"), "no watch is called 'province'"),
        (("--clock", "known-then"), "--clock known-then: nothing is known of 2023-01-31"),
        (("--models", "prophecy"), "no model is called 'prophecy'"),
        (("--to", "2030-01-01"), "--to: 2030-01-01 lies ahead"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(
    ready: Town, change: tuple[str, str], told: str
) -> None:
    answer = ready.tocsin(*REPLAY, *change)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_suggestion_rings_about_as_often_as_asked_and_says_what(
    ready: Town, suggested: Any
) -> None:
    count, baseline = suggested["suggestions"]
    for each in (count, baseline):
        assert len(each["alerts_listed"]) == each["alerts"] > 0
        if each["near"]:
            assert 0.1 / 1.25 <= each["alerts_a_month"]["value"] <= 0.1 * 1.25
    assert "×" in baseline["at_least"]
    rows = list(csv.reader(io.StringIO(ready.tocsin(*SUGGEST, "--format", "csv").out)))
    assert len(rows) == 1 + count["alerts"] + baseline["alerts"]
    hostile = [row[1] for row in rows if "cmd" in row[1]]
    assert all(not cell.startswith("=") for cell in hostile)


def test_the_text_of_a_suggestion_is_a_configuration_to_paste(own: Town) -> None:
    told = own.tocsin(*SUGGEST, *SHORT).out
    rules = tomllib.loads(told)["rules"]
    assert [rule["name"] for rule in rules] == [
        "provinces-suggested-count",
        "provinces-suggested-baseline",
    ]
    config = own.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + "\n" + told, encoding="utf-8")
    assert own.tocsin("config", "check").code == 0


def test_a_pasted_suggestion_replays_as_it_was_suggested(own: Town, suggested: Any) -> None:
    config = own.folder / "config.toml"
    pasted = "\n".join(each["toml"] for each in suggested["suggestions"])
    config.write_text(config.read_text(encoding="utf-8") + "\n" + pasted, encoding="utf-8")
    days = ("--from", suggested["from"], "--to", suggested["to"], "--format", "json")
    for each in suggested["suggestions"]:
        name = tomllib.loads(each["toml"])["rules"][0]["name"]
        found = own.tocsin("rules", "replay", "--watch", "provinces", "--rule", name, *days).data
        assert found["alerts"] == each["alerts_listed"]


def test_lines_over_totals_are_suggested_where_the_watch_adds_up(own: Town) -> None:
    of_totals = (*SUGGEST, "--of", "totals")
    refused = own.tocsin(*of_totals)
    assert refused.code == 2
    assert "adds nothing up" in refused.err
    assert 'totals = ["*"]' in refused.err
    config = own.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("horizon =", 'totals = ["*"]\nhorizon =', 1), encoding="utf-8")
    found = own.tocsin(*of_totals, "--format", "json").data
    assert (found["of"], found["regions"]) == ("totals", 1)
    rung = [one for each in found["suggestions"] for one in each["alerts_listed"]]
    assert {one["region"] for one in rung} == {"Freedonia"}
    pasted = "\n".join(each["toml"] for each in found["suggestions"])
    rules = tomllib.loads(pasted)["rules"]
    assert {(rule["of"], rule["name"].rsplit("-", 1)[0]) for rule in rules} == {
        ("totals", "provinces-totals-suggested")
    }
    config.write_text(config.read_text(encoding="utf-8") + "\n" + pasted, encoding="utf-8")
    assert own.tocsin("config", "check").code == 0


def test_a_pace_that_nothing_reaches_is_called_the_nearest(ready: Town) -> None:
    args = ("rules", "suggest", "--watch", "provinces", "--alerts-per-month", "50")
    assert "the nearest to 50 that was found" in ready.tocsin(*args, *SHORT).out


def test_an_empty_database_is_told_to_run_first(town: Town, tmp_path: Path) -> None:
    (tmp_path / "incidents.csv").write_text("id,date,country,province\n", encoding="utf-8")
    town.tocsin("run")
    answer = town.tocsin(*REPLAY)
    assert answer.code in {2, 3}
    assert len(answer.err.splitlines()) == 1


def test_the_page_on_alerts_shows_what_the_program_prints(tmp_path: Path) -> None:
    """`make docs` rewrites the page when the program prints another."""
    assert made_replay(tmp_path) == written_replay()
