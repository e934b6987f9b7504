"""`tocsin run`: one cycle, its messages, and the table of what it found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from alerts.channels.channel import Channel, Surroundings
from alerts.delivery import Delivered, deliver
from alerts.registry import open_channel
from core.clock import Clock, SystemClock
from tocsin.config import Config, load
from tocsin.cycle import Cycle, CycleReport
from tocsin.sheets import sheets
from tocsin.stores import Stores, opened
from tocsin.table_output import write

_MOST = 10_000
"""Messages sent by one run; what is left stays in the outbox."""


def run(
    path: Path, database: Path | None, replay: date | None, *, deliver: bool, form: str
) -> list[str]:
    """Do one cycle and print its table and the database's path; return why it is degraded."""
    config, clock = load(path), SystemClock()
    sends = replay is None or deliver
    channels = _channels(config, clock) if sends else {}
    with opened(config, database, "own", clock) as stores:
        with _progress() as progress:
            cycle = Cycle(config, stores, clock, replay=replay, deliver=sends, progress=progress)
            report = cycle.run()
        found = sheets(stores.reader, config, config.watches, cycle.today, replay)
        write(found, form, sys.stdout)
        reasons = report.reasons + (_send(stores, channels, clock) if sends else [])
        if form == "text":
            _summary(report, config, database)
    return reasons


def _channels(config: Config, clock: Clock) -> dict[str, Channel]:
    """Open every channel before any work: a missing secret is found while nothing is half done."""
    around = Surroundings(config.base, os.environ, clock, sys.stdout)
    return {settings.name: open_channel(settings, around) for settings in config.channels}


def _send(stores: Stores, channels: dict[str, Channel], clock: Clock) -> list[str]:
    sent = deliver(stores.outbox, channels, clock, _MOST)
    return _troubles(sent, stores)


def _troubles(sent: Delivered, stores: Stores) -> list[str]:
    if not sent.failed:
        return []
    counts = stores.reader.outbox_counts()
    waiting = f"{counts.pending} wait in the outbox for the next run, {counts.dead} were given up"
    return [f"{sent.failed} message(s) could not be sent: {waiting}"]


def _summary(report: CycleReport, config: Config, database: Path | None) -> None:
    for pull in report.pulls:
        print(
            f"{pull.feed}: {pull.added} new, {pull.revised} revised, {pull.deleted} deleted, "
            f"{pull.unchanged} as before, {pull.quarantined} in quarantine"
        )
    made = len(report.changes.deliveries)
    again = "nothing new came in; run" if report.repeated else "run"
    print(f"{again} {report.run}: {made} new message(s). Database: {database or config.database}")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is going on where somebody is looking; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for people

    with Console(stderr=True).status("starting") as status:
        yield status.update
