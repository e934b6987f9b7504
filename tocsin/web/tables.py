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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from starlette.requests import Request

from core.errors import TocsinError
from core.settings import WatchSettings
from core.text import fold
from storage.reading import Reader
from tocsin.forecast_table import Row, Sheet
from tocsin.sheets import sheets
from tocsin.stores import Stores
from tocsin.web.desk import Desk

LOOK_SECONDS = 1.0
_KEPT = 4
"""Tables of past runs that are kept, the last asked for."""
log = logging.getLogger("tocsin.web")


Key = tuple[float | str, ...]


class Order(NamedTuple):
    """Rows in the order of their keys, row by row the same."""

    rows: list[Row]
    keys: list[Key]


@dataclass(frozen=True)
class Table:
    """One watch's table. `version` names everything it was made of."""

    sheet: Sheet
    version: str
    _orders: dict[str, Order] = field(default_factory=dict)

    def order(self, name: str, key: Callable[[Row], Key]) -> Order:
        """Return all rows in an order, sorted once, with their keys."""
        if name not in self._orders:
            rows = sorted(self.rows, key=key)
            self._orders[name] = Order(rows, [key(row) for row in rows])
        return self._orders[name]

    @property
    def rows(self) -> Sequence[Row]:
        """Return its rows, most threatened region first."""
        return self.sheet.rows

    @cached_property
    def by_region(self) -> dict[str, Row]:
        """Return its rows by region."""
        return {row["region"]: row for row in self.rows}

    @cached_property
    def folded(self) -> dict[str, str]:
        """Return the form in which a region's name is searched, by region."""
        return {row["region"]: fold(row["region"]) for row in self.rows}

    @cached_property
    def encoded(self) -> dict[str, str]:
        """Return its rows as JSON, by region: encoding them costs more than sending them."""
        return {row["region"]: json.dumps(row, ensure_ascii=False) for row in self.rows}


@dataclass
class Tables:
    """Tables by watch. `of` may be called from any thread."""

    desk: Desk
    _newest: dict[str, Table] = field(default_factory=dict)
    _past: OrderedDict[str, Table] = field(default_factory=OrderedDict)
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
        """
        if as_of is not None:
            return self._at(watch, as_of)
        return self._newest.get(watch.name) or self.refresh(watch)

    def refresh(self, watch: WatchSettings) -> Table | None:
        """Make the newest table of a watch again if it has become old, and return it."""
        with self._making, self.desk.unhurried() as stores:
            version = self._version(stores.reader, watch)
            known = self._newest.get(watch.name)
            if version is None or (known and known.version == version):
                return known
            made = Table(self._sheet(stores, watch), version)
            _ = made.encoded, made.by_region, made.folded
            self._newest[watch.name] = made
            return made

    def _at(self, watch: WatchSettings, as_of: date) -> Table | None:
        with self._making, self.desk.unhurried() as stores:
            run = stores.reader.latest_run(watch.name, as_of)
            if run is None:
                return None
            version = f"{watch.name}/{run.run_id}/{self.desk.today}"
            if version not in self._past:
                self._past[version] = Table(self._sheet(stores, watch, as_of), version)
                while len(self._past) > _KEPT:
                    self._past.popitem(last=False)
            self._past.move_to_end(version)
            return self._past[version]

    def _sheet(self, stores: Stores, watch: WatchSettings, as_of: date | None = None) -> Sheet:
        config, today = self.desk.config, self.desk.today
        return sheets(stores.reader, config, [watch], today, as_of, incidents=stores.incidents)[0]

    def _version(self, reader: Reader, watch: WatchSettings) -> str | None:
        run = reader.latest_run(watch.name)
        if run is None:
            return None
        parts = [watch.name, run.run_id, str(self.desk.today), reader.mark_of_people()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def _keep_fresh(self) -> None:
        """Look after every watch until stopped; each trouble is told once, until it is over."""
        told: dict[str, str] = {}
        while not self._stopping.is_set():
            for watch in self.desk.config.watches:
                trouble = self._trouble_of(watch)
                if trouble and trouble != told.get(watch.name):
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
