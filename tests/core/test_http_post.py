"""Posts: one try, any status is an answer, and little of the answer is read."""

import pytest
from pytest_httpserver import HTTPServer

from core.http import Client, RequestError
from tests.core.scripted_server import Connection, ScriptedServer, answering, reply

LOOPBACK = ["127.0.0.0/8"]


@pytest.fixture
def client() -> Client:
    return Client(allow_networks=LOOPBACK, deadline=5)


def test_the_receiver_gets_the_bytes_and_headers_as_they_were_given(
    client: Client, httpserver: HTTPServer
) -> None:
    body = bytes(range(256))
    httpserver.expect_oneshot_request(
        "/hook", method="POST", data=body, headers={"webhook-id": "msg_1"}
    ).respond_with_data("taken", status=202, headers={"X-Trace": "7"})
    url = httpserver.url_for("/hook").replace("localhost", "127.0.0.1")

    answer = client.post(url, body, {"webhook-id": "msg_1"})

    assert (answer.status, answer.body, answer.headers["x-trace"]) == (202, b"taken", "7")
    assert answer.seconds >= 0
    httpserver.check_assertions()


def test_nothing_is_sent_but_what_was_asked_for(client: Client) -> None:
    with ScriptedServer(answering(reply(204))) as server:
        client.post(server.url("/hook?a=1"), b"x", {"Content-Type": "application/json"})
        lines = server.heads[0].split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0] == "POST /hook?a=1 HTTP/1.1"
    assert {line.split(":")[0] for line in lines[1:]} == {
        "Host",
        "User-Agent",
        "Accept-Encoding",
        "Content-Type",
        "Content-Length",
    }


@pytest.mark.parametrize("status", [200, 204, 400, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer_after_one_try(client: Client, status: int) -> None:
    with ScriptedServer(answering(reply(status, Retry_After="7"))) as server:
        answer = client.post(server.url(), b"x", {})
    assert (answer.status, answer.headers["Retry-After"]) == (status, "7")
    assert server.connections == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(client: Client, status: int) -> None:
    with (
        ScriptedServer(answering(reply(200))) as other,
        ScriptedServer(answering(reply(status, Location=other.url()))) as server,
    ):
        assert client.post(server.url(), b"x", {}).status == status
    assert other.connections == 0


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK", b"HTTP/1.1 302 Go\r\nLocation: /on"])
def test_of_an_endless_body_64_kb_are_read(client: Client, head: bytes) -> None:
    def endless(connection: Connection) -> None:
        connection.send(head + b"\r\n\r\n")
        connection.flood(b"y" * 65_536)

    with ScriptedServer(endless) as server:
        assert client.post(server.url(), b"x", {}).body == b"y" * 65_536


@pytest.mark.parametrize(
    "headers", [b"X: " + b"y" * 100_000, b"\r\n".join(b"X%d: y" % n for n in range(500))]
)
def test_huge_headers_are_an_error(client: Client, headers: bytes) -> None:
    with (
        ScriptedServer(answering(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n")) as server,
        pytest.raises(RequestError, match="broke"),
    ):
        client.post(server.url(), b"x", {})


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour",
        b"SSH-2.0-server\r\n",
        b"HTTP/1.1 2",
    ],
)
def test_a_broken_answer_is_a_transient_error(client: Client, answer: bytes) -> None:
    with (
        ScriptedServer(answering(answer)) as server,
        pytest.raises(RequestError, match="broke") as caught,
    ):
        client.post(server.url(), b"x", {})
    assert caught.value.transient
    assert server.connections == 1


def test_a_receiver_that_is_down_is_a_transient_error(client: Client) -> None:
    with ScriptedServer(answering(b"")) as server:
        pass
    with pytest.raises(RequestError, match="cannot be reached: Connection refused") as caught:
        client.post(server.url(), b"x", {})
    assert caught.value.transient


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "snow ☃", " leading"])
def test_a_header_that_cannot_be_sent_is_refused_before_connecting(
    client: Client, value: str
) -> None:
    with ScriptedServer(answering(reply(200))) as server:
        with pytest.raises(RequestError, match="header") as caught:
            client.post(server.url(), b"x", {"X-Title": value})
        assert server.connections == 0
    assert not caught.value.transient
