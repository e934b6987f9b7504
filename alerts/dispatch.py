"""What the news of one run become: messages to channels, alone or together, now or later.

Pure: the same news make the same messages, with the same ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from alerts.grouping import group
from alerts.inhibition import WatchOf, inhibitor
from alerts.lifecycle import VERDICTS, Reason
from alerts.links import link_to_alerts
from alerts.messages import TYPES, Message, StepType, compose
from alerts.quiet import quiet_until
from alerts.routing import channels_for
from core.alerts import Alert, AlertEvent, Held, NewDelivery
from core.clock import stamp, unstamp
from core.regions import label
from core.settings import ChannelSettings, Inhibition, RouteSettings

_TOLD_ALL = (Reason.RENAMED, *VERDICTS)
"""Steps of which everybody hears who was told of the alert, like its end."""
Step = tuple[str, int]
"""Alert and sequence."""


@dataclass(frozen=True)
class News:
    """A step that people are to be told of.

    Attributes:
        kind: what it is told as, where the step's own reason does not say it.
        channels: who is told; None leaves it to the routes.
        told: who was told of the alert before.
        new: whether it may be held back: it is the first that is told of the alert.
    """

    alert: Alert
    event: AlertEvent
    kind: StepType | None = None
    channels: Sequence[str] | None = None
    told: Sequence[str] = ()
    new: bool = False

    def message(self, site: str) -> Message:
        """Return its message, with links to our pages at the address of a site."""
        return compose(self.alert, self.event, self.kind, site)

    @property
    def step(self) -> Step:
        """Return which step it tells."""
        return self.event.alert_id, self.event.sequence


class Rules(NamedTuple):
    """What the configuration says of telling."""

    routes: Sequence[RouteSettings]
    channels: Mapping[str, ChannelSettings]
    inhibitions: Sequence[Inhibition]
    watch_of: WatchOf
    site: str = ""
    """Address of our pages, "" where people cannot reach them."""


@dataclass
class Dispatch:
    """Messages to make; per step why somebody waits; the steps that nobody is told of."""

    deliveries: list[NewDelivery] = field(default_factory=list)
    held_back: dict[Step, list[str]] = field(default_factory=dict)
    unrouted: list[Alert] = field(default_factory=list)

    def hold(self, news: News, reason: str) -> None:
        """Note why somebody is not told now."""
        self.held_back.setdefault(news.step, []).append(reason)


def dispatch(
    news: Sequence[News],
    alerts: Sequence[Alert],
    rules: Rules,
    waiting: Mapping[str, Held],
    at: str,
) -> Dispatch:
    """Return what becomes of the news of a run.

    Args:
        news: in the order of the run.
        alerts: all that are open after it.
        rules: from the configuration.
        waiting: per channel the message that waits for the end of its quiet hours.
        at: the stamp of now.
    """
    found = Dispatch()
    by_channel: dict[str, list[News]] = {}
    for one in news:
        channels = _channels(one, rules)
        if not channels:
            found.unrouted.append(one.alert)
        source = inhibitor(one.alert, alerts, rules.inhibitions, rules.watch_of)
        if source is not None and one.new:
            found.hold(one, f"inhibited by {source.alert_id} ({label(source.region)})")
            continue
        for channel in channels:
            by_channel.setdefault(channel, []).append(one)
    for channel, told in by_channel.items():
        told_now = _Telling(rules.channels[channel], rules.site, waiting.get(channel), at)
        _to_channel(found, told_now, told)
    return found


def _channels(news: News, rules: Rules) -> tuple[str, ...]:
    """Return who is told; whoever was told of an alert is told of its end and of its verdict."""
    if news.channels is not None:
        return tuple(news.channels)
    found = channels_for(rules.routes, news.alert, rules.watch_of(news.alert))
    if not news.alert.state.is_open or news.event.reason in _TOLD_ALL:
        found = (*found, *(c for c in sorted(news.told) if c in rules.channels))
    return tuple(dict.fromkeys(found))


class _Telling(NamedTuple):
    """One channel at the stamp `at`, the message that waits for it, and our site's address."""

    channel: ChannelSettings
    site: str
    waiting: Held | None
    at: str


def _to_channel(found: Dispatch, to: _Telling, told: list[News]) -> None:
    """Add the messages to one channel: those that wait for the morning are one in any case."""
    channel = to.channel
    now: list[News] = []
    later: list[News] = []
    until: datetime | None = None
    for news in told:
        end = channel.quiet and quiet_until(channel.quiet, news.event.severity, unstamp(to.at))
        (later if end else now).append(news)
        if end:
            until = end
            found.hold(news, f"{channel.name}: quiet hours until {end:%Y-%m-%d %H:%M} UTC")
    if len(now) > channel.group_over:
        found.deliveries.append(_together(to, now))
    else:
        found.deliveries += [_alone(to, news) for news in now]
    if until:
        found.deliveries.append(_after_quiet(to, later, until))


def _after_quiet(to: _Telling, later: list[News], until: datetime) -> NewDelivery:
    """Return the message for the end of quiet hours; it takes in one that waits already."""
    waiting = to.waiting
    before = (
        [News(alert, event, told_as(event)) for alert, event in waiting.steps] if waiting else []
    )
    everything = [*before, *later]
    due = stamp(until)
    if len(everything) == 1:
        return _alone(to, later[0], due)
    held = f"these came in quiet hours, which ended at {until:%H:%M} UTC"
    revises = waiting.delivery_id if waiting else None
    return _together(to, everything, held=held, due=due, revises=revises)


def told_as(event: AlertEvent) -> StepType | None:
    """Return what a stored step was told as; a step without a type of its own was a reminder."""
    return None if event.reason in TYPES else "alert.reminder"


def _alone(to: _Telling, news: News, due: str | None = None) -> NewDelivery:
    body = news.message(to.site).model_dump(mode="json")
    name = _digest([*_named(news), to.channel.name])
    return NewDelivery(name, *news.step, to.channel.name, body, due_at=due)


def _together(
    to: _Telling,
    news: Sequence[News],
    *,
    held: str = "",
    due: str | None = None,
    revises: str | None = None,
) -> NewDelivery:
    messages, link = [one.message(to.site) for one in news], link_to_alerts(to.site)
    body = group(messages, to.at, held, link).model_dump(mode="json")
    steps = tuple(one.step for one in news)
    name = _digest([to.channel.name, *map(_named, news)])
    return NewDelivery(name, None, None, to.channel.name, body, "group", steps, due, revises)


def _named(news: News) -> list[object]:
    """Return what names a message of a step: one that nobody acknowledged is told once more."""
    again = news.kind == "alert.unacknowledged"
    return [*news.step, "unacknowledged"] if again else list(news.step)


def delivery_id(alert_id: str, sequence: int, channel: str) -> str:
    """Return the name of a message to a channel: the same for every try, restart and re-run."""
    return _digest([alert_id, sequence, channel])


def _digest(parts: list[object]) -> str:
    return "msg_" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
