"""Made = delivered + pending + dead: what must hold of every outbox, whatever was done to it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.errors import StorageError
from storage.database import Database, open_database

_LEFT = "SELECT coalesce(max(place), 0), count(*) FROM outbox"
_UNTOLD = (
    "SELECT delivery_id FROM outbox WHERE state = 'delivered' AND NOT EXISTS "
    "(SELECT 1 FROM attempts AS a WHERE a.delivery_id = outbox.delivery_id AND a.delivered = 1)"
)


def assert_adds_up(database: Database) -> int:
    """Return how many messages were ever made.

    Places are given one after the other and never again while a later one stands, so that the
    highest is how many were made; no row may have left.

    Raises:
        AssertionError: when a message was dropped, or counts as delivered and no receiver took it.
    """
    ((made, there),) = database.rows(_LEFT)
    states = dict(database.rows("SELECT state, count(*) FROM outbox GROUP BY state"))
    found = [states.pop(state, 0) for state in ("delivered", "pending", "dead")]
    assert not states, f"unknown states: {states}"
    assert made == there == sum(found), f"{made} made, {there} left, {found} known"
    assert database.rows(_UNTOLD) == [], "delivered, and nobody took it"
    return int(made)


def assert_all_add_up(folder: Path) -> None:
    """Check every database in a folder; those that a test has damaged are passed over."""
    for path in folder.rglob("*.db"):
        with suppress(StorageError), open_database(path, mode="read") as database:
            assert_adds_up(database)
