"""Rows 42 and 43 of the fault table: addresses and names that must never be reached."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from core.http import Client, RequestError
from tests.core.scripted_server import (
    ScriptedServer,
    answering,
    reply,
)
from tests.faults.network import LOOPBACK, names

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
