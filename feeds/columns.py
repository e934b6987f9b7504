"""Columns of a header, found by name, with one clear line for the one that is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from core.errors import FeedError
from core.text import clean


def positions(origin: str, header: Sequence[str], wanted: Iterable[str]) -> dict[str, int]:
    """Return where in the header each wanted column stands; spaces around a name do not count.

    Raises:
        FeedError: when one is missing or stands there twice; it names the nearest one.
    """
    found = {}
    for column in wanted:
        times = [i for i, title in enumerate(header) if title == clean(column)]
        if not times:
            raise FeedError(origin, f"there is no column '{column}'", _hint(column, header))
        if len(times) > 1:
            raise FeedError(origin, f"column '{column}' stands there twice", "rename one of them")
        found[column] = times[0]
    return found


def _hint(column: str, header: Sequence[str]) -> str:
    titles = [title for title in header if title]
    shown = ", ".join(title[:40] for title in titles[:30]) + (", …" if len(titles) > 30 else "")
    lower = {title.casefold(): title for title in titles}
    near = get_close_matches(column.casefold(), lower, n=1, cutoff=0.5)
    meant = f"did you mean '{lower[near[0]]}'? " if near else ""
    return f"{meant}the file has {shown or 'no named column'}"
