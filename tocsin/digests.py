"""Digests that are due go into the outbox: by the service, or by whoever sends next."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from alerts import digests
from alerts.sharing import fit_for
from core.clock import Clock
from core.settings import ChannelSettings, WatchSettings
from storage.database import Database
from storage.digests import Digests
from storage.installation import held
from storage.outbox import Outbox
from tocsin.config import Config


class Due(NamedTuple):
    """A digest to make."""

    channel: ChannelSettings
    stretch: digests.Stretch


def due(config: Config, database: Database, now: datetime) -> list[Due]:
    """Return the digests that are due.

    None before the first run, and none by a copy that must not send. Of a channel that has one
    waiting, none: the next one tells of both stretches.
    """
    wanting = [channel for channel in config.channels if channel.digest]
    made = Digests(database)
    if not wanting or held(database) is not None or not made.has_run():
        return []
    found = []
    for channel in wanting:
        assert channel.digest is not None
        last = made.last(channel.name)
        stretch = digests.due(channel.digest, last and digests.Last(*last), now)
        if stretch and not made.waits(channel.name):
            found.append(Due(channel, stretch))
    return found


def make(config: Config, database: Database, clock: Clock) -> int:
    """Put the digests that are due into the outbox; return how many.

    Raises:
        StorageError: when the database cannot be read or written.
    """
    now = clock.now()
    found = due(config, database, now)
    if not found:
        return 0
    from tocsin.digest_content import content  # noqa: PLC0415 - tables and templates, when due

    made = [
        digests.message(one.channel.name, data, one.stretch.until, now)
        for one in found
        if (data := content(config, database, _watches(config, one.channel), one.stretch, now))
    ]
    Outbox(database).put(made, now)
    return len(made)


def _watches(config: Config, channel: ChannelSettings) -> list[WatchSettings]:
    return fit_for(channel, config.channels, config.watches, config.feeds)
