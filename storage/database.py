"""Opening the database, our way: one owner, one way to write, nothing lost at power failure."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from core.clock import Clock, SystemClock, stamp, stopwatch
from core.distance import haversine_km
from core.errors import StorageError
from storage.failures import DAMAGED, explained
from storage.identity import SCHEMA_VERSION, check, inspect
from storage.ownership import OwnerLock

Mode = Literal["own", "write", "read"]
Parameters = Sequence[Any] | Mapping[str, Any]

_BUSY_SECONDS = 10.0
_OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables came with it: sqlite.org/stricttables.html."""
_CACHE_KIB = 64 * 1024
"""Changed pages that do not fit the cache are spilled before COMMIT, and with a rollback journal
a spill shuts readers out until the commit. Blocks of forecasts and loads of a quarter of a million
incidents fit; a larger first load shuts readers out for its last seconds. Sorting may take as much
again, and a load of a million is to stay under 300 MB."""
_TEMP_CACHE_KIB = 16 * 1024
"""For staged pulls; what does not fit goes to a temporary file, which holds up nobody."""

_AT_ONCE = 1_000
_STEPS = 10_000
"""Of SQLite's virtual machine between two looks at the clock: about a tenth of a millisecond."""


def safe_journal_mode(version: tuple[int, ...]) -> Literal["wal", "truncate"]:
    """Return the journal mode that is safe for a version of SQLite.

    Versions before 3.51.3 can corrupt a database when a checkpoint races with the reset of the
    write-ahead log; 3.50.7 and 3.44.6 have the correction too (sqlite.org/wal.html).
    """
    backported = version[:2] == (3, 50) and version >= (3, 50, 7)
    backported = backported or (version[:2] == (3, 44) and version >= (3, 44, 6))
    return "wal" if backported or version >= (3, 51, 3) else "truncate"


