"""Row 13: cycle after cycle, memory and temporary files stay as they are.

The service gives every cycle a process of its own; here they share one, so that a leak adds up.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.faults.test_prophet import resident
from tests.tocsin.town_by_day import TownByDay

FIRST = 20
"""Cycles after which every cache is warm: the memory that all later ones are compared with."""
ALLOWED = 1.1


@pytest.mark.parametrize(
    ("regions", "cycles"), [(10, 40), pytest.param(50, 1000, marks=pytest.mark.nightly)]
)
def test_row_13_cycles_in_one_process_take_no_more_memory_and_leave_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regions: int, cycles: int
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    town, start = TownByDay(tmp_path), date(2024, 1, 1)
    town.configure()
    for region in range(regions):
        for month in range(36):
            day = f"{2021 + month // 12}-{month % 12 + 1:02d}-{1 + region % 28:02d}"
            town.events[f"{region}-{month}"] = (day, f"P{region}")
    used = []
    for number in range(cycles):
        day = (start + timedelta(days=number)).isoformat()
        town.events[f"new-{number}"] = (day, f"P{number % regions}")
        town.run(day, deliver=True)
        used.append(resident([os.getpid()]))
    grown = max(used[FIRST:]) / used[FIRST - 1]
    assert grown <= ALLOWED
    assert list(scratch.iterdir()) == []
    print(
        f"row 13: {cycles} cycles of {regions} regions: memory at most {grown:.3f} times that of "
        f"cycle {FIRST}, 0 temporary files"
    )
