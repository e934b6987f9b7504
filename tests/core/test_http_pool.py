"""Kept connections: used again only for the address that was just looked up and allowed."""

from __future__ import annotations

import gc
import itertools
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from core.http import Client, RequestError, pool
from tests.core.scripted_server import Connection, Script, ScriptedServer, answering, reply

LOOPBACK = ["127.0.0.0/8"]


def keeping(answer: bytes, requests: int = 1_000_000) -> Script:
    """Answer each request on a connection, which is closed without a word after some."""

    def script(connection: Connection) -> None:
        connection.send(answer)
        for _ in range(requests - 1):
            connection.read_request()
            connection.send(answer)

    return script


@pytest.fixture
def client() -> Client:
    return Client(allow_networks=LOOPBACK, deadline=5)


def test_a_hundred_posts_need_one_connection(client: Client) -> None:
    with ScriptedServer(keeping(reply(200, b"taken"))) as server:
        answers = [client.post(server.url(), b"x", {}) for _ in range(100)]
        client.close()
    assert {(answer.status, answer.body) for answer in answers} == {(200, b"taken")}
    assert server.connections == 1


def test_one_handshake_serves_them_all(tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = Client(allow_networks=LOOPBACK, ca_file=tmp_path / "ca.pem", deadline=5)
    with ScriptedServer(keeping(reply(200)), tls=context) as server:
        for _ in range(20):
            assert client.post(server.url(), b"x", {}).status == 200
        client.close()
    assert server.connections == 1


def test_a_receiver_that_hangs_up_without_a_word_still_gets_everything(client: Client) -> None:
    with ScriptedServer(keeping(reply(200), requests=7)) as server:
        for _ in range(50):
            assert client.post(server.url(), b"x", {}).status == 200
    assert server.connections == 8


def test_a_receiver_that_says_it_closes_is_believed(client: Client) -> None:
    with ScriptedServer(keeping(reply(200, Connection="close"))) as server:
        for _ in range(3):
            client.post(server.url(), b"x", {})
    assert server.connections == 3


def test_an_answer_that_was_not_read_to_its_end_ends_its_connection(client: Client) -> None:
    long = reply(200, b"y" * 100_000)
    with ScriptedServer(keeping(long)) as server:
        for _ in range(3):
            assert len(client.post(server.url(), b"x", {}).body) == 65_536
    assert server.connections == 3


def test_words_that_nobody_asked_for_are_no_answer_to_the_next_request(client: Client) -> None:
    with ScriptedServer(keeping(reply(200) + reply(418))) as server:
        found = [client.post(server.url(), b"x", {}).status for _ in range(5)]
    assert found == [200] * 5


def test_an_idle_connection_is_not_trusted_for_long(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_IDLE_SECONDS", -1.0)
    with ScriptedServer(keeping(reply(200))) as server:
        for _ in range(3):
            client.post(server.url(), b"x", {})
        client.close()
    assert server.connections == 3


class Lookups:
    """A resolver that gives one address after the other, over and over."""

    def __init__(self, *addresses: str) -> None:
        self._turns = itertools.cycle(addresses)

    def __call__(self, _host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, 1, 6, "", (next(self._turns), port))]


def test_a_kept_connection_is_not_used_for_another_address() -> None:
    lookups = Lookups("127.0.0.1", "127.0.0.2")
    client = Client(allow_networks=LOOPBACK, resolve=lookups, deadline=5)
    with ScriptedServer(keeping(reply(200)), host="0.0.0.0") as server:
        for _ in range(10):
            client.post(server.url(host="soc.example"), b"x", {})
        client.close()
    assert server.connections == 10


def test_a_kept_connection_is_no_way_around_a_lookup_that_is_refused() -> None:
    lookups = Lookups("127.0.0.1", "127.0.0.1", "169.254.169.254")
    client = Client(allow_networks=LOOPBACK, resolve=lookups, deadline=5)
    told = []
    with ScriptedServer(keeping(reply(200)), host="0.0.0.0") as server:
        for _ in range(30):
            try:
                told.append(client.post(server.url(host="soc.example"), b"x", {}).status)
            except RequestError as error:
                told.append("metadata" in str(error))
        client.close()
    assert told == [200, 200, True] * 10
    assert server.connections == 10


def test_each_host_and_port_has_a_connection_of_its_own(client: Client) -> None:
    with (
        ScriptedServer(keeping(reply(200))) as one,
        ScriptedServer(keeping(reply(202))) as other,
    ):
        for _ in range(5):
            assert client.post(one.url(), b"x", {}).status == 200
            assert client.post(other.url(), b"x", {}).status == 202
        client.close()
    assert (one.connections, other.connections) == (1, 1)


def test_threads_never_share_a_connection(client: Client) -> None:
    found: list[bytes] = []

    def echo(connection: Connection) -> None:
        while True:
            connection.send(reply(200, connection.body))
            connection.read_request()

    def post(name: bytes) -> None:
        found.extend(
            client.post(server.url(), name, {}).body.replace(name, b"own") for _ in range(50)
        )

    with ScriptedServer(echo) as server:
        threads = [threading.Thread(target=post, args=(b"%d" % n,)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.close()
    assert found == [b"own"] * 200


def test_a_slow_answer_on_a_kept_connection_ends_at_the_deadline() -> None:
    client = Client(allow_networks=LOOPBACK, deadline=0.3)

    def script(connection: Connection) -> None:
        connection.send(reply(200))
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\n")
        connection.drip(b"X: y\r\n")

    with ScriptedServer(script) as server:
        client.post(server.url(), b"x", {})
        with pytest.raises(RequestError, match=r"took longer than 0\.3 s"):
            client.post(server.url(), b"x", {})
    assert server.connections == 1


def test_what_is_kept_ends_with_its_client() -> None:
    with ScriptedServer(keeping(reply(200))) as server:  # waits for its connections to end
        client = Client(allow_networks=LOOPBACK, deadline=5)
        client.post(server.url(), b"x", {})
        del client
        gc.collect()


def test_a_fetch_keeps_nothing(client: Client, tmp_path: Path) -> None:
    with ScriptedServer(answering(reply(200, b"rows"))) as server:
        for _ in range(2):
            with (tmp_path / "rows").open("wb") as sink:
                client.fetch(server.url(), sink)
    assert b"Connection: close\r\n" in server.heads[0]
    assert server.connections == 2
