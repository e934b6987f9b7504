"""Bytes that come from outside, counted and inflated as they pass."""

from __future__ import annotations

from dataclasses import dataclass


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
