"""A disk that fills up, 50 times in each journal mode: row 4 of the fault table.

Needs a small disk of its own, a tmpfs, which only root may mount. Each test prints its figure last.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from core.errors import StorageError
from storage.database import open_database
from storage.installation import adopt
from tests.acceptance.town import QUIET, RISING, Town
from tests.faults.kill.audit import audit
from tests.faults.kill.ground import prepare
from tests.faults.kill.service import DATABASE, drain

FILLS, PER_DATABASE = 50, 10
LOG = """
[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]
"""


def fill(disk: Path, free: int) -> Path:
    """Leave only some bytes free; return the file to remove for more."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * max(0, shutil.disk_usage(disk).free - free))
    return ballast


def one_notice(full: StorageError) -> None:
    """Check that a full disk is told in one line, with no second error behind the first."""
    assert full.exit_code == 3
    assert "the disk is full; free some space" in full.line()
    assert isinstance(full.__cause__, sqlite3.Error | OSError)
    assert full.__cause__.__context__ is None


def worked_until_full(folder: Path, life: int) -> StorageError:
    """Make runs until the disk is full."""
    with pytest.raises(StorageError) as raised:
        drain(folder, life, cycles=1000)
    return raised.value


@pytest.mark.parametrize("journal", ["truncate", "wal"])
def test_row_4_a_full_disk_shows_no_half_run_and_work_goes_on_after_freeing(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    monkeypatch.setattr("storage.database.safe_journal_mode", lambda _: journal)
    rng, runs, unpublished = random.Random(4), 0, 0
    for number in range(FILLS // PER_DATABASE):
        folder = prepare(tmp_path / f"{number}")
        shutil.move(folder / DATABASE, small_disk / DATABASE)
        (folder / DATABASE).symlink_to(small_disk / DATABASE)
        with open_database(folder / DATABASE, mode="own") as database:
            adopt(database)  # moved to another disk, it is another file
        for life in range(1, 2 * PER_DATABASE, 2):
            ballast = fill(small_disk, rng.randrange(200_000))
            one_notice(worked_until_full(folder, life))
            ballast.unlink()
            before = audit(folder, life)
            unpublished += before.unpublished
            drain(folder, life + 1, cycles=1)
            after = audit(folder, life + 1)
            assert after.published == before.published + 1
            assert after.delivered == after.made == len(after.copies)
        runs += after.published
        with open_database(folder / DATABASE, mode="own") as database:
            assert database.value("PRAGMA journal_mode") == journal
        for left in small_disk.iterdir():
            left.unlink()
    print(
        f"{FILLS} full disks in mode {journal}, {unpublished} with a run unpublished: 0 half runs "
        f"visible, 0 lost, 0 second errors; the next cycle went on each time, {runs} runs in all"
    )


def test_row_4_the_program_says_so_in_one_line_and_the_next_run_goes_on(
    tmp_path: Path, small_disk: Path
) -> None:
    town = Town(tmp_path)
    database = small_disk / "tocsin.db"
    town.configure(LOG, {'database = "tocsin.db"': f'database = "{database}"'})
    town.record({f"P{n}": RISING if n == 0 else QUIET for n in range(12)})
    tries = (0, 60_000)
    for free in tries:
        ballast = fill(small_disk, free)
        answer = town.tocsin("run")
        assert answer.code == 3, answer.err
        assert answer.err.count("\n") == 1
        assert "the disk is full; free some space" in answer.err
        assert not (town.folder / "alerts.jsonl").exists()
        ballast.unlink()
    assert town.tocsin("run").code == 0
    assert len((town.folder / "alerts.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    print(f"{len(tries)} runs on a full disk: one line and exit 3; the run after freeing rang once")
