"""What one cell may say: text in, a value out, or a reason why not.

Cells repeat (dates, places, names), so a column keeps what it has parsed: see `Memo`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Generic, Literal, TypeVar

from core.text import clean

T = TypeVar("T")
DateOrder = Literal["iso", "day-first", "month-first"]

EARLIEST = date(1900, 1, 1)
MOST = 1_000_000
"""More events or deaths than this in one row is a mistake."""
LONGEST_NAME = 300
_MEMO = 50_000
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII)
_WHOLE = re.compile(r"\+?([0-9]{1,12})(\.0*)?")
_NOTHING = frozenset({"nan", "none", "null", "n/a", "#n/a", "<na>", "nat"})
_ERRORS = frozenset(
    {"#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#field!"}
)
"""What spreadsheets write where a formula failed: ECMA-376, 18.17.3, and those added since."""
_MIXABLE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
"""Scripts with letters that look alike: Unicode Technical Report 36, "Mixed-Script Spoofing"."""
_WORD = re.compile(r"[^\W\d_]+")


class RefusedError(ValueError):
    """A cell that cannot be meant; the message goes on after the column's name."""


class Memo(dict[str, T], Generic[T]):
    """A parser that remembers: text → value, and in `refused` text → reason.

    It forgets everything when it holds 50,000 texts, so its memory is bounded.
    """

    def __init__(self, parse: Callable[[str], T]) -> None:
        """Take the parser; it raises RefusedError for what it refuses."""
        super().__init__()
        self._parse = parse
        self.refused: dict[str, str] = {}

    def __missing__(self, text: str) -> T | None:
        """Parse a new text; a refused one gives None and a reason."""
        try:
            value = self._parse(text)
        except RefusedError as error:
            self.refused[text] = str(error)
            return None
        self[text] = value
        return value

    def trim(self) -> None:
        """Forget; called between chunks."""
        self.refused.clear()
        if len(self) > _MEMO:
            self.clear()


def short(text: str) -> str:
    """Return a cell for use in a reason: cleaned, cut at 40 characters, in quotes."""
    start = clean(text[:400], 41)
    return f"'{start[:40]}…'" if len(start) > 40 else f"'{start}'"


def tidy(text: str, limit: int) -> str:
    """Return what `core.text.clean` does, fast for plain text; None-like text is not treated."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:limit]
    return clean(text[: 4 * limit + 100], limit)


def after(today: date) -> str:
    """Return the end of the reason of a date in the future, which will be good one day."""
    return f"is after {today}"


def day_parser(order: DateOrder, today: date) -> Callable[[str], str]:
    """Return a parser of dates, with or without a time, into ISO dates from 1900 to `today`.

    A year that comes first is read as year-month-day whatever `order` says.
    """

    def parse(text: str) -> str:
        day = _read_day(text.strip(), order)
        if day < EARLIEST:
            raise RefusedError(f"{short(text)} is before {EARLIEST.year}")
        if day > today:
            raise RefusedError(f"{short(text)} {after(today)}")
        return day.isoformat()

    return parse


def _read_day(text: str, order: DateOrder) -> date:
    pattern = _YEAR_FIRST
    found = pattern.match(text)
    if found is None and order != "iso":
        pattern = _YEAR_LAST
        found = pattern.match(text)
    rest = text[found.end() :] if found else ""
    if found is None or (rest and not _TIME.fullmatch(rest)):
        what = f"{short(text)} is not {order}" if text else "is empty"
        raise RefusedError(what)
    first, second, third = map(int, found.groups())
    if pattern is _YEAR_LAST:
        day, month = (first, second) if order == "day-first" else (second, first)
        first, second, third = third, month, day
    try:
        return date(first, second, third)
    except ValueError as error:
        raise RefusedError(f"{short(text)} is on no {order} calendar") from error


def name(text: str) -> str | None:
    """Return a cleaned name; None for an empty one or a spelling of "nothing" such as nan.

    Words that mix look-alike scripts are refused: they would pass for another region or actor.
    """
    if len(text) > LONGEST_NAME:
        raise RefusedError(f"{short(text)} has {len(text):,} characters")
    if "\n" in text.strip() or "\r" in text.strip():
        raise RefusedError(f"{short(text)} runs over several lines (is a quote missing?)")
    cleaned = tidy(text, LONGEST_NAME)
    if not cleaned or cleaned.casefold() in _NOTHING:
        return None
    if cleaned[0] == "#" and cleaned.casefold() in _ERRORS:
        raise RefusedError(f"{short(text)} is an error of a spreadsheet")
    if not cleaned.isascii():
        _refuse_mixed_scripts(cleaned)
    return cleaned


def _refuse_mixed_scripts(text: str) -> None:
    for word in _WORD.findall(text):
        scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in word} & _MIXABLE
        if len(scripts) > 1:
            both = " and ".join(sorted(script.title() for script in scripts))
            raise RefusedError(f"{short(text)} mixes {both} letters in one word")


def country(text: str) -> str | None:
    """Return a country's name, which has a letter in it; regions may be numbered."""
    found = name(text)
    if found is not None and not any(map(str.isalpha, found)):
        raise RefusedError(f"{short(text)} has no letter in it")
    return found


def count(text: str) -> int | None:
    """Return a whole number from 0 to 1,000,000; None for an empty cell, which is unknown."""
    text = text.strip()
    if not text:
        return None
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise RefusedError(f"{short(text)} is not a whole number of 0 or more")
    number = int(found[1])
    if number > MOST:
        raise RefusedError(f"{short(text)} is over {MOST:,}")
    return number


def precision(text: str) -> int:
    """Return UCDP's date precision, 1 to 5; an empty cell means the day is known."""
    number = count(text)
    if number is None:
        return 1
    if not 1 <= number <= 5:
        raise RefusedError(f"{short(text)} is not 1 to 5")
    return number


def degrees(limit: int) -> Callable[[str], float | None]:
    """Return a parser of degrees from -limit to limit; None for an empty cell."""

    def parse(text: str) -> float | None:
        if not text.strip():
            return None
        try:
            value = float(text)
        except ValueError as error:
            raise RefusedError(f"{short(text)} is not a number") from error
        if not -limit <= value <= limit:
            raise RefusedError(f"{short(text)} is not within ±{limit} degrees")
        return value

    return parse


def plain(text: str) -> str | None:
    """Return cleaned text of up to 200 characters, or None."""
    return tidy(text, 200) or None
