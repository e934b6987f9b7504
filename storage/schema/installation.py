"""This copy of Tocsin."""

from __future__ import annotations

INSTALLATION = """
CREATE TABLE installation (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    installation_id TEXT NOT NULL
) STRICT"""

STATEMENTS = (INSTALLATION,)
"""In the order in which they are made."""
