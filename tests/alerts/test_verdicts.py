"""Did it come true? Verdicts on complete windows."""

from dataclasses import replace

import numpy as np
import pytest

from alerts.changes import Known, Plan, changes
from alerts.facts import Facts
from alerts.lifecycle import Moment, Reason
from alerts.messages import Message
from alerts.past import Past
from alerts.rendering import rows
from alerts.verdicts import Judged, Warned, judged, verdict
from core.alerts import AlertState
from core.settings import RouteSettings
from tests.alerts.samples import CHANNELS, SEPTEMBER, alert, facts, result, rule, watch

CAME, NOT, UNDECIDED = Reason.CAME_TRUE, Reason.DID_NOT_COME_TRUE, Reason.UNDECIDED
ANY, TOTAL = facts(), facts(aggregate="total")
MOMENT = Moment("2023-01-07T06:00:00.000000Z", "run-9")


@pytest.mark.parametrize(
    ("told", "counts", "late", "reason", "observed"),
    [
        (ANY, (3, 8, 1), (3, 8, 1), CAME, 8),
        (ANY, (3, 7, 1), (3, 7, 1), NOT, 7),
        (TOTAL, (3, 4, 1), (3, 4, 1), CAME, 8),
        (TOTAL, (3, 3, 1), (3, 3, 1), NOT, 7),
        (ANY, (None, 9, 1), (None, 9, 1), CAME, 9),
        (ANY, (None, 7, 1), (None, 7, 1), UNDECIDED, 7),
        (ANY, (None, None, None), (None, None, None), UNDECIDED, None),
        (ANY, (3, 7, 1), (3, 8, 1), UNDECIDED, 7),
        (TOTAL, (3, 3, 1), (3, 3, 2), UNDECIDED, 7),
    ],
)
def test_a_verdict_is_given_by_this_table(
    told: dict[str, object],
    counts: tuple[int | None, ...],
    late: tuple[int | None, ...],
    reason: Reason,
    observed: int | None,
) -> None:
    warned = Warned(alert(), told, "elevated", 0.74)
    found = verdict(warned, Facts.model_validate(told), counts, late)
    assert (found.reason, found.observed, found.threshold) == (reason, observed, 8)


def test_the_level_that_fired_is_judged_not_the_one_it_opened_with() -> None:
    warned = Warned(alert(), ANY, "severe", 0.7)
    assert verdict(warned, Facts.model_validate(ANY), (9, 9, 9), (9, 9, 9)).reason is NOT


def test_a_window_that_goes_on_another_region_and_another_unit_have_no_verdict() -> None:
    warned = Warned(alert(), ANY, "elevated", 0.74)
    block = result([[3.0] * 3], ends=[SEPTEMBER + 3], keys=[alert().region])
    assert [found.reason for found in judged(block, [warned])] == [NOT]
    assert list(judged(result([[3.0] * 3], keys=[alert().region]), [warned])) == []
    assert list(judged(result([[3.0] * 3], ends=[SEPTEMBER + 3]), [warned])) == []
    assert list(judged(replace(block, unit="deaths"), [warned])) == []


def test_a_month_that_no_source_covers_leaves_it_undecided() -> None:
    block = result([[3.0] * 3], ends=[SEPTEMBER + 3], keys=[alert().region])
    block.outlook.panel.counts[0, 1] = np.nan
    assert [found.reason for found in judged(block, [Warned(alert(), ANY, "elevated", 0.7)])] == [
        UNDECIDED
    ]


def decide(found: Judged, told: set[str]) -> list[tuple[str, str, str]]:
    plan = Plan([watch()], [rule()], [RouteSettings(channels=("duty",))], CHANNELS)
    known = Known(sequences={alert().alert_id: 4}, told={alert().alert_id: dict.fromkeys(told, "")})
    made = changes([], known, plan, MOMENT, [found]).changes
    assert [event.sequence for event in made.events] == [5] * len(made.events)
    assert [one.verdict for one in made.verdicts] == [event.reason for event in made.events]
    return [(m.channel, m.body["type"], m.body["data"]["reason_in_words"]) for m in made.deliveries]


def test_everybody_who_was_told_gets_one_closing_message() -> None:
    ended = alert(state=AlertState.RESOLVED, resolved_at=MOMENT.at)
    words = "it came true: 9 deadly events in the largest month"
    found = Judged(Warned(ended, ANY, "elevated", 0.74), CAME, 9, 8, words)
    told = f"the window is over: {words}"
    assert decide(found, {"soc"}) == [("duty", "alert.judged", told), ("soc", "alert.judged", told)]


def test_the_message_is_about_the_level_that_fired_whatever_the_alert_fell_back_to() -> None:
    found = Judged(Warned(alert(severity="elevated"), ANY, "severe", 0.6), NOT, 9, 20, "it did not")
    plan = Plan([watch()], [rule()], [RouteSettings(channels=("duty",))], CHANNELS)
    past = {alert().alert_id: Past(ANY, facts(data_as_of="2022-11-30"))}
    made = changes([], Known(past=past, told={}), plan, MOMENT, [found]).changes
    (message,) = [Message.model_validate(one.body) for one in made.deliveries]
    shown = dict(rows(message))
    assert shown["What"] == "DID NOT COME TRUE: 20 or more deadly events in any month of the window"
    assert shown["Verdict"] == "the window is over: it did not"
    assert shown["Told then"].startswith("about 3 in 5 (60 %) on 3 October 2022; 9 deadly events")
    assert shown["Known then"] == "on 3 October 2022, when it fired:"
    assert not shown.keys() & {"Before", "How likely", "Why"}


@pytest.mark.parametrize("state", [AlertState.RETRACTED, AlertState.SUPERSEDED])
def test_what_was_taken_back_or_goes_on_elsewhere_is_not_judged(state: AlertState) -> None:
    gone = alert(state=state, resolved_at=MOMENT.at)
    assert decide(Judged(Warned(gone, ANY, "elevated", 0.7), NOT, 1, 8, "no"), set()) == []
