"""Alerts that nobody acknowledged, by the clock, in a real database and with a real outbox."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.alerts import Attempt
from core.clock import FixedClock, stamp
from storage import unheard
from storage.database import Database, open_database
from storage.outbox import Outbox
from tests.acceptance.town import Town
from tests.tocsin.town_by_day import TownByDay
from tocsin.acting import Acting
from tocsin.config import load
from tocsin.passing_on import pass_on_unacknowledged
from tocsin.plan import plan_of
from tocsin.stores import opened

CHANNELS = """
[[channels]]
name = "screen"
kind = "console"

[[channels]]
name = "manager"
kind = "file"
path = "manager.jsonl"

[[routes]]
channels = ["screen"]
ack_within = "30m"
then = ["manager"]
"""
RUN = datetime(2024, 7, 2, 6, tzinfo=UTC)


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    """A storm that has rung, with a route that asks for an acknowledgement."""
    made = TownByDay(tmp_path)
    made.configure()
    text = made.config.read_text(encoding="utf-8")
    head = text[: text.index("[[channels]]")]
    made.config.write_text(head + CHANNELS, encoding="utf-8")
    for month in range(30):
        for number in range(1 + month % 2 if month < 24 else 4 + (month - 24)):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{3 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Storm")
    made.run("2024-07-02", deliver=True)
    return made


def own(town: TownByDay) -> Database:
    return open_database(town.database, mode="own")


def sent(database: Database, at: datetime) -> list[str]:
    """Deliver all that is due at an instant; return to whom."""
    outbox = Outbox(database, "owner")
    claimed = outbox.claim(at, 60, 10)
    for one in claimed:
        outbox.delivered(one.delivery_id, Attempt(stamp(at), True, "", 1))
    outbox.settle()
    return [one.channel for one in claimed]


def passed(town: TownByDay, database: Database, minutes: float) -> int:
    clock = FixedClock(RUN + timedelta(minutes=minutes))
    return pass_on_unacknowledged(plan_of(load(town.config)), database, clock)


def test_the_next_channel_is_told_when_the_time_is_over_and_once(town: TownByDay) -> None:
    with closing(own(town)) as database:
        assert sent(database, RUN) == ["screen"]
        assert passed(town, database, 29.9) == 0
        assert passed(town, database, 30) == 1
        assert passed(town, database, 31) == 0
        assert sent(database, RUN + timedelta(minutes=31)) == ["manager"]
    answer = Town(town.folder).tocsin("alerts", "list", "--format", "json")
    assert answer.code == 0, answer.err
    shown = answer.data
    story = Town(town.folder).tocsin("alerts", "show", shown[0]["alert"]).out
    words = "nobody acknowledged it within 30 min of telling screen: told manager"
    assert f"- 2024-07-02T06:30Z: {words}" in story
    assert words in Town(town.folder).tocsin("handover", "--since", "2024-07-02").out


def test_time_runs_from_when_the_message_got_through(town: TownByDay) -> None:
    with closing(own(town)) as database:
        assert sent(database, RUN + timedelta(hours=2)) == ["screen"]
        assert passed(town, database, 149) == 0
        assert passed(town, database, 150) == 1


def test_a_message_that_does_not_get_through_is_passed_on_all_the_same(town: TownByDay) -> None:
    with closing(own(town)) as database:
        outbox = Outbox(database, "owner")
        (one,) = outbox.claim(RUN, 60, 10)
        failed = Attempt(stamp(RUN), False, "HTTP 503", 1)
        outbox.failed(one.delivery_id, failed, RUN + timedelta(hours=5))
        assert passed(town, database, 30) == 1


def test_who_acknowledges_in_time_is_taken_at_their_word(town: TownByDay) -> None:
    clock = FixedClock(RUN + timedelta(minutes=10))
    with opened(load(town.config), None, "own", clock) as stores:
        sent(stores.database, RUN)
        (alert,) = stores.alerts.unresolved("live")
        Acting(stores, "Amina", clock.now()).acknowledge(alert, "1h", "calling")
        assert passed(town, stores.database, 30) == 0
        assert passed(town, stores.database, 24 * 60) == 0


def test_a_crash_while_it_is_kept_leaves_nothing_and_the_next_look_tells(
    town: TownByDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    counted = "SELECT (SELECT count(*) FROM passed_on), (SELECT count(*) FROM outbox)"
    with closing(own(town)) as database:
        sent(database, RUN)
        with monkeypatch.context() as broken:
            broken.setattr(unheard, "enter_deliveries", crash)
            with pytest.raises(KeyboardInterrupt):
                passed(town, database, 30)
        assert database.rows(counted) == [(0, 1)]
        assert passed(town, database, 45) == 1
        assert database.rows(counted) == [(1, 2)]


def test_a_copy_that_must_not_send_passes_nothing_on(town: TownByDay) -> None:
    with closing(own(town)) as database:
        sent(database, RUN)
        with database.transaction() as connection:
            connection.execute("UPDATE installation SET held = 'copied'")
        assert passed(town, database, 60) == 0


def test_an_alert_that_waits_for_quiet_hours_is_not_late(town: TownByDay) -> None:
    quiet = (
        'kind = "console"\nquiet = { from = "05:00", to = "09:00" , breaks_through = "extreme" }'
    )
    text = town.config.read_text(encoding="utf-8").replace('kind = "console"', quiet)
    town.config.write_text(text, encoding="utf-8")
    town.database.unlink()
    town.run("2024-07-02", deliver=True)
    with closing(own(town)) as database:
        assert sent(database, RUN) == []
        assert passed(town, database, 60) == 0
        assert passed(town, database, 209) == 0
        assert passed(town, database, 210) == 1
