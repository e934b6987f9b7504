"""A sheet of incidents in an Excel workbook."""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from core.settings import Whole
from feeds.file_pull import FileFeed, Layout
from feeds.files import Source
from feeds.mapped import MappedRows, MappedSettings
from feeds.workbook import Sheet

SheetName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=31)]


class ExcelSettings(MappedSettings):
    """Keys of kind "excel"."""

    kind: Literal["excel"] = "excel"
    sheet: SheetName | Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """Its name, or its number from 1 on; None: the first one that is not hidden."""
    header_row: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """As Excel numbers it; None: the first row with at least two cells that are not empty."""

    @model_validator(mode="after")
    def _can_be_read(self) -> ExcelSettings:
        if find_spec("openpyxl") is None:
            raise ValueError("Excel needs a package more: pip install 'openpyxl>=3.1'")
        return self


class ExcelFeed(FileFeed[ExcelSettings]):
    """A sheet of incidents."""

    settings_class = ExcelSettings

    def layout(self, today: date) -> Layout:
        """Return what reads the incidents of one workbook."""
        return MappedRows(self.settings, today)

    def table(self, source: Source) -> Sheet:
        """Return the workbook's sheet."""
        most = self.settings.max_decoded_mb * 1_000_000
        return Sheet(source, self.settings.sheet, self.settings.header_row, most)
