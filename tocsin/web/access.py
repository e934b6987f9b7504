"""Who may come in, and what they may do: pure decisions with named reasons.

Four ways in: from this machine (where the configuration allows it), with a token, with the cookie
that a token was exchanged for, and through the configured reverse proxy. There are no passwords.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from core.text import clean
from tocsin.web.cookies import named_in
from tocsin.web.decisions import Decision
from tocsin.web.settings import ProxySettings, Role, WebSettings
from tocsin.web.tokens import Tokens

Way = Literal["local", "token", "cookie", "proxy"]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_NAME = 100


class Knock(NamedTuple):
    """What a request shows of itself. Headers that are not there are None.

    `peer` is the address of whoever opened the connection; `forwarded` tells that some header
    says the request came through a proxy.
    """

    peer: str
    method: str
    host: str | None
    origin: str | None = None
    fetch_site: str | None = None
    authorization: str | None = None
    cookie: str | None = None
    user: str | None = None
    forwarded: bool = False


@dataclass(frozen=True)
class Viewer:
    """Somebody who was let in.

    `watches` are globs; `outside` says that they do not belong to the organisation.
    """

    name: str
    role: Role
    watches: tuple[str, ...]
    way: Way
    outside: bool = False

    def sees(self, watch: str) -> bool:
        """Return whether a watch is theirs to see."""
        return any(fnmatchcase(watch, glob) for glob in self.watches)

    @property
    def writes(self) -> bool:
        """Return whether they may acknowledge, silence and note."""
        return self.role == "operator"


class Refusal(Decision):
    """Why somebody is not let in: status, and one clear line."""

    NO_HOST = 400, "the request names no host, or more than one"
    WRONG_HOST = 421, "this service is not known by that name; add it to hosts in [web]"
    NOBODY = 401, "say who you are: Authorization: Bearer TOKEN"
    WRONG_TOKEN = 401, "this token is not known, or has ended"
    NO_USER = 401, "the proxy named no user"
    UNKNOWN_USER = 403, "the proxy's user is not among [[web.proxy.users]]"
    STRANGE_PROXY = 403, "the request came through a proxy that [web.proxy] does not name"
    ELSEWHERE = 403, "a write from another site's page was refused"
    READER = 403, "readers cannot write; an operator's token can"


def decide(settings: WebSettings, tokens: Tokens, knock: Knock, now: datetime) -> Viewer | Refusal:
    """Return who somebody is, or why they are refused."""
    stray = _wrong_host(settings, knock)
    if stray:
        return stray
    viewer = _viewer(settings, tokens, knock, now)
    if isinstance(viewer, Refusal) or knock.method in SAFE_METHODS:
        return viewer
    if viewer.way != "token" and not same_origin(settings, knock):
        return Refusal.ELSEWHERE
    return viewer if viewer.writes else Refusal.READER


def decide_link(settings: WebSettings, knock: Knock) -> Refusal | None:
    """Return why whoever comes with a signed link is refused, if they are: the link says enough.

    Its page sends no referrer, and so a browser's form says Origin: null
    (fetch.spec.whatwg.org, "append a request Origin header"); then Sec-Fetch-Site tells.
    """
    stray = _wrong_host(settings, knock)
    if stray or knock.method in SAFE_METHODS:
        return stray
    hidden = knock.origin == "null" and knock.fetch_site == "same-origin"
    return None if hidden or same_origin(settings, knock) else Refusal.ELSEWHERE


def _wrong_host(settings: WebSettings, knock: Knock) -> Refusal | None:
    name = host_name(knock.host)
    if name is None:
        return Refusal.NO_HOST
    return None if name in settings.known_hosts else Refusal.WRONG_HOST


def host_name(host: str | None) -> str | None:
    """Return the name in a Host header without its port, in lower case; None when it is none."""
    try:
        found = urlsplit(f"//{host}") if host else None
        _ = found and found.port
    except ValueError:
        return None
    plain = found and found.hostname and not found.username and not found.path
    return found.hostname if found and plain else None


def same_origin(settings: WebSettings, knock: Knock) -> bool:
    """Return whether a page of our own sent the request.

    Every browser sends Origin with a write (fetch.spec.whatwg.org, "append a request Origin
    header"); behind a proxy that rewrites Host, the configured names count as our own.
    """
    if knock.fetch_site not in (None, "same-origin") or not knock.origin:
        return False
    scheme, _, netloc = knock.origin.partition("://")
    if scheme not in ("http", "https"):
        return False
    return netloc.lower() == (knock.host or "").lower() or host_name(netloc) in settings.hosts


def _viewer(settings: WebSettings, tokens: Tokens, knock: Knock, now: datetime) -> Viewer | Refusal:
    if knock.authorization is not None:
        return _by_token(tokens, knock.authorization)
    proxy = settings.proxy
    if proxy and _is_from(proxy, knock.peer):
        return _by_proxy(proxy, knock.user)
    if knock.cookie is not None:
        return _by_cookie(tokens, knock.cookie, now)
    role = settings.local_role
    if role is None or not ip_address(knock.peer).is_loopback:
        return Refusal.NOBODY
    # A proxy on this machine that nobody told us of would make all the world local.
    return Refusal.STRANGE_PROXY if knock.forwarded else Viewer("local", role, ("*",), "local")


def _by_token(tokens: Tokens, authorization: str) -> Viewer | Refusal:
    scheme, _, token = authorization.partition(" ")
    found = tokens.holder(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        return Refusal.WRONG_TOKEN
    return Viewer(found.name, found.role, found.watches, "token", found.outside)


def _by_cookie(tokens: Tokens, cookie: str, now: datetime) -> Viewer | Refusal:
    name = named_in(tokens, cookie, now)
    found = tokens.named(name) if name else None
    if found is None:
        return Refusal.WRONG_TOKEN
    return Viewer(found.name, found.role, found.watches, "cookie", found.outside)


def _is_from(proxy: ProxySettings, peer: str) -> bool:
    address = ip_address(peer)
    return any(address.version == net.version and address in net for net in proxy.addresses)


def _by_proxy(proxy: ProxySettings, user: str | None) -> Viewer | Refusal:
    name = clean(user or "", _LONGEST_NAME)
    if not name:
        return Refusal.NO_USER
    for entry in proxy.users:
        if fnmatchcase(name, entry.match):
            return Viewer(name, entry.role, entry.watches, "proxy", entry.outside)
    return Refusal.UNKNOWN_USER
