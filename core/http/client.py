"""The one way out to the network: every address checked, every request bounded."""

from __future__ import annotations

import functools
import random
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from core.clock import Clock, SystemClock, stopwatch
from core.errors import ConfigError
from core.http.addresses import Guard, Target, parse
from core.http.answers import Answer, RequestError, retry_after
from core.http.deadline import Deadline
from core.http.door import Door, Resolver
from core.http.pool import Pool
from core.http.streams import Limits, Meter, StreamError, gunzip
from core.http.transport import Reply, Visit

_CLOCK = SystemClock()
_LIMITS = Limits()
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({429, 502, 503, 504})
_PAUSES = (0.5, 2.0)
"""Seconds before the second and the third try of a fetch; a longer Retry-After is waited for."""
_LONGEST_PAUSE = 10.0


class Client:
    """Posts to webhooks and fetches feeds.

    Only public addresses are reached, over TLS 1.2 or newer with a verified certificate; other
    addresses, and plain http, only in `allow_networks`. Through a proxy, names are looked up by
    the proxy, so that only addresses written in the URL can be checked here.
    """

    def __init__(
        self,
        *,
        allow_networks: Sequence[str] = (),
        proxy: str | None = None,
        ca_file: Path | None = None,
        deadline: float = 20.0,
        resolve: Resolver = socket.getaddrinfo,
        clock: Clock = _CLOCK,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take what the configuration says; nothing is read from the environment.

        Args:
            allow_networks: CIDR networks that may be reached although they are not public.
            proxy: http:// or https:// URL, with name and password if need be.
            ca_file: PEM authorities to trust instead of the bundled ones.
            deadline: seconds for a whole call, its lookups, redirects and retries included.
            resolve: answers like `socket.getaddrinfo`.
            clock: for Retry-After dates.
            sleep: waits between tries.

        Raises:
            ConfigError: for a network, a proxy or a ca_file that cannot be used.
        """
        if proxy is not None and not proxy.lower().startswith(("http://", "https://")):
            raise ConfigError("proxy", "it must be an http:// or https:// URL")
        self._guard = Guard(allow_networks)
        self._proxy = proxy
        self._pool = Pool(_tls_context(ca_file) if ca_file else _bundled(), proxy)
        weakref.finalize(self, self._pool.close)
        self._deadline, self._resolve = deadline, resolve
        self._clock, self._sleep = clock, sleep

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body and return whatever is answered; redirects are not followed.

        Of the answer's body 64 kB are read. The connection is kept for the next post, for two
        seconds; when a kept one was closed by the receiver, the body is sent over a new one.

        Raises:
            RequestError: when the address is refused, or no whole answer came in time. A receiver
                may have got the body all the same.
        """
        started = stopwatch()
        with (
            Deadline(self._deadline) as deadline,
            self._send("POST", parse(url), headers, body, deadline) as reply,
        ):
            content = reply.start()
            return Answer(reply.status, reply.headers, content, stopwatch() - started)

    def close(self) -> None:
        """Close the connections that are kept; a client that is dropped does so by itself."""
        self._pool.close()

    def fetch(
        self,
        url: str,
        sink: BinaryIO,
        *,
        headers: Mapping[str, str] = {},
        limits: Limits = _LIMITS,
        etag: str | None = None,
        modified: str | None = None,
    ) -> Answer:
        """Write a source's decoded body to `sink`; the answer is 200, or 304 for nothing new.

        `etag` and `modified` are the ETag and Last-Modified headers of the last answer. Redirects
        are followed to the same host over TLS. Connections that fail before an answer, and
        answers of 429, 502, 503 and 504, are tried three times in all within the deadline.

        Raises:
            RequestError: when the address is refused, another status is answered, or the body is
                cut, damaged or over a limit. What `sink` holds then must not be used.
        """
        started = stopwatch()
        asked = {"Accept-Encoding": "gzip", **headers, **_conditions(etag, modified)}
        asked["Connection"] = "close"
        with (
            Deadline(self._deadline) as deadline,
            self._arrive(parse(url), asked, deadline) as reply,
        ):
            if reply.status == HTTPStatus.OK:
                _pour(reply, sink, limits)
            return Answer(reply.status, reply.headers, b"", stopwatch() - started)

    def _arrive(self, target: Target, headers: Mapping[str, str], deadline: Deadline) -> Reply:
        """Follow redirects to a reply of 200 or 304."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._persist(target, headers, deadline)
            if reply.status not in _REDIRECTS:
                return reply
            with reply:
                target = _next(target, reply.headers.get("Location", ""))
        raise RequestError(target.origin, f"it redirects more than {_MOST_REDIRECTS} times")

    def _persist(self, target: Target, headers: Mapping[str, str], deadline: Deadline) -> Reply:
        """Try again after transient failures, while there is time for the wait."""
        for pause in _PAUSES:
            try:
                return self._get(target, headers, deadline)
            except RequestError as error:
                wait = _wait(pause, error.retry_after)
                if not error.transient or wait >= deadline.remaining():
                    raise
            self._sleep(wait)
        return self._get(target, headers, deadline)

    def _get(self, target: Target, headers: Mapping[str, str], deadline: Deadline) -> Reply:
        reply = self._send("GET", target, headers, None, deadline)
        if reply.status in _REDIRECTS | {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            return reply
        with reply:
            raise RequestError(
                target.origin,
                f"it answered {reply.status}",
                transient=reply.status in _TRANSIENT,
                retry_after=retry_after(reply.headers, self._clock.now()),
            )

    def _send(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: Deadline,
    ) -> Reply:
        self._check_before_proxy(target)
        if self._proxy is not None:  # what a proxy keeps open, and for whom, nobody knows
            headers = {**headers, "Connection": "close"}
        door = Door(target, self._guard, self._resolve, deadline)
        return self._pool.send(Visit(target, door, deadline), method, headers, body)

    def _check_before_proxy(self, target: Target) -> None:
        """Check what the door will not see: behind a proxy it opens the proxy only."""
        if self._proxy is None:
            return
        problem, mend = "", ""
        if target.address is not None:
            problem, mend = self._guard.refusal(target.address, target.scheme)
        elif target.scheme != "https":
            problem, mend = "plain http to a name is refused through a proxy", "use https"
        if problem:
            raise RequestError(target.origin, problem, mend)


@functools.cache
def _bundled() -> ssl.SSLContext:
    """Return the context of the bundled authorities; reading them takes 50 ms."""
    return _tls_context(Path(DEFAULT_CA_BUNDLE_PATH))


def _tls_context(ca_file: Path) -> ssl.SSLContext:
    """Return a context that verifies names and certificates and heeds no environment variable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(ca_file)
    except OSError:
        raise ConfigError("ca_file", f"{ca_file} is no readable file of PEM certificates") from None
    return context


def _conditions(etag: str | None, modified: str | None) -> dict[str, str]:
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in conditions.items() if value}


