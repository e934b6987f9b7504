"""Messages that wait and must not go out any more: found, and given up with their reason."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from core.alerts import Attempt, Json, NewDelivery
from core.clock import stamp
from storage.database import Database
from storage.outbox import enter_deliveries, note_attempt


class WaitingStep(NamedTuple):
    """A step that a message tells; names as in `alerts.withdrawal.ToldStep`."""

    alert_id: str
    sequence: int
    watch: str
    severity: str
    resolved: bool


class Waiting(NamedTuple):
    """A message that waits; names as in `alerts.withdrawal.Held`."""

    delivery_id: str
    channel: str
    kind: str
    body: Json
    due_at: str | None
    steps: tuple[WaitingStep, ...]


class Withdrawals:
    """The messages of one database that may have to be withdrawn."""

    def __init__(self, database: Database) -> None:
        """Take a database; one that can be written for `withdraw`."""
        self._database = database

    def waiting(self, channels: Collection[str], watches: Collection[str]) -> list[Waiting]:
        """Return what waits for some channels and tells of some watches, oldest first."""
        bound = {"channels": json.dumps(list(channels)), "watches": json.dumps(list(watches))}
        rows = self._database.rows(_WAITING, bound)
        return [
            Waiting(name, channel, kind, json.loads(body), due_at, self._steps(name))
            for name, channel, kind, body, due_at in rows
        ]

    def _steps(self, delivery_id: str) -> tuple[WaitingStep, ...]:
        rows = self._database.rows(_STEPS, {"name": delivery_id})
        return tuple(
            WaitingStep(alert_id, sequence, watch, severity, bool(resolved))
            for alert_id, sequence, watch, severity, resolved in rows
        )

    def withdraw(
        self, delivery_id: str, reason: str, instead: NewDelivery | None, now: datetime
    ) -> None:
        """Give a message up, with the reason kept as its last try, and add what goes instead."""
        at = stamp(now)
        with self._database.transaction() as connection:
            note_attempt(connection, delivery_id, Attempt(at, False, reason, 0))
            connection.execute(
                "UPDATE outbox SET state = 'dead', finished_at = ?, leased_until = NULL, "
                "lease = NULL WHERE delivery_id = ? AND state = 'pending'",
                [at, delivery_id],
            )
            enter_deliveries(connection, [instead] if instead else [], at)


_TOLD = """
SELECT delivery_id, alert_id, sequence FROM outbox WHERE alert_id IS NOT NULL
UNION SELECT delivery_id, alert_id, sequence FROM told_steps"""
_WAITING = f"""
SELECT delivery_id, channel, kind, body, due_at FROM outbox
WHERE state = 'pending' AND kind <> 'test'
AND channel IN (SELECT value FROM json_each(:channels))
AND (json_extract(body, '$.data.watch') IN (SELECT value FROM json_each(:watches))
    OR EXISTS (SELECT 1 FROM json_each(body, '$.data.watches') AS told
        WHERE told.value IN (SELECT value FROM json_each(:watches)))
    OR delivery_id IN (SELECT t.delivery_id FROM ({_TOLD}) AS t JOIN alerts USING (alert_id)
        WHERE watch IN (SELECT value FROM json_each(:watches))))
ORDER BY place"""  # noqa: S608 - own texts
_STEPS = f"""
SELECT alert_id, sequence, watch, alert_events.severity, to_state = 'resolved'
FROM ({_TOLD}) AS t JOIN alerts USING (alert_id) JOIN alert_events USING (alert_id, sequence)
WHERE t.delivery_id = :name ORDER BY alert_id, sequence"""  # noqa: S608 - own texts
