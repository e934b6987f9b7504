"""Pieces of which the tables of the configuration are made."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Severity = Literal["advisory", "elevated", "high", "severe", "extreme"]
SEVERITIES: tuple[Severity, ...] = ("advisory", "elevated", "high", "severe", "extreme")
"""From least to most."""
Whole = Annotated[int, Strict()]
"""No "4" and no true: a quoted number or a yes is a slip of the hand."""
Number = Annotated[float, Strict()]
Probability = Annotated[Number, Field(gt=0, lt=1)]
_DAYS = re.compile(r"([1-9][0-9]{0,3})([dw])")


def _days(value: object) -> object:
    """Return the days of a text such as "21d" or "3w"; anything else as it is."""
    if not isinstance(value, str):
        return value
    match = _DAYS.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'{value!r} is not a number of days such as "21d" or "3w"')
    return int(match[1]) * (7 if match[2] == "w" else 1)


Days = Annotated[int, BeforeValidator(_days), Field(strict=True, ge=1, le=3660)]
"""Whole days: "21d", "3w" or 21."""


class Settings(BaseModel):
    """A frozen table of the configuration in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
