"""Rows 18, 19 and 20 of the fault table: schedules over upgrades, summer time and clock jumps."""

import os
import re
import resource
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from storage.database import open_database
from storage.periods import Ending, Outcome, Periods
from tests.acceptance.town import PROGRAM, QUIET, Town
from tocsin.scheduler import Schedule, parse_schedule
from tocsin.serving.due import Claim, take

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
START = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
DONE = Ending(Outcome.DONE, 0)


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ZONES, indirect=True)
@pytest.mark.parametrize(
    ("line", "step", "periods"), [("30 * * * *", HOUR, 8760), ("30 2 * * *", DAY, 365)]
)
def test_a_year_in_any_zone_has_one_period_an_hour_and_one_a_day(
    zone: str, line: str, step: timedelta, periods: int
) -> None:
    schedule = parse_schedule(line)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert time.localtime(now.timestamp()).tm_gmtoff != 0, "the zone is in force"
    seen = []
    while (due := schedule.next_after(now)) and due.year == 2026:
        seen.append(due)
        now = due
    assert len(seen) == len(set(seen)) == periods
    assert {later - earlier for earlier, later in pairwise(seen)} == {step}
    for due in seen[:: max(1, periods // 365)]:
        assert schedule.newest(due + step / 2) == due
    print(f"{line!r} in {zone}: {len(seen)} periods in a year, each once")


class Service:
    """What serve does by a clock that is wrong by `offset`: take what is due, and finish it."""

    def __init__(self, periods: Periods, schedule: Schedule) -> None:
        self.periods, self.schedule = periods, schedule
        self.time, self.offset = START, timedelta()
        self.ran: list[datetime] = []

    def hours(self, count: int) -> None:
        """Let time pass in steps of a quarter of an hour."""
        for _ in range(4 * count):
            self.wake()
            self.time += HOUR / 4

    def wake(self) -> None:
        now = self.time + self.offset
        claim = take(self.periods, self.schedule, now)
        if isinstance(claim, Claim):
            self.ran.append(claim.row.due)
            self.periods.finish(claim.row.due, DONE, now)


JUMPS = [HOUR, -HOUR, DAY, -DAY, 3652 * DAY]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_clock_that_is_set_and_set_right_again_loses_no_period_and_repeats_none(
    tmp_path: Path, jump: timedelta
) -> None:
    first = START.replace(minute=0)
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        service = Service(Periods(database, "0 * * * *"), parse_schedule("0 * * * *"))
        service.hours(6)
        service.offset = jump
        service.wake()
        at_the_jump = [due for due in service.ran if due > first + 6 * HOUR or due < first]
        service.offset = timedelta()
        service.hours(6)
    wanted = {first + n * HOUR for n in range(13)}
    assert wanted <= set(service.ran), "none is lost"
    assert len(service.ran) == len(set(service.ran)), "none is repeated"
    assert set(service.ran) - wanted <= set(at_the_jump)
    assert len(at_the_jump) <= 1
    print(f"jump {jump} and back: 0 lost, 0 repeated, {len(at_the_jump)} extra run(s)")


@pytest.mark.parametrize("jump", [HOUR, DAY, 3652 * DAY], ids=str)
def test_a_jump_forward_is_one_run_that_names_what_was_missed(
    tmp_path: Path, jump: timedelta
) -> None:
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        schedule = parse_schedule("0 * * * *")
        periods = Periods(database, schedule.text)
        service = Service(periods, schedule)
        service.hours(2)
        known = service.ran[-1]
        service.offset = jump + HOUR
        before, memory = len(service.ran), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(4):
            service.wake()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
        row = periods.latest()
    assert len(service.ran) == before + 1
    assert row
    assert row.missed_since == known + HOUR
    assert grown < 1024, "kilobytes"
    print(f"jump {jump} forward: 1 run, missed since {row.missed_since}, memory +{grown} kB")


def test_schedules_live_in_the_configuration_and_nothing_is_pickled(tmp_path: Path) -> None:
    open_database(tmp_path / "tocsin.db", mode="own").close()
    with sqlite3.connect(tmp_path / "tocsin.db") as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'periods'"
        ).fetchone()
    assert "periods" in tables
    assert not [name for name in tables if "job" in name]
    assert "BLOB" not in sql
    print("0 pickled jobs: the schedule is a line of the configuration, a period a row of text")


LIBRARY = next(map(str, Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), "")
JUMPED = [("+3600", 2), ("+0", 2), ("+86400", 3), ("+0", 3), ("+315360000", 4)]
"""Seconds by which the clock is wrong; how many periods are done by then."""


@pytest.mark.skipif(not LIBRARY, reason="libfaketime is not installed (apt install faketime)")
def test_the_real_service_under_clock_jumps_runs_each_period_once_and_warns(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path)
    town.configure(
        change={'database = "tocsin.db"': 'database = "tocsin.db"\nschedule = "0 * * * *"'}
    )
    town.record({"Calm": QUIET})
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    log = tmp_path / "log"
    fake = {
        "LD_PRELOAD": LIBRARY,
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with (
        log.open("w") as err,
        subprocess.Popen(
            [str(PROGRAM), "serve"], cwd=tmp_path, env={**os.environ, **fake}, stderr=err
        ) as service,
    ):
        try:
            wait_for(log, r"period \S+ done", 1)
            memory = resident(service.pid)
            for number, (jump, done) in enumerate(JUMPED, 1):
                offset.write_text(f"{jump}\n")
                wait_for(log, "the wall clock went", number)
                wait_for(log, r"period \S+ done", done)
            grown = resident(service.pid) / memory
        finally:
            service.send_signal(signal.SIGTERM)
            assert service.wait(20) == 0
    text = log.read_text()
    begun = Counter(re.findall(r"period (\S+?Z).* begins", text))
    assert set(begun.values()) == {1}
    assert len(begun) in {4, 5}, "now, an hour, a day and ten years on; a new hour may have come"
    assert len(re.findall("the wall clock went", text)) == 5
    assert grown < 1.2
    print(
        f"5 jumps of the real clock: {len(begun)} periods, each once, 5 warnings, RSS x{grown:.2f}"
    )


def wait_for(log: Path, pattern: str, count: int) -> None:
    give_up = time.monotonic() + 60
    while len(re.findall(pattern, log.read_text())) < count:
        assert time.monotonic() < give_up, f"{pattern} x{count} in {log.read_text()}"
        time.sleep(0.1)


def resident(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])
