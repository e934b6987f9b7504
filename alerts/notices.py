"""Messages about the service itself, and who is told when a channel does not get through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alerts.bulletins import Line, NoticeData, NoticeEvent
from alerts.links import link_to
from alerts.messages import Message, MessageType
from core.alerts import DeliveryKind, NewDelivery
from core.clock import stamp, unstamp
from core.quantities import quantity
from core.settings import ChannelSettings

TroubleKind = Literal["disabled", "given up"]
_LOCAL = frozenset({"console", "file"})
"""Kinds that few people look at: they are told last."""


@dataclass(frozen=True)
class Trouble:
    """A channel that does not get through, of which nobody was told yet.

    Attributes:
        since: stamp of when it was disabled, or of the first message given up.
        count: messages given up; those that wait where it is disabled.
        detail: what the receiver answered last.
        works: whether the newest try of the channel succeeded.
    """

    channel: str
    kind: TroubleKind
    since: str
    count: int
    detail: str
    works: bool


def teller(
    trouble: Trouble,
    channels: Sequence[ChannelSettings],
    owners: Sequence[str],
    unfit: Collection[str],
) -> str | None:
    """Return the channel that tells of a trouble, None while there is none.

    In this order: its own fallback, the `owners`, the others that people look at, the rest; the
    channel itself when it works again. `unfit` are disabled, or failed when last tried.
    """
    own = [c.fallback for c in channels if c.name == trouble.channel and c.fallback]
    people = [c.name for c in channels if c.kind not in _LOCAL]
    candidates = [*own, *owners, *people, *(c.name for c in channels)]
    for name in candidates:
        if name != trouble.channel and name not in unfit:
            return name
    return trouble.channel if trouble.works and trouble.kind == "given up" else None


def of_trouble(trouble: Trouble, to: str, now: datetime, site: str = "") -> NewDelivery:
    """Return the message that tells of a trouble; `site` is the address of our pages, if any."""
    lines = [
        Line(name="Channel", value=trouble.channel),
        Line(name="Since", value=f"{unstamp(trouble.since):%Y-%m-%d %H:%M} UTC"),
        Line(name="Answer", value=trouble.detail),
    ]
    messages = quantity(trouble.count, "messages")
    if trouble.kind == "disabled":
        event: NoticeEvent = "channel_disabled"
        headline = "its receiver wants no more messages: nothing is sent there"
        lines += [
            Line(name="Waiting", value=messages),
            Line(
                name="To do",
                value=f"mend it, then 'tocsin deliveries enable {trouble.channel}', or change its "
                "settings; what waits is sent then",
            ),
        ]
    else:
        event = "given_up"
        headline = f"{messages} could not be delivered and were given up"
        lines.append(
            Line(
                name="To do",
                value="see 'tocsin deliveries list --state dead'; send them again with "
                f"'tocsin deliveries replay --dead --channel {trouble.channel}'",
            )
        )
    place = f"channel {trouble.channel}"
    pages = _pages(site, ("Deliveries", "deliveries"))
    data = NoticeData(event=event, place=place, headline=headline, lines=tuple(lines), links=pages)
    return _made("notice", "service.notice", data, to, now, [event, trouble.channel, trouble.since])


def of_blindness(
    since: datetime | None,
    due: datetime,
    reason: str,
    to: Iterable[str],
    now: datetime,
    site: str = "",
) -> list[NewDelivery]:
    """Return the messages that no run came to its end: one per gap and channel.

    `since` is when the last one did; `due` the oldest period that has had none; `site` is the
    address of our pages, if any.
    """
    last = f"{since:%Y-%m-%d %H:%M} UTC" if since else "never"
    lines = (
        Line(name="Last run", value=last),
        Line(name="Missing", value=f"every run since the one due {due:%Y-%m-%d %H:%M} UTC"),
        Line(name="Why", value=reason),
        Line(
            name="Means",
            value="what you see is old, and nothing rings: no alert does not mean that all is calm",
        ),
        Line(name="To do", value="see 'tocsin doctor' and the log of the service"),
    )
    headline = "we are blind: no run has come to its end"
    pages = _pages(site, ("Feeds, runs", "feeds"))
    data = NoticeData(event="blind", place="Tocsin", headline=headline, lines=lines, links=pages)
    return [
        _made("notice", "service.notice", data, channel, now, ["blind", stamp(due)])
        for channel in dict.fromkeys(to)
    ]


def trial(channel: str, now: datetime) -> NewDelivery:
    """Return a message that only tries the way to a channel."""
    data = NoticeData(
        event="test",
        place="TEST",
        headline=f"this only tries the way to channel {channel}; nothing has happened",
        lines=(Line(name="Sent", value=f"{now:%Y-%m-%d %H:%M:%S} UTC"),),
        label="test",
    )
    return _made("test", "alert.test", data, channel, now, ["test", stamp(now)])


def _pages(site: str, *pages: tuple[str, str]) -> tuple[Line, ...]:
    """Return pages by name at the address of our site; none where that is ""."""
    return tuple(Line(name=name, value=link_to(site, page)) for name, page in pages if site)


def _made(
    kind: DeliveryKind,
    of: MessageType,
    data: NoticeData,
    channel: str,
    now: datetime,
    key: list[str],
) -> NewDelivery:
    """Return a delivery whose id depends on what it is about: told twice, it is the same."""
    digest = hashlib.sha256(json.dumps([*key, channel]).encode()).hexdigest()
    body = Message(type=of, timestamp=stamp(now), data=data).model_dump(mode="json")
    return NewDelivery(f"msg_{digest[:20]}", None, None, channel, body, kind)
