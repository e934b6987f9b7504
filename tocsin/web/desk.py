"""What the web side has of the service: its configuration, its clock, and its store to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from starlette.requests import Request

from core.clock import Clock
from core.settings import FeedSettings, WatchSettings
from core.sources import confined
from tocsin.config import Config
from tocsin.stores import Stores, opened
from tocsin.web.access import Viewer
from tocsin.web.problems import NotFoundError

QUERY_SECONDS = 1.0
"""A single query that takes longer is ended: one question must not hold up the others."""


@dataclass(frozen=True)
class Desk:
    """The same for every request. `database` is the file that the service owns."""

    config: Config
    database: Path
    clock: Clock

    @property
    def today(self) -> date:
        """Return the day that counts as today."""
        return self.config.service.as_of or self.clock.now().date()

    @contextmanager
    def reading(self) -> Iterator[Stores]:
        """Open the store read-only for a request; all that is read inside is of one instant.

        Belongs to the thread that opens it. Be quick: a run cannot commit meanwhile.

        Raises:
            StorageError: when it cannot be used, or a query takes over QUERY_SECONDS.
        """
        with self.unhurried() as stores:
            stores.database.limit_queries(QUERY_SECONDS)
            with stores.database.snapshot():
                yield stores

    @contextmanager
    def unhurried(self) -> Iterator[Stores]:
        """Open the store read-only for long work of our own, query by query.

        Raises:
            StorageError: when it cannot be used.
        """
        with opened(self.config, self.database, "read", self.clock) as stores:
            yield stores

    @contextmanager
    def writing(self) -> Iterator[Stores]:
        """Open the store for the short write of a person.

        Raises:
            StorageError: when it cannot be used.
        """
        with opened(self.config, self.database, "write", self.clock) as stores:
            yield stores

    def watches(self, viewer: Viewer) -> list[WatchSettings]:
        """Return the watches that a viewer may see, in the order of the file.

        Who is outside of the organisation sees none that counts a feed with share = "none".
        """
        return [
            watch
            for watch in self.config.watches
            if viewer.sees(watch.name)
            and not (viewer.outside and confined(self.config.feeds_of(watch)))
        ]

    def shows(self, viewer: Viewer, watch: str) -> bool:
        """Return whether a viewer may see what is of a watch, which may be gone from the file."""
        if viewer.outside:
            return any(one.name == watch for one in self.watches(viewer))
        return bool(watch) and viewer.sees(watch)

    def sees_all(self, viewer: Viewer) -> bool:
        """Return whether a viewer sees every watch, and so what speaks of all of them."""
        return len(self.watches(viewer)) == len(self.config.watches)

    def feeds(self, viewer: Viewer) -> list[FeedSettings]:
        """Return the feeds of those watches, in the order of the file."""
        named = {name for watch in self.watches(viewer) for name in watch.feeds}
        return [feed for feed in self.config.feeds if feed.name in named]

    def watch(self, viewer: Viewer, name: str) -> WatchSettings:
        """Return a watch by its name.

        Raises:
            NotFoundError: when there is none, or the viewer may not see it.
        """
        for watch in self.watches(viewer):
            if watch.name == name:
                return watch
        raise NotFoundError("watch", f"no watch is called {name!r}", "/api/v1/watches lists them")


def desk_of(request: Request) -> Desk:
    """Return the desk; a FastAPI dependency."""
    found: Desk = request.app.state.desk
    return found


def viewer_of(request: Request) -> Viewer:
    """Return who asks; the gate has let them in. A FastAPI dependency."""
    found: Viewer = request.state.viewer
    return found
