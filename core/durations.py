"""Lengths of time as people write them: "90s", "30m", "36h", "7d"."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_FORM = re.compile(r"([1-9][0-9]{0,8})([smhd])")


def seconds(text: str) -> int:
    """Return the seconds that a text such as "30m" stands for.

    Raises:
        ValueError: for any other text; the line says what to write.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is not a length of time such as "90s", "30m", "36h" or "7d"')
    return int(match[1]) * _UNITS[match[2]]


def in_words(length: float) -> str:
    """Return seconds in the unit that reads best: "45 s", "12 min", "3.5 h", "2.0 d"."""
    if length < 120:
        return f"{length:.0f} s"
    if length < 2 * 3600:
        return f"{length / 60:.0f} min"
    return f"{length / 3600:.1f} h" if length < 2 * 86_400 else f"{length / 86_400:.1f} d"


def _to_seconds(value: object) -> object:
    return seconds(value) if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(_to_seconds), Field(strict=True, ge=1, le=31_536_000)]
"""A key of the configuration: such a text, or whole seconds; at most a year."""
