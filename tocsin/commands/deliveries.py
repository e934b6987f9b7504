"""`tocsin deliveries`: what became of messages, another try, a trial, a channel enabled again."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from alerts import notices
from alerts.delivery import LEASE_SECONDS, Sender
from core.clock import Clock, SystemClock, stopwatch, to_the_minute
from core.errors import FailedError, InputError
from core.text import clean, csv_safe
from storage.database import Database, open_database
from storage.deliveries import Deliveries, DeliveryRow
from storage.outbox import Outbox
from tocsin.complaints import nearest
from tocsin.config import Config, load
from tocsin.sending import open_channels

Asked = tuple[str | None, str | None, int]
"""State, channel and limit."""
_PATIENCE = 90.0
"""Seconds that a trial may take where another process has claimed it."""
_COLUMNS = ("id", "type", "channel", "place", "state", "tries", "made", "due", "finished", "answer")


def listed(path: Path, database: Path | None, asked: Asked, *, form: str, raw: bool) -> list[str]:
    """Print messages, newest first; in text, the channels that are disabled first."""
    config = load(path)
    with open_database(database or config.database, mode="read", clock=SystemClock()) as found:
        rows = Deliveries(found).listed(*asked)
        disabled = Outbox(found).disabled()
    if form == "json":
        print(json.dumps([row._asdict() for row in rows], indent=2, ensure_ascii=False))
    elif form == "csv":
        _write_csv(rows, raw=raw)
    else:
        for channel in disabled:
            since = to_the_minute(channel.since)
            print(f"channel {channel.channel} is disabled since {since}: {channel.reason}")
        _write_text(rows)
    return []


def replay(
    path: Path, database: Path | None, ids: Sequence[str], *, dead: bool, channel: str | None
) -> list[str]:
    """Make messages due again and say how many.

    Raises:
        InputError: when none is named, or one that is not there or is still pending.
    """
    if bool(ids) == dead:
        raise InputError("deliveries replay", "name messages, or give --dead", "one of the two")
    config = load(path)
    with open_database(database or config.database, mode="write", clock=SystemClock()) as found:
        deliveries = Deliveries(found)
        if dead:
            given_up = deliveries.listed("dead", channel, limit=1_000_000)
            ids = [row.delivery_id for row in given_up if row.kind != "test"]
        else:
            _require_finished(deliveries, ids)
        again = deliveries.replay(ids)
    print(f"messages that are due again: {len(again)}; the service, or the next run, sends them")
    return []


def enable(path: Path, database: Path | None, channel: str) -> list[str]:
    """Enable a channel and say so.

    Raises:
        InputError: when it is not disabled.
    """
    config = load(path)
    with open_database(database or config.database, mode="write", clock=SystemClock()) as found:
        if not Outbox(found).enable([channel]):
            names = ", ".join(one.channel for one in Outbox(found).disabled()) or "none"
            raise InputError(channel, "is no channel that is disabled", f"disabled are: {names}")
    print(f"channel {channel} is enabled; the service, or the next run, sends what waits for it")
    return []


def test(path: Path, database: Path | None, channel: str) -> list[str]:
    """Send a trial message and print the answer.

    Raises:
        InputError: when there is no such channel.
        FailedError: when the message was not taken.
    """
    config, clock = load(path), SystemClock()
    names = [known.name for known in config.channels]
    if channel not in names:
        raise InputError(channel, "no channel is called so", nearest(channel, names, "channels"))
    with open_database(database or config.database, mode="write", clock=clock) as found:
        row = _tried(config, found, channel, clock)
    if row is None or row.state != "delivered":
        answer = row.detail if row and row.detail else "nobody has sent it yet"
        raise FailedError(f"channel {channel}", f"did not take the test: {answer}")
    print(f"channel {channel} took the test {row.delivery_id}: {row.detail}")
    return []


def _tried(config: Config, database: Database, channel: str, clock: Clock) -> DeliveryRow | None:
    """Put a trial in the outbox and send it; wait for the service where that was quicker."""
    outbox, made = Outbox(database), notices.trial(channel, clock.now())
    outlets = open_channels(config, clock)
    outbox.put([made], clock.now())
    claimed = outbox.claim(clock.now(), LEASE_SECONDS, 1, only=made.delivery_id)
    for delivery in claimed:
        Sender(outbox, outlets, clock).send(delivery)
    until = stopwatch() + (0.0 if claimed else _PATIENCE)
    row = Deliveries(database).one(made.delivery_id)
    while row and row.state == "pending" and stopwatch() < until:
        time.sleep(0.2)
        row = Deliveries(database).one(made.delivery_id)
    return row


def _require_finished(deliveries: Deliveries, ids: Sequence[str]) -> None:
    for name in ids:
        row = deliveries.one(name)
        if row is None:
            raise InputError(name, "no message has this id", "'tocsin deliveries list' shows them")
        if row.state == "pending":
            raise InputError(name, "is still pending", "it is sent when it is due")


def _cells(row: DeliveryRow) -> list[str]:
    return [
        *(row.delivery_id, row.type, row.channel, clean(row.place), row.state, str(row.tries)),
        *(row.created_at, row.due_at or "", row.finished_at or "", clean(row.detail)),
    ]


def _write_csv(rows: Sequence[DeliveryRow], *, raw: bool) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([cell if raw else csv_safe(cell) for cell in _cells(row)])


def _write_text(rows: Sequence[DeliveryRow]) -> None:
    for row in rows:
        tries = f"{row.tries} " + ("try" if row.tries == 1 else "tries")
        due = f", due {row.due_at[:19]}Z" if row.state == "pending" and row.due_at else ""
        answer = f": {clean(row.detail)}" if row.detail else ""
        print(
            f"{row.created_at[:19]}Z  {row.delivery_id}  {row.channel}  {row.type}  "
            f"{clean(row.place, 60)}  {row.state}, {tries}{due}{answer}"
        )
