"""A database of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from storage.incidents import Incidents
from storage.runs import Runs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with open_database(path, mode="own") as database:
        yield database


@pytest.fixture
def store(database: Database) -> Incidents:
    return Incidents(database)


@pytest.fixture
def runs(database: Database) -> Runs:
    return Runs(database)
