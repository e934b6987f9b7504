"""Row 22 of the fault table: a feed that falls silent looks calm, and must not be taken for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.alerts import AlertState
from core.clock import FixedClock, at_date
from tocsin.config import load
from tocsin.cycle import Cycle, CycleReport
from tocsin.sheets import sheets
from tocsin.stores import opened

START = date(2024, 1, 1)
WEEK = timedelta(days=7)
CONFIG = """
[[feeds]]
name = "tracker"
kind = "csv"
path = "incidents.csv"
covered_through = "{covered}"
columns = {{ id = "id", date = "date", country = "country", admin1 = "province" }}

[[watches]]
name = "weekly"
feeds = ["tracker"]
group_by = ["country", "admin1"]
period = "week"
horizon = 3
models = ["last"]

[[rules]]
name = "tempo"
watch = "weekly"
within = 1
levels = [{{ severity = "severe", at_least = 3, probability = 0.5 }}]
clear_probability = 0.45
clear_after = 1

[[rules]]
name = "silence"
watch = "weekly"
on = "stale"
severity = "advisory"
after = "7d"
action = "Ask the field office."

[[channels]]
name = "log"
kind = "file"
path = "log.jsonl"

[[routes]]
channels = ["log"]
"""


@dataclass
class Town:
    """A tracker that is read every Monday; `week` is how many have passed."""

    folder: Path
    covered: str = "pull"
    week: int = 0
    rows: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        path = self.folder / "config.toml"
        path.write_text(CONFIG.format(covered=self.covered), encoding="utf-8")
        self.config = load(path)

    @property
    def source(self) -> Path:
        return self.folder / "incidents.csv"

    def news(self) -> None:
        """Let the tracker record last week's incidents: four in Storm."""
        day = START + (self.week - 1) * WEEK
        self.rows += [f"{self.week}-{n},{day},Freedonia,Storm" for n in range(4)]
        text = "\n".join(["id,date,country,province", *self.rows])
        self.source.write_text(text + "\n", encoding="utf-8")

    def cycle(self) -> CycleReport:
        clock = FixedClock(at_date(START + self.week * WEEK))
        with opened(self.config, None, "own", clock) as stores:
            report = Cycle(self.config, stores, clock).run()
            today = clock.now().date()
            (sheet,) = sheets(
                *(stores.reader, self.config, self.config.watches, today),
                incidents=stores.incidents,
            )
            assert sheet.rows
            for row in sheet.rows:
                assert date.fromisoformat(row["data_as_of"]) <= clock.now().date()
                assert row["data_age_days"] >= 0
        self.week += 1
        return report


def frozen(_: Town) -> None:
    """The source serves what it served before."""


def gone(town: Town) -> None:
    town.source.unlink(missing_ok=True)


def of_another_kind(town: Town) -> None:
    town.source.write_text("<html>down for maintenance</html>\n", encoding="utf-8")


def rewritten(town: Town) -> None:
    """The source changes its bytes, and nothing in them."""
    text = town.source.read_text(encoding="utf-8").rstrip("\n")
    town.source.write_text(text + "\n" * (2 + town.week % 3), encoding="utf-8")


Outage = Callable[[Town], None]
KINDS: list[tuple[Outage, str]] = [
    (frozen, "pull"),
    (frozen, "last-event"),
    (gone, "pull"),
    (of_another_kind, "pull"),
    (rewritten, "pull"),
]
LENGTHS = [3, 6, 4, 12]
"""Weeks; the last one is long enough for the forecast to fall below the clearing line."""


@pytest.mark.parametrize(("outage", "covered"), KINDS)
def test_twenty_outages_are_told_within_a_cycle_and_clear_nothing(
    tmp_path: Path, outage: Outage, covered: str
) -> None:
    town = Town(tmp_path, covered)
    calm = [good_week(town) for _ in range(10)]
    assert any(opens(report, "tempo") for report in calm)
    told = held = 0
    for length in LENGTHS:
        outage(town)
        reports = [town.cycle() for _ in range(length)]
        # The first Monday without news is a week after the last: only then is it late.
        late = [number for number, report in enumerate(reports) if opens(report, "silence")]
        assert late == [1], "one notice, in the first cycle that can know"
        assert not [report for report in reports if closes(report, "tempo")], "no all-clear"
        assert all("no new data from tracker since" in " ".join(r.reasons) for r in reports[1:])
        held += sum(e.reason == "feed_overdue" for r in reports for e in r.changes.events)
        back = good_week(town)
        assert closes(back, "silence")
        assert not back.reasons
        told += 1
        for _ in range(4):
            assert not good_week(town).reasons
    assert told == len(LENGTHS)
    assert held or covered != "pull" or outage in {gone, of_another_kind}, "calm was seen"
    print(
        f"{outage.__name__}, covered through {covered}: {told}/{len(LENGTHS)} outages told in the "
        f"first cycle that could know, 0 all-clears, {held} times held back"
    )


def good_week(town: Town) -> CycleReport:
    town.news()
    return town.cycle()


def opens(report: CycleReport, rule: str) -> bool:
    return _sent(report, rule, AlertState.FIRING)


def closes(report: CycleReport, rule: str) -> bool:
    return _sent(report, rule, AlertState.RESOLVED)


def _sent(report: CycleReport, rule: str, state: AlertState) -> bool:
    bodies = [delivery.body["data"] for delivery in report.changes.deliveries]
    return any(body["rule"] == rule and body["state"] == state.value for body in bodies)
