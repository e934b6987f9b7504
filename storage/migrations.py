"""The schema's history, as sqlite-utils migrations.

Never change a migration that was released: add one, and raise `identity.SCHEMA_VERSION`.
"""

from __future__ import annotations

import uuid

import sqlite_utils
from sqlite_utils import Migrations

from storage import schema
from storage.database import Database, schema_version
from storage.identity import APPLICATION_ID, SCHEMA_VERSION

MIGRATIONS = Migrations("tocsin")


@MIGRATIONS()
def m001_first_schema(db: sqlite_utils.Database) -> None:
    """Make the tables and views, and give the installation its id."""
    for statement in schema.STATEMENTS:
        db.execute(statement)
    insert = "INSERT INTO installation (singleton, installation_id) VALUES (1, ?)"
    db.execute(insert, [str(uuid.uuid4())])


def migrate(database: Database) -> None:
    """Bring a database to this program's schema, in one transaction.

    By themselves the migrations begin with a read, so that processes that start together fail
    with "locked"; inside our BEGIN IMMEDIATE the second one waits, and finds nothing to do.

    Raises:
        StorageError: when another program, or a newer Tocsin, made the file in the meantime.
    """
    with database.transaction() as connection:
        wrapped = sqlite_utils.Database(connection, recursive_triggers=False, execute_plugins=False)
        schema_version(database.path, connection)
        MIGRATIONS.apply(wrapped)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
