"""Region keys: tuples of names, shown joined by "/", with slash and backslash in a name escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

RegionKey = tuple[str, ...]

UNKNOWN = "(unknown)"
ABROAD = "(abroad)"
"""In place of a country: all countries but an actor's home, added up."""
ALL: RegionKey = ("(all)",)
"""The total of a whole watch; also of regions whose names have one part only."""
_SPECIAL = re.compile(r"[\\/]")
_PIECE = re.compile(r"\\[\\/]|.", re.DOTALL)


def whole_of(key: RegionKey) -> RegionKey:
    """Return what a region is a part of: ("Nigeria",) of ("Nigeria", "Borno state")."""
    return key[:1] if len(key) > 1 else ALL


def is_total(key: RegionKey, columns: Sequence[str]) -> bool:
    """Return whether a key of a watch grouped by `columns` names what regions add up to."""
    return key == ALL or len(key) < len(columns)


def name_in(key: RegionKey, columns: Sequence[str], column: str) -> str:
    """Return a key's name in one column; "" where the watch or a total has none there."""
    if column not in columns or key == ALL:
        return ""
    place = columns.index(column)
    return key[place] if place < len(key) else ""


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
