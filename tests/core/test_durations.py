"""Lengths of time as people write them."""

import pytest

from core.durations import in_words, seconds


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("30m", 1800), ("36h", 129_600), ("7d", 604_800), (" 1s ", 1)]
)
def test_a_length_is_a_number_and_a_unit(text: str, length: int) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "30", "m", "0s", "-5m", "1.5h", "1 h", "1h30m", "5M", "٣s"])
def test_anything_else_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match='not a length of time such as "90s"'):
        seconds(text)


@pytest.mark.parametrize(
    ("length", "words"),
    [(0.4, "0 s"), (45, "45 s"), (720, "12 min"), (12_600, "3.5 h"), (259_200, "3.0 d")],
)
def test_lengths_are_told_in_the_unit_that_reads_best(length: float, words: str) -> None:
    assert in_words(length) == words
