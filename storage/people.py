"""What people do to alerts, as rows: short writes that need only SQLite's own lock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.alerts import AlertChanges, Json
from core.errors import InputError
from core.people import Action, ActionKind, Silence
from storage.alerts import enter_changes
from storage.database import Database

_ACTION = "alert_id, at, author, kind, text, until"
_SILENCE = (
    "silence_id, match, severities, reason, author, made_at, until, ended_at, ended_by "
    "FROM silences"
)


class People:
    """Actions and silences over one database; writing needs mode "write" or "own"."""

    def __init__(self, database: Database) -> None:
        """Take a database."""
        self._database = database

    def act(self, action: Action, changes: AlertChanges | None = None) -> None:
        """Keep what a person did to an alert, with what it changes, in one transaction."""
        with self._database.transaction() as connection:
            if changes is not None:
                enter_changes(connection, None, changes, action.at)
            connection.execute(
                f"INSERT INTO alert_actions ({_ACTION}) "  # noqa: S608 - own texts
                "VALUES (?, ?, ?, ?, ?, ?)",
                [action.alert_id, action.at, action.by, action.kind, action.text, action.until],
            )

    def acknowledge_once(self, action: Action, since: str) -> bool:
        """Keep an acknowledgement of a firing alert, unless its author made one since a stamp.

        Returns whether it was kept: of two at the same moment, one is.
        """
        bound = [action.alert_id, action.at, action.by, action.kind, action.text, action.until]
        with self._database.transaction() as connection:
            kept = connection.execute(
                f"INSERT INTO alert_actions ({_ACTION}) "  # noqa: S608 - own texts
                "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM alerts "
                "WHERE alert_id = ?1 AND state = 'firing') AND NOT EXISTS (SELECT 1 "
                "FROM alert_actions WHERE alert_id = ?1 AND author = ?3 AND kind = ?4 "
                "AND at >= ?7)",
                [*bound, since],
            )
        return kept.rowcount == 1

    def actions(self, alert_ids: Sequence[str]) -> list[Action]:
        """Return what people did to some alerts, oldest first."""
        rows = self._database.rows(
            f"SELECT {_ACTION} FROM alert_actions "  # noqa: S608 - own texts
            "WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY at, action_id",
            [json.dumps(alert_ids)],
        )
        return [_action(row) for row in rows]

    def actions_since(self, since: str) -> list[Action]:
        """Return what people did to alerts since a stamp, oldest first."""
        rows = self._database.rows(
            f"SELECT {_ACTION} FROM alert_actions WHERE at >= ? "  # noqa: S608 - own texts
            "ORDER BY at, action_id",
            [since],
        )
        return [_action(row) for row in rows]

    def acknowledged(self, alert_ids: Sequence[str], at: str) -> Mapping[str, Action]:
        """Return per alert the acknowledgement in force at a stamp: the newest, if not broken.

        An alert that escalated after it was acknowledged is not acknowledged.
        """
        rows = self._database.rows(
            f"SELECT {_ACTION} FROM alert_actions AS a "  # noqa: S608 - own texts
            "WHERE kind = 'acknowledged' AND alert_id IN (SELECT value FROM json_each(:ids)) "
            "AND NOT EXISTS (SELECT 1 FROM alert_events AS e WHERE e.alert_id = a.alert_id "
            "AND e.reason = 'escalated' AND e.at >= a.at) ORDER BY a.at, action_id",
            {"ids": json.dumps(alert_ids)},
        )
        newest = {row[0]: _action(row) for row in rows}
        return {
            alert_id: action
            for alert_id, action in newest.items()
            if action.until is None or action.until > at
        }

    def silence(self, silence: Silence) -> int:
        """Keep a new silence and return the number that names it."""
        row = [
            *(json.dumps(silence.match, ensure_ascii=False), json.dumps(silence.severities)),
            *(silence.reason, silence.by, silence.made_at, silence.until),
        ]
        with self._database.transaction() as connection:
            number = connection.execute(
                "INSERT INTO silences (match, severities, reason, author, made_at, until) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING silence_id",
                row,
            ).fetchone()
        return int(number[0])

    def unsilence(self, number: int, at: str, by: str) -> Silence:
        """Lift a silence and return it.

        Raises:
            InputError: when there is no such silence, or it has ended already.
        """
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE silences SET ended_at = :at, ended_by = :by "
                "WHERE silence_id = :number AND ended_at IS NULL AND until > :at",
                {"at": at, "by": by, "number": number},
            ).rowcount
        if not changed:
            mend = "'tocsin alerts silences' lists those in force"
            raise InputError("unsilence", f"no silence {number} is in force", mend)
        (found,) = self._silences("WHERE silence_id = ?", [number])
        return found

    def silences_after(self, stamp: str) -> list[Silence]:
        """Return the silences that end after a stamp, oldest first."""
        return self._silences(
            "WHERE min(until, coalesce(ended_at, until)) > ? ORDER BY silence_id", [stamp]
        )

    def _silences(self, where: str, bound: Sequence[object]) -> list[Silence]:
        rows = self._database.rows(f"SELECT {_SILENCE} {where}", bound)
        return [_silence(row) for row in rows]


def _action(row: Sequence[Any]) -> Action:
    alert_id, at, by, kind, text, until = row
    return Action(alert_id, at, by, ActionKind(kind), text, until)


def _silence(row: Sequence[Any]) -> Silence:
    number, match, severities, *rest = row
    found: Json = json.loads(match)
    return Silence(number, found, tuple(json.loads(severities)), *rest)
