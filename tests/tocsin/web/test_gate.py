"""The gate in front of a real server: hosts, headers, bodies, refusals."""

import logging
import re
import socket

import pytest

from tests.tocsin.web.conftest import PATIENCE, TOKENS, Site
from tocsin.web.gate import HEADERS


def raw(site: Site, text: str) -> str:
    """Return the answer to bytes that no client library would send."""
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read().decode("utf-8", "replace")


def test_the_process_says_that_it_is_alive_to_anybody(guarded: Site) -> None:
    assert guarded.get("/healthz").json() == {"status": "alive"}


def test_every_answer_carries_the_headers_even_a_refusal(guarded: Site) -> None:
    for path in ("/healthz", "/api/v1/openapi.json", "/nowhere"):
        for who in (None, "desk"):
            answer = guarded.get(path, who)
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
            assert "server" not in answer.headers


def test_nobody_is_asked_for_a_token_and_told_nothing(guarded: Site) -> None:
    answer = guarded.get("/api/v1/openapi.json")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "say who you are: Authorization: Bearer TOKEN",
    }


def test_a_browser_is_sent_to_the_place_where_a_token_is_asked_for(guarded: Site) -> None:
    answer = guarded.get("/watches/provinces", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=/watches/provinces",
    )


def test_another_name_for_this_address_is_refused(site: Site) -> None:
    answer = site.get("/healthz", headers={"Host": "rebound.example.org"})
    assert answer.status_code == 421
    assert "add it to hosts" in answer.json()["detail"]


@pytest.mark.parametrize("hosts", ["Host: localhost\r\nHost: evil.example.org\r\n", "Host: \r\n"])
def test_a_request_for_two_hosts_or_none_is_refused(site: Site, hosts: str) -> None:
    answer = raw(site, f"GET /healthz HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")
    assert re.match(r"HTTP/1.1 4\d\d ", answer)


def test_a_token_is_never_logged_whether_it_is_right_or_wrong(
    guarded: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        guarded.get("/healthz", "desk")
        wrong = {"Authorization": "Bearer a-token-that-nobody-has-ever-had"}
        assert guarded.get("/api/v1/openapi.json", headers=wrong).status_code == 401
        assert guarded.post("/nowhere", "desk").status_code == 404
    assert "refused GET from 127.0.0.1: wrong_token" in caplog.text
    assert "write by desk (token): POST /nowhere" in caplog.text
    for token in (*TOKENS.values(), "a-token-that-nobody"):
        assert token not in caplog.text


def test_what_is_not_there_is_a_problem_in_one_line(site: Site) -> None:
    answer = site.get("/nowhere")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")
