"""What a watch asks for that its feeds, the models or the sites must be able to give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import CELL, DETAILS, SITE, FeedSettings, WatchSettings
from forecast.models import MODELS
from tocsin.complaints import Complaints, nearest

if TYPE_CHECKING:
    from tocsin.config import Config

_INDISPENSABLE = frozenset(
    {"id", "date", "date_end", "date_precision", "country", "fatalities", "low", "high"}
)
"""Columns that say which event it is, when, in whose coverage it lies, and what is counted."""


def dispensable(feed: FeedSettings) -> frozenset[str]:
    """Return the columns that incidents of a feed can do without; none where it only counts."""
    mapped = getattr(feed, "columns", {})
    if not isinstance(mapped, dict):
        return frozenset()
    return frozenset({*DETAILS, *mapped}) - _INDISPENSABLE


def check_feeds(config: Config, complain: Complaints) -> None:
    """Refuse a mapped column whose name is a grouping of our own, and a sensitive one in vain."""
    for n, feed in enumerate(config.feeds):
        _check_sensitive(feed, n, complain)
        taken = {CELL, SITE}.intersection(getattr(feed, "columns", ()))
        if taken:
            name = min(taken)
            problem = f"{name!r} is what events are grouped by where they happened"
            raise complain.at(("feeds", n, "columns"), problem, "map the column to another name")


def _check_sensitive(feed: FeedSettings, n: int, complain: Complaints) -> None:
    """Refuse a sensitive column that the feed does not have, or that it cannot do without."""
    known = dispensable(feed)
    for column in feed.sensitive:
        if column not in known:
            problem = f"{column!r} cannot be dropped from this feed"
            mend = nearest(column, known, "columns that can be")
            raise complain.at(("feeds", n, "sensitive"), problem, mend)


def _check_counted(watch: WatchSettings, n: int, config: Config, complain: Complaints) -> None:
    """Refuse to count by what is dropped when a feed is read."""
    for feed in config.feeds_of(watch):
        for column in sorted(watch.needs.intersection(feed.sensitive)):
            key = "where" if column in watch.where else "group_by"
            problem = f"{column!r} is sensitive in feed {feed.name!r}: it is not kept"
            mend = "count by another column, or take it out of the feed's sensitive"
            raise complain.at(("watches", n, key), problem, mend)


def check_watch(watch: WatchSettings, n: int, config: Config, complain: Complaints) -> None:
    """Raise the first thing that a watch asks for in vain."""
    feeds = [feed.name for feed in config.feeds]
    for key, names, known in (
        ("feeds", watch.feeds, feeds),
        ("models", watch.models, list(MODELS)),
        ("precedence", watch.precedence, list(watch.feeds)),
    ):
        for name in names:
            if name not in known:
                what = "model" if key == "models" else "feed"
                which = f"no {what} is called {name!r}"
                if key == "precedence":
                    which = f"{name!r} is no feed of this watch"
                raise complain.at(("watches", n, key), which, nearest(name, known, f"{what}s"))
    _check_precedence(watch, n, complain)
    _check_places(watch, n, config, complain)
    _check_totals(watch, n, complain)
    _check_counted(watch, n, config, complain)


def _check_precedence(watch: WatchSettings, n: int, complain: Complaints) -> None:
    left_out = [feed for feed in watch.feeds if feed not in watch.precedence]
    if watch.precedence and left_out:
        problem = f"leaves out {', '.join(left_out)}, which would never count"
        raise complain.at(("watches", n, "precedence"), problem, "name every feed of the watch")


def _check_totals(watch: WatchSettings, n: int, complain: Complaints) -> None:
    if watch.totals and SITE in watch.group_by:
        problem = "an incident counts once for every site near it, so that sites add up to nothing"
        raise complain.at(("watches", n, "totals"), problem, "ask another watch for totals")


def _check_places(watch: WatchSettings, n: int, config: Config, complain: Complaints) -> None:
    if SITE in watch.group_by and not config.sites:
        problem, mend = "there are no sites to group by", "add [[sites]]"
        raise complain.at(("watches", n, "group_by"), problem, mend)
    if SITE in watch.where and SITE not in watch.group_by:
        problem = "an event may lie at several sites, so that sites can only be chosen from"
        raise complain.at(("watches", n, "where"), problem, 'add "site" to group_by')
    if watch.home is not None and not {"actor", "country"} <= set(watch.group_by):
        problem = "an actor has a home only where actors are told apart by country"
        mend = 'use group_by = ["actor", "country"]'
        raise complain.at(("watches", n, "home"), problem, mend)
