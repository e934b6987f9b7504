"""Row 45: whatever drips, hangs or is not taken up ends at the deadline."""

from __future__ import annotations

import gzip
import io
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from core.clock import stopwatch
from core.http import Client, RequestError
from tests.core.scripted_server import (
    Connection,
    Script,
    ScriptedServer,
)
from tests.faults.network import LOOPBACK, SHORT


def silent(connection: Connection) -> None:
    connection.wait()


def dripping(start: bytes, drops: bytes) -> Script:
    def script(connection: Connection) -> None:
        connection.send(start)
        connection.drip(drops)

    return script


STAGES: dict[str, Script] = {
    "no answer": silent,
    "status line": dripping(b"", b"HTTP/1.1"),
    "headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "endless 100": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body with a length": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"y"),
    "body without a length": dripping(b"HTTP/1.0 200 OK\r\n\r\n", b"y"),
    "chunks": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\ny\r\n"),
    "chunk size": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"y"),
    "gzip": dripping(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], b"\0"
    ),
}


def late(ask: Callable[[], object]) -> float:
    """Return how long a call took that must end by its deadline."""
    started = stopwatch()
    with pytest.raises(RequestError, match=f"took longer than {SHORT} s") as caught:
        ask()
    assert caught.value.transient
    return stopwatch() - started


def test_a_slow_drip_at_any_stage_of_the_answer_ends_at_the_deadline() -> None:
    client = Client(allow_networks=LOOPBACK, deadline=SHORT)
    took = {}
    for stage, script in STAGES.items():
        with ScriptedServer(script) as server:
            took[f"post, {stage}"] = late(lambda: client.post(server.url(), b"x", {}))
            took[f"fetch, {stage}"] = late(lambda: client.fetch(server.url(), io.BytesIO()))
    worst = max(took, key=lambda stage: took[stage])
    print(f"\n{len(took)} drips ended; the slowest after {took[worst]:.2f} of {SHORT} s ({worst})")


def test_a_lookup_that_hangs_ends_at_the_deadline(connects: list[str]) -> None:
    with ScriptedServer(silent, read=False) as server:

        def hang(*_: object, **__: object) -> list[tuple[Any, ...]]:
            with socket.create_connection(("127.0.0.1", server.port)) as never:
                never.recv(1)
            return []

        client = Client(allow_networks=LOOPBACK, resolve=hang, deadline=SHORT)
        took = late(lambda: client.post("http://soc.example/", b"x", {}))
    print(f"\na hanging lookup ended after {took:.2f} of {SHORT} s")


def test_a_connection_that_is_not_taken_up_ends_at_the_deadline() -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # the queue of a listener that never accepts
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        client = Client(allow_networks=LOOPBACK, deadline=SHORT)
        took = late(lambda: client.post(f"http://127.0.0.1:{full.getsockname()[1]}/", b"x", {}))
    print(f"\na connection not taken up ended after {took:.2f} of {SHORT} s")


def test_a_tls_handshake_that_drips_ends_at_the_deadline() -> None:
    client = Client(allow_networks=LOOPBACK, deadline=SHORT)
    # A handshake record of 16 kB is announced, and comes byte by byte.
    with ScriptedServer(dripping(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb", b"\x03")) as server:
        took = late(lambda: client.post(f"https://127.0.0.1:{server.port}/", b"x", {}))
    print(f"\na dripping handshake ended after {took:.2f} of {SHORT} s")


def test_a_receiver_that_does_not_read_ends_at_the_deadline() -> None:
    client = Client(allow_networks=LOOPBACK, deadline=SHORT)
    with ScriptedServer(silent, read=False) as server:
        took = late(lambda: client.post(server.url(), bytes(20_000_000), {}))
    print(f"\na receiver that does not read ended after {took:.2f} of {SHORT} s")
