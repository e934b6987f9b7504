"""The chart of a message shows the message's own numbers, and goes with the mail."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from alerts.examples import examples
from alerts.messages import Message
from alerts.picture import fan_of
from alerts.rendering import rows
from charts.fan import Fan, alt_text
from tests.alerts.mail import MailServer, Recorder, mail_channel
from tests.alerts.samples import body, delivery

AHEAD = [
    {"period": f"2022-1{n}", "median": 7 + n, "low_50": 5, "high_50": 10, "low_90": 3}
    | {"high_90": 16}
    for n in range(3)
]


def fan(**told: Any) -> Fan:
    made = fan_of(Message.model_validate(body(**{"ahead": AHEAD, **told})))
    assert made is not None
    return made


def test_it_shows_the_counts_the_forecast_and_the_lines_of_the_message() -> None:
    made = fan()
    assert [(one.label, one.count) for one in made.counted] == [("2022-08", 5), ("2022-09", 7)]
    assert [(one.label, one.median, one.high_90) for one in made.forecast] == [
        ("2022-10", 7, 16),
        ("2022-11", 8, 16),
        ("2022-12", 9, 16),
    ]
    assert [(line.label, line.count) for line in made.thresholds] == [
        ("elevated", 8),
        ("severe", 20),
    ]
    assert [(one.label, one.reported) for one in made.incomplete] == [("2022-10", 2)]
    assert made.baseline == 4.25


def test_it_shows_the_years_before_the_last_change_of_level_and_when_the_alert_opened() -> None:
    made = fan(
        earlier=[{"period": "2022-06", "count": None}, {"period": "2022-07", "count": 1}],
        level_since={"period": "2022-08", "mean": 6.0, "probability": 0.8},
        cutoff="2022-10-10",
    )
    assert [(one.label, one.count) for one in made.counted] == [
        ("2022-06", None),
        ("2022-07", 1),
        ("2022-08", 5),
        ("2022-09", 7),
    ]
    assert made.level_since
    assert (made.level_since.first.isoformat(), made.level_since.mean) == ("2022-08-01", 6.0)
    assert [(mark.first.isoformat(), mark.label) for mark in made.marks] == [
        ("2022-10-03", "alert opened")
    ]
    assert "alert opened 2022-10-03" in alt_text(made)


def test_known_dates_are_marked_and_told() -> None:
    known = {"name": "Eid", "first": "2022-10-03", "last": "2022-10-05"}
    made = fan(known_dates=[known])
    assert [(one.label, one.last.isoformat()) for one in made.marks] == [("Eid", "2022-10-05")]
    message = Message.model_validate(body(ahead=AHEAD, known_dates=[known]))
    assert ("Known dates", "Eid 3–5 October 2022") in rows(message)
    assert "Known dates" not in dict(rows(Message.model_validate(body(ahead=AHEAD))))


def test_a_level_of_long_before_begins_with_the_chart() -> None:
    made = fan(level_since={"period": "1999-01", "mean": 6.0, "probability": 0.8})
    assert made.level_since
    assert made.level_since.first == made.counted[0].first


def test_a_first_message_needs_no_mark_for_today() -> None:
    assert fan().marks == ()


def test_a_period_whose_reports_still_come_in_is_no_plain_bar() -> None:
    late = {"period": "2022-09", "reported": 7, "median": 9, "low_90": 7, "high_90": 13}
    made = fan(expected_when_complete=[late])
    assert [one.label for one in made.counted] == ["2022-08"]
    assert made.incomplete[0].model_dump(include={"label", "reported", "median"}) == {
        "label": "2022-09",
        "reported": 7,
        "median": 9,
    }


def test_the_threshold_of_a_total_stands_for_no_single_period() -> None:
    assert fan(aggregate="total").thresholds == ()


def test_messages_without_counts_have_no_chart() -> None:
    shown = {one.data.about for one in examples() if fan_of(one)}
    assert shown == {"forecast", "observed"}
    assert fan_of(Message.model_validate(body())) is None


def test_a_mail_shows_the_chart_with_its_words_and_a_repeat_is_the_same(tmp_path: Path) -> None:
    got = Recorder()
    with MailServer(got) as server:
        for _ in range(2):
            mail_channel(tmp_path, server.port).send(delivery(ahead=AHEAD))
        mail_channel(tmp_path, server.port, chart=False).send(delivery(2, ahead=AHEAD))
    assert got.mails[0] == got.mails[1]
    kinds = [part.get_content_type() for part in got.parsed(0).walk()]
    assert kinds == [
        *("multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png")
    ]
    *_, page, picture = got.parsed(0).walk()
    cid = picture["Content-ID"].strip("<>")
    assert f'src="cid:{cid}"' in page.get_content()
    assert 'alt="Chart of Afghanistan/Kabul: deadly events per month.' in page.get_content()
    assert picture.get_content().startswith(b"\x89PNG")
    assert "image/png" not in [part.get_content_type() for part in got.parsed(2).walk()]


def test_a_chart_that_fails_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    got = Recorder()
    with MailServer(got) as server:
        told = {"ahead": AHEAD, "place": "A place not drawn before"}
        assert mail_channel(tmp_path, server.port).send(delivery(**told)) == "taken for 1 of 1"
    plain, page = got.parsed().iter_parts()
    assert "The chart is missing: drawing failed (FileNotFoundError)." in plain.get_content()
    assert "<img" not in page.get_content()
