"""Rules on what was observed: the newest complete period, late reports reckoned with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from alerts.changes import Known, Plan, changes
from alerts.facts import FindingFacts
from alerts.lifecycle import Moment
from alerts.messages import Message
from alerts.rendering import subject, text
from alerts.rules import RunNote, observed
from core.alerts import AlertState
from core.clock import stamp
from core.forecasts import WatchResult
from core.periods import Period
from core.rule_settings import ObservedRuleSettings
from core.series import Completed
from core.settings import RouteSettings
from tests.alerts.samples import CHANNELS, HEARD, KABUL, NOW, SEPTEMBER, page, result, watch

NOTE = RunNote(date(2022, 10, 3))
HISTORY = [2.0, 1, 3, 2, 0, 2, 3, 1, 2, 2, 1, 3]
TEXT = """\
What         HIGH: 12 deadly events in 2022-09
Where        Afghanistan/Kabul
When         1 to 30 September 2022
How sure     as reported; the sources may still revise it
Why          this level rings from 5, the rule's minimum: more than in any
             month since 2021-09 would be 4
To do        Call the office.
So far       ▃▄▅█ 3, 5, 7, 12: deadly events per month, 2022-06 to 2022-09;
             since then, still incomplete: 2 in 2022-10
Baseline     4 deadly events per month on average, 1 September 2021 to 31
             August 2022
Owner        security desk
Clears       the next newly complete month, below 35 % likely to reach any
             level's threshold
Data         complete to 30 September 2022, 3 days old; cut-off 3 October 2022
"""


def rule(**changes: Any) -> ObservedRuleSettings:
    given = {
        "name": "outbreak",
        "watch": "provinces",
        "on": "observed",
        "levels": [{"severity": "high", "at_least": {"record": True, "minimum": 5}}],
        "clear_after": 1,
        "action": "Call the office.",
        "owner": "security desk",
    }
    return ObservedRuleSettings.model_validate({**given, **changes})


def counted(
    newest: float, before: list[float] = HISTORY, late: Completed | None = None
) -> WatchResult:
    """Kabul with these counts, the last of them in September 2022."""
    made = result([[3.0] * 3], keys=[KABUL])
    recent = (3, 5, 7, int(newest))
    standing = made.standings[0]._replace(
        recent=recent, tempo=int(newest), completed=(late,) if late else ()
    )
    panel = replace(made.outlook.panel, counts=np.array([[*before, newest]]))
    return replace(made, outlook=replace(made.outlook, panel=panel), standings=(standing,))


def expected(low: int, median: int, high: int, reported: int = 4) -> Completed:
    return Completed(SEPTEMBER, reported, median, low, high)


def likely(made: WatchResult, **changes: Any) -> float:
    (found,) = observed.read(rule(**changes), made)
    return found.readings[0].probability


@pytest.mark.parametrize(("count", "probability"), [(4, 0.0), (5, 1.0), (12, 1.0)])
def test_a_final_count_reaches_its_threshold_or_does_not(count: float, probability: float) -> None:
    assert likely(counted(count)) == probability


def test_the_newest_period_is_not_part_of_its_own_history() -> None:
    (found,) = observed.read(rule(), counted(50.0))
    assert found.readings[0].threshold == 5  # the record before it is 3, the minimum 5
    assert found.data_through == date(2022, 9, 30)


@pytest.mark.parametrize(
    ("law", "probability"),
    [
        (expected(6, 8, 11), 0.95),
        (expected(5, 8, 11), 0.95),
        (expected(4, 5, 9), 0.5),
        (expected(1, 3, 5), 0.05),
        (expected(1, 2, 3), 0.05),
        (expected(3, 7, 9), 0.725),
    ],
)
def test_a_count_whose_reports_come_in_is_as_likely_as_its_completion(
    law: Completed, probability: float
) -> None:
    assert likely(counted(4.0, late=law)) == pytest.approx(probability)


def test_a_late_count_rings_before_its_reports_are_in_and_no_sooner_than_asked() -> None:
    made = counted(4.0, late=expected(3, 7, 9))
    assert observed.read(rule(), made)[0].readings[0].crossed
    sure = [{"severity": "high", "at_least": 5, "probability": 0.8}]
    assert not observed.read(rule(levels=sure), made)[0].readings[0].crossed


def test_late_periods_of_the_past_stand_as_they_are_expected_in_the_end() -> None:
    made = counted(6.0)
    august = Completed(SEPTEMBER - 1, 3, 9, 5, 14)
    late = replace(made, standings=(made.standings[0]._replace(completed=(august,)),))
    assert observed.read(rule(), late)[0].readings[0].threshold == 10


def test_a_quiet_region_rings_for_its_minimum_at_the_least() -> None:
    levels = [{"severity": "high", "at_least": {"chance": 0.01, "minimum": 3}}]
    zeros = [0.0] * 12
    assert likely(counted(2.0, zeros), levels=levels) == 0
    assert likely(counted(3.0, zeros), levels=levels) == 1


def test_series_that_end_apart_are_read_at_their_own_ends() -> None:
    made = result([[3.0] * 5] * 2, ends=[SEPTEMBER, SEPTEMBER - 2])
    found = observed.read(rule(), made, NOTE)
    assert [e.data_through for e in found] == [date(2022, 9, 30), date(2022, 7, 31)]


def decide(made: WatchResult, *known: Any) -> Any:
    read = observed.read(rule(), made, NOTE, {alert.region for alert in known})
    plan = Plan([watch()], [rule()], [RouteSettings(channels=("duty",))], CHANNELS)
    ids = {alert.alert_id: 1 for alert in known}
    told = {alert.alert_id: HEARD for alert in known}
    return changes(read, Known(known, ids, told), plan, Moment(stamp(NOW), "run")).changes


def test_the_message_says_what_was_counted_and_never_forecasts() -> None:
    made = decide(counted(12.0))
    (message,) = (Message.model_validate(one.body) for one in made.deliveries)
    assert text(message).startswith(TEXT)
    assert subject(message) == (
        "Afghanistan/Kabul · Sep 2022 · reported · HIGH: 12 deadly events in 2022-09"
    )
    assert "Call the office." in page(message)


def test_a_late_count_says_how_many_are_expected_and_how_likely_that_makes_it() -> None:
    made = decide(counted(4.0, late=expected(3, 7, 9)))
    shown = text(Message.model_validate(made.deliveries[0].body))
    assert "4 deadly events in 2022-09 so far, 7 expected" in shown
    assert "90 % interval 3 to 9" in " ".join(shown.split())
    assert "the final count reaches it: about 3 in 4" in " ".join(shown.split())


def test_an_alert_ends_with_a_complete_period_under_its_line() -> None:
    (alert,) = decide(counted(12.0)).alerts
    assert (alert.state, alert.threshold, alert.baseline) == (AlertState.FIRING, 5, 4.0)
    assert decide(counted(12.0), alert).deliveries == ()
    later = counted(1.0, [*HISTORY, 12.0])
    ends = later.outlook.panel.ends + 1
    panel = replace(later.outlook.panel, ends=ends)
    standing = later.standings[0]._replace(newest=SEPTEMBER + 1)
    later = replace(
        later,
        outlook=replace(later.outlook, panel=panel),
        standings=(standing,),
        running=SEPTEMBER + 2,
    )
    ended = decide(later, alert)
    assert [one.state for one in ended.alerts] == [AlertState.RESOLVED]
    assert FindingFacts.model_validate(ended.events[0].facts).counted == 1
    assert Period.MONTH.label(standing.newest) in ended.deliveries[0].body["data"]["headline"]
