"""The parts of storage over one open database, as the service uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.clock import Clock
from storage.alerts import Alerts
from storage.database import Database, open_database
from storage.incidents import Incidents
from storage.outbox import Outbox
from storage.people import People
from storage.reading import Reader
from storage.rules_read import RulesRead
from storage.runs import Runs
from storage.scores import Scores
from tocsin.config import Config


@dataclass(frozen=True)
class Stores:
    """One database, by subject."""

    database: Database
    incidents: Incidents
    runs: Runs
    rules_read: RulesRead
    alerts: Alerts
    people: People
    outbox: Outbox
    reader: Reader
    scores: Scores


@contextmanager
def opened(
    config: Config,
    database: Path | None,
    mode: Literal["own", "write", "read"],
    clock: Clock,
    inherited: int | None = None,
) -> Iterator[Stores]:
    """Open the configured database, or the one named instead of it, and close it at the end.

    `inherited` is the descriptor of the owner lock that a parent process passed on.

    Raises:
        StorageError: when it cannot be used.
    """
    path = database or config.database
    with open_database(path, mode=mode, clock=clock, inherited=inherited) as found:
        yield stores_of(found)


def stores_of(database: Database) -> Stores:
    """Return the parts over a database that is open."""
    return Stores(
        database=database,
        incidents=Incidents(database),
        runs=Runs(database),
        rules_read=RulesRead(database),
        alerts=Alerts(database),
        people=People(database),
        outbox=Outbox(database),
        reader=Reader(database),
        scores=Scores(database),
    )
