"""`tocsin alerts show`: one alert and its whole story."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from alerts import wording
from alerts.story import Line, story
from core.acknowledgements import PassedOn
from core.alerts import BY_HAND, Alert, AlertEvent
from core.clock import SystemClock, stamp
from core.people import Action
from core.text import clean
from storage.stories import Stories
from storage.unheard import UnheardAlerts
from tocsin.commands.alerts.listed import rows_of
from tocsin.config import load
from tocsin.listing import write
from tocsin.stores import opened

_LINE = 600


def show(path: Path, database: Path | None, prefix: str, *, form: str, raw: bool) -> list[str]:
    """Print an alert: what it is, what it opened with, and all that happened to it."""
    config, clock = load(path), SystemClock()
    with opened(config, database, "read", clock) as stores, stores.database.snapshot():
        stories = Stories(stores.database)
        alert = stories.find(prefix)
        (row,) = rows_of(config, stores, [alert], stamp(clock.now()))
        events = stories.events(alert.alert_id)
        actions = stores.people.actions([alert.alert_id])
        passed = UnheardAlerts(stores.database).passed_on([alert.alert_id])
    told = story(events, actions, passed)
    if form == "json":
        print(json.dumps(_document(row, events, actions, passed), indent=2, ensure_ascii=False))
    elif form == "csv":
        lines = [line._asdict() for line in told]
        write(lines, dict.fromkeys(Line._fields, ""), form, sys.stdout, raw=raw)
    else:
        print("\n".join(clean(line, _LINE) for line in _text(alert, row, told)))
    return []


def _document(
    row: dict[str, Any],
    events: list[AlertEvent],
    actions: list[Action],
    passed: list[PassedOn],
) -> dict[str, Any]:
    return {
        **{key: row[key] for key in row if key not in ("short", "since", "read", "muted")},
        "events": [asdict(event) for event in events],
        "actions": [asdict(action) for action in actions],
        "passed_on": [asdict(one) for one in passed],
    }


def _text(alert: Alert, row: dict[str, Any], told: list[Line]) -> list[str]:
    lines = [
        f"{alert.severity.upper()}, {alert.state.value}: {row['region']} ({row['likelihood']})",
        f"alert {alert.alert_id}, rule {alert.rule} of watch {alert.watch}",
        _opened(alert),
        f"last read {alert.updated_at[:16]}Z, data complete to {alert.data_through.isoformat()}",
    ]
    lines += [f"muted: {row['muted']}"] if row["muted"] else []
    return [*lines, "story:", *(f"- {_line(line)}" for line in told)]


def _opened(alert: Alert) -> str:
    if alert.rule == BY_HAND:
        return f"raised {alert.opened_at[:16]}Z"
    baseline = "unknown" if alert.baseline is None else wording.number(alert.baseline)
    return (
        f"opened {alert.opened_at[:16]}Z at {alert.threshold:,} or more {alert.unit}, "
        f"baseline {baseline}"
    )


def _line(line: Line) -> str:
    by = f" {line.by}" if line.by else ""
    return f"{line.at[:16]}Z{by}: {line.what}"
