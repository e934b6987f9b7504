"""This copy of Tocsin, and where it is at home."""

from __future__ import annotations

INSTALLATION = """
CREATE TABLE installation (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    installation_id TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0),  -- starts of owners; kept beside it too
    home TEXT CHECK (home LIKE '{%}'),  -- where it was last at work
    held TEXT CHECK (held <> '')  -- why nothing is sent; NULL: it sends
) STRICT"""

HEARTBEATS = """
CREATE TABLE heartbeats (  -- the last one of each kind that was taken
    kind TEXT PRIMARY KEY CHECK (kind IN ('success', 'fail')),
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

STATEMENTS = (INSTALLATION, HEARTBEATS)
"""In the order in which they are made."""
