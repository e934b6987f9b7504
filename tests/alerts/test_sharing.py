"""What may not leave the organisation stays on channels that do not."""

import pytest

from alerts.sharing import check, confined_watches, told_inside
from core.settings import ChannelSettings, FeedSettings, Match, RouteSettings, StaleRuleSettings
from tests.alerts.samples import alert, rule, watch

DUTY = ChannelSettings(name="duty", kind="email")
STAFF = ChannelSettings(name="staff", kind="webhook", internal=True)
SILENCE = StaleRuleSettings(name="silence", watch="provinces", on="stale", severity="advisory")


def faults(*channels: str, match: Match | None = None, share: str = "none") -> list[str]:
    feed = FeedSettings.model_validate({"name": "feed", "kind": "csv", "share": share})
    inside = confined_watches([watch()], [feed])
    routes = [RouteSettings(match=match or Match(), channels=channels)]
    found = check(routes, [rule(), SILENCE], inside, [DUTY, STAFF])
    return [fault.line() for fault in found]


def test_a_watch_over_a_confined_feed_cannot_be_routed_to_a_channel_that_leaves() -> None:
    first, second = faults("staff", "duty")
    assert "rule 'tempo' counts feed 'feed', whose share = \"none\"" in first
    assert "channel 'duty' leaves it" in first
    assert "set internal = true" in first
    assert "'silence'" in second


@pytest.mark.parametrize("share", ["aggregates", "rows"])
def test_counts_of_other_feeds_may_leave(share: str) -> None:
    assert faults("duty", share=share) == []


def test_a_channel_of_ones_own_people_may_be_told() -> None:
    assert faults("staff") == []


def test_who_is_told_when_nobody_acknowledges_belongs_to_the_organisation_too() -> None:
    feed = FeedSettings.model_validate({"name": "feed", "kind": "csv", "share": "none"})
    inside = confined_watches([watch()], [feed])
    route = RouteSettings(channels=("staff",), ack_within=60, then=("duty",))
    (first, *_) = check([route], [rule()], inside, [DUTY, STAFF])
    assert "channel 'duty' leaves it" in first.line()


def test_a_route_that_takes_other_watches_is_no_fault() -> None:
    assert faults("duty", match=Match(watch="abroad*")) == []


def test_the_end_of_an_alert_is_told_inside_only_once_its_feed_is_confined() -> None:
    open_alert = alert()
    told = {open_alert.alert_id: dict.fromkeys(["duty", "staff"], "")}
    kept = told_inside(told, [open_alert], {"provinces"}, [DUTY, STAFF])
    assert kept == {open_alert.alert_id: {"staff": ""}}
    free = told_inside(told, [open_alert], set(), [DUTY, STAFF])
    assert set(free[open_alert.alert_id]) == {"duty", "staff"}
