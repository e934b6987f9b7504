"""The cycles of the service: one child at a time, begun when a period is due."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import NamedTuple

from core.clock import Clock, stopwatch
from core.durations import in_words
from storage.periods import Ending, Outcome, Periods
from tocsin.scheduler import Schedule
from tocsin.serving.children import Child
from tocsin.serving.due import Claim, Reason, shown, take
from tocsin.serving.orders import Order, Report

log = logging.getLogger("tocsin.serve")


class _Running(NamedTuple):
    claim: Claim
    child: Child
    since: float


class Cycles:
    """Begins the newest period once, follows its child, and records how it ended."""

    def __init__(
        self, periods: Periods, schedule: Schedule, order: Order, deadline: int, clock: Clock
    ) -> None:
        """`order` is given to each child, which is killed after `deadline` seconds."""
        self._periods, self._schedule, self._order = periods, schedule, order
        self._deadline, self._clock = deadline, clock
        self._running: _Running | None = None
        self._unrecorded: tuple[datetime, Ending] | None = None
        self._settled: datetime | None = None  # the newest period, when nothing is to be done
        self._overdue: datetime | None = None  # the newest period, when told that it has to wait

    @property
    def child(self) -> Child | None:
        """Return the child at work."""
        return self._running.child if self._running else None

    def step(self) -> bool:
        """Do what can be done now; return whether a cycle has just ended.

        Raises:
            StorageError: when the database fails; the next step goes on from there.
        """
        ended = self._follow()
        self._record()
        if self._running is None:
            self._begin_due()
        return ended

    def abandon(self) -> None:
        """Let go of a child that was stopped; its period is begun again at the next start.

        Raises:
            StorageError: when the database fails; the period then counts as interrupted.
        """
        if self._running:
            claim = self._running.claim
            report = self._running.child.kill("stopped with the service")
            self._running = None
            if report.ending.outcome is Outcome.KILLED:
                log.info(
                    "period %s was stopped: the next start begins it again", shown(claim.row.due)
                )
                self._periods.give_back(claim.row.due)
            else:
                self._note_end(claim, report, 0.0)
        self._record()

    def _follow(self) -> bool:
        if self._running is None:
            return False
        claim, child, since = self._running
        report = child.poll()
        if report is None:
            self._note_overdue(claim)
            return False
        self._running = None
        self._note_end(claim, report, stopwatch() - since)
        return True

    def _begin_due(self) -> None:
        now = self._clock.now()
        newest = self._schedule.newest(now)
        if newest is None or newest == self._settled:
            return
        taken = take(self._periods, self._schedule, now)
        self._settled = newest
        if isinstance(taken, Claim):
            self._begin(taken)
        elif taken is Reason.TOO_OFTEN:
            log.error("period %s failed: %s", shown(newest), taken.value)

    def _begin(self, claim: Claim) -> None:
        log.log(logging.WARNING if claim.is_late else logging.INFO, "%s begins", claim.words)
        try:
            child = Child(self._order, self._deadline)
        except OSError as error:
            reason = f"could not be started ({error.strerror})"
            self._note_end(claim, Report(Ending(Outcome.FAILED, None, reason)), 0.0)
            self._record()
        else:
            self._running = _Running(claim, child, stopwatch())

    def _note_end(self, claim: Claim, report: Report, took: float) -> None:
        ending = report.ending
        level = logging.INFO if ending.outcome is Outcome.DONE else logging.ERROR
        told = (shown(claim.row.due), ending.outcome, in_words(took), report.in_words)
        log.log(level, "period %s %s after %s: %s", *told)
        self._unrecorded = claim.row.due, ending

    def _record(self) -> None:
        """Write how a period ended; kept in hand until the database takes it."""
        if self._unrecorded:
            due, ending = self._unrecorded
            self._periods.finish(due, ending, self._clock.now())
            self._unrecorded = None

    def _note_overdue(self, running: Claim) -> None:
        """Say once per cycle that the next period has to wait for it."""
        if self._overdue == running.row.due:
            return
        newest = self._schedule.newest(self._clock.now())
        if newest and newest > running.row.due:
            self._overdue = running.row.due
            log.warning(
                "period %s is overdue: %s is still at work, at most until its deadline of %s",
                *(shown(newest), shown(running.row.due), in_words(self._deadline)),
            )
