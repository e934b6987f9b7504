"""What is erased is gone: from every table, from the file's bytes, and from later pulls."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StorageError
from storage.database import open_database
from storage.incidents import Incidents
from storage.redaction import Warrant, aim, erase
from tests.storage.samples import FEED, NOW, ListPull, incident

CANARY = "Amina Canary Yusuf"
NOTE = json.dumps({"note": f"{CANARY}, by telephone"})
WARRANT = Warrant("duty officer", "2022-10-02T06:00:00.000000Z", "asked for")
FIELDS = ("target", "source", "note")


def traces(folder: Path) -> int:
    """How often the name stands in the bytes of any file: database, journal, log, others."""
    return sum(
        path.read_bytes().count(CANARY.encode()) for path in folder.iterdir() if path.is_file()
    )


def fill(path: Path, revisions: int = 4) -> None:
    """A thousand incidents, a hundred of which name a person in every one of their versions."""
    with open_database(path, mode="own") as database:
        for revision in range(revisions):
            rows = [
                incident(n, fatalities=revision, target=CANARY, source=f"{CANARY}, in person",
                         extra=NOTE) if n % 10 == 0 else incident(n)
                for n in range(1000)
            ]  # fmt: skip
            Incidents(database).load(FEED, ListPull(rows), NOW.replace(day=2 + revision))


def redact(path: Path) -> None:
    with open_database(path, mode="own") as database:
        ids = [str(n) for n in range(0, 1000, 10)]
        erase(database, aim(database, "tracker", ids, FIELDS), WARRANT)


def test_no_byte_of_it_is_left_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    fill(path)
    before = traces(tmp_path)
    assert before >= 3 * 400
    redact(path)
    assert traces(tmp_path) == 0
    with open_database(path, mode="read") as database:
        assert database.value("SELECT count(*) FROM incidents") == 1300
        assert database.rows("PRAGMA integrity_check") == [("ok",)]
    print(f"redaction: {before} copies of a name in the files before, 0 after")


def test_a_later_pull_of_the_same_rows_brings_nothing_back(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    fill(path, 1)
    redact(path)
    fill(path, 3)
    with open_database(path, mode="own") as database:
        found = [
            database.value(f"SELECT count(*) FROM {table} WHERE {column} LIKE '%Canary%'")
            for table, column in (
                *(("incidents", name) for name in ("target", "source", "extra")),
                ("quarantine", "excerpt"),
            )
        ]
    assert found == [0, 0, 0, 0]
    assert traces(tmp_path) == 0


KILLED = """
import os, signal, sys
from pathlib import Path
import storage.database
from tests.faults.test_redaction import redact
def die(self):
    os.kill(os.getpid(), signal.SIGKILL)
storage.database.Database.scrub = die
redact(Path(sys.argv[1]))
"""


def test_a_kill_before_the_file_is_rebuilt_leaves_no_text_to_read_and_a_repeat_its_bytes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "tocsin.db"
    fill(path)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    with open_database(path, mode="read") as database:
        assert database.value("SELECT count(*) FROM incidents WHERE target LIKE '%Canary%'") == 0
    redact(path)
    assert traces(tmp_path) == 0


def test_while_another_process_reads_it_says_so_and_a_repeat_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._BUSY_SECONDS", 0.2)
    path = tmp_path / "tocsin.db"
    fill(path, 1)
    with open_database(path, mode="read") as reader, reader.snapshot():
        reader.value("SELECT count(*) FROM incidents")
        with pytest.raises(StorageError):
            redact(path)
    redact(path)
    assert traces(tmp_path) == 0


def test_a_copy_made_before_still_has_it(tmp_path: Path) -> None:
    """The documentation says so: backups and exports are for people to delete."""
    path, copy = tmp_path / "tocsin.db", tmp_path / "copy"
    fill(path, 1)
    copy.mkdir()
    shutil.copy(path, copy / "tocsin.db")
    redact(path)
    assert traces(copy) > 0
