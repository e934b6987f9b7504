"""How the schedule stands, in words for `tocsin doctor`."""

from __future__ import annotations

from datetime import datetime

from core.durations import in_words
from storage.periods import Outcome, PeriodRow
from tocsin.scheduler import Schedule
from tocsin.serving.due import shown


def standing(
    schedule: Schedule, row: PeriodRow | None, deadline: int, now: datetime
) -> tuple[bool, str]:
    """Return whether the schedule is kept, and the last period with the next one in words.

    Args:
        schedule: the configured one.
        row: the period that was claimed last, None when nobody ever ran by the schedule.
        deadline: seconds that a cycle may take.
        now: the wall clock.
    """
    following = schedule.next_after(now)
    ahead = f"next {shown(following)}" if following else "none follows"
    if row is None:
        return True, f"{schedule.text!r} has not begun ('tocsin serve' keeps it); {ahead}"
    well, ended = _ended(row, deadline, now)
    overdue = _overdue(schedule, row, now)
    words = [f"period {shown(row.due)} {ended}", *_lateness(row), *overdue, ahead]
    return well and not overdue, "; ".join(words)


def _ended(row: PeriodRow, deadline: int, now: datetime) -> tuple[bool, str]:
    if row.ending is None:
        since = (now - row.claimed).total_seconds()
        if since <= deadline:
            return True, f"at work for {in_words(max(since, 0))}"
        return False, f"was begun {in_words(since)} ago and never finished"
    outcome, code, reason, _ = row.ending
    words = outcome.value
    if code:
        words += f" (exit code {code})"
    return outcome is Outcome.DONE, f"{words}: {reason}" if reason else words


def _lateness(row: PeriodRow) -> list[str]:
    words = []
    if row.is_late:
        words.append(f"begun late by {in_words(row.late)}")
    if row.missed_since:
        words.append(f"it stood for those missed from {shown(row.missed_since)} on")
    return words


def _overdue(schedule: Schedule, row: PeriodRow, now: datetime) -> list[str]:
    """Tell of a period that nobody began, once it is a whole period late or waits for another."""
    first = schedule.next_after(row.due)
    second = schedule.next_after(first) if first else None
    if first and first <= now and row.finished is None:
        return [f"period {shown(first)} is overdue and waits for it"]
    if first and second and second <= now:
        return [f"overdue since {shown(first)}: is 'tocsin serve' or its timer running?"]
    return []
