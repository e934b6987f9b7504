"""What may not leave the organisation stays on channels that do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from alerts.routing import AnyRule, reaches
from core.alerts import Alert
from core.errors import ConfigError
from core.settings import ChannelSettings, FeedSettings, RouteSettings, WatchSettings
from core.sources import confined


def confined_watches(
    watches: Iterable[WatchSettings], feeds: Sequence[FeedSettings]
) -> dict[str, str]:
    """Return per watch that counts a feed with share = "none" the first such feed."""
    inside = confined(feeds)
    found = {watch.name: [feed for feed in watch.feeds if feed in inside] for watch in watches}
    return {watch: named[0] for watch, named in found.items() if named}


def fit_for(
    channel: ChannelSettings,
    channels: Iterable[ChannelSettings],
    watches: Sequence[WatchSettings],
    feeds: Sequence[FeedSettings],
) -> list[WatchSettings]:
    """Return the watches that may be told to a channel whole, its fallback among the readers."""
    readers = [one for one in channels if one.name in (channel.name, channel.fallback)]
    inside = {} if all(one.internal for one in readers) else confined_watches(watches, feeds)
    return [watch for watch in watches if watch.name not in inside]


def check(
    routes: Sequence[RouteSettings],
    rules: Sequence[AnyRule],
    inside: Mapping[str, str],
    channels: Sequence[ChannelSettings],
) -> Iterator[ConfigError]:
    """Yield the routes by which something of a watch in `inside` would leave the organisation.

    A route's region and country are not known before the data are: they count as reached.
    """
    outward = {channel.name for channel in channels if not channel.internal}
    for number, route in enumerate(routes, 1):
        leaving = [name for name in route.everybody if name in outward]
        for rule in rules:
            if leaving and rule.watch in inside and reaches(route.match, rule):
                feed = inside[rule.watch]
                yield ConfigError(
                    f"routes[{number}]",
                    f'rule {rule.name!r} counts feed {feed!r}, whose share = "none" keeps it '
                    f"inside the organisation; channel {leaving[0]!r} leaves it",
                    "match other watches, or set internal = true on a channel that only your "
                    "own people read",
                )


def told_inside(
    told: Mapping[str, Mapping[str, str]],
    alerts: Iterable[Alert],
    inside: Collection[str],
    channels: Iterable[ChannelSettings],
) -> dict[str, dict[str, str]]:
    """Return who was told of each alert, less the outward channels where its watch is in `inside`.

    Whoever was told of an alert is told of its end; but not once its feed is to stay inside.
    """
    internal = {channel.name for channel in channels if channel.internal}
    watches = {alert.alert_id: alert.watch for alert in alerts}
    return {
        alert_id: {
            name: at
            for name, at in channels_told.items()
            if watches[alert_id] not in inside or name in internal
        }
        for alert_id, channels_told in told.items()
    }
