"""A network of one machine: which addresses it has, which were connected to, and how names lead."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

LOOPBACK = ["127.0.0.0/8"]
SHORT = 0.3
"""Seconds of a deadline that is to be missed."""
CANARY = "canary-4f1d"
connects: list[str] = []
"""Every address that this process connected to."""


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        connects.append(str(args[1][0]))


sys.addaudithook(_listen)


def names(address: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a resolver that knows one address for every name."""

    def resolve(_host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        if ":" in address:
            plain, _, scope = address.partition("%")
            return [(socket.AF_INET6, 1, 6, "", (plain, port, 0, int(scope or 0)))]
        return [(socket.AF_INET, 1, 6, "", (address, port))]

    return resolve
