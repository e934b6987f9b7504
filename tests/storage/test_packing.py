"""Counts read in stretches are those that SQLite groups, and of one instant."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.errors import StorageError
from core.periods import Period
from storage import packing
from storage.database import Database, open_database
from storage.incidents import Incidents
from storage.packing import Rows, Tallied, tally
from tests.storage.samples import FEED, NOW, ListPull, incident

EVERYTHING = Rows("incidents", "incident_id", "superseded_at IS NULL", {})
NAMES = ["Borno", "Yobe", None, "Ñ/\\", "'; --", ""]


@pytest.fixture
def many(store: Incidents) -> list[tuple[str, str | None, str | None]]:
    """Load 3,000 incidents over eleven years with strange names and none."""
    random = np.random.default_rng(2)
    first, rows = date(2012, 12, 30), []
    for _ in range(3000):
        day = (first + timedelta(int(random.integers(0, 3_550)))).isoformat()
        names = [NAMES[n] for n in random.integers(0, len(NAMES), 2)]
        rows.append((day, *names))
    load = [incident(n, day, admin1=one, actor=two) for n, (day, one, two) in enumerate(rows)]
    store.load(FEED, ListPull(load), NOW)
    return rows


def counted(found: Tallied) -> dict[tuple[int, tuple[str | None, ...]], int]:
    numbers = zip(found.place.tolist(), found.period.tolist(), found.added.tolist(), strict=True)
    sums: Counter[tuple[int, tuple[str | None, ...]]] = Counter()
    for place, period, rows in numbers:
        sums[period, found.names[place]] += rows
    return sums


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize("stretch", [7, 1000, 50_000])
def test_every_row_is_counted_once_whatever_the_stretch(
    database: Database,
    many: list[tuple[str, str | None, str | None]],
    period: Period,
    stretch: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packing, "_ROWS", stretch)
    found = counted(tally(database, EVERYTHING, "date", ["admin1", "actor"], period))
    assert found == Counter(
        (period.of(date.fromisoformat(day)), (one, two)) for day, one, two in many
    )


def test_a_condition_and_what_it_binds_hold_for_every_stretch(
    database: Database, many: list[tuple[str, str | None, str | None]]
) -> None:
    some = EVERYTHING._replace(where="date < :until", bound={"until": "2015-01-01"})
    found = tally(database, some, "date", ["admin1"], Period.DAY)
    assert found.added.sum() == sum(day < "2015-01-01" for day, *_ in many) > 0


def test_rows_add_what_each_of_them_says(
    database: Database,
    many: list[tuple[str, str | None, str | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packing, "_ROWS", 700)
    days = EVERYTHING._replace(adds="CAST(substr(date, 9) AS INTEGER)")
    found = counted(tally(database, days, "date", ["admin1"], Period.MONTH))
    wanted: Counter[tuple[int, tuple[str | None, ...]]] = Counter()
    for day, one, _ in many:
        wanted[Period.MONTH.of(date.fromisoformat(day)), (one,)] += int(day[8:])
    assert found == wanted


def test_nothing_is_counted_where_nothing_is(database: Database) -> None:
    found = tally(database, EVERYTHING, "date", ["admin1"], Period.MONTH)
    assert (found.names, len(found.added)) == ([], 0)


def test_the_first_and_the_last_day_of_the_calendar_have_their_periods(store: Incidents) -> None:
    rows = [incident(n, day.isoformat()) for n, day in enumerate((date.min, date.max))]
    store.load(FEED, ListPull(rows), NOW)
    for period in Period:
        found = tally(store._database, EVERYTHING, "date", ["admin1"], period)
        assert found.period.tolist() == [period.of(date.min), period.of(date.max)]


@pytest.fixture
def reader(path: Path, database: Database) -> Iterator[Database]:
    with open_database(path, mode="read") as reader:
        yield reader


def test_a_snapshot_reads_one_instant_and_holds_no_lock_afterwards(
    store: Incidents, reader: Database, database: Database
) -> None:
    store.load(FEED, ListPull([incident(1)]), NOW)
    with reader.snapshot():
        assert reader.value("SELECT count(*) FROM incidents") == 1
        database._connection.execute("PRAGMA busy_timeout = 0")
        with suppress(StorageError):  # without a write-ahead log a writer would have to wait
            store.load(FEED, ListPull([incident(1), incident(2)]), NOW + timedelta(1))
        assert reader.value("SELECT count(*) FROM incidents") == 1
    store.load(FEED, ListPull([incident(1), incident(2)]), NOW + timedelta(2))
    assert reader.value("SELECT count(*) FROM incidents") == 2


def test_a_snapshot_cannot_write(database: Database) -> None:
    with database.snapshot(), pytest.raises(sqlite3.OperationalError, match="readonly"):
        database._connection.execute("DELETE FROM feeds")
