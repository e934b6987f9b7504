"""The loops that are compiled when Tocsin is set up: once, and for every process after."""

import os
import subprocess
import sys
from pathlib import Path

from forecast import negative_binomial
from forecast.__main__ import compile_loops
from forecast.models import dynamic_kernel, regimes
from forecast.pool import _maximise

COUNTED = """
from numba.core import event
from forecast.__main__ import compile_loops
with event.install_recorder("numba:compile") as seen:
    compile_loops()
print(sum(mark.is_start for _, mark in seen.buffer))
"""


def test_setting_up_leaves_compiled_loops_behind_for_the_first_run() -> None:
    compile_loops()
    for loop in (dynamic_kernel.score, regimes._walk, negative_binomial._mix, _maximise):
        assert loop.signatures  # type: ignore[attr-defined]


def compilations(cache: Path) -> int:
    """Return how many functions a process of its own compiles to forecast."""
    given = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", COUNTED]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_second_process_compiles_nothing(tmp_path: Path) -> None:
    first, second = compilations(tmp_path), compilations(tmp_path)
    print(f"compiled: {first} functions in the first process, {second} in the second")
    assert 0 < first < 25, "every function costs a tenth of a second"
    assert second == 0
