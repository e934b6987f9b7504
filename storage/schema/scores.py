"""What came of forecasts, and how good they were.

Rows are staged under the run that saw the outcome, like its forecasts, and count once it is
published. Nothing is overwritten: an outcome that is revised is a new row of a later run.
"""

from __future__ import annotations

from storage.schema.checks import DATE

BENCHMARKS = """
CREATE TABLE benchmarks (  -- the naive models' distribution at the same origin, for all horizons
    block_id INTEGER NOT NULL REFERENCES blocks,
    series_id INTEGER NOT NULL REFERENCES series,
    model TEXT NOT NULL,
    curve BLOB NOT NULL CHECK (length(curve) % 2 = 0),  -- see storage/curves.py
    PRIMARY KEY (block_id, series_id, model)
) STRICT, WITHOUT ROWID"""

OUTCOMES = f"""
CREATE TABLE outcomes (  -- complete periods as a run saw them: the first time, and revised
    series_id INTEGER NOT NULL REFERENCES series,
    period_index INTEGER NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs,
    counted TEXT NOT NULL,  -- what was counted, as in blocks
    observed INTEGER NOT NULL CHECK (observed >= 0),
    data_as_of TEXT NOT NULL CHECK (data_as_of {DATE}),
    PRIMARY KEY (series_id, period_index, run_id)
) STRICT, WITHOUT ROWID"""

SCORES = """
CREATE TABLE scores (  -- one row per forecast, model and outcome
    run_id INTEGER NOT NULL REFERENCES runs,  -- the run that saw the outcome
    model TEXT NOT NULL,  -- 'pool' is what was published
    block_id INTEGER NOT NULL,
    series_id INTEGER NOT NULL,
    horizon INTEGER NOT NULL CHECK (horizon > 0),
    period_index INTEGER NOT NULL,
    crps REAL NOT NULL CHECK (crps >= 0),
    log_score REAL NOT NULL CHECK (log_score <= 0),
    held INTEGER CHECK (held IN (50, 80, 90, 95)),  -- the narrowest central interval, in percent
    PRIMARY KEY (run_id, model, block_id, series_id, horizon)
) STRICT, WITHOUT ROWID"""

SCORE_TABLE = """
CREATE VIEW score_table AS  -- every score of published runs; revision 1 is the first one
SELECT
    blocks.watch, series.region,
    CASE blocks.period
        WHEN 'month' THEN
            printf('%04d-%02d-01', scores.period_index / 12, scores.period_index % 12 + 1)
        WHEN 'week' THEN date(1721425.5 + 7 * scores.period_index)
        ELSE date(1721424.5 + scores.period_index)
    END AS period_start,
    blocks.period, horizon, scores.period_index - blocks.running AS periods_ahead, model,
    observed, crps, log_score, held AS held_by_interval,
    blocks.run_id AS run, standings.data_as_of AS forecast_data_as_of,
    scores.run_id AS scored_by_run, outcomes.data_as_of AS outcome_data_as_of,
    (SELECT count(*) FROM outcomes AS o WHERE o.series_id = scores.series_id
     AND o.period_index = scores.period_index AND o.counted = outcomes.counted
     AND o.run_id <= scores.run_id) AS revision,
    blocks.total
FROM scores
JOIN runs ON runs.run_id = scores.run_id AND runs.published = 1
JOIN outcomes USING (series_id, period_index, run_id)
JOIN blocks ON blocks.block_id = scores.block_id
JOIN standings ON standings.block_id = scores.block_id AND standings.series_id = scores.series_id
JOIN series ON series.series_id = scores.series_id"""

STATEMENTS = (BENCHMARKS, OUTCOMES, SCORES, SCORE_TABLE)
"""In the order in which they are made."""
