"""Which channels an alert goes to, and routes that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from core.alerts import Alert
from core.errors import ConfigError
from core.regions import label, name_in
from core.rule_settings import AnyRule, StaleRuleSettings
from core.settings import (
    ChannelSettings,
    Inhibition,
    Match,
    RouteSettings,
    Severity,
    WatchSettings,
)

__all__ = ["AnyRule", "channels_for", "check"]


def channels_for(
    routes: Iterable[RouteSettings], alert: Alert, watch: WatchSettings | None
) -> tuple[str, ...]:
    """Return the channels of every route that takes the alert, each once, in the routes' order.

    `watch` None: the alert's region is a feed, which lies in no country.
    """
    found: dict[str, None] = {}
    for route in routes:
        if takes(route.match, alert, watch):
            found.update(dict.fromkeys(route.channels))
    return tuple(found)


def check(
    routes: Sequence[RouteSettings],
    rules: Sequence[AnyRule],
    watches: Sequence[WatchSettings],
    channels: Sequence[ChannelSettings],
    inhibitions: Sequence[Inhibition] = (),
) -> list[ConfigError]:
    """Return what would be silence: names that no route reaches, routes that reach no name.

    A route's region and country are not known before the data are: they count as reached.
    """
    return [
        *_missing_channels(routes, channels),
        *_half_deadlines(routes),
        *_idle_routes(routes, rules, watches),
        *_untaken_levels(routes, rules),
        *_bad_fallbacks(channels),
        *_idle_inhibitions(inhibitions, rules),
    ]


def takes(match: Match, alert: Alert, watch: WatchSettings | None) -> bool:
    """Return whether an alert has all that is matched; `watch` as in `channels_for`."""
    return (
        alert.severity in match.severity
        and fnmatchcase(label(alert.region), match.region)
        and fnmatchcase(country_of(alert, watch), match.country)
        and fnmatchcase(alert.watch, match.watch)
        and fnmatchcase(alert.rule, match.rule)
    )


def country_of(alert: Alert, watch: WatchSettings | None) -> str:
    """Return the alert's country, "" when its watch does not group by country."""
    return "" if watch is None else name_in(alert.region, watch.group_by, "country")


def _missing_channels(
    routes: Sequence[RouteSettings], channels: Sequence[ChannelSettings]
) -> Iterator[ConfigError]:
    known = [channel.name for channel in channels]
    for number, route in enumerate(routes, 1):
        for key, name in (
            *(("channels", n) for n in route.channels),
            *(("then", n) for n in route.then),
        ):
            if name not in known:
                yield ConfigError(
                    f"routes[{number}].{key}",
                    f"no channel is named {name!r}",
                    f"name one of: {', '.join(known) or '(there are no channels)'}",
                )


def _half_deadlines(routes: Sequence[RouteSettings]) -> Iterator[ConfigError]:
    """Find times to acknowledge that have no consequence, and consequences that never come."""
    for number, route in enumerate(routes, 1):
        where = f"routes[{number}]"
        if (route.ack_within is None) != (not route.then):
            mend = 'write both, as in ack_within = "30m" and then = ["manager"], or neither'
            yield ConfigError(where, "ack_within and then go together", mend)
        for name in route.then:
            if name in route.channels:
                problem = f"channel {name!r} is told at once; it cannot be told then"
                yield ConfigError(f"{where}.then", problem, "name another channel")


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


def _bad_fallbacks(channels: Sequence[ChannelSettings]) -> Iterator[ConfigError]:
    """Find fallbacks that lead nowhere, or back to where they began."""
    following = {channel.name: channel.fallback for channel in channels}
    for channel in channels:
        where, name, seen = f"channels.{channel.name}.fallback", channel.fallback, {channel.name}
        if name is not None and name not in following:
            names = ", ".join(other for other in following if other != channel.name)
            yield ConfigError(where, f"no channel is named {name!r}", f"name one of: {names}")
        target = next((other for other in channels if other.name == name), None)
        if channel.internal and target and not target.internal:
            problem = f"channel {name!r} leaves the organisation, this one does not"
            yield ConfigError(where, problem, "name a channel with internal = true")
        while name in following and name not in seen:
            seen.add(name)
            name = following[name]
        if name == channel.name:
            problem = "leads back to the channel itself"
            yield ConfigError(where, problem, "end the chain at a channel without a fallback")


def _idle_inhibitions(
    inhibitions: Sequence[Inhibition], rules: Sequence[AnyRule]
) -> Iterator[ConfigError]:
    for number, inhibition in enumerate(inhibitions, 1):
        for side, match in (("source", inhibition.source), ("target", inhibition.target)):
            if not any(reaches(match, rule) for rule in rules):
                problem = "matches no level of any rule, so it never holds back anything"
                names = ", ".join(rule.name for rule in rules) or "(none)"
                where = f"inhibitions[{number}].{side}"
                yield ConfigError(where, problem, f"the rules are: {names}")
        if inhibition.source == inhibition.target:
            problem = "source and target are the same, so neither holds back the other"
            yield ConfigError(f"inhibitions[{number}]", problem, "match different alerts")


def reaches(match: Match, rule: AnyRule) -> bool:
    """Return whether a route may take an alert of a rule."""
    return any(_reaches_level(match, rule, severity) for severity in rule.severities)


def _reaches_level(match: Match, rule: AnyRule, severity: Severity) -> bool:
    return (
        severity in match.severity
        and fnmatchcase(rule.watch, match.watch)
        and fnmatchcase(rule.name, match.rule)
    )
