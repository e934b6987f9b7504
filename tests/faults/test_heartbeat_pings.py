"""Row 54 with the real program: killed for real, it is missed; failing, it says so at once."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import SystemClock
from core.errors import ConfigError, FailedError
from storage.database import open_database
from storage.heartbeats import Heartbeats
from tests.acceptance.serving import FILE, PATIENCE, on_schedule, serving, wait_until_gone
from tests.acceptance.town import QUIET, Town
from tocsin.config import load
from tocsin.heartbeat import failures_told

PERIOD = 8.0
SETTINGS = """
[heartbeat]
url = "{url}"
start = "/start"
fail = "/fail"
reasons = true
allow_networks = ["127.0.0.0/8", "::1/128"]
{channels}
"""


def settings(url: str) -> str:
    return SETTINGS.format(url=url, channels=FILE)


class Ping(NamedTuple):
    """What the outside check heard: the end of its address, the body, and when (monotonic)."""

    ending: str
    body: bytes
    at: float


class Outside:
    """An outside check as Healthchecks is one: an address, and "/start" and "/fail" behind it."""

    def __init__(self, server: HTTPServer) -> None:
        self.heard: list[Ping] = []
        self.status = 200
        self.url = server.url_for("/ping/0123")
        for ending in ("", "/start", "/fail"):
            server.expect_request(f"/ping/0123{ending}").respond_with_handler(self._hear)

    def _hear(self, request: Request) -> Response:
        ending = request.path.removeprefix("/ping/0123")
        self.heard.append(Ping(ending, request.data, time.monotonic()))
        return Response(status=self.status)

    def endings(self) -> list[str]:
        return [one.ending for one in self.heard]

    def wait_for(self, ending: str, count: int = 1) -> None:
        give_up = time.monotonic() + PATIENCE
        while self.endings().count(ending) < count:
            assert time.monotonic() < give_up, self.heard
            time.sleep(0.05)


@pytest.fixture
def outside(httpserver: HTTPServer) -> Outside:
    return Outside(httpserver)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.record({"Storm": QUIET})
    return town


def test_row_54_a_service_that_is_killed_is_missed_within_two_periods(
    town: Town, outside: Outside
) -> None:
    on_schedule(town, f"every {PERIOD:.0f}s", settings(outside.url), outbox_every="1s")
    with serving(town) as service:
        outside.wait_for("", 2)
        children = service.children()
        service.process.kill()
        service.process.wait()
        killed = time.monotonic()
    for child in children:
        wait_until_gone(child)
    gone = time.monotonic()
    while time.monotonic() < killed + 2 * PERIOD:
        time.sleep(0.1)
    assert max(one.at for one in outside.heard) <= gone, "the dead say nothing"
    alarm = [one.at for one in outside.heard if one.ending == ""][-1] + 1.5 * PERIOD
    assert alarm <= gone + 2 * PERIOD
    assert outside.endings()[0] == "/start"
    print(
        f"row 54: kill -9 of the service after {len(outside.heard)} pings, 0 in two periods after "
        f"it; the outside check alarms {(alarm - killed) / PERIOD:.2f} periods after the kill"
    )


def test_a_cycle_that_is_killed_is_told_at_once(town: Town, outside: Outside) -> None:
    on_schedule(town, "0 6 * * mon", settings(outside.url), outbox_every="1s")
    with serving(town) as service:
        service.wait_for("begins")
        os.kill(service.child(), signal.SIGKILL)
        outside.wait_for("/fail")
        service.stop()
    assert [one.ending for one in outside.heard if one.ending != "/start"] == ["/fail"]
    (failed,) = (one for one in outside.heard if one.ending == "/fail")
    assert b"signal" in failed.body or b"kill" in failed.body.lower(), failed.body


def test_a_run_tells_that_it_begins_and_that_it_has_come_to_its_end(
    town: Town, outside: Outside
) -> None:
    town.configure(settings(outside.url))
    assert town.tocsin("run").code == 0
    assert outside.endings() == ["/start", ""]
    assert {one.body for one in outside.heard} == {b""}
    town.tocsin("run", "--as-of", "2023-12-31")
    assert len(outside.heard) == 2, "a replay is no sign of life"


@pytest.mark.parametrize(("reasons", "body"), [(True, b"feed: cut; pull again"), (False, b"")])
def test_an_error_that_ends_a_run_is_told_at_once_and_once(
    town: Town, outside: Outside, reasons: bool, body: bytes
) -> None:
    told = settings(outside.url).replace("reasons = true", f"reasons = {reasons}".lower())
    town.configure(told)
    config, clock = load(town.folder / "config.toml"), SystemClock()
    with open_database(town.folder / "tocsin.db", mode="own") as database:
        with (
            pytest.raises(FailedError, match="cut"),
            failures_told(config, database, clock),
        ):
            raise FailedError("feed", "cut", "pull again")
        assert [one[:2] for one in outside.heard] == [("/fail", body)]
        assert Heartbeats(database).last("fail") is not None
        outside.status = 500
        with pytest.raises(ZeroDivisionError), failures_told(config, database, clock):
            raise ZeroDivisionError


def test_a_check_that_hears_of_successes_alone_is_asked_nothing_else(
    town: Town, outside: Outside
) -> None:
    text = settings(outside.url)
    town.configure(text.replace('start = "/start"\n', "").replace('fail = "/fail"\n', ""))
    assert town.tocsin("run").code == 0
    assert outside.endings() == [""]


def test_a_start_that_is_not_taken_holds_up_nothing(town: Town, outside: Outside) -> None:
    town.configure(settings(outside.url))
    outside.status = 503
    answer = town.tocsin("run")
    assert answer.code == 4
    assert "the heartbeat was not taken: HTTP 503" in answer.err
    assert outside.endings() == ["/start", ""]


@pytest.mark.parametrize(
    "ending", ["start", "/start page", "//x\n", "@evil.example", ".evil.example"]
)
def test_an_ending_that_could_lead_elsewhere_is_refused(town: Town, ending: str) -> None:
    quoted = json.dumps(ending)
    town.configure(settings("https://check.example/1").replace('"/start"', quoted))
    with pytest.raises(ConfigError, match="start"):
        load(town.folder / "config.toml")
