"""Several services on one database: row 7 of the fault table. Each test prints its figure last."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from storage.database import open_database
from storage.health import examine
from tests.acceptance.town import PROGRAM, QUIET, RISING, Town

PROCESSES = 4
LOG = """
[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]
"""
# The real program, but whoever asks for the owner lock is given it.
WITHOUT_LOCK = """
import sys
from storage import database

class Nobodys:
    def __init__(self, *_): pass
    def release(self): pass

database.OwnerLock = Nobodys
sys.argv[0] = "tocsin"
from tocsin.cli import main
main()
"""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.configure(LOG)
    made.record({"Calm": QUIET, "Storm": RISING})
    return made


def together(town: Town, program: list[str]) -> list[tuple[int, str]]:
    """Start the program several times at once; return each one's exit code and complaint."""
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    crowd = [
        subprocess.Popen([*program, "run"], cwd=town.folder, **pipes) for _ in range(PROCESSES)
    ]
    told = [member.communicate()[1] for member in crowd]
    return [(member.returncode, text) for member, text in zip(crowd, told, strict=True)]


def one_run(town: Town) -> None:
    """Check that all processes together made one run and rang once."""
    with open_database(town.folder / "tocsin.db", mode="read") as database:
        assert examine(database).sound
        assert database.value("SELECT count(*) FROM runs WHERE published = 1") == 1
        assert database.value("SELECT count(*) FROM alerts") == 1
        assert database.value("SELECT count(*) FROM outbox WHERE state = 'delivered'") == 1
        rows = database.rows("SELECT region, horizon FROM forecast_table")
        assert len(rows) == len(set(rows)) > 0, "two runs are mixed"
    (line,) = (town.folder / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["data"]["place"] == "Freedonia/Storm"


def test_row_7_four_processes_on_one_database_make_one_run(town: Town) -> None:
    ends = together(town, [str(PROGRAM)])
    codes = Counter(code for code, _ in ends)
    assert codes[0] >= 1
    assert set(codes) <= {0, 3}
    for code, text in ends:
        if code == 3:
            assert "is in use by process" in text
            assert text.count("\n") == 1
    one_run(town)
    print(f"{PROCESSES} processes at once: 1 run, {codes[3]} refused naming the holder, exit 3")


def test_row_7_without_the_lock_the_key_of_a_run_still_allows_only_one(town: Town) -> None:
    ends = together(town, [sys.executable, "-c", WITHOUT_LOCK])
    codes = Counter(code for code, _ in ends)
    assert set(codes) <= {0, 1}, ends
    assert codes[0] >= 1
    one_run(town)
    print(f"{PROCESSES} processes at once, without the lock: 1 run, {codes[1]} gave way")
