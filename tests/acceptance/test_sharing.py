"""A feed that has to stay inside from now on: what waits for channels outside stays too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pytest_httpserver import HTTPServer

from tests.acceptance.town import RISING, Town

CHANNELS = """
[[channels]]
name = "abroad"
kind = "webhook"
url = "{url}"
profile = "alertmanager"
allow_networks = ["127.0.0.0/8", "::1/128"]
{fallback}

[[channels]]
name = "staff"
kind = "file"
path = "staff.jsonl"

[[routes]]
channels = ["{to}"]
"""


def outbox(town: Town) -> list[tuple[str, str, str]]:
    with sqlite3.connect(town.folder / "tocsin.db") as connection:
        rows = connection.execute(
            "SELECT channel, state, coalesce((SELECT detail FROM attempts AS a WHERE "
            "a.delivery_id = outbox.delivery_id ORDER BY attempt_id DESC LIMIT 1), '') "
            "FROM outbox WHERE kind <> 'notice' ORDER BY place"
        )
        return rows.fetchall()


def test_a_message_that_waits_when_its_feed_is_confined_is_told_inside_only(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("", 503)
    town, url = Town(tmp_path), httpserver.url_for("/")
    town.configure(CHANNELS.format(url=url, to="abroad", fallback=""))
    town.record({"Storm": RISING})
    assert town.tocsin("run").code == 4
    assert outbox(town) == [("abroad", "pending", "HTTP 503")]
    asked = len(httpserver.log)

    channels = CHANNELS.format(url=url, to="staff", fallback='fallback = "staff"')
    noun = 'noun = "attacks"'
    town.configure(channels, change={noun: f'{noun}\nshare = "none"'})
    town.tocsin("run")

    reason = 'withdrawn: tracker must stay inside the organisation now (share = "none")'
    told = outbox(town)
    assert told[0] == ("abroad", "dead", reason)
    assert {(channel, state) for channel, state, _ in told[1:]} <= {("staff", "delivered")}
    assert len(httpserver.log) == asked, "not one more request"
    listed = town.tocsin("deliveries", "list", "--state", "dead", "--format", "json")
    assert [row["detail"] for row in listed.data] == [reason]
    town.tocsin("run")
    assert outbox(town)[0] == ("abroad", "dead", reason)
    assert len(outbox(town)) >= 2, "the fallback told it inside"
