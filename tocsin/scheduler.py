"""Cron lines: the only module that imports APScheduler, and only when a line is checked."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from core.errors import ConfigError

_NUMBERED_WEEKDAY = re.compile(r"\d")
_AFTER = datetime(2000, 1, 1, tzinfo=UTC)


def check_cron(expression: str) -> None:
    """Refuse a cron line that is malformed, counts weekdays by number, or never fires.

    Raises:
        ConfigError: with the line's fault; `where` is left for the caller to fill.
    """
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - heavy, needed here only

    fields = expression.split()
    if len(fields) == 5 and _NUMBERED_WEEKDAY.search(fields[4]):
        # APScheduler counts 0 as Monday, cron as Sunday: a name cannot be misread.
        raise ConfigError("", f"weekday {fields[4]!r} is a number", "name it: mon … sun")
    try:
        trigger = CronTrigger.from_crontab(expression, timezone=UTC)
    except ValueError as error:
        raise ConfigError(
            "",
            f"{expression!r} is not a cron line ({error})",
            "five fields: minute hour day month weekday",
        ) from None
    if trigger.get_next_fire_time(None, _AFTER) is None:
        raise ConfigError("", f"{expression!r} never fires", "name a date that exists")
