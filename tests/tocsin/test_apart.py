"""Work in a process of its own tells what it makes, and ends for certain."""

import os
import struct
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import pytest

from core.errors import FailedError, StorageError
from tocsin import apart as module
from tocsin.apart import Apart, Tell


def counting(tell: Tell, most: int) -> None:
    for number in range(most):
        tell(number)


def failing(tell: Tell) -> None:
    tell("begun")
    raise StorageError("tocsin.db", "is damaged", "restore it")


def dying(tell: Tell) -> None:
    tell(os.getpid())
    os._exit(9)


def cut_short(tell: Tell) -> None:
    """Tell, and die in the middle of telling more: of ten thousand bytes come three."""
    tell(os.getpid())
    pipe: Connection = tell.__self__  # type: ignore[attr-defined] - a method of the pipe's end
    os.write(pipe.fileno(), struct.pack("!i", 10_000) + b"cut")
    os._exit(9)


def endless(tell: Tell) -> None:
    tell(os.getpid())
    time.sleep(600)


def told_by(work: Apart) -> list[object]:
    return list(work.told(lambda: False))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_everything_told_arrives_in_order() -> None:
    assert told_by(Apart("work", counting, (3,), 1, 60)) == [0, 1, 2]


def test_an_error_for_people_arrives_as_it_was_raised() -> None:
    told = Apart("work", failing, (), 0, 60).told(lambda: False)
    assert next(told) == "begun"
    with pytest.raises(StorageError) as raised:
        next(told)
    error = raised.value
    assert (error.where, error.problem, error.mend) == ("tocsin.db", "is damaged", "restore it")


@pytest.mark.parametrize("death", [dying, cut_short])
def test_a_process_that_dies_is_an_error_and_not_the_end(death: Callable[[Tell], None]) -> None:
    told = Apart("work", death, (), 0, 60).told(lambda: False)
    assert next(told)
    with pytest.raises(FailedError, match="work: its process ended in the middle of its work"):
        next(told)


def test_what_is_silent_for_too_long_is_ended_with_the_way_to_mend_it() -> None:
    told = Apart("work", endless, (), 0, 1.0, "do less").told(lambda: False)
    with pytest.raises(FailedError, match="work: has told nothing for 1 s; do less"):
        list(told)


def test_nothing_is_left_when_the_service_stops_or_nobody_listens() -> None:
    stopping = False
    told = Apart("work", endless, (), 0, 60).told(lambda: stopping)
    first = next(told)
    stopping = True
    with pytest.raises(FailedError, match="was stopped with the service"):
        next(told)
    deserted = Apart("work", endless, (), 0, 60).told(lambda: False)
    second = next(deserted)
    deserted.close()
    assert not is_alive(first)
    assert not is_alive(second)


def test_work_that_cannot_be_given_to_a_process_is_a_fault_of_ours() -> None:
    with pytest.raises(AttributeError, match="local object"):
        told_by(Apart("work", lambda tell: tell(1), (), 0, 60))


def test_what_goes_on_telling_may_take_longer_than_its_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = [0.0]
    monkeypatch.setattr(module, "stopwatch", lambda: passed[0])
    found = []
    for number in Apart("work", counting, (8,), 0, 60).told(lambda: False):
        found.append(number)
        passed[0] += 50
    assert found == list(range(8))
