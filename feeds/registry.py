"""The kinds of feeds, by name; each is imported when it is first used.

A feed class has `settings_class`, its subclass of FeedSettings, and is made from such settings and
the folder that relative paths start from.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.incidents import Feed
from core.settings import FeedSettings

KINDS = {
    "simulated": "feeds.simulated.SimulatedFeed",
    "csv": "feeds.csv_incidents.CsvFeed",
    "excel": "feeds.excel_incidents.ExcelFeed",
    "counts-csv": "feeds.csv_counts.CountsCsvFeed",
    "ucdp-csv": "feeds.ucdp_csv.UcdpCsvFeed",
}


def settings_class(kind: str) -> type[FeedSettings]:
    """Return the settings of a kind of feed.

    Raises:
        ConfigError: when there is no such kind; it names the nearest one.
    """
    found: type[FeedSettings] = _feed_class(kind).settings_class
    return found


def open_feed(settings: FeedSettings, base: Path) -> Feed:
    """Return the feed of these settings; relative paths start from the folder `base`.

    Raises:
        ConfigError: when there is no such kind.
    """
    feed: Feed = _feed_class(settings.kind)(settings, base)
    return feed


def _feed_class(kind: str) -> Any:
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'?" if near else "choose one"
        raise ConfigError("kind", f"no feed is of kind '{kind}'", f"{hint} ({', '.join(KINDS)})")
    module, name = KINDS[kind].rsplit(".", 1)
    return getattr(import_module(module), name)
