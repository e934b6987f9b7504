"""`tocsin run`: one cycle, its messages, and the table of what it found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from alerts.delivery import Outlet
from core.clock import Clock, SystemClock
from core.errors import InputError
from core.quantities import quantity
from tocsin.asof import Replay
from tocsin.config import Config, load
from tocsin.cycle import Cycle, CycleReport
from tocsin.heartbeat import beat, begin, failures_told
from tocsin.passing_on import pass_on_unacknowledged
from tocsin.plan import plan_of
from tocsin.scheduler import parse_schedule
from tocsin.sending import PostOffice, open_channels
from tocsin.sheets import sheets
from tocsin.sight import tell_if_blind
from tocsin.stores import Stores, opened
from tocsin.table_output import write


def run(
    path: Path, database: Path | None, replay: Replay | None, *, deliver: bool, form: str
) -> list[str]:
    """Do one cycle and print its table and the database's path; return why it is degraded."""
    config, clock = load(path), SystemClock()
    _refuse_days_to_come(config, clock, replay)
    channels = open_channels(config, clock) if replay is None or deliver else None
    with opened(config, database, "own", clock) as stores:
        if channels is not None and replay is None:
            tell_if_blind(config, stores.database, parse_schedule(config.service.schedule), clock)
            pass_on_unacknowledged(plan_of(config), stores.database, clock)
        what = Cycling(config, stores, clock, replay, channels, form)
        if replay is not None:
            report = work(what)
        else:
            begin(config)
            with failures_told(config, stores.database, clock):
                report = work(what)
            report.reasons += beat(config, stores.database, clock, committed=True)
    if form == "text":
        summary(report, database or config.database)
    return report.reasons


def _refuse_days_to_come(config: Config, clock: Clock, replay: Replay | None) -> None:
    """Refuse a replay of a day that is not over: what comes until then would look known."""
    today = max(clock.now().date(), config.service.as_of or date.min)
    if replay is not None and replay.day > today:
        raise InputError("--as-of", f"{replay.day} is still to come", f"name a day up to {today}")


class Cycling(NamedTuple):
    """What one cycle of the command line needs; `channels` None sends nothing."""

    config: Config
    stores: Stores
    clock: Clock
    replay: Replay | None
    channels: dict[str, Outlet] | None
    form: str


def work(what: Cycling) -> CycleReport:
    """Do one cycle, print its table and send its messages; its reasons tell of both."""
    config, stores, clock, replay, channels, _ = what
    sends = channels is not None
    with _progress() as progress:
        cycle = Cycle(config, stores, clock, replay=replay, deliver=sends, progress=progress)
        report = cycle.run()
    try:
        _show(what, cycle.today)
    finally:  # a reader that went away, or a full disk behind the output, holds up no alert
        if channels is not None:
            office = PostOffice(config, stores.database, channels, clock)
            report.reasons += office.trouble(office.send())
    return report


def _show(what: Cycling, today: date) -> None:
    """Print the table of the newest run, or of the one that is replayed."""
    config, stores, day = what.config, what.stores, what.replay and what.replay.day
    found = sheets(stores.reader, config, config.watches, today, day, incidents=stores.incidents)
    write(found, what.form, sys.stdout)


def summary(report: CycleReport, database: Path) -> None:
    """Print what came in, how many messages were made, and where all of it is kept."""
    for pull in report.pulls:
        print(pull.line())
    for remark in report.remarks:
        print(remark)
    made = len(report.changes.deliveries)
    again = "nothing new came in; run" if report.repeated else "run"
    print(f"{again} {report.run}: {quantity(made, 'new messages')}. Database: {database}")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is going on where somebody is looking; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for people

    with Console(stderr=True).status("starting") as status:
        yield status.update
