"""Rows 13, 17, 28, 29 and 30 with the real Prophet: kills, hangs, failures, leaks, no CmdStan."""

import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from core.forecasts import Outlook
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.engine import forecast
from forecast.models import prophet
from forecast.workers.pool import DIED, TIMED_OUT, Failure, Progress, WorkerPool

MODELS = ("dynamic-count", "conflictology", "prophet")
DEADLINE = 60.0
Use = Callable[[WorkerPool], WorkerPool]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Let the model work with a pool of the test's own, and close it afterwards."""
    used: list[WorkerPool] = []

    def install(pool: WorkerPool) -> WorkerPool:
        used.append(pool)
        monkeypatch.setattr(prophet, "workers", lambda: pool)
        return pool

    yield install
    for pool in used:
        pool.close()


def panel_of(counts: FloatArray) -> Panel:
    keys = tuple((f"r{row}",) for row in range(len(counts)))
    ends = np.full(len(counts), 2023 * 12 + 11)
    return Panel(keys, Period.MONTH, counts, ends, np.zeros((len(counts), 0)))


def ordinary(series: int, columns: int = 40) -> Panel:
    return panel_of(np.random.default_rng(1).poisson(4, (series, columns)) + 1.0)


def run(panel: Panel, models: tuple[str, ...] = MODELS) -> Outlook:
    (outlook,) = forecast(panel, 3, models)
    return outlook


