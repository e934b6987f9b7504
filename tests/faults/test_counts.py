"""Row 37: the check that follows every fault test finds what it looks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from tests.faults.counts import assert_adds_up, assert_all_add_up
from tests.storage.samples import NOW
from tests.storage.test_outbox import FAILED, SENT, fill


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give a database that the check of every test does not see: these tests break it."""
    path = tmp_path_factory.mktemp("broken") / "tocsin.db"
    with open_database(path, mode="own") as database:
        outbox = fill(database, 3)
        outbox.claim(NOW, 60, 3)
        outbox.delivered("D1", SENT)
        outbox.failed("D2", FAILED, None)
        yield database


def test_a_message_in_each_state_adds_up(database: Database) -> None:
    assert assert_adds_up(database) == 3
    assert_all_add_up(database.path.parent)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("DELETE FROM outbox WHERE delivery_id = 'D2'", "3 made, 2 left"),
        ("DELETE FROM attempts WHERE delivered = 1", "nobody took it"),
        ("UPDATE attempts SET delivered = 0", "nobody took it"),
    ],
)
def test_a_message_that_was_dropped_or_never_taken_is_found(
    database: Database, fault: str, found: str
) -> None:
    with database.transaction() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("DELETE FROM attempts WHERE delivery_id = 'D2'")
        connection.execute(fault)
    with pytest.raises(AssertionError, match=found):
        assert_all_add_up(database.path.parent)


def test_a_database_that_a_test_has_damaged_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "foreign.db").write_bytes(b"no database" * 100)
    assert_all_add_up(tmp_path)