def _next(target: Target, location: str) -> Target:
    """Return where a redirect leads, if that is the same host over TLS."""
    try:
        found = parse(urljoin(target.url, location))
    except (RequestError, ValueError):
        raise RequestError(target.origin, "it redirects to what is no usable URL") from None
    if found.scheme != "https" or found.host != target.host or found.port not in {target.port, 443}:
        problem = f"it redirects to {found.origin}, and only its own host over TLS is followed"
        raise RequestError(target.origin, problem, "configure the address it redirects to")
    return found


def _wait(pause: float, asked: float | None) -> float:
    """Return seconds to wait: at least what was asked, within bounds, and not all at once."""
    spread = random.SystemRandom().uniform(1.0, 1.2)
    return min(max(pause, asked or 0.0), _LONGEST_PAUSE) * spread


def _pour(reply: Reply, sink: BinaryIO, limits: Limits) -> None:
    """Write the decoded body to the sink, block by block."""
    meter = Meter(limits)
    blocks = meter.sent(reply.blocks())
    encoding = reply.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        blocks = meter.unpacked(gunzip(blocks))
    elif encoding not in {"identity", ""}:
        raise RequestError(reply.target.origin, "it answered in an encoding that was not asked for")
    try:
        for block in blocks:  # noqa: FURB122 - sinks that count or hash override write alone
            sink.write(block)
    except StreamError as error:
        raise RequestError(reply.target.origin, str(error), transient=error.transient) from None
