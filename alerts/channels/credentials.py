"""Secrets, read from the environment or from a file; never from the configuration itself."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import SecretStr

from alerts.channels.channel import Surroundings
from core.errors import ConfigError


class Source(NamedTuple):
    """Where a secret is: `key` names the pair of settings `key_env` and `key_file`.

    `channel` is the name of the one it belongs to, in the configuration's table `table`.
    """

    channel: str
    key: str
    env: str | None
    file: str | None
    table: str = "channels"

    @property
    def where(self) -> str:
        """Return its place in the configuration."""
        return f"{self.table}.{self.channel}"


def read_if_set(source: Source, surroundings: Surroundings) -> SecretStr | None:
    """Return a secret that need not be there, None when it is not configured.

    Raises:
        ConfigError: as `read`.
    """
    return read(source, surroundings) if source.env or source.file else None


def read(source: Source, surroundings: Surroundings) -> SecretStr:
    """Return a secret; surrounding white space of a file is not part of it.

    Raises:
        ConfigError: when neither or both places are configured, or the place is empty.
    """
    where = source.where
    if (source.env is None) == (source.file is None):
        raise ConfigError(
            where,
            f"the {source.key} needs exactly one place",
            f"set {source.key}_env or {source.key}_file",
        )
    found = _from_env(source, surroundings) if source.env else _from_file(source, surroundings)
    if not found:
        raise ConfigError(where, f"the {source.key} is empty", _place(source))
    return SecretStr(found)


def _from_env(source: Source, surroundings: Surroundings) -> str:
    found = surroundings.environment.get(source.env or "")
    if found is None:
        raise ConfigError(
            source.where,
            f"the environment variable {source.env} is not set",
            f"set it to the {source.key}, or use {source.key}_file",
        )
    return found


def _from_file(source: Source, surroundings: Surroundings) -> str:
    path = surroundings.folder / (source.file or "")
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(
            source.where,
            f"cannot read the {source.key} from {path} ({reason})",
            "make the file readable to this user",
        ) from None


def _place(source: Source) -> str:
    return f"put it in {source.env}" if source.env else f"put it in {source.file}"
