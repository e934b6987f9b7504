"""Text from outside: one spelling, one line, nothing invisible, no formulas."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import cited, clean, csv_safe, fold, sparkline


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Borno \t\n state\u00a0", "Borno state"),
        ("e\u0301tat", "état"),
        ("e\u200d\u0301tat", "état"),
        ("ev\u202eil", "evil"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07\x1b[31m", "bell[31m"),
        ("line\u2028two", "line two"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("", ""),
        ("دولة الإسلام", "دولة الإسلام"),
    ],
)
def test_text_comes_out_on_one_line_without_what_cannot_be_seen(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@settings(max_examples=500, derandomize=True)
@given(st.text(st.characters(max_codepoint=127), max_size=30), st.integers(1, 40))
def test_plain_letters_are_cleaned_like_all_others(text: str, limit: int) -> None:
    assert clean(text, limit) == clean(f"{text} é", 10_000).removesuffix("é")[:limit].rstrip()


def test_a_cut_leaves_no_space_at_the_end() -> None:
    assert clean("Boko Haram", limit=5) == "Boko"


@settings(max_examples=500, derandomize=True)
@given(st.text(max_size=30), st.integers(1, 40))
def test_clean_text_stays_as_it_is(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once
    assert len(once) <= limit
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(ch) in {"Cc", "Cf", "Cs"} for ch in once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BORNO", "borno"),
        ("Straße", "STRASSE"),
        ("ＩＳ", "is"),
        ("ﬁghters", "Fighters"),
        ("e\u200d\u0301", "É"),
        ("\u0390", "\u0390".upper()),
        ("Al\u00a0 Shabaab", "al shabaab"),
    ],
)
def test_spellings_of_one_name_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_different_names_stay_apart() -> None:
    assert len({fold(name) for name in ("Borno", "Bornu", "Börno", "Borno state")}) == 4


@settings(max_examples=500, derandomize=True)
@given(st.text(max_size=20))
def test_folding_twice_or_after_cleaning_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text) == fold(clean(text))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\t", "\r\n", "\x00", "\u00a0"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(start: str, before: str) -> None:
    cell = f'{before}{start}cmd|"/C calc"!A0'
    assert csv_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Borno", "3", "a=b", "'quoted", "IS (Sinai)", "é"])
def test_another_cell_is_left_alone(cell: str) -> None:
    assert csv_safe(cell) == cell


def test_a_sparkline_is_scaled_to_its_largest_count_and_shows_gaps() -> None:
    assert sparkline([0, 7, None, 14]) == "▁▅·█"
    assert sparkline([0, None, 0]) == "▁·▁"
    assert sparkline([None]) == "·"
    assert sparkline([]) == ""


def test_a_citation_is_cut_between_words_and_says_that_it_is() -> None:
    assert cited("Two killed  in Benue") == "Two killed in Benue"
    long = cited("attack on mourners; " * 20)
    assert long == "attack on mourners; " * 5 + "attack on mourners…"
    assert len(cited("x" * 500)) == 120
