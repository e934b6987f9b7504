"""What people ask of the outbox: lists, another try, and the channels that do not get through."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from core.alerts import Json, NewDelivery
from core.clock import stamp
from storage.database import Database
from storage.outbox import enter_deliveries

_AGAIN = timedelta(hours=24)
"""For this long nobody is told again that a channel's messages were given up."""


class DeliveryRow(NamedTuple):
    """A message as people see it. Stamps are texts; `detail` is the answer to its newest try."""

    delivery_id: str
    kind: str
    type: str
    channel: str
    place: str
    state: Literal["pending", "delivered", "dead"]
    tries: int
    created_at: str
    due_at: str | None
    finished_at: str | None
    detail: str
    alert_id: str | None


@dataclass(frozen=True)
class Untold:
    """A channel's trouble of which nobody was told; names as in `alerts.notices.Trouble`."""

    channel: str
    kind: Literal["disabled", "given up"]
    since: str
    count: int
    detail: str
    works: bool


class Deliveries:
    """Questions about the messages of one database."""

    def __init__(self, database: Database) -> None:
        """Take a database; one that can be written for `replay` and `tell`."""
        self._database = database

    def listed(
        self, state: str | None = None, channel: str | None = None, limit: int = 1000
    ) -> list[DeliveryRow]:
        """Return messages, newest first; a message that was tried again counts all its tries."""
        rows = self._database.rows(
            f"{_LISTED} WHERE (:state IS NULL OR state = :state) "
            "AND (:channel IS NULL OR channel = :channel) ORDER BY place DESC LIMIT :limit",
            {"state": state, "channel": channel, "limit": limit},
        )
        return [DeliveryRow(*row) for row in rows]

    def one(self, delivery_id: str) -> DeliveryRow | None:
        """Return a message by its id."""
        rows = self._database.rows(f"{_LISTED} WHERE delivery_id = ?", [delivery_id])
        return DeliveryRow(*rows[0]) if rows else None

    def by_channel(self) -> dict[str, dict[str, int]]:
        """Return per channel how many of its messages are in each state, trials left out."""
        found: dict[str, dict[str, int]] = {}
        rows = self._database.rows(
            "SELECT channel, state, count(*) FROM outbox WHERE kind <> 'test' "
            "GROUP BY channel, state ORDER BY channel"
        )
        for channel, state, count in rows:
            found.setdefault(channel, {})[state] = count
        return found

    def sent(self, delivery_id: str) -> tuple[str, Json] | None:
        """Return the channel and the body of a message; None where there is none of this id."""
        rows = self._database.rows(
            "SELECT channel, body FROM outbox WHERE delivery_id = ?", [delivery_id]
        )
        return (rows[0][0], json.loads(rows[0][1])) if rows else None

    def replay(self, delivery_ids: Collection[str]) -> list[str]:
        """Make finished messages due at once, with all their tries; return their ids.

        Whoever has got one gets it again, with the same id and body.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                "UPDATE outbox SET state = 'pending', tries = 0, due_at = NULL, "
                "finished_at = NULL WHERE state <> 'pending' "
                "AND delivery_id IN (SELECT value FROM json_each(?)) RETURNING delivery_id",
                [json.dumps(list(delivery_ids))],
            ).fetchall()
        return [name for (name,) in rows]

    def untold(self, now: datetime) -> list[Untold]:
        """Return the troubles of which people must be told."""
        again = stamp(now - _AGAIN)
        disabled = self._database.rows(_DISABLED)
        given_up = self._database.rows(_GIVEN_UP, [again])
        return [_untold(row) for row in [*disabled, *given_up]]

    def unfit(self) -> frozenset[str]:
        """Return the channels that are disabled, or whose newest try failed."""
        rows = self._database.rows(
            f"SELECT channel FROM ({_NEWEST}) WHERE NOT delivered "  # noqa: S608 - own texts
            "UNION SELECT channel FROM disabled_channels"
        )
        return frozenset(name for (name,) in rows)

    def tell(self, trouble: Untold, made: Sequence[NewDelivery], now: datetime) -> None:
        """Add the messages that tell of a trouble and note that it is told, in one step."""
        with self._database.transaction() as connection:
            enter_deliveries(connection, made, stamp(now))
            connection.execute(
                "INSERT INTO told_troubles (channel, trouble, at) VALUES (?, ?, ?) "
                "ON CONFLICT (channel, trouble) DO UPDATE SET at = excluded.at",
                [trouble.channel, trouble.kind, stamp(now)],
            )


_LISTED = """
SELECT
    delivery_id, kind, json_extract(body, '$.type'), channel,
    coalesce(json_extract(body, '$.data.place'), ''), state,
    (SELECT count(*) FROM attempts AS a WHERE a.delivery_id = outbox.delivery_id),
    created_at, due_at, finished_at,
    coalesce((SELECT detail FROM attempts AS a WHERE a.delivery_id = outbox.delivery_id
     ORDER BY attempt_id DESC LIMIT 1), ''), alert_id
FROM outbox"""
_NEWEST = (
    "SELECT channel, delivered FROM attempts JOIN outbox USING (delivery_id) WHERE attempt_id IN "
    "(SELECT max(attempt_id) FROM attempts JOIN outbox USING (delivery_id) "
    "WHERE kind <> 'test' GROUP BY channel)"
)
_WORKS = f"coalesce((SELECT delivered FROM ({_NEWEST}) AS n WHERE n.channel = d.channel), 0)"  # noqa: S608
_DISABLED = f"""
SELECT channel, 'disabled', since,
    (SELECT count(*) FROM outbox AS o WHERE o.channel = d.channel AND state = 'pending'),
    reason, {_WORKS}
FROM disabled_channels AS d
WHERE channel NOT IN (SELECT channel FROM told_troubles WHERE trouble = 'disabled')
ORDER BY channel"""  # noqa: S608 - own texts
_GIVEN_UP = f"""
SELECT d.channel, 'given up', min(d.finished_at), count(*),
    coalesce((SELECT detail FROM attempts JOIN outbox AS o USING (delivery_id)
     WHERE o.channel = d.channel AND NOT delivered ORDER BY attempt_id DESC LIMIT 1), ''), {_WORKS}
FROM outbox AS d LEFT JOIN told_troubles AS t ON t.channel = d.channel AND trouble = 'given up'
WHERE d.state = 'dead' AND kind NOT IN ('notice', 'test') AND d.finished_at > coalesce(t.at, '')
AND coalesce(t.at, '') <= ?
GROUP BY d.channel ORDER BY d.channel"""  # noqa: S608 - own texts


def _untold(row: Sequence[Any]) -> Untold:
    channel, kind, since, count, detail, works = row
    return Untold(channel, kind, since, count, detail, bool(works))
