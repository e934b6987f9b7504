"""Whole stories of alerts, told by real cycles over a tracker whose days pass."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.by_hand import end_alert
from alerts.lifecycle import Moment
from core.alerts import AlertState
from core.clock import stamp
from core.forecasts import WatchResult
from core.people import Action, ActionKind, Silence
from storage.backup import back_up, restore
from storage.runs import Runs
from storage.stories import Stories
from tests.tocsin.town_by_day import PLACE, TownByDay, stormy
from tocsin.config import load
from tocsin.cycle import CycleReport
from tocsin.known import known
from tocsin.plan import plan_of
from tocsin.stores import Stores, opened


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    return stormy(tmp_path)


def keep(town: TownByDay, day: str, work: Callable[[Stores, str], object], hour: int = 8) -> None:
    clock = town.clock(day, hour)
    with opened(load(town.config), None, "write", clock) as stores:
        work(stores, stamp(clock.now()))


def steps(report: CycleReport) -> list[tuple[str, str]]:
    return [(event.reason, event.to_state.value) for event in report.changes.events]


def sent(report: CycleReport) -> list[str]:
    return [new.body["type"] for new in report.changes.deliveries]


def only_alert(report: CycleReport) -> str:
    (name,) = {alert.alert_id for alert in report.changes.alerts}
    return name


def test_a_storm_fires_and_its_month_is_judged_when_the_window_is_complete(
    town: TownByDay,
) -> None:
    first = town.run("2024-07-02", deliver=True)
    assert steps(first) == [("crossed_enough_runs", "firing")]
    town.events |= {f"july-{n}": (f"2024-07-{n + 3:02d}", PLACE) for n in range(9)}
    town.events |= {"august": ("2024-08-05", PLACE), "september": ("2024-09-05", PLACE)}
    for day in ("2024-08-02", "2024-09-02"):
        assert "alert.judged" not in sent(town.run(day, deliver=True))
    last = town.run("2024-10-02", deliver=True)
    assert ("came_true", "firing") in steps(last) or ("came_true", "resolved") in steps(last)
    (told,) = (new.body for new in last.changes.deliveries if new.body["type"] == "alert.judged")
    assert "it came true: 9 attacks in the largest month" in told["data"]["reason_in_words"]
    assert "alert.judged" not in sent(town.run("2024-11-02", deliver=True))


def test_what_the_source_deletes_is_retracted_at_once_on_the_same_months(
    town: TownByDay,
) -> None:
    town.configure({'noun = "attacks"': 'noun = "attacks"\nmax_loss_share = 1.0'})
    town.run("2024-07-02", deliver=True)
    town.events = {i: e for i, e in town.events.items() if int(i.split("-")[0]) < 24}
    town.events |= {f"{m}-0": (f"2024-{m - 23:02d}-03", PLACE) for m in range(24, 30)}
    report = town.run("2024-07-03", deliver=True)
    assert steps(report) == [("retracted", "retracted")], report.reasons
    assert sent(report) == ["alert.retracted"]
    (event,) = report.changes.events
    assert "the source revised its counts" in event.remarks[0].text
    assert steps(town.run("2024-07-04")) == []


def test_a_silence_mutes_and_its_end_is_told_once(town: TownByDay) -> None:
    town.run("2024-06-02", deliver=True)
    keep(
        town,
        "2024-07-01",
        lambda stores, now: stores.people.silence(
            Silence(0, {"region": "*/Storm"}, (), "known", "Bo", now, "2024-07-05")
        ),
    )
    muted = town.run("2024-07-02", deliver=True)
    ended = town.run("2024-07-06", deliver=True)
    again = town.run("2024-07-07", deliver=True)
    assert (sent(muted), sent(ended), sent(again)) == ([], ["alert.firing"], [])
    assert steps(ended)[-1] == ("silence_ended", "firing")


def test_an_alias_moves_the_alert_to_the_new_name(town: TownByDay) -> None:
    old = only_alert(town.run("2024-07-02", deliver=True))
    text = town.config.read_text()
    town.config.write_text(text + '\n[aliases.admin1]\n"Gale" = ["Storm"]\n')
    report = town.run("2024-07-03", deliver=True)
    assert [reason for reason, _ in steps(report)] == ["renamed", "superseded", "crossed_again"]
    states = {alert.alert_id: alert.state for alert in report.changes.alerts}
    assert states.pop(old) is AlertState.SUPERSEDED
    assert list(states.values()) == [AlertState.FIRING]


def test_a_rule_that_asks_for_more_clears_nothing_and_one_that_is_gone_is_named(
    town: TownByDay,
) -> None:
    name = only_alert(town.run("2024-07-02", deliver=True))
    text = town.config.read_text()
    town.config.write_text(text.replace("at_least = 5", "at_least = 500"))
    changed = town.run("2024-08-02", deliver=True)
    assert steps(changed) == [("level_shifted", "firing")]
    town.config.write_text(text.replace('name = "tempo"', 'name = "other"'))
    gone = town.run("2024-08-03", deliver=True)
    assert any(name in r and "rule is no longer in the configuration" in r for r in gone.reasons)


def test_an_upgrade_and_a_restore_resolve_nothing(
    town: TownByDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = only_alert(town.run("2024-07-02", deliver=True))
    copy, text = town.folder / "copy.db", town.config.read_text()
    back_up(town.database, copy)
    monkeypatch.setattr("tocsin.cycle.__version__", "99.0")
    town.config.write_text(text.replace("at_least = 5", "at_least = 500"))
    upgraded = town.run("2024-07-03", deliver=True)
    assert upgraded.run == 2
    assert {state for _, state in steps(upgraded)} == {"firing"}
    town.config.write_text(text.replace("at_least = 5", "at_least = 400"))
    restore(copy, town.database, town.clock("2024-07-04").now(), hold_outbox=False)
    restored = town.run("2024-07-04", deliver=True)
    assert restored.run == 2, "the database is that of before"
    assert only_alert(restored) == name
    assert {state for _, state in steps(restored)} == {"firing"}
    assert not {"alert.resolved", "alert.retracted"} & {*sent(upgraded), *sent(restored)}


def test_an_alert_that_a_person_ends_during_a_run_stays_ended(
    town: TownByDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = only_alert(town.run("2024-07-02", deliver=True))

    def end(stores: Stores, now: str) -> None:
        alert = Stories(stores.database).find(name)
        config = load(town.config)
        plan, moment = plan_of(config), Moment(now, "by hand")
        made = end_alert(
            alert, "Bo", "done", known(config, stores, [alert], now), plan, moment
        ).changes
        stores.people.act(Action(name, now, "Bo", ActionKind.RESOLVED, "done"), made)

    staged = Runs.stage

    def stage_while_somebody_ends_it(self: Runs, run: int, result: WatchResult) -> None:
        staged(self, run, result)
        keep(town, "2024-07-03", end, hour=5)

    monkeypatch.setattr(Runs, "stage", stage_while_somebody_ends_it)
    town.run("2024-07-03", deliver=True)
    with opened(load(town.config), None, "read", town.clock("2024-07-03")) as stores:
        assert stores.alerts.unresolved("live") == []
        story = [event.reason for event in Stories(stores.database).events(name)]
    assert story == ["crossed_enough_runs", "ended_by_hand"]
