"""Copies are told from moves: a decision by evidence, and with real files."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StorageError
from storage.database import Database, open_database
from storage.home import Home, Mark, Verdict, judge
from storage.installation import adopt, held, settle
from storage.outbox import Outbox
from tests.storage.samples import NOW
from tests.storage.test_outbox import fill

HOME = Home("machine-1", "/srv/tocsin.db", 7, 42)
OWN = Mark("one", 5)
CONTAINER = replace(HOME, machine="")
ELSEWHERE = Home("machine-2", "/srv/tocsin.db", 8, 43)


@pytest.mark.parametrize(
    ("recorded", "here", "beside", "verdict"),
    [
        (None, HOME, None, Verdict.FIRST),
        (HOME, HOME, OWN, Verdict.AT_HOME),
        (HOME, HOME, None, Verdict.AT_HOME),
        (HOME, replace(HOME, machine="machine-2"), OWN, Verdict.AT_HOME),  # a volume moved
        (CONTAINER, CONTAINER, OWN, Verdict.AT_HOME),  # a container made anew
        (HOME, replace(HOME, path="/data/tocsin.db"), OWN, Verdict.AT_HOME),  # renamed
        (HOME, replace(HOME, inode=43), OWN, Verdict.AT_HOME),  # put back by hand, nothing lost
        (HOME, replace(HOME, inode=43), None, Verdict.REPLACED),
        (HOME, replace(HOME, inode=43), Mark("one", 6), Verdict.OLDER),
        (HOME, HOME, Mark("one", 6), Verdict.OLDER),
        (HOME, HOME, Mark("one", 4), Verdict.AT_HOME),  # a power cut before the mark was written
        (HOME, HOME, Mark("two", 5), Verdict.FOREIGN),
        (HOME, ELSEWHERE, OWN, Verdict.COPY),
        (HOME, ELSEWHERE, None, Verdict.COPY),
        (CONTAINER, replace(CONTAINER, inode=43), OWN, Verdict.COPY),  # no machine to know it by
        (HOME, replace(HOME, path="/tmp/tocsin.db", inode=43), OWN, Verdict.COPY),
    ],
)
def test_a_verdict_follows_from_the_evidence(
    recorded: Home | None, here: Home, beside: Mark | None, verdict: Verdict
) -> None:
    assert judge(recorded, here, OWN, beside) is verdict
    assert verdict.holds == (verdict not in {Verdict.FIRST, Verdict.AT_HOME})


def test_a_home_survives_being_written() -> None:
    assert Home.from_text(HOME.to_text()) == HOME


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home" / "tocsin.db"


@pytest.fixture
def folder(database: Database, path: Path) -> Path:
    fill(database, 2)
    database.close()
    return path.parent


def claimed(path: Path) -> int:
    with open_database(path, mode="own") as database:
        return len(Outbox(database).claim(NOW, 60, 9))


def copied(folder: Path, name: str) -> Path:
    other = folder.with_name(name)
    shutil.copytree(folder, other)
    return other / "tocsin.db"


def test_a_copied_folder_sends_nothing_until_it_is_adopted(folder: Path, path: Path) -> None:
    copy = copied(folder, "copy")
    assert claimed(copy) == 0
    with open_database(copy, mode="own") as database:
        assert "is a copy" in str(held(database))
        assert not Outbox(database).waiting(NOW)
        assert not Outbox(database).drained(NOW)
        before = database.value("SELECT installation_id FROM installation")
        assert adopt(database) != before
    assert claimed(copy) == 2
    assert claimed(path) == 2  # the one it was copied from goes on


def test_a_database_that_was_moved_or_opened_again_goes_on(folder: Path, path: Path) -> None:
    open_database(path, mode="own").close()
    moved = folder.with_name("moved")
    folder.rename(moved)
    assert claimed(moved / "tocsin.db") == 2


def test_an_older_state_that_is_put_back_sends_nothing(folder: Path, path: Path) -> None:
    old = folder.with_name("old.db")
    shutil.copy(path, old)
    open_database(path, mode="own").close()
    path.write_bytes(old.read_bytes())
    assert claimed(path) == 0
    with open_database(path, mode="own") as database:
        assert held(database) == Verdict.OLDER.value
        adopt(database)
        assert settle(database) is Verdict.AT_HOME
    assert claimed(path) == 2


def test_a_child_that_inherits_the_lock_is_no_start_of_an_owner(folder: Path, path: Path) -> None:
    mark = folder / "tocsin.db.home"
    with open_database(path, mode="own") as owner:
        before = mark.read_text(), owner.rows("SELECT * FROM installation")
        lock = os.dup(owner.owner_descriptor)
        with open_database(path, mode="own", inherited=lock) as child:
            assert child.rows("SELECT * FROM installation") == before[1]
        assert (mark.read_text(), owner.rows("SELECT * FROM installation")) == before


def test_a_hold_stays_when_the_copy_looks_at_home_later(folder: Path) -> None:
    copy = copied(folder, "copy")
    for _ in range(3):
        assert claimed(copy) == 0


def test_a_mark_that_is_lost_or_spoilt_does_not_silence_the_file_itself(
    folder: Path, path: Path
) -> None:
    mark = folder / "tocsin.db.home"
    for text in ("", "{", '{"installation": 3}', "[]"):
        mark.write_text(text)
        open_database(path, mode="own").close()
    mark.unlink()
    assert claimed(path) == 2
    assert mark.exists()


def test_a_mark_that_cannot_be_written_is_told_in_one_line(folder: Path, path: Path) -> None:
    (folder / "tocsin.db.home.new").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        open_database(path, mode="own")
    (folder / "tocsin.db.home.new").rmdir()
    assert claimed(path) == 2  # and the lock is free
