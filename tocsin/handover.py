"""What the next one on duty must know: what is open, what happened since a moment, who did what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alerts import muting
from alerts.story import story
from core.alerts import Alert
from core.clock import unstamp
from core.people import ActionKind, Silence
from core.regions import label
from storage.overrides import Overrides
from storage.stories import Stories
from storage.unheard import UnheardAlerts
from tocsin.commands.alerts.listed import by_urgency, rows_of
from tocsin.config import Config
from tocsin.missed import Crossings, unheard
from tocsin.silence import Silences
from tocsin.stores import Stores

SECTIONS = {
    "open": "Open alerts",
    "changed": "New and changed alerts",
    "verdicts": "Verdicts",
    "missed": "Crossings that nobody was warned of",
    "silences": "Silences in force",
    "overrides": "Overrides of analysts in force",
    "stale_feeds": "Stale feeds",
    "notes": "What people did",
}
"""Key of the JSON → heading of the text, in the order of the page."""

Sees = Callable[[str], bool]
"""Whether what is of a watch is for the reader; "" stands for what speaks of all watches."""


def everything(_watch: str) -> bool:
    """Return that a watch is for the reader, whichever it is."""
    return True


def page(
    config: Config, stores: Stores, since: str, until: str, sees: Sees = everything
) -> dict[str, Any]:
    """Return the page as documented JSON; its keys are a promise.

    It speaks of the watches alone that the reader sees.
    """
    stories = Stories(stores.database)
    standing = [one for one in stories.listed("live", everything=False) if sees(one.watch)]
    changed = [one for one in stories.changed_since("live", since) if sees(one.watch)]
    today = config.service.as_of or unstamp(until).date()
    watches = [watch for watch in config.watches if sees(watch.name)]
    feeds = Silences.heard(config, stores.incidents, today, None)
    return {
        "since": since,
        "until": until,
        "open": [_listed(row) for row in by_urgency(rows_of(config, stores, standing, until))],
        "changed": [_changed(stores, alert, since) for alert in changed],
        "verdicts": [one for one in stories.verdicts_since(since) if sees(one["watch"])],
        "missed": [
            row
            for watch in watches
            for row in unheard(Crossings(stores, watch, None, since).rows())
        ],
        "silences": [
            {"silence": one.number, "until": one.end, "by": one.by, "words": muting.in_words(one)}
            for one in stores.people.silences_after(until)
            if _concerns(one, sees)
        ],
        "overrides": [
            {
                "override": one.number,
                "by": one.by,
                "words": f"{label(one.region)}: {one.in_words()}",
            }
            for one in Overrides(stores.database).in_force(until)
            if sees(one.watch)
        ],
        "stale_feeds": feeds.reasons(watches),
        "notes": _notes(stores, stories, since, sees),
    }


def _concerns(silence: Silence, sees: Sees) -> bool:
    """Return whether a silence is the reader's: of one of their watches, or they see them all."""
    return sees("") or sees(silence.match.get("watch", ""))


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
    passed = UnheardAlerts(stores.database).passed_on([alert.alert_id])
    ends = (ActionKind.RAISED, ActionKind.RESOLVED)
    told = story(
        (event for event in events if event.at >= since),
        (action for action in actions if action.at >= since and action.kind in ends),
        (one for one in passed if one.at >= since),
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


def _notes(stores: Stores, stories: Stories, since: str, sees: Sees) -> list[dict[str, Any]]:
    actions = stores.people.actions_since(since)
    told = stories.places([action.alert_id for action in actions])
    places = {name: region for name, (watch, region) in told.items() if sees(watch)}
    return [
        {
            "at": action.at,
            "by": action.by,
            "alert": action.alert_id,
            "region": places[action.alert_id],
            "kind": action.kind.value,
            "text": action.text,
            "words": f"{action.at[:16]}Z {action.by} {_DID[action.kind]} "
            f"{places[action.alert_id]}" + (f": {action.text}" if action.text else ""),
        }
        for action in actions
        if action.alert_id in places
    ]


_DID = {
    ActionKind.ACKNOWLEDGED: "acknowledged",
    ActionKind.NOTED: "noted of",
    ActionKind.RAISED: "raised",
    ActionKind.RESOLVED: "ended",
}
