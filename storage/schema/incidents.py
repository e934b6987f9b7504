"""Feeds, pulls, and every version of every incident."""

from __future__ import annotations

from storage.schema.checks import DATE

_VERSION = """
    seen_at TEXT NOT NULL,
    superseded_at TEXT CHECK (superseded_at > seen_at),  -- NULL: the current version
    ended_as TEXT CHECK (ended_as IN ('revised', 'deleted'))"""

_ENDED = "CHECK ((superseded_at IS NULL) = (ended_as IS NULL))"

FEEDS = """
CREATE TABLE feeds (
    feed_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    noun TEXT NOT NULL
) STRICT"""

PULLS = """
CREATE TABLE pulls (
    pull_id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds,
    at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('new', 'same', 'refused')),
    seen_at TEXT UNIQUE,  -- the stamp of the rows it brought; rises strictly over all feeds
    changed INTEGER NOT NULL CHECK (changed IN (0, 1)),  -- incidents, counts or coverage
    digest TEXT NOT NULL,
    origin TEXT NOT NULL,
    accessed TEXT,
    added INTEGER NOT NULL DEFAULT 0 CHECK (added >= 0),
    revised INTEGER NOT NULL DEFAULT 0 CHECK (revised >= 0),
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted >= 0),
    unchanged INTEGER NOT NULL DEFAULT 0 CHECK (unchanged >= 0),
    quarantined INTEGER NOT NULL DEFAULT 0 CHECK (quarantined >= 0),
    reason TEXT NOT NULL DEFAULT '',
    bookmark TEXT NOT NULL DEFAULT '',  -- the feed's own, for its next pull
    notes TEXT NOT NULL DEFAULT '[]',  -- JSON, of core.incidents.Notes
    seal BLOB CHECK (length(seal) = 32),  -- of what it brought and ended: storage/pull_seals.py
    CHECK ((status = 'new') = (seen_at IS NOT NULL)),
    CHECK (status = 'new' OR changed = 0),
    CHECK ((status = 'refused') = (reason <> ''))
) STRICT"""

COVERAGE = f"""
CREATE TABLE coverage (
    pull_id INTEGER NOT NULL REFERENCES pulls,
    country TEXT NOT NULL,  -- '' stands for the feed as a whole
    first TEXT NOT NULL CHECK (first {DATE}),
    through TEXT NOT NULL CHECK (through {DATE} AND through >= first),
    PRIMARY KEY (pull_id, country, first)
) STRICT, WITHOUT ROWID"""

# SQLite walks a row from its start: what counting reads stands first, ten times as fast.
INCIDENTS = f"""
CREATE TABLE incidents (  -- one row per version of an incident
    incident_id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds,{_VERSION},
    date TEXT NOT NULL CHECK (date {DATE}),
    date_precision INTEGER NOT NULL CHECK (date_precision BETWEEN 1 AND 5),
    fatalities INTEGER CHECK (fatalities >= 0),
    country TEXT, admin1 TEXT, admin2 TEXT, actor TEXT, target TEXT, kind TEXT,
    extra TEXT CHECK (extra LIKE '{{%}}'),
    source_id TEXT NOT NULL,
    date_end TEXT NOT NULL CHECK (date_end {DATE}),
    low INTEGER CHECK (low >= 0),
    high INTEGER CHECK (high >= 0),
    latitude REAL CHECK (latitude BETWEEN -90 AND 90),
    longitude REAL CHECK (longitude BETWEEN -180 AND 180),
    source TEXT,
    flags TEXT,
    CHECK (date_end >= date),
    {_ENDED}
) STRICT"""

INCIDENTS_CURRENT = """
CREATE UNIQUE INDEX incidents_current ON incidents (feed_id, source_id)
WHERE superseded_at IS NULL"""

COUNTS = f"""
CREATE TABLE counts (  -- from sources that give counts without incidents; never added to incidents
    count_id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds,{_VERSION},
    region TEXT NOT NULL,
    day TEXT NOT NULL CHECK (day {DATE}),
    events INTEGER NOT NULL CHECK (events >= 0),
    {_ENDED}
) STRICT"""

COUNTS_CURRENT = """
CREATE UNIQUE INDEX counts_current ON counts (feed_id, region, day)
WHERE superseded_at IS NULL"""

QUARANTINE = """
CREATE TABLE quarantine (
    quarantine_id INTEGER PRIMARY KEY,
    pull_id INTEGER NOT NULL REFERENCES pulls,
    line INTEGER NOT NULL CHECK (line >= 0),  -- 0: not known
    reason TEXT NOT NULL,
    excerpt TEXT NOT NULL
) STRICT"""

STATEMENTS = (
    FEEDS,
    PULLS,
    COVERAGE,
    INCIDENTS,
    INCIDENTS_CURRENT,
    COUNTS,
    COUNTS_CURRENT,
    QUARANTINE,
)
"""In the order in which they are made."""
