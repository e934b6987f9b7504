"""`tocsin alerts list`: the alerts that are open, or all of them."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from alerts import muting, wording
from alerts.routing import country_of
from core.alerts import BY_HAND, Alert
from core.clock import SystemClock, stamp
from core.people import Action, Silence
from core.regions import label
from storage.alert_lists import AlertLists, LastStep
from storage.stories import Stories
from tocsin.config import Config, load
from tocsin.listing import write
from tocsin.plan import plan_of
from tocsin.stores import Stores, opened

COLUMNS = {
    "short": "Alert",
    "state": "State",
    "severity": "Severity",
    "region": "Region",
    "likelihood": "How likely",
    "since": "Since",
    "data_through": "Data to",
    "rule": "Rule",
    "muted": "Muted",
}
CSV_COLUMNS = (
    "alert", "state", "severity", "watch", "rule", "region", "probability", "threshold", "unit",
    "opened_at", "updated_at", "ended_at", "data_through", "acknowledged_by", "acknowledged_until",
    "silence",
)  # fmt: skip
_SHORT = 11
"""Characters of an id that text shows: enough to tell 16 million alerts apart, mostly."""


class Filter(NamedTuple):
    """Which alerts to list; None takes all. `region` is a glob."""

    watch: str | None = None
    rule: str | None = None
    region: str | None = None
    severity: str | None = None

    def takes(self, alert: Alert) -> bool:
        """Return whether an alert is wanted."""
        return (
            self.watch in (None, alert.watch)
            and self.rule in (None, alert.rule)
            and self.severity in (None, alert.severity)
            and fnmatchcase(label(alert.region), self.region or "*")
        )


def list_alerts(
    path: Path, database: Path | None, wanted: Filter, *, everything: bool, form: str, raw: bool
) -> list[str]:
    """Print the alerts, the newest change first."""
    config, clock = load(path), SystemClock()
    with opened(config, database, "read", clock) as stores, stores.database.snapshot():
        alerts = Stories(stores.database).listed("live", everything=everything)
        rows = rows_of(config, stores, [a for a in alerts if wanted.takes(a)], stamp(clock.now()))
    columns = COLUMNS if form == "text" else dict.fromkeys(CSV_COLUMNS, "")
    empty = "no alerts" if everything else "no alert is open"
    shown = rows if form != "json" else [_without_text(row) for row in rows]
    write(shown, columns, form, sys.stdout, raw=raw, empty=empty)
    return []


def rows_of(config: Config, stores: Stores, alerts: list[Alert], now: str) -> list[dict[str, Any]]:
    """Return what a list shows of alerts, and what JSON says of them."""
    ids = [alert.alert_id for alert in alerts]
    newest = AlertLists(stores.database).last_steps(ids)
    acknowledged = stores.people.acknowledged(ids, now)
    silences = stores.people.silences_after(now)
    plan, rows = plan_of(config), []
    for alert in alerts:
        country = country_of(alert, plan.watch_of(alert))
        silence = muting.silenced_by(silences, alert, country, now)
        told = acknowledged.get(alert.alert_id) if alert.state.is_open else None
        rows.append(_row(alert, newest[alert.alert_id], told, silence))
    return rows


def _row(
    alert: Alert, newest: LastStep, acknowledged: Action | None, silence: Silence | None
) -> dict[str, Any]:
    open_silence = silence if alert.state.is_open else None
    return {
        "alert": alert.alert_id,
        "state": alert.state.value,
        "severity": alert.severity,
        "watch": alert.watch,
        "rule": alert.rule,
        "region": label(alert.region),
        "probability": None if alert.rule == BY_HAND else newest.probability,
        "reason": newest.reason,
        "threshold": alert.threshold,
        "baseline": alert.baseline,
        "unit": alert.unit,
        "opened_at": alert.opened_at,
        "updated_at": alert.updated_at,
        "ended_at": alert.resolved_at,
        "data_through": alert.data_through.isoformat(),
        "acknowledged_by": acknowledged.by if acknowledged else None,
        "acknowledged_until": acknowledged.until if acknowledged else None,
        "silence": open_silence.number if open_silence else None,
        "short": alert.alert_id[:_SHORT],
        "since": alert.opened_at[:10],
        "likelihood": _likelihood(alert, newest),
        "muted": _muted(acknowledged, open_silence),
    }


def _likelihood(alert: Alert, newest: LastStep) -> str:
    """Return how likely it is in words; a person's alert is no forecast."""
    return "by hand" if alert.rule == BY_HAND else wording.likelihood(newest.probability)


def _muted(acknowledged: Action | None, silence: Silence | None) -> str:
    parts = [f"silence {silence.number} to {silence.end[:10]}"] if silence else []
    parts += [f"known to {acknowledged.by}"] if acknowledged else []
    return ", ".join(parts)


def _without_text(row: dict[str, Any]) -> dict[str, Any]:
    words = {"short", "since", "read", "likelihood", "muted"}
    return {key: value for key, value in row.items() if key not in words}
