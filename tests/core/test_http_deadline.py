"""Deadlines: each ends at its own moment, and one thread sees to all of them."""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from core.clock import stopwatch
from core.http.deadline import Deadline


def waited(seconds: float) -> float:
    """Return how long a read lasts that only its deadline ends."""
    one, other = socket.socketpair()
    began = stopwatch()
    with one, other, Deadline(seconds) as deadline:
        deadline.watch(one)
        assert one.recv(1) == b""
        assert deadline.error("here") is not None
        return stopwatch() - began


def test_a_nearer_deadline_is_met_while_a_farther_one_is_slept_for() -> None:
    with ThreadPoolExecutor(6) as threads, Deadline(60):
        asked = [0.5, 0.1, 0.3, 0.2, 0.4, 0.1]
        found = list(threads.map(waited, asked))
    assert all(seconds <= took < seconds + 5 for seconds, took in zip(asked, found, strict=True))


def test_a_thousand_deadlines_have_one_thread() -> None:
    for _ in range(1_000):
        with Deadline(60) as deadline:
            assert deadline.error("here") is None
    assert [one.name for one in threading.enumerate()].count("deadlines") == 1


def test_a_socket_is_left_alone_once_its_deadline_was_left() -> None:
    one, other = socket.socketpair()
    with one, other:
        with Deadline(0.05) as deadline:
            deadline.watch(one)
        assert waited(0.1) >= 0.1
        other.sendall(b"x")
        assert one.recv(1) == b"x"


def test_a_socket_that_comes_too_late_is_shut_at_once() -> None:
    one, other = socket.socketpair()
    with one, other, Deadline(0) as deadline:
        deadline.watch(one)
        assert one.recv(1) == b""


def test_a_forked_process_has_a_watcher_of_its_own() -> None:
    assert waited(0.05) >= 0.05
    child = os.fork()
    if child == 0:
        os._exit(0 if 0.05 <= waited(0.05) < 5 else 1)
    assert os.waitpid(child, 0)[1] == 0
