"""The incidents that a message names: those behind its counts, as far as their feed shares them."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path

import pytest

from alerts.messages import Message, canonical
from alerts.rendering import rows, text
from core.alerts import Json
from core.text import cited
from storage.database import open_database
from storage.redaction import Warrant, aim, erase
from tests.alerts.samples import body as sample
from tests.alerts.samples import page
from tests.tocsin.town_by_day import TownByDay
from tocsin.config import load
from tocsin.cycle import Cycle, CycleReport
from tocsin.stores import opened

SHARED = {'noun = "attacks"': 'noun = "attacks"\nshare = "rows"'}
SOURCED = {
    **SHARED,
    'admin1 = "province" }': 'admin1 = "province", source = "source" }',
}
HOSTILE = 'Amina Canary Yusuf said\u202e\r\n"<script>alert(1)</script>" =cmd() ' + "x" * 300


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    """Calm for two years, then a storm that grows until June 2024."""
    made = TownByDay(tmp_path)
    for month in range(30):
        count = 1 + month % 2 if month < 24 else 4 + (month - 24)
        for number in range(count):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{3 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Storm")
    return made


def body(report: CycleReport) -> Json:
    (new,) = report.changes.deliveries
    return new.body


def row(told: Json, name: str) -> list[str]:
    """The values of a row and of those without a name that follow it."""
    found = rows(Message.model_validate(told))
    start = [n for n, _ in found].index(name)
    stop = next((n for n in range(start + 1, len(found)) if found[n][0]), len(found))
    return [value for _, value in found[start:stop]]


def test_every_incident_and_their_number_are_found_again_in_the_store(town: TownByDay) -> None:
    town.configure(SHARED)
    told = body(town.run("2024-07-02", deliver=True))
    behind = told["data"]["behind"]
    with closing(open_database(town.database, mode="read")) as database:
        stored = database.rows(
            "SELECT date, source_id FROM incidents WHERE admin1 = 'Storm' AND date >= ? "
            "ORDER BY date DESC, incident_id",
            [behind["since"]],
        )
    newest = told["data"]["recent"][-3:]
    assert behind["since"] == f"{newest[0]['period']}-01"
    assert behind["count"] == len(stored) == sum(point["count"] for point in newest)
    assert [(one["day"], one["id"]) for one in behind["newest"]] == stored[:10]
    lines = row(told, "Incidents")
    assert lines[0] == f"{len(stored)} incidents since 1 April 2024; the newest:"
    assert lines[1] == f"{stored[0][0]} tracker {stored[0][1]}"
    assert lines[-1] == f"and {len(stored) - 10} more"
    assert len(lines) == 12


@pytest.mark.parametrize("share", ["", '\nshare = "aggregates"', '\nshare = "none"'])
def test_a_feed_that_shares_no_rows_is_counted_and_not_quoted(town: TownByDay, share: str) -> None:
    town.configure({'noun = "attacks"': f'noun = "attacks"{share}'})
    told = body(town.run("2024-07-02", deliver=True))
    assert told["data"]["behind"]["newest"] == []
    assert told["data"]["behind"]["withheld"] == ["tracker"]
    (line,) = row(told, "Incidents")
    assert line.endswith("for use inside only: tracker does not share rows")
    assert "29-0" not in json.dumps(told)


def test_a_message_without_incidents_says_nothing_of_them() -> None:
    assert "Incidents" not in dict(rows(Message.model_validate(sample())))


def quoting(town: TownByDay, source: str) -> CycleReport:
    """A run over a file in which every incident cites the source."""
    town.configure(SOURCED)
    with (town.folder / "incidents.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "date", "country", "province", "source"])
        out.writerows([i, d, "Freedonia", p, source] for i, (d, p) in town.events.items())
    config, clock = load(town.config), town.clock("2024-07-02")
    with opened(config, None, "own", clock) as stores:
        return Cycle(config, stores, clock).run()


def test_what_a_source_says_is_cleaned_cut_and_escaped(town: TownByDay) -> None:
    told = body(quoting(town, HOSTILE))
    message = Message.model_validate(told)
    quoted = {one["source"] for one in told["data"]["behind"]["newest"]}
    assert quoted == {cited(HOSTILE)}
    assert len(cited(HOSTILE)) <= 120
    for shown in (text(message), page(message)):
        assert "\u202e" not in shown
        assert "<script>" not in shown.replace(text(message), "")
    assert "&lt;script&gt;" in page(message)


def test_a_redaction_reaches_what_messages_quote(town: TownByDay) -> None:
    quoting(town, HOSTILE)
    held = "SELECT (SELECT count(*) FROM outbox WHERE body LIKE '%Canary%'), "
    held += "(SELECT count(*) FROM alert_events WHERE facts LIKE '%Canary%')"
    with closing(open_database(town.database, mode="own")) as database:
        assert database.rows(held) == [(1, 1)]
        target = aim(database, "tracker", list(town.events), ["source"])
        erase(database, target, Warrant("Bo", "2024-07-03T06:00:00.000000Z", "asked for"))
        assert database.rows(held) == [(0, 0)]
        told = json.loads(database.value("SELECT body FROM outbox"))
    assert {one["source"] for one in told["data"]["behind"]["newest"]} == {"(redacted 1.1)"}
    assert row(told, "Incidents")[1].endswith(": (redacted 1.1)")
    assert b"Canary" not in town.database.read_bytes()


def test_long_ids_and_sources_stay_within_a_webhooks_bounds(town: TownByDay) -> None:
    town.events = {f"{'i' * 90}{i}": e for i, e in town.events.items()}
    assert len(canonical(body(quoting(town, "s" * 5000)))) < 20_000
