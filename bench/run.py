"""What a run costs, stage by stage: `python -m bench.run [REGIONS]…`.

Monthly counts of many regions in a file, with the total of all of them; the run of one month, then
that of the next, which explains what changed: the second is measured, with 120 points. Each size
runs in a process of its own. CPU seconds of a stage are without those of stages inside it; memory
is the process's peak by the end of the stage.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from inspect import isgeneratorfunction
from pathlib import Path
from time import process_time
from typing import Any

import tocsin.commands.run as command
from alerts import rules
from bench.engine import COLUMNS, wandering
from core.clock import FixedClock
from core.periods import Period
from forecast.totals import TotalLaws
from storage.runs import Runs
from tocsin import cycle
from tocsin.comparison import Comparison
from tocsin.config import load
from tocsin.sending import PostOffice, open_channels
from tocsin.stores import opened

SIZES = (500, 5_000)
_REVISED = 10
_LAST = 2022 * 12 + 11
"""December 2022, in `core.periods` numbers."""
_CONFIG = """
[service]
database = "tocsin.db"

[[feeds]]
name = "world"
kind = "counts-csv"
path = "counts.csv"
covered_through = "pull"
max_decoded_mb = 2000

[[watches]]
name = "provinces"
feeds = ["world"]
group_by = ["region"]
totals = ["(all)"]
models = ["dynamic-count", "conflictology"]

[[rules]]
name = "tempo"
watch = "provinces"
within = 3
levels = [
  { severity = "severe", at_least = { times_baseline = 3.0, minimum = 20 }, probability = 0.8 },
]
clear_probability = 0.4

[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"
group_over = 5

[[routes]]
channels = ["log"]
"""
STAGES: tuple[tuple[Any, str, str], ...] = (
    (cycle, "pull_all", "pulling"),
    (cycle, "count", "counting"),
    (cycle, "outlooks", "forecasting"),
    (TotalLaws, "add", "joint paths"),
    (TotalLaws, "corrected", "joint paths"),
    (cycle, "compared", "explanations"),
    (Comparison, "changes", "explanations"),
    (Runs, "stage", "staging"),
    (rules, "read", "rules"),
    (cycle, "score_due", "scores"),
    (cycle.Cycle, "_changes", "alerts"),
    (Runs, "publish", "publishing"),
    (command, "sheets", "table"),
    (command, "write", "table"),
    (PostOffice, "send", "sending"),
)
"""Where a stage is entered: module or class, the name there, and the stage."""


class Stopwatch:
    """CPU seconds by stage, of the innermost stage that is at work, and the peak of memory."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.peaks: dict[str, float] = {}
        self._open = ["the rest"]
        self._since = process_time()

    def around(self, stage: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return `act`, its time counted; of one that yields, the time until each item."""
        if isgeneratorfunction(act):

            def stepping(*args: Any, **kwargs: Any) -> Iterator[Any]:
                steps = self.around(stage, act(*args, **kwargs).__next__)
                while True:
                    try:
                        item = steps()
                    except StopIteration:
                        return
                    yield item

            return stepping

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._turn(lambda: self._open.append(stage))
            try:
                return act(*args, **kwargs)
            finally:
                self._turn(self._open.pop)

        return timed

    def _turn(self, change: Callable[[], object]) -> None:
        """Count the time so far for the stage at work, then change it."""
        now, stage = process_time(), self._open[-1]
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self.peaks[stage] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self._since = now
        change()

    def finish(self) -> None:
        """Count what is left."""
        self._turn(lambda: None)


def write(path: Path, regions: int, months: int) -> None:
    """Write the counts of the first months of all regions; what is zero has no row.

    In all months, one count is revised in every tenth region.
    """
    counts = wandering(regions).counts[:, :months].astype(int)
    if months == COLUMNS:
        counts[::_REVISED, -_REVISED] += 1
    days = [Period.MONTH.end(_LAST - COLUMNS + 1 + n).isoformat() for n in range(months)]
    with path.open("w", encoding="utf-8") as file:
        file.write("region,date,count\n")
        for region, row in enumerate(counts.tolist()):
            file.writelines(
                f"Region {region},{day},{count}\n"
                for day, count in zip(days, row, strict=True)
                if count
            )


def work(folder: Path, months: int) -> None:
    """Do the run of the day after the file's last month, as the program does it."""
    day = Period.MONTH.start(_LAST - COLUMNS + 1 + months)
    config = load(folder / "config.toml")
    clock = FixedClock(datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
    with (
        opened(config, None, "own", clock) as stores,
        (folder / "table.csv").open("w", encoding="utf-8") as table,
        redirect_stdout(table),
    ):
        channels = open_channels(config, clock)
        command.work(command.Cycling(config, stores, clock, None, channels, "csv"))


def measure(folder: Path, regions: int) -> None:
    """Do the second run and print what each of its stages took."""
    watch = Stopwatch()
    for owner, name, stage in STAGES:
        setattr(owner, name, watch.around(stage, getattr(owner, name)))
    work(folder, COLUMNS)
    watch.finish()
    whole = sum(watch.seconds.values())
    print(f"{regions:,} regions: {whole:.1f} s of CPU time, {1000 * whole / regions:.1f} ms each")
    for stage, seconds in watch.seconds.items():
        each, peak = 1000 * seconds / regions, watch.peaks[stage]
        print(f"  {stage:13}{seconds:8.1f} s {each:7.2f} ms a region, peak {peak:5.0f} MB")


def main(sizes: tuple[int, ...]) -> None:
    """Measure a run of each size."""
    for regions in sizes:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "config.toml").write_text(_CONFIG, encoding="utf-8")
            for part, months in (("first", COLUMNS - 1), ("second", COLUMNS)):
                write(Path(name) / "counts.csv", regions, months)
                program = [sys.executable, "-m", "bench.run", part, name, str(regions)]
                subprocess.run(program, check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["first", folder, _]:
            work(Path(folder), COLUMNS - 1)
        case ["second", folder, regions]:
            measure(Path(folder), int(regions))
        case given:
            main(tuple(map(int, given)) or SIZES)
