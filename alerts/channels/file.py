"""A file: one JSON line per message, whole or not at all."""

from __future__ import annotations

import fcntl
import os
from io import FileIO
from pathlib import Path
from typing import Literal

from pydantic import Field

from alerts.channels.channel import DeliveryError, Surroundings
from alerts.channels.on_disk import sync_folder
from core.alerts import Delivery
from core.settings import ChannelSettings


class FileSettings(ChannelSettings):
    """Where the lines go, relative to the configuration file."""

    kind: Literal["file"]
    internal: bool = True
    path: str = Field(min_length=1)


class File:
    """Appends messages to a file."""

    def __init__(self, settings: FileSettings, surroundings: Surroundings) -> None:
        self._path: Path = surroundings.folder / settings.path

    def send(self, delivery: Delivery) -> str:
        """Append {"id": …, "type": …, "timestamp": …, "data": …} and wait for the disk.

        A repeat after a crash has the same `id` and the same line.

        Raises:
            DeliveryError: transient, when the file cannot be written; it is then as before.
        """
        from alerts.messages import canonical  # noqa: PLC0415 - who only reads settings needs none

        line = canonical({"id": delivery.delivery_id, **delivery.body}) + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _append(self._path, line)
        except OSError as error:
            raise DeliveryError(
                f"cannot write {self._path.name} ({error.strerror})", transient=True
            ) from error
        return f"appended {len(line)} bytes"


def _append(path: Path, line: bytes) -> None:
    """Append a line under a lock; a line that was cut by a power loss is ended first."""
    with path.open("ab+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.seek(0, os.SEEK_END)
        if before and os.pread(file.fileno(), 1, before - 1) != b"\n":
            line = b"\n" + line
        try:
            _write_all(file, line)
        except OSError:
            file.truncate(before)
            raise
    sync_folder(path.parent)  # the file's name may be new


def _write_all(file: FileIO, line: bytes) -> None:
    while line:
        line = line[file.write(line) :]
    os.fsync(file.fileno())
