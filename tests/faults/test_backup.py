"""Row 12: backups while others write, and the drill of putting one back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import InputError, StorageError
from storage import backup
from storage.backup import back_up, restore
from storage.database import open_database
from storage.health import examine
from storage.installation import held
from storage.outbox import Outbox
from storage.reading import Reader
from tests.storage.samples import NOW
from tests.storage.test_outbox import fill

ROOT = Path(__file__).resolve().parents[2]
BACKUPS = 50
WRITER = """
import sys, itertools, time
from storage.database import open_database
with open_database(sys.argv[1], mode="write") as database:
    print("ready", flush=True)
    for turn in itertools.count():
        with database.transaction() as connection:
            # Over and over the same 2,000 rows: the copies cost the same however long it takes.
            rows = [(str((turn * 20 + n) % 2000), f"{turn:09}" + "x" * 200) for n in range(20)]
            connection.executemany("INSERT OR REPLACE INTO aliases VALUES ('column', ?, ?)", rows)
        time.sleep(0.002)  # without a pause, who else wants the lock waits for seconds
"""


NEWEST_WRITE = (
    "SELECT count(*) % 20 FROM aliases WHERE canonical = (SELECT max(canonical) FROM aliases)"
)
"""0 where all rows of the newest write are there, or none was made yet."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.db"
    with open_database(path, mode="own") as database:
        fill(database, 3)
    return path


def answers(path: Path) -> list[object]:
    with sqlite3.connect(path) as connection:
        found = [
            connection.execute(sql).fetchall()
            for sql in (
                "PRAGMA integrity_check",
                "SELECT delivery_id, body, state FROM outbox",
                "SELECT alert, state, severity FROM alert_table",
                NEWEST_WRITE,
            )
        ]
    connection.close()
    return found


def test_row_12_backups_under_load_are_sound_and_answer_the_same(
    path: Path, tmp_path: Path
) -> None:
    wanted, copy = answers(path), tmp_path / "copy.db"
    newest = "SELECT coalesce(max(CAST(substr(canonical, 1, 9) AS INTEGER)), 0) FROM aliases"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "ready\n"
        turns = []
        for _ in range(BACKUPS):
            back_up(path, copy)
            assert answers(copy) == wanted
            with sqlite3.connect(copy) as connection:
                turns += connection.execute(newest).fetchone()
            connection.close()
        assert writer.poll() is None, "the writer failed"
    finally:
        writer.kill()
        writer.communicate()
    assert turns == sorted(turns)
    assert turns[-1] > turns[0]
    print(f"row 12: {BACKUPS} of {BACKUPS} backups sound, while {turns[-1]:,} writes were made")


def test_a_backup_that_is_put_back_where_it_was_goes_on(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    with open_database(path, mode="own") as database:
        Outbox(database).give_up_waiting(NOW)
    aside = restore(copy, path, NOW, hold_outbox=False)
    assert aside == tmp_path / "tocsin.db.before-20221001T060000"
    with open_database(path, mode="own") as database:
        assert held(database) is None
        assert len(Outbox(database).claim(NOW, 60, 9)) == 3
    with open_database(aside, mode="read") as before:
        assert Reader(before).outbox_counts().dead == 3


@pytest.mark.parametrize(("hold", "words"), [(True, "--hold-outbox"), (False, "another place")])
def test_a_backup_that_is_put_back_elsewhere_or_on_hold_sends_nothing(
    path: Path, tmp_path: Path, hold: bool, words: str
) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    target = path if hold else tmp_path / "other.db"
    restore(copy, target, NOW, hold_outbox=hold)
    with open_database(target, mode="own") as database:
        assert words in str(held(database))
        assert Outbox(database).claim(NOW, 60, 9) == []


def test_a_restore_leaves_the_journal_and_the_marks_of_before_behind(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    for ending in ("-journal", "-sent"):
        path.with_name(f"tocsin.db{ending}").write_bytes(b"of the file that was there before")
    aside = restore(copy, path, NOW, hold_outbox=False)
    assert aside is not None
    assert aside.with_name(f"{aside.name}-sent").stat().st_size > 0
    assert not path.with_name("tocsin.db-sent").exists()
    assert answers(path) == answers(copy)


KILLED = """
import os, signal, sys
from storage.database import open_database
with open_database(sys.argv[1], mode="write") as database, database.transaction() as connection:
    connection.execute("PRAGMA main.cache_size = 1")
    connection.executemany("UPDATE aliases SET canonical = ?1 || spelling", [("y" * 200,)])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_restore_that_is_cut_short_leaves_the_old_database_whole(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_database(path, mode="write") as database, database.transaction() as connection:
        rows = [(str(n), "x" * 200) for n in range(2000)]
        connection.executemany("INSERT INTO aliases VALUES ('column', ?, ?)", rows)
    back_up(path, tmp_path / "backup.db")
    subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, check=False)
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0, "the killed writer's"

    def cut_short(target: Path, now: object) -> None:
        moved_aside(target, now)
        raise KeyboardInterrupt

    moved_aside = backup._move_aside
    monkeypatch.setattr(backup, "_move_aside", cut_short)
    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "backup.db", path, NOW, hold_outbox=False)
    with open_database(path, mode="own") as database:
        assert examine(database).sound
        assert database.value("SELECT DISTINCT canonical FROM aliases") == "x" * 200


def test_what_is_no_backup_or_is_damaged_is_refused_and_leaves_the_database(
    path: Path, tmp_path: Path
) -> None:
    before, copy = path.read_bytes(), tmp_path / "copy.db"
    back_up(path, copy)
    damaged = bytearray(copy.read_bytes())
    damaged[8192:12_288] = b"\xff" * 4096
    copy.write_bytes(damaged)
    with pytest.raises(StorageError, match="damaged"):
        restore(copy, path, NOW, hold_outbox=False)
    with pytest.raises(InputError, match="is no backup"):
        restore(tmp_path / "none.db", path, NOW, hold_outbox=False)
    assert path.read_bytes() == before
    assert not path.with_name("tocsin.db.new").exists()


def test_a_restore_under_a_running_service_is_refused(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    with (
        open_database(path, mode="own"),
        pytest.raises(StorageError, match="is in use by process"),
    ):
        restore(copy, path, NOW, hold_outbox=False)


def test_a_backup_needs_a_database_and_a_folder(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no database yet"):
        back_up(tmp_path / "none.db", tmp_path / "copy.db")
    with pytest.raises(InputError, match="folder does not exist"):
        back_up(path, tmp_path / "nowhere" / "copy.db")
