"""`tocsin alerts ack` and `note`: what people say of one alert."""

from __future__ import annotations

from pathlib import Path

from core.clock import SystemClock, stamp
from core.errors import InputError
from core.people import Action, ActionKind
from core.regions import label
from core.text import clean
from storage.stories import Stories
from tocsin import by_people
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
    now = clock.now()
    end = by_people.until(until, now) if until else None
    text = by_people.text("--note", note, required=False)
    with opened(load(path), database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        if not alert.state.is_open:
            problem = f"{alert.alert_id} is {alert.state.value}"
            raise InputError("alert", problem, "only an open alert can be acknowledged")
        kind = ActionKind.ACKNOWLEDGED
        author = by_people.author(by)
        stores.people.act(Action(alert.alert_id, stamp(now), author, kind, text, end))
    lasts = f"until {end[:16]}Z" if end else "to its end"
    place = clean(label(alert.region))
    print(f"{alert.alert_id} ({place}) is acknowledged by {author} {lasts}, or until it escalates")
    return []


def note(path: Path, database: Path | None, prefix: str, by: str, text: str) -> list[str]:
    """Add a note to the story of an alert, open or not.

    Raises:
        InputError: when an option cannot be meant.
    """
    clock = SystemClock()
    written, author = by_people.text("--text", text), by_people.author(by)
    with opened(load(path), database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        now = stamp(clock.now())
        stores.people.act(Action(alert.alert_id, now, author, ActionKind.NOTED, written))
    print(f"noted in the story of {alert.alert_id} ({clean(label(alert.region))})")
    return []
