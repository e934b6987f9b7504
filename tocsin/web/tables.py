"""The newest forecast table of every watch, made once per run and kept in memory.

Making a table of thousands of regions takes seconds; reading a page of it must take milliseconds.
A thread looks every second whether a table has become old: another run, another day, an alert
that a person raised or ended. Until the new one is made, the one before is shown.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from starlette.requests import Request

from core.clock import stopwatch
from core.errors import FailedError, TocsinError
from core.settings import WatchSettings
from storage.reading import Reader, RunRow
from tocsin.stores import Stores
from tocsin.web.desk import Desk
from tocsin.web.making import Made, Wanted, make
from tocsin.web.table import Newest, Table

LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 20.0
"""Who asks for a table that is being made waits so long, and is then told to ask again."""
_AGAIN_SECONDS = 30.0
"""After which a table that could not be made is tried again."""
_KEPT = 4
"""Tables of past runs that are kept, the last asked for."""
log = logging.getLogger("tocsin.web")


@dataclass
class Tables:
    """Tables by watch. `of` may be called from any thread."""

    desk: Desk
    _newest: dict[str, Newest] = field(default_factory=dict)
    _past: OrderedDict[str, Table] = field(default_factory=OrderedDict)
    _failed: dict[str, tuple[float, TocsinError]] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to keep the tables fresh."""
        self._thread = threading.Thread(target=self._keep_fresh, name="tables", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End that."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def of(self, watch: WatchSettings, as_of: date | None = None) -> Table | None:
        """Return the newest table of a watch, or that of its newest run at a day.

        None when there is no such run.

        Raises:
            StorageError: when the store cannot be read.
            FailedError: when it cannot be made, or is not made soon.
        """
        if as_of is not None:
            return self._at(watch, as_of)
        found = self.newest(watch)
        return found and found.table

    def newest(self, watch: WatchSettings) -> Newest | None:
        """Return the newest table of a watch with what is drawn behind it, None before a run.

        Raises:
            StorageError: when the store cannot be read.
            FailedError: when it cannot be made, or is not made soon.
        """
        return self._newest.get(watch.name) or self.refresh(watch)

    def refresh(self, watch: WatchSettings) -> Newest | None:
        """Make the newest table of a watch again if it has become old, and return it."""
        with self._turn(watch), self.desk.unhurried() as stores:
            run, known = stores.reader.latest_run(watch.name), self._newest.get(watch.name)
            if run is None:
                return known
            version = self._version(stores.reader, watch, run)
            if known and known.table.version == version:
                return known
            ground = known.ground if known and known.table.head.run == run else None
            wanted = Wanted(watch, run, self.desk.today, True, ground is None, known is None)
            made = self._made(stores, wanted)
            ground = made.ground or ground
            assert ground, "it was asked for"
            self._newest[watch.name] = found = Newest(made.table(version), ground, made.map)
            return found

    def _at(self, watch: WatchSettings, as_of: date) -> Table | None:
        with self._turn(watch), self.desk.unhurried() as stores:
            run = stores.reader.latest_run(watch.name, as_of)
            if run is None:
                return None
            version = f"{watch.name}/{run.run_id}/{self.desk.today}"
            if version not in self._past:
                wanted = Wanted(watch, run, self.desk.today, False, False, True)
                self._past[version] = self._made(stores, wanted).table(version)
                while len(self._past) > _KEPT:
                    self._past.popitem(last=False)
            self._past.move_to_end(version)
            return self._past[version]

    @contextmanager
    def _turn(self, watch: WatchSettings) -> Iterator[None]:
        """Let one table be made at a time; who asks does not wait for long.

        Raises:
            FailedError: when a table is being made for longer than that.
        """
        if not self._making.acquire(timeout=_PATIENCE_SECONDS):
            problem = f"the table of watch {watch.name} is being made"
            raise FailedError("tables", problem, "ask again in some seconds")
        try:
            yield
        finally:
            self._making.release()

    def _made(self, stores: Stores, wanted: Wanted) -> Made:
        """Make a table; one that could not be made is not tried again for some seconds."""
        watch = wanted.watch.name
        until, error = self._failed.get(watch, (0.0, None))
        if error and stopwatch() < until:
            raise error
        try:
            return make(self.desk, stores, wanted, self._stopping.is_set)
        except TocsinError as found:
            self._failed[watch] = stopwatch() + _AGAIN_SECONDS, found
            raise

    def _version(self, reader: Reader, watch: WatchSettings, run: RunRow) -> str:
        parts = [watch.name, run.run_id, str(self.desk.today), reader.mark_of_people()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def _keep_fresh(self) -> None:
        """Look after every watch until stopped; each trouble is told once, until it is over."""
        told: dict[str, str] = {}
        while not self._stopping.is_set():
            for watch in self.desk.config.watches:
                trouble = self._trouble_of(watch)
                new = trouble != told.get(watch.name) and not self._stopping.is_set()
                if trouble and new:
                    log.error("table of watch %s: %s", watch.name, trouble)
                told[watch.name] = trouble
            self._stopping.wait(LOOK_SECONDS)

    def _trouble_of(self, watch: WatchSettings) -> str:
        try:
            self.refresh(watch)
        except TocsinError as error:
            return error.line()
        except Exception as error:  # noqa: BLE001 - one watch must not stop the thread for all
            return f"unexpected {type(error).__name__}"
        return ""


def tables_of(request: Request) -> Tables:
    """Return the tables; a FastAPI dependency."""
    found: Tables = request.app.state.tables
    return found
