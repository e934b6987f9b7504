"""Bytes that come from outside, counted and inflated as they pass, never held whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BLOCK = 65_536
_RATIO_FROM = 1_000_000
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Limits:
    """How much a source may send, and how much it may become.

    Attributes:
        wire: bytes as sent, or as the file holds them.
        decoded: bytes after unpacking.
        ratio: decoded bytes per byte sent, judged from the first decoded megabyte on.
    """

    wire: int = 50_000_000
    decoded: int = 200_000_000
    ratio: float = 100.0


class StreamError(Exception):
    """Bytes that cannot be taken; `transient` when they were cut or damaged on the way."""

    def __init__(self, problem: str, *, transient: bool = False) -> None:
        super().__init__(problem)
        self.transient = transient


class Meter:
    """Counts bytes on both sides of the unpacking and stops what grows too far."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._wire = self._decoded = 0

    def sent(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass blocks on as they came.

        Raises:
            StreamError: over the limit for bytes sent.
        """
        for block in blocks:
            self.take(len(block))
            yield block

    def take(self, size: int) -> None:
        """Count bytes as sent; raise StreamError over the limit."""
        self._wire += size
        if self._wire > self._limits.wire:
            raise StreamError(f"it is larger than {self._limits.wire:,} bytes")

    def unpacked(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass unpacked blocks on.

        Raises:
            StreamError: over the limit for unpacked bytes or for their ratio to those sent.
        """
        for block in blocks:
            self._decoded += len(block)
            if self._decoded > self._limits.decoded:
                raise StreamError(f"it unpacks to more than {self._limits.decoded:,} bytes")
            if self._decoded > max(_RATIO_FROM, self._limits.ratio * self._wire):
                raise StreamError(f"it unpacks to over {self._limits.ratio:g} times its size")
            yield block


def gunzip(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate a gzip stream in blocks of at most 64 kB; members may follow one another.

    Source: RFC 1952, section 2.2. zlib checks each member's length and CRC.

    Raises:
        StreamError: for a stream that is damaged or ends inside a member.
    """
    member = zlib.decompressobj(_GZIP)
    try:
        for block in blocks:
            rest = block
            while rest:
                if member.eof:
                    member = zlib.decompressobj(_GZIP)
                yield member.decompress(rest, BLOCK)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error:
        raise StreamError("its gzip stream is damaged", transient=True) from None
    if not member.eof:
        raise StreamError("its gzip stream is cut", transient=True)
