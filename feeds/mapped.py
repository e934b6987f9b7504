"""Any table of incidents with one row each: the configuration, or a preset, says what is what."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from core.incidents import Batch, Coverage
from feeds.columns import positions
from feeds.fields import DateOrder
from feeds.file_settings import FileSettings
from feeds.presets import PRESETS, AsConfigured, Preset, PresetName
from feeds.quarantine import Chunk
from feeds.spans import Days, month_start, stretches
from feeds.validation import IncidentValidator


class MappedSettings(FileSettings):
    """Keys of every kind of feed whose columns are mapped.

    `columns` maps our field → the file's column, and `constants` our field → one text for all
    rows; a name that is not a field (see `feeds.validation.FIELDS`) is kept as an extra column.
    A preset knows columns of its own; those named in `columns` win.
    """

    preset: PresetName | None = None
    columns: dict[str, str] = Field(default={})
    constants: dict[str, str] = Field(default={})
    dates: DateOrder = "iso"
    covered_through: Literal["last-event", "pull"] | date = "last-event"

    @model_validator(mode="after")
    def _says_each_field_once(self) -> MappedSettings:
        if self.preset is None and "date" not in self.columns:
            raise ValueError("columns must say which column is the date, or name a preset")
        unfit = sorted({*self.columns, "id", "date"} & set(self.constants))
        if unfit:
            raise ValueError(f"'{unfit[0]}' cannot be a constant")
        return self


class MappedRows:
    """The `feeds.file_pull.Layout` of a mapped table."""

    def __init__(self, settings: MappedSettings, today: date) -> None:
        """Take the settings and the last day that is not in the future."""
        self._settings, self._today = settings, today
        self._validator = IncidentValidator(today, settings.dates)
        self._preset: Preset = PRESETS[settings.preset] if settings.preset else AsConfigured()
        self._columns: dict[str, int] = {}
        self._times: Counter[str] = Counter()
        self.remarks: tuple[str, ...] = ()

    def bind(self, header: Sequence[str]) -> None:
        """Find the columns, the preset's and those that the configuration names.

        Raises:
            FeedError: naming what is missing.
        """
        origin = self._settings.origin
        found = self._preset.find(origin, header, self._settings.columns, self._settings.constants)
        places = positions(origin, header, found.columns.values())
        self._columns = {field: places[column] for field, column in found.columns.items()}
        self.remarks = found.remarks

    def batch(self, chunk: Chunk) -> Batch:
        """Validate some rows."""
        table = list(zip(*chunk.rows, strict=True))
        columns: dict[str, Sequence[str]] = {
            field: table[place] if table else () for field, place in self._columns.items()
        }
        columns = self._preset.derived(columns)
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
        gaps = self._settings.gaps or self._preset.gaps
        settings = self._settings.model_copy(update={"gaps": gaps})
        return stretches(settings, days, self._today, month_start)
