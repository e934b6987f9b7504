"""The Global Terrorism Database: the columns of its 135 that Tocsin uses.

Source: START, "Global Terrorism Database Codebook: Methodology, Inclusion Criteria, and Variables".
A day or month of 0 is unknown; events of 1993 were lost before they were entered (codebook,
"Data Collection Methodology").
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from core.errors import FeedError
from feeds.presets.preset import Columns, Found

_DATE = ("iyear", "imonth", "iday")
_NEEDED = ("eventid", *_DATE, "country_txt")
_OURS = {
    "id": "eventid", "country": "country_txt", "admin1": "provstate", "actor": "gname",
    "target": "targtype1_txt", "kind": "attacktype1_txt", "fatalities": "nkill",
    "latitude": "latitude", "longitude": "longitude", "source": "dbsource",
}  # fmt: skip
_FURTHER = (
    "city", "approxdate", "nwound", "doubtterr", "success", "suicide", "weaptype1_txt", "crit1",
    "crit2", "crit3", "specificity", "INT_LOG", "INT_IDEO", "INT_ANY",
)  # fmt: skip
_NAMES = ("country", "admin1", "actor", "target", "kind", "city")
_FIGURES = ("id", "fatalities", "nwound", "doubtterr", "success", "suicide", "specificity")
_NOT_KNOWN = frozenset({"-9", "-99"})
_DAY, _MONTH, _YEAR = "1", "4", "5"
"""UCDP's date precisions: the day, a month, more than a month."""


class Gtd:
    """The preset "gtd"."""

    gaps: tuple[tuple[date, date], ...] = ((date(1993, 1, 1), date(1993, 12, 31)),)

    def find(
        self,
        origin: str,
        header: Sequence[str],
        columns: Mapping[str, str],
        constants: Mapping[str, str],
    ) -> Found:
        """Return the database's columns; those that tell no more than names may be missing.

        Raises:
            FeedError: when it is not the Global Terrorism Database.
        """
        missing = [name for name in _NEEDED if name not in header]
        if missing:
            raise FeedError(
                origin,
                f"this is not the Global Terrorism Database: {', '.join(missing)} missing",
                'give the file as START distributes it, or map it without preset = "gtd"',
            )
        known = {**_OURS, **{name: name for name in _FURTHER}}
        there = {
            field: column
            for field, column in known.items()
            if column in header and field not in constants
        }
        return Found({**there, **{part: part for part in _DATE}, **columns})

    def derived(self, columns: Columns) -> Columns:
        """Make dates of year, month and day; "Unknown" and -9 say nothing."""
        made = {field: texts for field, texts in columns.items() if field not in _DATE}
        for field in (name for name in _FIGURES if name in made):
            made[field] = [_figure(text) for text in made[field]]
        for field in (name for name in _NAMES if name in made):
            made[field] = ["" if text.strip() == "Unknown" else text for text in made[field]]
        if "date" not in made:
            parts = zip(*(columns[part] for part in _DATE), strict=True)
            dates = [_date(*map(_figure, part)) for part in parts]
            names = ("date", "date_end", "date_precision")
            made |= {name: [told[at] for told in dates] for at, name in enumerate(names)}
        return made


def _figure(text: str) -> str:
    """Return "7" for "7.0", as pandas writes whole numbers beside empty cells; "" for unknown."""
    told = text.strip().removesuffix(".0")
    return "" if told in _NOT_KNOWN else told


def _date(year: str, month: str, day: str) -> tuple[str, str, str]:
    """Return first day, last day and precision as texts; what is no number stays to be refused."""
    if not (year.isdecimal() and len(year) == 4 and year.isascii()):
        return f"{year}-{month}-{day}", "", _DAY
    if month in {"", "0"}:
        return f"{year}-01-01", f"{year}-12-31", _YEAR
    if day in {"", "0"} and month in _LENGTHS:
        last = monthrange(max(int(year), 1), int(month))[1]
        return f"{year}-{month:0>2}-01", f"{year}-{month:0>2}-{last}", _MONTH
    return f"{year}-{month}-{day}", "", _DAY


_LENGTHS = frozenset(str(month) for month in range(1, 13))
