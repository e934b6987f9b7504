"""Rows of a file of separated values, with the line numbers that an editor shows.

Rows come block by block, so memory does not grow with the file. A quote that is never closed
costs its own line only: reading goes on at the line after it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from core.errors import FeedError
from core.incidents import BadRow
from core.text import clean
from feeds.files import Source
from feeds.quarantine import Chunk, Rows, bad_row

if TYPE_CHECKING:
    from _csv import Reader

SEPARATORS = (",", ";", "\t")
_MAX_LINE = 8 << 20
_MAX_BROKEN = 2000
"""Every broken quote costs a new start, over up to 128 KiB; more of them is no table."""
_HXL = re.compile(r"#[a-z][a-z0-9_]*(\s*\+\s*[a-z0-9_]+)*", re.ASCII)


@dataclass
class _Parsed:
    """Rows of some lines, with the index of the line each starts on."""

    rows: Rows
    starts: Sequence[int]
    broken: list[int]
    rest: list[str]


class TextTable:
    """A file of separated values: its header, then its rows.

    `separator` "auto" takes the one of comma, semicolon and tab that splits the header most.
    """

    remarks: tuple[str, ...] = ()

    def __init__(self, source: Source, separator: str) -> None:
        """Take where the bytes are; nothing is read yet."""
        self.name = source.name
        self._source, self._separator = source, separator
        self._width = self._broken = 0

    def chunks(self) -> Iterator[tuple[list[str], Chunk]]:
        """Yield the header together with each chunk of rows.

        Raises:
            FeedError: where the file is not a table, or not in UTF-8.
        """
        header: list[str] = []
        for line, parsed, text in self._parsed():
            numbers, rows = _shifted(parsed.starts, line), parsed.rows
            if not header:
                header, rows, numbers = self._take_header(rows, numbers)
            bad = [_unreadable(line + index, text[index]) for index in parsed.broken]
            if header:
                yield header, _of_width(len(header), numbers, rows, bad)
        if not header:
            raise FeedError(self.name, "the file has no header", "check its download")

    def _take_header(
        self, rows: Rows, numbers: Sequence[int]
    ) -> tuple[list[str], Rows, Sequence[int]]:
        first = next((i for i, row in enumerate(rows) if any(map(str.strip, row))), None)
        if first is None:
            return [], [], []
        header = [clean(cell) for cell in rows[first]]
        self._width = len(header)
        start = first + 1
        if start < len(rows) and is_hxl(header, rows[start]):
            start += 1
        return header, rows[start:], numbers[start:]

    def _parsed(self) -> Iterator[tuple[int, _Parsed, list[str]]]:
        line, carried = 1, list[str]()
        texts = self._texts()
        ahead = next(texts, None)
        while ahead is not None:
            text, ahead = ahead, next(texts, None)
            if self._separator == "auto":
                self._separator = _best_separator(text)
            lines = carried + io.StringIO(text, newline="").readlines()
            parsed = _parse(lines, self._separator, self._width, final=ahead is None)
            self._count_broken(len(parsed.broken))
            yield line, parsed, lines
            carried = parsed.rest
            line += len(lines) - len(carried)

    def _count_broken(self, more: int) -> None:
        self._broken += more
        if self._broken > _MAX_BROKEN:
            raise FeedError(
                self.name, f"over {_MAX_BROKEN:,} quotes are never closed", "check how it is quoted"
            )

    def _texts(self) -> Iterator[str]:
        """Yield the text in pieces that end with a line."""
        rest, line = b"", 1
        for block in self._source.blocks():
            data = rest + block
            cut = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
            if len(data) - cut > _MAX_LINE:
                raise FeedError(self.name, "a line is over 8 MB long", "give a CSV file")
            if cut:
                yield self._decode(data[:cut], line)
            line += data.count(b"\n", 0, cut)
            rest = data[cut:]
        if rest:
            yield self._decode(rest, line)

    def _decode(self, data: bytes, line: int) -> str:
        try:
            return data.decode("utf-8-sig" if line == 1 else "utf-8")
        except UnicodeDecodeError as error:
            line += data.count(b"\n", 0, error.start)
            raise FeedError(
                f"{self.name} line {line}",
                f"byte 0x{data[error.start]:02X} is not UTF-8",
                "save the file as CSV in UTF-8",
            ) from error


def _parse(lines: list[str], separator: str, width: int, *, final: bool) -> _Parsed:
    """Parse lines; where they end inside a quote and more will come, give those back as rest.

    `width` is the header's, or 0 when the header is still to come.
    """
    try:
        rows = list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        rows = []
    if len(rows) == len(lines):
        return _Parsed(rows, range(len(rows)), [], [])
    return _parse_slowly(lines, separator, width, final=final)


def _parse_slowly(lines: list[str], separator: str, width: int, *, final: bool) -> _Parsed:
    """Parse rows that span lines, starting again after each line that cannot be read."""
    starts: list[int] = []
    parsed = _Parsed([], starts, [], [])
    begin = 0
    while begin < len(lines) and len(parsed.broken) <= _MAX_BROKEN:
        origin = begin
        reader = csv.reader(islice(lines, origin, None), delimiter=separator, strict=True)
        try:
            for row in _credible(reader, width):
                parsed.rows.append(row)
                starts.append(begin)
                begin = origin + reader.line_num
        except csv.Error:
            if not final and origin + reader.line_num >= len(lines):
                parsed.rest = lines[begin:]
                return parsed
            parsed.broken.append(begin)
            begin += 1
    return parsed


def _credible(reader: Reader, width: int) -> Iterator[list[str]]:
    """Yield rows; one over several lines that is not of the header's width is a stray quote's."""
    before = 0
    for row in reader:
        width = width or len(row)
        if reader.line_num > before + 1 and len(row) != width:
            raise csv.Error("a quote has swallowed lines up to the next quote")
        before = reader.line_num
        yield row


def _shifted(starts: Sequence[int], line: int) -> Sequence[int]:
    """Return the line numbers of rows that start at these indices after a line."""
    if isinstance(starts, range):  # one row to a line, as nearly always
        return range(line + starts.start, line + starts.stop)
    return [line + start for start in starts]


def _of_width(width: int, numbers: Sequence[int], rows: Rows, bad: list[BadRow]) -> Chunk:
    """Keep the rows of the header's width; blank ones vanish, others are bad."""
    if set(map(len, rows)) <= {width}:
        return Chunk(numbers, rows, bad)
    for number, row in zip(numbers, rows, strict=True):
        if len(row) != width and any(map(str.strip, row)):
            bad.append(bad_row(number, f"{len(row)} fields, the header has {width}", row))
    kept = [i for i, row in enumerate(rows) if len(row) == width]
    return Chunk([numbers[i] for i in kept], [rows[i] for i in kept], bad)


def _unreadable(line: int, text: str) -> BadRow:
    reason = (
        "a quote is not closed or stands inside a field, or a field has over 131,072 characters"
    )
    return bad_row(line, reason, [text[:800]])


def _best_separator(text: str) -> str:
    start = text.lstrip("\r\n")[:65536]
    line = start.splitlines()[0] if start else ""
    return max(SEPARATORS, key=line.count)


def is_hxl(header: list[str], row: list[str]) -> bool:
    """Return whether a row holds HXL hashtags (hxlstandard.org), as HDX puts under headers."""
    named = [cell.strip() for title, cell in zip(header, row, strict=False) if title]
    tags = [cell for cell in named if cell]
    return bool(tags) and all(_HXL.fullmatch(tag) for tag in tags)
