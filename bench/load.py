"""How fast a million incidents come from a CSV file into the as-of store.

Each part runs in a process of its own: the file as a feed, pulled twice, with its peak memory; and
what SQLite alone takes: `executemany` of an upsert of the same rows into the same table with the
same indexes. Figures are rows per second of processor time, which other programs do not spoil.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time

from core.incidents import Incident
from feeds.registry import open_feed, settings_class
from storage.database import open_database
from storage.incidents import Incidents

ROWS = 1_000_000
NOW = datetime(2024, 1, 5, tzinfo=UTC)
COLUMNS = ("id", "date", "country", "admin1", "actor", "fatalities", "latitude", "longitude")
FEED = settings_class("csv").model_validate(
    {"name": "world", "path": "world.csv", "columns": {name: name for name in COLUMNS}}
)
_UPSERT = (
    f"INSERT INTO incidents (feed_id, seen_at, {', '.join(Incident._fields)}) "
    f"VALUES (1, '2024-01-05T00:00:00.000000Z', {', '.join('?' * len(Incident._fields))}) "
    "ON CONFLICT (feed_id, source_id) WHERE superseded_at IS NULL "
    "DO UPDATE SET fatalities = excluded.fatalities"
)


def write(path: Path) -> None:
    """Write the file: 3,000 provinces of 60 countries, ten years, places told to a kilometre."""
    random, first = Random(1), date(2014, 1, 1)
    days = [(first + timedelta(n)).isoformat() for n in range(3652)]
    with path.open("w") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(ROWS):
            place = random.randrange(3000)
            file.write(
                f"id-{number},{random.choice(days)},Country {place % 60},Province {place},"
                f"Group {place % 97},{random.randrange(9)},"
                f"{random.randrange(-6000, 6000) / 100},{random.randrange(-18000, 18000) / 100}\n"
            )


def load(folder: Path) -> None:
    """Pull the file twice and print what it took."""
    with open_database(folder / "tocsin.db", mode="own") as database:
        store = Incidents(database)
        seconds = []
        for turn in range(2):
            started = process_time()
            store.load(FEED, open_feed(FEED, folder).pull(NOW.date()), NOW + timedelta(hours=turn))
            seconds.append(process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(*seconds, peak)


def bare(folder: Path) -> None:
    """Upsert the same rows, made beforehand batch by batch, and print what that took."""
    spent = 0.0
    with open_database(folder / "bare.db", mode="own") as database:
        with database.transaction() as connection:
            connection.execute("INSERT INTO feeds VALUES (1, 'world', 'csv', 'incidents')")
        with database.transaction() as connection:
            for batch in _batches(folder):
                started = process_time()
                connection.executemany(_UPSERT, batch)
                spent += process_time() - started
        print(spent)


def _batches(folder: Path) -> Iterator[list[Incident]]:
    for batch in open_feed(FEED, folder).pull(NOW.date()).batches():
        yield batch.incidents


def _child(part: str, folder: Path) -> list[float]:
    command = [sys.executable, "-m", "bench.load", part, str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in told.stdout.split()]


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "world.csv")
        first, second, peak = _child("load", folder)
        (alone,) = _child("bare", folder)
    print(f"{ROWS:,} rows from CSV into the store: {ROWS / first:,.0f} rows/s, {peak:.0f} MB")
    print(f"the same rows by a bare upsert: {ROWS / alone:,.0f} rows/s; ratio {alone / first:.2f}")
    print(f"an identical second pull: {first / second:,.1f} times as fast")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["load", folder]:
            load(Path(folder))
        case ["bare", folder]:
            bare(Path(folder))
        case _:
            main()
