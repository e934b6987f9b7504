"""Counts without incidents: region, date, count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from core.incidents import Batch, Coverage, Tally
from core.settings import Settings
from feeds import fields
from feeds.columns import positions
from feeds.fields import DateOrder, Memo
from feeds.file_pull import FileFeed, Layout
from feeds.file_settings import TextFileSettings
from feeds.files import Source
from feeds.quarantine import Chunk, Refusals
from feeds.records import TextTable
from feeds.spans import Days, stretches


class CountColumns(Settings):
    """Which column is what."""

    region: str = "region"
    date: str = "date"
    count: str = "count"


class CountsCsvSettings(TextFileSettings):
    """Keys of kind "counts-csv"."""

    kind: Literal["counts-csv"] = "counts-csv"
    columns: CountColumns = CountColumns()
    dates: DateOrder = "iso"
    covered_through: Literal["last-event", "pull"] | date = "last-event"


class CountsCsvFeed(FileFeed[CountsCsvSettings]):
    """A file of counts; a row's date is any day inside its period."""

    settings_class = CountsCsvSettings

    def layout(self, today: date) -> Layout:
        """Return what reads the counts of one file."""
        return _Counts(self.settings, today)

    def table(self, source: Source) -> TextTable:
        """Return the file's separated values."""
        return TextTable(source, self.settings.separator)


class _Counts:
    """The layout of one pull."""

    remarks: tuple[str, ...] = ()

    def __init__(self, settings: CountsCsvSettings, today: date) -> None:
        self._settings, self._today = settings, today
        day = fields.day_parser(settings.dates, today)
        self._memos: dict[str, Memo[Any]] = {
            "region": Memo(_region),
            "date": Memo(day),
            "count": Memo(_count),
        }
        self._positions: list[int] = []
        self._seen: set[tuple[str | None, str | None]] = set()

    def bind(self, header: Sequence[str]) -> None:
        names = self._settings.columns
        wanted = (names.region, names.date, names.count)
        found = positions(self._settings.origin, header, wanted)
        self._positions = [found[column] for column in wanted]

    def batch(self, chunk: Chunk) -> Batch:
        if not chunk.rows:
            return Batch([], [], chunk.bad)
        table = list(zip(*chunk.rows, strict=True))
        refusals = Refusals()
        columns = []
        for (name, memo), position in zip(self._memos.items(), self._positions, strict=True):
            memo.trim()
            columns.append(list(map(memo.__getitem__, table[position])))
            refusals.take(name, table[position], memo.refused)
        self._refuse_repeats(list(zip(columns[0], columns[1], strict=True)), refusals)
        tallies = list(map(Tally._make, zip(*columns, strict=True)))
        kept, bad = refusals.split(chunk)
        return Batch([], [tallies[row] for row in kept], chunk.bad + bad)

    def _refuse_repeats(
        self, keys: list[tuple[str | None, str | None]], refusals: Refusals
    ) -> None:
        for row, key in enumerate(keys):
            if key in self._seen and None not in key:
                refusals.reasons.setdefault(row, f"{key[0]} on {key[1]} stands twice in the file")
            self._seen.add(key)

    def coverage(self, days: dict[str, Days]) -> list[Coverage]:
        return stretches(self._settings, days, self._today, lambda first: first)


def _region(text: str) -> str:
    region = fields.name(text)
    if region is None:
        raise fields.RefusedError("is empty")
    return region


def _count(text: str) -> int:
    number = fields.count(text)
    if number is None:
        raise fields.RefusedError("is empty")
    return number