class Striking(WorkerPool):
    """Real workers, one of which gets a signal after each `every` answers of the last request.

    Only the fits at the origin are struck: they alone cost a region its forecast.
    """

    number, every, most = signal.SIGKILL, 4, 0

    def answers(self, requests, progress: Progress = lambda _done, _of: None):  # type: ignore[no-untyped-def]
        first, struck = any(len(r["days"]) < 40 for r in requests), 0

        def strike(done: int, of: int) -> None:
            nonlocal struck
            progress(done, of)
            if not first and struck < min(self.most, done // self.every + 1) and self.pids:
                os.kill(self.pids[struck % len(self.pids)], self.number)
                struck += 1

        return super().answers(requests, strike)


def struck_bytes_are_the_same(use: Use, series: int, kills: int, number: int) -> tuple[int, int]:
    """Return how many regions lost the member, and assert that all others have the same bytes."""
    panel = ordinary(series)
    use(WorkerPool(prophet.COMMAND))
    # Alone, so that every region shows whether Prophet made it.
    calm = run(panel, ("prophet",))
    pool = Striking(prophet.COMMAND, deadline=5.0 if number == signal.SIGSTOP else DEADLINE)
    pool.most, pool.number, pool.every = kills, number, max(series // max(kills, 1), 1)
    use(pool)
    wild = run(panel, ("prophet",))
    lost = [row for row, note in enumerate(wild.notes) if note]
    for row in range(series):
        same = calm.predictive.cdf[row].tobytes() == wild.predictive.cdf[row].tobytes()
        assert same == (row not in lost)
        if row in lost:
            assert wild.weights[row, :, 0].max() == 0
            assert np.allclose(wild.weights[row].sum(axis=1), 1)
    reason = DIED if number == signal.SIGKILL else TIMED_OUT
    told = (f"prophet: {len(lost)} series left out: {len(lost)} {reason}",) if lost else ()
    assert wild.reasons == told
    return len(lost), len(wild.notes)


def test_killed_workers_cost_their_regions_one_member_and_no_other_a_byte(use: Use) -> None:
    lost, rows = struck_bytes_are_the_same(use, 12, 4, signal.SIGKILL)
    print(f"\nrow 17: 4 workers of Prophet killed, {lost} of {rows} regions on count models")


def test_stopped_workers_are_replaced_at_their_deadline(use: Use) -> None:
    lost, rows = struck_bytes_are_the_same(use, 8, 1, signal.SIGSTOP)
    print(f"\nrow 29: 1 worker of Prophet stopped, {lost} of {rows} regions on count models")


@pytest.mark.nightly
def test_a_hundred_killed_workers_leave_the_other_regions_as_they_were(use: Use) -> None:
    lost, rows = struck_bytes_are_the_same(use, 300, 100, signal.SIGKILL)
    print(f"\nrow 17: 100 workers of Prophet killed, {lost} of {rows} regions on count models")


def hostile(number: int) -> list[float]:
    """Return a series that some optimiser has choked on, or might."""
    draw = np.random.default_rng(number)
    length = int(draw.integers(2, 140))
    kinds: list[Callable[[], FloatArray]] = [
        lambda: np.zeros(length),
        lambda: np.eye(1, length, int(draw.integers(length)))[0] * 1e9,
        lambda: draw.integers(0, 1000, 2).astype(float),
        lambda: np.full(length, 10.0 ** draw.integers(0, 10)),
        lambda: np.arange(length) % 2 * 1e9,
        lambda: np.floor(np.exp(np.linspace(0, 20, length))),
        lambda: (draw.random(length) < 0.03).astype(float),
        lambda: np.floor(draw.pareto(0.5, length).clip(0, 1e9)),
        lambda: np.where(np.arange(length) < length // 2, 0.0, 1e6),
        lambda: draw.integers(0, 10**9, length).astype(float),
    ]
    return kinds[number % len(kinds)]().tolist()


def hostile_fits(series: int) -> None:
    requests = []
    for number in range(series):
        counts = hostile(number)
        days = [Period.MONTH.start(24_000 + m).toordinal() for m in range(len(counts) + 6)]
        requests.append(
            {"days": days[:-6], "counts": counts, "future": days[-6:], "yearly": 2, "weekly": 0}
        )
    with WorkerPool(prophet.COMMAND, deadline=DEADLINE) as pool:
        answers = pool.answers(requests)
    fitted = [np.array(a["path"]) for a in answers if not isinstance(a, Failure)]
    failed = [a for a in answers if isinstance(a, Failure)]
    for path in fitted:
        assert path.shape == (6,)
        assert np.isfinite(path).all()
        assert path.min() >= 0
    late = sum(a.reason == TIMED_OUT for a in failed)
    print(f"\nrow 29: {len(answers)} hostile series: {len(fitted)} fitted, {len(failed)} recorded "
          f"as failed, of which {late} at their deadline of {DEADLINE:.0f} s")  # fmt: skip
    assert len(fitted) + len(failed) == series


def test_forty_hostile_series_are_answered_or_recorded() -> None:
    hostile_fits(40)


@pytest.mark.nightly
def test_a_thousand_hostile_series_are_answered_or_recorded() -> None:
    hostile_fits(1000)


def test_no_region_is_left_without_a_forecast(use: Use) -> None:
    use(WorkerPool(prophet.COMMAND))
    rows = [np.resize(hostile(number), 60) for number in range(20)]
    found = run(panel_of(np.stack(rows)))
    assert np.allclose(found.weights.sum(axis=2), 1)
    assert np.isfinite(found.predictive.mean()).all()
    print(f"\nrow 30: {len(found.notes)} regions, 0 without a row")


def shadow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a folder before the installed packages of the workers."""
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_without_prophet_the_count_models_answer_and_the_run_says_so(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prophet.py").write_text("raise ImportError('No module named prophet')")
    shadow(tmp_path, monkeypatch)
    use(WorkerPool(prophet.COMMAND))
    found = run(ordinary(5))
    why = "unavailable (ImportError: No module named prophet)"
    assert found.reasons == (f"prophet: 5 series left out: 5 {why}",)
    assert found.weights[..., 2].max() == 0
    assert prophet.check()[0] is False


def test_without_cmdstan_the_count_models_answer_and_doctor_says_so(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("prophet")
    assert spec is not None
    assert spec.origin is not None
    shutil.copytree(
        Path(spec.origin).parent, tmp_path / "prophet",
        ignore=shutil.ignore_patterns("stan_model", "tests", "__pycache__"),
    )  # fmt: skip
    shadow(tmp_path, monkeypatch)
    use(WorkerPool(prophet.COMMAND))
    found = run(ordinary(4))
    why = "unavailable (RuntimeError: Prophet's compiled model or its CmdStan does not load)"
    assert found.reasons == (f"prophet: 4 series left out: 4 {why}",)
    before = processor_seconds()
    well, words = prophet.check()
    took = processor_seconds() - before
    assert not well
    assert "CmdStan" in words
    assert took <= 5, "of a processor, as the clock depends on who else is at work"
    print(f"\nrow 28: after {took:.1f} s: {words}")


def processor_seconds() -> float:
    """Return the time of a processor that this process and its ended children have had."""
    own, others = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def resident(pids: list[int]) -> int:
    """Return the memory of processes in bytes."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def memory_stays_flat(
    use: Use, monkeypatch: pytest.MonkeyPatch, folder: Path, cycles: int, first: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    pool, panel, used = use(WorkerPool(prophet.COMMAND)), ordinary(4, 30), []
    for _ in range(cycles):
        run(panel)
        used.append((resident([os.getpid()]), resident(pool.pids)))
    files = sum(path.is_file() for path in folder.rglob("*"))
    pool.close()
    own, workers = (used[-1][which] / used[first][which] for which in (0, 1))
    print(f"\nrow 13: {cycles} cycles: memory {own:.3f} times that of cycle {first + 1}, "
          f"workers' {workers:.3f}, {files} temporary files")  # fmt: skip
    assert own <= 1.1
    assert workers <= 1.1
    assert files == 0
    assert list(folder.iterdir()) == []


def test_memory_and_temporary_files_do_not_grow_over_twenty_cycles(
    use: Use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory_stays_flat(use, monkeypatch, tmp_path, 20, 4)


@pytest.mark.nightly
def test_memory_and_temporary_files_do_not_grow_over_three_hundred_cycles(
    use: Use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory_stays_flat(use, monkeypatch, tmp_path, 300, 19)
