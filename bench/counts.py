"""How fast a million incidents are counted as of any date, and what an index for it costs.

`python -m bench.counts ["columns of an index"]…` loads them twice (the second time with one row
in a hundred revised) into a file of its own and counts 3,000 regions by 120 months.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np

from core.incidents import Batch, Coverage, Incident, Notes
from core.settings import FeedSettings, WatchSettings
from storage.database import Database, open_database
from storage.incidents import Incidents

ROWS, COUNTRIES, PROVINCES, DAYS = 1_000_000, 60, 50, 3_652
FIRST = date(2013, 1, 1)
NOW = datetime(2023, 1, 5, tzinfo=UTC)
FEED = FeedSettings(name="world", kind="csv")
WATCH = WatchSettings(name="provinces", feeds=("world",), group_by=("country", "admin1"))


class Million:
    """A pull of random incidents; `revised` changes the deaths of every hundredth."""

    origin, accessed, bookmark = "bench", "2023-01-05T00:00:00.000000Z", ""
    notes = Notes()

    def __init__(self, *, revised: bool) -> None:
        self._revised, self.digest = revised, f"digest {revised}"

    def batches(self) -> Iterator[Batch]:
        random = np.random.default_rng(1)
        days = [(FIRST + timedelta(n)).isoformat() for n in range(DAYS)]
        for start in range(0, ROWS, 10_000):
            day = random.integers(0, DAYS, 10_000).tolist()
            place = random.integers(0, COUNTRIES * PROVINCES, 10_000).tolist()
            yield Batch(
                [self._row(start + n, days[day[n]], place[n]) for n in range(10_000)], [], []
            )

    def _row(self, number: int, day: str, place: int) -> Incident:
        deaths = 4 if self._revised and number % 100 == 0 else 3
        country, province = f"Country {place % COUNTRIES}", f"Province {place}"
        names = (country, province, None, "Group A", "Civilians", "1")
        figures = (deaths, 1, 5, 11.5, 13.1)
        return Incident(f"id-{number}", day, day, 1, *names, *figures, "a newspaper", None, None)

    def coverage(self) -> list[Coverage]:
        return [Coverage("", FIRST, FIRST + timedelta(DAYS - 1))]

    def close(self) -> None:
        pass


def measure(path: Path, index: str) -> dict[str, float]:
    """Return processor seconds of the loads and of the counts, and the size of the file."""
    found: dict[str, float] = {}
    with open_database(path, mode="own") as database:
        store = Incidents(database)
        if index:
            with database.transaction() as connection:
                connection.execute(f"CREATE INDEX incidents_counted ON incidents ({index})")
        for name, revised in (("first load", False), ("second load", True)):
            pull, now = Million(revised=revised), NOW + timedelta(days=revised)
            bare = _spent(partial(_read, pull))
            found[name] = _spent(partial(store.load, FEED, pull, now)) - bare
        found |= _counts(database, store)
    found["megabytes"] = path.stat().st_size / 1e6
    return found


def _counts(database: Database, store: Incidents) -> dict[str, float]:
    until = FIRST + timedelta(DAYS)
    (first,) = database.rows("SELECT min(seen_at) FROM incidents")[0]
    return {
        "counts now": _spent(partial(store.cells, WATCH, until, None)),
        "counts as of the first load": _spent(partial(store.cells, WATCH, until, first)),
    }


def _read(pull: Million) -> None:
    for _ in pull.batches():
        pass


def _spent(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def main(indexes: list[str]) -> None:
    """Print one line per index; without arguments, of the schema as it is."""
    for index in indexes or [""]:
        with tempfile.TemporaryDirectory() as folder:
            figures = measure(Path(folder) / "tocsin.db", index)
        print(index or "as it is", {name: round(value, 2) for name, value in figures.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
