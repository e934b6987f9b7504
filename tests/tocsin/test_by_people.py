"""What people write beside alerts is checked before anything is stored."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import unstamp
from core.errors import InputError
from core.settings import SEVERITIES
from tocsin.by_people import LONGEST, MOST_TEXT, author, text, until
from tocsin.cli.alerts import SeverityName
from tocsin.moments import since_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_command_line_knows_the_severities() -> None:
    assert tuple(SeverityName) == SEVERITIES


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("36h", "2026-11-24T00:00:00.000000Z"),
        ("7d", "2026-11-29T12:00:00.000000Z"),
        ("2026-11-22", "2026-11-23T00:00:00.000000Z"),
        (" 2026-12-24 ", "2026-12-25T00:00:00.000000Z"),
    ],
)
def test_a_day_lasts_to_its_end_and_a_length_counts_from_now(written: str, end: str) -> None:
    assert until(written, NOW) == end


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=30))
def test_whatever_is_written_is_a_time_within_a_year_or_one_clear_line(written: str) -> None:
    refused = None
    try:
        assert NOW < unstamp(until(written, NOW)) <= NOW + LONGEST
    except InputError as error:
        refused = error
    assert refused is None or (refused.mend and len(refused.line().splitlines()) == 1)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=MOST_TEXT + 10))
def test_a_note_is_one_bounded_line_without_controls_or_is_refused(written: str) -> None:
    try:
        kept = text("--text", written)
    except InputError:
        return
    assert kept
    assert len(kept) <= MOST_TEXT
    assert kept.isprintable()


def test_nobody_is_no_author() -> None:
    for nobody in ("", " \t", "\u200b", "x" * 101):
        with pytest.raises(InputError, match="--by"):
            author(nobody)


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("12h", "2026-11-22T00:00:00.000000Z"),
        ("2026-11-21", "2026-11-21T00:00:00.000000Z"),
        ("2026-11-21T06:00:00Z", "2026-11-21T06:00:00.000000Z"),
        ("2026-11-21T06:00:00+02:00", "2026-11-21T04:00:00.000000Z"),
    ],
)
def test_a_handover_starts_at_a_day_an_instant_or_so_long_ago(written: str, start: str) -> None:
    assert since_of("--since", written, NOW) == start


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"[0-9]{1,12}[smhd]", fullmatch=True))
def test_any_other_moment_is_one_clear_line(written: str) -> None:
    refused = None
    try:
        assert unstamp(since_of("--since", written, NOW)) <= NOW
    except InputError as error:
        refused = error
    assert refused is None or (refused.mend and len(refused.line().splitlines()) == 1)
