"""All twelve countries of the extract, loaded and forecast in one run from an empty database."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "examples" / "twelve-countries.toml"


def main() -> None:
    """Print the wall time, the processor time and the peak memory of the run."""
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "bench.db"
        program = str(Path(sys.executable).with_name("tocsin"))
        command = [program, "run", "--config", str(CONFIG), "--database", str(database)]
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"44,871 incidents, twelve countries: {took:.1f} s, "
            f"{used.ru_utime + used.ru_stime:.1f} s of processor, {used.ru_maxrss / 1024:.0f} MB"
        )


if __name__ == "__main__":
    main()
