"""Alerts and their stories, as rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

from core.alerts import Alert, AlertChanges, AlertEvent, AlertState, NewDelivery
from core.regions import label
from storage.database import Database

ALERT_COLUMNS = (
    "alert_id, scope, watch, rule, region_key, state, severity, crossings, clears, data_through, "
    "threshold, baseline, unit, opened_at, updated_at, resolved_at"
)
"""In the order of `core.alerts.Alert`."""


class Alerts:
    """`core.protocols.AlertStore` over one database."""

    def __init__(self, database: Database) -> None:
        """Take a database."""
        self._database = database

    def unresolved(self, scope: str) -> list[Alert]:
        """Return the alerts of a scope that are pending or firing, oldest first."""
        rows = self._database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts "  # noqa: S608 - own texts
            "WHERE scope = ? AND state <> 'resolved' ORDER BY opened_at, alert_id",
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

    def told(self, alert_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return per alert the channels that a message of it was made for."""
        found: dict[str, set[str]] = {}
        for alert_id, channel in self._database.rows(
            "SELECT DISTINCT alert_id, channel FROM outbox "
            "WHERE alert_id IN (SELECT value FROM json_each(?))",
            [json.dumps(alert_ids)],
        ):
            found.setdefault(alert_id, set()).add(channel)
        return {alert_id: frozenset(channels) for alert_id, channels in found.items()}


def alert_of(row: Sequence[Any]) -> Alert:
    """Return the alert of a row of ALERT_COLUMNS."""
    fields = list(row)
    fields[4] = tuple(json.loads(fields[4]))
    fields[5] = AlertState(fields[5])
    fields[9] = date.fromisoformat(fields[9])
    return Alert(*fields)


def enter_changes(connection: sqlite3.Connection, run: int, changes: AlertChanges, at: str) -> None:
    """Write what a run does to alerts, inside the transaction that publishes it."""
    _enter_alerts(connection, changes.alerts)
    _enter_events(connection, run, changes.events)
    _enter_deliveries(connection, changes.deliveries, at)


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


def _enter_events(connection: sqlite3.Connection, run: int, events: Iterable[AlertEvent]) -> None:
    connection.executemany(
        "INSERT INTO alert_events (alert_id, sequence, at, from_state, to_state, severity, reason, "
        "probability, facts, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*astuple(event)[:-1], _json(event.facts), run) for event in events],
    )


def _enter_deliveries(
    connection: sqlite3.Connection, deliveries: Iterable[NewDelivery], at: str
) -> None:
    connection.executemany(
        "INSERT INTO outbox (delivery_id, alert_id, sequence, channel, body, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [(*astuple(new)[:-1], _json(new.body), at) for new in deliveries],
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
