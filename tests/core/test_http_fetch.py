"""Fetches: conditional, whole or refused, within limits, patient with what passes."""

import gzip
import io
import random
import ssl
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import FixedClock
from core.http import Client, Limits, RequestError
from tests.core.scripted_server import (
    ScriptedServer,
    answering,
    chunked,
    reply,
)

LIMITS = Limits()
LOOPBACK = ["127.0.0.0/8"]
CSV = b"id,date\n" + b"".join(b"%d,2021-10-%02d\n" % (n, n % 28 + 1) for n in range(2_000))
NOISE = random.Random(7).randbytes(24 * 1024)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Client:
    clock = FixedClock(datetime(2022, 10, 1, tzinfo=UTC))
    return Client(allow_networks=LOOPBACK, deadline=20, clock=clock, sleep=waits.append)


def fetched(client: Client, answer: bytes, limits: Limits = LIMITS) -> bytes:
    sink = io.BytesIO()
    with ScriptedServer(answering(answer)) as server:
        assert client.fetch(server.url(), sink, limits=limits).status == 200
    return sink.getvalue()


GOOD = {
    "with a length": reply(200, CSV),
    "in chunks": chunked(CSV),
    "until the connection closes": b"HTTP/1.0 200 OK\r\n\r\n" + CSV,
    "gzip": reply(200, gzip.compress(CSV), Content_Encoding="gzip"),
    "gzip in chunks": chunked(gzip.compress(CSV), 7, Content_Encoding="x-gzip"),
    "gzip in two members": reply(
        200, gzip.compress(CSV[:99]) + gzip.compress(CSV[99:]), Content_Encoding="gzip"
    ),
    "identity": reply(200, CSV, Content_Encoding="identity"),
}


@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD.keys())
def test_the_sink_gets_the_decoded_body(client: Client, answer: bytes) -> None:
    assert fetched(client, answer) == CSV


def test_an_empty_source_is_an_empty_sink(client: Client) -> None:
    assert fetched(client, reply(200, b"")) == b""


def test_the_last_answers_tags_are_asked_with_and_304_is_an_answer(client: Client) -> None:
    sink = io.BytesIO()
    modified = "Fri, 01 Oct 2021 00:00:00 GMT"
    with ScriptedServer(answering(reply(304, ETag='"v2"'))) as server:
        answer = client.fetch(server.url(), sink, etag='W/"v1"', modified=modified)
    assert (answer.status, answer.headers["etag"], sink.getvalue()) == (304, '"v2"', b"")
    assert b'If-None-Match: W/"v1"\r\n' in server.heads[0]
    assert b"If-Modified-Since: " + modified.encode() in server.heads[0]


def test_without_tags_nothing_conditional_is_asked(client: Client) -> None:
    with ScriptedServer(answering(reply(200))) as server:
        client.fetch(server.url(), io.BytesIO(), headers={"Authorization": "Bearer t"})
    assert b"If-" not in server.heads[0]
    assert b"Authorization: Bearer t\r\n" in server.heads[0]


def test_the_type_is_passed_on_for_the_feed_to_judge(client: Client) -> None:
    with ScriptedServer(answering(reply(200, b"<html>", Content_Type="text/html"))) as server:
        answer = client.fetch(server.url(), io.BytesIO())
    assert answer.headers["content-type"] == "text/html"


CUTS: dict[str, Callable[[bytes], bytes]] = {
    "length": lambda body: reply(200, body),
    "chunks": chunked,
    "gzip": lambda body: reply(200, gzip.compress(body), Content_Encoding="gzip"),
    "gzip without length": lambda body: (
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(body)
    ),
}


@pytest.mark.parametrize("whole", CUTS.values(), ids=CUTS.keys())
def test_a_body_cut_at_any_kilobyte_is_refused(
    client: Client, whole: Callable[[bytes], bytes]
) -> None:
    answer = whole(NOISE)
    start = answer.index(b"\r\n\r\n") + 4
    cuts = [*range(start, len(answer), 1024), len(answer) - 8]
    with ScriptedServer(answering(*(answer[:cut] for cut in cuts), answer)) as server:
        for cut in cuts:
            with pytest.raises(RequestError, match=r"broke|cut") as caught:
                client.fetch(server.url(), io.BytesIO())
            assert caught.value.transient, cut
        sink = io.BytesIO()
        client.fetch(server.url(), sink)
    assert sink.getvalue() == NOISE
    assert server.connections == len(cuts) + 1, "a body that broke is not asked for again at once"


@pytest.mark.parametrize("at", [12, 100, 5_000, -6, -1])
def test_a_damaged_gzip_body_is_refused(client: Client, at: int) -> None:
    packed = bytearray(gzip.compress(CSV))
    packed[at] ^= 0xFF
    with pytest.raises(RequestError, match="gzip stream is"):
        fetched(client, reply(200, bytes(packed), Content_Encoding="gzip"))


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(client: Client, encoding: str) -> None:
    with pytest.raises(RequestError, match="encoding that was not asked for"):
        fetched(client, reply(200, zlib.compress(CSV), Content_Encoding=encoding))


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(wire=1_000), "larger than 1,000 bytes"),
        (Limits(decoded=30_000), "more than 30,000 bytes"),
    ],
)
def test_a_body_over_a_limit_is_refused_for_good(
    client: Client, limits: Limits, problem: str
) -> None:
    with pytest.raises(RequestError, match=problem) as caught:
        fetched(client, reply(200, gzip.compress(CSV), Content_Encoding="gzip"), limits)
    assert not caught.value.transient


