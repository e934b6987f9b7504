"""`tocsin alerts ack` and `note`: what people say of one alert."""

from __future__ import annotations

from pathlib import Path

from core.clock import SystemClock
from core.regions import label
from core.text import clean
from storage.stories import Stories
from tocsin.acting import Acting
from tocsin.config import load
from tocsin.stores import opened


def acknowledge(
    path: Path, database: Path | None, prefix: str, by: str, until: str | None, note: str
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
    print(f"{alert.alert_id} ({place}) is acknowledged by {done.by} {lasts}, or until it escalates")
    return []


def note(path: Path, database: Path | None, prefix: str, by: str, text: str) -> list[str]:
    """Add a note to the story of an alert, open or not.

    Raises:
        InputError: when an option cannot be meant.
    """
    clock = SystemClock()
    with opened(load(path), database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        Acting(stores, by, clock.now()).note(alert, text)
    print(f"noted in the story of {alert.alert_id} ({clean(label(alert.region))})")
    return []
