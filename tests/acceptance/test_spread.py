"""A group that crosses a border rings on the run that sees it, even where nothing was counted."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.town import SCREEN, Town

CONFIG = (
    """
[service]
as_of = "2024-06-20"

[[feeds]]
name = "tracker"
kind = "csv"
path = "incidents.csv"
columns = { id = "id", date = "date", country = "country", actor = "group" }
noun = "attacks"

[[watches]]
name = "groups"
feeds = ["tracker"]
group_by = ["actor", "country"]
home = "Freedonia"
horizon = 3

[[rules]]
name = "border"
watch = "groups"
on = "spread"
levels = [{ severity = "high", quiet = 12 }]
action = "Tell the offices across the border."
"""
    + SCREEN
)


def town(folder: Path, *abroad: str) -> Town:
    """Two years of attacks at home, last-event coverage, and some abroad."""
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    months = [(year, month) for year in (2022, 2023, 2024) for month in range(1, 13)][:30]
    lines = ["id,date,country,group"]
    lines += [f"h{y}-{m},{y}-{m:02d}-15,Freedonia,Band" for y, m in months]
    lines += [f"a{n},{day},Sylvania,Band" for n, day in enumerate(abroad)]
    (folder / "incidents.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Town(folder)


def test_the_first_incident_in_a_country_without_a_past_rings_at_once(tmp_path: Path) -> None:
    answer = town(tmp_path, "2024-06-18").tocsin("run")
    shown = " ".join(answer.out.split())
    assert "HIGH: Band is new in Sylvania: 1 attack since 2024-05" in shown
    assert "To do Tell the offices across the border." in shown
    again = Town(tmp_path).tocsin("run")
    assert "0 new messages" in again.out


def test_an_incident_after_others_is_no_arrival(tmp_path: Path) -> None:
    answer = town(tmp_path, "2024-02-01", "2024-06-18").tocsin("run")
    assert "is new in" not in answer.out
    assert "0 new messages" in answer.out
