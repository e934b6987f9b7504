"""Shares of series for all cores."""

import threading

import pytest

from forecast.shares import in_shares


def test_every_series_is_in_one_share_and_the_answers_stand_in_their_order() -> None:
    assert in_shares(lambda part: list(range(10))[part], 10, 4) == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]


def test_one_share_needs_no_thread_and_none_at_all_no_answer() -> None:
    here = threading.get_ident()
    assert in_shares(lambda _part: threading.get_ident(), 3, 8) == [here]
    assert in_shares(lambda _part: here, 0, 8) == []


def test_what_fails_in_a_share_fails_for_whoever_asked() -> None:
    def work(part: slice) -> int:
        return int(1 // (part.start - 4))

    with pytest.raises(ZeroDivisionError):
        in_shares(work, 12, 4)
