"""Sending what waits in the outbox. Loads no engine: it runs in a small process of its own too."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from alerts.channels.channel import Channel, Surroundings
from alerts.delivery import Delivered, deliver
from alerts.registry import open_channel
from core.clock import Clock
from tocsin.config import Config

if TYPE_CHECKING:
    from core.protocols import Outbox

_MOST = 10_000
"""Messages sent at one go; what is left stays in the outbox."""


def open_channels(config: Config, clock: Clock) -> dict[str, Channel]:
    """Return every configured channel by its name.

    Done before any work: a missing secret is found while nothing is half done.

    Raises:
        ConfigError: when a secret is missing or of the wrong form.
    """
    around = Surroundings(config.base, os.environ, clock, sys.stdout)
    return {settings.name: open_channel(settings, around) for settings in config.channels}


def send_due(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    clock: Clock,
    enough: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send the messages that are due, one by one, until none is left or `enough` says so."""
    total = Delivered()
    for _ in range(_MOST):
        if enough():
            break
        sent = deliver(outbox, channels, clock, 1)
        if sent == Delivered():
            break
        total = Delivered(
            total.sent + sent.sent, total.failed + sent.failed, total.dead + sent.dead
        )
    return total


def trouble(sent: Delivered, until: str = "the next run") -> list[str]:
    """Return why sending leaves the service degraded; nothing when all was taken."""
    if not sent.failed:
        return []
    left = sent.failed - sent.dead
    waiting = f"{left} wait in the outbox for {until}, {sent.dead} were given up"
    return [f"{sent.failed} message(s) could not be sent: {waiting}"]
