"""Alerts and their stories, as rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import date
from typing import Any

from core.alerts import (
    Alert,
    AlertChanges,
    AlertEvent,
    AlertState,
    Held,
    Json,
    Remark,
    RemarkKind,
    Verdict,
)
from core.regions import label
from core.settings import Severity
from storage.database import Database
from storage.outbox import enter_deliveries

ALERT_COLUMNS = (
    "alert_id, scope, watch, rule, region_key, state, severity, crossings, clears, data_through, "
    "threshold, baseline, unit, opened_at, updated_at, resolved_at"
)
"""In the order of `core.alerts.Alert`."""
_EVENT_COLUMNS = (
    "alert_id, sequence, at, from_state, to_state, severity, reason, probability, facts, remarks"
)
"""In the order of `core.alerts.AlertEvent`."""
OPEN = "state IN ('pending', 'firing')"
"""SQL: an episode that goes on."""


class Alerts:
    """The alerts of one database, as a run needs to know them."""

    def __init__(self, database: Database) -> None:
        """Take a database."""
        self._database = database

    def unresolved(self, scope: str) -> list[Alert]:
        """Return the alerts of a scope that are pending or firing, oldest first."""
        rows = self._database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts "  # noqa: S608 - own texts
            f"WHERE scope = ? AND {OPEN} ORDER BY opened_at, alert_id",
            [scope],
        )
        return [alert_of(row) for row in rows]

    def last_sequence(self, alert_ids: Sequence[str]) -> Mapping[str, int]:
        """Return per alert the sequence number of its newest event."""
        return dict(
            self._database.rows(
                "SELECT alert_id, max(sequence) FROM alert_events "
                "WHERE alert_id IN (SELECT value FROM json_each(?)) GROUP BY alert_id",
                [json.dumps(alert_ids)],
            )
        )

    def told(self, alert_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return per alert the channels that a message of it was made for, and when the newest."""
        found: dict[str, dict[str, str]] = {}
        for alert_id, channel, at in self._database.rows(
            "SELECT alert_id, channel, max(created_at) FROM ("
            "SELECT alert_id, channel, created_at FROM outbox "
            "WHERE alert_id IN (SELECT value FROM json_each(:ids)) "
            "UNION ALL SELECT told_steps.alert_id, channel, created_at "
            "FROM told_steps JOIN outbox USING (delivery_id) "
            "WHERE told_steps.alert_id IN (SELECT value FROM json_each(:ids))"
            ") GROUP BY alert_id, channel",
            {"ids": json.dumps(alert_ids)},
        ):
            found.setdefault(alert_id, {})[channel] = at
        return found

    def held(self, now: str) -> Mapping[str, Held]:
        """Return per channel the newest message that waits for its time and was never tried."""
        found: dict[str, Held] = {}
        for channel, name in self._database.rows(
            "SELECT channel, delivery_id FROM outbox WHERE state = 'pending' AND tries = 0 "
            "AND kind IN ('alert', 'group') AND due_at > ? ORDER BY place",
            [now],
        ):
            found[channel] = Held(name, tuple(steps_told(self._database, name)))
        return found

    def past(self, alert_ids: Sequence[str]) -> Mapping[str, tuple[Json, Json]]:
        """Return per alert the facts of its first event, and those of its newest."""
        return {
            alert_id: (json.loads(first), json.loads(last))
            for alert_id, first, last in self._database.rows(
                "SELECT value, f.facts, l.facts FROM json_each(?) "
                "JOIN alert_events AS f ON f.alert_id = value AND f.sequence = 1 "
                "JOIN alert_events AS l ON l.alert_id = value AND l.sequence = "
                "(SELECT max(sequence) FROM alert_events WHERE alert_id = value)",
                [json.dumps(alert_ids)],
            )
        }

    def judged(self, scope: str) -> Mapping[str, tuple[int, int]]:
        """Return per rule how many of its alerts came true, of how many that have a verdict."""
        rows = self._database.rows(
            "SELECT rule, sum(verdict = 'came_true'), count(*) FROM verdicts "
            "JOIN alerts USING (alert_id) WHERE scope = ? AND verdict <> 'undecided' GROUP BY rule",
            [scope],
        )
        return {rule: (came_true, judged) for rule, came_true, judged in rows}

    def unjudged(self, scope: str) -> list[tuple[Alert, Json, Severity, float]]:
        """Return the alerts about forecasts that fired and have no verdict.

        Each with the facts, severity and likelihood of the day on which it fired.
        """
        columns = ", ".join(f"a.{name}" for name in ALERT_COLUMNS.split(", "))
        rows = self._database.rows(
            f"SELECT e.facts, e.severity, e.probability, {columns} "  # noqa: S608 - own texts
            "FROM alerts AS a JOIN alert_events AS e USING (alert_id) "
            "WHERE a.scope = ? AND e.reason IN ('crossed_enough_runs', 'renamed') "
            "AND a.state NOT IN ('retracted', 'superseded') "
            "AND json_extract(e.facts, '$.aggregate') IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM verdicts AS v WHERE v.alert_id = a.alert_id) "
            "ORDER BY a.opened_at, a.alert_id, e.sequence",
            [scope],
        )
        found = {row[3]: (alert_of(row[3:]), json.loads(row[0]), row[1], row[2]) for row in rows}
        return list(found.values())


