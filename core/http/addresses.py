"""Which addresses may be reached, and what a URL must look like to be tried at all.

The rule is to refuse what is not plainly public. `ipaddress.is_private` and `is_global` are not
enough: Python 3.11 calls CGNAT not private, and NAT64, 6to4, multicast and IPv4-compatible
addresses global. Source of the tables: the IANA IPv4 and IPv6 Special-Purpose Address Registries
(RFC 6890 and updates), and the IPv6 global unicast space 2000::/3 (RFC 4291, section 2.4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from core.errors import ConfigError
from core.http.answers import RequestError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST = ip_network("2000::/3")
_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's, although in public space
        ("169.254.0.0/16", "link-local or cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignment"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("2001::/23", "protocol assignment"),  # Teredo, ORCHID and benchmarking are in it
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
)
_PRINTABLE = re.compile(r"[!-~]+")
_START = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)", re.IGNORECASE)
_NAME = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.)*[A-Za-z0-9_-]{1,63}\.?")
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?$")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """Where a request goes. `host` is lower case, an IPv6 address without brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Return what may be shown of it: scheme, host, and the port where it is not the usual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def address(self) -> Address | None:
        """Return the host as an address, or None for a name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None


def parse(url: str) -> Target:
    """Return the target of a URL that every parser reads alike.

    Raises:
        RequestError: for other schemes than http and https, names and passwords in the URL, zone
            ids, ports out of range, IPv4 in any form but four plain decimal numbers (decimal,
            octal, hexadecimal and short forms mean different hosts to different programs), and
            characters that do not belong in a URL. Nothing of the URL is in its text.
    """
    scheme, rest = _split(url)
    host, port = _host_and_port(rest)
    if _ENDS_IN_NUMBER.search(host) and not _is_address(host, IPv4Address):
        raise _bad("an IPv4 address must be four decimal numbers")
    if host.startswith("["):
        host = host[1:-1]
        if not _is_address(host, IPv6Address):
            raise _bad("what stands in brackets must be an IPv6 address without a zone id")
    elif not _NAME.fullmatch(host):
        raise _bad("its host is no host name", "write international names in their xn-- form")
    return Target(url, scheme, host.lower(), port if port is not None else _PORTS[scheme])


def _split(url: str) -> tuple[str, str]:
    """Return scheme and authority; `urlsplit` strips and repairs, and so reads more than this."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise _bad("it holds characters that do not belong in a URL", "percent-encode them")
    start = _START.match(url)
    if start is None:
        raise _bad("it must start with https:// or http://")
    if "@" in start["authority"]:
        raise _bad("it holds a user name or password", "put credentials into a header")
    return start["scheme"].lower(), start["authority"]


def _host_and_port(netloc: str) -> tuple[str, int | None]:
    host, colon, port = netloc.rpartition(":")
    if not colon or netloc.endswith("]"):
        return netloc, None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise _bad("its port must be a number from 1 to 65535")
    return host, int(port)


def _is_address(text: str, kind: type[IPv4Address | IPv6Address]) -> bool:
    try:
        return "%" not in text and bool(kind(text).compressed)
    except ValueError:
        return False


def _bad(problem: str, mend: str = "") -> RequestError:
    return RequestError("the URL is refused", problem, mend)


class Guard:
    """Decides per address whether it may be reached."""

    def __init__(self, allow_networks: Sequence[str] = ()) -> None:
        """Take networks in CIDR form that may be reached although they are not public.

        To allow a translation prefix such as 64:ff9b::/96 allows whatever it leads to.

        Raises:
            ConfigError: for text that is no network.
        """
        self._allowed = tuple(_network(text) for text in allow_networks)

    def refusal(self, address: Address, scheme: str) -> tuple[str, str]:
        """Return why an address is refused and how to mend it; two empty texts allow it.

        Plain http is for allowed networks only: outside them anyone could read and alter it.
        """
        if any(address in network for network in self._allowed):
            return "", ""
        if kind := _kind(address):
            mend = f"add {address}/{address.max_prefixlen} to allow_networks if it is meant"
            return f"{address} is a {kind} address", mend
        if scheme != "https":
            return "plain http is refused outside allow_networks", "use https"
        return "", ""


def _kind(address: Address) -> str:
    """Return what makes an address not public; "" when nothing does."""
    if isinstance(address, IPv6Address) and (
        address.scope_id is not None or address not in _GLOBAL_UNICAST
    ):
        return "private, local, translated or reserved"
    return next((kind for network, kind in _REFUSED if address in network), "")


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigError("allow_networks", str(error), 'write it as "10.1.0.0/16"') from None
