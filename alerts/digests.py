"""Digests: when one is due to a channel, and the message that it becomes.

Slots are wall times of the channel's zone, also across changes of its clocks: one a day or a week.
A digest tells of all since the one before it was made, so that one stands for all slots that were
missed, and nothing is told twice or not at all: one that was given up or withdrawn told nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.bulletins import DigestData
from alerts.messages import Message
from core.alerts import NewDelivery
from core.clock import stamp
from core.settings import WEEKDAYS, DigestSettings

_DAYS = {"day": 1, "week": 7}


class Last(NamedTuple):
    """The newest slot that a channel had, and when the newest digest that counts was made."""

    slot: datetime
    made: datetime


class Stretch(NamedTuple):
    """What a digest tells of: since when, and its slot; what came between it and now is in it."""

    since: datetime
    until: datetime


def due(settings: DigestSettings, last: Last | None, now: datetime) -> Stretch | None:
    """Return the stretch of the digest that is due; None when its slot has had one.

    Args:
        settings: when the channel wants digests.
        last: the newest digest that was made for the channel, None before the first.
        now: now.
    """
    slots = _slots(settings, now)
    newest, before = next(slots), next(slots)
    if last is None:
        return Stretch(before, newest)
    return Stretch(last.made, newest) if newest > last.slot else None


def message(channel: str, data: DigestData, until: datetime, now: datetime) -> NewDelivery:
    """Return the digest of a slot for a channel; made twice, it has the same id."""
    digest = hashlib.sha256(json.dumps(["digest", channel, stamp(until)]).encode()).hexdigest()
    body = Message(type="service.digest", timestamp=stamp(now), data=data).model_dump(mode="json")
    return NewDelivery(f"msg_{digest[:20]}", None, None, channel, body, "digest")


def _slots(settings: DigestSettings, now: datetime) -> Iterator[datetime]:
    """Yield the slots until now, newest first."""
    step = timedelta(days=_DAYS[settings.every])
    day = now.astimezone(ZoneInfo(settings.zone)).date() + timedelta(days=1)
    if settings.every == "week":
        day -= timedelta(days=(day.weekday() - WEEKDAYS.index(settings.on)) % 7)
    while True:
        slot = _instant(settings, day)
        if slot <= now:
            yield slot
        day -= step


def _instant(settings: DigestSettings, day: date) -> datetime:
    """Return when the wall clock shows the time; of an hour that is there twice, the first."""
    return datetime.combine(day, settings.at, ZoneInfo(settings.zone)).astimezone(UTC)
