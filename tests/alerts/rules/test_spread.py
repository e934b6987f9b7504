"""Rules on spread: an actor where it was not, and far more of it abroad than a year before."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from alerts.changes import Known, Plan, changes
from alerts.lifecycle import Moment
from alerts.messages import Message
from alerts.rendering import subject, text
from alerts.rules import RunNote, spread
from alerts.rules.spread import Sightings
from core.alerts import AlertState, Evaluation
from core.clock import stamp
from core.periods import Period
from core.regions import ABROAD, UNKNOWN, RegionKey
from core.rule_settings import SpreadRuleSettings
from core.series import Cells
from core.settings import RouteSettings, WatchSettings
from tests.alerts.samples import CHANNELS, HEARD, NOW

NOTE = RunNote(date(2022, 10, 3), overdue=())
OCTOBER = Period.MONTH.of(date(2022, 10, 1))
HOME, NEXT = ("ISKP", "Afghanistan"), ("ISKP", "Tajikistan")
SUM = ("ISKP", ABROAD)
WATCH = WatchSettings(
    name="abroad", feeds=("f",), group_by=("actor", "country"), home="Afghanistan"
)
ARRIVAL = {"severity": "high", "quiet": 12}
INCREASE = {"severity": "elevated", "times_year_before": 3.0, "minimum": 5}


def rule(*levels: dict[str, Any], **changes: Any) -> SpreadRuleSettings:
    given = {"name": "spread", "watch": "abroad", "on": "spread", "levels": levels or (ARRIVAL,)}
    return SpreadRuleSettings.model_validate({**given, **changes})


def seen(
    counts: dict[RegionKey, dict[int, int]],
    without_series: tuple[RegionKey, ...] = (),
    watch: WatchSettings = WATCH,
    end: int = OCTOBER - 1,
) -> Sightings:
    """Counts by months before October 2022; data complete to September, and from 2018 on."""
    whole = {HOME: {57: 1}, **counts}
    keys = list(whole)
    rows = [(n, OCTOBER - ago, c) for n, key in enumerate(keys) for ago, c in whole[key].items()]
    region, period, count = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    ends = {key: end for key in keys if key not in without_series}
    return Sightings(watch, "attacks", Cells(keys, region, period, count), ends, OCTOBER)


def read(made: Sightings, asked: SpreadRuleSettings | None = None) -> dict[RegionKey, Evaluation]:
    return {e.region: e for e in spread.read(asked or rule(), made, NOTE)}


def rings(evaluation: Evaluation) -> bool:
    return evaluation.readings[-1].crossed


@pytest.mark.parametrize("ago", [0, 1])
def test_a_first_incident_rings_at_once_and_through_its_month(ago: int) -> None:
    assert rings(read(seen({NEXT: {ago: 1}}))[NEXT])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({0: 1, 13: 5}, False),
        ({0: 1, 14: 5}, True),
        ({0: 1, 2: 1}, False),
        ({2: 1}, False),
        ({14: 9}, False),
    ],
)
def test_quiet_means_complete_periods_without_any(counts: dict[int, int], expected: bool) -> None:
    assert rings(read(seen({NEXT: counts}))[NEXT]) is expected


def test_a_country_without_any_series_rings_too() -> None:
    assert rings(read(seen({NEXT: {0: 1}}, without_series=(NEXT,)))[NEXT])


def test_home_unknown_countries_and_sums_are_no_arrivals() -> None:
    made = seen({("TTP", "Afghanistan"): {0: 3}, ("ISKP", UNKNOWN): {0: 3}, SUM: {0: 3}})
    assert read(made) == {}


def test_a_quiet_that_the_data_do_not_reach_back_to_is_not_known() -> None:
    asked = rule({**ARRIVAL, "quiet": 60})
    assert not rings(read(seen({NEXT: {0: 1}}), asked)[NEXT])


def test_levels_of_arrivals_follow_the_count() -> None:
    asked = rule({**ARRIVAL, "severity": "advisory"}, {**ARRIVAL, "at_least": 5})
    severities = [
        [r.severity for r in read(seen({NEXT: {0: count}}), asked)[NEXT].readings if r.crossed]
        for count in (1, 5)
    ]
    assert severities == [["advisory"], ["advisory", "high"]]


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(9, 3, True), (8, 3, False), (5, 0, True), (4, 0, False), (4, 1, False)],
)
def test_an_increase_abroad_is_held_against_the_same_months_a_year_before(
    now: int, before: int, expected: bool
) -> None:
    made = seen({SUM: {0: 99, 2: now, 14: before, 16: 50}})
    assert rings(read(made, rule(INCREASE))[SUM]) is expected


def test_an_increase_is_read_in_the_sum_abroad_alone() -> None:
    assert set(read(seen({NEXT: {1: 50}, SUM: {1: 50}}), rule(INCREASE))) == {SUM}


def test_a_year_before_the_data_began_is_not_nothing() -> None:
    made = seen({SUM: {2: 50}})
    short = Sightings(
        WATCH, "attacks", Cells([SUM], *(np.array([n]) for n in (0, OCTOBER - 2, 50))),
        made.ends, OCTOBER,
    )  # fmt: skip
    assert not rings(read(short, rule(INCREASE))[SUM])


def test_a_watch_that_has_counted_nothing_is_not_read() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert (
        spread.read(rule(), Sightings(WATCH, "x", Cells([], none, none, none), {}, 1), NOTE) == []
    )


def decide(made: Sightings, *known: Any) -> Any:
    found = spread.read(
        rule(action="Tell the border offices."), made, NOTE, {a.region for a in known}
    )
    plan = Plan([WATCH], [rule()], [RouteSettings(channels=("duty",))], CHANNELS)
    ids = {alert.alert_id: 1 for alert in known}
    told = {alert.alert_id: HEARD for alert in known}
    return changes(found, Known(known, ids, told), plan, Moment(stamp(NOW), "run")).changes


def test_the_message_names_actor_place_and_quiet() -> None:
    (made,) = decide(seen({NEXT: {0: 2}})).deliveries
    message = Message.model_validate(made.body)
    shown = " ".join(text(message).split())
    assert "HIGH: ISKP is new in Tajikistan: 2 attacks since 2022-09" in shown
    assert "this level rings from 1, after 12 months without any" in shown
    assert "To do Tell the border offices." in shown
    assert subject(message).startswith("ISKP/Tajikistan · Sep–Oct 2022 · reported · HIGH:")


def test_an_arrival_ends_when_it_is_new_no_longer_and_not_before() -> None:
    (alert,) = decide(seen({NEXT: {0: 2}})).alerts
    assert decide(seen({NEXT: {0: 2}}), alert).deliveries == ()
    later = seen({NEXT: {0: 2}}, end=OCTOBER + 1)
    later = Sightings(WATCH, "attacks", later.cells, later.ends, OCTOBER + 2)
    (ended,) = decide(later, alert).alerts
    assert ended.state is AlertState.RESOLVED
