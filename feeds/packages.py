"""Excel workbooks before they are read: zip archives of XML (ECMA-376), hostile ones refused.

A part is read with what it unpacks to held down: small parts by their size, the sheets and their
texts by how much stands between two rows, since that much is held at a time. Sizes that an archive
declares may be trusted: zipfile gives no more, and complains when there was more.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO

from core.errors import FeedError
from core.text import clean
from feeds.files import kind_of

_MOST_RATIO = 200
"""Sheets of incidents reach 5 to 20; DEFLATE 1,032."""
_RATIO_FROM = 10 << 20
_MOST_PARTS = 10_000
_SMALL = 2_000_000
"""Bytes of a part that is read whole, such as the formats: its objects take 200 times as much."""
_MOST_BETWEEN = 8 << 20
"""Bytes from one row, or one text, to the next; Excel's longest row of texts has less."""
_MOST_TEXTS = 4_000_000
_BLOCK = 1 << 18
_SHEET = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
_WHOLE = re.compile(
    r"(.*\.rels|\[content_types\]\.xml|docProps/.*|xl/[^/]+\.xml|xl/theme/.*)", re.IGNORECASE
)
_ROW = re.compile(rb"<(/?)(?:[\w.-]{1,40}:)?(?:row|si)(?=[\s/>])[^>]*?(/?)>")
_SAVE = "open it in Excel, delete what is not data, and save it again"


def too_large(name: str, most: int) -> FeedError:
    """Return what to say of a workbook that unpacks to over `most` bytes."""
    return FeedError(
        name,
        f"the workbook unpacks to over {most // 1_000_000} MB",
        "raise max_decoded_mb if it is genuine",
    )


def check(name: str, file: IO[bytes], most: int) -> None:
    """Refuse what is not a workbook, or one that would take more memory than data need.

    Args:
        name: what messages call it.
        file: the archive; left at its start.
        most: bytes that it may unpack to.

    Raises:
        FeedError: saying why.
    """
    file.seek(0)
    _recognise(name, file.read(4096))
    try:
        with zipfile.ZipFile(file) as archive:
            _check_sizes(name, archive, file.seek(0, 2), most)
            for part in archive.infolist():
                if _SHEET.fullmatch(part.filename):
                    _check_rows(name, archive.open(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise FeedError(name, "the workbook is damaged or cut short", "copy it again") from error
    except (RuntimeError, ValueError) as error:
        raise FeedError(name, f"the workbook cannot be unpacked ({error})", _SAVE) from error
    file.seek(0)


def _recognise(name: str, head: bytes) -> None:
    if head.startswith(b"PK\x03\x04"):
        return
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        problem = "the file is an old Excel file, or one with a password"
        raise FeedError(name, problem, "save it as .xlsx without a password")
    what = kind_of(head) or ("text" if head else "empty")
    raise FeedError(name, f"the file is {what}, not an Excel workbook", "give an .xlsx file")


def _check_sizes(name: str, archive: zipfile.ZipFile, size: int, most: int) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(map(_SHEET.fullmatch, names)):
        raise FeedError(name, "the archive holds no Excel workbook", "give an .xlsx file")
    if len(parts) > _MOST_PARTS or len(names) < len(parts):
        raise FeedError(name, "the workbook has too many parts, or two of one name", _SAVE)
    total = sum(part.file_size for part in parts)
    if total > most:
        raise too_large(name, most)
    if total > max(_RATIO_FROM, _MOST_RATIO * size):
        raise FeedError(name, f"the workbook unpacks to over {_MOST_RATIO} times its size", _SAVE)
    for part in parts:
        whole = _WHOLE.fullmatch(part.filename) and not _SHEET.fullmatch(part.filename)
        if whole and part.file_size > _SMALL:
            raise FeedError(name, f"its part {clean(part.filename, 60)!r} is too large", _SAVE)


def _check_rows(name: str, part: IO[bytes]) -> None:
    """Refuse rows within rows, and much that stands between two."""
    past = told = count = 0  # bytes before the block; where the last tag ended; rows or texts
    inside, rest = False, b""
    with part:
        while block := part.read(_BLOCK):
            data = rest + block
            cut = data.rfind(b">") + 1
            for tag in _ROW.finditer(data, 0, cut):
                _refuse_between(name, past + tag.start() - told)
                told, opens = past + tag.end(), not tag[1]
                count += opens
                if (opens and inside) or count > _MOST_TEXTS:
                    raise FeedError(name, "its rows stand in rows, or are too many", _SAVE)
                inside = opens and not tag[2]
            past, rest = past + cut, data[cut:]
            _refuse_between(name, past + len(rest) - told)


def _refuse_between(name: str, length: int) -> None:
    if length > _MOST_BETWEEN:
        raise FeedError(name, "a row, or what follows the last one, has over 8 MB", _SAVE)
