"""The schema: made once, by whoever is first, and strict about what it takes."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlite_utils

from core.errors import StorageError
from storage.database import Database, open_database, open_writable
from storage.identity import SCHEMA_VERSION
from storage.migrations import MIGRATIONS, migrate

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 20
# Each of four processes waits for its line, so that in every round they start together.
OPENER = """
import sys
from pathlib import Path
import storage.migrations
from storage.database import open_writable
for line in sys.stdin:
    try:
        open_writable(Path(line.strip()), "own").close()
        print("made", flush=True)
    except Exception as error:
        print(repr(error), flush=True)
"""


def test_the_version_counts_the_migrations(database: Database) -> None:
    tables = sqlite_utils.Database(database._connection, execute_plugins=False)
    assert len(MIGRATIONS.applied(tables)) == SCHEMA_VERSION
    assert MIGRATIONS.pending(tables) == []


def test_four_processes_make_the_same_database_together(tmp_path: Path) -> None:
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    openers = [subprocess.Popen([sys.executable, "-c", OPENER], **pipe) for _ in range(4)]
    try:
        for turn in range(ROUNDS):
            for opener in openers:
                opener.stdin.write(f"{tmp_path / f'{turn}.db'}\n")
                opener.stdin.flush()
            answers = [opener.stdout.readline().strip() for opener in openers]
            assert answers == ["made"] * 4
            with open_database(tmp_path / f"{turn}.db", mode="read") as database:
                assert database.value("SELECT count(*) FROM installation") == 1
                assert database.value("SELECT count(*) FROM _sqlite_migrations") == 1
    finally:
        for opener in openers:
            opener.stdin.close()
            opener.wait()
            opener.stdout.close()


def test_migrating_again_changes_nothing(database: Database) -> None:
    installation = database.value("SELECT installation_id FROM installation")
    migrate(database)
    assert database.value("SELECT installation_id FROM installation") == installation


def test_a_failing_migration_leaves_an_empty_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.schema.STATEMENTS", ("CREATE TABLE a (b)", "CREATE TABLE a (b)"))
    with pytest.raises(Exception, match="already exists"):
        open_writable(path, "own")
    monkeypatch.undo()
    assert path.read_bytes() == b""
    open_database(path, mode="own").close()


def test_a_database_that_became_foreign_meanwhile_is_refused(database: Database) -> None:
    database._connection.execute("PRAGMA query_only = OFF")
    database._connection.execute("PRAGMA application_id = 7")
    with pytest.raises(StorageError, match="another program"):
        migrate(database)


def test_every_table_is_strict(database: Database) -> None:
    loose = database.rows(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
        "AND NOT strict AND name NOT LIKE '%sqlite_%'"
    )
    assert loose == []


FORECAST = {
    "block_id": 1,
    "series_id": 1,
    "horizon": 1,
    "period_index": 24_273,
    "mean": 1.5,
    "q05": 0,
    "q25": 1,
    "q50": 1,
    "q75": 2,
    "q95": 4,
    "blend_id": 1,
    "curve": b"\1\0",
}


@pytest.fixture
def block(database: Database) -> Database:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO runs (config_hash, cutoff, watermark, mode, version, label, started_at) "
            "VALUES ('c', '2022-09-30', 'w', 'live', '1', '', 's')"
        )
        connection.execute(
            "INSERT INTO blocks "
            "VALUES (1, 1, 'w', '', 'month', 'u', 1, '', '[]', 1, zeroblob(8), 0, 0)"
        )
        connection.execute("INSERT INTO series VALUES (1, 'w', '[\"r\"]', 'r')")
        connection.execute("INSERT INTO blends VALUES (1, '{}')")
    return database


def insert_forecast(database: Database, **changes: object) -> None:
    row = FORECAST | changes
    with database.transaction() as connection:
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO forecasts ({', '.join(row)}) VALUES ({marks})", row)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"mean": float("nan")}, {"mean": -0.1}, {"mean": None}, {"q05": -1}, {"q50": None}),
        *({"q25": 3}, {"q75": 0}, {"q95": 1}, {"q05": 2}, {"q50": 1.5}, {"q50": "many"}),
        *({"horizon": 0}, {"curve": b"\1"}, {"blend_id": 2}, {"series_id": 2}, {"block_id": 2}),
    ],
)
def test_a_forecast_that_cannot_be_is_refused(block: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(Exception, match=r"constraint failed|cannot store"):
        insert_forecast(block, **wrong)
    insert_forecast(block)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE blocks SET period = 'year'",
        "UPDATE blocks SET horizons = 2",
        "UPDATE blocks SET shared = 1",
        "UPDATE runs SET published = 1",
        "UPDATE runs SET mode = 'dry'",
        "UPDATE runs SET cutoff = '30.9.2022'",
        "INSERT INTO coverage VALUES (1, '', '2022-01-02', '2022-01-01')",
        "INSERT INTO attempts VALUES (1, 'nobody', 'at', 1, '', 5)",
        "INSERT INTO installation (singleton, installation_id) VALUES (1, 'twice')",
    ],
)
def test_states_that_cannot_be_are_refused(block: Database, sql: str) -> None:
    with pytest.raises(Exception, match="constraint failed"), block.transaction() as connection:
        connection.execute(sql)
