"""Row 3: what a power cut leaves of the database, at any moment of a service's work.

The real store works on a disk that takes down what SQLite asks of it (tests/faults/power.py). Then
the power is cut again and again: what was synced is there, of the rest any part. Whatever was told
to be done has to be there after the next start, what was under way as a whole or not at all.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.alerts import AlertChanges, Attempt
from core.errors import StorageError
from core.people import Action, ActionKind
from core.settings import Aliases
from storage import database as opening
from storage.database import Database, open_database
from storage.health import examine
from storage.incidents import Incidents
from storage.outbox import Outbox
from storage.people import People
from storage.runs import Runs
from tests.faults.power import Disk, Step, left_by_cut
from tests.storage.samples import (
    FEED,
    NOW,
    ListPull,
    alert,
    delivery,
    event,
    incident,
    key,
    result,
)

NAME = "tocsin.db"
ROUNDS, CUTS = 4, 100
SENT = Attempt("2022-10-01T06:00:05.000000Z", delivered=True, detail="250 OK", duration_ms=120)
_OWN = ("installation", "_sqlite_migrations")
"""What a start writes by itself."""
Content = dict[str, list[Any]]


class Moment(NamedTuple):
    """How many steps the disk had taken when a piece of work was told to be done, and its state."""

    steps: int
    content: Content


def content(database: Database) -> Content:
    names = database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {n: database.rows(f"SELECT * FROM {n}") for (n,) in names if n not in _OWN}


def work(database: Database) -> Iterator[Callable[[], object]]:
    """Yield what a service does, a transaction at a time."""
    incidents, runs, outbox = Incidents(database), Runs(database), Outbox(database)
    yield lambda: incidents.set_aliases(Aliases(actor={"Islamic State": ("IS",)}))
    for n in range(1, ROUNDS + 1):
        rows = [incident(i, fatalities=n, source="x" * 200) for i in range(40 * n)]
        yield lambda rows=rows: incidents.load(FEED, ListPull(rows), NOW)
        yield lambda n=n: runs.begin(key(f"run {n}"), NOW, "0.1.0", "")
        yield lambda n=n: runs.stage(n, result([("Nigeria", f"P{i}") for i in range(20)], seed=n))
        made = AlertChanges((alert(f"A{n}"),), (event(f"A{n}"),), (delivery(f"D{n}", f"A{n}"),))
        yield lambda n=n, made=made: runs.publish(n, made, [], NOW)
        yield lambda: outbox.claim(NOW, 60, 1)
        yield lambda n=n: outbox.delivered(f"D{n}", SENT)
        said = Action(f"A{n}", SENT.at, "duty officer", ActionKind.ACKNOWLEDGED, "seen", None)
        yield lambda said=said: People(database).act(said)


def worked(path: Path, disk: Disk, synchronous: str) -> list[Moment]:
    """Do the work on a disk; return the moments at which each piece of it was told to be done."""
    with disk.under_sqlite(), open_database(path, mode="own") as database:
        database._connection.execute(f"PRAGMA synchronous = {synchronous}")
        moments = [Moment(len(disk.steps), content(database))]
        for act in work(database):
            act()
            moments.append(Moment(len(disk.steps), content(database)))
    return moments


def after_cut(folder: Path, steps: list[Step], rng: random.Random) -> Content:
    """Return what the next start finds when the power was cut after these steps."""
    folder.mkdir()
    for name, left in left_by_cut(steps, rng).items():
        (folder / name).write_bytes(left)
    with open_database(folder / NAME, mode="own") as database:
        assert examine(database).sound
        return content(database)


def judged(moments: list[Moment], steps: int, found: Content) -> str:
    """Return what became of the work around a cut: all that was told to be done must be there."""
    done = [moment.content for moment in moments if moment.steps <= steps]
    following = [moment.content for moment in moments if moment.steps > steps][:1]
    if found == (done or following)[-1]:
        return "what was under way is undone"
    return "what was under way is done" if found in following else "lost"


@pytest.mark.parametrize("journal", ["truncate", "wal"])
def test_row_3_a_power_cut_at_any_moment_loses_nothing_that_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    monkeypatch.setattr(opening, "safe_journal_mode", lambda _: journal)
    disk, rng, seen = Disk(), random.Random(3), Counter[str]()
    (tmp_path / "work").mkdir()
    moments = worked(tmp_path / "work" / NAME, disk, "FULL")
    for cut in range(CUTS):
        anywhere = rng.randrange(len(disk.steps) + 1)
        steps = anywhere if cut % 2 else rng.choice(moments).steps - rng.randrange(4)
        found = after_cut(tmp_path / str(cut), disk.steps[:steps], rng)
        seen[judged(moments, steps, found)] += 1
    assert seen["lost"] == 0
    print(f"row 3, {journal}: {CUTS} cuts in {len(disk.steps)} steps of the disk, {dict(seen)}")


def test_row_3_the_cuts_find_what_a_writer_that_does_not_sync_loses(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    disk, rng, seen = Disk(), random.Random(33), Counter[str]()
    folder = tmp_path_factory.mktemp("unsynced")  # what is left of it does not add up
    moments = worked(folder / NAME, disk, "OFF")
    for cut in range(20):
        steps = rng.randrange(moments[0].steps, len(disk.steps) + 1)
        try:
            found = after_cut(folder / str(cut), disk.steps[:steps], rng)
        except StorageError:
            seen["damaged"] += 1
        else:
            seen[judged(moments, steps, found)] += 1
    assert seen["lost"] + seen["damaged"] > 15
    print(f"row 3, synchronous = OFF instead: {dict(seen)} of 20 cuts")


@pytest.mark.parametrize("journal", [True, False])
def test_a_new_file_that_a_cut_left_without_its_first_page_is_made_anew_by_its_journal_alone(
    tmp_path: Path, *, journal: bool
) -> None:
    path, left = tmp_path / NAME, b"\0" * 4096 + b"page two" * 512
    path.write_bytes(left)
    if journal:
        disk = Disk()
        (tmp_path / "first").mkdir()
        with disk.under_sqlite():
            open_database(tmp_path / "first" / NAME, mode="own").close()
        first = [step.name for step in disk.steps].index(NAME)
        files = left_by_cut(disk.steps[:first], random.Random(3))
        (tmp_path / f"{NAME}-journal").write_bytes(files[f"{NAME}-journal"])
        with open_database(path, mode="own") as database:
            assert examine(database).sound
    else:
        with pytest.raises(StorageError, match="is not a SQLite database"):
            open_database(path, mode="own")
        assert path.read_bytes() == left