class Database:
    """One connection. It reads freely, and writes only inside `transaction()`.

    SQLite itself holds it to that: outside of a transaction the connection is `query_only`.
    Belongs to the thread that opened it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, mode: Mode) -> None:
        """Wrap a connection that `open_database` has set up."""
        self.path, self.mode = path, mode
        self._connection = connection
        self._lock: OwnerLock | None = None
        self._limit: float | None = None
        self._until = 0.0

    def __enter__(self) -> Database:
        """Return the database; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    @property
    def owner_descriptor(self) -> int:
        """Return the open file of the owner lock, to pass it on to a child process."""
        assert self._lock, "only the owner has the lock"
        return self._lock.descriptor

    def close(self) -> None:
        """Close the connection and give back the owner lock."""
        self._connection.close()
        if self._lock:
            self._lock.release()
            self._lock = None

    def limit_queries(self, seconds: float) -> None:
        """End every later query of `rows` that takes longer."""
        self._limit = seconds
        # The progress handler: sqlite.org/c3ref/progress_handler.html
        self._connection.set_progress_handler(lambda: stopwatch() > self._until, _STEPS)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Any]:
        """Return all rows of a query; read to the end, so that no writer waits for a reader.

        Raises:
            StorageError: when the file, its locks or its disk fail, or the query takes too long.
        """
        self._until = stopwatch() + (self._limit or 0.0)
        with explained(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """Yield the rows of a query that are too many to be held at once.

        A writer waits until the last one is taken, so whoever asks takes them without delay.

        Raises:
            StorageError: as `rows`.
        """
        self._until = stopwatch() + (self._limit or 0.0)
        with explained(self.path):
            cursor = self._connection.execute(sql, parameters)
            while found := cursor.fetchmany(_AT_ONCE):
                yield from found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, or None when there is no row."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read: what is read inside is of one instant, whatever others write meanwhile.

        Raises:
            StorageError: when the file, its locks or its disk fail.
        """
        with explained(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all of it or nothing. Waits for other writers some seconds, at its start.

        Raises:
            StorageError: when the file, its locks or its disk fail; nothing is written then.
        """
        assert self.mode != "read", "a database opened for reading cannot be written"
        with explained(self.path), self._within("BEGIN IMMEDIATE"):
            yield self._connection

    @contextmanager
    def scratch(self) -> Iterator[sqlite3.Connection]:
        """Write to TEMP tables, which are this connection's own: nobody else is held up.

        Raises:
            StorageError: as `transaction`.
        """
        with explained(self.path), self._within("BEGIN"):
            yield self._connection

    def scrub(self) -> None:
        """Rebuild the file, so that no byte is left of what was deleted or overwritten in it.

        Needs as much room on the disk again for a while.

        Raises:
            StorageError: when others are reading, or the disk is full; the file is as before.
        """
        assert self.mode == "own", "only the owner may rebuild the file"
        with explained(self.path):
            self._connection.execute("PRAGMA query_only = OFF")
            try:
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._connection.execute("PRAGMA query_only = ON")

    @contextmanager
    def _within(self, begin: str) -> Iterator[None]:
        connection = self._connection
        connection.execute("PRAGMA query_only = OFF")
        try:
            connection.execute(begin)
            yield
            connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            connection.execute("PRAGMA query_only = ON")

    def _roll_back(self) -> None:
        """Undo what is left to undo: on a full disk SQLite has rolled back by itself."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            if self._connection.in_transaction:
                raise


def open_database(
    path: Path | str, *, mode: Mode, clock: Clock | None = None, inherited: int | None = None
) -> Database:
    """Open the database of a service.

    Args:
        path: the file; links are followed, so that one file has one owner.
        mode: "own" for the one process that runs cycles: takes the owner lock, makes the file or
            migrates it; "write" for short writes by people; "read" cannot write at all.
        clock: tells the owner's start, which a second owner is shown.
        inherited: for "own", the `owner_descriptor` of the process that started this one.

    Raises:
        StorageError: when the file is missing (but for "own"), foreign, newer, damaged, locked,
            owned by another process, or the disk is full; the file is left as it was.
    """
    target = Path(os.path.realpath(path))
    version = inspect(target)
    if mode == "own":
        lock = _lock(target, clock or SystemClock(), inherited)
        try:
            database = open_writable(target, "own")
        except BaseException:
            lock.release()
            raise
        database._lock = lock  # noqa: SLF001 - its own class
        if inherited is None:
            _settle(database)
        return database
    _require_current(target, version)
    return _open_readable(target) if mode == "read" else open_writable(target, "write")


def _settle(database: Database) -> None:
    from storage.installation import settle  # noqa: PLC0415 - it needs this module

    try:
        settle(database)
    except BaseException:
        database.close()
        raise


def _lock(target: Path, clock: Clock, inherited: int | None) -> OwnerLock:
    if inherited is not None:
        return OwnerLock.inherited(target, inherited)
    return OwnerLock(target, stamp(clock.now()))


def open_writable(path: Path, mode: Mode) -> Database:
    """Open for writing without the owner lock; "own" makes the file or migrates it."""
    if mode == "own" and not path.exists():
        _create(path)
    with explained(path):
        connection = _connect(path, "rw")
        try:
            version = _version(path, connection)
            if mode == "own":
                _require_sound(path, connection)
            _prepare_writer(path, connection)
            database = Database(path, connection, mode)
            if mode == "own" and version < SCHEMA_VERSION:
                from storage.migrations import migrate  # noqa: PLC0415 - 0.4 s, rarely needed

                migrate(database)
        except BaseException:
            connection.close()
            raise
    return database


def _open_readable(path: Path) -> Database:
    with explained(path):
        connection = _connect(path, "ro")
        try:
            _version(path, connection)
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            open_writable(path, "write").close()  # a killed writer left a journal: roll it back
            connection = _connect(path, "ro")
        connection.execute("PRAGMA query_only = ON")
    return Database(path, connection, "read")


def _require_current(path: Path, version: int | None) -> None:
    if not version:
        mend = "'tocsin run' makes it; 'tocsin pull' too, and sends nothing"
        raise StorageError(str(path), "there is no database yet", mend)
    if version < SCHEMA_VERSION:
        raise StorageError(str(path), "was made by an older Tocsin", "'tocsin run' upgrades it")


def _create(path: Path) -> None:
    """Make an empty file that only its owner can read; another process may be first."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        mend = "check the permissions of the folder"
        raise StorageError(str(path), f"cannot be made ({reason})", mend) from error


def _connect(path: Path, access: Literal["rw", "ro"]) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        problem = f"SQLite {sqlite3.sqlite_version} is too old"
        raise StorageError(str(path), problem, "use a Python with SQLite 3.37 or newer")
    address = f"file:{quote(str(path))}?mode={access}"
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.create_function("distance_km", 4, _distance_km, deterministic=True)
    return connection


def _distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return `core.distance.haversine_km` to SQL."""
    return haversine_km((lat_a, lon_a), (lat_b, lon_b))


def _version(path: Path, connection: sqlite3.Connection) -> int:
    """Return the schema version, all marks read at one instant: others may be making the file."""
    connection.execute("BEGIN")
    try:
        return schema_version(path, connection)
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")


def schema_version(path: Path, connection: sqlite3.Connection) -> int:
    """Return the schema version of an open database, inside a transaction; 0 for a blank one.

    Raises:
        StorageError: when it belongs to another program, or to a newer Tocsin.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return check(path, application, version, blank=tables == 0)


def _require_sound(path: Path, connection: sqlite3.Connection) -> None:
    """Refuse a damaged file before anything is written to it.

    `quick_check` reads every page, about 40 ms a megabyte from a cold disk: an owner opens once
    per cycle, and a run on damaged incidents would warn of the wrong places.
    """
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise StorageError(str(path), *DAMAGED)


def _prepare_writer(path: Path, connection: sqlite3.Connection) -> None:
    journal = safe_journal_mode(sqlite3.sqlite_version_info)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA main.cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA temp.cache_size = -{_TEMP_CACHE_KIB}")
    found = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0]
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if found != journal or synchronous != 2:
        problem = f"journal {found}, synchronous {synchronous}: a power cut could lose alerts"
        raise StorageError(str(path), problem, "put the file on a local disk")
    connection.execute("PRAGMA query_only = ON")
