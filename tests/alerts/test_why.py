"""Why a message is sent: what happened, or since when it goes on."""

from __future__ import annotations

import pytest

from alerts import why
from alerts.messages import StepType, compose
from alerts.rendering import rows
from core.alerts import AlertState, Remark, RemarkKind
from tests.alerts.samples import alert, event


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        (
            "crossed_enough_runs",
            "alert.firing",
            "the forecast crossed its line: about 3 in 4",
        ),
        (
            "between_the_lines",
            "alert.reminder",
            "open since 3 October 2022 and nobody has acknowledged it; now about 3 in 4",
        ),
        (
            "no_new_period",
            "alert.firing",
            "open since 3 October 2022; now about 3 in 4",
        ),
        ("silence_ended", "alert.firing", "still firing; the silence has ended: about 3 in 4"),
    ],
)
def test_what_did_not_happen_today_is_not_told_as_if_it_had(
    reason: str, kind: StepType, words: str
) -> None:
    made = compose(alert(), event(alert(), reason), kind)
    told, _, line = dict(rows(made))["Why"].rpartition("; this level rings from ")
    assert (told or line, line) in ((words, "50 %"), (words, words))


@pytest.mark.parametrize(
    ("runs", "words"),
    [(1, "1 run with newly complete months, in"), (2, "2 runs in a row, each with newly complete")],
)
def test_what_clears_it_is_told_in_whole_sentences(runs: int, words: str) -> None:
    made = compose(alert(), event(alert(), clear_after=runs))
    assert dict(rows(made))["Clears"].startswith(words)


def test_a_retraction_says_which_counts_were_taken_back() -> None:
    gone = alert(state=AlertState.RETRACTED)
    revised = Remark(RemarkKind.CORRECTED, "the source revised its counts: 2022-09 7 → 1")
    step = event(gone, "retracted")
    told = why.whatever_it_is_about(type(step)(**{**vars(step), "remarks": (revised,)}))
    assert told.startswith("the source took back incidents")
    assert told.endswith("; the source revised its counts: 2022-09 7 → 1")


def test_an_alert_that_is_over_asks_for_nothing_any_more() -> None:
    over = alert(state=AlertState.RESOLVED)
    assert dict(rows(compose(over, event(over, "cleared"))))["Was to do"] == "Check convoys."
    assert dict(rows(compose(alert(), event(alert()))))["To do"] == "Check convoys."
