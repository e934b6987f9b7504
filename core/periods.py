"""Days, weeks and months as whole numbers, so that series are arrays and steps are sums.

The index of a day is its ordinal; of a week, the number of Mondays since 0001-01-01 (itself a
Monday); of a month, 12 x year + month - 1. Weeks run Monday to Sunday everywhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache


class Period(StrEnum):
    """The length of one step of a series."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def of(self, day: date) -> int:
        """Return the index of the period that holds a day."""
        if self is Period.MONTH:
            return day.year * 12 + day.month - 1
        return day.toordinal() if self is Period.DAY else (day.toordinal() - 1) // 7

    def start(self, index: int) -> date:
        """Return the first day of a period."""
        if self is Period.MONTH:
            return date(index // 12, index % 12 + 1, 1)
        return date.fromordinal(index if self is Period.DAY else index * 7 + 1)

    def end(self, index: int) -> date:
        """Return the last day of a period."""
        return self.start(index + 1) - timedelta(days=1)

    def last_complete(self, day: date) -> int:
        """Return the newest period whose last day is not after `day`."""
        index = self.of(day)
        return index if self.end(index) <= day else index - 1

    @lru_cache(maxsize=1024)
    def label(self, index: int) -> str:
        """Return a period as people write it: 2022-10-01, 2022-W40, 2022-10."""
        if self is Period.MONTH:
            return f"{index // 12:04d}-{index % 12 + 1:02d}"
        start = self.start(index)
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02d}" if self is Period.WEEK else start.isoformat()

    @property
    def year_length(self) -> int:
        """Periods in the baseline and in the conflictology window: 365, 52 or 12."""
        return {Period.DAY: 365, Period.WEEK: 52, Period.MONTH: 12}[self]
