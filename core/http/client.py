"""The one way out to the network: every address checked, every request bounded."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from core.clock import Clock, SystemClock
from core.http.answers import Answer
from core.http.streams import Limits

Resolver = Callable[..., Sequence[tuple[Any, ...]]]


class Client:
    """Posts to webhooks and fetches feeds."""

    def __init__(
        self,
        *,
        allow_networks: Sequence[str] = (),
        proxy: str | None = None,
        ca_file: Path | None = None,
        deadline: float = 20.0,
        resolve: Resolver = socket.getaddrinfo,
        clock: Clock = SystemClock(),
    ) -> None: ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body once; every status is an answer, a redirect too."""
        raise NotImplementedError

    def fetch(
        self,
        url: str,
        sink: BinaryIO,
        *,
        headers: Mapping[str, str] = {},
        limits: Limits = Limits(),
        etag: str | None = None,
        modified: str | None = None,
    ) -> Answer:
        """Write a source's decoded body to `sink`; the answer is 200, or 304 for nothing new."""
        raise NotImplementedError
