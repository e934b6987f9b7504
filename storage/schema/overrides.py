"""What analysts say against forecasts and alerts: nothing is ever changed but the end."""

from __future__ import annotations

from storage.schema.checks import DATE

OVERRIDES = f"""
CREATE TABLE overrides (
    override_id INTEGER PRIMARY KEY AUTOINCREMENT,
    watch TEXT NOT NULL,
    region_key TEXT NOT NULL CHECK (region_key LIKE '[%]'),
    region TEXT NOT NULL,
    period TEXT CHECK (period {DATE}),  -- its first day; NULL: of an alert
    alert_id TEXT REFERENCES alerts,
    value INTEGER CHECK (value >= 0),
    severity TEXT CHECK (severity IN ('advisory', 'elevated', 'high', 'severe', 'extreme')),
    model TEXT NOT NULL CHECK (model LIKE '{{%}}'),  -- what it stands beside
    reason TEXT NOT NULL CHECK (reason <> ''),
    author TEXT NOT NULL CHECK (author <> ''),
    made_at TEXT NOT NULL,
    until TEXT CHECK (until > made_at),
    ended_at TEXT,
    ended_by TEXT,
    CHECK ((period IS NULL) = (alert_id IS NOT NULL)),
    CHECK (value IS NULL OR period IS NOT NULL),
    CHECK (severity IS NULL OR alert_id IS NOT NULL),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT"""

STATEMENTS = (OVERRIDES,)
"""In the order in which they are made."""
