"""What a configuration says of a feed that is a file, or a folder of them, here or at a URL."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from core.errors import FeedError
from core.settings import CARE, FeedSettings, Number
from core.text import clean

_URL = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+([/?][!-~]*)?")
_SHOWABLE = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}\.(csv|tsv|txt|gz|zip|xlsx|xlsm)", re.IGNORECASE
)
_WILD = re.compile(r"[*?]")
_HOW_IT_COMES = CARE | {"name", "path", "url", "allow_networks", "ca_file", "timeout", "settle"}


def _network(text: str) -> str:
    ip_network(text)
    return text


class FileSettings(FeedSettings):
    """Keys of every feed that is a file."""

    path: Path | None = None
    url: str | None = None
    """Instead of path: where the file is downloaded from at every pull."""
    allow_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Networks (CIDR) that the URL may lead to although they are private."""
    ca_file: Path | None = None
    """Certificates to trust instead of the bundled ones."""
    timeout: Number = Field(default=20.0, gt=0, le=600)
    """Seconds for a whole download, its retries included."""
    settle: Number = Field(default=10.0, ge=0, le=3600)
    """Seconds for which a file of a folder must have been left alone before it is read."""
    ids: Literal["feed", "file"] = "feed"
    """Whether the same id in two files of a folder means the same row, or each has its own."""
    max_decoded_mb: int = Field(default=200, ge=1)
    """A packed file that grows beyond this many million bytes is refused, and so is a download."""

    @model_validator(mode="after")
    def _has_one_source(self) -> FileSettings:
        """Check the URL here, not as a field: complaints show a field's text, and its secrets."""
        if (self.path is None) == (self.url is None):
            raise ValueError("give either path or url, one of the two")
        if self.path is not None and _WILD.search(str(self.path.parent)):
            raise ValueError("only the last part of path may hold * or ?")
        if self.url is not None:
            if not _URL.fullmatch(self.url):
                raise ValueError("url must be https://host/… without user name and password")
            urlsplit(self.url)  # raises ValueError for brackets that hold no address
        return self

    @property
    def file_name(self) -> str:
        """Return the file's name without its folder, by path or by URL; it may tell a release."""
        return PurePosixPath(urlsplit(self.url).path).name if self.url else self._local.name

    @property
    def is_pattern(self) -> bool:
        """Return whether the path stands for all files of a folder that have such a name."""
        return self.path is not None and bool(_WILD.search(self.path.name))

    @property
    def origin(self) -> str:
        """Return what may be shown of where the file is: nothing of a URL that may be a secret.

        These are its host, and the file's name where it looks like one: folders, other last
        parts and queries often are keys.
        """
        if self.url is None:
            folder = f"{self._local.parent.name}/" if self.is_pattern else ""
            return clean(folder + self._local.name, 100)
        parts = urlsplit(self.url)
        host = f"{parts.scheme}://{parts.netloc}".lower()
        return f"{host}/…/{self.file_name}" if _SHOWABLE.fullmatch(self.file_name) else host

    def locate(self, base: Path) -> Path:
        """Return the local file; a relative path starts from the folder `base`.

        Raises:
            FeedError: when the feed has a URL instead.
        """
        return base / self._local

    @property
    def _local(self) -> Path:
        if self.path is None:
            raise FeedError(self.name, "the feed has a url, not a path")
        return self.path

    def reading(self) -> dict[str, Any]:
        """Return the keys that decide which rows come out of the same bytes."""
        return self.model_dump(mode="json", exclude=set(_HOW_IT_COMES))


class TextFileSettings(FileSettings):
    """Keys of every feed that is a file of separated values."""

    separator: Literal["auto", ",", ";", "\t", "|"] = "auto"
