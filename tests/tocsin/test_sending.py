"""The post office: what an owner that is gone had in hand is sent by the next one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.clock import FixedClock
from storage.database import open_database
from storage.outbox import Holder, Outbox
from tests.acceptance.town import CONFIG
from tests.storage.samples import NOW
from tests.storage.test_outbox import fill
from tocsin.config import load
from tocsin.sending import PostOffice, open_channels

DUTY = """
[[channels]]
name = "duty"
kind = "file"
path = "duty.jsonl"

[[routes]]
channels = ["duty"]
"""


@pytest.mark.parametrize(("holder", "sent"), [("owner", 2), ("visitor", 1)])
def test_what_a_dead_owner_had_claimed_is_sent_at_once_and_what_others_hold_is_not(
    tmp_path: Path, holder: Holder, sent: int
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(channels=DUTY), encoding="utf-8")
    config, clock = load(path), FixedClock(NOW)
    with open_database(config.database, mode="own") as database:
        fill(database, 2)
        (claimed,) = Outbox(database, holder).claim(NOW, 3600, 1)
        done = PostOffice(config, database, open_channels(config, clock), clock).send()
    lines = (tmp_path / "duty.jsonl").read_text(encoding="utf-8").splitlines()
    assert done.sent == len(lines) == sent
    assert (claimed.delivery_id in {json.loads(line)["id"] for line in lines}) is (sent == 2)