def _event_of(row: Sequence[Any]) -> AlertEvent:
    """Return the event of a row of _EVENT_COLUMNS."""
    alert_id, sequence, at, before, after, severity, reason, probability, facts, remarks = row
    return AlertEvent(
        *(alert_id, sequence, at, before and AlertState(before), AlertState(after)),
        *(severity, reason, probability, json.loads(facts)),
        tuple(Remark(RemarkKind(one["kind"]), one["text"]) for one in json.loads(remarks)),
    )


def steps_told(database: Database, delivery_id: str) -> Iterator[tuple[Alert, AlertEvent]]:
    """Yield the steps that a message tells, oldest first, each with its alert as it is now."""
    rows = database.rows(
        f"SELECT {_EVENT_COLUMNS} FROM alert_events "  # noqa: S608 - own texts
        "WHERE (alert_id, sequence) IN ("
        "SELECT alert_id, sequence FROM outbox WHERE delivery_id = :name "
        "UNION SELECT alert_id, sequence FROM told_steps WHERE delivery_id = :name) "
        "ORDER BY at, alert_id",
        {"name": delivery_id},
    )
    for row in rows:
        (alert,) = database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts WHERE alert_id = ?",  # noqa: S608
            [row[0]],
        )
        yield alert_of(alert), _event_of(row)


def alert_of(row: Sequence[Any]) -> Alert:
    """Return the alert of a row of ALERT_COLUMNS."""
    fields = list(row)
    fields[4] = tuple(json.loads(fields[4]))
    fields[5] = AlertState(fields[5])
    fields[9] = date.fromisoformat(fields[9])
    return Alert(*fields)


def enter_changes(
    connection: sqlite3.Connection, run: int | None, changes: AlertChanges, at: str
) -> None:
    """Write what a run, or a person (`run` None), does to alerts, inside a transaction.

    An alert that a person ended while the run was at work stays ended.
    """
    ended = _ended(connection, [e.alert_id for e in changes.events if _was_open(e)])
    _enter_alerts(connection, [a for a in changes.alerts if a.alert_id not in ended])
    _enter_events(connection, run, [e for e in changes.events if e.alert_id not in ended])
    kept = [new for new in changes.deliveries if new.alert_id not in ended]
    enter_deliveries(connection, kept, at)
    _enter_verdicts(connection, [v for v in changes.verdicts if v.alert_id not in ended], at)


def _was_open(event: AlertEvent) -> bool:
    return event.from_state is not None and event.from_state.is_open


def _ended(connection: sqlite3.Connection, alert_ids: Sequence[str]) -> set[str]:
    rows = connection.execute(
        f"SELECT alert_id FROM alerts WHERE NOT {OPEN} "  # noqa: S608 - own texts
        "AND alert_id IN (SELECT value FROM json_each(?))",
        [json.dumps(alert_ids)],
    )
    return {alert_id for (alert_id,) in rows}


def _enter_alerts(connection: sqlite3.Connection, alerts: Iterable[Alert]) -> None:
    """Insert alerts, or bring the stored ones up to date: what they opened with stays."""
    connection.executemany(
        f"INSERT INTO alerts ({ALERT_COLUMNS}, region) "  # noqa: S608 - own texts
        f"VALUES ({', '.join('?' * 17)}) ON CONFLICT (alert_id) DO UPDATE SET "
        "state = excluded.state, severity = excluded.severity, crossings = excluded.crossings, "
        "clears = excluded.clears, data_through = excluded.data_through, "
        "updated_at = excluded.updated_at, resolved_at = excluded.resolved_at",
        [_alert_row(alert) for alert in alerts],
    )


def _alert_row(alert: Alert) -> list[Any]:
    row = list(astuple(alert))
    row[4] = json.dumps(alert.region, ensure_ascii=False)
    row[9] = alert.data_through.isoformat()
    return [*row, label(alert.region)]


def _enter_events(
    connection: sqlite3.Connection, run: int | None, events: Iterable[AlertEvent]
) -> None:
    connection.executemany(
        "INSERT INTO alert_events (alert_id, sequence, at, from_state, to_state, severity, reason, "
        "probability, facts, remarks, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_event_row(event, run) for event in events],
    )


def _event_row(event: AlertEvent, run: int | None) -> list[Any]:
    told = [event.alert_id, event.sequence, event.at, event.from_state, event.to_state]
    remarks = json.dumps([asdict(remark) for remark in event.remarks], ensure_ascii=False)
    told += [event.severity, event.reason, event.probability, _json(event.facts), remarks]
    return [*told, run]


def _enter_verdicts(connection: sqlite3.Connection, verdicts: Iterable[Verdict], at: str) -> None:
    connection.executemany(
        "INSERT INTO verdicts (alert_id, verdict, observed, threshold, probability, words, "
        "judged_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*astuple(verdict), at) for verdict in verdicts],
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
