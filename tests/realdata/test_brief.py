"""A brief of real incidents: its numbers are those of the file, and each is what its query says."""

import csv
import gzip
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.clock import FixedClock, at_date
from tocsin.brief.article import paper
from tocsin.brief.evidence import Question, gather
from tocsin.brief.figures import document
from tocsin.commands.pull import pull
from tocsin.config import load
from tocsin.paper.rendering import render
from tocsin.stores import opened

CONFIG = """
[service]
database = "tocsin.db"
as_of = "2020-01-01"

[[feeds]]
name = "ucdp"
kind = "ucdp-csv"
path = "{path}"
covered_through = 2019-12-31
noun = "deadly events"

[[watches]]
name = "provinces"
feeds = ["ucdp"]
group_by = ["country", "admin1"]
"""
SINCE = date(2015, 5, 29)


@pytest.mark.realdata
def test_a_brief_of_nigeria_tells_the_numbers_of_the_file(
    tmp_path: Path, real_data: Callable[[str], Path]
) -> None:
    path = real_data("hdx_ucdp_nigeria.csv.gz")
    (tmp_path / "config.toml").write_text(CONFIG.format(path=path), encoding="utf-8")
    pull(tmp_path / "config.toml", None, ())
    config, clock = load(tmp_path / "config.toml"), FixedClock(at_date(date(2020, 1, 1)))
    with opened(config, None, "read", clock) as stores:
        found = document(gather(stores, config, Question("provinces", SINCE), date(2020, 1, 1)))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        days = [
            row["date_start"][:10]
            for row in csv.DictReader(file)
            if row["date_start"][:1].isdigit()
        ]
    (everywhere,) = found["tempo"]
    assert everywhere["since"]["events"] == sum(day >= "2015-05-29" for day in days)
    assert everywhere["before"]["events"] == sum(day < "2015-05-29" for day in days)
    assert found["dispersion"] > 5
    assert everywhere["ratio"]["bursts_low_95"] < everywhere["ratio"]["low_95"]
    plain = sqlite3.connect(tmp_path / "tocsin.db")
    wrong = [e for e in found["explain"] if plain.execute(e["sql"]).fetchall() != [(e["value"],)]]
    plain.close()
    assert wrong == []
    told = " ".join(render(paper(found, explain=False), "text").split())
    assert "so that the truth is less certain" in told
    print(f"\n{len(days)} events, {len(found['explain'])} numbers, each what its query answers")
