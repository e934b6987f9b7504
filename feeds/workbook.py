"""Rows of a sheet of an Excel workbook, as text, with the row numbers that Excel shows.

openpyxl reads it, row by row: what a formula last gave, never the formula, and nothing outside of
the file. It keeps only one row and the workbook's texts in memory, and does not care for the size
that a sheet claims to have. `feeds.packages` refuses before what would still be too much for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, time
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any

from core.errors import FeedError
from core.text import clean, fold
from feeds.files import Source
from feeds.packages import check, too_large
from feeds.quarantine import Chunk
from feeds.records import is_hxl

_ROWS = 2_000
_LAST_ROW = 1_048_576
"""Excel's own limit: "Excel specifications and limits", support.microsoft.com."""
_WIDEST = 1_000
"""Columns that are looked at."""
_LOOKED_AT = 200
"""Rows among which the header is looked for."""
_SAVE_AGAIN = "open it in Excel and save it again, or save the sheet as CSV in UTF-8"
Cells = Sequence[Any]


class Sheet:
    """A `feeds.file_pull.Table`: one sheet of a workbook."""

    def __init__(
        self, source: Source, sheet: str | int | None, header_row: int | None, most: int
    ) -> None:
        """Take where the bytes are, which sheet, and how many bytes it may unpack to."""
        self._source, self._sheet, self._header_row, self._most = source, sheet, header_row, most
        self.remarks: tuple[str, ...] = ()

    def chunks(self) -> Iterator[tuple[list[str], Chunk]]:
        """Yield the header together with each chunk of rows.

        Cells to the right of the header are notes, not part of the table.

        Raises:
            FeedError: where it is no workbook, or damaged, or has no such sheet or header.
        """
        with self._copied() as file:
            check(self._source.name, file, self._most)
            yield from self._table(file)

    def _copied(self) -> IO[bytes]:
        """Return the bytes in a file without a name: an archive is read from its end."""
        with ExitStack() as held:
            try:
                file = held.enter_context(TemporaryFile())
                file.writelines(self._bounded())
                file.flush()
            except OSError as error:
                problem = f"its copy cannot be kept ({error.strerror})"
                raise FeedError(
                    self._source.name, problem, "make room for temporary files"
                ) from error
            held.pop_all()
        return file

    def _bounded(self) -> Iterator[bytes]:
        total = 0
        for block in self._source.raw():
            total += len(block)
            if total > self._most:
                raise too_large(self._source.name, self._most)
            yield block

    def _table(self, file: IO[bytes]) -> Iterator[tuple[list[str], Chunk]]:
        rows = self._rows(file)
        header = self._header(rows)
        yield header, Chunk([], [], [])  # so that its columns are looked for before its rows
        if ahead := next(rows, None):
            texts = _texts(ahead[1], len(header))
            rows = rows if is_hxl(header, texts) else chain([ahead], rows)
        while numbered := list(islice(rows, _ROWS)):
            kept = [(n, _texts(cells, len(header))) for n, cells in numbered]
            full = [(n, texts) for n, texts in kept if any(texts)]
            yield header, Chunk([n for n, _ in full], [texts for _, texts in full], [])

    def _header(self, rows: Iterator[tuple[int, Cells]]) -> list[str]:
        for number, cells in rows:
            titles = [clean(text) for text in _texts(cells, len(cells))]
            enough = sum(map(bool, titles)) >= 2
            if number == self._header_row or (self._header_row is None and enough):
                while titles and not titles[-1]:
                    titles.pop()
                return titles
            if number >= max(_LOOKED_AT, self._header_row or 0):
                break
        wanted = f"row {self._header_row}" if self._header_row else f"the first {_LOOKED_AT} rows"
        raise FeedError(self._source.name, f"no header stands in {wanted}", "set header_row")

    def _rows(self, file: IO[bytes]) -> Iterator[tuple[int, Cells]]:
        """Yield the rows with their numbers."""
        with self._guarded():
            rows = self._chosen(file)
        number = 0
        while True:
            with self._guarded():
                read = [cells[:_WIDEST] for cells in islice(rows, _ROWS)]
            if not read:
                return
            yield from enumerate(read, start=number + 1)
            number += len(read)

    def _chosen(self, file: IO[bytes]) -> Iterator[Cells]:
        """Return the rows of the sheet that is wanted."""
        from openpyxl import load_workbook  # noqa: PLC0415 - the excel extra, rarely needed

        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [one for one in book.worksheets if isinstance(self._sheet, int) or _shown(one)]
        titles = [one.title for one in sheets]
        sheet = sheets[_place(self._source.name, self._sheet, titles)]
        if len(sheets) > 1:
            others = ", ".join(f"'{clean(one, 31)}'" for one in titles[:20] if one != sheet.title)
            self.remarks = (f"sheet '{clean(sheet.title, 31)}' was read, not {others}",)
        sheet.reset_dimensions()
        return iter(sheet.iter_rows(max_row=_LAST_ROW, values_only=True))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn into one line whatever a damaged workbook makes openpyxl raise: it may be anything.

        Its warnings are of parts that it will not read; none of them matters here.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except FeedError:
            raise
        except Exception as error:
            told = clean(str(error), 80) or type(error).__name__
            raise FeedError(
                self._source.name, f"the workbook is damaged ({told})", _SAVE_AGAIN
            ) from error


def _shown(sheet: Any) -> bool:
    return bool(sheet.sheet_state == "visible")


def _place(name: str, wanted: str | int | None, titles: Sequence[str]) -> int:
    """Return which of the sheets is wanted; a name in other letters or spaces will do."""
    if not titles:
        raise FeedError(name, "the workbook has no sheet with cells", _SAVE_AGAIN)
    if wanted is None:
        return 0
    if isinstance(wanted, int) and wanted <= len(titles):
        return wanted - 1
    folded = [fold(title) for title in titles]
    if isinstance(wanted, str) and fold(wanted) in folded:
        return folded.index(fold(wanted))
    shown = ", ".join(f"'{clean(title, 31)}'" for title in titles[:20])
    raise FeedError(name, f"the workbook has no sheet {wanted!r}", f"it has {shown}")


def _texts(cells: Cells, width: int) -> list[str]:
    """Return the first cells of a row as texts, as many as the header has titles."""
    texts = [_text(cell) for cell in cells[:width]]
    return texts + [""] * (width - len(texts))


def _text(cell: Any) -> str:
    """Return a cell as a CSV file would have it: days in ISO, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == time.min else cell.replace(microsecond=0)
    return str(cell).upper() if isinstance(cell, bool) else str(cell)
