"""What of an answer may be handed on, by the `share` of each feed.

The program runs inside the organisation, and its answers are for people there. `--outside` makes a
copy to hand on: incidents only of feeds that share rows, nothing of feeds that share nothing.
"""

from __future__ import annotations

from typing import Any

from core.errors import InputError
from core.settings import WatchSettings
from core.sources import confined
from tocsin.config import Config


def sharing_rows(config: Config) -> frozenset[str]:
    """Return the feeds whose incidents may be handed on one by one."""
    return frozenset(feed.name for feed in config.feeds if feed.share == "rows")


def require_shareable(config: Config, watch: WatchSettings) -> None:
    """Refuse to make a copy to hand on of a watch that counts a feed with share = "none".

    Raises:
        InputError: naming the feed.
    """
    for feed in confined(config.feeds_of(watch)):
        problem = f'watch {watch.name!r} counts feed {feed!r}, whose share is "none"'
        raise InputError("--outside", problem, "keep this file inside: leave --outside out")


def difference_outward(found: dict[str, Any], config: Config) -> dict[str, Any]:
    """Return the part of a difference (see docs/as-of.md) that may be handed on."""
    inside, rows = set(confined(config.feeds)), sharing_rows(config)
    open_watches = {watch.name for watch in config.watches if not inside & set(watch.feeds)}
    return {
        **found,
        "feeds": [
            {**feed, "changes": feed["changes"] if feed["feed"] in rows else []}
            for feed in found["feeds"]
            if feed["feed"] not in inside
        ],
        "watches": [watch for watch in found["watches"] if watch["watch"] in open_watches],
        "sources": [source for source in found["sources"] if source["feed"] not in inside],
    }


def remark(config: Config, feeds: list[str]) -> list[str]:
    """Return what a reader of incidents should know before passing them on."""
    closed = sorted(set(feeds) - sharing_rows(config))
    if not closed:
        return []
    what = f"Incidents of {', '.join(closed)} are for use inside the organisation"
    return [f"{what}; --outside leaves them out."]
