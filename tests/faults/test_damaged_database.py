"""Row 5: a database file that is damaged, cut or another program's is refused and left as it is.

`quick_check`, which every owner begins with, reads the structure of every page; `integrity_check`,
which `tocsin doctor` asks for, compares tables with their indexes too. A single bit that flips
inside a value that no index holds is seen by neither; in what a pull brought, or in the forecasts
of a published run, it breaks a seal. Elsewhere it changes one value, or nothing at all: much of a
file is room that no row fills.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.alerts import AlertChanges
from core.errors import StorageError
from storage.database import open_database
from storage.health import examine
from storage.incidents import Incidents
from storage.runs import Runs
from tests.storage.samples import FEED, NOW, ListPull, incident, key, result
from tests.storage.test_outbox import fill

CASES, PAGE = 200, 4096
GOAL = 0.82
"""Of the flipped bits that change a value, the share that people are told of."""
Damage = Callable[[bytearray, random.Random], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a database that holds incidents, alerts and messages."""
    path = tmp_path_factory.mktemp("whole") / "tocsin.db"
    with open_database(path, mode="own") as database:
        rows = [incident(n, f"2022-{n % 9 + 1:02d}-05", admin1=f"P{n % 40}") for n in range(2000)]
        Incidents(database).load(FEED, ListPull(rows), NOW)
        fill(database, 300)
        runs, places = Runs(database), [("Nigeria", f"P{n}") for n in range(300)]
        run = runs.begin(key(config="forecasts"), NOW, "0.1.0", "")
        runs.stage(run, result(places))
        runs.publish(run, AlertChanges(), [], NOW)
    return path.read_bytes()


def scrambled(data: bytearray, rng: random.Random) -> None:
    """Write junk over a page."""
    page = rng.randrange(len(data) // PAGE)
    data[page * PAGE : (page + 1) * PAGE] = rng.randbytes(PAGE)


def zeroed(data: bytearray, rng: random.Random) -> None:
    """Lose a page, as a disk does that forgets a write."""
    page = rng.randrange(len(data) // PAGE)
    data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)


def cut(data: bytearray, rng: random.Random) -> None:
    """Lose the tail."""
    del data[rng.randrange(1, len(data)) :]


def refusal(path: Path) -> str:
    """Return what an owner is told, which must be one line with exit code 3."""
    with pytest.raises(StorageError) as raised:
        open_database(path, mode="own")
    assert raised.value.exit_code == 3
    assert "\n" not in raised.value.line()
    return raised.value.problem


@pytest.mark.parametrize("damage", [scrambled, zeroed, cut])
def test_row_5_a_damaged_page_or_a_lost_tail_is_refused_and_the_file_left_as_it_is(
    tmp_path: Path, whole: bytes, damage: Damage
) -> None:
    path, rng, told = tmp_path / "tocsin.db", random.Random(5), Counter[str]()
    for _ in range(CASES):
        data = bytearray(whole)
        damage(data, rng)
        path.write_bytes(data)
        told[refusal(path)] += 1
        assert path.read_bytes() == data
    print(f"row 5, {damage.__name__}: {told.total()}/{CASES} refused in one line: {dict(told)}")


def test_row_5_a_flipped_bit_is_refused_told_by_doctor_or_changes_one_value(
    tmp_path: Path, whole: bytes
) -> None:
    path, rng, seen = tmp_path / "tocsin.db", random.Random(55), Counter[str]()
    path.write_bytes(whole)
    held = content(path)
    for _ in range(CASES):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        who = found_by(path)
        seen[who if who != "nobody" or content(path) != held else "no need: nothing changed"] += 1
    told = seen["doctor"] + seen["the owner's start"]
    assert told / (told + seen["nobody"]) >= GOAL
    print(f"row 5: of {CASES} single bits that were flipped, seen by {dict(seen)}")


def content(path: Path) -> object:
    """Return every value that the tables hold; of a text that is none any more, what says so."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'installation'"
        )  # that one is written at each start
        try:
            return [connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names]
        except sqlite3.Error as error:
            return str(error)


def found_by(path: Path) -> str:
    """Return who finds the damage: an owner at its start, doctor, or nobody."""
    try:
        with open_database(path, mode="own") as database:
            return "nobody" if examine(database).sound else "doctor"
    except StorageError:
        return "the owner's start"


def test_row_5_a_bit_that_flips_in_a_published_forecast_breaks_its_seal(
    tmp_path: Path, whole: bytes
) -> None:
    path, rng, seen = tmp_path / "tocsin.db", random.Random(505), Counter[str]()
    path.write_bytes(whole)
    with open_database(path, mode="read") as database:
        curves = [row[0] for row in database.rows("SELECT curve FROM forecasts")]
    while seen.total() < CASES:
        curve = rng.choice(curves)
        if whole.count(curve) != 1:
            continue
        data = bytearray(whole)
        place = whole.index(curve) + rng.randrange(len(curve))
        data[place] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        with open_database(path, mode="read") as database:
            faults = examine(database).faults
        seen[" ".join(faults)] += 1
    assert set(seen) == {"run 2: forecasts of watch 'provinces' are not those that were published"}
    print(
        f"row 5: of {seen.total()} bits flipped in a published curve, doctor tells {seen.total()}"
    )
