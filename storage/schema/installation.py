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
CREATE TABLE heartbeats (  -- the last one
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    at TEXT NOT NULL
) STRICT"""

STATEMENTS = (INSTALLATION, HEARTBEATS)
"""In the order in which they are made."""
