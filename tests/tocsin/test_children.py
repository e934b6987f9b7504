"""Child processes of the service: whatever becomes of them, the service learns it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from storage.database import Database, open_database
from storage.periods import Outcome
from tests.acceptance.town import QUIET, Town
from tocsin.serving.children import Child
from tocsin.serving.orders import Kind, Order, Report

T = TypeVar("T")
LIMIT = 4096
PATIENCE = 60


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.configure()
    made.record({"Calm": QUIET})
    return made


@pytest.fixture
def owned(town: Town) -> Iterator[Database]:
    with open_database(town.folder / "tocsin.db", mode="own") as database:
        yield database


def start(
    owned: Database, kind: Kind = "cycle", deadline: int = PATIENCE, limit: int = LIMIT
) -> Child:
    config = owned.path.with_name("config.toml")
    return Child(Order(kind, config, owned.path, owned.owner_descriptor, limit), deadline)


def until(answer: Callable[[], T | None]) -> T:
    """Return the first answer that is one."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        found = answer()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("nothing happened")


def hang(owned: Database) -> None:
    """Make the configuration a pipe that nobody writes: opening it waits for ever."""
    config = owned.path.with_name("config.toml")
    config.unlink()
    os.mkfifo(config)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def ended(child: Child) -> Report:
    return until(child.poll)


def test_a_cycle_in_a_child_publishes_its_run_under_the_lock_of_its_parent(
    owned: Database, town: Town
) -> None:
    report = ended(start(owned))
    assert report.ending.outcome is Outcome.DONE, report
    assert (report.ending.exit_code, report.ending.run) == (0, 1)
    assert report.words == "run 1, 0 new messages"
    other = town.tocsin("run")
    assert other.code == 3
    assert f"in use by process {os.getpid()}" in other.err, "the child left the holder's name"


def test_a_degraded_cycle_and_a_refused_one_end_with_their_codes_and_reasons(
    owned: Database, town: Town
) -> None:
    (town.folder / "incidents.csv").write_bytes(b"")
    refused = ended(start(owned))
    assert (refused.ending.outcome, refused.ending.exit_code) == (Outcome.FAILED, 2)
    assert "incidents.csv" in refused.ending.reason
    town.record({"Calm": QUIET})
    ended(start(owned))
    (town.folder / "incidents.csv").write_bytes(b"")
    degraded = ended(start(owned))
    assert (degraded.ending.outcome, degraded.ending.exit_code) == (Outcome.DEGRADED, 4)
    assert "incidents.csv" in degraded.ending.reason


def test_a_configuration_that_has_become_invalid_fails_the_cycle_with_its_line(
    owned: Database, town: Town
) -> None:
    town.configure(change={"horizon = 3": "horizont = 3"})
    report = ended(start(owned))
    assert (report.ending.outcome, report.ending.exit_code) == (Outcome.FAILED, 2)
    assert "did you mean 'horizon'?" in report.ending.reason


def test_a_child_that_hangs_is_killed_at_its_deadline(owned: Database) -> None:
    hang(owned)
    child = start(owned, deadline=1)
    report = ended(child)
    assert (report.ending.outcome, report.ending.exit_code) == (Outcome.KILLED, -9)
    assert report.ending.reason == "was still at work at its deadline of 1 s"
    assert gone(child.pid)


def test_a_child_that_was_killed_is_told_apart_from_one_that_failed(owned: Database) -> None:
    hang(owned)
    child = start(owned)
    os.kill(child.pid, signal.SIGKILL)
    report = ended(child)
    assert (report.ending.outcome, report.ending.exit_code) == (Outcome.KILLED, -9)
    assert "SIGKILL, by a person or for want of memory" in report.ending.reason


def test_over_its_memory_limit_a_cycle_fails_and_says_which_key_to_raise(owned: Database) -> None:
    report = ended(start(owned, limit=16))
    assert report.ending.outcome in {Outcome.FAILED, Outcome.KILLED}
    assert report.ending.exit_code != 0
    assert report.ending.outcome is Outcome.KILLED or "memory_limit_mb = 16" in report.ending.reason


def test_a_child_without_the_lock_of_the_database_is_refused(owned: Database) -> None:
    config = owned.path.with_name("config.toml")
    with Path(os.devnull).open() as other:
        report = ended(Child(Order("cycle", config, owned.path, other.fileno(), LIMIT), PATIENCE))
    assert (report.ending.outcome, report.ending.exit_code) == (Outcome.FAILED, 3)
    assert "the lock that was passed on is not its own" in report.ending.reason


def test_a_child_inherits_the_lock_and_its_report_and_no_connection(owned: Database) -> None:
    hang(owned)
    child = start(owned)
    folder = Path(f"/proc/{child.pid}/fd")
    until(lambda: "tocsin.serving" in Path(f"/proc/{child.pid}/cmdline").read_text())
    files = [str(link.readlink()) for link in folder.iterdir()]
    assert f"{owned.path}.lock" in files
    assert str(owned.path) not in files
    child.kill("test")


PARENT = """
import sys
from pathlib import Path
from storage.database import open_database
from tocsin.serving.children import Child
from tocsin.serving.orders import Order
database = Path(sys.argv[1])
owned = open_database(database, mode="own")
order = Order("cycle", database.with_name("config.toml"), database, owned.owner_descriptor, 4096)
print(Child(order, 60).pid, flush=True)
sys.stdin.read()
"""


def test_a_child_ends_with_its_parent_and_the_lock_is_free(owned: Database) -> None:
    owned.close()
    hang(owned)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(owned.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    assert parent.stdin
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    until(lambda: gone(pid))
    open_database(owned.path, mode="own").close()


INJECTED = """
import sys
if "tocsin.serving" in sys.orig_argv:
    import asyncio, os
    from tocsin.serving import job
    class Odd(BaseException): pass
    def broken(order):
        {error}
    job._WORK["cycle"] = broken
"""
ERRORS = [
    "raise RuntimeError('secret text')",
    "raise SystemExit(0)",
    "raise KeyboardInterrupt",
    "raise GeneratorExit",
    "raise asyncio.CancelledError",
    "raise Odd('secret text')",
    "raise MemoryError",
    "broken(order)",
    "os._exit(0)",
    "os._exit(4)",
    "os.abort()",
]


@pytest.mark.parametrize("error", ERRORS)
def test_whatever_a_cycle_raises_is_a_failure_that_the_service_sees(
    owned: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(INJECTED.format(error=error), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    report = ended(start(owned))
    assert report.ending.outcome in {Outcome.FAILED, Outcome.KILLED}
    assert report.ending.reason
    assert "secret" not in report.ending.reason
