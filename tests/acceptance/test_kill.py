"""kill -9 at random moments of a run: nothing is lost, nothing half-done is visible."""

import json
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.acceptance.town import PROGRAM, QUIET, RISING, Town

KILLS = 20
FILE = """
[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]
"""
PROVINCES = {f"P{n:02d}": RISING if n % 3 == 0 else QUIET for n in range(30)}


def ask(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "tocsin.db") as connection:
        return connection.execute(sql).fetchall()


def sent(folder: Path) -> list[dict[str, object]]:
    path = folder / "alerts.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def made(folder: Path) -> Town:
    folder.mkdir()
    town = Town(folder)
    town.configure(FILE)
    town.record(PROVINCES)
    return town


def killed_after(town: Town, seconds: float) -> bool:
    """Start a run, kill it after a while, and say whether it was still at work."""
    with subprocess.Popen(
        [str(PROGRAM), "run"], cwd=town.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


FORECASTS = "SELECT region, horizon, median, low_90, high_90 FROM forecast_table ORDER BY 1, 2"
ALERTS = "SELECT region, state, severity FROM alerts ORDER BY 1"


def test_twenty_kills_lose_no_alert_and_show_no_half_run(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole")
    started = time.monotonic()
    assert whole.tocsin("run").code == 0
    took = time.monotonic() - started
    wanted = {str(message["id"]): message for message in sent(whole.folder)}
    assert len(wanted) == 10
    forecasts, alerts = ask(whole.folder, FORECASTS), ask(whole.folder, ALERTS)
    rng, at_work, repeated = random.Random(7), 0, 0
    for kill in range(KILLS):
        town = made(tmp_path / f"kill-{kill}")
        at_work += killed_after(town, rng.uniform(0.3 * took, took))
        if (town.folder / "tocsin.db").exists() and ask(town.folder, "PRAGMA user_version") > [
            (0,)
        ]:
            assert ask(town.folder, FORECASTS) in ([], forecasts)
        assert town.tocsin("run").code == 0
        assert ask(town.folder, FORECASTS) == forecasts
        assert ask(town.folder, ALERTS) == alerts
        assert ask(town.folder, "SELECT count(*) FROM runs") == [(1,)]
        assert ask(town.folder, "PRAGMA integrity_check") == [("ok",)]
        places = sorted(message["data"]["place"] for message in sent(town.folder))  # type: ignore[index]
        expected = sorted(message["data"]["place"] for message in wanted.values())  # type: ignore[index]
        repeated += len(places) - len(set(places))
        assert sorted(set(places)) == expected
        assert len(places) <= len(expected) + 1
        told = {str(message["id"]): message for message in sent(town.folder)}
        assert all(told[str(message["id"])] == message for message in sent(town.folder))
    assert at_work >= KILLS // 2
    print(f"{KILLS} kills, {at_work} at work: 0 alerts lost, {repeated} repeated, 0 half runs")
