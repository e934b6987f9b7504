"""`tocsin handover`: what the next duty officer must know, on one page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from alerts import muting
from alerts.story import story
from core.alerts import Alert
from core.clock import SystemClock, stamp, unstamp
from core.people import ActionKind
from core.regions import label
from core.text import clean
from storage.overrides import Overrides
from storage.stories import Stories
from tocsin.commands.alerts.listed import rows_of
from tocsin.config import Config, load
from tocsin.listing import write
from tocsin.moments import since_of
from tocsin.silence import Silences
from tocsin.stores import Stores, opened

_LINE = 300
_SHOWN = 40
"""Lines of a section on a page; JSON and CSV have all."""
SECTIONS = {
    "open": "Open alerts",
    "changed": "New and changed alerts",
    "verdicts": "Verdicts",
    "silences": "Silences in force",
    "overrides": "Overrides of analysts in force",
    "stale_feeds": "Stale feeds",
    "notes": "What people did",
}
"""Key of the JSON → heading of the text, in the order of the page."""


def handover(path: Path, database: Path | None, since: str, *, form: str, raw: bool) -> list[str]:
    """Print what is open, what happened since a moment, and what is silent."""
    config, clock = load(path), SystemClock()
    now = clock.now()
    start = since_of("--since", since, now)
    with opened(config, database, "read", clock) as stores, stores.database.snapshot():
        found = page(config, stores, start, stamp(now))
    if form == "json":
        json.dump(found, sys.stdout, indent=2, ensure_ascii=False)
        print()
    elif form == "csv":
        lines = [{"section": key, "what": line} for key in SECTIONS for line in _said(found, key)]
        write(lines, {"section": "", "what": ""}, form, sys.stdout, raw=raw)
    else:
        print("\n".join(_text(found)))
    return []


def page(config: Config, stores: Stores, since: str, until: str) -> dict[str, Any]:
    """Return the page as documented JSON; its keys are a promise."""
    stories = Stories(stores.database)
    standing = stories.listed("live", everything=False)
    changed = stories.changed_since("live", since)
    today = config.service.as_of or unstamp(until).date()
    feeds = Silences.heard(config, stores.incidents, today, None)
    return {
        "since": since,
        "until": until,
        "open": [_listed(row) for row in rows_of(config, stores, standing, until)],
        "changed": [_changed(stores, alert, since) for alert in changed],
        "verdicts": stories.verdicts_since(since),
        "silences": [
            {"silence": one.number, "until": one.end, "by": one.by, "words": muting.in_words(one)}
            for one in stores.people.silences_after(until)
        ],
        "overrides": [
            {
                "override": one.number,
                "by": one.by,
                "words": f"{label(one.region)}: {one.in_words()}",
            }
            for one in Overrides(stores.database).in_force(until)
        ],
        "stale_feeds": feeds.reasons(),
        "notes": _notes(stores, stories, since),
    }


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("alert", "state", "severity", "watch", "rule", "region", "probability", "opened_at")
    words = f"{row['severity']}, {row['state']}: {row['region']}, {row['likelihood']}"
    muted = f" ({row['muted']})" if row["muted"] else ""
    name = f"; {row['rule']}, since {row['since']}, {row['short']}"
    return {**{key: row[key] for key in kept}, "words": f"{words}{muted}{name}"}


def _changed(stores: Stores, alert: Alert, since: str) -> dict[str, Any]:
    """Return what happened to an alert since then."""
    events = Stories(stores.database).events(alert.alert_id)
    actions = stores.people.actions([alert.alert_id])
    ends = (ActionKind.RAISED, ActionKind.RESOLVED)
    told = story(
        (event for event in events if event.at >= since),
        (action for action in actions if action.at >= since and action.kind in ends),
    )
    place = label(alert.region)
    new = "new: " if alert.opened_at >= since else ""
    return {
        "alert": alert.alert_id,
        "region": place,
        "state": alert.state.value,
        "severity": alert.severity,
        "new": alert.opened_at >= since,
        "words": f"{new}{place}: " + "; then ".join(line.what for line in told),
    }


def _notes(stores: Stores, stories: Stories, since: str) -> list[dict[str, Any]]:
    actions = stores.people.actions_since(since)
    places = stories.places([action.alert_id for action in actions])
    return [
        {
            "at": action.at,
            "by": action.by,
            "alert": action.alert_id,
            "kind": action.kind.value,
            "text": action.text,
            "words": f"{action.at[:16]}Z {action.by} {_DID[action.kind]} "
            f"{places[action.alert_id]}" + (f": {action.text}" if action.text else ""),
        }
        for action in actions
    ]


_DID = {
    ActionKind.ACKNOWLEDGED: "acknowledged",
    ActionKind.NOTED: "noted of",
    ActionKind.RAISED: "raised",
    ActionKind.RESOLVED: "ended",
}


def _said(found: dict[str, Any], key: str) -> Iterator[str]:
    """Yield the lines of a section."""
    for item in found[key]:
        yield clean(item if isinstance(item, str) else item["words"], _LINE)


def _text(found: dict[str, Any]) -> Iterable[str]:
    yield f"Handover: since {found['since'][:16]}Z, made {found['until'][:16]}Z"
    for key, heading in SECTIONS.items():
        lines = list(_said(found, key))
        yield f"\n{heading} ({len(lines)})"
        yield from (f"- {line}" for line in lines[:_SHOWN]) if lines else ["- none"]
        if len(lines) > _SHOWN:
            yield f"- … and {len(lines) - _SHOWN} more: --format json or csv has them"
