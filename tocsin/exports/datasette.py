"""Metadata with which datasette opens the database: titles, units, sources, ready queries.

Source: docs.datasette.io, "Metadata" and "Canned queries". JSON is YAML too, so that the file may
have either ending.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.settings import WatchSettings
from core.sources import Source, credits_of, filters_of
from storage.selection import quoted

Json = dict[str, Any]
TABLES: dict[str, Json] = {
    "forecast_table": {
        "title": "Forecasts of the newest run of every watch",
        "description": "One row per region and horizon; the interval holds 90 % of the forecast.",
        "columns": {
            "period_start": "First day of the period that is forecast.",
            "median": "Median of the forecast, in the row's unit.",
            "low_90": "Lower end of the 90 % interval.",
            "high_90": "Upper end of the 90 % interval.",
            "mean": "Expected count.",
            "models": "Weights of the models that made it, in hundredths.",
            "data_as_of": "Last day that the data cover.",
            "total": "1 where other rows count the same: leave it out of sums.",
        },
    },
    "alert_table": {
        "title": "Alerts, each with its newest step",
        "description": "An episode of a rule being broken in a region.",
        "columns": {
            "threshold": "The line that the alert is about, in the row's unit.",
            "probability": "P(count >= threshold) when the step was taken.",
            "data_through": "Last day of the newest complete period that counted.",
        },
    },
    "score_table": {
        "title": "Scores of forecasts that came due",
        "description": "Of published runs, by model; a low CRPS and a high log score are good.",
        "columns": {
            "crps": "Continuous ranked probability score, in events.",
            "log_score": "Natural logarithm of the probability of what came.",
            "total": "1 where other rows count the same: leave it out of sums.",
        },
    },
    "incidents": {
        "title": "Incidents, one row per version",
        "description": "Current versions have no superseded_at; nothing is overwritten.",
        "columns": {
            "seen_at": "When this version was first read (UTC).",
            "superseded_at": "When another version took its place (UTC).",
            "fatalities": "Best estimate, in persons.",
            "date_precision": "UCDP's: 1 the day, 2 two to six days, 3 a week, 4 a month, 5 more.",
        },
    },
    "pulls": {
        "title": "The log of pulls",
        "description": "Every reading of a source, also refused ones, with its reason.",
    },
    "runs": {"title": "Runs", "description": "One cycle each, at a data cut-off."},
}
"""What a reader looks at first; the other tables are hidden behind them."""
_HIDDEN = ("blocks", "blends", "forecasts", "standings", "benchmarks", "scores", "alert_events")

_WATCH = ":watch"
_FORECASTS = """
SELECT region, period_start, status, median, low_90, high_90, unit, data_as_of
FROM forecast_table WHERE watch = :watch ORDER BY horizon, mean DESC, region"""
_OPEN_ALERTS = """
SELECT region, severity, state, threshold, unit, probability, opened_at
FROM alert_table WHERE watch = :watch AND scope = 'live' AND resolved_at IS NULL
ORDER BY opened_at"""
_SKILL = """
SELECT model, count(*) AS forecasts, round(avg(crps), 3) AS mean_crps
FROM score_table WHERE watch = :watch GROUP BY model ORDER BY mean_crps"""
QUERIES = {
    "forecasts": ("forecasts, the most expected first", _FORECASTS.strip()),
    "open-alerts": ("open alerts", _OPEN_ALERTS.strip()),
    "skill": ("mean CRPS by model", _SKILL.strip()),
}
"""Name → title and SQL, once for every watch."""


def metadata(
    database: str, warning: str, sources: Sequence[Source], watches: Sequence[WatchSettings]
) -> Json:
    """Return the metadata of a database.

    Args:
        database: its file's name without the ending, by which datasette calls it.
        warning: what the data are not, "" for ordinary ones: "simulated data".
        sources: of all feeds.
        watches: each gets its queries.
    """
    title = f"Tocsin: {warning}" if warning else "Tocsin"
    hidden = {name: {"hidden": True} for name in _HIDDEN}
    return {
        "title": title,
        "description": "Incidents, forecasts of their tempo with 90 % intervals, and alerts.",
        "source": " | ".join(credits_of(sources)),
        "license": ", ".join(dict.fromkeys(source.licence or "not stated" for source in sources)),
        "databases": {
            database: {
                "title": title,
                "tables": {**TABLES, **hidden},
                "queries": {
                    name: query for watch in watches for name, query in _queries(watch).items()
                },
            }
        },
    }


def _queries(watch: WatchSettings) -> dict[str, Json]:
    """Return the queries of a watch: its name, which a literal holds, is all that differs."""
    return {
        f"{watch.name}-{which}": {
            "title": f"{watch.name}: {title}",
            "description": filters_of(watch),
            "sql": sql.replace(_WATCH, quoted(watch.name)),
        }
        for which, (title, sql) in QUERIES.items()
    }
