"""The loops that are compiled when Tocsin is set up."""

from forecast.__main__ import compile_loops
from forecast.models import dynamic_kernel
from forecast.pool import _fill


def test_setting_up_leaves_compiled_loops_behind_for_the_first_run() -> None:
    compile_loops()
    for loop in (dynamic_kernel.walk, _fill):
        assert loop.signatures  # type: ignore[attr-defined]
