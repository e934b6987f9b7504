"""The `[web]` table: where the pages and the API are served, and who may come in.

Imports no web library: every command reads the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from core.durations import Duration
from core.settings import Name, Settings

Role = Literal["reader", "operator"]
"""Readers see; operators also acknowledge, silence and note."""
Network = IPv4Network | IPv6Network
Glob = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_LISTEN = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[0-9.]+|localhost)):(?P<port>\d{1,5})"
)
_PUBLIC = re.compile(r"[a-z]+://[^\s@?#\\\"'<>]+")
_HEADER = r"^[A-Za-z][A-Za-z0-9-]{0,63}$"


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def ip(self) -> IPv4Address | IPv6Address:
        """Return the host as an address."""
        return ip_address(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """Return the address that "127.0.0.1:8088" or "[::1]:8088" stands for.

    Raises:
        ValueError: for any other text, and for names: what a name stands for may change.
    """
    match = _LISTEN.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65_535:
        raise ValueError(f'{text!r} is not ADDRESS:PORT such as "127.0.0.1:8088" or "[::1]:8088"')
    host = match["six"] or match["four"].replace("localhost", "127.0.0.1")
    ip_address(host)
    return Address(host, int(match["port"]))


def _listen(text: str) -> str:
    return str(address(text))


def _public_url(text: str) -> str:
    """Return an address that links may begin with, without a slash at its end.

    Raises:
        ValueError: for anything but https (http on this machine only) and a name: links travel by
            mail.
    """
    parts = urlsplit(text)
    _ = parts.port
    plain = not (parts.username or parts.password or parts.path.strip("/"))
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_NAMES)
    if not (plain and safe and parts.hostname and _PUBLIC.fullmatch(text)):
        raise ValueError(
            "is not an address such as https://tocsin.example.org (http only on this machine; "
            "no path, name or password in it)"
        )
    return text.rstrip("/")


class TokenSettings(Settings):
    """Somebody, or a program, that comes with a token."""

    name: Name
    role: Role = "reader"
    token_env: str | None = None
    token_file: str | None = None
    watches: tuple[Glob, ...] = Field(default=("*",), min_length=1)
    """Globs of the watches that it may see."""
    outside: bool = False
    """Whether they are outside of the organisation: what feeds keep inside is not shown."""


class ProxyUser(Settings):
    """Users whom the proxy names, and what they may do; the first entry that fits counts."""

    match: Glob = "*"
    role: Role = "reader"
    watches: tuple[Glob, ...] = Field(default=("*",), min_length=1)
    outside: bool = False
    """Whether they are outside of the organisation: what feeds keep inside is not shown."""


class ProxySettings(Settings):
    """A reverse proxy that signs people in and names them in a header."""

    addresses: tuple[Network, ...] = Field(min_length=1)
    """The proxy's own addresses; from anywhere else the header counts for nothing."""
    user_header: Annotated[str, StringConstraints(pattern=_HEADER)] = "X-Forwarded-User"
    users: tuple[ProxyUser, ...] = Field(default=(ProxyUser(),), min_length=1)


class AckLinkSettings(Settings):
    """Links in mails by which their readers acknowledge without a token."""

    secret_env: str | None = None
    secret_file: str | None = None
    previous_secret_env: str | None = None
    """The secret before: while it is being changed, links that it signed are still good."""
    previous_secret_file: str | None = None
    lasts: Duration = 3 * 86_400
    """Seconds from when a message is made to the end of its link."""


class WebSettings(Settings):
    """Pages, API and metrics of `tocsin serve`. Without this table nothing listens."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8088"
    hosts: tuple[Annotated[str, AfterValidator(str.lower)], ...] = ()
    """Names under which people reach it, such as "tocsin.example.org"; others are refused."""
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    """Where people reach it, such as "https://tocsin.example.org": messages link to its pages."""
    ack_links: AckLinkSettings | None = None
    local: Literal["operator", "reader", "none"] | None = None
    """What requests from this machine may do without a token; operator, unless there are tokens
    or a proxy."""
    tokens: tuple[TokenSettings, ...] = ()
    proxy: ProxySettings | None = None

    @property
    def address(self) -> Address:
        """Return where to listen."""
        return address(self.listen)

    @property
    def guarded(self) -> bool:
        """Return whether there is a way to tell who somebody is."""
        return bool(self.tokens or self.proxy)

    @property
    def local_role(self) -> Role | None:
        """Return what requests from this machine may do without a token, None for nothing."""
        if self.local is None:
            return None if self.guarded else "operator"
        return None if self.local == "none" else self.local

    @property
    def known_hosts(self) -> frozenset[str]:
        """Return the names and addresses that a request may be for."""
        names = {*self.hosts, *LOOPBACK_NAMES}
        return frozenset(names if self.address.ip.is_unspecified else {*names, self.address.host})

    def _unreachable(self) -> Iterator[tuple[str, str, str]]:
        if self.ack_links and not self.public_url:
            mend = 'write public_url = "https://tocsin.example.org"'
            yield "ack_links", "links need to know where people reach the pages", mend
        host = self.public_url and urlsplit(self.public_url).hostname
        if host and host not in self.known_hosts:
            problem = f"{host} is not among the hosts, so that its links would be refused"
            yield "public_url", problem, f'write hosts = ["{host}"]'

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Yield what makes the service unsafe or out of reach: key, problem, way to mend it."""
        yield from self._unreachable()
        if self.address.ip.is_loopback:
            return
        if not self.guarded:
            mend = "add [[web.tokens]] or [web.proxy], or listen on 127.0.0.1"
            yield (
                "listen",
                f"{self.listen} is open to others and nobody has to say who they are",
                mend,
            )
        if self.address.ip.is_unspecified and not self.hosts:
            yield (
                "hosts",
                f"{self.listen} has no name of its own",
                'write hosts = ["tocsin.example.org"]',
            )
