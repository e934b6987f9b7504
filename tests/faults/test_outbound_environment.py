"""Row 44: proxies, passwords and redirects that would lead requests elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.http import Client
from tests.core.scripted_server import (
    ScriptedServer,
    answering,
    reply,
)
from tests.faults.network import CANARY, LOOPBACK


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ScriptedServer]:
    """Set every variable and file by which an environment could lead requests elsewhere."""
    with ScriptedServer(answering(reply(200, b"trapped"))) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, server.url())
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {CANARY}\n")
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        yield server


def test_proxies_and_passwords_of_the_environment_are_ignored(trap: ScriptedServer) -> None:
    with ScriptedServer(answering(reply(200, b"true"))) as server:
        answer = Client(allow_networks=LOOPBACK).post(server.url(), b"x", {})
    assert answer.body == b"true"
    assert trap.connections == 0
    assert CANARY.encode() not in server.heads[0]
    assert b"Authorization" not in server.heads[0]


def test_redirects_of_a_webhook_are_never_followed(connects: list[str]) -> None:
    client = Client(allow_networks=LOOPBACK)
    for status in (301, 302, 303, 307, 308):
        for location in ("/on", "http://127.0.0.2/", "https://169.254.169.254/", "file:///x"):
            with ScriptedServer(answering(reply(status, Location=location))) as server:
                assert client.post(server.url(), b"x", {}).status == status
                assert server.connections == 1
    assert len(connects) == 20
    print("\nredirects of a webhook: 20 answered, 0 followed")
