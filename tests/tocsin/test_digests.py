"""Digests go down the same way as alerts: once per slot, across restarts, with what is allowed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.email_settings import EmailSettings
from alerts.channels.letter import write
from alerts.messages import Message
from alerts.templates import Templates
from alerts.tickets import Tickets
from core.alerts import Delivery
from core.clock import FixedClock
from core.errors import ConfigError
from core.people import Action, ActionKind
from storage.database import open_database
from storage.installation import hold
from storage.people import People
from tests.tocsin.town_by_day import TownByDay
from tocsin.config import load
from tocsin.digests import due, make
from tocsin.sending import PostOffice, open_channels

DAILY = """
[[channels]]
name = "morning"
kind = "file"
path = "morning.jsonl"
digest = { every = "day", at = "07:00", zone = "Africa/Lagos" }

[[routes]]"""


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    made = TownByDay(tmp_path)
    made.configure({"\n[[routes]]": DAILY})
    for month in range(30):
        for number in range(2 if month < 26 else 9):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{5 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Storm")
    return made


def clock(at: str) -> FixedClock:
    return FixedClock(datetime.fromisoformat(at).replace(tzinfo=UTC))


def send(town: TownByDay, at: str) -> list[dict[str, Any]]:
    """Send what is due at an instant, as a process of its own; return all digests so far."""
    config, now = load(town.config), clock(at)
    with open_database(town.database, mode="own", clock=now) as database:
        PostOffice(config, database, open_channels(config, now), now).send()
    lines = (town.folder / "morning.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_slot_has_one_digest_whoever_sends_how_often(town: TownByDay) -> None:
    town.run("2024-07-02", deliver=True)
    for at in ("2024-07-02T06:30", "2024-07-02T06:31", "2024-07-03T05:59"):
        (only,) = send(town, at)
    data = only["data"]
    assert (data["until"][:16], data["since"][:16]) == ("2024-07-02T06:00", "2024-07-01T06:00")
    assert (data["open_alerts"], data["new_alerts"], data["run"]) == (1, 1, 1)
    assert "SEVERE, firing: Freedonia/Storm, 5 or more attacks" in data["text"]
    assert "new: Freedonia/Storm: fired" in " ".join(data["text"].split())
    assert "2024-07" in data["text"]
    assert data["html"].lower().startswith("<!doctype html>")


def test_the_next_one_catches_up_on_the_slots_that_were_missed(town: TownByDay) -> None:
    town.run("2024-07-02", deliver=True)
    assert len(send(town, "2024-07-02T06:30")) == 1
    first, second = send(town, "2024-07-05T09:00")
    assert second["data"]["since"] == first["timestamp"] == "2024-07-02T06:30:00.000000Z"
    assert second["data"]["until"][:16] == "2024-07-05T06:00"
    assert (second["data"]["open_alerts"], second["data"]["new_alerts"]) == (1, 0)


def test_nothing_is_due_before_the_first_run_nor_while_one_waits_nor_for_a_copy(
    town: TownByDay,
) -> None:
    config = load(town.config)
    with open_database(town.database, mode="own", clock=clock("2024-07-01T06:00")) as database:
        assert due(config, database, clock("2024-07-02T06:30").now()) == []
    town.run("2024-07-02", deliver=True)
    with open_database(town.database, mode="own", clock=clock("2024-07-02T06:30")) as database:
        assert make(config, database, clock("2024-07-02T06:30")) == 1
        assert make(config, database, clock("2024-07-04T06:30")) == 0, "one waits to be sent"
        database_rows = database.rows("SELECT kind, channel FROM outbox WHERE kind = 'digest'")
        assert database_rows == [("digest", "morning")]
    send(town, "2024-07-04T06:00")
    with open_database(town.database, mode="own", clock=clock("2024-07-04T06:30")) as database:
        assert due(config, database, clock("2024-07-05T06:30").now())
        hold(database, "a copy")
        assert due(config, database, clock("2024-07-05T06:30").now()) == []


def test_a_mail_has_the_text_first_and_the_report_as_its_page(town: TownByDay) -> None:
    town.run("2024-07-02", deliver=True)
    (line,) = send(town, "2024-07-02T06:30")
    body = {key: value for key, value in line.items() if key != "id"}
    settings = EmailSettings.model_validate(
        {
            "name": "desk", "kind": "email", "from": "t@example.org", "to": ["d@example.org"],
            "smtp": {"host": "localhost", "port": 25, "security": "none"},
        }
    )  # fmt: skip
    delivery = Delivery("msg_1", None, "desk", body, "2024-07-02T06:30:00.000000Z", 1, "digest")
    mail = write(delivery, settings, Templates(None)).decode()
    assert mail.index("text/plain") < mail.index("text/html")
    assert "Subject: Tocsin" in mail
    assert mail == write(delivery, settings, Templates(None)).decode()


def test_one_link_acknowledges_what_fires_and_nobody_has_acknowledged(town: TownByDay) -> None:
    town.run("2024-07-02", deliver=True)
    (line,) = send(town, "2024-07-02T06:30")
    ((alert_id, step),) = line["data"]["firing"]
    assert (alert_id.startswith("al_"), step) == (True, 1)
    body = {key: value for key, value in line.items() if key != "id"}
    delivery = Delivery("msg_1", None, "desk", body, "2024-07-02T06:30:00.000000Z", 1, "digest")
    link = Tickets(["k" * 32], "https://tocsin.example.org", 3600).link(delivery)
    message = Message.model_validate(body)
    page, plain = (
        Templates().render("email", form, message, link=link) for form in ("html", "txt")
    )
    assert link
    assert link.url in plain
    assert f'</h1>\n<p style="margin: 0 0 16px"><a href="{link.url}"' in page
    assert page.count("</h1>") == 1
    with open_database(town.database, mode="write") as database:
        now = "2024-07-02T07:00:00.000000Z"
        People(database).act(Action(alert_id, now, "Ada", ActionKind.ACKNOWLEDGED, ""))
    assert send(town, "2024-07-03T06:30")[-1]["data"]["firing"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({'"Africa/Lagos" }': '"Africa/Nowhere" }'}, "no time zone"),
        ({'every = "day"': 'every = "hour"'}, "every"),
        ({'kind = "file"\npath = "morning.jsonl"': 'kind = "cap"\nfolder = "cap"\n'
          'sender = "example.org"'}, "every alert by itself"),
        ({'noun = "attacks"': 'noun = "attacks"\nshare = "none"',
          'path = "morning.jsonl"': 'path = "morning.jsonl"\ninternal = false'}, "tell nothing"),
    ],
)  # fmt: skip
def test_a_digest_that_nobody_could_read_is_an_error_of_the_configuration(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    made = TownByDay(tmp_path)
    made.configure({"\n[[routes]]": DAILY, **change})
    with pytest.raises(ConfigError) as caught:
        load(made.config)
    assert words in caught.value.line()
