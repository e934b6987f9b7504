"""The outbox: every message that was to be sent, until it is delivered or given up.

At any time the messages that were made are those delivered, pending and dead: no row ever leaves.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from core.alerts import Attempt, Delivery, NewDelivery
from core.clock import stamp, stopwatch
from core.errors import FailedError
from storage.database import Database
from storage.sent import Mark, SentLog

Holder = Literal["owner", "visitor"]
"""Whether the process that claims also holds the owner lock of the database."""

_TOGETHER_SECONDS = 0.5
"""For no longer than this, and one message more, marks wait for each other."""

_OPEN = (
    "state = 'pending' AND (due_at IS NULL OR due_at <= :now) "
    "AND (leased_until IS NULL OR leased_until <= :now) "
    "AND (kind = 'test' OR channel NOT IN (SELECT channel FROM disabled_channels) "
    "AND NOT EXISTS (SELECT 1 FROM installation WHERE held IS NOT NULL))"
)
_CLAIMED = "place, delivery_id, alert_id, channel, body, created_at, tries + 1, kind"


class Disabled(NamedTuple):
    """A channel whose receiver wants no more, since when (a stamp), and what it answered."""

    channel: str
    since: str
    reason: str


class Outbox:
    """`core.protocols.Outbox` over one database."""

    def __init__(self, database: Database, holder: Holder = "visitor") -> None:
        """Take a database that can be written.

        As "owner" (the process that holds the owner lock, or one that works for it) its leases
        can be taken back when it is gone, and marks what was sent together (`settle`); the leases
        of a "visitor" have to run out, and it marks at once.
        """
        self._database, self._holder = database, holder
        self._sent = SentLog(database.path) if holder == "owner" else None
        self._marks: list[Mark] = []
        self._since = 0.0

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, only: str | None = None
    ) -> list[Delivery]:
        """Take due deliveries for this process until the lease ends; `only` names one of them.

        One UPDATE finds and takes them, so that two processes never hold the same one.
        """
        chosen = "" if only is None else "AND delivery_id = :only "
        with self._database.transaction() as connection:
            rows = connection.execute(
                "UPDATE outbox SET leased_until = :until, lease = :holder "  # noqa: S608 - own texts
                f"WHERE place IN (SELECT place FROM outbox WHERE {_OPEN} {chosen}"
                f"ORDER BY due_at, place LIMIT :limit) RETURNING {_CLAIMED}",
                {
                    "now": stamp(now),
                    "until": stamp(now + timedelta(seconds=lease_seconds)),
                    "holder": self._holder,
                    "limit": limit,
                    "only": only,
                },
            ).fetchall()
        return [_delivery(row) for row in sorted(rows, key=lambda row: row[0])]

    def release(self, delivery_ids: Collection[str]) -> None:
        """Give back deliveries that were claimed and not tried."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET leased_until = NULL, lease = NULL "
                "WHERE state = 'pending' AND delivery_id IN (SELECT value FROM json_each(?))",
                [json.dumps(list(delivery_ids))],
            )

    def take_back(self) -> int:
        """Free what owners of before held, mark what they sent; return how many were freed.

        Only for a process that holds the owner lock and has not claimed yet: whoever held the
        lock before it is gone.
        """
        assert self._sent, "only an owner may take back"
        left = self._sent.read()
        with self._database.transaction() as connection:
            _mark(connection, [mark for mark in left if _is_missing(connection, mark)])
            freed = connection.execute(
                "UPDATE outbox SET leased_until = NULL, lease = NULL "
                "WHERE state = 'pending' AND lease = 'owner'"
            ).rowcount
        self._sent.clear()
        return freed

    def waiting(self, now: datetime) -> bool:
        """Return whether `claim` would find a delivery; changes nothing."""
        found = self._database.value(
            f"SELECT 1 FROM outbox WHERE {_OPEN} LIMIT 1",  # noqa: S608 - own texts
            {"now": stamp(now)},
        )
        return found is not None

    def drained(self, now: datetime) -> bool:
        """Return whether nothing is left that was due: neither failed, nor held by a channel.

        Messages that wait for their time, such as the end of quiet hours, are not due. A database
        that must not send is never drained.
        """
        found = self._database.value(
            "SELECT 1 FROM installation WHERE held IS NOT NULL UNION ALL "
            "SELECT 1 FROM outbox WHERE state = 'pending' AND kind <> 'test' "
            "AND (tries > 0 OR due_at IS NULL OR due_at <= ?) LIMIT 1",
            [stamp(now)],
        )
        return found is None

    def put(self, made: Iterable[NewDelivery], now: datetime) -> None:
        """Add messages that no run makes; one that is there already stays as it is."""
        with self._database.transaction() as connection:
            enter_deliveries(connection, made, stamp(now))

    def delivered(self, delivery_id: str, attempt: Attempt) -> None:
        """Mark a claimed delivery as sent, even one that was given up in the meantime.

        An owner notes it beside the database, where a kill does not lose it, until `settle`.
        """
        mark = Mark(delivery_id, attempt)
        self._since = self._since if self._marks else stopwatch()
        self._marks.append(mark)
        noted = self._sent is not None and self._sent.note(mark)
        if not noted or stopwatch() - self._since > _TOGETHER_SECONDS:
            self.settle()

    def settle(self) -> None:
        """Write the marks of what was sent into the database, all in one transaction."""
        if not self._marks:
            return
        with self._database.transaction() as connection:
            _mark(connection, self._marks)
        self._marks.clear()
        if self._sent is not None:
            self._sent.clear()

    def failed(self, delivery_id: str, attempt: Attempt, retry_at: datetime | None) -> None:
        """Record a failed try; `retry_at` None gives the delivery up (it stays, as dead).

        A delivery that another process has finished stays finished.
        """
        with self._database.transaction() as connection:
            note_attempt(connection, delivery_id, attempt)
            if retry_at is None:
                change, value = "state = 'dead', finished_at = ?", attempt.at
            else:
                change, value = "due_at = ?", stamp(retry_at)
            connection.execute(
                f"UPDATE outbox SET {change}, tries = tries + 1, "  # noqa: S608 - own texts
                "leased_until = NULL, lease = NULL WHERE delivery_id = ? AND state = 'pending'",
                [value, delivery_id],
            )

    def refused(self, delivery_id: str, attempt: Attempt, settings: str) -> None:
        """Record a refusal for good: the channel is disabled, the delivery waits for its return."""
        with self._database.transaction() as connection:
            note_attempt(connection, delivery_id, attempt)
            connection.execute(
                "INSERT INTO disabled_channels (channel, settings, since, reason) "
                "SELECT channel, ?, ?, ? FROM outbox WHERE delivery_id = ? "
                "ON CONFLICT (channel) DO NOTHING",
                [settings, attempt.at, attempt.detail, delivery_id],
            )
            connection.execute(
                "UPDATE outbox SET tries = tries + 1, leased_until = NULL, lease = NULL "
                "WHERE delivery_id = ? AND state = 'pending'",
                [delivery_id],
            )

    def give_up_waiting(self, now: datetime) -> int:
        """Give up everything that waits; people can replay it. Return how many that were."""
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE outbox SET state = 'dead', finished_at = ?, leased_until = NULL, "
                "lease = NULL WHERE state = 'pending'",
                [stamp(now)],
            ).rowcount

    def disabled(self) -> list[Disabled]:
        """Return the channels that nothing is sent to, by name."""
        rows = self._database.rows(
            "SELECT channel, since, reason FROM disabled_channels ORDER BY channel"
        )
        return [Disabled(*row) for row in rows]

    def enable(self, channels: Collection[str]) -> int:
        """Send to disabled channels again, what waits for them first; return how many were."""
        with self._database.transaction() as connection:
            return _enable(connection, list(channels))

    def configured(self, settings: Mapping[str, str]) -> list[str]:
        """Enable disabled channels whose settings' digest has changed, or that are no more.

        Returns their names. What waits for a channel that is no more is tried, and given up in
        the end, so that it is told.
        """
        rows = self._database.rows("SELECT channel, settings FROM disabled_channels")
        changed = [channel for channel, digest in rows if settings.get(channel) != digest]
        if changed:
            self.enable(changed)
        return changed

    def fall_back(self, channel: str, fallback: str, after: int, now: datetime) -> int:
        """Copy to `fallback` what does not get through to `channel`; return how many were copied.

        That is what failed `after` times or was given up, and, where the channel is disabled, all
        that waits for it. Each is copied once, whoever asks how often.
        """
        with self._database.transaction() as connection:
            return connection.execute(
                "INSERT INTO outbox (delivery_id, kind, alert_id, sequence, channel, body, "
                "created_at, copy_of) SELECT delivery_id || '.' || :fallback, kind, alert_id, "
                "sequence, :fallback, body, :now, delivery_id FROM outbox AS o "
                "WHERE channel = :channel AND kind <> 'test' AND (state = 'dead' "
                "OR state = 'pending' AND (tries >= :after OR channel IN "
                "(SELECT channel FROM disabled_channels) AND (due_at IS NULL OR due_at <= :now))) "
                "AND NOT EXISTS (SELECT 1 FROM outbox AS c WHERE c.copy_of = o.delivery_id) "
                "ORDER BY place",
                {"channel": channel, "fallback": fallback, "after": after, "now": stamp(now)},
            ).rowcount


