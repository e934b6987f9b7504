"""Alerts and their stories."""

from __future__ import annotations

from storage.schema.checks import DATE

_STATES = "'pending', 'firing', 'resolved', 'retracted', 'superseded', 'expired'"
_OPEN = "state IN ('pending', 'firing')"

ALERTS = f"""
CREATE TABLE alerts (
    alert_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    watch TEXT NOT NULL,
    rule TEXT NOT NULL,
    region_key TEXT NOT NULL CHECK (region_key LIKE '[%]'),
    region TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({_STATES})),
    severity TEXT NOT NULL
        CHECK (severity IN ('advisory', 'elevated', 'high', 'severe', 'extreme')),
    crossings INTEGER NOT NULL CHECK (crossings >= 0),
    clears INTEGER NOT NULL CHECK (clears >= 0),
    data_through TEXT NOT NULL CHECK (data_through {DATE}),
    threshold INTEGER NOT NULL CHECK (threshold >= 0),
    baseline REAL CHECK (baseline >= 0),
    unit TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    resolved_at TEXT,  -- when it ended, in whichever way
    CHECK (({_OPEN}) = (resolved_at IS NULL))
) STRICT"""

ALERTS_OPEN = f"""
CREATE UNIQUE INDEX alerts_open ON alerts (scope, watch, rule, region_key) WHERE {_OPEN}"""

ALERTS_NEWEST = """
CREATE INDEX alerts_newest ON alerts (scope, updated_at DESC, alert_id)"""

ALERTS_BY_PLACE = """
CREATE INDEX alerts_by_place ON alerts (scope, watch, region, state)"""

ALERT_EVENTS = f"""
CREATE TABLE alert_events (
    alert_id TEXT NOT NULL REFERENCES alerts,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    run_id INTEGER REFERENCES runs,  -- the run that took the step
    at TEXT NOT NULL,
    from_state TEXT CHECK (from_state IN ({_STATES})),
    to_state TEXT NOT NULL CHECK (to_state IN ({_STATES})),
    severity TEXT NOT NULL
        CHECK (severity IN ('advisory', 'elevated', 'high', 'severe', 'extreme')),
    reason TEXT NOT NULL,
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    facts TEXT NOT NULL CHECK (facts LIKE '{{%}}'),
    remarks TEXT NOT NULL DEFAULT '[]' CHECK (remarks LIKE '[%]'),
    PRIMARY KEY (alert_id, sequence)
) STRICT, WITHOUT ROWID"""

ALERT_EVENTS_AT = "CREATE INDEX alert_events_at ON alert_events (at)"

ALERT_TABLE = """
CREATE VIEW alert_table AS  -- every alert, with its newest step
SELECT
    watch, rule, region, state, alerts.severity, threshold, unit, probability, reason,
    opened_at, updated_at, resolved_at, data_through, scope, alerts.alert_id AS alert
FROM alerts JOIN alert_events USING (alert_id)
WHERE sequence = (SELECT max(sequence) FROM alert_events AS e WHERE e.alert_id = alerts.alert_id)
"""

VERDICTS = """
CREATE TABLE verdicts (  -- what became of what an alert warned of, once its window was complete
    alert_id TEXT PRIMARY KEY REFERENCES alerts,
    verdict TEXT NOT NULL CHECK (verdict IN ('came_true', 'did_not_come_true', 'undecided')),
    observed INTEGER CHECK (observed >= 0),
    threshold INTEGER NOT NULL CHECK (threshold > 0),
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    words TEXT NOT NULL,
    judged_at TEXT NOT NULL
) STRICT"""

STATEMENTS = (
    ALERTS,
    ALERTS_OPEN,
    ALERTS_NEWEST,
    ALERTS_BY_PLACE,
    ALERT_EVENTS,
    ALERT_EVENTS_AT,
    VERDICTS,
    ALERT_TABLE,
)
"""In the order in which they are made."""
