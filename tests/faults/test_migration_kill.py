"""kill -9 while a database is made or migrated: row 11 of the fault table."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLS = 100


def test_row_11_after_a_killed_migration_the_next_start_completes(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.faults.kill.migrating", str(tmp_path), "5", str(KILLS)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen.pop("kills") == KILLS
    where = ", ".join(f"{count} {stage}" for stage, count in sorted(seen.items()))
    print(f"{KILLS} kills ({where}): the next start completed, with the same tables")
