"""UCDP's release numbers, which say up to when a file's silence means zero.

Source: the version history at ucdp.uu.se/downloads. Yearly "24.1" holds everything until the end of
2023; monthly candidate "23.0.10" holds October 2023; quarterly candidate "26.01.26.06" holds
January to June 2026. In file names the points are written "_" as often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_NUMBER = r"(\d{2})[._](\d{1,2})(?:[._](\d{1,2})(?:[._](\d{1,2}))?)?"
_END = r"(?!\d|[._]\d{1,4}(?!\d))"
"""Where a year or the like follows it is something else, such as the date 12.05.2024."""
_WHOLE = re.compile(_NUMBER, re.ASCII)
_IN_NAMES = (
    re.compile(rf"v{_NUMBER}{_END}", re.ASCII | re.IGNORECASE),
    re.compile(r"(?<![\d.])" + _NUMBER.replace("[._]", r"\.") + _END, re.ASCII),
    re.compile(r"ged(\d{2})(\d)(?!\d)", re.ASCII | re.IGNORECASE),
)


@dataclass(frozen=True)
class Release:
    """Days that a release covers; `first` None: from the first year of each country on."""

    first: date | None
    through: date


def parse_release(number: str) -> Release | None:
    """Return what a release number says, or None when it is none."""
    found = _WHOLE.fullmatch(number.strip().removeprefix("v"))
    return _release(*found.groups()) if found else None


def release_in(file_name: str) -> Release | None:
    """Return the release that a file's name tells, as in GEDEvent_v23_0_10.csv or ged241.csv."""
    for pattern in _IN_NAMES:
        if found := pattern.search(file_name):
            year, second, *more = found.groups()
            third, fourth = more or (None, None)
            return _release(year, second, third, fourth)
    return None


def _release(year: str, second: str, third: str | None, fourth: str | None) -> Release | None:
    """Return the days of a release, or None when the numbers are no months."""
    held = 2000 + int(year)
    if third is None:
        return Release(None, date(held - 1, 12, 31)) if re.fullmatch("[1-9]", second) else None
    if fourth is None:
        return _months((held, int(third)), (held, int(third))) if int(second) == 0 else None
    return _months((held, int(second)), (2000 + int(third), int(fourth)))


def _months(first: tuple[int, int], last: tuple[int, int]) -> Release | None:
    if not (1 <= first[1] <= 12 and 1 <= last[1] <= 12 and first <= last):
        return None
    year, month = last
    after = date(year + month // 12, month % 12 + 1, 1)
    return Release(date(*first, 1), after - timedelta(days=1))
