"""kill -9 at random moments of a run: nothing is lost, nothing half-done is visible.

The delivery process alone is killed far more often in tests/faults/test_kill.py.
"""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.town import PROGRAM, QUIET, RISING, Town

FILE = """
[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"
group_over = 100

[[routes]]
channels = ["log"]
"""
PROVINCES = {f"P{n:02d}": RISING if n % 3 == 0 else QUIET for n in range(30)}
KILLS_PER_TOWN = 5
FORECASTS = "SELECT region, horizon, median, low_90, high_90 FROM forecast_table ORDER BY 1, 2"
ALERTS = "SELECT region, state, severity FROM alerts ORDER BY 1"
EVER = "SELECT count(*) FROM sqlite_master"


def ask(town: Town, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(town.folder / "tocsin.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def received(town: Town) -> list[bytes]:
    path = town.folder / "alerts.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def made(folder: Path) -> Town:
    folder.mkdir()
    town = Town(folder)
    town.configure(FILE)
    town.record(PROVINCES)
    return town


@dataclass(frozen=True)
class Truth:
    """What a run that nobody disturbs leaves, and the seconds that it takes."""

    forecasts: list[tuple[object, ...]]
    alerts: list[tuple[object, ...]]
    places: list[str]
    seconds: float

    @classmethod
    def of(cls, town: Town) -> Truth:
        began = time.monotonic()
        assert town.tocsin("run").code == 0
        seconds = time.monotonic() - began
        places = sorted(json.loads(line)["data"]["place"] for line in received(town))
        return cls(ask(town, FORECASTS), ask(town, ALERTS), places, seconds)


def seconds_until_done(town: Town, limit: float) -> float | None:
    """Start a run and return the seconds it took, or kill it at a limit and return None."""
    began = time.monotonic()
    with subprocess.Popen(
        [str(PROGRAM), "run"], cwd=town.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.wait(limit) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            return None if process.wait() == -signal.SIGKILL else limit
    return time.monotonic() - began


def seen_after_kill(town: Town, truth: Truth) -> bool:
    """Check that all of a run is visible or nothing, and return which."""
    if not (town.folder / "tocsin.db").exists() or ask(town, EVER) == [(0,)]:
        return False
    assert ask(town, "PRAGMA integrity_check") == [("ok",)]
    forecasts, alerts = ask(town, FORECASTS), ask(town, ALERTS)
    assert (forecasts, alerts) in (([], []), (truth.forecasts, truth.alerts))
    return bool(forecasts)


def finish(town: Town) -> None:
    """Let a run end: it takes back what a killed one had claimed."""
    assert town.tocsin("run").code == 0


def repeats(town: Town, truth: Truth, kills: int) -> int:
    """Check the end of a town that was killed some times; return how many messages came twice."""
    assert seen_after_kill(town, truth)
    assert ask(town, "SELECT count(*), sum(published) FROM runs") == [(1, 1)]
    assert ask(town, "SELECT DISTINCT state FROM outbox") == [("delivered",)]
    copies = Counter(received(town))
    ids = [json.loads(line)["id"] for line in copies]
    assert len(set(ids)) == len(ids), "a repeat has another body"
    assert sorted(json.loads(line)["data"]["place"] for line in copies) == truth.places
    repeated = copies.total() - len(copies)
    assert repeated <= kills
    return repeated


@pytest.mark.parametrize("kills", [20, pytest.param(500, marks=pytest.mark.nightly)])
def test_kills_of_the_program_lose_no_alert_and_show_no_half_run(
    tmp_path: Path, kills: int
) -> None:
    truth = Truth.of(made(tmp_path / "whole"))
    assert len(truth.places) == 10
    rng, pace = random.Random(7), truth.seconds
    repeated, done, towns = 0, 0, 0
    while done < kills:
        town, here, seen = made(tmp_path / f"town-{towns}"), 0, False
        while not seen and here < KILLS_PER_TOWN and done + here < kills:
            took = seconds_until_done(town, rng.uniform(0.3, 1.0) * pace)
            here += took is None
            pace = took or pace  # the machine may have become faster than it was
            seen = seen_after_kill(town, truth)
        finish(town)
        repeated += repeats(town, truth, here)
        done, towns = done + here, towns + 1
        assert towns <= kills, "runs end before they can be killed"
    print(
        f"{kills} kills of the whole program at work, on {towns} databases: 0 alerts lost, "
        f"0 half runs visible, {repeated} repeated with the same id and body"
    )
