"""One request over one new connection, on requests' adapter, with nothing from the environment.

Only the adapter is used, not a Session: a Session reads proxies, netrc and CA bundles from the
environment, keeps cookies, and reads the whole body of a redirect into memory even when it does
not follow it.
"""

from __future__ import annotations

import functools
import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3 import ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from core.http.addresses import Target
from core.http.answers import RequestError
from core.http.deadline import Deadline
from core.http.door import Door
from core.http.streams import BLOCK

logging.getLogger("urllib3").setLevel(logging.INFO)  # its debug lines hold paths and queries

Open = Callable[[str, int], socket.socket]


class Reply:
    """The status and headers of an answer whose body is still to be read."""

    def __init__(self, response: Response, target: Target, deadline: Deadline) -> None:
        self._response, self.target, self._deadline = response, target, deadline
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._response.raw.close()
        self._response.connection.close()

    def blocks(self) -> Iterator[bytes]:
        """Yield the body as it was sent, in blocks of at most 64 kB.

        Raises:
            RequestError: when it ends before its length or its last chunk, or is late.
        """
        while block := self._read(BLOCK):
            yield block

    def start(self) -> bytes:
        """Return the first 64 kB of the body as it was sent; a shorter body must be whole."""
        content = b""
        while len(content) < BLOCK and (block := self._read(BLOCK - len(content))):
            content += block
        return content

    def _read(self, most: int) -> bytes:
        with _connection(self.target, self._deadline):
            block = bytes(self._response.raw.read(most, decode_content=False))
        if late := self._deadline.error(self.target.origin):
            raise late  # a body without a length ends where its socket was shut
        return block


def send(
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    door: Door,
    tls: ssl.SSLContext,
    proxy: str | None,
    deadline: Deadline,
) -> Reply:
    """Send one request through the door and return the reply once its headers are there.

    Raises:
        RequestError: see `core.http.Client`.
    """
    request = _prepare(method, target, headers, body)
    adapter = _Adapter(target, door, tls, deadline)
    proxies = {"http": proxy, "https": proxy} if proxy else {}
    with _connection(target, deadline):
        response = adapter.send(
            request, stream=True, timeout=max(deadline.remaining(), 0.001), proxies=proxies
        )
    return Reply(response, target, deadline)


def _prepare(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None
) -> PreparedRequest:
    own = {"User-Agent": "tocsin", "Connection": "close"}
    try:
        for value in headers.values():
            value.encode("latin-1")  # as http.client will, too late for a clear error
        return Request(method, target.url, {**own, **headers}, data=body).prepare()
    except (RequestException, ValueError):
        raise RequestError(target.origin, "a header or the URL cannot be sent as it is") from None


@contextmanager
def _connection(target: Target, deadline: Deadline) -> Iterator[None]:
    """Turn what goes wrong on the wire into a RequestError that holds nothing of the URL."""
    try:
        yield
    except (RequestException, HTTPError, HTTPException, OSError):
        broken = RequestError(
            target.origin, "the connection broke before the whole answer was there", transient=True
        )
        raise (deadline.error(target.origin) or broken) from None


class _Adapter(HTTPAdapter):
    """An adapter whose connections come through the door and whose TLS is ours."""

    def __init__(self, target: Target, door: Door, tls: ssl.SSLContext, deadline: Deadline) -> None:
        self._door, self._tls = door, tls
        self._pools = functools.partial(_pools, target, deadline)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._tls, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools(self._door.open)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(
            proxy, ssl_context=self._tls, proxy_ssl_context=self._tls, **kwargs
        )
        trusting = functools.partial(self._door.open, trusted=True)
        manager.pool_classes_by_scheme = self._pools(trusting)
        return manager

    def cert_verify(self, *_: Any) -> None:
        """Leave the authorities as the context has them."""


def _pools(target: Target, deadline: Deadline, opener: Open) -> dict[str, type[HTTPConnectionPool]]:
    """Return pool classes whose connections get their sockets from `opener`.

    urllib3 makes connections from classes and takes no argument of ours on the way.
    """

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return opener(self.host, self.port)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return opener(self.host, self.port)

        def connect(self) -> None:
            try:
                super().connect()
            except ssl.SSLError as error:
                raise (deadline.error(target.origin) or _tls_error(target, error)) from None

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _tls_error(target: Target, error: ssl.SSLError) -> RequestError:
    """Return the error of a failed handshake; transient, as the other side may mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = f"its certificate is refused: {error.verify_message}"
        return RequestError(
            target.origin, problem, "a private authority goes into ca_file", transient=True
        )
    reason = (error.reason or "no agreement").replace("_", " ").lower()
    return RequestError(target.origin, f"TLS failed: {reason}", transient=True)
