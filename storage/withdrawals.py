"""Messages that wait and must not go out any more: found, and given up with their reason."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from core.alerts import Attempt, NewDelivery, Waiting
from core.clock import stamp
from storage.alerts import steps_told
from storage.database import Database
from storage.outbox import enter_deliveries, note_attempt


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
            Waiting(
                *(name, channel, kind, json.loads(body), due_at),
                tuple(steps_told(self._database, name)),
            )
            for name, channel, kind, body, due_at in rows
        ]

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
