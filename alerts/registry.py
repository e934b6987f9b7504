"""The kinds of channels: names to classes, imported at first use.

To add a kind: write its settings and its channel in alerts/channels (in two files where the channel
imports a network library, so that reading a configuration stays quick), add one line here, and one
test file.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple, cast

from alerts.channels.channel import Channel, Surroundings
from core.errors import ConfigError
from core.settings import ChannelSettings


class Kind(NamedTuple):
    """Where a kind's settings and its channel are: "module:class"."""

    settings: str
    channel: str


KINDS = {
    "console": Kind("alerts.channels.console:ConsoleSettings", "alerts.channels.console:Console"),
    "file": Kind("alerts.channels.file:FileSettings", "alerts.channels.file:File"),
    "cap": Kind("alerts.channels.cap:CapSettings", "alerts.channels.cap:Cap"),
    "email": Kind("alerts.channels.email_settings:EmailSettings", "alerts.channels.email:Email"),
    "apprise": Kind(
        "alerts.channels.apprise_settings:AppriseSettings", "alerts.channels.apprise:Apprise"
    ),
    "webhook": Kind(
        "alerts.channels.webhook_settings:WebhookSettings", "alerts.channels.webhook:Webhook"
    ),
}


def settings_class(kind: str) -> type[ChannelSettings]:
    """Return the settings that channels of a kind have.

    Raises:
        ConfigError: when there is no such kind.
    """
    if kind not in KINDS:
        raise ConfigError(
            "channels.kind", f"no channel kind is called {kind!r}", f"use {', '.join(KINDS)}"
        )
    return cast("type[ChannelSettings]", _load(KINDS[kind].settings))


def open_channel(settings: ChannelSettings, surroundings: Surroundings) -> Channel:
    """Return the channel of some settings, with its secrets read; nothing is sent.

    Raises:
        ConfigError: when a secret is missing or of the wrong form.
    """
    return cast("Channel", _load(KINDS[settings.kind].channel)(settings, surroundings))


def _load(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(module), name)