def enter_deliveries(
    connection: sqlite3.Connection, deliveries: Iterable[NewDelivery], at: str
) -> None:
    """Write new messages, inside a transaction; one that is there already stays as it is."""
    for new in deliveries:
        name = _revised(connection, new) or new.delivery_id
        connection.execute(
            "INSERT INTO outbox (delivery_id, kind, alert_id, sequence, channel, body, "
            "created_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                *(name, new.kind, new.alert_id, new.sequence, new.channel),
                *(json.dumps(new.body, ensure_ascii=False, allow_nan=False), at, new.due_at),
            ],
        )
        connection.executemany(
            "INSERT INTO told_steps (delivery_id, alert_id, sequence) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [(name, alert_id, sequence) for alert_id, sequence in new.steps],
        )


def _revised(connection: sqlite3.Connection, new: NewDelivery) -> str | None:
    """Put a new body into a message that was never tried; None when it is too late for that."""
    row = connection.execute(
        "UPDATE outbox SET body = ?, kind = ?, alert_id = NULL, sequence = NULL "
        "WHERE delivery_id = ? AND state = 'pending' AND tries = 0 AND leased_until IS NULL "
        "RETURNING delivery_id",
        [json.dumps(new.body, ensure_ascii=False, allow_nan=False), new.kind, new.revises],
    ).fetchone()
    return row and str(row[0])


