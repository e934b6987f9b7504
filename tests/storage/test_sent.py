"""Marks that are made together: a kill between sending and marking loses none of them."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alerts import Attempt
from core.errors import FailedError
from storage.database import Database
from storage.outbox import Outbox
from storage.reading import Reader
from storage.sent import Mark, SentLog
from tests.storage.samples import NOW
from tests.storage.test_outbox import SENT, owned


def states(database: Database) -> list[tuple[str, str]]:
    return database.rows("SELECT delivery_id, state FROM outbox ORDER BY place")


def tries(database: Database) -> int:
    return int(database.value("SELECT count(*) FROM attempts"))


def sent(database: Database, made: int, *names: str) -> Outbox:
    """Return an owner's outbox that has claimed all of its messages and noted some as sent."""
    outbox = owned(database, made)
    outbox.claim(NOW, 60, made)
    for name in names:
        outbox.delivered(name, SENT)
    return outbox


@pytest.fixture
def notes(path: Path) -> Path:
    return path.with_name(f"{path.name}-sent")


def test_marks_wait_beside_the_database_until_they_are_settled(
    database: Database, notes: Path
) -> None:
    outbox = sent(database, 3, "D1", "D3")
    assert [state for _, state in states(database)] == ["pending"] * 3
    assert stat.S_IMODE(notes.stat().st_mode) == 0o600
    outbox.settle()
    assert states(database) == [("D1", "delivered"), ("D2", "pending"), ("D3", "delivered")]
    assert not notes.exists()
    outbox.settle()
    assert tries(database) == 2


def test_what_a_killed_owner_had_sent_is_marked_and_not_sent_again(
    database: Database, notes: Path
) -> None:
    sent(database, 3, "D1", "D2")
    following = Outbox(database, "owner")
    assert following.take_back() == 1
    assert [one.delivery_id for one in following.claim(NOW, 60, 9)] == ["D3"]
    assert Reader(database).outbox_counts() == (3, 2, 1, 0, Reader(database).outbox_counts()[4])
    assert not notes.exists()


def test_a_line_that_a_full_disk_has_cut_spoils_none_but_itself(
    database: Database, notes: Path
) -> None:
    killed = sent(database, 3, "D1")
    notes.write_bytes(notes.read_bytes()[:-9])
    killed.delivered("D2", SENT)
    following = Outbox(database, "owner")
    following.take_back()
    assert [one.delivery_id for one in following.claim(NOW, 60, 9)] == ["D1", "D3"]


def test_a_kill_between_marking_and_clearing_counts_no_try_twice(
    database: Database, notes: Path
) -> None:
    outbox = sent(database, 1, "D1")
    kept = notes.read_bytes()
    outbox.settle()
    notes.write_bytes(kept)
    Outbox(database, "owner").take_back()
    assert (states(database), tries(database)) == ([("D1", "delivered")], 1)


def test_marks_do_not_wait_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.outbox._TOGETHER_SECONDS", -1.0)
    sent(database, 1, "D1")
    assert states(database) == [("D1", "delivered")]


def test_a_note_that_cannot_be_written_is_a_mark_at_once(database: Database, notes: Path) -> None:
    notes.symlink_to(notes.with_name("elsewhere"))
    sent(database, 1, "D1")
    assert states(database) == [("D1", "delivered")]
    assert not notes.with_name("elsewhere").exists()


def test_a_visitor_marks_at_once_and_leaves_the_notes_of_the_owner(
    database: Database, notes: Path
) -> None:
    owner, visitor = owned(database, 2), Outbox(database)
    owner.claim(NOW, 60, 1)
    visitor.claim(NOW, 60, 1)
    owner.delivered("D1", SENT)
    visitor.delivered("D2", SENT)
    assert states(database) == [("D1", "pending"), ("D2", "delivered")]
    assert notes.exists()


def test_notes_of_messages_that_the_database_does_not_know_are_left_out(
    database: Database, path: Path
) -> None:
    outbox = owned(database, 1)
    SentLog(path).note(Mark("of another database", SENT))
    assert outbox.take_back() == 0
    with pytest.raises(FailedError, match="D9"):
        Outbox(database).delivered("D9", SENT)


MARKS = st.lists(
    st.builds(
        Mark,
        st.text(st.characters(codec="utf-8"), min_size=1),
        st.builds(
            Attempt,
            st.just(SENT.at),
            st.just(True),
            st.text(st.characters(codec="utf-8")),
            st.integers(0, 10**6),
        ),
    ),
    max_size=5,
)


@settings(derandomize=True, deadline=None)
@given(MARKS, st.integers(0, 40))
def test_a_file_that_was_cut_anywhere_still_tells_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, marks: list[Mark], cut: int
) -> None:
    log = SentLog(tmp_path_factory.mktemp("sent") / "tocsin.db")
    assert log.read() == []
    assert all(log.note(mark) for mark in marks)
    assert log.read() == marks
    if marks:
        path = next(iter(log_files(log)))
        os.truncate(path, max(0, path.stat().st_size - 1 - cut))
        found = log.read()
        assert found == marks[: len(found)]
        assert len(found) < len(marks) or not cut
    log.clear()
    assert log.read() == []


def log_files(log: SentLog) -> list[Path]:
    return list(log._path.parent.iterdir())


def test_what_is_no_mark_is_passed_over(tmp_path: Path) -> None:
    log = SentLog(tmp_path / "tocsin.db")
    whole = Mark("D1", replace(SENT, detail="é\n"))
    log.note(whole)
    with (tmp_path / "tocsin.db-sent").open("ab") as file:
        file.write(b"\xff\xfe\n[]\n{}\n7\n")
    assert log.read() == [whole]
