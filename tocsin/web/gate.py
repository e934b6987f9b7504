"""The gate in front of everything: lets in or refuses, bounds the body, adds the headers.

A plain ASGI middleware, so that nothing of the application runs for somebody who is refused.
"""

from __future__ import annotations

import logging
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.tickets import PATH as ACK_PATH
from core.clock import Clock
from core.text import clean
from tocsin.web.access import SAFE_METHODS, Knock, Refusal, Viewer, decide, decide_link
from tocsin.web.cookies import COOKIE
from tocsin.web.problems import problem
from tocsin.web.settings import WebSettings
from tocsin.web.tokens import Tokens

log = logging.getLogger("tocsin.web")
OPEN_PATHS = ("/healthz", "/login", "/static/")
"""Paths that need no viewer; the host is checked all the same."""
LOGIN = "/login"
MOST_BODY = 64 * 1024
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Of every answer that does not set its own."""


class Gate:
    """Decides about every request before the application sees it.

    Whoever is let in stands in `request.state.viewer`.
    """

    def __init__(self, app: ASGIApp, settings: WebSettings, tokens: Tokens, clock: Clock) -> None:
        """Take the application behind the gate and who may pass."""
        self._app, self._settings, self._tokens, self._clock = app, settings, tokens, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        knock, path = knock_of(scope, self._settings), scope["path"]
        outward = _with_headers(send, path)
        found = self._decided(path, knock)
        if isinstance(found, Refusal) and not _is_open(path, found, knock):
            _tell(knock, found)
            await _refusal(found, knock, scope)(scope, receive, outward)
            return
        scope.setdefault("state", {})["viewer"] = found if isinstance(found, Viewer) else None
        if knock.method not in SAFE_METHODS and isinstance(found, Viewer):
            log.info("write by %s (%s): %s %s", found.name, found.way, knock.method, clean(path))
        await self._app(scope, _bounded(receive), outward)

    def _decided(self, path: str, knock: Knock) -> Viewer | Refusal | None:
        """Return who asks, None where a signed link says enough, or why they are refused."""
        if path == ACK_PATH:
            return decide_link(self._settings, knock)
        return decide(self._settings, self._tokens, knock, self._clock.now())


def knock_of(scope: Scope, settings: WebSettings) -> Knock:
    """Return what a request shows of itself."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    cookies = cookie_parser(headers.get("cookie", ""))
    users = headers.getlist(settings.proxy.user_header) if settings.proxy else []
    return Knock(
        peer=_peer(scope),
        method=scope["method"],
        host=hosts[0] if len(hosts) == 1 else None,
        origin=headers.get("origin"),
        fetch_site=headers.get("sec-fetch-site"),
        authorization=headers.get("authorization"),
        cookie=cookies.get(COOKIE),
        user=users[0] if len(users) == 1 else None,
        forwarded=any(name in headers for name in _FORWARDED),
    )


def _peer(scope: Scope) -> str:
    """Return the address of the other end; what is none belongs to nobody."""
    try:
        return str(ip_address((scope.get("client") or ("",))[0]))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - compared, never bound


def _is_open(path: str, refusal: Refusal, knock: Knock) -> bool:
    """Return whether a refused request may pass all the same: nobody's, to a path that is open."""
    nobody = refusal in (Refusal.NOBODY, Refusal.WRONG_TOKEN)
    asks = path in OPEN_PATHS or path.startswith("/static/")
    return nobody and asks and (knock.method in SAFE_METHODS or path == LOGIN)


def _tell(knock: Knock, refusal: Refusal) -> None:
    """Log who was refused and why; never the token, nor anything that may hold one."""
    if refusal is not Refusal.NOBODY:
        log.warning("refused %s from %s: %s", knock.method, knock.peer, refusal.name.lower())


def _refusal(refusal: Refusal, knock: Knock, scope: Scope) -> Response:
    asked = Headers(scope=scope).get("accept", "")
    if refusal.status == 401 and knock.method == "GET" and "text/html" in asked:
        return RedirectResponse(f"{LOGIN}?next={quote(scope['path'], safe='/')}", 303)
    headers = {"www-authenticate": "Bearer"} if refusal.status == 401 else {}
    return problem(refusal.status, refusal.words, headers=headers)


def _with_headers(send: Send, path: str) -> Send:
    # A signed link must not travel on in a Referer, not even to ourselves.
    own = {"referrer-policy": "no-referrer"} if path == ACK_PATH else {}

    async def outward(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in (HEADERS | own).items():
                headers.setdefault(name, value)
        await send(message)

    return outward


def _bounded(receive: Receive) -> Receive:
    """Return a `receive` that fails once the body is too long, whatever its length was said."""
    seen = 0

    async def inward() -> Any:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BODY:
            raise HTTPException(413, f"a request may have {MOST_BODY // 1024} kB at the most")
        return message

    return inward
