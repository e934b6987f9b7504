"""Names of a configuration that must point somewhere, and none that stands twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts import routing, sharing
from core.errors import ConfigError
from tocsin.complaints import Complaints, nearest
from tocsin.rule_checks import check_rules
from tocsin.scheduler import check_schedule
from tocsin.watch_checks import check_feeds, check_watch
from tocsin.web_checks import check_web

if TYPE_CHECKING:
    from tocsin.config import Config


def check_references(config: Config, complain: Complaints) -> None:
    """Raise the first name that points nowhere, or that stands twice."""
    _check_unique(config, complain)
    check_feeds(config, complain)
    for n, watch in enumerate(config.watches):
        check_watch(watch, n, config, complain)
    check_rules(config, complain)
    try:
        check_schedule(config.service.schedule)
    except ConfigError as error:
        raise complain.at(("service", "schedule"), error.problem, error.mend) from None
    _check_notices(config, complain)
    _check_heartbeat(config, complain)
    check_web(config, complain)
    _check_routes(config, complain)
    _check_digests(config, complain)
    _check_templates(config)


def _check_digests(config: Config, complain: Complaints) -> None:
    """Refuse digests that no reader could have."""
    for n, channel in enumerate(config.channels):
        if channel.digest is None:
            continue
        kinds = {
            one.kind for one in config.channels if one.name in (channel.name, channel.fallback)
        }
        if "cap" in kinds:
            problem = "would go to a cap channel, which tells every alert by itself"
            raise complain.at(("channels", n, "digest"), problem, "name another channel")
        if not sharing.fit_for(channel, config.channels, config.watches, config.feeds):
            problem = "would tell nothing: every watch counts a feed that is to stay inside"
            mend = "set internal = true on a channel that only your own people read"
            raise complain.at(("channels", n, "digest"), problem, mend)


def _check_routes(config: Config, complain: Complaints) -> None:
    """Refuse alerts that nobody is told of, and those that the wrong people are told of."""
    inside = sharing.confined_watches(config.watches, config.feeds)
    rules, channels = config.listed_rules, config.channels
    for fault in (
        *routing.check(config.routes, rules, config.watches, channels, config.inhibitions),
        *sharing.check(config.routes, rules, inside, channels),
    ):
        raise complain.at((), f"{fault.where}: {fault.problem}", fault.mend)


def _check_heartbeat(config: Config, complain: Complaints) -> None:
    settings = config.heartbeat
    if settings and (settings.url is None) == (settings.url_env is None):
        raise complain.at(("heartbeat",), "needs one address", "give url or url_env")


def _check_notices(config: Config, complain: Complaints) -> None:
    names = [channel.name for channel in config.channels]
    for name in config.service.notices:
        if name not in names:
            mend = nearest(name, names, "channels")
            raise complain.at(("service", "notices"), f"no channel is called {name!r}", mend)


def _check_templates(config: Config) -> None:
    """Try the user's templates on every kind of message; Jinja is loaded only if there are any."""
    if config.templates is None:
        return
    from alerts.templates import Templates  # noqa: PLC0415 - as said above

    for fault in Templates(config.templates).check(config.templates):
        raise fault


def _check_unique(config: Config, complain: Complaints) -> None:
    for group in ("feeds", "watches", "listed_rules", "channels", "sites", "calendars"):
        names = [item.name for item in getattr(config, group)]
        for n, name in enumerate(names):
            if name in names[:n]:
                key = (group.removeprefix("listed_"), n, "name")
                raise complain.at(key, f"{name!r} stands twice", "rename one")
