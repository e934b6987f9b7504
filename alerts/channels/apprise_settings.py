"""What a configuration says of an apprise channel."""

from __future__ import annotations

from typing import Literal

from core.settings import ChannelSettings


class AppriseSettings(ChannelSettings):
    """Where Apprise's addresses are; they hold passwords, so they never stand in the file."""

    kind: Literal["apprise"]
    url_env: str | None = None
    url_file: str | None = None
    """One or several addresses, separated by white space."""
