"""The real program in a folder of its own, as acceptance tests drive it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("tocsin")

CONFIG = """
[service]
database = "tocsin.db"
as_of = "2024-07-01"

[[feeds]]
name = "tracker"
kind = "csv"
path = "incidents.csv"
covered_through = 2024-06-30
columns = {{ id = "id", date = "date", country = "country", admin1 = "province" }}
noun = "attacks"

[[watches]]
name = "provinces"
feeds = ["tracker"]
group_by = ["country", "admin1"]
horizon = 3

[[rules]]
name = "tempo"
watch = "provinces"
within = 3
levels = [{{ severity = "severe", at_least = 5, probability = 0.5 }}]
clear_probability = 0.3
clear_after = 1
action = "Call the field office."
{channels}
"""
SCREEN = """
[[channels]]
name = "screen"
kind = "console"

[[routes]]
channels = ["screen"]
"""
PLACED = {'admin1 = "province" }': 'admin1 = "province", latitude = "lat", longitude = "lon" }'}
"""What a configuration changes to read the coordinates that `Town.record` writes."""


@dataclass(frozen=True)
class Answer:
    """What the program printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Town:
    """A folder with a configuration and a tracker's file, and the program to run in it."""

    folder: Path

    def tocsin(self, *arguments: str, env: dict[str, str] | None = None) -> Answer:
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def configure(self, channels: str = SCREEN, change: dict[str, str] | None = None) -> None:
        text = CONFIG.format(channels=channels)
        for old, new in (change or {}).items():
            assert old in text
            text = text.replace(old, new)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def record(
        self,
        counts: dict[str, list[int]],
        year: int = 2022,
        places: dict[str, tuple[float, float]] | None = None,
    ) -> None:
        """Write an incident file: monthly counts per province from January of a year.

        With `places` two more columns hold the latitude and longitude of those provinces.
        """
        lines = ["id,date,country,province" + (",lat,lon" if places else "")]
        for province, months in counts.items():
            at = ",".join(["", *map(str, places.get(province, ("", "")))]) if places else ""
            for month, count in enumerate(months):
                day = f"{year + month // 12}-{month % 12 + 1:02d}"
                lines += [
                    f"{province}-{month}-{n},{day}-{n % 28 + 1:02d},Freedonia,{province}{at}"
                    for n in range(count)
                ]
        (self.folder / "incidents.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


QUIET = [1, 0, 2, 1, 0, 1] * 5
RISING = [*QUIET[:24], 5, 6, 8, 9, 10, 12]
