"""Retry-After in both forms, and whatever else a server writes there."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.http import RequestError, retry_after

NOW = datetime(2022, 10, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sat, 01 Oct 2022 12:02:00 GMT", 120.0),
        ("Sat, 01 Oct 2022 14:02:00 +0200", 120.0),
        ("Sat, 01 Oct 2022 12:02:00 -0000", 120.0),
        ("Saturday, 01-Oct-22 12:02:00 GMT", 120.0),
        ("Sat, 01 Oct 2022 11:00:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_seconds_and_dates_are_understood(value: str, seconds: float) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "1e3",
        "inf",
        "nan",
        "９",
        "9" * 400,
        "Sat, 99 Oct 2022 12:02:00 GMT",
    ],
)
def test_anything_else_is_ignored(value: str) -> None:
    assert retry_after({"Retry-After": value}, NOW) is None


def test_no_header_is_no_wish() -> None:
    assert retry_after({"Content-Length": "5"}, NOW) is None


@settings(max_examples=400, derandomize=True)
@given(
    st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ .*", fullmatch=True)
)
def test_no_header_raises_or_asks_for_the_past(value: str) -> None:
    seconds = retry_after({"Retry-After": value}, NOW)
    assert seconds is None or seconds >= 0


@settings(max_examples=100, derandomize=True)
@given(st.integers(0, 10**7))
def test_a_date_and_its_seconds_ask_for_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after({"Retry-After": date}, NOW) == retry_after(
        {"Retry-After": f"{seconds}"}, NOW
    )


def test_an_error_is_one_line_and_carries_what_a_retry_needs() -> None:
    error = RequestError("https://a.example", "it\nbroke", "wait", transient=True, retry_after=7.0)
    assert error.line() == "https://a.example: it broke; wait"
    assert (error.transient, error.retry_after, error.exit_code) == (True, 7.0, 1)
