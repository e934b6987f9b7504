"""Opening: who may, what is asked of SQLite, and what is refused."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.errors import StorageError
from storage.database import Database, open_database, safe_journal_mode
from storage.identity import APPLICATION_ID, SCHEMA_VERSION
from tests.storage.samples import NOW

ROOT = Path(__file__).resolve().parents[2]


def refusal(path: Path, mode: str = "own") -> str:
    with pytest.raises(StorageError) as caught:
        open_database(path, mode=mode)
    assert caught.value.exit_code == 3
    assert "\n" not in caught.value.line()
    return caught.value.line()


def test_a_new_database_is_ours_and_private(database: Database, path: Path) -> None:
    assert database.value("PRAGMA application_id") == APPLICATION_ID
    assert database.value("PRAGMA user_version") == SCHEMA_VERSION
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name("tocsin.db.lock").stat().st_mode) == 0o600


def test_writers_get_every_guard_of_sqlite(database: Database, path: Path) -> None:
    with open_database(path, mode="write") as second:
        for writer in (database, second):
            guards = {"synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "query_only": 1}
            assert {name: writer.value(f"PRAGMA {name}") for name in guards} == guards
            journal = safe_journal_mode(sqlite3.sqlite_version_info)
            assert writer.value("PRAGMA journal_mode") == journal


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        *(((3, 40, 1), "truncate"), ((3, 44, 5), "truncate"), ((3, 44, 6), "wal")),
        *(((3, 45, 0), "truncate"), ((3, 50, 6), "truncate"), ((3, 50, 7), "wal")),
        *(((3, 51, 2), "truncate"), ((3, 51, 3), "wal"), ((3, 52, 0), "wal"), ((4, 0, 0), "wal")),
    ],
)
def test_a_write_ahead_log_is_used_only_where_it_cannot_corrupt(
    version: tuple[int, int, int], mode: str
) -> None:
    assert safe_journal_mode(version) == mode


def test_a_second_owner_is_told_who_holds_the_database(path: Path) -> None:
    with open_database(path, mode="own", clock=FixedClock(NOW)):
        line = refusal(path)
    assert f"process {os.getpid()} on " in line
    assert "2022-10-01T06:00:00" in line


def test_a_link_to_a_database_has_the_same_owner(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(path)
    with open_database(path, mode="own"):
        assert "is in use by process" in refusal(tmp_path / "link.db")


def test_closing_gives_the_owner_lock_back(path: Path) -> None:
    open_database(path, mode="own").close()
    open_database(path, mode="own").close()


def test_the_owner_lock_is_free_after_kill_9(path: Path) -> None:
    code = (
        "import os, sys; from storage.database import open_database; "
        "open_database(sys.argv[1], mode='own'); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -9
    open_database(path, mode="own").close()


def test_a_failed_opening_gives_the_owner_lock_back(path: Path) -> None:
    open_database(path, mode="own").close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refusal(path)
    path.write_bytes(whole)
    open_database(path, mode="own").close()


def test_people_read_and_write_beside_the_owner(database: Database, path: Path) -> None:
    with open_database(path, mode="write") as writer, writer.transaction() as connection:
        connection.execute("INSERT INTO aliases VALUES ('actor', 'is', 'Islamic State')")
    with open_database(path, mode="read") as reader:
        assert reader.value("SELECT canonical FROM aliases") == "Islamic State"
    assert database.value("SELECT count(*) FROM aliases") == 1


def test_reading_imports_neither_sqlite_utils_nor_pandas(path: Path) -> None:
    open_database(path, mode="own").close()
    code = (
        "import sys; from storage.database import open_database; "
        "from storage.reading import Reader; "
        "Reader(open_database(sys.argv[1], mode='read')).latest_run('w'); "
        "print(sorted({'sqlite_utils', 'pandas', 'scipy', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, check=True, capture_output=True
    )
    assert done.stdout == b"[]\n"


@pytest.mark.parametrize("mode", ["read", "write"])
def test_a_missing_database_is_made_only_by_its_owner(path: Path, mode: str) -> None:
    assert "'tocsin run' makes it" in refusal(path, mode)
    assert not path.exists()
    path.touch()
    assert "'tocsin run' makes it" in refusal(path, mode)
    assert path.read_bytes() == b""


def make_foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()


def make_newer(path: Path) -> None:
    open_database(path, mode="own").close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def make_text(path: Path) -> None:
    path.write_text("id,date,country\n" * 40)


def make_scrambled(path: Path) -> None:
    open_database(path, mode="own").close()
    whole = bytearray(path.read_bytes())
    whole[100:4096] = b"\xa5" * 3996
    path.write_bytes(whole)


def make_cut(path: Path) -> None:
    open_database(path, mode="own").close()
    path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize("mode", ["own", "write", "read"])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_foreign, "is a database of another program"),
        (make_newer, f"was made by a newer Tocsin (schema {SCHEMA_VERSION + 1}"),
        (make_text, "is not a SQLite database"),
        (make_scrambled, "is damaged"),
        (make_cut, "is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_alone(
    path: Path, make: object, said: str, mode: str
) -> None:
    make(path)
    before = path.read_bytes()
    assert said in refusal(path, mode)
    assert path.read_bytes() == before


def test_an_older_database_is_upgraded_by_its_owner_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(path, mode="own").close()
    monkeypatch.setattr("storage.database.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    assert "'tocsin run' upgrades it" in refusal(path, "read")
    assert "'tocsin run' upgrades it" in refusal(path, "write")


def test_places_that_are_no_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.db").symlink_to(tmp_path / "loop.db")
    (tmp_path / "file").touch()
    assert "is a folder" in refusal(tmp_path)
    assert "its folder does not exist" in refusal(tmp_path / "none" / "tocsin.db")
    assert "cannot be read (not a directory)" in refusal(tmp_path / "file" / "tocsin.db")
    assert "cannot be read (too many levels" in refusal(tmp_path / "loop.db")


def test_a_lock_that_cannot_be_made_is_explained(path: Path) -> None:
    path.with_name("tocsin.db.lock").mkdir()
    assert "tocsin.db.lock: cannot be written (is a directory)" in refusal(path)
    assert not path.exists()


def test_a_lock_that_finds_the_disk_full_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StorageError, match="the disk is full; free some space"):
        open_database(path, mode="own")
    monkeypatch.undo()
    open_database(path, mode="own").close()


def test_a_write_outside_of_a_transaction_is_refused_by_sqlite(database: Database) -> None:
    for sql in ("DELETE FROM feeds", "CREATE TEMP TABLE t (a)", "DROP TABLE feeds"):
        with pytest.raises(StorageError):
            database.rows(sql)


def test_a_database_opened_for_reading_cannot_be_written(database: Database, path: Path) -> None:
    with open_database(path, mode="read") as reader:
        with pytest.raises(AssertionError), reader.transaction():
            pass
        with pytest.raises(StorageError):
            reader.rows("DELETE FROM feeds")


def test_a_transaction_is_written_whole_or_not_at_all(database: Database) -> None:
    insert = "INSERT INTO aliases VALUES (?, 'is', 'Islamic State')"
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.executemany(insert, [["actor"], ["actor"]])
    assert database.value("SELECT count(*) FROM aliases") == 0
    with database.transaction() as connection:
        connection.execute(insert, ["actor"])
    assert database.value("SELECT count(*) FROM aliases") == 1


def test_a_mistake_of_the_program_is_not_blamed_on_the_database(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.rows("SELECT * FROM nowhere")
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.execute("INSERT INTO installation (singleton, installation_id) VALUES (2, 'x')")


def test_damage_found_in_the_middle_is_one_clear_line(path: Path) -> None:
    with open_database(path, mode="own") as database, database.transaction() as connection:
        connection.executemany(
            "INSERT INTO aliases VALUES ('actor', ?, ?)",
            [(f"{n:04}", "x" * 200) for n in range(500)],
        )
    whole = bytearray(path.read_bytes())
    whole[-30 * 4096 :] = b"\x7f" * (30 * 4096)
    path.write_bytes(whole)
    with pytest.raises(StorageError, match="is damaged; restore a backup"):
        open_database(path, mode="own")  # an owner looks at every page first
    assert path.read_bytes() == bytes(whole)
    with open_database(path, mode="write") as database:
        with pytest.raises(StorageError, match="is damaged; restore a backup"):
            database.rows("SELECT * FROM aliases")
        with pytest.raises(StorageError, match="is damaged"), database.transaction() as connection:
            connection.execute("UPDATE aliases SET canonical = 'y'")


def test_a_text_in_which_a_bit_has_flipped_is_one_clear_line(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO aliases VALUES ('actor', 'is', CAST(x'49d3' AS TEXT))")
    with pytest.raises(StorageError, match="is damaged; restore a backup"):
        database.rows("SELECT canonical FROM aliases")


def test_a_reader_recovers_what_a_killed_writer_left(path: Path) -> None:
    code = (
        "import os, sys; from storage.database import open_database; "
        "database = open_database(sys.argv[1], mode='own'); "
        "database._connection.execute('PRAGMA main.cache_size = 5')\n"
        "with database.transaction() as connection:\n"
        "    connection.executemany('INSERT INTO aliases VALUES (?, ?, ?)', "
        "[('actor', str(n), 'x' * 300) for n in range(3000)])\n"
        "    os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -9
    with open_database(path, mode="read") as reader:
        assert reader.value("SELECT count(*) FROM aliases") == 0
        assert reader.value("PRAGMA integrity_check") == "ok"
