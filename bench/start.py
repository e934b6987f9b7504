"""How long a command takes from cold, against `python -c pass` in the same run."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(sys.executable).with_name("tocsin")
RUNS = 15
INSTALLED = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""With compiled modules kept, as on any machine that runs it; without, each start compiles all."""


def seconds(command: list[str], folder: Path) -> float:
    """Return the median time of a command."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, env=INSTALLED, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Print medians and ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "config.toml", folder)
        started = time.perf_counter()
        first = [str(PROGRAM), "run"]
        subprocess.run(first, cwd=folder, env=INSTALLED, check=True, stdout=subprocess.DEVNULL)
        print(f"tocsin run, shipped configuration: {time.perf_counter() - started:.2f} s")
        bare = seconds([sys.executable, "-c", "pass"], folder)
        print(f"python -c pass: {bare:.3f} s")
        for arguments in (["--help"], ["table"], ["table", "--format", "json"]):
            took = seconds([str(PROGRAM), *arguments], folder)
            print(f"tocsin {' '.join(arguments)}: {took:.3f} s, {took / bare:.1f} x bare")


if __name__ == "__main__":
    main()
