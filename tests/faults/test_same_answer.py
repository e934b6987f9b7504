"""Row 33: the same input has the same answer, byte for byte, however often and in what slices."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.periods import Period
from core.series import FloatArray, Panel
from forecast.engine import forecast

ROOT = Path(__file__).resolve().parents[2]
SERIES, COLUMNS, STEPS, DRAWS = 60, 72, 6, 64
MODELS = ("dynamic-count", "conflictology", "history-nb")
REPEATS, PROCESSES = 20, 2
BLOCKS = (1, 7, 32, 512)


def panel() -> Panel:
    """Return series of every kind: wandering, mostly zero, with gaps, with one month of thousands.

    Two regions of three have the same whole, so that they share a factor.
    """
    draw = np.random.default_rng(33)
    rates = draw.gamma(0.6, 5.0, (SERIES, 1)) * np.exp(
        np.cumsum(draw.normal(0, 0.15, (SERIES, COLUMNS)), axis=1)
    )
    counts = draw.poisson(rates).astype(np.float64)
    counts[::5] = np.where(draw.random((SERIES // 5, COLUMNS)) < 0.9, 0.0, counts[::5])
    counts[::7, :9] = np.nan
    counts[3, -5] = 4_000.0
    keys = tuple((f"Country {row % 3}", f"Province {row}") for row in range(SERIES))
    ends = np.full(SERIES, 24_000, dtype=np.int64)
    return Panel(keys, Period.MONTH, counts, ends, np.zeros((SERIES, 0)))


def answer(block: int, given: Panel) -> str:
    """Return a hash of all that is said of a panel, forecast in blocks of a size."""
    parts = list(forecast(given, STEPS, MODELS, block=block))
    made = hashlib.sha256()
    for read in (
        lambda one: one.predictive.cdf,
        lambda one: one.weights,
        lambda one: one.predictive.paths(DRAWS, seed=7),
    ):
        made.update(np.concatenate([read(part) for part in parts]).tobytes())
    made.update(parts[0].predictive.dependence.tobytes())
    made.update(json.dumps([note for part in parts for note in part.notes]).encode())
    return made.hexdigest()


def answers(repeats: int) -> list[str]:
    """Return the hashes of some repeats, in blocks of one size after the other."""
    return [answer(BLOCKS[n % len(BLOCKS)], panel()) for n in range(repeats)]


def test_row_33_twenty_repeats_in_each_of_two_processes_and_any_blocks_are_one_answer() -> None:
    program = f"from tests.faults.test_same_answer import *; print('\\n'.join(answers({REPEATS})))"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    running = [subprocess.Popen([sys.executable, "-c", program], **pipes) for _ in range(PROCESSES)]
    told = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, told
    found = [out.split() for out, _ in told]
    assert [len(one) for one in found] == [REPEATS] * PROCESSES
    different = {hashed for one in found for hashed in one}
    assert len(different) == 1
    print(
        f"{REPEATS} repeats x {PROCESSES} processes, blocks of {', '.join(map(str, BLOCKS))}: "
        f"{len(different)} answer, 0 bytes apart"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda counts: np.put(counts, -1, counts[-1, -1] + 1),
        lambda counts: np.put(counts, 9, np.nan),
    ],
)
def test_another_input_has_another_answer(
    change: Callable[[FloatArray], None],
) -> None:
    given = panel()
    change(given.counts)
    assert answer(512, given) != answer(512, panel())
