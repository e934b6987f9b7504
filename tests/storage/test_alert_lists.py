"""Lists of alerts: every one that fits once, the newest change first, page by page."""

import random
from dataclasses import replace

import pytest

from core.alerts import Alert, AlertChanges
from storage.alert_lists import After, AlertLists, Wanted
from storage.alerts import enter_changes
from storage.database import Database
from tests.storage.samples import alert, event

STAMPS = [f"2022-10-{day:02d}T06:00:00.000000Z" for day in range(1, 10)]
PAST = Wanted(open_only=False)


def made(number: int) -> Alert:
    is_open = number % 5 == 0
    return alert(
        f"A{number:03d}",
        "firing" if is_open else "resolved",
        resolved_at=None if is_open else STAMPS[-1],
        watch=("provinces", "cities")[number % 2],
        rule=("tempo", "calm")[number % 3 == 0],
        severity=("elevated", "severe")[number % 4 == 0],
        region=("Nigeria", f"State {number}"),
        updated_at=STAMPS[number % 7],
    )


@pytest.fixture
def lists(database: Database) -> AlertLists:
    alerts = [made(number) for number in range(60)]
    random.Random(3).shuffle(alerts)
    with database.transaction() as connection:
        enter_changes(connection, None, AlertChanges(tuple(alerts)), STAMPS[0])
    return AlertLists(database)


def names(found: list[Alert]) -> list[str]:
    return [one.alert_id for one in found]


def in_order(alerts: list[Alert]) -> list[str]:
    by_name = sorted(alerts, key=lambda one: one.alert_id)
    return names(sorted(by_name, key=lambda one: one.updated_at, reverse=True))


def test_the_newest_change_stands_first_and_equal_ones_by_name(lists: AlertLists) -> None:
    assert names(lists.page(PAST, 100)) == in_order([made(n) for n in range(60)])
    assert lists.number(PAST) == 60


def test_pages_hold_every_alert_once(lists: AlertLists) -> None:
    found: list[Alert] = []
    while page := lists.page(PAST, 7, _after(found)):
        found += page
    assert names(found) == names(lists.page(PAST, 100))
    assert names(lists.page(PAST, 7, skip=14)) == names(found[14:21])


def _after(found: list[Alert]) -> After | None:
    return After(found[-1].updated_at, found[-1].alert_id) if found else None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(open_only=False, rule="calm"),
        Wanted(open_only=False, severity="severe"),
        Wanted(open_only=False, watch=lambda name: name == "cities"),
        Wanted(open_only=False, region=lambda name: name.endswith("7")),
        Wanted(watch=lambda name: name == "provinces", rule="tempo", severity="severe"),
        Wanted(watch=lambda _: False),
    ],
)
def test_what_fits_is_what_each_alert_would_say(lists: AlertLists, wanted: Wanted) -> None:
    fitting = [
        one
        for one in map(made, range(60))
        if (one.state.is_open or not wanted.open_only)
        and wanted.rule in (None, one.rule)
        and wanted.severity in (None, one.severity)
        and (wanted.watch is None or wanted.watch(one.watch))
        and (wanted.region is None or wanted.region("/".join(one.region)))
    ]
    assert names(lists.page(wanted, 100)) == in_order(fitting)
    assert lists.number(wanted) == len(fitting)


def test_the_last_step_of_each_is_told(lists: AlertLists, database: Database) -> None:
    steps = [replace(event("A003", n), reason=f"step {n}", probability=n / 10) for n in (1, 2)]
    with database.transaction() as connection:
        enter_changes(connection, None, AlertChanges((), (*steps, event("A004"))), STAMPS[0])
    assert lists.last_steps(["A003", "A004", "A005"]) == {
        "A003": ("step 2", 0.2),
        "A004": ("first crossing", 0.71),
    }


def test_alerts_of_replays_are_of_another_scope(lists: AlertLists) -> None:
    assert lists.number(Wanted(open_only=False, scope="replay/x")) == 0
