"""Which channels an alert goes to, and routes that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from core.alerts import Alert
from core.errors import ConfigError
from core.regions import label
from core.rule_settings import AnyRule, StaleRuleSettings
from core.settings import ChannelSettings, Match, RouteSettings, Severity, WatchSettings

__all__ = ["AnyRule", "channels_for", "check"]


def channels_for(
    routes: Iterable[RouteSettings], alert: Alert, watch: WatchSettings | None
) -> tuple[str, ...]:
    """Return the channels of every route that takes the alert, each once, in the routes' order.

    `watch` None: the alert's region is a feed, which lies in no country.
    """
    found: dict[str, None] = {}
    for route in routes:
        if _takes(route.match, alert, watch):
            found.update(dict.fromkeys(route.channels))
    return tuple(found)


def check(
    routes: Sequence[RouteSettings],
    rules: Sequence[AnyRule],
    watches: Sequence[WatchSettings],
    channels: Sequence[ChannelSettings],
) -> list[ConfigError]:
    """Return what would be silence: names that no route reaches, routes that reach no name.

    A route's region and country are not known before the data are: they count as reached.
    """
    return [
        *_missing_channels(routes, channels),
        *_idle_routes(routes, rules, watches),
        *_untaken_levels(routes, rules),
    ]


def _takes(match: Match, alert: Alert, watch: WatchSettings | None) -> bool:
    return (
        alert.severity in match.severity
        and fnmatchcase(label(alert.region), match.region)
        and fnmatchcase(_country(alert, watch), match.country)
        and fnmatchcase(alert.watch, match.watch)
        and fnmatchcase(alert.rule, match.rule)
    )


def _country(alert: Alert, watch: WatchSettings | None) -> str:
    """Return the alert's country, "" when its watch does not group by country."""
    if watch is None or "country" not in watch.group_by:
        return ""
    return alert.region[watch.group_by.index("country")]


def _missing_channels(
    routes: Sequence[RouteSettings], channels: Sequence[ChannelSettings]
) -> Iterator[ConfigError]:
    known = [channel.name for channel in channels]
    for number, route in enumerate(routes, 1):
        for name in route.channels:
            if name not in known:
                yield ConfigError(
                    f"routes[{number}].channels",
                    f"no channel is named {name!r}",
                    f"name one of: {', '.join(known) or '(there are no channels)'}",
                )


def _idle_routes(
    routes: Sequence[RouteSettings],
    rules: Sequence[AnyRule],
    watches: Sequence[WatchSettings],
) -> Iterator[ConfigError]:
    watched = {watch.name: watch for watch in watches}
    for number, route in enumerate(routes, 1):
        where = f"routes[{number}].match"
        if not any(reaches(route.match, rule) for rule in rules):
            yield ConfigError(
                where,
                "matches no level of any rule, so this route never sends",
                f"the rules are: {', '.join(rule.name for rule in rules) or '(none)'}",
            )
        elif route.match.country != "*" and not any(
            "country" in watched[rule.watch].group_by
            for rule in rules
            if not isinstance(rule, StaleRuleSettings)
            and rule.watch in watched
            and reaches(route.match, rule)
        ):
            yield ConfigError(
                f"{where}.country",
                "the watches it could match do not group by country",
                "match by region instead",
            )


def _untaken_levels(
    routes: Sequence[RouteSettings], rules: Sequence[AnyRule]
) -> Iterator[ConfigError]:
    for rule in rules:
        for severity in rule.severities:
            if not any(_reaches_level(route.match, rule, severity) for route in routes):
                yield ConfigError(
                    f"rules.{rule.name}",
                    f"no route takes severity {severity!r}, so its alerts would be silent",
                    "add a route for it",
                )


def reaches(match: Match, rule: AnyRule) -> bool:
    """Return whether a route may take an alert of a rule."""
    return any(_reaches_level(match, rule, severity) for severity in rule.severities)


def _reaches_level(match: Match, rule: AnyRule, severity: Severity) -> bool:
    return (
        severity in match.severity
        and fnmatchcase(rule.watch, match.watch)
        and fnmatchcase(rule.name, match.rule)
    )
