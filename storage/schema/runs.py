"""Runs, their forecasts, and the schedule's periods."""

from __future__ import annotations

from storage.schema.checks import DATE

RUNS = f"""
CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number of a removed run is never given again
    config_hash TEXT NOT NULL,
    cutoff TEXT NOT NULL CHECK (cutoff {DATE}),
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

RULES = """
CREATE TABLE rules (  -- rules on forecasts as they were configured; runs share them
    rule_id INTEGER PRIMARY KEY,
    settings TEXT NOT NULL UNIQUE CHECK (settings LIKE '{%}')
) STRICT"""

RULES_READ = """
CREATE TABLE rules_read (  -- by which run
    run_id INTEGER NOT NULL REFERENCES runs,
    rule_id INTEGER NOT NULL REFERENCES rules,
    PRIMARY KEY (run_id, rule_id)
) STRICT, WITHOUT ROWID"""

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
    counted TEXT NOT NULL,  -- names what was counted: other counts do not score these forecasts
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    unit TEXT NOT NULL,
    running INTEGER NOT NULL,  -- index of the period that held "now"
    late TEXT NOT NULL,  -- how late reports were dealt with
    members TEXT NOT NULL CHECK (members LIKE '[%]'),
    horizons INTEGER NOT NULL CHECK (horizons > 0),
    dependence BLOB NOT NULL,  -- horizons x horizons little-endian doubles
    shared REAL NOT NULL CHECK (shared >= 0 AND shared < 1),  -- correlation of regions of one whole
    total INTEGER NOT NULL CHECK (total IN (0, 1)),  -- whether its series are sums of others
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
    data_as_of TEXT NOT NULL CHECK (data_as_of {DATE}),
    opened TEXT NOT NULL CHECK (opened LIKE '[%]'),
    completed TEXT NOT NULL CHECK (completed LIKE '[%]'),  -- late reports
    since TEXT CHECK (since LIKE '[%]'),  -- last change of level: period, mean, probability
    effects TEXT NOT NULL CHECK (effects LIKE '[%]'),  -- of season, known dates, neighbours
    note TEXT NOT NULL,
    seed INTEGER NOT NULL,
    change TEXT NOT NULL CHECK (change = '' OR change LIKE '{{%}}'),  -- see storage/changed.py
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

SEALS = """
CREATE TABLE seals (  -- what the numbers of a block hashed to: storage/seals.py
    block_id INTEGER PRIMARY KEY REFERENCES blocks,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
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
    blends.weights AS models, data_as_of, runs.cutoff, runs.run_id AS run, total
FROM newest
JOIN runs USING (run_id)
JOIN blocks ON blocks.watch = newest.watch AND blocks.run_id = newest.run_id
JOIN standings USING (block_id)
JOIN series USING (series_id)
JOIN forecasts USING (block_id, series_id)
JOIN blends USING (blend_id)"""

STATEMENTS = (
    RUNS,
    RUNS_PUBLISHED,
    RULES,
    RULES_READ,
    SERIES,
    BLOCKS,
    BLOCKS_OF_RUN,
    STANDINGS,
    BLENDS,
    FORECASTS,
    SEALS,
    PERIODS,
    FORECAST_TABLE,
)
"""In the order in which they are made."""
