"""What people did to alerts: nothing here is ever changed but the end of a silence."""

from __future__ import annotations

ACTIONS = """
CREATE TABLE alert_actions (
    action_id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id TEXT NOT NULL REFERENCES alerts,
    at TEXT NOT NULL,
    author TEXT NOT NULL CHECK (author <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('acknowledged', 'noted', 'raised', 'resolved')),
    text TEXT NOT NULL,
    until TEXT CHECK (until > at),  -- of an acknowledgement; NULL: to the alert's end
    CHECK (until IS NULL OR kind = 'acknowledged')
) STRICT"""

ACTIONS_OF_ALERT = "CREATE INDEX actions_of_alert ON alert_actions (alert_id, at)"

SILENCES = """
CREATE TABLE silences (
    silence_id INTEGER PRIMARY KEY AUTOINCREMENT,
    match TEXT NOT NULL CHECK (match LIKE '{%}'),  -- column -> glob
    severities TEXT NOT NULL CHECK (severities LIKE '[%]'),  -- none: every one
    reason TEXT NOT NULL CHECK (reason <> ''),
    author TEXT NOT NULL CHECK (author <> ''),
    made_at TEXT NOT NULL,
    until TEXT NOT NULL CHECK (until > made_at),
    ended_at TEXT,
    ended_by TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT"""

PASSED_ON = """
CREATE TABLE passed_on (  -- steps of alerts that nobody acknowledged in time, and who was told then
    alert_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    channel TEXT NOT NULL,
    at TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (alert_id, sequence, channel),
    FOREIGN KEY (alert_id, sequence) REFERENCES alert_events
) STRICT, WITHOUT ROWID"""

STATEMENTS = (ACTIONS, ACTIONS_OF_ALERT, SILENCES, PASSED_ON)
"""In the order in which they are made."""
