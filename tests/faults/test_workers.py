"""Rows 17, 28, 29 and 30: workers that die, hang, fail, talk nonsense or cannot start."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forecast.workers.pool import (
    DIED,
    FAILED,
    TIMED_OUT,
    UNAVAILABLE,
    Answer,
    Failure,
    WorkerPool,
)

HERE = Path(__file__).parent
SHORT = 1.0


def command(factory: str = "prepare") -> tuple[str, ...]:
    """Return a worker whose code is in strange_workers.py; all else about it is real."""
    start = (
        f"import sys; sys.path.insert(0, {str(HERE)!r}); from forecast.workers.serve import main; "
        f"main('strange_workers:{factory}')"
    )
    return (sys.executable, "-P", "-c", start)


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(command(), size=2, deadline=SHORT) as opened:
        yield opened


def squares(answers: list[Answer]) -> list[int | str]:
    return [a.reason if isinstance(a, Failure) else a["square"] for a in answers]


def running(pid: int) -> bool:
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}


def killer(pool: WorkerPool, most: int, every: int) -> Callable[[int, int], None]:
    """Return a progress callback that kills a worker every so many answers, `most` times."""
    struck = [0]

    def strike(done: int, _of: int) -> None:
        if struck[0] < min(most, done // every) and pool.pids:
            os.kill(pool.pids[0], signal.SIGKILL)
            struck[0] += 1

    return strike


def test_answers_come_in_the_order_of_the_requests(pool: WorkerPool) -> None:
    assert squares(pool.answers([{"x": x} for x in range(50)])) == [x * x for x in range(50)]


def test_workers_start_with_the_first_request_and_stay(pool: WorkerPool) -> None:
    assert pool.pids == []
    first = {a["pid"] for a in pool.answers([{"x": x} for x in range(20)]) if isinstance(a, dict)}
    again = {a["pid"] for a in pool.answers([{"x": x} for x in range(20)]) if isinstance(a, dict)}
    assert len(first | again) <= 2
    assert set(pool.pids) >= first | again


def test_one_request_starts_one_worker(pool: WorkerPool) -> None:
    pool.answers([{"x": 1}])
    assert len(pool.pids) == 1
    assert pool.answers([]) == []


def test_a_failing_request_is_told_in_one_line_and_costs_nothing_else(pool: WorkerPool) -> None:
    answers = pool.answers([{"x": 1}, {"x": 2, "do": "fail"}, {"x": 3}])
    assert squares(answers) == [1, FAILED, 9]
    assert answers[1] == Failure(FAILED, "ValueError: no answer for 2")


def test_a_worker_that_dies_costs_its_request_and_is_replaced(pool: WorkerPool) -> None:
    requests = [{"x": x, "do": "die" if x % 4 == 1 else "square"} for x in range(12)]
    expected = [DIED if x % 4 == 1 else x * x for x in range(12)]
    assert squares(pool.answers(requests)) == expected


def test_a_worker_that_hangs_is_killed_at_its_deadline(pool: WorkerPool) -> None:
    requests = [{"x": 1, "do": "hang"}, {"x": 2}, {"x": 3}, {"x": 4, "do": "hang"}]
    assert squares(pool.answers(requests)) == [TIMED_OUT, 4, 9, TIMED_OUT]
    assert squares(pool.answers([{"x": 5}])) == [25]


def test_a_stopped_worker_is_as_good_as_a_hanging_one(pool: WorkerPool) -> None:
    pool.answers([{"x": x} for x in range(10)])
    stopped = pool.pids
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    requests = [{"x": x} for x in range(10)]
    found = squares(pool.answers(requests))
    assert found[0] == TIMED_OUT
    assert all(answer in (TIMED_OUT, x * x) for x, answer in enumerate(found[:2]))
    assert found[2:] == [x * x for x in range(2, 10)]
    assert not any(running(pid) for pid in stopped)


def test_a_request_larger_than_the_pipe_does_not_stop_the_owner_of_a_stopped_worker(
    pool: WorkerPool,
) -> None:
    pool.answers([{"x": 1}])
    os.kill(pool.pids[0], signal.SIGSTOP)
    large = {"x": 1, "rest": [0.1] * 500_000}
    assert squares(pool.answers([large])) == [TIMED_OUT]
    assert squares(pool.answers([large])) == [1]


def test_the_children_of_a_worker_end_with_it(pool: WorkerPool, tmp_path: Path) -> None:
    note = tmp_path / "child"
    found = pool.answers([{"x": 1, "do": "child", "note": str(note)}])
    assert squares(found) == [TIMED_OUT]
    while running(int(note.read_text())):  # it was killed; the kernel may need a moment
        os.sched_yield()


def test_what_a_library_prints_does_not_reach_the_owner(
    pool: WorkerPool, capfd: pytest.CaptureFixture[str]
) -> None:
    assert squares(pool.answers([{"x": 3, "do": "print"}] * 3)) == [9, 9, 9]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"Importing plotly failed.\\n",
        b"TOC1" + b"\\xff" * 4,
        b"TOC1\\x00\\x00\\x00\\x02[]",
        b"TOC1\\x00\\x00\\x00\\x03{{{",
        b"TOC1\\x00\\x00\\x00\\x0c{\\x22answer\\x22:1}" * 2,
    ],
)
def test_a_worker_that_talks_nonsense_is_given_up(nonsense: bytes) -> None:
    text = nonsense.decode("ascii")
    code = (
        f'import sys, time; sys.stdout.buffer.write(b"{text}"); sys.stdout.flush(); time.sleep(9)'
    )
    with WorkerPool((sys.executable, "-c", code), size=2, deadline=20.0) as pool:
        answers = pool.answers([{"x": x} for x in range(4)])
        assert pool.pids == []
    assert {a.reason for a in answers if isinstance(a, Failure)} == {UNAVAILABLE}
    assert len(answers) == 4


def test_a_worker_that_cannot_load_says_why_at_once() -> None:
    with WorkerPool(command("broken")) as pool:
        answers = pool.answers([{"x": 1}, {"x": 2}])
    assert answers == [Failure(UNAVAILABLE, "ImportError: no such optimiser")] * 2


def test_workers_that_end_as_they_start_are_given_up_after_three() -> None:
    with WorkerPool(command("mute")) as pool:
        answers = pool.answers([{"x": x} for x in range(100)])
    assert set(answers) == {Failure(UNAVAILABLE, "its workers lost their worker as they start")}


def test_workers_that_could_not_start_are_tried_again_by_the_next_call(tmp_path: Path) -> None:
    switch = tmp_path / "mended"
    code = f"import os, sys; os.path.exists({str(switch)!r}) or sys.exit(1); {command()[-1]}"
    with WorkerPool((sys.executable, "-P", "-c", code)) as pool:
        assert squares(pool.answers([{"x": 2}])) == [UNAVAILABLE]
        switch.touch()
        assert squares(pool.answers([{"x": 2}])) == [4]


def test_temporary_files_of_workers_are_removed_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with WorkerPool(command(), deadline=SHORT) as pool:
        pool.answers([{"x": x, "do": "litter"} for x in range(10)])
        pool.answers([{"x": x} for x in range(10)])
        assert sum(path.is_file() for path in tmp_path.rglob("*")) <= 2 * 20
        pool.answers([{"x": 1, "do": "die"}] * 4)
    assert list(tmp_path.iterdir()) == []


def test_workers_of_an_owner_that_was_killed_end_and_clear_up(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    owner = (
        "import os, signal, tempfile; from forecast.workers.pool import WorkerPool; "
        f"tempfile.tempdir = {str(tmp_path)!r}; pool = WorkerPool({command()!r}); "
        "pool.answers([{'x': x, 'do': 'litter'} for x in range(20)]); "
        f"open({str(note)!r}, 'w').write(' '.join(map(str, pool.pids))); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", owner]) == -signal.SIGKILL
    for pid in map(int, note.read_text().split()):
        while running(pid):
            os.sched_yield()
    assert [path.name for path in tmp_path.iterdir()] == ["pids"]


def test_an_interrupted_call_leaves_no_late_answer_behind(pool: WorkerPool) -> None:
    def interrupt(done: int, _of: int) -> None:
        if done >= 3:  # several answers may arrive together
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pool.answers([{"x": x} for x in range(20)], interrupt)
    assert squares(pool.answers([{"x": 7}])) == [49]


def test_a_hundred_killed_workers_cost_at_most_a_hundred_answers() -> None:
    requests = [{"x": x, "do": "work"} for x in range(1010)]
    with WorkerPool(command(), starts=1000) as pool:
        found = squares(pool.answers(requests, killer(pool, 100, every=10)))
    lost = found.count(DIED)
    wrong = sum(answer not in (DIED, x * x) for x, answer in enumerate(found))
    print(f"\nrow 17: 100 kills, {lost} requests lost, {wrong} wrong, {len(found)} answered")
    assert 0 < lost <= 100
    assert wrong == 0
