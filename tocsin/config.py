"""The configuration file: read, checked whole, and turned into settings.

Nothing is fetched and no database is opened here. Every complaint is one line that names the
file, the line and the key, and the nearest key that exists.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from alerts import registry as channel_kinds
from core.calendars import Calendar
from core.durations import Duration
from core.errors import ConfigError
from core.rule_settings import (
    KINDS,
    AnyRule,
    ObservedRuleSettings,
    RuleSettings,
    SkillRuleSettings,
    SpreadRuleSettings,
    StaleRuleSettings,
)
from core.settings import (
    Aliases,
    CalendarSettings,
    ChannelSettings,
    FeedSettings,
    HeartbeatSettings,
    Inhibition,
    Name,
    RouteSettings,
    Settings,
    Site,
    WatchSettings,
    Whole,
)
from feeds import registry as feed_kinds
from tocsin.calendars import calendars
from tocsin.complaints import Complaints, nearest
from tocsin.config_checks import check_references
from tocsin.web.settings import WebSettings


class Service(Settings):
    """The `[service]` table."""

    database: str = "tocsin.db"
    schedule: str = "0 6 * * mon"
    """Cron, UTC, weekdays by name; or "every 36h"."""
    cycle_deadline: Duration = 2 * 3600
    """Seconds, or "30m": a cycle that is still at work then is killed."""
    memory_limit_mb: Whole = Field(default=4096, ge=256)
    """Of each process of a cycle that the service starts."""
    outbox_every: Duration = 15
    """How often the service looks for messages to send."""
    notices: tuple[Name, ...] = ()
    """Channels that are told of trouble with the service itself."""
    as_of: date | None = None
    """The day that counts as today: demonstrations set it."""
    label: str = ""
    """Shown on every table and message of this service, such as "exercise"."""


_HOUSEKEEPING = frozenset(
    {"database", "schedule", "cycle_deadline", "memory_limit_mb", "outbox_every", "notices"}
)
"""Keys of `[service]` that change no forecast and no alert."""


class TemplateSettings(Settings):
    """The `[templates]` table."""

    folder: str | None = None
    """Templates that override the built-in ones, relative to the configuration."""


class _Document(Settings):
    """The file's top level, with feeds and channels still untyped (their kind decides)."""

    service: Service = Service()
    feeds: tuple[dict[str, Any], ...] = Field(min_length=1)
    watches: tuple[WatchSettings, ...] = Field(min_length=1)
    rules: tuple[dict[str, Any], ...] = ()
    channels: tuple[dict[str, Any], ...] = ()
    routes: tuple[RouteSettings, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    heartbeat: HeartbeatSettings | None = None
    sites: tuple[Site, ...] = ()
    calendars: tuple[CalendarSettings, ...] = ()
    aliases: Aliases = Aliases()
    web: WebSettings | None = None
    templates: TemplateSettings = TemplateSettings()


@dataclass(frozen=True)
class Config:
    """A valid configuration. `base` is the folder that its relative paths start from."""

    path: Path
    base: Path
    service: Service
    feeds: tuple[FeedSettings, ...]
    watches: tuple[WatchSettings, ...]
    listed_rules: tuple[AnyRule, ...]
    """In the order of the file."""
    channels: tuple[ChannelSettings, ...]
    routes: tuple[RouteSettings, ...]
    inhibitions: tuple[Inhibition, ...]
    heartbeat: HeartbeatSettings | None
    sites: tuple[Site, ...]
    calendars: tuple[Calendar, ...]
    """Known dates, read when the configuration is."""
    aliases: Aliases
    web: WebSettings | None
    """None: `tocsin serve` serves no pages."""
    templates: Path | None
    """The user's folder of templates."""
    digest: str
    """Hash of everything that decides forecasts and alerts; comments and layout are not in it."""

    @property
    def database(self) -> Path:
        """Return the database file."""
        return self.base / self.service.database

    @property
    def rules(self) -> tuple[RuleSettings, ...]:
        """Return the rules on forecasts."""
        return tuple(rule for rule in self.listed_rules if isinstance(rule, RuleSettings))

    @property
    def block_rules(self) -> tuple[RuleSettings | ObservedRuleSettings, ...]:
        """Return the rules that are read block by block: on forecasts, on what was observed."""
        kinds = RuleSettings, ObservedRuleSettings
        return tuple(rule for rule in self.listed_rules if isinstance(rule, kinds))

    @property
    def spread_rules(self) -> tuple[SpreadRuleSettings, ...]:
        """Return the rules on spread."""
        return tuple(rule for rule in self.listed_rules if isinstance(rule, SpreadRuleSettings))

    @property
    def skill_rules(self) -> tuple[SkillRuleSettings, ...]:
        """Return the rules on lost skill."""
        return tuple(rule for rule in self.listed_rules if isinstance(rule, SkillRuleSettings))

    @property
    def stale_rules(self) -> tuple[StaleRuleSettings, ...]:
        """Return the rules on silent feeds."""
        return tuple(rule for rule in self.listed_rules if isinstance(rule, StaleRuleSettings))

    def feeds_of(self, watch: WatchSettings) -> list[FeedSettings]:
        """Return the feeds that a watch reads."""
        return [feed for feed in self.feeds if feed.name in watch.feeds]

    def watch_named(self, name: str) -> WatchSettings:
        """Return a watch by its name.

        Raises:
            ConfigError: when there is none; the line names the nearest.
        """
        for watch in self.watches:
            if watch.name == name:
                return watch
        names = [watch.name for watch in self.watches]
        raise ConfigError(
            str(self.path), f"no watch is called {name!r}", nearest(name, names, "watches")
        )


def load(path: Path) -> Config:
    """Return the configuration in a file.

    Raises:
        ConfigError: for the first thing in it that cannot be meant.
    """
    text = _read(path)
    raw = _parse(path, text)
    complain = Complaints(path, text)
    document = complain.validate(_Document, raw, ())
    feeds = tuple(
        complain.by_kind(feed_kinds.settings_class, item, ("feeds", n))
        for n, item in enumerate(document.feeds)
    )
    channels = tuple(
        complain.by_kind(channel_kinds.settings_class, item, ("channels", n))
        for n, item in enumerate(document.channels)
    )
    rules = [_rule(complain, item, n) for n, item in enumerate(document.rules)]
    base = path.resolve().parent
    dates = calendars(document.calendars, base, complain)
    config = Config(
        path=path,
        base=base,
        service=document.service,
        feeds=feeds,
        watches=document.watches,
        listed_rules=tuple(rules),
        channels=channels,
        routes=document.routes,
        inhibitions=document.inhibitions,
        heartbeat=document.heartbeat,
        sites=document.sites,
        calendars=dates,
        aliases=document.aliases,
        web=document.web,
        templates=base / document.templates.folder if document.templates.folder else None,
        digest=_digest(raw, dates),
    )
    check_references(config, complain)
    return config


def _rule(complain: Complaints, raw: dict[str, Any], n: int) -> AnyRule:
    """Return a rule's settings; what it looks at decides which keys there are."""
    kind = str(raw.get("on", "forecast"))
    if kind not in KINDS:
        mend = nearest(kind, KINDS, "kinds")
        raise complain.at(("rules", n, "on"), f"no rule looks at {kind!r}", mend)
    return complain.validate(KINDS[kind], raw, ("rules", n))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            str(path), "no such configuration file", "name one with --config"
        ) from None
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise ConfigError(str(path), problem, "name a file that you may read") from None
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} is not UTF-8"
        raise ConfigError(str(path), problem, "save it as UTF-8 text") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not valid TOML: {error}", "mend that line") from None


def _digest(raw: dict[str, Any], dates: tuple[Calendar, ...]) -> str:
    """Return the hash of the parsed file less what changes no forecast and no alert.

    Known dates are part of it: a calendar's file may change while its path stays.
    """
    service = {k: v for k, v in raw.get("service", {}).items() if k not in _HOUSEKEEPING}
    aside = {"heartbeat", "templates", "web"}
    kept = {key: value for key, value in raw.items() if key not in aside}
    known = {"known dates": dates} if dates else {}
    canonical = json.dumps({**kept, **known, "service": service}, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
