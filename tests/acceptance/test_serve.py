"""`tocsin serve` and `tocsin run --if-due`: each period once, whatever happens to the process."""

import json
import os
import random
import re
import resource
import signal
import socket
import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.serving import FILE, PATIENCE, on_schedule, periods, serving, wait_until_gone
from tests.acceptance.town import QUIET, RISING, Town

STEP = timedelta(seconds=4)
KILLS = 5
MAIL = """
[[channels]]
name = "duty"
kind = "email"
from = "tocsin@example.org"
to = ["duty@example.org"]
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}

[[routes]]
channels = ["duty"]
"""


def messages(folder: Path) -> list[dict[str, object]]:
    path = folder / "alerts.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ask(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "tocsin.db") as connection:
        return connection.execute(sql).fetchall()


def test_each_period_runs_once_over_a_restart_and_a_stopped_process(town: Town) -> None:
    on_schedule(town, "every 4s")
    logs = []
    with serving(town) as first:
        first.wait_for("done after", 2)
        assert first.stop() <= 10
        logs.append(first.log)
    with serving(town) as second:
        second.wait_for("done after", 1)
        second.process.send_signal(signal.SIGSTOP)
        stopped = datetime.now(UTC)
        time.sleep(2.5 * STEP.total_seconds())
        continued = datetime.now(UTC)
        second.process.send_signal(signal.SIGCONT)
        second.wait_for("late by .* it stands for those missed from")
        second.wait_for("done after", 3)
        assert second.stop() <= 10
        logs.append(second.log)
    rows = periods(town.folder)
    for before, row in pairwise(rows):
        skipped = row.missed_since == before.due + STEP
        assert skipped or row.due == before.due + STEP, "no silent skip"
    while_stopped = [row for row in rows if stopped < row.due < continued]
    assert len(while_stopped) <= 1, "one catch-up run"
    begins = re.compile(r"period (\S+?Z)(?!.*interrupted).* begins$", re.MULTILINE)
    begun = Counter(begins.findall("".join(logs)))
    assert set(begun.values()) == {1}
    ended_well = [row.outcome == "done" or "stands in for it" in row.reason for row in rows[:-1]]
    assert all(ended_well), "the first stop may have cut one short"
    assert len(messages(town.folder)) == 1, "rings once"
    late = re.findall(r"late by .*? begins", logs[1])
    print(f"{len(rows)} periods, each once; a stop of 10 s: {late[-1]!r}; rang once")


def test_a_digest_that_is_due_is_sent_once_over_a_restart(town: Town) -> None:
    digest = '\ndigest = { every = "day", at = "00:00" }\n'
    on_schedule(town, "every 4s", FILE.replace('"alerts.jsonl"\n', f'"alerts.jsonl"{digest}'))
    with serving(town) as first:
        wait_for_digest(town.folder)
        first.stop()
    with serving(town) as second:
        second.wait_for("done after", 1)
        second.stop()
    (digested,) = (one for one in messages(town.folder) if one["type"] == "service.digest")
    assert "Freedonia" in str(digested["data"])
    before = [one["type"] for one in messages(town.folder)].index("service.digest")
    assert before >= 1, "alerts go first"