def _enable(connection: sqlite3.Connection, channels: Sequence[str]) -> int:
    names = json.dumps(channels)
    connection.execute(
        "UPDATE outbox SET due_at = NULL, tries = 0 WHERE state = 'pending' AND tries > 0 "
        "AND channel IN (SELECT channel FROM disabled_channels) "
        "AND channel IN (SELECT value FROM json_each(?))",
        [names],
    )
    for table in ("told_troubles", "disabled_channels"):
        found = connection.execute(
            f"DELETE FROM {table} WHERE channel IN (SELECT value FROM json_each(?))",  # noqa: S608
            [names],
        )
    return found.rowcount


def _mark(connection: sqlite3.Connection, marks: Iterable[Mark]) -> None:
    for name, attempt in marks:
        note_attempt(connection, name, attempt)
        connection.execute(
            "UPDATE outbox SET state = 'delivered', finished_at = ?, tries = tries + 1, "
            "leased_until = NULL, lease = NULL WHERE delivery_id = ? AND state <> 'delivered'",
            [attempt.at, name],
        )


def _is_missing(connection: sqlite3.Connection, mark: Mark) -> bool:
    """Return whether a mark was noted and not made: a kill may come between making and clearing."""
    found = connection.execute(
        "SELECT 1 FROM outbox WHERE delivery_id = :name AND NOT EXISTS "
        "(SELECT 1 FROM attempts WHERE delivery_id = :name AND at = :at AND delivered = 1)",
        {"name": mark.delivery_id, "at": mark.attempt.at},
    )
    return found.fetchone() is not None


def note_attempt(connection: sqlite3.Connection, delivery_id: str, attempt: Attempt) -> None:
    """Write a try, inside a transaction.

    Raises:
        FailedError: when there is no such message.
    """
    noted = connection.execute(
        "INSERT INTO attempts (delivery_id, at, delivered, detail, duration_ms) "
        "SELECT delivery_id, ?, ?, ?, ? FROM outbox WHERE delivery_id = ?",
        [attempt.at, attempt.delivered, attempt.detail, attempt.duration_ms, delivery_id],
    )
    if noted.rowcount == 0:
        raise FailedError("outbox", f"no delivery has the id {delivery_id!r}")


def _delivery(row: Sequence[Any]) -> Delivery:
    _, delivery_id, alert_id, channel, body, created_at, attempt, kind = row
    return Delivery(delivery_id, alert_id, channel, json.loads(body), created_at, attempt, kind)
