"""A file of incidents as separated values."""

from __future__ import annotations

from datetime import date
from typing import Literal

from feeds.file_pull import FileFeed, Layout
from feeds.file_settings import TextFileSettings
from feeds.files import Source
from feeds.mapped import MappedRows, MappedSettings
from feeds.records import TextTable


class CsvSettings(MappedSettings, TextFileSettings):
    """Keys of kind "csv"."""

    kind: Literal["csv"] = "csv"


class CsvFeed(FileFeed[CsvSettings]):
    """A file of incidents."""

    settings_class = CsvSettings

    def layout(self, today: date) -> Layout:
        """Return what reads the incidents of one file."""
        return MappedRows(self.settings, today)

    def table(self, source: Source) -> TextTable:
        """Return the file's separated values."""
        return TextTable(source, self.settings.separator)
