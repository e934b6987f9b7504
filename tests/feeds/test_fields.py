"""What one cell may say."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import clean
from feeds import fields
from feeds.fields import Memo, RefusedError

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-02-29", "iso", "2024-02-29"),
        (" 2024/2/9 ", "iso", "2024-02-09"),
        ("2024-02-29 00:00:00.000", "iso", "2024-02-29"),
        ("2024-02-29T23:59:59Z", "iso", "2024-02-29"),
        ("2024-02-29T23:59:59+05:00", "iso", "2024-02-29"),
        ("3.4.2024", "day-first", "2024-04-03"),
        ("03/04/2024 12:30", "day-first", "2024-04-03"),
        ("03/04/2024", "month-first", "2024-03-04"),
        ("2024-03-04", "month-first", "2024-03-04"),
        ("2026-11-22", "iso", "2026-11-22"),
        ("1900-01-01", "iso", "1900-01-01"),
    ],
)
def test_a_date_is_taken_as_it_is_written(text: str, order: fields.DateOrder, day: str) -> None:
    assert fields.day_parser(order, TODAY)(text) == day


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("", "iso", "is empty"),
        ("03/04/2024", "iso", "is not iso"),
        ("2023-02-29", "iso", "is on no iso calendar"),
        ("13/13/2024", "day-first", "is on no day-first calendar"),
        ("2024-01-01 and later", "iso", "is not iso"),
        ("20240101", "iso", "is not iso"),
        ("01/02/24", "day-first", "is not day-first"),
        ("٢٠٢٤-٠١-٠١", "iso", "is not iso"),
        ("2026-11-23", "iso", "is after 2026-11-22"),
        ("1899-12-31", "iso", "is before 1900"),
        ("0000-00-00", "iso", "is on no iso calendar"),
        ("45000", "iso", "is not iso"),
    ],
)
def test_a_date_that_cannot_be_meant_is_refused(
    text: str, order: fields.DateOrder, reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        fields.day_parser(order, TODAY)(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("", None), (" ", None), ("0", 0), ("12", 12), ("12.0", 12), ("+3", 3), ("1000000", 10**6)],
)
def test_a_count_is_a_whole_number_or_unknown(text: str, number: int | None) -> None:
    assert fields.count(text) == number


@pytest.mark.parametrize(
    "text", ["-1", "nan", "NaN", "inf", "-inf", "1e300", "1.5", "1,234", "1000001", "9" * 30, "x"]
)
def test_an_absurd_count_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="is"):
        fields.count(text)


@pytest.mark.parametrize(("text", "value"), [("", 1), ("1", 1), ("5.0", 5)])
def test_a_missing_date_precision_means_the_day(text: str, value: int) -> None:
    assert fields.precision(text) == value


@pytest.mark.parametrize("text", ["0", "6", "1.5"])
def test_a_date_precision_beyond_ucdps_scale_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        fields.precision(text)


@pytest.mark.parametrize("text", ["90.1", "-91", "nan", "inf", "1e300", "north"])
def test_a_coordinate_off_the_globe_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"degrees|not a number"):
        fields.degrees(90)(text)


@pytest.mark.parametrize("text", ["", " ", "nan", "NaN", "None", "NULL", "N/A", "\u200b"])
def test_nothing_is_no_name(text: str) -> None:
    assert fields.name(text) is None


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" Borno  state\n", "Borno state"),
        ("Bor\u202eno", "Borno"),
        ("Cote d\u2019Ivoire", "Cote d’Ivoire"),
        ("Co\u0302te", "Côte"),
        ("Донецьк", "Донецьк"),
        ("Kabul کابل", "Kabul کابل"),
        ("NA", "NA"),
    ],
)
def test_a_name_is_cleaned_and_otherwise_kept(text: str, cleaned: str) -> None:
    assert fields.name(text) == cleaned


@pytest.mark.parametrize("text", ["Nig\u0435ria", "\u0391fghanistan", "Borno st\u0430te"])
def test_a_name_in_look_alike_letters_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"mixes (Cyrillic|Greek) and Latin letters"):
        fields.name(text)


def test_an_endless_name_is_refused() -> None:
    with pytest.raises(RefusedError, match="has 5,000 characters"):
        fields.name("x" * 5000)


def test_a_name_over_several_lines_is_refused() -> None:
    with pytest.raises(RefusedError, match="'Basra,1 Babil' runs over several lines"):
        fields.name("Basra,1\nBabil")


@pytest.mark.parametrize("text", ["12.5", "2024-01-01", "?"])
def test_a_country_has_a_letter_in_its_name(text: str) -> None:
    with pytest.raises(RefusedError, match="has no letter"):
        fields.country(text)


def test_a_memo_parses_a_text_once_and_keeps_reasons_until_it_is_trimmed() -> None:
    asked: list[str] = []

    def parse(text: str) -> int | None:
        asked.append(text)
        return fields.count(text)

    memo = Memo(parse)
    assert [memo["3"], memo["3"], memo["-1"]] == [3, 3, None]
    assert asked == ["3", "-1"]
    assert list(memo.refused) == ["-1"]
    memo.trim()
    assert memo.refused == {}
    assert memo["-1"] is None
    assert list(memo.refused) == ["-1"]


def test_a_memo_forgets_when_it_has_grown() -> None:
    memo = Memo(fields.plain)
    for number in range(50_001):
        memo[str(number)]
    memo.trim()
    assert len(memo) == 0


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=60))
def test_tidying_is_cleaning(text: str) -> None:
    assert fields.tidy(text, 200) == clean(text, 200)
