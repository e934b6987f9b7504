"""`make bench`: every measurement, one after the other."""

import subprocess
import sys
from pathlib import Path

MEASURES = {
    "bench.start": [],
    "bench.countries": [],
    "bench.engine": [],
    "bench.run": [],
    "bench.counts": [],
    "bench.scores": [],
    "bench.load": [],
    "bench.rules": [],
    "bench.alerts": [],
    "bench.web": [],
    "bench.deliveries": [],
    "bench.prophet": ["speed"],
}
"""Module → arguments; the long ones (`bench.prophet scores`) are asked for by name."""


def main() -> int:
    """Run them all; return how many failed."""
    failed = 0
    for module, arguments in MEASURES.items():
        print(f"== {' '.join([module, *arguments])}", flush=True)
        command = [sys.executable, "-m", module, *arguments]
        failed += (
            subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode != 0
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
