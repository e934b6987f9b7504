"""What a download leaves for the next one, so that an unchanged source is not sent again.

A bookmark may be used only while the same bytes would give the same rows and the same coverage.
That ends when a setting changes and, for a pull whose outcome hung on its day, with that day: rows
dated after it were refused, or coverage ended with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from feeds.file_settings import FileSettings
from feeds.files import MAPPING_VERSION

_LONGEST_TAG = 1_000
"""A server that sends longer ones is asked without."""


@dataclass(frozen=True)
class Tags:
    """The ETag and Last-Modified headers of an answer (RFC 9110, section 8.8)."""

    etag: str | None
    modified: str | None


@dataclass(frozen=True)
class Bookmark:
    """The tags of a pull, and what they hold for.

    Attributes:
        etag: as in Tags.
        modified: as in Tags.
        digest: of the pull (see `core.incidents.Pull`).
        reading: hash of the URL and the settings.
        day: the pull's "today".
        lasting: whether the pull would have come out the same on any later day.
    """

    etag: str | None
    modified: str | None
    digest: str
    reading: str
    day: str
    lasting: bool

    def __str__(self) -> str:
        """Return it as text for `parse`."""
        return json.dumps(asdict(self))


def tags_of(headers: Mapping[str, str]) -> Tags:
    """Return the tags of an answer."""
    found = (headers.get(name) for name in ("ETag", "Last-Modified"))
    return Tags(*(text if text and len(text) <= _LONGEST_TAG else None for text in found))


def mark(tags: Tags, digest: str, settings: FileSettings, today: date, *, lasting: bool) -> str:
    """Return the bookmark of a pull as text; "" for an answer without tags."""
    if not (tags.etag or tags.modified):
        return ""
    reading, day = _reading(settings), today.isoformat()
    return str(Bookmark(tags.etag, tags.modified, digest, reading, day, lasting))


def usable(text: str, settings: FileSettings, today: date) -> Bookmark | None:
    """Return the bookmark of the last pull if the source may be asked whether it has changed."""
    try:
        last = Bookmark(**json.loads(text or "{}"))
    except TypeError:  # none, or one with the fields of another version
        return None
    day = today.isoformat()
    same_rows = day == last.day or (last.lasting and day > last.day)
    return last if same_rows and last.reading == _reading(settings) else None


def _reading(settings: FileSettings) -> str:
    """Return a hash: the URL itself may hold secrets, and the database is not the place."""
    seed = json.dumps([MAPPING_VERSION, settings.url, settings.reading()], sort_keys=True)
    return hashlib.sha256(seed.encode()).hexdigest()
