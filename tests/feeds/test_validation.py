"""A chunk of text columns becomes incidents and bad rows, whatever stands in it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeedError
from core.incidents import BadRow, Batch, Incident, Tally
from feeds.quarantine import Chunk, Quarantine, Refusals, bad_row
from feeds.validation import FIELDS, IncidentValidator

TODAY = date(2026, 11, 22)


def _check(**columns: list[str]) -> tuple[list[Incident], list[BadRow]]:
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    chunk = Chunk(range(2, 2 + len(rows)), rows, [])
    return IncidentValidator(TODAY).check(chunk, columns)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("date_end", "2030-01-01", "date_end '2030-01-01' is after 2026-11-22"),
        ("low", "-1", "low '-1' is not a whole number of 0 or more"),
        ("high", "2000000", "high '2000000' is over 1,000,000"),
        ("latitude", "91", "latitude '91' is not within ±90 degrees"),
        ("longitude", "-180.5", "longitude '-180.5' is not within ±180 degrees"),
        ("longitude", "nan", "longitude 'nan' is not within ±180 degrees"),
        ("date_precision", "9", "date_precision '9' is not 1 to 5"),
        ("admin1", "Bоrno", "admin1 'Bоrno' mixes Cyrillic and Latin letters in one word"),
        ("country", "7", "country '7' has no letter in it"),
    ],
)
def test_a_reason_names_the_field_and_the_row_beside_it_stays(
    column: str, text: str, reason: str
) -> None:
    kept, bad = _check(id=["a", "b"], date=["2024-01-01"] * 2, **{column: [text, ""]})
    assert [one.source_id for one in kept] == ["b"]
    assert [(one.line, one.reason) for one in bad] == [(2, reason)]


def test_the_first_reason_of_a_row_stands() -> None:
    _, bad = _check(id=["a"], date=["never"], fatalities=["-1"])
    assert [one.reason for one in bad] == ["date 'never' is not iso"]


def test_one_odd_coordinate_does_not_change_how_the_others_are_read() -> None:
    texts = ["1.5", " 2 ", "-0.0", "1e1"]
    alone, _ = _check(id=list("abcd"), date=["2024-01-01"] * 4, latitude=texts)
    beside, _ = _check(id=list("abcde"), date=["2024-01-01"] * 5, latitude=[*texts, ""])
    assert [one.latitude for one in beside] == [*(one.latitude for one in alone), None]
    assert [one.latitude for one in alone] == [1.5, 2.0, 0.0, 10.0]


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "2024-01-01", "2024-01-05 00:00", "nan", "-1", "3", "3.0", "Kabul", "95"]),
)
ROWS = st.lists(st.tuples(*[CELL] * (len(FIELDS) + 1)), min_size=1, max_size=8)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(ROWS)
def test_every_row_is_kept_in_order_or_refused_with_a_reason(rows: list[tuple[str, ...]]) -> None:
    columns = dict(zip((*FIELDS, "extra"), map(list, zip(*rows, strict=True)), strict=True))
    kept, bad = _check(**columns)
    blank = sum(not any(map(str.strip, row)) for row in rows)
    assert len(kept) + len(bad) == len(rows) - blank
    assert len({one.source_id for one in kept}) == len(kept)
    for one in kept:
        assert date(1900, 1, 1) <= date.fromisoformat(one.date) <= TODAY
        assert 1 <= one.date_precision <= 5
        assert all(n is None or 0 <= n <= 10**6 for n in (one.fatalities, one.low, one.high))
        assert one.latitude is None or -90 <= one.latitude <= 90
        assert one.country is None or any(map(str.isalpha, one.country))
    assert all(one.reason and one.excerpt.isprintable() for one in bad)


def test_a_blank_row_is_no_bad_row() -> None:
    refusals = Refusals()
    refusals.take("date", ["", "x"], {"": "is empty", "x": "is not iso"})
    kept, bad = refusals.split(Chunk([5, 6], [["", " "], ["x", "y"]], []))
    assert (kept, bad) == ([], [BadRow(6, "date is not iso", "x,y")])


def test_an_excerpt_is_clean_and_short() -> None:
    bad = bad_row(3, "why", ["a\x1b[31m", "\u202eb", "x" * 5000])
    assert bad.excerpt.startswith("a[31m,b,xxx")
    assert len(bad.excerpt) == 200


def _judged(allowed: float, good: int, bad: int) -> str:
    quarantine = Quarantine("f.csv", allowed)
    tallies = [Tally("A", "2024-01-01", 1)] * good
    quarantine.count(Batch([], tallies, [BadRow(n, "odd", "") for n in range(2, 2 + bad)]))
    try:
        quarantine.judge()
    except FeedError as error:
        return error.problem
    return "taken"


@pytest.mark.parametrize(
    ("allowed", "good", "bad", "verdict"),
    [
        (0.2, 8, 2, "taken"),
        (0.2, 7, 2, "2 of 9 rows are bad, over the 20% allowed (the first is line 2: odd)"),
        (0, 5, 0, "taken"),
        (0, 999, 1, "1 of 1,000 rows are bad, over the 0% allowed (the first is line 2: odd)"),
        (1, 1, 99, "taken"),
        (1, 0, 1, "1 of 1 rows are bad (the first is line 2: odd)"),
        (1, 0, 0, "no row stands under the header"),
    ],
)
def test_a_pull_is_taken_up_to_the_share_of_bad_rows_that_is_allowed(
    allowed: float, good: int, bad: int, verdict: str
) -> None:
    assert _judged(allowed, good, bad) == verdict


def test_validation_gives_every_field_of_an_incident() -> None:
    row: dict[str, Any] = dict.fromkeys(FIELDS, "1") | {
        "id": "a", "date": "2024-01-01", "date_end": "2024-01-03", "country": "Mali",
    }  # fmt: skip
    kept, _ = _check(**{name: [text] for name, text in row.items()})
    assert kept == [
        Incident(
            "a", "2024-01-01", "2024-01-03", 1, "Mali", "1", "1", "1", "1", "1",
            1, 1, 1, 1.0, 1.0, "1", None, None,
        )
    ]  # fmt: skip
