"""`tocsin backup`, `restore` and `adopt`: the database as a file."""

from __future__ import annotations

from pathlib import Path

from core.clock import SystemClock
from storage import installation
from storage.backup import back_up
from storage.backup import restore as put_back
from storage.database import open_database
from storage.outbox import Outbox
from storage.reading import Reader
from tocsin.config import load


def backup(path: Path, database: Path | None, file: Path) -> list[str]:
    """Copy the database, check the copy, and say how large it is."""
    source = database or load(path).database
    size = back_up(source.resolve(), file.resolve())
    print(f"{file}: {size / 1e6:.1f} MB, sound")
    return []


def restore(path: Path, database: Path | None, file: Path, *, hold_outbox: bool) -> list[str]:
    """Put a backup in place and say what is sent from now on."""
    target = (database or load(path).database).resolve()
    now = SystemClock().now()
    aside = put_back(file.resolve(), target, now, hold_outbox=hold_outbox)
    print(f"{target}: restored from {file}")
    if aside:
        print(f"what was there before is {aside.name} now")
    with open_database(target, mode="read") as found:
        waiting = Reader(found).outbox_counts().pending
        reason = installation.held(found)
    if reason:
        return [installation.held_words(f"{reason}; messages that wait: {waiting}")]
    print(f"messages that wait and will be sent: {waiting}; those sent since the backup come again")
    return []


def adopt(path: Path, database: Path | None, *, give_up: bool) -> list[str]:
    """Make the database at home here and say what will be sent."""
    clock = SystemClock()
    with open_database(database or load(path).database, mode="own", clock=clock) as found:
        lost = Outbox(found).give_up_waiting(clock.now()) if give_up else 0
        name = installation.adopt(found)
        waiting = Reader(found).outbox_counts().pending
    print(f"installation {name} is at home here")
    if give_up:
        print(f"messages given up: {lost}; 'tocsin deliveries list --state dead' shows them")
    print(f"messages that the service, or the next run, will send: {waiting}")
    return []
