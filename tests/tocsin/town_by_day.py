"""A town whose days pass: its file changes, it pulls and runs, and nobody waits."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TextIO

from core.clock import FixedClock
from storage.database import open_database
from tests.acceptance.town import CONFIG, SCREEN
from tocsin.asof import Replay
from tocsin.config import load
from tocsin.cycle import Cycle, CycleReport
from tocsin.sheets import sheets
from tocsin.stores import opened
from tocsin.table_output import write

PULLED = {"as_of": "# as_of", "covered_through = 2024-06-30": 'covered_through = "pull"'}
"""Changes of the town's configuration with which its days are those of the clock."""


@dataclass
class TownByDay:
    """`events` are id → (day, province); the file holds them as they are when a day runs."""

    folder: Path
    events: dict[str, tuple[str, str]] = field(default_factory=dict)

    def configure(self, change: dict[str, str] | None = None) -> None:
        text = CONFIG.format(channels=SCREEN)
        for old, new in {**PULLED, **(change or {})}.items():
            assert old in text, old
            text = text.replace(old, new)
        self.config.write_text(text, encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def database(self) -> Path:
        return self.folder / "tocsin.db"

    def clock(self, day: str, hour: int = 6) -> FixedClock:
        return FixedClock(datetime.combine(date.fromisoformat(day), time(hour), tzinfo=UTC))

    def run(
        self, day: str, replay: Replay | None = None, hour: int = 6, *, deliver: bool = False
    ) -> CycleReport:
        lines = [f"{i},{d},Freedonia,{p}" for i, (d, p) in self.events.items() if d <= day]
        text = "\n".join(["id,date,country,province", *lines]) + "\n"
        (self.folder / "incidents.csv").write_text(text, encoding="utf-8")
        config, clock = load(self.config), self.clock(day, hour)
        with opened(config, None, "own", clock) as stores:
            return Cycle(config, stores, clock, replay=replay, deliver=deliver).run()

    def curves(self, run: int) -> list[tuple[object, ...]]:
        """Return everything that a run forecast, byte for byte."""
        with closing(open_database(self.database, mode="read")) as database:
            return database.rows(
                "SELECT region, horizon, period_index, mean, q05, q50, q95, weights, curve "
                "FROM forecasts JOIN blocks USING (block_id) JOIN series USING (series_id) "
                "JOIN blends USING (blend_id) WHERE run_id = ? ORDER BY region, horizon",
                [run],
            )

    def table(self, form: str, out: TextIO, today: str) -> None:
        config = load(self.config)
        with opened(config, None, "read", self.clock(today)) as stores:
            day = date.fromisoformat(today)
            found = sheets(stores.reader, config, config.watches, day, incidents=stores.incidents)
        write(found, form, out)


PLACE = "Storm"


def stormy(folder: Path) -> TownByDay:
    """Return a town that is calm for two years, then has a storm that grows until June 2024."""
    made = TownByDay(folder)
    made.configure()
    for month in range(30):
        for number in range(1 + month % 2 if month < 24 else 4 + (month - 24)):
            made.events[f"{month}-{number}"] = (_day(month, 3 + number), PLACE)
    return made


def of_two(folder: Path) -> TownByDay:
    """Return a town of two provinces with 3 to 6 incidents a month from 2022 to June 2024."""
    made = TownByDay(folder)
    made.configure()
    for month in range(30):
        for number in range(3 + month % 4):
            province = "Calm" if number % 2 else "Storm"
            made.events[f"{month}-{number}"] = (_day(month, 5 + number), province)
    return made


def _day(month: int, day: int) -> str:
    """Return a day of the month that comes so many after January 2022."""
    return f"{2022 + month // 12}-{month % 12 + 1:02d}-{day:02d}"
