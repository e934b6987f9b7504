"""Rows 26 and 42 to 46 of the fault table: what a hostile network may try on the way out."""

from __future__ import annotations

import gzip
import io
import itertools
import logging
import socket
import ssl
import subprocess
import sys
import textwrap
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from core.clock import stopwatch
from core.http import Client, RequestError
from tests.core.scripted_server import (
    Connection,
    Script,
    ScriptedServer,
    answering,
    chunked,
    reply,
)

LOOPBACK = ["127.0.0.0/8"]
SHORT = 0.3
CANARY = "canary-4f1d"
_connects: list[str] = []


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _connects.append(str(args[1][0]))


sys.addaudithook(_listen)


@pytest.fixture
def connects() -> list[str]:
    """Give the list of addresses that this process connects to, from now on."""
    _connects.clear()
    return _connects


def names(address: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a resolver that knows one address for every name."""

    def resolve(_host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        if ":" in address:
            plain, _, scope = address.partition("%")
            return [(socket.AF_INET6, 1, 6, "", (plain, port, 0, int(scope or 0)))]
        return [(socket.AF_INET, 1, 6, "", (address, port))]

    return resolve


V4 = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.0.0.53 127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1
172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1
198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
""".split()  # noqa: SIM905 - a table reads better in columns
V6 = """
:: ::1 ::127.0.0.1 ::169.254.169.254 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1
2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::
3fff::1 4000::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ff0e::1
""".split()  # noqa: SIM905 - a table reads better in columns
ODD = """
2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 127.1 127.0.1 127.0.0.1. 0 0x0
0251.0376.0251.0376 0xa9fea9fe 2852039166 169.254.43518 [fe80::1%25eth0] [fe80::1%25lo] [::1%251]
user@127.0.0.1 a:b@[::1] %31%32%37.0.0.1 １２７.0.0.1
""".split()  # noqa: SIM905 - a table reads better in columns


def test_82_literals_of_inner_addresses_are_refused_without_a_connection(
    connects: list[str],
) -> None:
    hosts = [*V4, *(f"[{address}]" for address in V6), *ODD]
    client = Client(deadline=2)
    refused = 0
    with ScriptedServer(answering(reply(200)), host="0.0.0.0") as server:
        for scheme, host in itertools.product(("http", "https"), hosts):
            with pytest.raises(RequestError, match=r"refused|is a|plain http"):
                client.post(f"{scheme}://{host}:{server.port}/", b"x", {})
            refused += 1
        assert (server.connections, connects) == (0, [])
    print(f"\nliterals refused: {refused // 2}/{len(hosts)} by http and https, 0 connections")


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-1", "8O", "", "0x50", "８０"])
def test_odd_ports_are_refused(port: str, connects: list[str]) -> None:
    with pytest.raises(RequestError, match=r"port|characters"):
        Client(allow_networks=LOOPBACK).post(f"http://127.0.0.1:{port}/", b"x", {})
    assert connects == []


def test_names_that_lead_to_inner_addresses_are_refused(connects: list[str]) -> None:
    addresses = [*V4, *V6, "fe80::1%2"]
    turn = iter(addresses)
    client = Client(resolve=lambda host, port, **_: names(next(turn))(host, port), deadline=2)
    for _ in addresses:
        with pytest.raises(RequestError, match="is a") as caught:
            client.post("https://soc.example/", b"x", {})
        assert not caught.value.transient
    assert connects == []
    print(f"\nnames refused: {len(addresses)}, 0 connections")


def test_one_bad_address_spoils_the_lookup(connects: list[str]) -> None:
    def mixed(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        return [*names("1.1.1.1")(host, port), *names("169.254.169.254")(host, port)]

    with pytest.raises(RequestError, match=r"169\.254\.169\.254"):
        Client(resolve=mixed).post("https://soc.example/", b"x", {})
    assert connects == []


def test_1000_alternating_answers_of_a_name_never_reach_the_blocked_address(
    connects: list[str],
) -> None:
    turns = itertools.cycle(["127.0.0.1", "127.0.0.2", "169.254.169.254", "127.0.0.1"])
    asked = []

    def rebinding(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        asked.append(next(turns))
        return names(asked[-1])(host, port)

    client = Client(allow_networks=["127.0.0.1/32"], resolve=rebinding, deadline=10)
    answered = refused = 0
    with ScriptedServer(answering(reply(200)), host="0.0.0.0") as server:
        for _ in range(1_000):
            try:
                client.post(server.url("/hook", host="soc.example"), b"x", {})
                answered += 1
            except RequestError:
                refused += 1
        assert all(f"Host: soc.example:{server.port}".encode() in head for head in server.heads)
    assert (answered, refused) == (500, 500)
    assert len(asked) == 1_000, "one lookup per request: what was checked is what is used"
    assert set(connects) == {"127.0.0.1"}
    print(
        f"\n1,000 lookups: {answered} allowed, {refused} refused, 0 connects to a blocked address"
    )


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


def packed_zeros(megabytes: int) -> bytes:
    """Return gzip of zeros, about a thousandth of their size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


BOMB_PROBE = """
    import io, re, sys
    from pathlib import Path
    from core.http import Client, RequestError
    class Sink(io.RawIOBase):
        def write(self, block):
            self.size = getattr(self, "size", 0) + len(block)
            return len(block)
    def peak():  # ru_maxrss would hold what the parent process used before exec
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    client = Client(allow_networks=["127.0.0.0/8"], sleep=lambda _: None)
    client.fetch(sys.argv[1] + "/small", Sink())
    before = peak()
    sink = Sink()
    try:
        client.fetch(sys.argv[1] + "/bomb", sink)
    except RequestError as error:
        print((peak() - before) // 1024, sink.size // 1_000_000, error)
"""


def test_a_gzip_bomb_is_dropped_early_and_takes_no_memory() -> None:
    bomb = packed_zeros(315)
    whole, parts = (
        reply(200, bomb, Content_Encoding="gzip"),
        chunked(bomb, 5_000, Content_Encoding="gzip"),
    )
    for kind, answer in (("with a length", whole), ("in chunks", parts)):
        with ScriptedServer(answering(reply(200, b"small"), answer)) as server:
            program = [sys.executable, "-c", textwrap.dedent(BOMB_PROBE), server.url("")]
            run = subprocess.run(program, capture_output=True, text=True, check=True)
        rise, written, *_ = run.stdout.split()
        assert "unpacks to over 100 times its size" in run.stdout
        assert int(rise) < 64
        assert int(written) <= 40
        print(f"\n315 MB bomb {kind}: dropped after {written} MB, memory rose by {rise} MB")


def test_no_error_and_no_log_line_holds_a_path_a_query_a_header_or_a_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    scripts = [
        answering(b""),
        answering(reply(503)),
        answering(reply(404)),
        answering(reply(302, Location=f"https://other.example/{CANARY}?{CANARY}")),
        answering(reply(200, b"", Content_Length="9")),
        answering(reply(200, b"no", Content_Encoding="gzip")),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"),
        silent,
    ]
    client = Client(allow_networks=LOOPBACK, deadline=SHORT, sleep=lambda _: None)
    urls = [
        f"https://me:{CANARY}@soc.example/",
        f"https://10.0.0.1/{CANARY}",
        f"ftp://{CANARY}/",
        f"https://soc.invalid:1/{CANARY}?{CANARY}#{CANARY}",
    ]
    errors = []
    with ExitStack() as stack:
        urls += [stack.enter_context(ScriptedServer(s)).url(f"/{CANARY}?{CANARY}") for s in scripts]
        for url, value in itertools.product(urls, (CANARY, f"{CANARY}\r\n")):
            with pytest.raises(RequestError) as caught:
                client.fetch(url, io.BytesIO(), headers={"Authorization": value})
            errors.append(caught.value)
    shown = [str(error) + "".join(traceback.format_exception(error)) for error in errors]
    assert not [text for text in [*shown, caplog.text] if CANARY in text]
    print(f"\n{len(shown)} errors, their tracebacks and debug logs: 0 secrets")


def test_keys_of_tls_are_not_written_where_the_environment_says(
    authority: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    ca, ca_file = authority
    client = Client(allow_networks=LOOPBACK, ca_file=ca_file)
    with ScriptedServer(answering(reply(200)), tls=server_context(ca, "127.0.0.1")) as server:
        client.post(server.url(), b"x", {})
    assert not (tmp_path / "keys").exists()
