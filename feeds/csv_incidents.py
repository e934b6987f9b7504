"""Any table of incidents with one row each: the configuration says which column is what."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from core.incidents import Batch, Coverage, Pull
from feeds.columns import positions
from feeds.fields import DateOrder
from feeds.file_pull import pull_file
from feeds.file_settings import FileSettings
from feeds.quarantine import Chunk
from feeds.spans import Days, month_start, stretches
from feeds.validation import IncidentValidator


class CsvSettings(FileSettings):
    """Keys of kind "csv".

    `columns` maps our field → the file's column, and `constants` our field → one text for all
    rows; a name that is not a field (see `feeds.validation.FIELDS`) is kept as an extra column.
    """

    kind: Literal["csv"] = "csv"
    columns: dict[str, str]
    constants: dict[str, str] = Field(default={})
    dates: DateOrder = "iso"
    covered_through: Literal["last-event", "pull"] | date = "last-event"

    @field_validator("columns")
    @classmethod
    def _names_the_date(cls, columns: dict[str, str]) -> dict[str, str]:
        if "date" not in columns:
            raise ValueError("columns must say which column is the date")
        return columns

    @model_validator(mode="after")
    def _says_each_field_once(self) -> CsvSettings:
        both = sorted(set(self.columns) & set(self.constants))
        if both or "id" in self.constants:
            raise ValueError(f"'{(both or ['id'])[0]}' cannot be a constant")
        return self


class CsvFeed:
    """A file of incidents."""

    settings_class = CsvSettings

    def __init__(self, settings: CsvSettings, base: Path) -> None:
        """Take the settings and the folder that the path starts from."""
        self._settings, self._base = settings, base

    def pull(self, today: date, bookmark: str = "") -> Pull:
        """Open the file or download it (see `core.incidents.Feed`)."""
        layout = _Csv(self._settings, today)
        return pull_file(self._settings, self._base, today, bookmark, layout)


class _Csv:
    """The layout of one pull."""

    def __init__(self, settings: CsvSettings, today: date) -> None:
        self._settings, self._today = settings, today
        self._validator = IncidentValidator(today, settings.dates)
        self._positions: dict[str, int] = {}
        self._times: Counter[str] = Counter()

    def bind(self, header: Sequence[str]) -> None:
        self._positions = positions(self._settings.origin, header, self._settings.columns.values())

    def batch(self, chunk: Chunk) -> Batch:
        table = list(zip(*chunk.rows, strict=True))
        columns: dict[str, Sequence[str]] = {
            field: table[self._positions[column]] if table else ()
            for field, column in self._settings.columns.items()
        }
        for field, text in self._settings.constants.items():
            columns[field] = [text] * len(chunk.rows)
        if "id" not in columns:
            columns["id"] = self._made_ids(columns)
        incidents, bad = self._validator.check(chunk, columns)
        return Batch(incidents, [], bad)

    def _made_ids(self, columns: dict[str, Sequence[str]]) -> list[str]:
        """Return a digest of each row's mapped cells, with a number from the second of its kind."""
        ids = []
        for cells in zip(*(columns[field] for field in sorted(columns)), strict=True):
            row = "\x1f".join(cells).encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(row, digest_size=10).hexdigest()
            self._times[digest] += 1
            times = self._times[digest]
            ids.append(digest if times == 1 else f"{digest}-{times}")
        return ids

    def coverage(self, days: dict[str, Days]) -> list[Coverage]:
        """A tracker is taken to have started with the month of a country's first incident."""
        return stretches(self._settings, days, self._today, month_start)
