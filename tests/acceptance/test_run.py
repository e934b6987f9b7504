"""The main job, end to end, with the real program."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

from tests.acceptance.town import PROGRAM, QUIET, RISING, Town

ROOT = Path(__file__).resolve().parents[2]


def rows(town: Town, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(town.folder / "tocsin.db") as connection:
        return connection.execute(sql).fetchall()


def test_the_shipped_configuration_ends_with_table_alert_and_database(town: Town) -> None:
    shutil.copy(ROOT / "config.toml", town.folder / "config.toml")
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    table, alerts = answer.out.index("Region"), answer.out.index("ELEVATED")
    assert table < alerts < answer.out.rindex("Database: ")
    assert answer.out.rstrip().endswith(str(town.folder / "tocsin.db"))
    assert "SIMULATED DATA" in answer.out.splitlines()[0]
    assert answer.out.count("*** SIMULATED DATA") >= 1


def test_a_run_rings_where_the_tempo_rises_and_not_where_it_is_calm(town: Town) -> None:
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    assert "Freedonia/Storm" in answer.out.split("What", 1)[1]
    assert "Where        Freedonia/Calm" not in answer.out
    assert "To do        Call the field office." in answer.out
    assert rows(town, "SELECT region, state FROM alerts") == [("Freedonia/Storm", "firing")]


def test_alerts_go_out_even_where_nobody_takes_the_table(town: Town) -> None:
    """A reader that went away, or a full disk behind a log, must not hold back a warning."""
    town.record({f"Storm {n}": RISING for n in range(40)})
    town.configure('[[channels]]\nname = "log"\nkind = "file"\npath = "told.jsonl"\n'
                   '[[routes]]\nchannels = ["log"]')  # fmt: skip
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(PROGRAM), "run", "--format", "json"],
            cwd=town.folder, stdout=full, stderr=subprocess.PIPE, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert rows(town, "SELECT state, count(*) FROM outbox GROUP BY 1") == [("delivered", 1)]


def test_a_second_run_adds_nothing_and_sends_nothing(town: Town) -> None:
    town.tocsin("run")
    before = rows(town, "SELECT count(*) FROM forecasts UNION ALL SELECT count(*) FROM outbox")
    again = town.tocsin("run")
    assert again.code == 0
    assert "What " not in again.out
    assert "nothing new came in; run 1" in again.out
    sql = "SELECT count(*) FROM forecasts UNION ALL SELECT count(*) FROM outbox"
    assert rows(town, sql) == before
    assert rows(town, "SELECT status FROM pulls ORDER BY pull_id") == [("new",), ("same",)]


def test_the_table_as_json_holds_what_it_promises(town: Town) -> None:
    town.tocsin("run")
    (sheet,) = town.tocsin("table", "--format", "json").data
    assert (sheet["watch"], sheet["unit"], sheet["cutoff"]) == (
        "provinces", "attacks", "2024-07-01",
    )  # fmt: skip
    storm, calm = sheet["regions"]
    assert (storm["region"], calm["region"]) == ("Freedonia/Storm", "Freedonia/Calm")
    assert [point["count"] for point in storm["recent"]] == RISING[-24:]
    assert storm["tempo"] == {"period": "2024-06", "count": 12}
    assert storm["baseline"]["mean"] == round(sum(RISING[-13:-1]) / 12, 2)
    assert [step["period"] for step in storm["forecast"]] == ["2024-07", "2024-08", "2024-09"]
    for region in sheet["regions"]:
        for step in region["forecast"]:
            assert 0 <= step["low_90"] <= step["median"] <= step["high_90"]
            assert isinstance(step["median"], int)
            assert step["status"] == "forecast"
        assert abs(sum(model["weight"] for model in region["models"]) - 1) < 0.02
        assert region["data_as_of"] == "2024-06-30"
    (rule,) = storm["rules"]
    assert rule["rule"] == "tempo"
    assert rule["probability"] >= rule["rings_at"] == 0.5
    assert storm["alert"]["state"] == "firing"
    assert calm["alert"] is None
    assert storm["change_since_last_run"] is None


def test_the_table_as_csv_has_a_line_per_region_and_horizon_and_no_formula(town: Town) -> None:
    town.record({"=cmd+1!A0": QUIET, "+Storm": RISING})
    town.configure(change={'group_by = ["country", "admin1"]': 'group_by = ["admin1"]'})
    town.tocsin("run")
    lines = list(csv.DictReader(io.StringIO(town.tocsin("table", "--format", "csv").out)))
    assert len(lines) == 2 * 3
    assert {line["region"] for line in lines} == {"'=cmd+1!A0", "'+Storm"}
    assert all(not cell.startswith(("=", "+", "@")) for line in lines for cell in line.values())
    raw = list(csv.DictReader(io.StringIO(town.tocsin("table", "--format", "csv", "--raw").out)))
    assert {line["region"] for line in raw} == {"=cmd+1!A0", "+Storm"}


def test_new_months_make_a_new_run_that_tells_what_changed(town: Town) -> None:
    town.tocsin("run")
    town.record({"Calm": [*QUIET, 1], "Storm": [*RISING, 14]})
    change = {"2024-07-01": "2024-08-01", "2024-06-30": "2024-07-31"}
    town.configure(change=change)
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    assert "tracker: 15 new, 0 revised, 0 deleted" in answer.out
    (sheet,) = town.tocsin("table", "--format", "json").data
    assert sheet["regions"][0]["change_since_last_run"]["period"] == "2024-08"
    assert "What " not in answer.out.split("run 2")[0].split("Region")[0]


def test_an_alert_is_resolved_on_new_quiet_months_and_not_before(town: Town) -> None:
    town.tocsin("run")
    town.record({"Calm": [*QUIET, *[0] * 10], "Storm": [*RISING, *[0] * 10]})
    town.configure(change={"2024-07-01": "2025-05-01", "2024-06-30": "2025-04-30"})
    resolved = town.tocsin("run")
    assert "RESOLVED" in resolved.out.upper()
    states = rows(town, "SELECT state FROM alerts")
    assert states == [("resolved",)]
    reasons = rows(town, "SELECT reason FROM alert_events ORDER BY sequence")
    assert reasons == [("crossed_enough_runs",), ("cleared",), ("did_not_come_true",)]


def test_a_replay_pulls_nothing_sends_nothing_and_says_what_it_is(town: Town) -> None:
    town.tocsin("run")
    replay = town.tocsin("run", "--as-of", "2023-12-31")
    assert replay.code == 0, replay.err
    assert "REPLAY AS OF 2023-12-31, BY EVENT DATE, WITH TODAY'S REVISED DATA" in replay.out
    assert rows(town, "SELECT count(*) FROM pulls") == [(1,)]
    assert rows(town, "SELECT count(*) FROM outbox") == [(1,)]
    (sheet,) = town.tocsin("table", "--as-of", "2023-12-31", "--format", "json").data
    assert sheet["regions"][0]["tempo"]["period"] == "2023-12"
    assert "replay as of 2023-12-31" in sheet["label"]
    (live,) = town.tocsin("table", "--format", "json").data
    assert live["cutoff"] == "2024-07-01"


def test_a_replay_on_an_empty_database_says_what_to_do(town: Town) -> None:
    answer = town.tocsin("run", "--as-of", "2023-12-31")
    assert answer.code == 2
    assert "holds no incidents yet; run once without --as-of" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_feed_that_fails_later_costs_only_itself_and_the_exit_code_says_so(town: Town) -> None:
    town.tocsin("run")
    (town.folder / "incidents.csv").write_bytes(b"PK\x03\x04 not a table")
    answer = town.tocsin("run")
    assert answer.code == 4
    assert "incidents.csv" in answer.err
    assert answer.err.startswith("degraded: ")
    assert rows(town, "SELECT count(*) FROM incidents WHERE superseded_at IS NULL") == [
        (sum(QUIET) + sum(RISING),)
    ]


def test_every_forecast_is_readable_with_any_sqlite_tool(town: Town) -> None:
    town.tocsin("run")
    found = rows(town, "SELECT region, horizon, median, low_90, high_90 FROM forecast_table")
    assert len(found) == 6
    assert rows(town, "SELECT region, state, severity FROM alert_table") == [
        ("Freedonia/Storm", "firing", "severe")
    ]


def test_counts_exported_from_a_watch_come_back_through_predict(town: Town) -> None:
    town.tocsin("run")
    done = town.tocsin("export", "counts", "--watch", "provinces", "-o", "counts.csv")
    assert done.code == 0, done.err
    lines = list(csv.DictReader((town.folder / "counts.csv").open(encoding="utf-8")))
    storm = [int(line["count"]) for line in lines if line["region"] == "Freedonia/Storm"]
    assert storm == RISING
    assert town.tocsin("predict", "counts.csv", "--horizon", "3", "-o", "out.csv").code == 0
    predicted = list(csv.DictReader((town.folder / "out.csv").open(encoding="utf-8")))
    (sheet,) = town.tocsin("table", "--format", "json").data
    table = {r["region"]: [s["median"] for s in r["forecast"]] for r in sheet["regions"]}
    for region, medians in table.items():
        got = [
            float(line["value"])
            for line in predicted
            if line["region"] == region and line["output_type_id"] == "0.5"
        ]
        assert got == medians


def test_doctor_says_in_words_that_all_is_well_or_what_is_not(town: Town) -> None:
    town.tocsin("run")
    well = town.tocsin("doctor")
    assert well.code == 0, well.out
    assert "outbox: 1 made = 1 delivered + 0 pending + 0 given up" in well.out
    (town.folder / "incidents.csv").write_bytes(b"")
    town.tocsin("run")
    ill = town.tocsin("doctor", "--format", "json")
    assert ill.code == 4
    assert [finding["about"] for finding in json.loads(ill.out) if not finding["well"]] == [
        "feed tracker"
    ]
    lines = list(csv.DictReader(io.StringIO(town.tocsin("doctor", "--format", "csv").out)))
    assert [line["about"] for line in lines if line["well"] == "False"] == ["feed tracker"]
    assert len(lines) == len(json.loads(ill.out))


def test_a_pull_alone_brings_incidents_in_and_forecasts_nothing(town: Town) -> None:
    answer = town.tocsin("pull")
    assert answer.code == 0
    assert answer.out.startswith("tracker: ")
    assert rows(town, "SELECT count(*) FROM runs") == [(0,)]
    assert town.tocsin("pull", "trakcer").code == 2
    assert town.tocsin("table").code == 2
