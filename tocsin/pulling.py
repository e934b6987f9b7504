"""Pull every feed into the store; one that is refused, or a file of it, costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date

from core.clock import Clock
from core.errors import FeedError, InputError
from core.protocols import IncidentStore, PullReport
from core.settings import FeedSettings
from feeds.registry import open_feed
from tocsin.config import Config


def pull_all(
    config: Config,
    store: IncidentStore,
    clock: Clock,
    today: date,
    progress: Callable[[str], None],
    names: Sequence[str] = (),
) -> tuple[list[PullReport], list[FeedError]]:
    """Return what each pull changed, and the refusals; `names` empty means every feed."""
    reports: list[PullReport] = []
    refusals: list[FeedError] = []
    for feed in _chosen(config, names):
        progress(f"pulling {feed.name}")
        try:
            source = open_feed(feed, config.base)
            with closing(source.pull(today, store.bookmark(feed.name))) as pull:
                reports.append(store.load(feed, pull, clock.now()))
                refusals += pull.notes.refused
        except FeedError as error:
            store.note_failure(feed, error.line(), clock.now())
            refusals.append(error)
    return reports, refusals


def _chosen(config: Config, names: Sequence[str]) -> list[FeedSettings]:
    known = {feed.name: feed for feed in config.feeds}
    for name in names:
        if name not in known:
            raise InputError(
                str(config.path), f"no feed is called {name!r}", f"feeds are: {', '.join(known)}"
            )
    return [known[name] for name in names] or list(config.feeds)
