"""Firing alerts that somebody should acknowledge, and what is kept when nobody does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from core.acknowledgements import PassedOn, Unheard
from core.alerts import NewDelivery
from core.people import ActionKind
from storage.database import Database
from storage.outbox import enter_deliveries
from storage.people import People
from storage.stories import Stories

_MESSAGES = """
WITH firing AS (SELECT alert_id FROM alerts WHERE scope = 'live' AND state = 'firing'),
told AS (
    SELECT o.alert_id, o.sequence, channel, o.state, tries, created_at, due_at, finished_at, place
    FROM firing JOIN outbox AS o USING (alert_id)
    UNION ALL
    SELECT t.alert_id, t.sequence, channel, o.state, tries, created_at, due_at, finished_at, place
    FROM firing JOIN told_steps AS t USING (alert_id)
    JOIN outbox AS o ON o.delivery_id = t.delivery_id
)
SELECT alert_id, sequence, at, channel, CASE
    WHEN told.state = 'delivered' THEN finished_at
    WHEN tries = 0 THEN coalesce(due_at, created_at)
    ELSE created_at END
FROM told JOIN alert_events USING (alert_id, sequence)
WHERE to_state = 'firing' AND (reason IN (SELECT value FROM json_each(?))
    OR place = (SELECT min(place) FROM told AS first WHERE first.alert_id = told.alert_id))
ORDER BY alert_id, sequence"""


class _Message(NamedTuple):
    """A message of a step that rang, and from when on its readers could know."""

    alert_id: str
    sequence: int
    rang_at: str
    channel: str
    known_at: str


class UnheardAlerts:
    """Reads and writes over one database."""

    def __init__(self, database: Database) -> None:
        """Take a database; keeping needs mode "own" or "write"."""
        self._database = database

    def firing(self, rings: Iterable[str], now: str) -> list[Unheard]:
        """Return the live alerts that fire and were told, each with its newest step that rang.

        Steps ring whose reason is one of `rings`, and the first that anybody was told of.
        """
        messages = [_Message(*row) for row in self._database.rows(_MESSAGES, [_json(rings)])]
        by_alert = groupby(messages, key=lambda one: one.alert_id)
        newest = {name: _newest(list(group)) for name, group in by_alert}
        people, stories = People(self._database), Stories(self._database)
        heard = set(people.acknowledged(list(newest), now))
        for action in people.actions(list(newest)):
            rang_at = newest[action.alert_id][0].rang_at
            if action.kind is ActionKind.ACKNOWLEDGED and action.at >= rang_at:
                heard.add(action.alert_id)
        passed = {(one.alert_id, one.sequence, one.channel) for one in self.passed_on(list(newest))}
        return [
            Unheard(
                alert=stories.find(name),
                event=stories.step(name, told[0].sequence),
                told=_known(told),
                acknowledged=name in heard,
                passed_on=frozenset(
                    channel for *step, channel in passed if step == [name, told[0].sequence]
                ),
            )
            for name, told in newest.items()
        ]

    def keep(self, passed: Sequence[PassedOn], made: Iterable[NewDelivery], now: str) -> None:
        """Keep who is told then and put the messages into the outbox, in one transaction."""
        rows = [(one.alert_id, one.sequence, one.channel, one.at, one.words) for one in passed]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO passed_on VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows
            )
            enter_deliveries(connection, made, now)

    def passed_on(self, alert_ids: Sequence[str]) -> list[PassedOn]:
        """Return what of some alerts was passed on, oldest first."""
        rows = self._database.rows(
            "SELECT alert_id, sequence, channel, at, words FROM passed_on "
            "WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY at, channel",
            [_json(alert_ids)],
        )
        return [PassedOn(*row) for row in rows]


def _newest(messages: list[_Message]) -> list[_Message]:
    """Return the messages of the newest step; they come in the order of the steps."""
    return [one for one in messages if one.sequence == messages[-1].sequence]


def _known(messages: Iterable[_Message]) -> dict[str, str]:
    """Return per channel the first stamp from which on its readers could know."""
    found: dict[str, str] = {}
    for one in messages:
        found[one.channel] = min(one.known_at, found.get(one.channel, one.known_at))
    return found


def _json(texts: Iterable[str]) -> str:
    return json.dumps(list(texts))
