"""`tocsin alerts ack` and `note`: what people say of one alert."""

from __future__ import annotations

import sys
from pathlib import Path

from core.alerts import Alert
from core.clock import SystemClock
from core.people import Action
from core.regions import label
from core.text import clean
from storage.stories import Stories
from tocsin.acting import Acting
from tocsin.config import load
from tocsin.listing import answer
from tocsin.stores import opened


def acknowledge(
    path: Path,
    database: Path | None,
    prefix: str,
    by: str,
    until: str | None,
    note: str,
    *,
    form: str,
) -> list[str]:
    """Keep that somebody knows of an open alert: no reminders, until it escalates or the time ends.

    Raises:
        InputError: when the alert is not open, or an option cannot be meant.
    """
    clock = SystemClock()
    with opened(load(path), database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        done = Acting(stores, by, clock.now()).acknowledge(alert, until, note)
    lasts = f"until {done.until[:16]}Z" if done.until else "to its end"
    place = clean(label(alert.region))
    words = (
        f"{alert.alert_id} ({place}) is acknowledged by {done.by} {lasts}, or until it escalates"
    )
    answer(words, _row(alert, done), form, sys.stdout)
    return []


def note(
    path: Path, database: Path | None, prefix: str, by: str, text: str, *, form: str
) -> list[str]:
    """Add a note to the story of an alert, open or not.

    Raises:
        InputError: when an option cannot be meant.
    """
    clock = SystemClock()
    with opened(load(path), database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        done = Acting(stores, by, clock.now()).note(alert, text)
    words = f"noted in the story of {alert.alert_id} ({clean(label(alert.region))})"
    answer(words, _row(alert, done), form, sys.stdout)
    return []


def _row(alert: Alert, done: Action) -> dict[str, object]:
    """Return an action for programs; keys are a promise."""
    return {
        "alert": alert.alert_id,
        "region": label(alert.region),
        "did": done.kind.value,
        "at": done.at,
        "by": done.by,
        "until": done.until,
        "note": done.text,
    }
