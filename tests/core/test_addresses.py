"""Which URLs and addresses are refused: a table, and whatever hypothesis thinks of."""

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.http import RequestError
from core.http.addresses import Guard, parse


@pytest.mark.parametrize(
    ("url", "host", "port", "origin"),
    [
        ("https://soc.example/hook?t=1", "soc.example", 443, "https://soc.example"),
        ("https://SOC.Example:443/", "soc.example", 443, "https://soc.example"),
        ("https://soc.example:8443/", "soc.example", 8443, "https://soc.example:8443"),
        ("http://192.0.2.7/", "192.0.2.7", 80, "http://192.0.2.7"),
        ("https://[2606:4700::1111]:444/", "2606:4700::1111", 444, "https://[2606:4700::1111]:444"),
        (
            "https://xn--bcher-kva.example",
            "xn--bcher-kva.example",
            443,
            "https://xn--bcher-kva.example",
        ),
        ("https://a_b.example./x", "a_b.example.", 443, "https://a_b.example."),
        ("https://1.example/", "1.example", 443, "https://1.example"),
    ],
)
def test_a_plain_url_is_understood(url: str, host: str, port: int, origin: str) -> None:
    target = parse(url)
    assert (target.url, target.host, target.port, target.origin) == (url, host, port, origin)


REFUSED_URLS = [
    ("ftp://example.org/", "https"),
    ("file:///etc/passwd", "https"),
    ("gopher://example.org/", "https"),
    ("data:text/csv,1", "https"),
    ("javascript:alert(1)", "https"),
    ("https:example.org", "https"),
    ("//example.org/", "https"),
    ("example.org", "https"),
    ("", "characters"),
    (" https://example.org/", "characters"),
    ("https://example.org/a b", "characters"),
    ("https://exa\tmple.org/", "characters"),
    ("https://example.org\\@evil.example/", "characters"),
    ("https://bücher.example/", "characters"),
    ("https://１２７.0.0.1/", "characters"),
    ("https://user@example.org/", "password"),
    ("https://user:secret@example.org/", "password"),
    ("https://example.org:0/", "port"),
    ("https://example.org:65536/", "port"),
    ("https://example.org:-1/", "port"),
    ("https://example.org:44x/", "port"),
    ("https://example.org:/", "port"),
    ("https://2130706433/", "IPv4"),
    ("https://0x7f000001/", "IPv4"),
    ("https://0x7F.0.0.1/", "IPv4"),
    ("https://017700000001/", "IPv4"),
    ("https://0177.0.0.1/", "IPv4"),
    ("https://127.0.0.01/", "IPv4"),
    ("https://127.1/", "IPv4"),
    ("https://127.0.1/", "IPv4"),
    ("https://127.0.0.1./", "IPv4"),
    ("https://8.8.8.0x8/", "IPv4"),
    ("https://1.2.3.4.5/", "IPv4"),
    ("https://256.1.1.1/", "IPv4"),
    ("https://0/", "IPv4"),
    ("https://[fe80::1%25eth0]/", "zone"),
    ("https://[fe80::1%eth0]/", "zone"),
    ("https://[::1/", "brackets"),
    ("https://[127.0.0.1]/", "brackets"),
    ("https://[v1.fe80::a]/", "brackets"),
    ("https://::1/", "host name"),
    ("https://%31%32%37.0.0.1/", "IPv4"),
    ("https://ex%61mple.org/", "host name"),
    ("https://.example.org/", "host name"),
    ("https://a..example/", "host name"),
    ("https:///path", "host name"),
    (f"https://{'a' * 64}.example/", "host name"),
    (f"https://{'a.' * 140}example/", "host name"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED_URLS)
def test_a_url_that_programs_read_differently_is_refused(url: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as caught:
        parse(url)
    assert not caught.value.transient
    assert "secret" not in str(caught.value)


PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached_over_https_only(address: str) -> None:
    assert Guard().refusal(ip_address(address), "https") == ("", "")
    problem, mend = Guard().refusal(ip_address(address), "http")
    assert "plain http" in problem
    assert mend == "use https"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.1.2.3", "private"),
        ("127.0.0.1", "loopback"),
        ("100.64.0.1", "CGNAT"),
        ("169.254.169.254", "metadata"),
        ("168.63.129.16", "metadata"),
        ("224.0.0.1", "multicast"),
        ("2002:7f00:1::", "6to4"),
        ("2001::1", "protocol"),
        ("64:ff9b::7f00:1", "translated"),
        ("::ffff:1.1.1.1", "translated"),
    ],
)
def test_a_refusal_names_the_kind_and_the_network_to_allow(address: str, kind: str) -> None:
    problem, mend = Guard().refusal(ip_address(address), "https")
    assert kind in problem
    network = f"{ip_address(address)}/{ip_address(address).max_prefixlen}"
    assert network in mend
    assert Guard([network]).refusal(ip_address(address), "http") == ("", "")


def test_an_allowed_network_allows_nothing_beside_it() -> None:
    guard = Guard(["10.1.0.0/16", "fd00:1::/32"])
    assert guard.refusal(ip_address("10.1.255.255"), "http") == ("", "")
    assert guard.refusal(ip_address("fd00:1::9"), "https") == ("", "")
    for outside in ("10.2.0.0", "10.0.255.255", "fd00:2::9", "::ffff:10.1.0.1"):
        assert guard.refusal(ip_address(outside), "https")[0], outside


def test_a_public_address_with_a_zone_is_refused() -> None:
    assert Guard().refusal(ip_address("2606:4700::1111%2"), "https")[0]


@pytest.mark.parametrize("text", ["10.1.0.1/16", "localhost", "", "10.0.0.0/33", "10.*"])
def test_an_allowed_network_that_is_none_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigError, match="allow_networks"):
        Guard([text])


@settings(max_examples=300, derandomize=True)
@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_public_here(address: object) -> None:
    found = ip_address(str(address))
    refused = bool(Guard().refusal(found, "https")[0])
    assert refused or (found.is_global and not found.is_multicast and not found.is_reserved)


@settings(max_examples=300, derandomize=True)
@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://[", "https://a:"]))
def test_any_text_is_a_target_or_a_request_error(text: str, start: str) -> None:
    try:
        target = parse(start + text)
    except RequestError:
        return
    assert 0 < target.port < 65536
    assert not set(target.host) & set("@/\\ %?#")
