"""`tocsin run --if-due`: for cron and timers, which may ask as often as they like."""

from __future__ import annotations

import sys
from pathlib import Path

from core.clock import Clock, SystemClock
from core.errors import EXIT_DEGRADED, EXIT_FAILED, EXIT_FINE, StorageError, TocsinError
from storage.periods import Ending, Outcome, Periods
from tocsin.commands.run import Cycling, summary, work
from tocsin.config import load
from tocsin.cycle import CycleReport
from tocsin.heartbeat import beat, begin, failures_told
from tocsin.passing_on import pass_on_unacknowledged
from tocsin.plan import plan_of
from tocsin.scheduler import parse_schedule
from tocsin.sending import PostOffice, open_channels
from tocsin.serving.due import Claim, shown, take
from tocsin.sight import tell_if_blind
from tocsin.stores import opened


def run_if_due(path: Path, database: Path | None, *, form: str) -> list[str]:
    """Do one cycle if the newest period of the schedule has not run; else only send what is due.

    Returns why it is degraded; nothing when there was nothing to do.
    """
    config, clock = load(path), SystemClock()
    channels, schedule = open_channels(config, clock), parse_schedule(config.service.schedule)
    with opened(config, database, "own", clock) as stores:
        periods = Periods(stores.database, schedule.text)
        tell_if_blind(config, stores.database, schedule, clock)
        pass_on_unacknowledged(plan_of(config), stores.database, clock)
        taken = take(periods, schedule, clock.now())
        if not isinstance(taken, Claim):
            office = PostOffice(config, stores.database, channels, clock)
            sent = office.send()
            following = schedule.next_after(clock.now())
            print(
                f"nothing to run: {taken.value}; next period",
                shown(following) if following else "never",
                file=sys.stdout if form == "text" else sys.stderr,
            )
            return [*office.trouble(sent), *beat(config, stores.database, clock)]
        begin(config)
        with failures_told(config, stores.database, clock):
            report = _recorded(periods, taken, Cycling(config, stores, clock, None, channels, form))
        report.reasons += beat(config, stores.database, clock)
    if form == "text":
        print(taken.words)
        summary(report, database or config.database)
    return report.reasons


def _recorded(periods: Periods, claim: Claim, what: Cycling) -> CycleReport:
    """Do the work of a claimed period; however it ends, its row says so."""
    try:
        report = work(what)
    except BaseException as error:
        _note_failure(periods, claim, error, what.clock)
        raise
    bad = bool(report.reasons)
    outcome, code = (Outcome.DEGRADED, EXIT_DEGRADED) if bad else (Outcome.DONE, EXIT_FINE)
    ending = Ending(outcome, code, "; ".join(report.reasons), report.run)
    periods.finish(claim.row.due, ending, what.clock.now())
    return report


def _note_failure(periods: Periods, claim: Claim, error: BaseException, clock: Clock) -> None:
    code, reason = EXIT_FAILED, f"unexpected {type(error).__name__}"
    if isinstance(error, TocsinError):
        code, reason = error.exit_code, error.line()
    try:
        periods.finish(claim.row.due, Ending(Outcome.FAILED, code, reason), clock.now())
    except StorageError:
        return  # the error that is being raised says more; the next start takes it as interrupted
