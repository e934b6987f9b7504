"""kill -9 of the process that makes and sends alerts: rows 1 and 2 of the fault table.

Two workers kill at a time; what has to hold after every kill is in tests/faults/kill/audit.py. Each
test prints its figures last.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from alerts.messages import StepType, every_type
from core.alerts import DeliveryKind
from storage.database import open_database
from storage.seals import seal
from tests.faults.kill.audit import audit
from tests.faults.kill.ground import prepare
from tests.faults.kill.seams import SEAMS
from tests.faults.kill.service import DATABASE, RECEIVED, drain

ROOT = Path(__file__).resolve().parents[2]
RANDOM_KILLS = 500


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    return prepare(tmp_path / "ground")


def worked(ground: Path, orders: list[list[str]]) -> Counter[str]:
    """Let a worker carry out each order, all at once, and add up what they counted."""
    program = [sys.executable, "-m", "tests.faults.kill.worker", str(ground.parent), str(ground)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    workers = [subprocess.Popen([*program, *order], **pipes) for order in orders]
    told = [worker.communicate() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * len(workers), told
    return sum((Counter(json.loads(output)) for output, _ in told), Counter())


def test_row_1_kills_at_random_moments_lose_nothing_and_repeat_at_most_once(ground: Path) -> None:
    half = str(RANDOM_KILLS // 2)
    seen = worked(ground, [[seed, "random", half] for seed in ("1", "2")])
    assert seen["kills"] == RANDOM_KILLS
    assert seen["repeats"] <= seen["kills"]
    assert seen["with a run unpublished"] > 0
    assert seen["with a message claimed"] > 0
    print(
        f"{seen['kills']} kills, {seen['in a write']} of them in a write, "
        f"{seen['with a run unpublished']} with a run unpublished, "
        f"{seen['with a message claimed']} with a message claimed: {seen['runs']} runs and "
        f"{seen['alerts']} messages, 0 lost, 0 phantom, 0 half runs visible, "
        f"{seen['repeats']} repeated with the same id and body"
    )


@pytest.mark.parametrize("kills", [12, pytest.param(20, marks=pytest.mark.nightly)])
def test_row_2_kills_at_each_seam_lose_nothing_and_repeat_only_between_send_and_mark(
    ground: Path, kills: int
) -> None:
    halves = (SEAMS[::2], SEAMS[1::2])
    orders = [[str(n), "seams", str(kills), *half] for n, half in enumerate(halves, 3)]
    seen = worked(ground, orders)
    assert seen["kills"] == kills * len(SEAMS)
    assert seen["repeats"] == kills * 2
    print(
        f"{len(SEAMS)} seams x {kills} kills: {seen['runs']} runs and {seen['alerts']} "
        f"messages, 0 lost, 0 phantom, 0 half runs visible; {seen['repeats']} repeated, "
        "each killed between send and mark, with the same id and body"
    )


def test_every_kind_of_message_is_in_the_harness(ground: Path) -> None:
    drain(ground, 1, cycles=7)
    audit(ground, 1)
    with open_database(ground / DATABASE, mode="read") as database:
        rows = database.rows("SELECT DISTINCT kind, json_extract(body, '$.type') FROM outbox")
        shown = database.rows(
            "SELECT DISTINCT json_extract(step.value, '$.type') FROM outbox, "
            "json_each(body, '$.data.shown') AS step WHERE kind = 'group'"
        )
    kinds, types = ({row[place] for row in rows} for place in (0, 1))
    assert kinds == set(get_args(DeliveryKind))
    assert types == every_type()
    grouped = {kind for (kind,) in shown}
    assert grouped == set(get_args(StepType)) - {"alert.unacknowledged"}
    print(f"kinds of messages in the kill harness: {len(types)} of {len(every_type())}")


def test_the_audit_finds_what_it_looks_for(ground: Path) -> None:
    drain(ground, 1, cycles=4)
    steps, groups, passed_on, notices, digests = 11, 4, 2, 8, 4
    assert audit(ground, 1).made == steps + groups + passed_on + notices + digests
    received = ground / RECEIVED
    whole = received.read_bytes()
    first = whole[: whole.index(b"\n") + 1]
    received.write_bytes(whole + first)
    assert audit(ground, 1).repeats == 1
    received.write_bytes(whole + first.replace(b"Freedonia/1", b"Freedonia/9"))
    with pytest.raises(AssertionError, match="phantom"):
        audit(ground, 1)
    received.write_bytes(whole.replace(first, b""))
    with pytest.raises(AssertionError, match="nobody received"):
        audit(ground, 1)
    received.write_bytes(whole)
    with open_database(ground / DATABASE, mode="write") as database:
        with database.transaction() as connection:
            connection.execute("DELETE FROM forecasts WHERE block_id = 3 AND horizon = 1")
        with pytest.raises(AssertionError, match="not those that were published"):
            audit(ground, 1)
        with database.transaction() as connection:
            connection.execute("DELETE FROM seals WHERE block_id = 3")
            seal(connection, 3)
        with pytest.raises(AssertionError, match="half a run"):
            audit(ground, 1)
