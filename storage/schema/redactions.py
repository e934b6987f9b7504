"""What was erased on purpose: by whom, when and why, never what it was."""

from __future__ import annotations

REDACTIONS = """
CREATE TABLE redactions (
    redaction_id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds,
    at TEXT NOT NULL,
    person TEXT NOT NULL CHECK (person <> ''),
    reason TEXT NOT NULL CHECK (reason <> ''),
    fields TEXT NOT NULL CHECK (fields LIKE '[%]'),
    incidents INTEGER NOT NULL CHECK (incidents >= 0),
    versions INTEGER NOT NULL CHECK (versions >= 0),  -- rows of incidents that lost a text
    elsewhere INTEGER NOT NULL CHECK (elsewhere >= 0)  -- rows of other tables that did
) STRICT"""

REDACTED = """
CREATE TABLE redacted (  -- what is erased again whenever the source sends it again
    feed_id INTEGER NOT NULL REFERENCES feeds,
    source_id TEXT NOT NULL,
    field TEXT NOT NULL,
    redaction_id INTEGER NOT NULL REFERENCES redactions,
    PRIMARY KEY (feed_id, source_id, field)
) STRICT, WITHOUT ROWID"""

STATEMENTS = (REDACTIONS, REDACTED)
"""In the order in which they are made."""
