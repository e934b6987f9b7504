"""A run that is killed when its scores are staged leaves none behind; the next run makes them."""

import subprocess
import sys
from pathlib import Path

from storage.database import open_database
from tests.tocsin.town_by_day import TownByDay

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
from storage.runs import Runs
from tests.tocsin.town_by_day import TownByDay

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

Runs.publish = die
TownByDay(Path(sys.argv[1]), EVENTS).run(sys.argv[2])
"""


def test_a_kill_between_staging_and_publishing_leaves_each_forecast_scored_once(
    tmp_path: Path,
) -> None:
    town = TownByDay(tmp_path)
    town.configure()
    for month in range(30):
        town.events |= {
            f"{month}-{n}": (f"{2022 + month // 12}-{month % 12 + 1:02d}-{n + 5:02d}", "Storm")
            for n in range(3 + month % 4)
        }
    town.run("2024-07-02")
    script = KILLED.replace("EVENTS", repr(town.events))
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), "2024-08-02"], cwd=ROOT, check=False
        )
        assert done.returncode == -9
        assert counts(town) == (5, 0)
    town.run("2024-08-02")
    assert counts(town) == (5, 5)
    town.run("2024-08-03")
    assert counts(town) == (5, 5)
    print("2 runs killed with 5 scores staged: none seen, and each made once by the next run")


def counts(town: TownByDay) -> tuple[int, int]:
    """Return how many scores are stored, and how many of them anybody sees."""
    with open_database(town.database, mode="read") as database:
        stored = database.value("SELECT count(*) FROM scores")
        return stored, database.value("SELECT count(*) FROM score_table")
