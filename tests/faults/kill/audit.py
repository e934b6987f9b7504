"""What must hold after every kill, read from the database and from what was received."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from alerts.messages import canonical
from core.clock import stamp
from storage.database import Database, open_database
from storage.health import examine
from tests.faults.kill.service import (
    DATABASE,
    EPOCH,
    RECEIVED,
    STORY,
    Ticking,
    taken_back,
    told_after,
    told_by,
)

_FORECASTS = (
    "SELECT count(*) FROM blocks JOIN forecasts USING (block_id) WHERE run_id = runs.run_id"
)
_PHANTOMS = "SELECT count(*) FROM alert_events JOIN runs USING (run_id) WHERE published = 0"
_HELD = "SELECT delivery_id FROM outbox WHERE state = 'pending' AND leased_until > ?"


class Found(NamedTuple):
    """How things stand.

    `published` leaves out the run that was there from the start; `held` are the messages that the
    audited life had claimed and not marked; `copies` counts the times that each was received;
    `owed` counts the messages that the service was to make after the newest run and has not.
    """

    published: int
    unpublished: int
    made: int
    delivered: int
    held: tuple[str, ...]
    copies: Counter[str]
    cut: int
    owed: int

    @property
    def repeats(self) -> int:
        return sum(self.copies.values()) - len(self.copies)


def audit(folder: Path, life: int) -> Found:
    """Read everything after the end of a life.

    Raises:
        AssertionError: when an alert is lost or a phantom, half a run is visible, a repeat differs,
            or the file is damaged.
    """
    with open_database(folder / DATABASE, mode="read") as database:
        assert examine(database).sound, examine(database).faults
        published, unpublished = _runs(database)
        _check_alerts(database, published)
        states = dict(database.rows("SELECT state, count(*) FROM outbox GROUP BY state"))
        bodies = dict(database.rows("SELECT delivery_id, body FROM outbox"))
        _check_digests(database, published)
        held = database.rows(_HELD, [stamp(Ticking(life).born)])
    lines = {name: canonical({"id": name, **json.loads(body)}) for name, body in bodies.items()}
    owed = _check_made(published, lines)
    copies, cut = _received(folder, lines)
    made, delivered = len(lines), states.get("delivered", 0)
    assert made == delivered + states.get("pending", 0) + states.get("dead", 0)
    assert delivered <= len(copies), "a message is marked that nobody received"
    return Found(
        published, unpublished, made, delivered, tuple(n for (n,) in held), copies, cut, owed
    )


def _runs(database: Database) -> tuple[int, int]:
    """Check that a run is visible as a whole or not at all; return the numbers of both kinds."""
    sizes = database.rows(f"SELECT published, ({_FORECASTS}) FROM runs ORDER BY run_id")
    whole = sizes[0][1]
    shown = [size for published, size in sizes if published]
    assert shown == [whole] * len(shown), "half a run is published"
    newest = database.value("SELECT max(run_id) FROM runs WHERE published = 1")
    visible = database.rows("SELECT run, count(*) FROM forecast_table GROUP BY run")
    assert visible == [(newest, whole)], "forecast_table shows half a run"
    return len(shown) - 1, len(sizes) - len(shown)


def _check_alerts(database: Database, published: int) -> None:
    assert database.value(_PHANTOMS) == 0, "an alert of an unpublished run"
    wanted = {}
    for number in range(1, published + 1):
        age = published - number
        end = "retracted" if taken_back(number) else "resolved"
        state = "firing" if age < len(STORY) - 1 else end
        wanted[f"Freedonia/{number}"] = (state, "elevated" if age == 0 else "severe")
    rows = database.rows("SELECT region, state, severity FROM alert_table")
    assert len(rows) == len(wanted), "a published run has lost an alert"
    assert {region: (state, severity) for region, state, severity in rows} == wanted


def _check_digests(database: Database, published: int) -> None:
    """Check that digests tell of every day, and of none twice."""
    rows = database.rows(
        "SELECT json_extract(body, '$.data.since'), json_extract(body, '$.data.until'), created_at "
        "FROM outbox WHERE kind = 'digest' ORDER BY created_at"
    )
    assert len(rows) <= published
    made = [stamp(EPOCH), *(at for _, _, at in rows)]
    assert [since for since, *_ in rows] == made[: len(rows)], "a day is told twice or not at all"
    assert [until for _, until, _ in rows] == made[1:], "a digest of no slot"


def _check_made(published: int, lines: dict[str, bytes]) -> int:
    """Check that the outbox holds what the published runs tell: nothing more, nothing less.

    Returns how many messages that come after the newest run are not made yet.
    """
    wanted: Counter[tuple[str, str]] = Counter()
    for number in range(1, published + 1):
        wanted.update([*told_by(number), *told_after(number)])
    bodies = [json.loads(line) for line in lines.values()]
    made = Counter(pair for body in bodies for pair in _told(body))
    owed = wanted - made
    assert not made - wanted, "a message too many"
    assert owed <= Counter(told_after(published)), "a published run has lost a message"
    return owed.total()


def _told(body: Any) -> list[tuple[str, str]]:
    """Return place and type of each step that a message tells, or of itself; none of a digest."""
    if body["type"] == "service.digest":
        return []
    if body["type"] != "alert.group":
        return [(body["data"]["place"], body["type"])]
    assert body["data"]["rest"] == {}
    return [(step["place"], step["type"]) for step in body["data"]["shown"]]


def _received(folder: Path, lines: dict[str, bytes]) -> tuple[Counter[str], int]:
    """Check that each line received is byte for byte a message that was made, or its start."""
    path, known = folder / RECEIVED, {line: name for name, line in lines.items()}
    copies: Counter[str] = Counter()
    cut = 0
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        if line in known:
            copies[known[line]] += 1
        elif line:
            assert any(whole.startswith(line) for whole in known), "a phantom or a changed body"
            cut += 1
    return copies, cut
