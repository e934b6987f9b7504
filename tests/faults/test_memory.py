"""The memory of a run and of its table grows with the regions by little, and within a bound."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

FEW, MANY = 300, 1_800
MOST_OF_RUN, MOST_OF_TABLE = 60, 15
"""kB a region: of so few regions, the database's caches, which fill up once, take half."""
MONTHS = [f"{2013 + n // 12}-{n % 12 + 1:02d}-15" for n in range(120)]
CONFIG = """
[[feeds]]
name = "world"
kind = "counts-csv"
path = "counts.csv"
covered_through = "pull"

[[watches]]
name = "provinces"
feeds = ["world"]
group_by = ["region"]
models = ["conflictology", "last"]
"""


def town(folder: Path, regions: int) -> None:
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    draw = random.Random(2)
    with (folder / "counts.csv").open("w", encoding="utf-8") as file:
        file.write("region,date,count\n")
        for region in range(regions):
            level = draw.choice([1, 3, 9])
            file.writelines(f"P{region},{day},{1 + draw.randrange(level)}\n" for day in MONTHS)


PROGRAM = """
import atexit, sys
from pathlib import Path
from tocsin.cli import main

def tell():
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)

atexit.register(tell)
main()
"""
"""The program itself; its peak is its own, whereas a parent is told of its own before the start."""


def peak_kb(folder: Path, *asked: str) -> int:
    """Return the peak of memory of the real program, in kB."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *asked],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stderr.split()[-1])


def test_a_region_more_costs_a_run_and_its_table_some_kilobytes(tmp_path: Path) -> None:
    told = []
    for regions in (FEW, MANY):
        folder = tmp_path / str(regions)
        town(folder, regions)
        run = peak_kb(folder, "run", "--format", "csv")
        told.append(
            [run, *(peak_kb(folder, "table", "--format", form) for form in ("csv", "json"))]
        )
    each = [(more - less) / (MANY - FEW) for less, more in zip(*told, strict=True)]
    shown = ", ".join(
        f"{name} {kb:.1f}" for name, kb in zip(("run", "csv", "json"), each, strict=True)
    )
    print(f"kB of memory per region more: {shown}")
    assert each[0] < MOST_OF_RUN
    assert max(each[1:]) < MOST_OF_TABLE
