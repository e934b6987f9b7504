"""Row 54: the notifier itself dies, and an outside check and the next process both say so."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.blindness import Sight
from storage.database import Database, open_database
from storage.heartbeats import Heartbeats
from storage.installation import hold
from storage.outbox import Outbox
from storage.periods import Ending, Outcome, Periods
from tests.acceptance.town import Town
from tests.alerts.samples import MovingClock
from tests.storage.test_outbox import fill
from tocsin.config import Config, load
from tocsin.heartbeat import Reason, beat, heartbeat_due, standing
from tocsin.scheduler import parse_schedule
from tocsin.sight import tell_if_blind

DAILY = parse_schedule("0 6 * * *")
START = datetime(2026, 3, 9, 6, tzinfo=UTC)
DAY = timedelta(days=1)
CHANNELS = """
[heartbeat]
url = "{url}"
allow_networks = ["127.0.0.0/8", "::1/128"]

[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[channels]]
name = "duty"
kind = "file"
path = "duty.jsonl"

[[routes]]
channels = ["log"]
"""


class Outside:
    """The outside check: it hears heartbeats and alarms after a period and a half without one."""

    def __init__(self, server: HTTPServer, clock: MovingClock) -> None:
        self.clock, self.heard, self.status = clock, [], 200
        server.expect_request("/beat").respond_with_handler(self._hear)

    def _hear(self, _request: Request) -> Response:
        if self.status == 200:
            self.heard.append(self.clock.now())
        return Response(status=self.status)

    @property
    def alarmed(self) -> bool:
        return self.clock.now() - self.heard[-1] > 1.5 * DAY


@pytest.fixture
def config(tmp_path: Path, httpserver: HTTPServer) -> Config:
    town = Town(tmp_path)
    town.configure(CHANNELS.format(url=httpserver.url_for("/beat")))
    return load(tmp_path / "config.toml")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        yield database


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(START)


def ran(database: Database, clock: MovingClock, outcome: Outcome = Outcome.DONE) -> None:
    """Claim the newest period and end it, as a cycle does."""
    periods, due = Periods(database, DAILY.text), DAILY.newest(clock.now())
    assert due
    periods.claim(due, None, clock.now())
    clock.forward(60)
    periods.finish(due, Ending(outcome, 0), clock.now())


def test_the_outside_check_hears_one_heartbeat_a_cycle_and_alarms_within_two_periods_of_the_last(
    config: Config, database: Database, clock: MovingClock, httpserver: HTTPServer
) -> None:
    outside = Outside(httpserver, clock)
    for day in range(5):
        clock.instant = START + day * DAY
        ran(database, clock)
        assert beat(config, database, clock) == []
        assert beat(config, database, clock) == []  # one per cycle
        assert not outside.alarmed
    killed = clock.now()
    assert len(outside.heard) == 5
    while not outside.alarmed:
        clock.forward(3600)
    silence = clock.now() - killed
    assert silence <= 2 * DAY
    print(f"row 54: by a moving clock, the outside check alarmed after {silence / DAY:.2f} periods")


def test_no_heartbeat_while_messages_wait_or_the_database_must_not_send(
    config: Config, database: Database, clock: MovingClock, httpserver: HTTPServer
) -> None:
    outside = Outside(httpserver, clock)
    outbox = fill(database, 1)
    ran(database, clock)
    assert beat(config, database, clock) == ["no heartbeat was sent: the outbox has not drained"]
    assert outside.heard == []
    outbox.give_up_waiting(clock.now())
    hold(database, "this is a copy")
    assert beat(config, database, clock) != []
    assert outside.heard == []


def test_a_failed_cycle_gives_no_heartbeat(
    config: Config, database: Database, clock: MovingClock, httpserver: HTTPServer
) -> None:
    outside = Outside(httpserver, clock)
    ran(database, clock, Outcome.FAILED)
    assert standing(config, database, clock.now()) is Reason.NO_NEW_CYCLE
    assert beat(config, database, clock) == []
    assert outside.heard == []


def test_a_heartbeat_that_was_not_taken_is_told_and_tried_again(
    config: Config, database: Database, clock: MovingClock, httpserver: HTTPServer
) -> None:
    outside = Outside(httpserver, clock)
    outside.status = 500
    ran(database, clock)
    (line,) = beat(config, database, clock)
    assert line == "the heartbeat was not taken: HTTP 500"
    assert Heartbeats(database).owed()
    outside.status = 200
    assert beat(config, database, clock) == []
    assert len(outside.heard) == 1


@pytest.mark.parametrize(
    ("committed", "drained", "reason"),
    [
        (True, True, Reason.DUE),
        (True, False, Reason.NOT_DRAINED),
        (False, True, Reason.NO_NEW_CYCLE),
        (False, False, Reason.NO_NEW_CYCLE),
    ],
)
def test_a_heartbeat_has_a_named_reason(
    config: Config, committed: bool, drained: bool, reason: Reason
) -> None:
    assert heartbeat_due(config.heartbeat, committed=committed, drained=drained) is reason
    unset = heartbeat_due(None, committed=committed, drained=drained, failed=True)
    assert unset is Reason.NOT_CONFIGURED
    mute = heartbeat_due(config.heartbeat, committed=committed, drained=drained, failed=True)
    assert mute is reason, "a check without an address for failures hears of successes alone"


@pytest.mark.parametrize(("told", "reason"), [(False, Reason.FAILED), (True, Reason.FAILURE_TOLD)])
def test_a_failure_is_told_once_and_before_any_success(
    config: Config, told: bool, reason: Reason
) -> None:
    assert config.heartbeat
    settings = config.heartbeat.model_copy(update={"fail": "/fail"})
    for committed, drained in itertools.product((True, False), repeat=2):
        found = heartbeat_due(
            settings, committed=committed, drained=drained, failed=True, told=told
        )
        assert found is reason


def waiting(database: Database) -> list[tuple[str, str]]:
    rows = database.rows("SELECT channel, body FROM outbox WHERE kind = 'notice' ORDER BY place")
    return [(channel, json.loads(body)["data"]["event"]) for channel, body in rows]


def test_the_next_process_that_starts_tells_once_that_we_were_blind(
    config: Config, database: Database, clock: MovingClock
) -> None:
    assert tell_if_blind(config, database, DAILY, clock) is Sight.NEVER_RAN
    ran(database, clock)
    assert tell_if_blind(config, database, DAILY, clock) is Sight.SEES
    clock.forward(3 * 86_400)
    for _ in range(5):
        assert tell_if_blind(config, database, DAILY, clock) is Sight.BLIND
        clock.forward(3600)
    assert waiting(database) == [("log", "blind"), ("duty", "blind")]
    ran(database, clock)
    assert tell_if_blind(config, database, DAILY, clock) is Sight.SEES
    clock.forward(3 * 86_400)
    tell_if_blind(config, database, DAILY, clock)
    assert len(waiting(database)) == 4


def test_cycles_that_keep_failing_are_blindness_too(
    config: Config, database: Database, clock: MovingClock
) -> None:
    ran(database, clock)
    clock.instant = START + DAY
    ran(database, clock, Outcome.FAILED)
    clock.forward(7 * 3600)
    assert tell_if_blind(config, database, DAILY, clock) is Sight.BLIND
    assert Outbox(database).waiting(clock.now())


def test_tocsin_run_beats_when_its_cycle_has_committed_and_its_messages_are_sent(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    beats: list[bytes] = []

    def hear(request: Request) -> Response:
        beats.append(request.data)
        return Response(status=200)

    httpserver.expect_request("/beat").respond_with_handler(hear)
    town = Town(tmp_path)
    town.configure(CHANNELS.format(url=httpserver.url_for("/beat")))
    town.record({"Storm": [5, 6, 8, 9, 10, 12] * 5})
    assert town.tocsin("run").code == 0
    assert beats == [b""]
    town.tocsin("run", "--as-of", "2023-12-31")
    assert len(beats) == 1  # a replay is no sign of life
