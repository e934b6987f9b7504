"""The tables of schema 1. Stamps are `core.clock.stamp` texts, dates ISO texts, JSON is text.

STRICT refuses a wrong type, CHECK a wrong value, NOT NULL also a NaN
(SQLite stores NaN as NULL).
"""

from __future__ import annotations

from storage.schema import (
    alerts,
    incidents,
    installation,
    names,
    outbox,
    overrides,
    people,
    redactions,
    runs,
    scores,
)

STATEMENTS = (
    *installation.STATEMENTS,
    *incidents.STATEMENTS,
    *redactions.STATEMENTS,
    *names.STATEMENTS,
    *runs.STATEMENTS,
    *alerts.STATEMENTS,
    *outbox.STATEMENTS,
    *scores.STATEMENTS,
    *people.STATEMENTS,
    *overrides.STATEMENTS,
)
"""In the order in which they are made."""
