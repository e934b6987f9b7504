"""One request over a new or a kept connection, on requests' adapter, nothing from the environment.

Only the adapter is used, not a Session: a Session reads proxies, netrc and CA bundles from the
environment, keeps cookies, and reads the whole body of a redirect into memory even when it does
not follow it.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3 import ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from core.http.addresses import Address, Target
from core.http.answers import RequestError
from core.http.deadline import Deadline
from core.http.door import Door
from core.http.streams import BLOCK

logging.getLogger("urllib3").setLevel(logging.INFO)  # its debug lines hold paths and queries


@dataclass(frozen=True)
class Visit:
    """One request's way out: where it goes, what opens its sockets, and until when."""

    target: Target
    door: Door
    deadline: Deadline


class Line:
    """A connection to one server, for one request after another; never for two at once.

    Attributes:
        address: what it leads to.
    """

    def __init__(
        self, visit: Visit, tls: ssl.SSLContext, proxy: str | None, free: Callable[[Line], None]
    ) -> None:
        """Take the first visit; nothing is opened yet. `free` is told when a reply was read."""
        self.visit, self._free = visit, free
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._adapter = _Adapter(self, tls)
        self._connection: HTTPConnection | None = None
        self.address: Address | None = None

    def send(
        self, visit: Visit, method: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        """Send one request and return the reply once its headers are there.

        Raises:
            RequestError: see `core.http.Client`.
        """
        self.visit = visit
        request = _prepare(method, visit.target, headers, body)
        if self._connection and self._connection.sock:
            visit.deadline.watch(self._connection.sock)
        with _on_the_wire(visit):
            response = self._adapter.send(
                request,
                stream=True,
                timeout=max(visit.deadline.remaining(), 0.001),
                proxies=self._proxies,
            )
        return Reply(response, self)

    def open(self, connection: HTTPConnection, *, trusted: bool = False) -> socket.socket:
        """Return a socket through the visit's door, also where a kept one was closed meanwhile."""
        sock = self.visit.door.open(connection.host, connection.port, trusted=trusted)
        self._connection, self.address = connection, ip_address(sock.getpeername()[0])
        return sock

    def end(self, *, whole: bool) -> None:
        """Free the line for the next request after a whole answer; close it after any other."""
        if whole and self._connection and self._connection.sock:
            self._free(self)
        else:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self._adapter.close()


class Reply:
    """The status and headers of an answer whose body is still to be read."""

    def __init__(self, response: Response, line: Line) -> None:
        self._response, self._line, self._visit = response, line, line.visit
        self.target = line.visit.target
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._response.raw.close()
        self._line.end(whole=self._whole)

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
        with _on_the_wire(self._visit):
            block = bytes(self._response.raw.read(most, decode_content=False))
        if late := self._visit.deadline.error(self.target.origin):
            raise late  # a body without a length ends where its socket was shut
        self._whole = not block
        return block


def _prepare(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None
) -> PreparedRequest:
    own = {"User-Agent": "tocsin"}
    try:
        for value in headers.values():
            value.encode("latin-1")  # as http.client will, too late for a clear error
        return Request(method, target.url, {**own, **headers}, data=body).prepare()
    except (RequestException, ValueError):
        raise RequestError(target.origin, "a header or the URL cannot be sent as it is") from None


@contextmanager
def _on_the_wire(visit: Visit) -> Iterator[None]:
    """Turn what goes wrong on the wire into a RequestError that holds nothing of the URL."""
    try:
        yield
    except (RequestException, HTTPError, HTTPException, OSError):
        origin = visit.target.origin
        broken = RequestError(
            origin, "the connection broke before the whole answer was there", transient=True
        )
        raise (visit.deadline.error(origin) or broken) from None


class _Adapter(HTTPAdapter):
    """An adapter whose connections come through the door and whose TLS is ours."""

    def __init__(self, line: Line, tls: ssl.SSLContext) -> None:
        self._line, self._tls = line, tls
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._tls, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._line, trusted=False)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(
            proxy, ssl_context=self._tls, proxy_ssl_context=self._tls, **kwargs
        )
        manager.pool_classes_by_scheme = _pools(self._line, trusted=True)
        return manager

    def cert_verify(self, *_: Any) -> None:
        """Leave the authorities as the context has them."""


def _pools(line: Line, *, trusted: bool) -> dict[str, type[HTTPConnectionPool]]:
    """Return pool classes whose connections get their sockets from the line.

    urllib3 makes connections from classes and takes no argument of ours on the way.
    """

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return line.open(self, trusted=trusted)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return line.open(self, trusted=trusted)

        def connect(self) -> None:
            try:
                super().connect()
            except ssl.SSLError as error:
                raise _tls_error(line.visit, error) from None

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _tls_error(visit: Visit, error: ssl.SSLError) -> RequestError:
    """Return the error of a failed handshake; transient, as the other side may mend it."""
    origin = visit.target.origin
    if late := visit.deadline.error(origin):
        return late
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = f"its certificate is refused: {error.verify_message}"
        return RequestError(
            origin, problem, "a private authority goes into ca_file", transient=True
        )
    reason = (error.reason or "no agreement").replace("_", " ").lower()
    return RequestError(origin, f"TLS failed: {reason}", transient=True)
