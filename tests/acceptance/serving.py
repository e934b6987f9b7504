"""`tocsin serve` as a real process in a town, with its log and its periods."""

import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from core.clock import unstamp
from tests.acceptance.town import PROGRAM, Town

PATIENCE = 90.0
"""Seconds to wait for what must happen; far longer than it takes on a busy machine."""
FILE = """
[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]
"""


class Row(NamedTuple):
    """A row of the table of periods."""

    due: datetime
    missed_since: datetime | None
    claimed: datetime
    tries: int
    outcome: str | None
    reason: str


@dataclass
class Service:
    """A running service."""

    town: Town
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def wait_for(self, pattern: str, count: int = 1) -> None:
        give_up = time.monotonic() + PATIENCE
        while len(re.findall(pattern, self.log)) < count:
            assert self.process.poll() is None, f"ended: {self.log}"
            assert time.monotonic() < give_up, f"no {pattern!r} in {self.log}"
            time.sleep(0.05)

    def child(self) -> int:
        """Return the process that works for the service, once there is one."""
        give_up = time.monotonic() + PATIENCE
        while not (found := self.children()):
            assert time.monotonic() < give_up, self.log
            time.sleep(0.01)
        return found[0]

    def children(self) -> list[int]:
        """Return the processes that work for the service now."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def stop(self) -> float:
        """Send SIGTERM, check that it ends well, and return the seconds that it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log
        return time.monotonic() - started


@contextmanager
def serving(town: Town) -> Iterator[Service]:
    """Start the service; kill it at the end if it still runs."""
    log_file = town.folder / f"serve-{time.monotonic_ns()}.log"
    with log_file.open("wb") as err, (town.folder / "screen").open("ab") as out:
        process = subprocess.Popen([str(PROGRAM), "serve"], cwd=town.folder, stdout=out, stderr=err)
    service = Service(town, process, log_file)
    try:
        service.wait_for("INFO tocsin .* serves")
        yield service
    finally:
        process.kill()
        process.wait()


def on_schedule(town: Town, schedule: str, channels: str = FILE, **service: str) -> None:
    """Configure a town with a schedule and further keys of [service]."""
    keys = {"schedule": schedule, **service}
    lines = "".join(f'\n{key} = "{value}"' for key, value in keys.items())
    town.configure(channels, change={'database = "tocsin.db"': f'database = "tocsin.db"{lines}'})


def periods(folder: Path) -> list[Row]:
    with sqlite3.connect(folder / "tocsin.db") as connection:
        rows = connection.execute(
            "SELECT due_at, missed_since, claimed_at, tries, outcome, reason FROM periods "
            "ORDER BY due_at"
        ).fetchall()
    return [
        Row(unstamp(due), unstamp(missed) if missed else None, unstamp(claimed), *rest)
        for due, missed, claimed, *rest in rows
    ]


def wait_until_gone(pid: int) -> None:
    """Wait for the end of a process that is not ours to reap."""
    give_up = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}").exists():
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state == "Z":
            return
        assert time.monotonic() < give_up
        time.sleep(0.01)
