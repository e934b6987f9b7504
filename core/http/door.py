"""Opens the sockets: one lookup, every address of it checked, connected to what was checked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import IPv4Address, ip_address
from typing import Any

from core.http.addresses import Address, Guard, Target
from core.http.answers import RequestError
from core.http.deadline import Deadline

Resolver = Callable[..., Sequence[tuple[Any, ...]]]
"""Called as `socket.getaddrinfo(host, port, type=SOCK_STREAM)` and answering like it."""


class Door:
    """Opens the connections of one request."""

    def __init__(self, target: Target, guard: Guard, resolve: Resolver, deadline: Deadline) -> None:
        """Take where the request goes, what decides on addresses, and how they are found."""
        self._target, self._guard = target, guard
        self._resolve, self._deadline = resolve, deadline
        self._checked: dict[tuple[str, int], list[Address]] = {}

    def open(self, host: str, port: int, *, trusted: bool = False) -> socket.socket:
        """Return a socket connected to a checked address of the host.

        `trusted` leaves the check out: for the proxy that the configuration names.

        Raises:
            RequestError: as `checked`, or when no address can be reached in time.
        """
        addresses = self._addresses(host, port) if trusted else self.checked(host, port)
        trouble = "its name has no address"
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                return self._connect(address, port, self._deadline.remaining() / left)
            except OSError as error:
                trouble = error.strerror or "the connection timed out"
        raise self._failure(f"it cannot be reached: {trouble}")

    def checked(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host, looked up once for the request, all of them allowed.

        Raises:
            RequestError: when the lookup fails, or when one of the addresses is refused (one bad
                address spoils the lookup).
        """
        if (host, port) not in self._checked:
            addresses = self._addresses(host, port)
            for address in addresses:
                self._check(address)
            self._checked[host, port] = addresses
        return self._checked[host, port]

    def _failure(self, problem: str) -> RequestError:
        late = self._deadline.error(self._target.origin)
        return late or RequestError(self._target.origin, problem, transient=True)

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            return [ip_address(host.strip("[]"))]
        except ValueError:
            found = self._look_up(host, port)
        try:
            return list(dict.fromkeys(_address(sockaddr) for *_, sockaddr in found))
        except ValueError:
            raise RequestError(self._target.origin, "its lookup gave no IP address") from None

    def _look_up(self, host: str, port: int) -> Sequence[tuple[Any, ...]]:
        """Ask the resolver in a thread: the system's own knows no deadline."""
        answer: Future[Sequence[tuple[Any, ...]]] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._resolve(host, port, type=socket.SOCK_STREAM))
            except BaseException as error:  # noqa: BLE001 - it is raised by result() below
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            return answer.result(timeout=self._deadline.remaining())
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            raise self._failure("its host name cannot be resolved") from None

    def _check(self, address: Address) -> None:
        problem, mend = self._guard.refusal(address, self._target.scheme)
        if problem:
            raise RequestError(self._target.origin, problem, mend)

    def _connect(self, address: Address, port: int, seconds: float) -> socket.socket:
        family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(max(seconds, 0.001))  # 0 would mean "do not block"
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect((str(address), port))
            self._deadline.watch(sock)
        except BaseException:
            sock.close()
            raise
        return sock


def _address(sockaddr: tuple[Any, ...]) -> Address:
    """Return the address of a socket name; a scope id stays part of it, to be refused."""
    scoped = len(sockaddr) == 4 and sockaddr[3] and "%" not in str(sockaddr[0])
    return ip_address(f"{sockaddr[0]}%{sockaddr[3]}" if scoped else sockaddr[0])
