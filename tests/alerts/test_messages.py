"""The body of a message: its schema, its numbers, its bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from alerts.messages import SCHEMA_FILE, Message, canonical, compose, schema
from alerts.rendering import subject
from core.alerts import AlertState
from tests.alerts.samples import alert, body, event, facts


def test_the_published_schema_is_the_one_that_messages_follow() -> None:
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == schema()


def test_every_key_of_a_body_is_in_the_schema_and_required() -> None:
    published, made = schema(), body()
    data = published["$defs"]["MessageData"]
    assert set(made) == set(published["required"])
    assert set(made["data"]) == set(data["properties"]) == set(data["required"])
    assert data["additionalProperties"] is False


def test_a_body_follows_the_payload_of_standard_webhooks() -> None:
    made = body()
    assert made["type"] == "alert.firing"
    assert made["timestamp"] == "2022-10-03T06:00:00.000000Z"


def test_a_body_tells_every_fact_of_the_run_unchanged() -> None:
    told, made = facts(), body()["data"]
    assert {key: made[key] for key in told} == told


def test_threshold_probability_and_severity_are_of_the_same_level() -> None:
    severe = alert(severity="severe")
    made = compose(severe, event(severe, "escalated", probability=0.62)).data
    assert (made.severity, made.threshold, made.probability) == ("severe", 20, 0.62)
    assert (made.likelihood.percent, made.likelihood.words) == (60, "about 3 in 5")
    assert (made.opened.threshold, made.opened.baseline) == (8, 4.25)


def test_a_level_that_the_rule_lost_keeps_the_threshold_that_the_alert_opened_with() -> None:
    high = alert(severity="high", threshold=11)
    assert compose(high, event(high)).data.threshold == 11


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("crossed_enough_runs", "alert.firing", "crossed its line: about 3 in 4"),
        ("escalated", "alert.escalated", "rose to a more severe level: about 3 in 4"),
    ],
)
def test_a_message_says_why_in_words(reason: str, kind: str, words: str) -> None:
    made = compose(alert(), event(alert(), reason))
    assert made.type == kind
    assert words in made.data.reason_in_words
    assert "this level rings from 50 %" in made.data.reason_in_words
    assert made.data.clears_when == (
        "2 runs in a row, each with newly complete months, in which the likelihood of every level "
        "is below 35 %"
    )


def test_an_all_clear_says_what_cleared_it() -> None:
    ended = alert(state=AlertState.RESOLVED)
    made = compose(ended, event(ended, "cleared", probability=0.12, clear_after=1))
    assert made.type == "alert.resolved"
    assert made.data.reason_in_words == (
        "the likelihood fell below the clearing line of 35 % and stayed there for 1 run"
    )
    assert made.data.clears_when == ""


def test_a_step_that_nobody_is_told_of_has_no_message() -> None:
    with pytest.raises(KeyError):
        compose(alert(), event(alert(), "crossed_again"))


def test_bytes_do_not_depend_on_the_order_of_keys() -> None:
    made = body()
    shuffled = json.loads(json.dumps(made), object_pairs_hook=lambda p: dict(reversed(p)))
    assert canonical(made) == canonical(shuffled)
    assert json.loads(canonical(made)) == made
    assert b", " not in canonical({"a": [1, 2]})


def test_bytes_are_utf_8_whatever_the_names() -> None:
    assert canonical({"place": "Sanaʿāʾ"}).decode() == '{"place":"Sanaʿāʾ"}'
    assert canonical({"place": "\ud800"}) == b'{"place":"?"}'


def test_a_body_is_read_back_as_it_was_written() -> None:
    made = compose(alert(), event(alert()))
    assert Message.model_validate(json.loads(canonical(made.model_dump(mode="json")))) == made


def test_an_unknown_key_in_a_body_is_refused() -> None:
    with pytest.raises(ValidationError):
        Message.model_validate({**body(), "extra": 1})


def test_one_message_stays_far_below_twenty_kilobytes() -> None:
    recent = [{"period": f"2022-W{n:02}", "count": 10**9} for n in range(12)]
    assert len(canonical(body(recent=recent, action="x" * 2000))) < 8_000


def test_the_track_record_is_told_with_its_number_and_interval() -> None:
    record = {"came_true": 7, "judged": 9, "low_95": 0.4526, "high_95": 0.9368}
    made = compose(alert(), event(alert(), record=record)).data
    assert made.track_record == "7 of 9 came true (95 % interval 45 % to 94 %)"


def test_a_step_that_is_told_later_names_the_line_of_its_own_level() -> None:
    escalated = alert(severity="severe")
    earlier = replace(event(escalated), severity="elevated")
    told = compose(escalated, earlier)
    assert told.data.threshold == 8
    assert "ELEVATED: 8 or more" in subject(told)