def wait_for_digest(folder: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while not any(one["type"] == "service.digest" for one in messages(folder)):
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_a_second_service_is_refused_at_once_and_a_killed_one_frees_its_lock(town: Town) -> None:
    on_schedule(town, "0 6 * * mon", cycle_deadline="10m")
    with serving(town) as first:
        first.wait_for("begins")
        for command in (("serve",), ("run",), ("run", "--if-due")):
            second = town.tocsin(*command)
            assert second.code == 3
            assert f"is in use by process {first.process.pid} on " in second.err
        first.wait_for("outbox: 1 message")
    for _ in range(KILLS):
        with serving(town) as killed:
            killed.process.kill()
            killed.process.wait()
    answer = town.tocsin("run", "--if-due")
    assert answer.code == 0, answer.err
    assert "nothing to run: has run" in answer.out
    print(f"second service: exit 3; lock free after kill -9: {KILLS}/{KILLS}")


def test_a_period_that_a_kill_interrupted_is_begun_again(town: Town) -> None:
    on_schedule(town, "0 6 * * mon")
    with serving(town) as killed:
        killed.wait_for("begins")
        child = killed.child()
        killed.process.kill()
        killed.process.wait()
    wait_until_gone(child)
    assert [row.outcome for row in periods(town.folder)] == [None]
    with serving(town) as again:
        again.wait_for("interrupted before.* begins")
        again.wait_for("done after")
        again.stop()
    (row,) = periods(town.folder)
    assert (row.outcome, row.tries) == ("done", 2)


@pytest.mark.parametrize("stops", [20, pytest.param(100, marks=pytest.mark.nightly)])
def test_stops_at_random_moments_lose_nothing(town: Town, tmp_path: Path, stops: int) -> None:
    whole = Town(tmp_path / "whole")
    whole.folder.mkdir()
    for one in (town, whole):
        on_schedule(one, "every 2s", outbox_every="1s")
        one.record({f"P{n}": RISING if n % 2 else QUIET for n in range(10)})
    assert whole.tocsin("run").code == 0
    rng, longest = random.Random(5), 0.0
    for _ in range(stops):
        with serving(town) as service:
            time.sleep(rng.uniform(0, 1.2))
            longest = max(longest, service.stop())
        assert ask(town.folder, "PRAGMA integrity_check") == [("ok",)]
    with serving(town) as service:
        service.wait_for("done after", 1)
        give_up = time.monotonic() + PATIENCE
        while ask(town.folder, "SELECT count(*) FROM outbox WHERE state = 'delivered'") != [(5,)]:
            assert time.monotonic() < give_up, service.log
            time.sleep(0.1)
        service.stop()
    assert longest <= 10
    told, wanted = messages(town.folder), messages(whole.folder)
    places = Counter(str(message["data"]["place"]) for message in told)  # type: ignore[index]
    assert set(places) == {str(message["data"]["place"]) for message in wanted}  # type: ignore[index]
    assert len({json.dumps(message) for message in told}) == 5, "a repeat is the same, id and body"
    counts = dict(ask(town.folder, "SELECT state, count(*) FROM outbox GROUP BY state"))
    assert counts == {"delivered": 5}, "made = delivered + pending + dead"
    repeated = len(told) - 5
    print(
        f"row 14: {stops} stops, longest {longest:.1f} s: 0 lost, {repeated} repeated, "
        "outbox intact"
    )


def hang(folder: Path) -> str:
    """Make the configuration a pipe without a writer: opening it waits for ever."""
    config = folder / "config.toml"
    text = config.read_text()
    config.unlink()
    os.mkfifo(config)
    return text


def mend(folder: Path, text: str) -> None:
    (folder / "new.toml").write_text(text)
    (folder / "new.toml").replace(folder / "config.toml")


def test_a_cycle_that_hangs_is_killed_at_its_deadline_and_the_next_period_runs(town: Town) -> None:
    on_schedule(town, "every 2s", cycle_deadline="8s")
    with serving(town) as service:
        service.wait_for("done after")
        text = hang(town.folder)
        service.wait_for("is overdue")
        service.wait_for("killed after .*was still at work at its deadline of 8 s")
        told = town.folder / "hung.toml"
        told.write_text(text)
        assert town.tocsin("doctor", "--config", str(told)).code == 4
        mend(town.folder, text)
        done = len(re.findall("done after", service.log))
        service.wait_for("done after", done + 1)
        service.stop()
    rows = periods(town.folder)
    killed = [row for row in rows if row.outcome == "killed"]
    assert killed
    assert all("deadline of 8 s" in row.reason for row in killed)
    assert "done" in {row.outcome for row in rows if row.due > killed[0].due}
    print("a hung cycle: killed at its deadline, overdue told, the next period ran")


def test_a_killed_cycle_is_seen_everywhere_and_the_service_lives(town: Town) -> None:
    on_schedule(town, "0 6 * * mon")
    with serving(town) as service:
        service.wait_for("begins")
        child = service.child()
        os.kill(child, signal.SIGKILL)
        service.wait_for("ERROR period .* killed after .*SIGKILL")
        ill = town.tocsin("doctor")
        assert ill.code == 4
        assert "schedule: period" in ill.out
        assert "killed (exit code -9): was ended by SIGKILL" in ill.out
        assert service.process.poll() is None
        service.stop()


def test_a_channel_that_hangs_stops_neither_the_clock_nor_the_end(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        on_schedule(town, "every 2s", MAIL.format(port=deaf.getsockname()[1]), outbox_every="1s")
        with serving(town) as service:
            service.wait_for("done after", 3)
            took = service.stop()
            assert "outbox: stopped with the service" in service.log
    assert took <= 10
    assert ask(town.folder, "SELECT state FROM outbox") == [("pending",)]
    print(f"a mail server that never answers: cycles went on, stopped in {took:.1f} s, 0 lost")


def test_a_disk_that_fails_is_told_once_and_the_ending_is_recorded_when_it_works(
    town: Town,
) -> None:
    on_schedule(town, "every 3s")
    with serving(town) as service:
        service.wait_for("done after")
        service.wait_for("begins", 2)
        _, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        service.wait_for("ERROR .*tocsin.db: the disk")
        time.sleep(4)  # some more tries
        told = re.findall("ERROR .*(the disk .*)", service.log)
        assert len(told) == len(set(told)), "each once"
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        service.wait_for("the database can be used again")
        service.wait_for("done after", 3)
        service.stop()
    rows = periods(town.folder)
    assert [row.outcome for row in rows[:2]] == ["done", "done"]
    for before, row in pairwise(rows):
        assert before.due + timedelta(seconds=3) in {row.due, row.missed_since}
    assert ask(town.folder, "PRAGMA integrity_check") == [("ok",)]
    print(
        f"a disk that fails for a while: told {len(told)} line(s), 0 endings lost, 0 silent skips"
    )


def test_if_due_runs_a_period_once_and_says_what_comes_next(town: Town) -> None:
    on_schedule(town, "0 6 * * mon")
    first = town.tocsin("run", "--if-due")
    assert first.code == 0, first.err
    assert "the first of this schedule" in first.out
    assert "Freedonia/Storm" in first.out
    second = town.tocsin("run", "--if-due", "--format", "json")
    assert (second.code, second.out) == (0, "")
    assert "nothing to run: has run; next period 2" in second.err
    assert ask(town.folder, "SELECT outcome, exit_code, run_id FROM periods") == [("done", 0, 1)]
    assert len(messages(town.folder)) == 1
    well = town.tocsin("doctor")
    assert well.code == 0
    assert re.search(r"schedule: period \S+ done; .*next 2", well.out)


def test_if_due_records_a_failure_and_leaves_it_to_the_next_period(town: Town) -> None:
    on_schedule(town, "0 6 * * mon")
    (town.folder / "incidents.csv").write_bytes(b"")
    assert town.tocsin("run", "--if-due").code == 2
    ((outcome, code, reason),) = ask(town.folder, "SELECT outcome, exit_code, reason FROM periods")
    assert (outcome, code) == ("failed", 2)
    assert "incidents.csv" in str(reason)
    ill = town.tocsin("doctor")
    assert ill.code == 4
    assert "failed (exit code 2)" in ill.out
    assert town.tocsin("run", "--if-due").code == 0
    usage = town.tocsin("run", "--if-due", "--as-of", "2024-01-01")
    assert usage.code == 2
    assert "leave one of them out" in usage.err
