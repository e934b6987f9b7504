"""Known dates from an iCalendar file (RFC 5545), which is taken for hostile.

Its size, its events and the repetitions of each are bounded; an event that repeats does so by the
year, month or week. Times of day are left out: what counts is the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar as File
from icalendar import Event, vRecur

from core.calendars import FIRST, LAST, MOST_DAYS, Occasion, joined
from core.errors import ConfigError
from core.text import clean

MOST_BYTES = 1_000_000
MOST_EVENTS, MOST_REPEATING, MOST_TIMES, MOST_NAMES = 5_000, 200, 1_200, 100
_EARLIEST = date(1900, 1, 1)
_FREQUENCIES = {"YEARLY", "MONTHLY", "WEEKLY"}
_PARTS = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS",
    "BYYEARDAY", "BYWEEKNO", "BYEASTER",
}  # fmt: skip
_UNMEANT = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What icalendar and dateutil raise for values that nobody can mean."""
_MEND = "mend the file, or take the calendar out"


def read(path: Path) -> tuple[Occasion, ...]:
    """Return the occasions of a file, in the order of time.

    Raises:
        ConfigError: it cannot be read, is too large, or holds what cannot be meant.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read ({error.strerror})", "check path") from None
    if len(content) > MOST_BYTES:
        raise ConfigError(str(path), "is larger than 1 MB", "give a calendar of known dates only")
    return parse(content, str(path))


def parse(content: bytes, where: str) -> tuple[Occasion, ...]:
    """Return the occasions of a file's content.

    Raises:
        ConfigError: it holds what cannot be meant.
    """
    try:
        files = File.from_ical(content, multiple=True)
        events = [one for file in files for one in file.events]
    except (*_UNMEANT, RecursionError) as error:
        told = clean(str(error), 80)
        raise ConfigError(where, f"is no iCalendar file ({told})", _MEND) from None
    if not files:
        raise ConfigError(where, "is no iCalendar file, or ends in its middle", _MEND)
    repeating = sum("RRULE" in one or "RDATE" in one for one in events)
    if len(events) > MOST_EVENTS or repeating > MOST_REPEATING:
        most = f"more than {MOST_EVENTS:,} events, or {MOST_REPEATING} that repeat"
        raise ConfigError(where, f"holds {most}", "give a calendar of known dates only")
    found = joined(one for number, event in enumerate(events, 1)
                   for one in _occasions(event, f"{where}, event {number}"))  # fmt: skip
    if len({one.name for one in found}) > MOST_NAMES:
        problem = f"holds more than {MOST_NAMES} different names"
        raise ConfigError(where, problem, "choose some with only")
    return found


def _occasions(event: Event, where: str) -> Iterator[Occasion]:
    """Yield an event's occasions from FIRST to LAST."""
    name = clean(str(event.get("SUMMARY", "")), 80)
    if not name:
        raise ConfigError(where, "has no name (SUMMARY)", _MEND)
    try:
        first, last = _days(event)
        starts = _starts(event, first)
    except _UNMEANT as error:
        raise ConfigError(where, f"cannot be meant ({clean(str(error), 80)})", _MEND) from None
    if not _EARLIEST <= first <= LAST:
        raise ConfigError(where, f"begins in {first.year}", "begin it between 1900 and 2069")
    if (last - first).days >= MOST_DAYS:
        raise ConfigError(where, f"lasts longer than {MOST_DAYS} days", "make it shorter")
    for start in starts:
        if FIRST <= start <= LAST:
            yield Occasion(name, start, start + (last - first))


def _days(event: Event) -> tuple[date, date]:
    """Return the first and the last day of an event; its end is not included (RFC 5545, 3.6.1)."""
    start = event["DTSTART"].dt
    if "DTEND" in event:
        end = event["DTEND"].dt
    else:
        end = start + event["DURATION"].dt if "DURATION" in event else start
    if isinstance(end, datetime):
        last = _day(end - timedelta(microseconds=1)) if end != start else _day(end)
    else:
        last = _day(end) - timedelta(days=1) if end != start else _day(end)
    return _day(start), max(last, _day(start))


def _starts(event: Event, first: date) -> list[date]:
    """Return the first days of all its repetitions, at most MOST_TIMES of each rule.

    Raises:
        ValueError: it repeats in a way that no known date does.
    """
    found = {first}
    for rule in _listed(event.get("RRULE")):
        found |= _repeated(rule, first)
    for extra in _listed(event.get("RDATE")):
        found |= {_day(one.dt) for one in islice(extra.dts, MOST_TIMES)}
    for out in _listed(event.get("EXDATE")):
        found -= {_day(one.dt) for one in out.dts}
    return sorted(found)


def _repeated(rule: vRecur, first: date) -> set[date]:
    """Return the first days that a rule gives until LAST."""
    parts = {key.upper(): values for key, values in rule.items()}
    frequency = str(_listed(parts.get("FREQ", ""))[0]).upper()
    if frequency not in _FREQUENCIES or not set(parts) <= _PARTS:
        raise ValueError("it must repeat by the year, month or week, and not by the hour")
    if int(_listed(parts.get("INTERVAL", 1))[0]) < 1:
        raise ValueError("it must repeat after one year, month or week, or more")
    until = min(_day(_listed(parts.pop("UNTIL", LAST))[0]), LAST)
    repeated = rrulestr(vRecur(parts).to_ical().decode(), dtstart=datetime.combine(first, time()))
    days = (moment.date() for moment in islice(repeated, MOST_TIMES))
    return set(takewhile(lambda day: day <= until, days))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _day(moment: date | datetime) -> date:
    if not isinstance(moment, date):
        raise TypeError("a date is wanted")
    return moment.date() if isinstance(moment, datetime) else moment
