"""`tocsin serve` with a `[web]` table: pages and API beside the schedule, and never in its way."""

import os
import signal
import socket
import time
from pathlib import Path

import requests

from tests.acceptance.serving import FILE, PATIENCE, Service, on_schedule, serving, wait_until_gone
from tests.acceptance.shown_api import made_questions, written_questions
from tests.acceptance.town import Town


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alive(port: int, service: Service) -> bool:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        try:
            return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE).ok
        except requests.ConnectionError:
            assert service.process.poll() is None, service.log
            time.sleep(0.1)
    return False


def test_the_service_serves_restarts_what_was_killed_and_stops_in_time(town: Town) -> None:
    port = free_port()
    on_schedule(town, "0 6 1 1 *", f'{FILE}\n[web]\nlisten = "127.0.0.1:{port}"\n')
    with serving(town) as service:
        service.wait_for("INFO pages and API on http://127")
        service.wait_for("INFO outbox: ")  # only the web process is left
        assert alive(port, service)
        child = service.child()
        os.kill(child, signal.SIGKILL)
        service.wait_for("pages and API: was ended by SIGKILL.*; started again in 2 s")
        wait_until_gone(child)
        service.wait_for("INFO pages and API on http://127", 2)
        assert alive(port, service)
        child = service.child()
        assert service.stop() < 10
        wait_until_gone(child)


def test_a_port_that_is_taken_is_told_and_the_service_goes_on(town: Town) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        on_schedule(town, "0 6 1 1 *", f'{FILE}\n[web]\nlisten = "127.0.0.1:{port}"\n')
        with serving(town) as service:
            service.wait_for(rf"127.0.0.1:{port}: cannot be listened on; another program may")
            assert service.process.poll() is None
            service.stop()


def test_the_page_of_the_api_shows_what_the_service_answers(tmp_path: Path) -> None:
    assert written_questions() == made_questions(tmp_path)
