"""Proxies and authorities: only those that the configuration names."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from core.errors import ConfigError
from core.http import Client, RequestError
from tests.core.scripted_server import Connection, Script, ScriptedServer, answering, reply

LOOPBACK = ["127.0.0.0/8"]
SECRET = "proxy-password-7c"


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65_536):
            sink.sendall(block)
        sink.shutdown(socket.SHUT_WR)


def tunnel_to(port: int) -> Script:
    """Return the script of a proxy that leads every CONNECT to one port of this machine."""

    def script(connection: Connection) -> None:
        with socket.create_connection(("127.0.0.1", port)) as target:
            connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(target, connection.sock), daemon=True)
            back.start()
            pump(connection.sock, target)
            back.join()

    return script


def proxy_url(server: ScriptedServer) -> str:
    return f"http://duty:{SECRET}@127.0.0.1:{server.port}"


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """Give the TLS of soc.example and the file of the authority that vouches for it."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("soc.example").configure_cert(context)
    return context, tmp_path / "ca.pem"


def test_https_goes_through_a_tunnel_and_is_verified_for_the_name(
    authority: tuple[ssl.SSLContext, Path],
) -> None:
    context, ca_file = authority
    looked_up: list[str] = []

    def resolve(host: str, *_: object, **__: object) -> list[tuple[Any, ...]]:
        looked_up.append(host)
        return []

    with (
        ScriptedServer(answering(reply(200, b"taken")), tls=context) as target,
        ScriptedServer(tunnel_to(target.port)) as proxy,
    ):
        client = Client(proxy=proxy_url(proxy), ca_file=ca_file, resolve=resolve, deadline=5)
        assert client.post("https://soc.example/hook", b"x", {}).body == b"taken"
        with pytest.raises(RequestError, match="certificate is refused"):
            client.post("https://other.example/hook", b"x", {})
    assert proxy.heads[0].startswith(b"CONNECT soc.example:443 HTTP/1.")
    assert b"Proxy-Authorization: Basic " in proxy.heads[0]
    assert b"Proxy-Authorization" not in target.heads[0]
    assert (len(target.heads), looked_up) == (1, []), "names are the proxy's to look up"


def test_plain_http_to_an_allowed_address_goes_through_the_proxy() -> None:
    with ScriptedServer(answering(reply(200, b"by proxy"))) as proxy:
        client = Client(proxy=proxy_url(proxy), allow_networks=["10.0.0.0/8"])
        assert client.post("http://10.0.0.1:8080/hook", b"x", {}).body == b"by proxy"
    assert proxy.heads[0].startswith(b"POST http://10.0.0.1:8080/hook HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/", "https://[fd00:ec2::254]/", "http://soc.example/", "http://1.1.1.1/"],
)
def test_what_is_refused_without_a_proxy_is_refused_with_one(url: str) -> None:
    with ScriptedServer(answering(reply(200))) as proxy:
        client = Client(proxy=proxy_url(proxy))
        with pytest.raises(RequestError, match=r"private|plain http"):
            client.post(url, b"x", {})
        assert proxy.connections == 0


@pytest.mark.parametrize("answer", [reply(407), reply(502), b"", b"SSH-2.0\r\n"])
def test_a_proxy_that_refuses_is_a_transient_error_without_its_password(answer: bytes) -> None:
    with ScriptedServer(answering(answer)) as proxy:
        client = Client(proxy=proxy_url(proxy), deadline=5)
        with pytest.raises(RequestError, match=r"^https://soc\.example: ") as caught:
            client.post("https://soc.example/hook", b"x", {})
    assert caught.value.transient
    assert SECRET not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", f"me:{SECRET}@proxy:3128", ""])
def test_a_proxy_of_another_kind_is_a_configuration_error(proxy: str) -> None:
    with pytest.raises(ConfigError, match="proxy: it must be an http") as caught:
        Client(proxy=proxy)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_an_authority_file_that_holds_none_is_a_configuration_error(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="ca_file"):
        Client(ca_file=path)


def test_a_host_with_several_addresses_is_reached_at_the_next_one() -> None:
    def resolve(_host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in ("127.0.0.2", "127.0.0.1")]

    client = Client(allow_networks=LOOPBACK, resolve=resolve, deadline=5)
    with ScriptedServer(answering(reply(200))) as server:
        assert client.post(server.url(host="soc.example"), b"x", {}).status == 200


@pytest.mark.parametrize(
    "found", [[], [(1, 1, 6, "", ("/run/socket",))], [(1, 1, 6, "", ("127.0.0.1.2", 80))]]
)
def test_a_lookup_without_an_address_is_an_error(found: list[tuple[Any, ...]]) -> None:
    client = Client(resolve=lambda *_, **__: found)
    with pytest.raises(RequestError, match=r"no address|no IP address"):
        client.post("https://soc.example/", b"x", {})


def test_a_name_that_is_not_found_is_a_transient_error() -> None:
    def unknown(*_: object, **__: object) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(RequestError, match="cannot be resolved") as caught:
        Client(resolve=unknown).post("https://soc.example/", b"x", {})
    assert caught.value.transient
