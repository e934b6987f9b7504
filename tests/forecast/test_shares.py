"""Shares of series for all cores."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest

from forecast.shares import all_cores, begin_shares, even, in_shares, one_ahead, share_of


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


def test_what_is_begun_is_answered_in_order_whenever_it_is_asked_for() -> None:
    with all_cores() as threads:
        first = begin_shares(threads, lambda part: part.start, 10, 4)
        second = begin_shares(threads, lambda part: part.stop, 3, 2)
        assert second() == [2, 3]
        assert first() == [0, 4, 8]


def test_what_has_not_begun_when_the_threads_are_given_back_never_does() -> None:
    gate, done = threading.Event(), []

    def work(part: slice) -> None:
        gate.wait(30)
        done.append(part.start)

    cores = os.cpu_count() or 1
    with all_cores() as threads:
        begin_shares(threads, work, cores + 50, 1)
        threading.Timer(0.2, gate.set).start()
    assert set(done) <= set(range(cores))


@pytest.mark.parametrize("series", [0, 1, 31, 64, 65, 436, 512, 5_000])
def test_shares_are_even_and_no_core_waits_for_a_last_one_alone(series: int) -> None:
    cores, share = os.cpu_count() or 1, even(series, 64)
    assert 1 <= share <= 64
    shares = -(-series // share)
    assert shares <= cores or shares % cores == 0 or share < 3
    assert shares <= -(-series // 64) + cores


def test_long_series_come_one_at_a_time_and_short_ones_many() -> None:
    assert [share_of(columns) for columns in (0, 120, 2_000, 20_000)] == [64, 64, 4, 1]


def test_the_next_block_is_begun_before_one_is_taken_and_no_other() -> None:
    begun: list[int] = []

    def blocks() -> Iterator[Callable[[], int]]:
        for number in range(4):
            begun.append(number)
            yield lambda number=number: number

    taken = one_ahead(blocks())
    assert not begun
    for number in range(4):
        assert next(taken) == number
        assert begun[-1] == min(number + 1, 3)
    assert list(taken) == []
