"""The messages: what was to be sent, each try, and the channels that want no more."""

from __future__ import annotations

OUTBOX = """
CREATE TABLE outbox (  -- every message that was ever to be sent: pending, delivered or dead
    place INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('alert', 'group', 'notice', 'digest', 'test')),
    alert_id TEXT,  -- the one step that it tells; NULL: several, see told_steps, or none
    sequence INTEGER,
    channel TEXT NOT NULL,
    body TEXT NOT NULL CHECK (body LIKE '{%}'),
    created_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),  -- since it was made or replayed
    due_at TEXT,  -- NULL: at once
    leased_until TEXT,
    lease TEXT CHECK (lease IN ('owner', 'visitor')),  -- whether its holder holds the owner lock
    finished_at TEXT,
    copy_of TEXT REFERENCES outbox (delivery_id),  -- which does not get through to its channel
    FOREIGN KEY (alert_id, sequence) REFERENCES alert_events,
    CHECK ((state = 'pending') = (finished_at IS NULL)),
    CHECK ((leased_until IS NULL) = (lease IS NULL))
) STRICT"""

OUTBOX_PENDING = "CREATE INDEX outbox_pending ON outbox (due_at) WHERE state = 'pending'"

OUTBOX_STEPS = "CREATE INDEX outbox_steps ON outbox (alert_id, sequence) WHERE alert_id IS NOT NULL"

OUTBOX_COPIES = "CREATE INDEX outbox_copies ON outbox (copy_of) WHERE copy_of IS NOT NULL"

OUTBOX_DIGESTS = "CREATE INDEX outbox_digests ON outbox (channel) WHERE kind = 'digest'"

# SQLite 3.40's quick_check takes a row without ROWID for damaged whose key is in another order.
TOLD_STEPS = """
CREATE TABLE told_steps (  -- the steps of alerts that a message of several tells
    alert_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    delivery_id TEXT NOT NULL REFERENCES outbox (delivery_id),
    PRIMARY KEY (alert_id, sequence, delivery_id),
    FOREIGN KEY (alert_id, sequence) REFERENCES alert_events
) STRICT, WITHOUT ROWID"""

ATTEMPTS = """
CREATE TABLE attempts (
    attempt_id INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL REFERENCES outbox (delivery_id),
    at TEXT NOT NULL,
    delivered INTEGER NOT NULL CHECK (delivered IN (0, 1)),
    detail TEXT NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0)
) STRICT"""

ATTEMPTS_OF = "CREATE INDEX attempts_of ON attempts (delivery_id)"

DISABLED_CHANNELS = """
CREATE TABLE disabled_channels (  -- their receivers want no more; nothing is sent there
    channel TEXT PRIMARY KEY,
    settings TEXT NOT NULL,  -- digest of the settings it had; with others it is tried again
    since TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

TOLD_TROUBLES = """
CREATE TABLE told_troubles (  -- when people were last told that a channel does not get through
    channel TEXT NOT NULL,
    trouble TEXT NOT NULL CHECK (trouble IN ('disabled', 'given up')),
    at TEXT NOT NULL,
    PRIMARY KEY (channel, trouble)
) STRICT, WITHOUT ROWID"""

STATEMENTS = (
    OUTBOX,
    OUTBOX_PENDING,
    OUTBOX_STEPS,
    OUTBOX_COPIES,
    OUTBOX_DIGESTS,
    TOLD_STEPS,
    ATTEMPTS,
    ATTEMPTS_OF,
    DISABLED_CHANNELS,
    TOLD_TROUBLES,
)
"""In the order in which they are made."""
