"""Who is told when a channel does not get through, and in which words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.messages import Message
from alerts.notices import Trouble, of_blindness, of_trouble, teller, trial
from alerts.rendering import subject, text
from core.settings import ChannelSettings
from tests.alerts.samples import NOW, page

CHANNELS = [
    ChannelSettings(name="log", kind="file"),
    ChannelSettings(name="duty", kind="email", fallback="sms"),
    ChannelSettings(name="soc", kind="webhook"),
    ChannelSettings(name="sms", kind="webhook"),
]
SINCE = "2022-10-03T06:00:00.000000Z"


def trouble(channel: str = "duty", kind: str = "disabled", works: bool = False) -> Trouble:
    return Trouble(channel, kind, SINCE, 3, "HTTP 410", works)


@pytest.mark.parametrize(
    ("about", "owners", "unfit", "told"),
    [
        (trouble(), [], set(), "sms"),
        (trouble(), ["log"], {"sms"}, "log"),
        (trouble(), [], {"sms"}, "soc"),
        (trouble("soc"), [], set(), "duty"),
        (trouble("soc"), [], {"duty", "sms"}, "log"),
        (trouble("soc"), [], {"duty", "sms", "log"}, None),
        (trouble("soc", works=True), [], {"duty", "sms", "log"}, None),
        (trouble("soc", "given up", works=True), [], {"duty", "sms", "log"}, "soc"),
        (trouble("soc", "given up"), [], {"duty", "sms", "log"}, None),
    ],
)
def test_a_trouble_is_told_by_the_likeliest_channel_that_works(
    about: Trouble, owners: list[str], unfit: set[str], told: str | None
) -> None:
    assert teller(about, CHANNELS, owners, unfit) == told


def test_a_disabled_channel_is_told_with_the_way_to_mend_it() -> None:
    made = of_trouble(trouble(), "soc", NOW)
    shown = text(Message.model_validate(made.body))
    assert (made.kind, made.channel, made.alert_id) == ("notice", "soc", None)
    assert "HTTP 410" in shown
    assert "tocsin deliveries enable duty" in " ".join(shown.split())
    assert subject(Message.model_validate(made.body)).startswith("channel duty · ")
    assert made == of_trouble(trouble(), "soc", NOW)


def test_messages_given_up_are_told_with_the_way_to_send_them_again() -> None:
    made = of_trouble(trouble(kind="given up"), "soc", NOW)
    shown = " ".join(text(Message.model_validate(made.body)).split())
    assert "3 messages could not be delivered" in shown
    assert "tocsin deliveries replay --dead --channel duty" in shown
    assert made.delivery_id != of_trouble(trouble(), "soc", NOW).delivery_id


def test_a_gap_in_the_runs_is_told_once_to_each_channel() -> None:
    due = NOW - timedelta(days=1)
    made = of_blindness(due - timedelta(days=7), due, "late", ["duty", "soc", "duty"], NOW)
    again = of_blindness(None, due, "late", ["duty"], NOW + timedelta(days=3))
    assert [one.channel for one in made] == ["duty", "soc"]
    assert again[0].delivery_id == made[0].delivery_id
    shown = text(Message.model_validate(made[0].body))
    assert "we are blind" in shown
    assert "2022-09-25 06:00 UTC" in shown


def test_a_notice_leads_to_the_page_where_one_looks_where_there_is_one() -> None:
    site = "https://tocsin.example.org"
    late = [of_blindness(None, NOW, "late", ["duty"], NOW, at)[0] for at in (site, "")]
    refused = [of_trouble(trouble(), "soc", NOW, at) for at in (site, "")]
    for (linked, bare), address in ((late, f"{site}/feeds"), (refused, f"{site}/deliveries")):
        shown = Message.model_validate(linked.body)
        assert text(shown).rstrip().endswith(f"  {address}")
        assert f'href="{address}"' in page(shown)
        assert "https:" not in text(Message.model_validate(bare.body))
        assert linked.delivery_id == bare.delivery_id


def test_a_trial_says_in_every_form_that_it_is_one() -> None:
    message = Message.model_validate(trial("duty", NOW).body)
    assert message.type == "alert.test"
    for shown in (subject(message), text(message), page(message)):
        assert "TEST" in shown
        assert "nothing has happened" in shown
