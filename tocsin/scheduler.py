"""Schedules and the alarm: the only module that imports APScheduler, and only when it is needed.

A schedule answers two questions, both by arithmetic and never by a list of all that was missed:
which fire time comes next, and which is the newest that is not after now. The second one names
the period whose work is due. Everything is UTC, so no hour is skipped or repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from core.durations import seconds
from core.errors import ConfigError

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_NUMBERED_WEEKDAY = re.compile(r"\d")
_EVERY = re.compile(r"every\s+(\S.*)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_PLAIN = (
    *(frozenset(map(str, numbers)) for numbers in (range(60), range(24), range(1, 29))),
    frozenset(map(str, range(1, 13))),
    frozenset(("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
)
"""What stands in the fields of a plain cron line: minute, hour, day, month, weekday."""
_LONGEST_GAP = timedelta(days=366 * 41)
"""29 February falls on the same weekday every 28 years, 40 over a century that has no leap day."""


class Schedule(Protocol):
    """When periods begin. `text` is the configured line, which names it in the store."""

    @property
    def text(self) -> str:
        """Return the line as it was configured."""
        ...

    def next_after(self, instant: datetime) -> datetime | None:
        """Return the first fire time after an instant."""
        ...

    def newest(self, instant: datetime) -> datetime | None:
        """Return the newest fire time that is not after an instant."""
        ...


@dataclass(frozen=True)
class Every:
    """A schedule of equal steps, counted from 1970-01-01 00:00 UTC."""

    text: str
    step: timedelta

    def next_after(self, instant: datetime) -> datetime:
        """Return the first fire time after an instant."""
        return self.newest(instant) + self.step

    def newest(self, instant: datetime) -> datetime:
        """Return the newest fire time that is not after an instant."""
        return instant - (instant - _EPOCH) % self.step


@dataclass(frozen=True)
class Cron:
    """A schedule of a cron line."""

    text: str
    trigger: CronTrigger

    def next_after(self, instant: datetime) -> datetime | None:
        """Return the first fire time after an instant."""
        return self._from(instant + timedelta(microseconds=1))

    def newest(self, instant: datetime) -> datetime | None:
        """Return the newest fire time that is not after an instant.

        A trigger only looks forward: windows that double find one that fired, halving finds the
        last time in it. Some dozens of steps, however long the gap.
        """
        window = timedelta(minutes=1)
        found = self._from(instant - window)
        while found is None or found > instant:
            window *= 2
            if window > 2 * _LONGEST_GAP:
                return None
            found = self._from(instant - window)
        return self._last_between(found, instant)

    def _last_between(self, found: datetime, instant: datetime) -> datetime:
        """Return the newest fire time not after `instant`, given one of them."""
        low, high = found, instant
        while high - low >= _SECOND:
            middle = low + (high - low) / 2
            later = self._from(middle)
            if later is None or later > instant:
                high = middle
            else:
                found = low = later
        return found

    def _from(self, instant: datetime) -> datetime | None:
        """Return the first fire time not before an instant."""
        found: datetime | None = self.trigger.get_next_fire_time(None, instant)
        return found


def parse_schedule(text: str) -> Schedule:
    """Return the schedule that a line means: five cron fields, or "every 36h".

    Raises:
        ConfigError: for a line that is malformed, counts weekdays by number, or never fires;
            `where` is left for the caller to fill.
    """
    every = _EVERY.fullmatch(text.strip())
    if every is None:
        return _cron(text)
    try:
        return Every(text, timedelta(seconds=seconds(every[1])))
    except ValueError as error:
        raise ConfigError("", str(error), 'write "every 36h"') from None


def check_schedule(text: str) -> None:
    """Raise what `parse_schedule` would raise; plain lines are good without loading APScheduler.

    Every command reads the configuration, and loading it takes a tenth of a second.

    Raises:
        ConfigError: as `parse_schedule`.
    """
    if not is_plain(text):
        parse_schedule(text)


def is_plain(text: str) -> bool:
    """Return whether a line is of whole numbers and names in their ranges, and surely fires.

    Days after the 28th are left to the one who knows the months.
    """
    fields = text.split()
    return len(fields) == len(_PLAIN) and all(
        all(part == "*" or part in good for part in field.split(","))
        for field, good in zip(fields, _PLAIN, strict=True)
    )


def _cron(text: str) -> Cron:
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - heavy, needed here only

    fields = text.split()
    if len(fields) == 5 and _NUMBERED_WEEKDAY.search(fields[4]):
        # APScheduler counts 0 as Monday, cron as Sunday: a name cannot be misread.
        raise ConfigError("", f"weekday {fields[4]!r} is a number", "name it: mon … sun")
    try:
        trigger = CronTrigger.from_crontab(text, timezone=UTC)
    except ValueError as error:
        raise ConfigError(
            "",
            f"{text!r} is not a cron line ({error})",
            'five fields (minute hour day month weekday), or "every 36h"',
        ) from None
    if trigger.get_next_fire_time(None, _AFTER) is None:
        raise ConfigError("", f"{text!r} never fires", "name a date that exists")
    return Cron(text, trigger)


class Alarm:
    """Rings at every fire time of a schedule, on a thread of its own. It does no work itself.

    It is asked to be prompt, not to be right: what is due is decided by whoever it wakes.
    """

    def __init__(self, schedule: Schedule, ring: Callable[[], object]) -> None:
        """Set the alarm; `ring` is called from another thread and must return at once."""
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415
        from apscheduler.triggers.base import BaseTrigger  # noqa: PLC0415

        class FromNowOn(BaseTrigger):  # type: ignore[misc]
            """The next fire time after now, never all those since the last one.

            A clock that is put forward by ten years costs one step instead of a list.
            """

            def get_next_fire_time(self, _previous: object, now: datetime) -> datetime | None:
                return schedule.next_after(now)

        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            ring, FromNowOn(), coalesce=True, max_instances=1, misfire_grace_time=None
        )

    def start(self) -> None:
        """Begin to ring."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop for good."""
        self._scheduler.shutdown(wait=False)
