"""Names of a configuration that must point somewhere, and rules that must make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts import routing
from core.errors import ConfigError
from core.settings import RuleSettings
from forecast.models import MODELS
from tocsin.complaints import Complaints, nearest
from tocsin.scheduler import parse_schedule

if TYPE_CHECKING:
    from tocsin.config import Config


def check_references(config: Config, complain: Complaints) -> None:
    """Raise the first name that points nowhere, or that stands twice."""
    _check_unique(config, complain)
    feeds = {feed.name for feed in config.feeds}
    watches = {watch.name for watch in config.watches}
    for n, watch in enumerate(config.watches):
        for name in watch.feeds:
            if name not in feeds:
                raise complain.at(
                    ("watches", n, "feeds"),
                    f"no feed is called {name!r}",
                    nearest(name, feeds, "feeds"),
                )
        for model in watch.models:
            if model not in MODELS:
                raise complain.at(
                    ("watches", n, "models"),
                    f"no model is called {model!r}",
                    nearest(model, MODELS, "models"),
                )
    for n, rule in enumerate(config.rules):
        _check_rule(rule, n, watches, config, complain)
    try:
        parse_schedule(config.service.schedule)
    except ConfigError as error:
        raise complain.at(("service", "schedule"), error.problem, error.mend) from None
    for fault in routing.check(config.routes, config.rules, config.watches, config.channels):
        raise complain.at((), f"{fault.where}: {fault.problem}", fault.mend)


def _check_rule(
    rule: RuleSettings, n: int, watches: set[str], config: Config, complain: Complaints
) -> None:
    if rule.watch not in watches:
        raise complain.at(
            ("rules", n, "watch"),
            f"no watch is called {rule.watch!r}",
            nearest(rule.watch, watches, "watches"),
        )
    if rule.within > config.watch_named(rule.watch).horizon:
        raise complain.at(
            ("rules", n, "within"),
            f"looks further than the horizon of watch {rule.watch!r}",
            f"raise that watch's horizon to {rule.within} or lower within",
        )
    needed = min(level.probability for level in rule.levels)
    if rule.clear_probability > needed:
        raise complain.at(
            ("rules", n, "clear_probability"),
            f"is above a level's probability ({needed:g}): the alert would open and clear at once",
            "set it below",
        )


def _check_unique(config: Config, complain: Complaints) -> None:
    for group in ("feeds", "watches", "rules", "channels"):
        names = [item.name for item in getattr(config, group)]
        for n, name in enumerate(names):
            if name in names[:n]:
                raise complain.at((group, n, "name"), f"{name!r} stands twice", "rename one")
