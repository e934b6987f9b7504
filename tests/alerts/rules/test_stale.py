"""Rules on silent feeds: their readings, alerts, routes and messages."""

from datetime import date, timedelta

import pytest

from alerts.changes import Known, Plan, changes
from alerts.evidence import RunNote
from alerts.lifecycle import Moment
from alerts.messages import Message, SilenceData
from alerts.rendering import subject, text
from alerts.rules import stale
from core.alerts import Alert, AlertState
from core.clock import stamp
from core.rhythm import Silence
from core.settings import ChannelSettings, Match, RouteSettings, StaleRuleSettings
from core.sources import Source
from tests.alerts.samples import NOW, SOURCE, page, watch

SINCE = date(2022, 9, 1)
RULE = StaleRuleSettings.model_validate(
    {
        "name": "silence",
        "watch": "provinces",
        "on": "stale",
        "severity": "elevated",
        "after": "21d",
        "action": "Ask the desk.",
    }
)
TEXT = """\
What         ELEVATED: no new data from ucdp-nigeria
Where        feed ucdp-nigeria, which watch provinces reads
Last news    1 September 2022, 32 days before this run
Rhythm       news every 7 days or sooner; the rule rings when it is silent for
             more than 21 days
Why          it brought nothing new for 32 days, more than 21 days
Means        what you see of watch provinces may be calm or silence; until
             there are news, none of its alerts is cleared
To do        Ask the desk.
Clears       the first pull that brings something new
Data         cut-off 3 October 2022
"""


def silent(days: int, since: date = SINCE, rhythm: int | None = 7) -> Silence:
    return Silence("ucdp-nigeria", since, days, rhythm, max(21, rhythm or 0))


def decide(
    found: Silence, *known: Alert, route: Match | None = None
) -> tuple[Alert, list[Message]]:
    note = RunNote(NOW.date())
    channels = [ChannelSettings(name="duty", kind="console")]
    plan = Plan([watch()], [RULE], [RouteSettings(match=route or Match(), channels=("duty",))],
                channels)  # fmt: skip
    ids = {alert.alert_id: 1 for alert in known}
    told = {alert.alert_id: {"duty": stamp(NOW)} for alert in known}
    moment = Moment(stamp(NOW), "run")
    made = changes(stale.read(RULE, [found], note), Known(known, ids, told), plan, moment)
    messages = [Message.model_validate(one.body) for one in made.changes.deliveries]
    return (made.changes.alerts or (None,))[0], messages  # type: ignore[return-value]


def test_a_feed_within_its_limit_opens_no_alert() -> None:
    assert decide(silent(21)) == (None, [])


def test_a_stale_feed_fires_once_and_the_first_news_resolve_it() -> None:
    opened, messages = decide(silent(32))
    assert (opened.state, opened.region, opened.severity) == (
        AlertState.FIRING, ("ucdp-nigeria",), "elevated",
    )  # fmt: skip
    assert (opened.threshold, opened.baseline, opened.unit) == (21, None, "days without news")
    assert [message.type for message in messages] == ["alert.firing"]
    still, again = decide(silent(39), opened)
    assert (still.state, again) == (AlertState.FIRING, [])
    ended, last = decide(silent(0, SINCE + timedelta(40)), still)
    assert ended.state is AlertState.RESOLVED
    assert [message.type for message in last] == ["alert.resolved"]
    assert subject(last[0]) == (
        "ucdp-nigeria · last news 11 October 2022 · "
        "RESOLVED (was ELEVATED): new data from ucdp-nigeria"
    )
    assert "Means" not in text(last[0])


def test_only_news_end_a_silence() -> None:
    opened, _ = decide(silent(32))
    longer = Silence("ucdp-nigeria", SINCE, 33, 40, 40)
    still, messages = decide(longer, opened)
    assert (still.state, messages) == (AlertState.FIRING, [])


def test_the_message_says_since_when_and_what_it_means() -> None:
    _, (message,) = decide(silent(32))
    assert text(message).startswith(TEXT)
    assert subject(message) == (
        "ucdp-nigeria · last news 1 September 2022 · ELEVATED: no new data from ucdp-nigeria"
    )
    assert "no new data from ucdp-nigeria" in page(message)


def test_an_unknown_rhythm_is_told_as_such() -> None:
    _, (message,) = decide(silent(32, rhythm=None))
    assert "Rhythm       not known yet; the rule rings when it is silent for more" in text(message)
    assert isinstance(message.data, SilenceData)
    assert message.data.rhythm_days is None


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        (Match(), True),
        (Match(region="ucdp-*"), True),
        (Match(region="Nigeria/*"), False),
        (Match(country="Nigeria"), False),
        (Match(country="ucdp-nigeria"), False),
        (Match(watch="provinces", rule="sil*", severity=("elevated",)), True),
        (Match(severity=("severe",)), False),
    ],
)
def test_routes_take_a_silent_feed_by_its_name_and_no_country(match: Match, taken: bool) -> None:
    assert bool(decide(silent(32), route=match)[1]) == taken


def test_a_message_credits_the_silent_feed_alone() -> None:
    named = Source.model_validate({**SOURCE, "feed": "ucdp-nigeria"})
    note = RunNote(NOW.date(), sources=(Source.model_validate(SOURCE), named))
    (found,) = stale.read(RULE, [silent(32)], note)
    assert [source["feed"] for source in found.facts["sources"]] == ["ucdp-nigeria"]
