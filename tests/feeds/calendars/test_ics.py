"""Known dates from iCalendar files, hostile ones among them."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars import Occasion
from core.errors import ConfigError
from feeds.calendars import ics


def file_of(*events: str) -> bytes:
    """Return a calendar with these events, each its lines."""
    parts = "\r\n".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT" for event in events)
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test"
    return f"{head}\r\n{parts}\r\nEND:VCALENDAR\r\n".replace("\r\r", "\r").encode()


def lines(*of: str) -> str:
    return "\r\n".join(of)


EID = lines("SUMMARY:Eid al-Fitr", "DTSTART;VALUE=DATE:20260320", "DTEND;VALUE=DATE:20260323")


def test_an_event_of_whole_days_ends_the_day_before_its_end() -> None:
    expected = (Occasion("Eid al-Fitr", date(2026, 3, 20), date(2026, 3, 22)),)
    assert ics.parse(file_of(EID), "x") == expected


@pytest.mark.parametrize(
    ("event", "first", "last"),
    [
        (lines("DTSTART;VALUE=DATE:20260320"), 20, 20),
        (lines("DTSTART;VALUE=DATE:20260320", "DURATION:P2D"), 20, 21),
        (lines("DTSTART:20260320T200000Z", "DTEND:20260321T000000Z"), 20, 20),
        (lines("DTSTART:20260320T200000Z", "DTEND:20260321T040000Z"), 20, 21),
        (lines("DTSTART;TZID=Africa/Lagos:20260320T090000", "DURATION:PT8H"), 20, 20),
    ],
)
def test_times_become_the_days_that_they_touch(event: str, first: int, last: int) -> None:
    (found,) = ics.parse(file_of(lines("SUMMARY:Vote", event)), "x")
    assert (found.first.day, found.last.day) == (first, last)


def test_an_anniversary_repeats_by_the_year_but_for_what_is_taken_out() -> None:
    event = lines(
        "SUMMARY:Coup", "DTSTART;VALUE=DATE:20200818", "RRULE:FREQ=YEARLY;UNTIL=20240901",
        "EXDATE;VALUE=DATE:20220818", "RDATE;VALUE=DATE:20240101",
    )  # fmt: skip
    found = [one.first for one in ics.parse(file_of(event), "x")]
    assert found == [
        date(2020, 8, 18), date(2021, 8, 18), date(2023, 8, 18), date(2024, 1, 1),
        date(2024, 8, 18),
    ]  # fmt: skip


def test_what_repeats_for_ever_ends_with_2069() -> None:
    event = lines("SUMMARY:Day", "DTSTART;VALUE=DATE:19600101", "RRULE:FREQ=YEARLY")
    found = ics.parse(file_of(event), "x")
    assert (found[0].first.year, found[-1].first.year, len(found)) == (1970, 2069, 100)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no iCalendar"),
        (b"\x00\xff\x1f\x8b hello", "no iCalendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "no iCalendar"),
        (file_of("DTSTART;VALUE=DATE:20260320"), "no name"),
        (file_of("SUMMARY:x"), "cannot be meant"),
        (file_of(lines("SUMMARY:x", "DTSTART;VALUE=DATE:18990101")), "begins in 1899"),
        (file_of(lines("SUMMARY:x", "DTSTART;VALUE=DATE:20260320", "DURATION:P90D")), "60 days"),
        (
            file_of(lines("SUMMARY:x", "DTSTART:20260320T000000Z", "RRULE:FREQ=SECONDLY")),
            "by the year, month or week",
        ),
        (
            file_of(lines("SUMMARY:x", "DTSTART;VALUE=DATE:20260320", "RRULE:FREQ=DAILY")),
            "by the year, month or week",
        ),
        (
            file_of(
                lines("SUMMARY:x", "DTSTART;VALUE=DATE:20260320", "RRULE:FREQ=YEARLY;BYSECOND=1,2")
            ),
            "not by the hour",
        ),
        (file_of(*[EID] * 5_001), "more than 5,000 events"),
        (
            file_of(*[lines(EID, "RRULE:FREQ=YEARLY")] * 201),
            "200 that repeat",
        ),
        (
            file_of(*(lines(f"SUMMARY:d{n}", "DTSTART;VALUE=DATE:20260320") for n in range(101))),
            "100 different names",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_line(content: bytes, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as raised:
        ics.parse(content, "dates.ics")
    assert "\n" not in raised.value.line()
    assert raised.value.line().startswith("dates.ics")


def test_a_rule_that_never_comes_true_ends() -> None:
    event = lines(
        "SUMMARY:x", "DTSTART;VALUE=DATE:20260320", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    )
    assert len(ics.parse(file_of(event), "x")) == 1


def test_names_come_without_control_characters() -> None:
    event = lines("SUMMARY:Vote\\n\x1b[31m\u202ered", "DTSTART;VALUE=DATE:20260320")
    assert ics.parse(file_of(event), "x")[0].name == "Vote [31mred"


def test_a_file_that_is_not_there_or_too_large_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        ics.read(tmp_path / "none.ics")
    large = tmp_path / "large.ics"
    large.write_bytes(b"x" * 1_000_001)
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        ics.read(large)


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["DTSTART", "DTEND", "RRULE", "RDATE", "EXDATE", "DURATION", "SUMMARY", "BEGIN"]
            ),
            st.sampled_from([":", ";VALUE=DATE:", ";TZID=Nowhere:", ";"]),
            st.sampled_from(
                [
                    "20260320",
                    "00000000",
                    "99999999",
                    "20260320T250000",
                    "P1D",
                    "-P9999999W",
                    "FREQ=WEEKLY;COUNT=3",
                    "FREQ=YEARLY;INTERVAL=0",
                    "FREQ=MONTHLY;BYDAY=9FR",
                    "x",
                    "FREQ=YEARLY;UNTIL=x",
                    "FREQ=WEEKLY;BYSETPOS=400",
                    "",
                    "20260320/P1D",
                ]
            ),
        ),
        max_size=6,
    )
)
def test_a_mangled_event_is_read_or_refused_in_one_line(parts: list[tuple[str, str, str]]) -> None:
    event = lines("SUMMARY:x", "DTSTART;VALUE=DATE:20260320", *map("".join, parts))
    line, found = "", ()
    try:
        found = ics.parse(file_of(event), "x")
    except ConfigError as error:
        line = error.line()
    assert "\n" not in line
    assert line or all(one.first <= one.last for one in found)