def test_a_body_at_its_limits_is_taken(client: Client) -> None:
    packed = gzip.compress(CSV)
    limits = Limits(wire=len(packed), decoded=len(CSV))
    assert fetched(client, reply(200, packed, Content_Encoding="gzip"), limits) == CSV


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_transient_answers_are_tried_again_after_a_pause(
    client: Client, waits: list[float], status: int
) -> None:
    with ScriptedServer(answering(reply(status), reply(status), reply(200, CSV))) as server:
        sink = io.BytesIO()
        assert client.fetch(server.url(), sink).status == 200
    assert (server.connections, sink.getvalue()) == (3, CSV)
    assert 0.5 <= waits[0] <= 0.6
    assert 2.0 <= waits[1] <= 2.4


def test_after_three_tries_the_error_says_so_and_when_to_come_back(
    client: Client, waits: list[float]
) -> None:
    with ScriptedServer(answering(reply(503, Retry_After="3600"))) as server:
        with pytest.raises(RequestError, match="answered 503") as caught:
            client.fetch(server.url(), io.BytesIO())
        assert server.connections == 3
    assert (caught.value.transient, caught.value.retry_after) == (True, 3600.0)
    assert all(10.0 <= wait <= 12.0 for wait in waits), "clamped"


def test_a_retry_after_date_is_heeded(client: Client, waits: list[float]) -> None:
    later = "Sat, 01 Oct 2022 00:00:04 GMT"
    with ScriptedServer(answering(reply(429, Retry_After=later), reply(200))) as server:
        client.fetch(server.url(), io.BytesIO())
    assert len(waits) == 1
    assert 4.0 <= waits[0] <= 4.8


def test_a_pause_that_would_pass_the_deadline_is_not_begun(waits: list[float]) -> None:
    client = Client(allow_networks=LOOPBACK, deadline=3, sleep=waits.append)
    with ScriptedServer(answering(reply(503, Retry_After="5"))) as server:
        with pytest.raises(RequestError, match="answered 503"):
            client.fetch(server.url(), io.BytesIO())
        assert server.connections == 1
    assert waits == []


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 500])
def test_other_answers_are_errors_at_once(client: Client, waits: list[float], status: int) -> None:
    sink = io.BytesIO()
    with ScriptedServer(answering(reply(status, b"no"))) as server:
        with pytest.raises(RequestError, match=f"answered {status}") as caught:
            client.fetch(server.url(), sink)
        assert server.connections == 1
    assert (waits, sink.getvalue(), caught.value.transient) == ([], b"", False)


def test_a_connection_that_fails_before_an_answer_is_tried_again(
    client: Client, waits: list[float]
) -> None:
    with ScriptedServer(answering(b"", reply(200, CSV))) as server:
        sink = io.BytesIO()
        client.fetch(server.url(), sink)
    assert (len(waits), sink.getvalue()) == (1, CSV)


def test_an_error_of_the_sink_is_not_taken_for_one_of_the_network(client: Client) -> None:
    with (
        ScriptedServer(answering(reply(200, CSV))) as server,
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(OSError, match="No space left"),
    ):
        client.fetch(server.url(), full)


def tls_pair(name: str) -> tuple[trustme.CA, ssl.SSLContext]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return authority, context


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_same_host_over_tls_is_followed(
    status: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority, context = tls_pair("127.0.0.1")
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    client = Client(allow_networks=LOOPBACK, ca_file=ca_file, deadline=5)
    script = answering(reply(status, Location="/new?v=2"), reply(200, CSV))
    with ScriptedServer(script, tls=context) as server:
        sink = io.BytesIO()
        client.fetch(server.url("/old"), sink)
    assert sink.getvalue() == CSV
    assert [head.split(b"\r\n")[0] for head in server.heads] == [
        b"GET /old HTTP/1.1",
        b"GET /new?v=2 HTTP/1.1",
    ]


def test_a_circle_of_redirects_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    authority, context = tls_pair("127.0.0.1")
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    client = Client(allow_networks=LOOPBACK, ca_file=ca_file, deadline=5)
    with (
        ScriptedServer(answering(reply(302, Location="/")), tls=context) as server,
        pytest.raises(RequestError, match="more than 5 times"),
    ):
        client.fetch(server.url(), io.BytesIO())
    assert server.connections == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["/plain", "https://other.example/", "https://169.254.169.254/", "file:///etc/passwd", ""],
)
def test_no_other_redirect_is_followed(client: Client, status: int, location: str) -> None:
    with ScriptedServer(answering(reply(status, Location=location))) as server:
        with pytest.raises(RequestError, match="it redirects") as caught:
            client.fetch(server.url(), io.BytesIO())
        assert server.connections == 1
    assert not caught.value.transient


IMPATIENT = Client(allow_networks=LOOPBACK, deadline=5, sleep=lambda _: None)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=300), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", GOOD["in chunks"]]))
def test_whatever_a_server_sends_is_an_answer_or_a_request_error(
    noise: bytes, start: bytes
) -> None:
    with ScriptedServer(answering(start + noise)) as server:
        for ask in (
            lambda: IMPATIENT.fetch(server.url(), io.BytesIO()),
            lambda: IMPATIENT.post(server.url(), b"x", {}),
        ):
            with suppress(RequestError):
                assert 100 <= ask().status <= 999
