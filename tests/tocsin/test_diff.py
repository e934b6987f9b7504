"""What changed between two moments, and what it touches."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from tests.tocsin.town_by_day import TownByDay
from tocsin.asof import Replay, moment
from tocsin.commands.diff import CSV_COLUMNS, diff, write
from tocsin.config import load
from tocsin.difference import difference
from tocsin.stores import opened

RULE = {
    "at_least = 5, probability = 0.5": "at_least = 2, probability = 0.2",
    "clear_probability = 0.3": "clear_probability = 0.1",
}


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    """Two weeks of two provinces: run, revised in all ways, run again."""
    made = TownByDay(tmp_path)
    made.configure(RULE)
    for month in range(18):
        for number in range(3):
            day = f"{2023 + month // 12}-{month % 12 + 1:02d}-{5 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Calm" if number % 2 else "Storm")
    made.run("2024-07-02")
    made.events["9-1"] = ("2023-10-06", "Storm")
    made.events["9-2"] = ("2023-11-07", "Storm")
    del made.events["3-0"]
    made.events["late"] = ("2024-06-20", "Calm")
    made.run("2024-07-09")
    return made


def between(town: TownByDay, since: str, until: str) -> dict[str, Any]:
    config = load(town.config)
    stamps = moment("--from", since), moment("--to", until)
    with opened(config, None, "read", town.clock("2024-07-20")) as stores:
        return difference(stores, config.watches, *stamps, date(2024, 7, 20))


def test_rows_are_added_revised_field_by_field_and_deleted(town: TownByDay) -> None:
    (feed,) = between(town, "2024-07-02", "2024-07-09")["feeds"]
    assert (feed["added"], feed["revised"], feed["deleted"]) == (1, 2, 1)
    rows = {row["id"]: row for row in feed["changes"]}
    assert rows["9-1"]["fields"] == {"admin1": {"from": "Calm", "to": "Storm"}}
    assert rows["9-2"]["fields"] == {
        "date": {"from": "2023-10-07", "to": "2023-11-07"},
        "date_end": {"from": "2023-10-07", "to": "2023-11-07"},
    }
    assert (rows["3-0"]["kind"], rows["late"]["kind"]) == ("deleted", "added")
    assert feed["coverage"] == {"from": "2024-07-02", "to": "2024-07-09"}


def test_counts_say_from_what_to_what(town: TownByDay) -> None:
    (watch,) = between(town, "2024-07-02", "2024-07-09")["watches"]
    moved = {(c["region"], c["period"]): (c["from"], c["to"]) for c in watch["counts"]}
    assert moved == {
        ("Freedonia/Calm", "2023-10"): (1, 0),
        ("Freedonia/Storm", "2023-11"): (2, 3),
        ("Freedonia/Storm", "2023-04"): (2, 1),
        ("Freedonia/Calm", "2024-06"): (1, 2),
    }


def test_the_runs_and_alerts_that_knew_less_are_named(town: TownByDay) -> None:
    (watch,) = between(town, "2024-07-02", "2024-07-09")["watches"]
    assert [(run["run"], run["regions"]) for run in watch["runs"]] == [
        (1, ["Freedonia/Calm", "Freedonia/Storm"])
    ]
    assert {alert["region"] for alert in watch["alerts"]} <= {"Freedonia/Calm", "Freedonia/Storm"}
    assert watch["alerts"]


def test_a_run_before_the_changed_events_is_not_touched(town: TownByDay) -> None:
    town.run("2024-07-10", Replay(date(2023, 3, 31), moment("--known-at", "2024-07-02")))
    (watch,) = between(town, "2024-07-02", "2024-07-10")["watches"]
    assert [run["run"] for run in watch["runs"]] == [1]


def test_between_two_moments_without_a_pull_nothing_changed(town: TownByDay) -> None:
    found = between(town, "2024-07-03", "2024-07-08")
    assert [(f["added"], f["revised"], f["deleted"]) for f in found["feeds"]] == [(0, 0, 0)]
    assert found["watches"][0]["counts"] == []
    assert found["watches"][0]["runs"] == []


def test_what_was_changed_and_changed_back_is_no_change(town: TownByDay) -> None:
    town.events["9-1"] = ("2023-10-05", "Calm")
    town.run("2024-07-11")
    town.events["9-1"] = ("2023-10-06", "Storm")
    town.run("2024-07-12")
    assert between(town, "2024-07-09", "2024-07-11")["feeds"][0]["revised"] == 1
    assert between(town, "2024-07-09", "2024-07-12")["feeds"][0]["revised"] == 0


def test_before_the_first_pull_everything_was_added(town: TownByDay) -> None:
    (feed,) = between(town, "2020-01-01", "2024-07-09")["feeds"]
    assert (feed["added"], feed["revised"], feed["deleted"]) == (54, 0, 0)
    assert feed["coverage"]["from"] is None


def test_text_and_csv_tell_the_same_as_json(town: TownByDay) -> None:
    found = between(town, "2024-07-02", "2024-07-09")
    texts = {}
    for form in ("text", "csv", "json"):
        out = io.StringIO()
        write(found, form, out)
        texts[form] = out.getvalue()
    assert json.loads(texts["json"]) == found
    assert "tracker: 1 added, 2 revised, 1 deleted" in texts["text"]
    assert "revised 9-1 (2023-10-06): admin1 Calm → Storm" in texts["text"]
    assert "Freedonia/Storm 2023-11: 2 → 3" in texts["text"]
    assert "run 1 (cut-off 2024-07-02, live): Freedonia/Calm, Freedonia/Storm" in texts["text"]
    lines = list(csv.reader(io.StringIO(texts["csv"])))
    assert tuple(lines[0]) == CSV_COLUMNS
    assert ["revised", "tracker", "9-1", "", "2023-10-06", "admin1", "Calm", "Storm"] in lines
    assert ["count", "provinces", "", "Freedonia/Calm", "2024-06", "count", "1", "2"] in lines


def test_a_hostile_name_is_harmless_in_text_and_csv(tmp_path: Path) -> None:
    town = TownByDay(tmp_path)
    town.configure()
    town.events = {"=cmd()": ("2024-05-05", "Calm"), "b": ("2024-06-05", "Calm")}
    town.run("2024-07-02")
    town.events["=cmd()"] = ("2024-05-05", "@SUM(A1)\x1b[2J")
    town.run("2024-07-09")
    for form in ("text", "csv"):
        out = io.StringIO()
        write(between(town, "2024-07-02", "2024-07-09"), form, out)
        assert "\x1b" not in out.getvalue()
    cells = [cell for row in csv.reader(io.StringIO(out.getvalue())) for cell in row]
    assert not any(cell.startswith(("=", "@")) for cell in cells)


def test_the_command_prints_it_and_refuses_moments_in_the_wrong_order(
    town: TownByDay, capsys: pytest.CaptureFixture[str]
) -> None:
    window = ("2024-07-02", "2024-07-09")
    assert diff(town.config, None, window, "provinces", form="text", raw=False) == []
    assert "watch provinces: 4 counts changed" in capsys.readouterr().out
    with pytest.raises(InputError, match="is not before"):
        diff(town.config, None, window[::-1], None, form="text", raw=False)
    with pytest.raises(InputError, match="no watch is called 'provnces'"):
        diff(town.config, None, window, "provnces", form="text", raw=False)
