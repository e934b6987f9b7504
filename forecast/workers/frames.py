"""Messages between a worker and its owner: four letters, a length, and that much JSON.

JSON carries every finite number to the last bit and can do nothing when it is read.
"""

from __future__ import annotations

import json
import struct
from typing import Any

Message = dict[str, Any]

_HEADER = struct.Struct(">4sI")
_MARK = b"TOC1"
_LONGEST = 64 * 2**20


class FrameError(Exception):
    """What came is no frame: a library printed into the pipe, or the worker has gone mad."""


def encode(message: Message) -> bytes:
    """Return the frame of a message.

    Raises:
        ValueError: a number in it is not finite.
    """
    body = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    return _HEADER.pack(_MARK, len(body)) + body


class Decoder:
    """Puts frames together from whatever pieces a pipe gives."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._held = bytearray()

    def feed(self, piece: bytes) -> list[Message]:
        """Return the messages that are whole now.

        Raises:
            FrameError: for bytes that no frame can start with, or a body that is no JSON object.
        """
        self._held += piece
        found = []
        while (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> Message | None:
        known = bytes(self._held[: len(_MARK)])
        if not _MARK.startswith(known):
            raise FrameError(f"not a frame: {known!r}")
        if len(self._held) < _HEADER.size:
            return None
        length = _HEADER.unpack_from(self._held)[1]
        if length > _LONGEST:
            raise FrameError(f"a frame of {length} bytes")
        end = _HEADER.size + length
        if len(self._held) < end:
            return None
        body = bytes(self._held[_HEADER.size : end])
        del self._held[:end]
        return _parsed(body)


def _parsed(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError("a body that is no JSON") from error
    if not isinstance(message, dict):
        raise FrameError("a body that is no object")
    return message
