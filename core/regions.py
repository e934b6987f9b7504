"""Region keys: tuples of names, shown joined by "/", with slash and backslash in a name escaped."""

from __future__ import annotations

import re

RegionKey = tuple[str, ...]

UNKNOWN = "(unknown)"
ABROAD = "(abroad)"
"""In place of a country: all countries but an actor's home, added up."""
_SPECIAL = re.compile(r"[\\/]")
_PIECE = re.compile(r"\\[\\/]|.", re.DOTALL)


def label(key: RegionKey) -> str:
    """Return a key as it is shown: ("Nigeria", "Borno state") is "Nigeria/Borno state"."""
    return "/".join(_SPECIAL.sub(r"\\\g<0>", part) for part in key)


def parse(text: str) -> RegionKey:
    r"""Return the key that `label` wrote; in a name, ``\/`` is a slash, ``\\`` a backslash."""
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece == "/":
            parts.append("")
        else:
            parts[-1] += piece[-1]
    return tuple(parts)
