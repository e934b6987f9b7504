"""Sending what waits in the outbox. Loads no engine: it runs in a small process of its own too."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from alerts.channels.channel import Surroundings
from alerts.delivery import FALL_BACK_AFTER, Delivered, Outlet, deliver
from alerts.notices import Trouble, of_trouble, teller
from alerts.registry import open_channel
from alerts.sharing import confined_watches
from alerts.withdrawal import withdrawal
from core.clock import Clock
from core.quantities import quantity
from storage.database import Database
from storage.deliveries import Deliveries
from storage.installation import held, held_words
from storage.outbox import Outbox
from storage.withdrawals import Withdrawals
from tocsin import digests
from tocsin.ack_links import open_tickets
from tocsin.config import Config
from tocsin.plan import plan_of

_MOST = 10_000
"""Messages sent at one go; what is left stays in the outbox."""
_ROUNDS = 3
"""A round may make messages of its own: copies for a fallback, news of a channel's trouble."""


def open_channels(config: Config, clock: Clock) -> dict[str, Outlet]:
    """Return every configured channel by its name.

    Done before any work: a missing secret is found while nothing is half done.

    Raises:
        ConfigError: when a secret is missing or of the wrong form.
    """
    groupings = {watch.name: watch.group_by for watch in config.watches}
    around = Surroundings(config.base, os.environ, clock, sys.stdout, config.templates, groupings)
    around = replace(around, tickets=open_tickets(config.web, around))
    return {
        settings.name: Outlet(open_channel(settings, around), settings.fingerprint)
        for settings in config.channels
    }


@dataclass
class PostOffice:
    """One database's outbox and the channels of one configuration."""

    config: Config
    database: Database
    outlets: dict[str, Outlet]
    clock: Clock
    enough: Callable[[], bool] = field(default=lambda: False)

    def send(self) -> Delivered:
        """Send the messages that are due until none is left or `enough` says so.

        For the process that holds the owner lock, or works for it. What a dead owner had claimed
        is taken back first.
        """
        outbox = Outbox(self.database, "owner")
        outbox.take_back()
        outbox.configured({name: outlet.settings for name, outlet in self.outlets.items()})
        total = self._rounds(outbox)
        # Alerts first: a digest takes its time, and must not hold them up.
        if not self.enough() and digests.make(self.config, self.database, self.clock):
            total += self._rounds(outbox)
        return total

    def _rounds(self, outbox: Outbox) -> Delivered:
        total = Delivered()
        for _ in range(_ROUNDS):
            self._see_to_channels(outbox)
            self._withdraw()
            sent = deliver(outbox, self.outlets, self.clock, _MOST, self.enough)
            total += sent
            if sent == Delivered():
                break
        return total

    def _withdraw(self) -> None:
        """Hold back what waits for channels that leave the organisation and may not leave now."""
        inside = confined_watches(self.config.watches, self.config.feeds)
        outward = [channel.name for channel in self.config.channels if not channel.internal]
        if not inside or not outward:
            return
        withdrawals = Withdrawals(self.database)
        for waiting in withdrawals.waiting(outward, inside):
            gone = withdrawal(waiting, inside)
            withdrawals.withdraw(gone.delivery_id, gone.reason, gone.instead, self.clock.now())

    def trouble(self, sent: Delivered, until: str = "the next run") -> list[str]:
        """Return why sending leaves the service degraded; nothing when all is well."""
        reason = held(self.database)
        disabled = Outbox(self.database).disabled()
        return [
            *([held_words(reason)] if reason else []),
            *_failures(sent, until),
            *(f"channel {one.channel} is disabled ({one.reason})" for one in disabled),
        ]

    def _see_to_channels(self, outbox: Outbox) -> None:
        """Copy to fallbacks what does not get through, and tell people of channels in trouble."""
        now = self.clock.now()
        for channel in self.config.channels:
            if channel.fallback:
                outbox.fall_back(channel.name, channel.fallback, FALL_BACK_AFTER, now)
        deliveries, site = Deliveries(self.database), plan_of(self.config).site
        for untold in deliveries.untold(now):
            trouble = Trouble(**asdict(untold))
            to = teller(
                trouble, self.config.channels, self.config.service.notices, deliveries.unfit()
            )
            if to is not None:
                deliveries.tell(untold, [of_trouble(trouble, to, now, site)], now)


def _failures(sent: Delivered, until: str) -> list[str]:
    if not sent.failed:
        return []
    left = sent.failed - sent.dead
    waiting = f"{left} wait in the outbox for {until}, {sent.dead} were given up"
    return [f"{quantity(sent.failed, 'messages')} could not be sent: {waiting}"]
