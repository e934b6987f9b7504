"""The tables of schema 1. Stamps are `core.clock.stamp` texts, dates ISO texts, JSON is text.

STRICT refuses a wrong type, CHECK a wrong value, NOT NULL also a NaN
(SQLite stores NaN as NULL).
"""

from __future__ import annotations

_DATE = "GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"

INSTALLATION = """
CREATE TABLE installation (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    installation_id TEXT NOT NULL
) STRICT"""

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
    CHECK ((status = 'new') = (seen_at IS NOT NULL)),
    CHECK (status = 'new' OR changed = 0),
    CHECK ((status = 'refused') = (reason <> ''))
) STRICT"""

COVERAGE = f"""
CREATE TABLE coverage (
    pull_id INTEGER NOT NULL REFERENCES pulls,
    country TEXT NOT NULL,  -- '' stands for the feed as a whole
    first TEXT NOT NULL CHECK (first {_DATE}),
    through TEXT NOT NULL CHECK (through {_DATE} AND through >= first),
    PRIMARY KEY (pull_id, country, first)
) STRICT, WITHOUT ROWID"""

_VERSION = """
    seen_at TEXT NOT NULL,
    superseded_at TEXT CHECK (superseded_at > seen_at),  -- NULL: the current version
    ended_as TEXT CHECK (ended_as IN ('revised', 'deleted'))"""

_ENDED = "CHECK ((superseded_at IS NULL) = (ended_as IS NULL))"

# SQLite walks a row from its start: what counting reads stands first, ten times as fast.
INCIDENTS = f"""
CREATE TABLE incidents (  -- one row per version of an incident
    incident_id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds,{_VERSION},
    date TEXT NOT NULL CHECK (date {_DATE}),
    date_precision INTEGER NOT NULL CHECK (date_precision BETWEEN 1 AND 5),
    fatalities INTEGER CHECK (fatalities >= 0),
    country TEXT, admin1 TEXT, admin2 TEXT, actor TEXT, target TEXT, kind TEXT,
    extra TEXT CHECK (extra LIKE '{{%}}'),
    source_id TEXT NOT NULL,
    date_end TEXT NOT NULL CHECK (date_end {_DATE}),
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
    day TEXT NOT NULL CHECK (day {_DATE}),
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

ALIASES = """
CREATE TABLE aliases (
    field TEXT NOT NULL,
    spelling TEXT NOT NULL,  -- folded
    canonical TEXT NOT NULL,
    PRIMARY KEY (field, spelling)
) STRICT, WITHOUT ROWID"""

SITES = """
CREATE TABLE sites (  -- as the last run was configured
    site TEXT PRIMARY KEY,
    site_latitude REAL NOT NULL CHECK (site_latitude BETWEEN -90 AND 90),
    site_longitude REAL NOT NULL CHECK (site_longitude BETWEEN -180 AND 180),
    radius_km REAL NOT NULL CHECK (radius_km > 0)
) STRICT, WITHOUT ROWID"""

SITE_CELLS = """
CREATE TABLE site_cells (  -- the half-degree cells that a site's circle may touch
    site_cell INTEGER NOT NULL CHECK (site_cell > 0),
    site TEXT NOT NULL REFERENCES sites ON DELETE CASCADE,
    PRIMARY KEY (site_cell, site)
) STRICT, WITHOUT ROWID"""

RUNS = f"""
CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number of a removed run is never given again
    config_hash TEXT NOT NULL,
    cutoff TEXT NOT NULL CHECK (cutoff {_DATE}),
    watermark TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('live', 'replay', 'drill')),
    version TEXT NOT NULL,
    label TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    published INTEGER NOT NULL DEFAULT 0 CHECK (published IN (0, 1)),
    reasons TEXT NOT NULL DEFAULT '[]' CHECK (reasons LIKE '[%]'),
    CHECK (published = (finished_at IS NOT NULL))
) STRICT"""

RUNS_PUBLISHED = """
CREATE UNIQUE INDEX runs_published ON runs (config_hash, cutoff, watermark, mode)
WHERE published = 1"""

SERIES = """
CREATE TABLE series (
    series_id INTEGER PRIMARY KEY,
    watch TEXT NOT NULL,
    region_key TEXT NOT NULL CHECK (region_key LIKE '[%]'),
    region TEXT NOT NULL,
    UNIQUE (watch, region_key)
) STRICT"""

BLOCKS = """
CREATE TABLE blocks (  -- series of one watch that were forecast together
    block_id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs,
    watch TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    unit TEXT NOT NULL,
    running INTEGER NOT NULL,  -- index of the period that held "now"
    late TEXT NOT NULL,  -- how late reports were dealt with
    members TEXT NOT NULL CHECK (members LIKE '[%]'),
    horizons INTEGER NOT NULL CHECK (horizons > 0),
    dependence BLOB NOT NULL,  -- horizons x horizons little-endian doubles
    CHECK (length(dependence) = 8 * horizons * horizons)
) STRICT"""

BLOCKS_OF_RUN = "CREATE INDEX blocks_of_run ON blocks (watch, run_id)"

STANDINGS = f"""
CREATE TABLE standings (
    block_id INTEGER NOT NULL REFERENCES blocks,
    series_id INTEGER NOT NULL REFERENCES series,
    recent TEXT NOT NULL CHECK (recent LIKE '[%]'),
    newest INTEGER NOT NULL,
    tempo INTEGER CHECK (tempo >= 0),
    baseline REAL CHECK (baseline >= 0),
    baseline_first INTEGER NOT NULL,
    baseline_last INTEGER NOT NULL,
    data_as_of TEXT NOT NULL CHECK (data_as_of {_DATE}),
    opened TEXT NOT NULL CHECK (opened LIKE '[%]'),
    completed TEXT NOT NULL CHECK (completed LIKE '[%]'),  -- late reports
    note TEXT NOT NULL,
    seed INTEGER NOT NULL,
    PRIMARY KEY (block_id, series_id)
) STRICT, WITHOUT ROWID"""

BLENDS = """
CREATE TABLE blends (  -- weights of the models in hundredths; forecasts share them
    blend_id INTEGER PRIMARY KEY,
    weights TEXT NOT NULL UNIQUE CHECK (weights LIKE '{%}')
) STRICT"""

FORECASTS = """
CREATE TABLE forecasts (
    block_id INTEGER NOT NULL REFERENCES blocks,
    series_id INTEGER NOT NULL REFERENCES series,
    horizon INTEGER NOT NULL CHECK (horizon > 0),
    period_index INTEGER NOT NULL,
    mean REAL NOT NULL CHECK (mean >= 0),
    q05 INTEGER NOT NULL CHECK (q05 >= 0),
    q25 INTEGER NOT NULL CHECK (q25 >= q05),
    q50 INTEGER NOT NULL CHECK (q50 >= q25),
    q75 INTEGER NOT NULL CHECK (q75 >= q50),
    q95 INTEGER NOT NULL CHECK (q95 >= q75),
    blend_id INTEGER NOT NULL REFERENCES blends,
    curve BLOB NOT NULL CHECK (length(curve) % 2 = 0),  -- see storage/curves.py
    PRIMARY KEY (block_id, series_id, horizon)
) STRICT, WITHOUT ROWID"""

ALERTS = f"""
CREATE TABLE alerts (
    alert_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    watch TEXT NOT NULL,
    rule TEXT NOT NULL,
    region_key TEXT NOT NULL CHECK (region_key LIKE '[%]'),
    region TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    severity TEXT NOT NULL
        CHECK (severity IN ('advisory', 'elevated', 'high', 'severe', 'extreme')),
    crossings INTEGER NOT NULL CHECK (crossings >= 0),
    clears INTEGER NOT NULL CHECK (clears >= 0),
    data_through TEXT NOT NULL CHECK (data_through {_DATE}),
    threshold INTEGER NOT NULL CHECK (threshold >= 0),
    baseline REAL CHECK (baseline >= 0),
    unit TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    resolved_at TEXT,
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
) STRICT"""

ALERTS_UNRESOLVED = """
CREATE UNIQUE INDEX alerts_unresolved ON alerts (scope, watch, rule, region_key)
WHERE state <> 'resolved'"""

ALERT_EVENTS = """
CREATE TABLE alert_events (
    alert_id TEXT NOT NULL REFERENCES alerts,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    run_id INTEGER REFERENCES runs,  -- the run that took the step
    at TEXT NOT NULL,
    from_state TEXT CHECK (from_state IN ('pending', 'firing', 'resolved')),
    to_state TEXT NOT NULL CHECK (to_state IN ('pending', 'firing', 'resolved')),
    severity TEXT NOT NULL
        CHECK (severity IN ('advisory', 'elevated', 'high', 'severe', 'extreme')),
    reason TEXT NOT NULL,
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    facts TEXT NOT NULL CHECK (facts LIKE '{%}'),
    PRIMARY KEY (alert_id, sequence)
) STRICT, WITHOUT ROWID"""

OUTBOX = """
CREATE TABLE outbox (  -- every message that was ever to be sent: pending, delivered or dead
    place INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL UNIQUE,
    alert_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    channel TEXT NOT NULL,
    body TEXT NOT NULL CHECK (body LIKE '{%}'),
    created_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    due_at TEXT,  -- NULL: at once
    leased_until TEXT,
    finished_at TEXT,
    FOREIGN KEY (alert_id, sequence) REFERENCES alert_events,
    CHECK ((state = 'pending') = (finished_at IS NULL))
) STRICT"""

OUTBOX_PENDING = "CREATE INDEX outbox_pending ON outbox (due_at) WHERE state = 'pending'"

ATTEMPTS = """
CREATE TABLE attempts (
    attempt_id INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL REFERENCES outbox (delivery_id),
    at TEXT NOT NULL,
    delivered INTEGER NOT NULL CHECK (delivered IN (0, 1)),
    detail TEXT NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0)
) STRICT"""

PERIODS = """
CREATE TABLE periods (  -- of the schedule: which have run, and for which they stood in
    schedule TEXT NOT NULL,
    due_at TEXT NOT NULL,
    missed_since TEXT CHECK (missed_since < due_at),  -- the first missed one before it
    claimed_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 1 CHECK (tries >= 0),
    finished_at TEXT,
    outcome TEXT CHECK (outcome IN ('done', 'degraded', 'failed', 'killed')),
    exit_code INTEGER,  -- negative: ended by that signal
    reason TEXT NOT NULL DEFAULT '',
    run_id INTEGER REFERENCES runs,
    PRIMARY KEY (schedule, due_at),
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
) STRICT, WITHOUT ROWID"""

FORECAST_TABLE = """
CREATE VIEW forecast_table AS  -- the newest published live run of every watch
WITH newest (watch, run_id) AS (
    SELECT watch, max(run_id) FROM blocks JOIN runs USING (run_id)
    WHERE published = 1 AND mode = 'live' GROUP BY watch
)
SELECT
    blocks.watch, series.region,
    CASE blocks.period
        WHEN 'month' THEN
            printf('%04d-%02d-01', period_index / 12, period_index % 12 + 1)
        WHEN 'week' THEN date(1721425.5 + 7 * period_index)
        ELSE date(1721424.5 + period_index)
    END AS period_start,
    blocks.period, horizon,
    iif(period_index < running, 'expected, not yet reported', 'forecast') AS status,
    q50 AS median, q05 AS low_90, q95 AS high_90, mean, unit,
    blends.weights AS models, data_as_of, runs.cutoff, runs.run_id AS run
FROM newest
JOIN runs USING (run_id)
JOIN blocks ON blocks.watch = newest.watch AND blocks.run_id = newest.run_id
JOIN standings USING (block_id)
JOIN series USING (series_id)
JOIN forecasts USING (block_id, series_id)
JOIN blends USING (blend_id)"""

ALERT_TABLE = """
CREATE VIEW alert_table AS  -- every alert, with its newest step
SELECT
    watch, rule, region, state, alerts.severity, threshold, unit, probability, reason,
    opened_at, updated_at, resolved_at, data_through, scope, alerts.alert_id AS alert
FROM alerts JOIN alert_events USING (alert_id)
WHERE sequence = (SELECT max(sequence) FROM alert_events AS e WHERE e.alert_id = alerts.alert_id)
"""

STATEMENTS = (
    *(INSTALLATION, FEEDS, PULLS, COVERAGE, INCIDENTS, INCIDENTS_CURRENT, COUNTS, COUNTS_CURRENT),
    *(QUARANTINE, ALIASES, SITES, SITE_CELLS, RUNS, RUNS_PUBLISHED, SERIES, BLOCKS),
    *(BLOCKS_OF_RUN, STANDINGS),
    *(BLENDS, FORECASTS, ALERTS, ALERTS_UNRESOLVED, ALERT_EVENTS, OUTBOX, OUTBOX_PENDING),
    *(ATTEMPTS, PERIODS, FORECAST_TABLE, ALERT_TABLE),
)
"""In the order in which they are made."""
