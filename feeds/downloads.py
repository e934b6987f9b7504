"""Feeds by URL: downloaded whole into a file without a name, then read like a local one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from core.errors import ConfigError, FeedError
from core.http import Client, Limits, RequestError, unpack
from feeds import files
from feeds.bookmarks import Bookmark, Tags, tags_of
from feeds.file_settings import FileSettings

_PACKED = (b"\x1f\x8b", b"PK\x03\x04")
_MOST_SENT = 50_000_000
_MOST_RATIO = 100.0
_NOT_MODIFIED = 304
_CHECK = "check what its url gives, and max_decoded_mb"


class Download:
    """A `feeds.files.Source` that was downloaded.

    Its file has no name from the start, so that it is gone when it is closed or the process ends,
    however that ends.
    """

    def __init__(self, name: str, file: BinaryIO, tags: Tags, limits: Limits) -> None:
        """Take a file that holds the whole body."""
        self.name, self.tags = name, tags
        self._file, self._limits = file, limits

    def raw(self) -> Iterator[bytes]:
        """Yield the body as it was downloaded; only before `blocks`."""
        self._file.seek(0)
        while block := self._file.read(files.BLOCK):
            yield block

    def blocks(self) -> Iterator[bytes]:
        """Yield the body, unpacked where it is a gzip or zip file, then close it."""
        # What was unpacked on the way may be larger than what may be sent.
        limits = Limits(self._limits.decoded, self._limits.decoded, self._limits.ratio)
        try:
            with unpack(self._file, limits, name=self.name) as stream:
                yield from self._recognised(stream)
        except FeedError as error:
            raise FeedError(self.name, error.problem, error.mend or _CHECK) from None

    def _recognised(self, stream: BufferedReader) -> Iterator[bytes]:
        head = stream.peek(4096)[:4096]
        if not head:
            raise FeedError(self.name, "the file is empty")
        files.recognise(self.name, head)
        while block := stream.read(files.BLOCK):
            yield block

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def download(settings: FileSettings, base: Path, last: Bookmark | None) -> Download | None:
    """Return the source as it is now, or None when it has not changed since `last`.

    Sent are at most 50 MB, unpacked at most `max_decoded_mb` and 100 times what was sent.

    Raises:
        FeedError: for every failure, naming the host and nothing more of the URL.
    """
    limits = Limits(_MOST_SENT, settings.max_decoded_mb * 1_000_000, _MOST_RATIO)
    try:
        with ExitStack() as held:
            file = held.enter_context(TemporaryFile())
            tags = _fetch(settings, base, last, file, limits)
            if tags is None:
                return None
            held.pop_all()  # whoever gets the download closes it
    except OSError as error:
        problem = f"the download cannot be kept ({error.strerror})"
        raise FeedError(settings.origin, problem, "make room for temporary files") from error
    return Download(settings.origin, file, tags, limits)


def _fetch(
    settings: FileSettings, base: Path, last: Bookmark | None, file: BinaryIO, limits: Limits
) -> Tags | None:
    """Fill the file; return the answer's tags, or None for "not modified"."""
    asked = (last.etag, last.modified) if last else (None, None)
    try:
        answer = _client(settings, base).fetch(
            settings.url or "", file, limits=limits, etag=asked[0], modified=asked[1]
        )
        file.flush()
    except RequestError as error:
        otherwise = "the next pull tries again" if error.transient else _CHECK
        raise FeedError(settings.origin, error.problem, error.mend or otherwise) from None
    except ConfigError as error:
        raise FeedError(settings.origin, error.problem, error.mend) from None
    if last and answer.status == _NOT_MODIFIED:
        return None
    _refuse_unbounded(settings.origin, answer.headers, file)
    return tags_of(answer.headers)


def _client(settings: FileSettings, base: Path) -> Client:
    return Client(
        allow_networks=settings.allow_networks,
        ca_file=base / settings.ca_file if settings.ca_file else None,
        deadline=settings.timeout,
    )


def _refuse_unbounded(origin: str, headers: Mapping[str, str], file: BinaryIO) -> None:
    """Refuse a body of which nothing says where it ends: a cut one would look whole.

    A length, chunks or a packed body say it (RFC 9112, section 6.3).
    """
    if any(name in headers for name in ("Content-Length", "Transfer-Encoding", "Content-Encoding")):
        return
    file.seek(0)
    if not file.read(4).startswith(_PACKED):
        problem = "the server does not say how long the file is, so that a cut one would look whole"
        raise FeedError(origin, problem, "give the address of a gzip or zip file")
