"""Kills processes that make or migrate a database: `python -m … FOLDER SEED KILLS`.

Half of the files are absent at first, half are of schema version 0: SQLite's own, without a table.
Prints as JSON how many kills fell where, and that each next start completed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import storage.migrations  # noqa: F401 - so that a life is the work alone, and no import
from storage.database import open_database
from storage.health import examine

_FAILED = 70
_OWN = ("installation", "_sqlite_migrations")
"""Tables whose rows differ by nature: a random id, and when a migration was applied."""


def content(path: Path) -> list[Any]:
    """Return the schema and all rows that two new databases have in common."""
    with open_database(path, mode="read") as database:
        assert examine(database).sound
        assert database.value("SELECT count(*) FROM installation") == 1
        assert database.value("SELECT count(*) FROM _sqlite_migrations") == 1
        schema = database.rows("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        marks = [database.value(f"PRAGMA {mark}") for mark in ("application_id", "user_version")]
        names = [name for kind, name, _ in schema if kind == "table" and name not in _OWN]
        return [schema, marks, *(database.rows(f"SELECT * FROM {name}") for name in names)]


def blank(path: Path) -> None:
    """Make a file that SQLite has written to and that holds no table."""
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE t (a); DROP TABLE t; VACUUM;")
    connection.close()


def opened_in(path: Path) -> float:
    """Open, make and close a database; return the seconds it took."""
    began = time.monotonic()
    open_database(path, mode="own").close()
    return time.monotonic() - began


def kill_at_work(path: Path, seconds: float) -> None:
    """Begin to open a database and kill that after some seconds."""
    child = os.fork()
    if child == 0:
        try:
            open_database(path, mode="own")
            signal.pause()
        finally:
            traceback.print_exc()
            os._exit(_FAILED)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "it failed by itself"


def stage_of(path: Path) -> str:
    """Return how far a killed process had come."""
    if not path.exists():
        return "without a file"
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists() and journal.stat().st_size:
        return "in the transaction"
    header = path.read_bytes()[60:64]
    return "after it" if int.from_bytes(header) else "before it"


def main(folder: Path, seed: int, kills: int) -> None:
    """Kill that often, at moments between the start and the end of an undisturbed migration."""
    opened_in(folder / "whole.db")  # the first one warms up
    took = opened_in(folder / "timed.db")
    wanted, rng, seen = content(folder / "whole.db"), random.Random(seed), Counter[str]()
    for kill in range(kills):
        path = folder / f"{kill}.db"
        if kill % 2:
            blank(path)
        kill_at_work(path, rng.uniform(0, took))
        seen[stage_of(path)] += 1
        opened_in(path)
        assert content(path) == wanted
        seen["kills"] += 1
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
