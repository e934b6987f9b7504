"""Region keys: tuples of names, shown joined by "/", with "/" in a name escaped."""

from __future__ import annotations

import re

RegionKey = tuple[str, ...]

UNKNOWN = "(unknown)"
_SPLIT = re.compile(r"(?<!\\)/")


def label(key: RegionKey) -> str:
    """Return a key as it is shown: ("Nigeria", "Borno state") is "Nigeria/Borno state"."""
    return "/".join(part.replace("/", r"\/") for part in key)


def parse(text: str) -> RegionKey:
    r"""Return the key that `label` wrote; a slash inside a name is written ``\/``."""
    return tuple(part.replace(r"\/", "/") for part in _SPLIT.split(text))
