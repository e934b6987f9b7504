"""Row 46: bad TLS is refused before a byte of the request is sent."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from core.http import Client, RequestError
from tests.core.scripted_server import (
    Connection,
    ScriptedServer,
    answering,
    reply,
)
from tests.faults.network import CANARY, LOOPBACK, names


def server_context(
    issuer: trustme.CA, *identities: str, lifetime: tuple[int, int] = (-1, 1)
) -> ssl.SSLContext:
    """Return a server's TLS with a certificate that is good from one day to another."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    today = datetime.now(UTC)
    issuer.issue_cert(
        *identities,
        not_before=today + timedelta(days=lifetime[0]),
        not_after=today + timedelta(days=lifetime[1]),
    ).configure_cert(context)
    return context


def old_version(issuer: trustme.CA, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = server_context(issuer, "soc.example")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = context.maximum_version = version
    return context


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    return ca, tmp_path / "ca.pem"


def test_a_certificate_for_the_name_is_accepted_and_the_name_is_kept(
    authority: tuple[trustme.CA, Path],
) -> None:
    ca, ca_file = authority
    context = server_context(ca, "soc.example")
    asked: list[str | None] = []
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    client = Client(allow_networks=LOOPBACK, ca_file=ca_file, resolve=names("127.0.0.1"))
    with ScriptedServer(answering(reply(200)), tls=context) as server:
        assert client.post(server.url(host="soc.example"), b"x", {}).status == 200
    assert asked == ["soc.example"]
    assert f"Host: soc.example:{server.port}\r\n".encode() in server.heads[0]


def test_bad_tls_is_refused_before_a_byte_of_the_request_is_sent(
    authority: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ca, ca_file = authority
    stranger = trustme.CA()
    stranger.cert_pem.write_to_path(tmp_path / "stranger.pem")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "stranger.pem"))
    cases: dict[str, ssl.SSLContext | None] = {
        "expired": server_context(ca, "soc.example", lifetime=(-9, -2)),
        "not yet valid": server_context(ca, "soc.example", lifetime=(2, 9)),
        "wrong host": server_context(ca, "other.example"),
        "address instead of the name": server_context(ca, "127.0.0.1"),
        "another authority, trusted by the environment": server_context(stranger, "soc.example"),
        "TLS 1.0": old_version(ca, ssl.TLSVersion.TLSv1),
        "TLS 1.1": old_version(ca, ssl.TLSVersion.TLSv1_1),
        "no TLS at all": None,
    }
    client = Client(allow_networks=LOOPBACK, ca_file=ca_file, resolve=names("127.0.0.1"))
    received: list[bytes] = []

    def listen(connection: Connection) -> None:
        received.append(connection.sock.recv(65_536))
        connection.send(reply(400))

    for case, context in cases.items():
        with ScriptedServer(listen, tls=context, read=False) as server:
            url = f"https://soc.example:{server.port}/{CANARY}"
            with pytest.raises(RequestError, match=r"certificate is refused|TLS failed"):
                client.post(url, CANARY.encode(), {"Authorization": CANARY})
        assert CANARY.encode() not in b"".join(received), case
    print(f"\nbad TLS refused: {len(cases)}/8, 0 bytes of the request sent")


def test_a_self_signed_certificate_is_refused_by_the_bundled_authorities(
    authority: tuple[trustme.CA, Path],
) -> None:
    client = Client(allow_networks=LOOPBACK, resolve=names("127.0.0.1"))
    context = server_context(authority[0], "soc.example")
    with ScriptedServer(answering(reply(200)), tls=context) as server:
        with pytest.raises(RequestError, match="certificate is refused"):
            client.post(server.url(host="soc.example"), b"x", {})
        assert server.heads == []


def test_keys_of_tls_are_not_written_where_the_environment_says(
    authority: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    ca, ca_file = authority
    client = Client(allow_networks=LOOPBACK, ca_file=ca_file)
    with ScriptedServer(answering(reply(200)), tls=server_context(ca, "127.0.0.1")) as server:
        client.post(server.url(), b"x", {})
    assert not (tmp_path / "keys").exists()
