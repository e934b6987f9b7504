"""What outputs must say of themselves: simulated, demonstration, replay; and what they count."""

from __future__ import annotations

from datetime import date

from core.settings import WatchSettings
from tocsin.config import Config

TODAYS_DATA = "by event date, with today's revised data"


def label_of(config: Config, replay: date | None, *, as_known_then: bool) -> str:
    """Return the label of a run, "" for an ordinary one.

    Args:
        config: whose feeds may be simulated, and which may fix "today".
        replay: the date of a replay.
        as_known_then: whether the replay reads what was known on that date, or today's data.
    """
    parts = [config.service.label] if config.service.label else []
    if any(feed.kind == "simulated" for feed in config.feeds):
        parts.append("simulated data")
    if replay is not None:
        how = "as known then" if as_known_then else TODAYS_DATA
        parts.append(f"replay as of {replay}, {how}")
    elif config.service.as_of is not None:
        parts.append(f"demonstration: today is {config.service.as_of}")
    return "; ".join(parts)


def unit_of(config: Config, watch: WatchSettings) -> str:
    """Return the noun of what a watch counts, from its feeds' own nouns."""
    nouns = list(dict.fromkeys(feed.noun for feed in config.feeds_of(watch)))
    joined = " and ".join(nouns)
    return f"deaths in {joined}" if watch.measure == "fatalities" else joined
