"""Which secrets that the configuration names cannot be read here, found before a run needs them.

The file may be fine and the shell not: a service has its secrets from systemd, a person who checks
the file has them not. So it is told, and no fault of the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from tocsin.config import Config


def missing_secrets(
    config: Config, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield per secret that cannot be read here what needs it, and why: one line each.

    `environment` stands in the place of this process's own.
    """
    around = os.environ if environment is None else environment
    parts = {f"channel {channel.name}": channel for channel in config.channels}
    named: dict[str, BaseModel | None] = {**parts, "heartbeat": config.heartbeat, "web": config.web}
    for about, settings in named.items():
        for key, value in _texts(settings):
            why = _why(config, key, value, around)
            if why:
                yield about, f"{key}: {why}"


def _texts(settings: object) -> Iterator[tuple[str, str]]:
    """Yield the keys of settings that are texts, those of the tables within too."""
    if isinstance(settings, BaseModel):
        for key in type(settings).model_fields:
            value = getattr(settings, key)
            if isinstance(value, str):
                yield key, value
            else:
                yield from _texts(value)
    elif isinstance(settings, (list, tuple)):
        for one in settings:
            yield from _texts(one)


def _why(config: Config, key: str, value: str, environment: Mapping[str, str]) -> str:
    """Return why a secret cannot be read; "" where it can, and for keys that name none."""
    if key.endswith("_env") and not environment.get(value):
        return f"the environment variable {value} is not set here"
    if key.endswith("_file") and not os.access(config.base / value, os.R_OK):
        return f"{config.base / value} cannot be read by this user"
    return ""
