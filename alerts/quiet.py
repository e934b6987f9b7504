"""Quiet hours: until when a message waits for a channel, if it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.settings import SEVERITIES, QuietHours, Severity


def quiet_until(quiet: QuietHours | None, severity: Severity, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that hold back a severity now, None when none do.

    Both ends are wall times of the zone, also where the clocks change in between: of an hour that
    is there twice, the first counts; an end that the clocks skip comes as much later as they do.
    """
    if quiet is None or SEVERITIES.index(severity) >= SEVERITIES.index(quiet.breaks_through):
        return None
    local = now.astimezone(ZoneInfo(quiet.zone))
    wall = local.time().replace(tzinfo=None)
    over_midnight = quiet.start > quiet.end
    inside = (
        wall >= quiet.start or wall < quiet.end
        if over_midnight
        else (quiet.start <= wall < quiet.end)
    )
    if not inside:
        return None
    day = local.date() + timedelta(days=int(over_midnight and wall >= quiet.start))
    end = datetime.combine(day, quiet.end, ZoneInfo(quiet.zone)).astimezone(UTC)
    return max(end, now)
