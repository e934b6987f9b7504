"""Kills services: `python -m tests.faults.kill.worker FOLDER GROUND SEED random KILLS`, or
`… SEED seams KILLS SEAM…`. Prints what it counted as JSON; loads no engine.

Each service is a fork of this process, so that a life costs no start of Python; it opens the
database itself.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from storage.database import open_database
from storage.installation import adopt
from tests.faults.kill.audit import Found, audit
from tests.faults.kill.seams import Fuse
from tests.faults.kill.service import DATABASE, drain, live

ENGINE = {"numpy", "pandas", "numba", "scipy", "pyarrow", "prophet", "sqlite_utils", "forecast"}
KILLS_PER_DATABASE = 50
LONGEST_LIFE = 2.0
"""Cycles. A life ends at a moment between its birth and this, each as likely."""
FAILED = 70

UNPUBLISHED = {"before stage", "after stage", "before decide", "after decide", "before publish"}
HELD = {"after claim", "before send", "after send", "before mark"}
REPEATED = {"after send", "before mark"}
NOTED = {"after mark", "before settle"}
"""Where marks wait for each other beside the database, unless that took long on a busy machine."""


def killed(folder: Path, life: int, fuse: Fuse, seconds: float | None = None) -> bool:
    """Begin a life, end it after some seconds or by its fuse; return whether a write was cut."""
    child = os.fork()
    if child == 0:
        try:
            live(folder, life, fuse)
        finally:  # only an error comes here; nothing of the parent's is to be flushed
            traceback.print_exc()
            os._exit(FAILED)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "the service failed by itself"
    journal = folder / f"{DATABASE}-journal"
    return journal.exists() and journal.stat().st_size > 0


def seconds_of_a_cycle(folder: Path) -> float:
    """Measure an undisturbed life of one cycle on this machine."""
    began = time.monotonic()
    drain(folder, 0, cycles=1)
    return time.monotonic() - began


def at_random(folder: Path, kills: int, rng: random.Random) -> Counter[str]:
    """Kill one service after the other; the last pass has to find nothing lost."""
    seen: Counter[str] = Counter(kills=kills)
    owed: Counter[str] = Counter()
    repeats = 0
    longest = LONGEST_LIFE * seconds_of_a_cycle(folder)
    for life in range(1, kills + 1):
        seen["in a write"] += killed(folder, life, Fuse(), rng.uniform(0, longest))
        found = audit(folder, life)
        seen["with a run unpublished"] += found.unpublished
        seen["with a message claimed"] += bool(found.held)
        assert found.unpublished <= 1
        assert found.repeats - repeats <= 1, "a kill repeats more than one message"
        repeats = found.repeats
        owed.update(found.held)
        assert all(copies <= 1 + owed[name] for name, copies in found.copies.items())
    drain(folder, kills + 1)
    return seen + counted(audit(folder, kills + 1))


def at_seam(folder: Path, seam: str, kills: int, rng: random.Random) -> Counter[str]:
    """Kill services at one seam, each after a few crossings; what a kill leaves is known."""
    before, life = audit(folder, 0), 0
    for _ in range(kills):
        life += 2
        killed(folder, life - 1, Fuse(seam, rng.randint(1, 3)))
        found = audit(folder, life - 1)
        assert found.unpublished == (seam in UNPUBLISHED)
        assert seam in NOTED or bool(found.held) == (seam in HELD)
        drain(folder, life)
        after = audit(folder, life)
        assert after.repeats - before.repeats == (seam in REPEATED)
        before = after
    return Counter(kills=kills) + counted(before)


def counted(found: Found) -> Counter[str]:
    """Return the figures of a last audit, at which every message has to have arrived."""
    assert found.delivered == found.made == len(found.copies), "an alert is lost"
    assert found.owed == 0, "what comes after the newest run was never made"
    return Counter(runs=found.published, alerts=found.made, repeats=found.repeats, cut=found.cut)


def main(arguments: list[str]) -> None:
    """Kill as often as asked, each database anew from the ground."""
    folder, ground, seed, way, kills, *seams = arguments
    rng, seen = random.Random(int(seed)), Counter[str]()
    lots = seams or range(0, int(kills), KILLS_PER_DATABASE)
    for number, lot in enumerate(lots):
        place = Path(folder) / f"{seed}-{number}"
        shutil.copytree(ground, place)
        with open_database(place / DATABASE, mode="own") as database:
            adopt(database)  # a copy sends nothing by itself
        if way == "seams":
            seen += at_seam(place, str(lot), int(kills), rng)
        else:
            seen += at_random(place, min(KILLS_PER_DATABASE, int(kills) - int(lot)), rng)
    loaded = ENGINE & {name.partition(".")[0] for name in sys.modules}
    assert not loaded, f"an engine is loaded: {loaded}"
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1:])
