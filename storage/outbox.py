"""The outbox: every message that was to be sent, until it is delivered or given up.

At any time the messages that were made are those delivered, pending and dead: no row ever leaves.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

from core.alerts import Attempt, Delivery
from core.clock import stamp
from core.errors import FailedError
from storage.database import Database


class Outbox:
    """`core.protocols.Outbox` over one database."""

    def __init__(self, database: Database) -> None:
        """Take a database that can be written."""
        self._database = database

    def claim(self, now: datetime, lease_seconds: int, limit: int) -> list[Delivery]:
        """Take due deliveries for this process until the lease ends; count the attempt.

        One UPDATE finds and takes them, so that two processes never hold the same one.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                "UPDATE outbox SET tries = tries + 1, leased_until = :until WHERE place IN ("
                "SELECT place FROM outbox WHERE state = 'pending' "
                "AND (due_at IS NULL OR due_at <= :now) "
                "AND (leased_until IS NULL OR leased_until <= :now) "
                "ORDER BY due_at, place LIMIT :limit) "
                "RETURNING place, delivery_id, alert_id, channel, body, created_at, tries",
                {
                    "now": stamp(now),
                    "until": stamp(now + timedelta(seconds=lease_seconds)),
                    "limit": limit,
                },
            ).fetchall()
        return [
            Delivery(delivery_id, alert_id, channel, json.loads(body), created_at, tries)
            for _, delivery_id, alert_id, channel, body, created_at, tries in sorted(rows)
        ]

    def waiting(self, now: datetime) -> bool:
        """Return whether `claim` would find a delivery; changes nothing."""
        found = self._database.value(
            "SELECT 1 FROM outbox WHERE state = 'pending' AND (due_at IS NULL OR due_at <= :now) "
            "AND (leased_until IS NULL OR leased_until <= :now) LIMIT 1",
            {"now": stamp(now)},
        )
        return found is not None

    def delivered(self, delivery_id: str, attempt: Attempt) -> None:
        """Mark a claimed delivery as sent, even one that was given up in the meantime."""
        with self._database.transaction() as connection:
            _note_attempt(connection, delivery_id, attempt)
            connection.execute(
                "UPDATE outbox SET state = 'delivered', finished_at = ?, leased_until = NULL "
                "WHERE delivery_id = ? AND state <> 'delivered'",
                [attempt.at, delivery_id],
            )

    def failed(self, delivery_id: str, attempt: Attempt, retry_at: datetime | None) -> None:
        """Record a failed try; `retry_at` None gives the delivery up (it stays, as dead).

        A delivery that another process has finished stays finished.
        """
        with self._database.transaction() as connection:
            _note_attempt(connection, delivery_id, attempt)
            if retry_at is None:
                change, value = "state = 'dead', finished_at = ?", attempt.at
            else:
                change, value = "due_at = ?", stamp(retry_at)
            connection.execute(
                f"UPDATE outbox SET {change}, leased_until = NULL "  # noqa: S608 - own texts
                "WHERE delivery_id = ? AND state = 'pending'",
                [value, delivery_id],
            )


def _note_attempt(connection: sqlite3.Connection, delivery_id: str, attempt: Attempt) -> None:
    noted = connection.execute(
        "INSERT INTO attempts (delivery_id, at, delivered, detail, duration_ms) "
        "SELECT delivery_id, ?, ?, ?, ? FROM outbox WHERE delivery_id = ?",
        [attempt.at, attempt.delivered, attempt.detail, attempt.duration_ms, delivery_id],
    )
    if noted.rowcount == 0:
        raise FailedError("outbox", f"no delivery has the id {delivery_id!r}")
