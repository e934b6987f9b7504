"""How well the rules' alerts warned so far: precision by their verdicts, recall by crossings."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from alerts.missed import Heard
from core.settings import WatchSettings
from storage.stories import Stories
from tocsin.config import Config
from tocsin.missed import Crossings
from tocsin.stores import Stores

Row = dict[str, Any]


def warned(
    config: Config, stores: Stores, watch: WatchSettings, region: str, since: date | None
) -> list[Row]:
    """Return one row per rule on forecasts; keys are a promise, rates as in `alerts.rates`.

    Rules that are not configured any more stand last: what they did is part of the record.

    Args:
        config: whose rules.
        stores: verdicts and outcomes.
        watch: whose alerts.
        region: a glob of regions.
        since: verdicts given and crossings begun from this day on; None: all verdicts, and
            crossings as far as the scores look back.
    """
    verdicts = [
        one
        for one in Stories(stores.database).verdicts_since(f"{since}T" if since else "")
        if one["watch"] == watch.name and fnmatchcase(one["region"], region)
    ]
    rows = [
        row for row in Crossings(stores, watch, since).rows() if fnmatchcase(row["region"], region)
    ]
    configured = [rule.name for rule in config.rules if rule.watch == watch.name]
    gone = sorted({row["rule"] for row in (*verdicts, *rows)} - set(configured))
    return [
        _of_rule(
            name,
            [one["verdict"] for one in verdicts if one["rule"] == name],
            [row["heard"] for row in rows if row["rule"] == name],
        )
        for name in (*configured, *gone)
    ]


def _of_rule(name: str, verdicts: list[str], heard: list[str]) -> Row:
    from alerts.rates import share  # noqa: PLC0415 - SciPy's statistics, when they are asked

    came_true = verdicts.count("came_true")
    judged = came_true + verdicts.count("did_not_come_true")
    in_time = heard.count(Heard.WARNED)
    return {
        "rule": name,
        "came_true": came_true,
        "judged": judged,
        "undecided": len(verdicts) - judged,
        "precision": share(came_true, judged),
        "crossings": len(heard),
        "warned": in_time,
        "rang_late": heard.count(Heard.RANG_LATE),
        "recall": share(in_time, len(heard)),
    }
