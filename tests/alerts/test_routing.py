"""Routes: who is told, and which routes would be silence."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.routing import channels_for, check
from core.settings import ChannelSettings, Inhibition, RouteSettings
from tests.alerts.samples import KABUL, alert, rule, watch


def route(*channels: str, **match: Any) -> RouteSettings:
    return RouteSettings.model_validate({"match": match, "channels": channels})


CHANNELS = [ChannelSettings(name=name, kind="console") for name in ("duty", "soc")]


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        ({}, True),
        ({"severity": ["severe"]}, False),
        ({"severity": ["elevated", "severe"]}, True),
        ({"region": "Afghanistan/*"}, True),
        ({"region": "afghanistan/*"}, False),
        ({"region": "Pakistan/*"}, False),
        ({"country": "Afghanistan"}, True),
        ({"country": "Pak*"}, False),
        ({"watch": "prov*", "rule": "tempo"}, True),
        ({"watch": "actors"}, False),
        ({"rule": "spread"}, False),
    ],
)
def test_a_route_takes_what_all_its_keys_match(match: dict[str, Any], taken: bool) -> None:
    found = channels_for([route("duty", **match)], alert(), watch())
    assert found == (("duty",) if taken else ())


def test_channels_of_several_routes_are_told_once_each_in_order() -> None:
    routes = [route("soc"), route("duty", "soc"), route("other", severity=["extreme"])]
    assert channels_for(routes, alert(), watch()) == ("soc", "duty")


def test_the_country_is_taken_from_where_the_watch_groups_by_it() -> None:
    abroad = watch(group_by=["actor", "country"])
    moved = alert(region=("IS-K", "Pakistan"))
    assert channels_for([route("duty", country="Pakistan")], moved, abroad) == ("duty",)
    assert channels_for([route("duty", country="IS-K")], moved, abroad) == ()


def test_a_watch_without_countries_matches_only_routes_that_ask_for_none() -> None:
    cells = watch(group_by=["region"])
    assert channels_for([route("duty", country="Afghanistan")], alert(region=("x",)), cells) == ()
    assert channels_for([route("duty")], alert(region=("x",)), cells) == ("duty",)


def test_a_slash_inside_a_name_is_not_a_separator() -> None:
    moved = alert(region=("Congo", "Nord/Kivu"))
    assert channels_for([route("duty", region=r"Congo/Nord\/Kivu")], moved, watch()) == ("duty",)
    assert channels_for([route("duty", region="Congo/Nord/Kivu")], moved, watch()) == ()


def problems(*routes: RouteSettings, **given: Any) -> list[str]:
    rules = given.get("rules", [rule()])
    return [e.line() for e in check(routes, rules, given.get("watches", [watch()]), CHANNELS)]


def test_good_routes_are_not_complained_about() -> None:
    assert problems(route("duty"), route("soc", region="Nigeria/*", severity=["severe"])) == []
    assert alert().region == KABUL


def test_a_route_to_an_unknown_channel_names_the_known_ones() -> None:
    (line,) = problems(route("dutty"))
    assert line == "routes[1].channels: no channel is named 'dutty'; name one of: duty, soc"


def test_a_time_to_acknowledge_and_who_is_told_then_go_together() -> None:
    whole = {"channels": ("duty",), "ack_within": "30m", "then": ("soc",)}
    assert problems(RouteSettings.model_validate(whole)) == []
    for missing in ("ack_within", "then"):
        half = {key: value for key, value in whole.items() if key != missing}
        (line,) = problems(RouteSettings.model_validate(half))
        assert line.startswith("routes[1]: ack_within and then go together; write both")


def test_who_is_told_at_once_or_is_not_known_cannot_be_told_then() -> None:
    route = RouteSettings(channels=("duty",), ack_within=60, then=("duty", "sock"))
    assert [line.partition(";")[0] for line in problems(route)] == [
        "routes[1].then: no channel is named 'sock'",
        "routes[1].then: channel 'duty' is told at once",
    ]


def test_a_severity_that_no_route_takes_is_an_error() -> None:
    (line,) = problems(route("duty", severity=["elevated"]))
    assert line.startswith("rules.tempo: no route takes severity 'severe'")


def test_rules_without_any_route_are_an_error_for_each_level() -> None:
    assert len(problems()) == 2


@pytest.mark.parametrize(
    "match", [{"rule": "tempoo"}, {"watch": "province"}, {"severity": ["extreme"]}]
)
def test_a_route_that_can_match_nothing_is_an_error(match: dict[str, Any]) -> None:
    (line,) = problems(route("duty"), route("soc", **match))
    assert line.startswith("routes[2].match: matches no level of any rule")
    assert "tempo" in line


def test_a_route_by_country_over_watches_without_countries_is_an_error() -> None:
    (line,) = problems(
        route("duty"), route("soc", country="Mali"), watches=[watch(group_by=["region"])]
    )
    assert line.startswith("routes[2].match.country: ")


def chained(**fallbacks: str | None) -> list[str]:
    channels = [
        ChannelSettings(name=name, kind="console", fallback=to) for name, to in fallbacks.items()
    ]
    everything = RouteSettings(channels=(channels[0].name,))
    return [e.line() for e in check([everything], [rule()], [watch()], channels)]


def test_a_fallback_may_have_a_fallback_of_its_own() -> None:
    assert chained(duty="soc", soc="sms", sms=None) == []


@pytest.mark.parametrize(
    ("fallbacks", "problem"),
    [
        ({"duty": "duty"}, "channels.duty.fallback: leads back to the channel itself"),
        ({"duty": "soc", "soc": "duty"}, "channels.duty.fallback: leads back"),
        ({"duty": "nobody", "soc": None}, "channels.duty.fallback: no channel is named 'nobody'"),
    ],
)
def test_a_fallback_that_leads_nowhere_or_back_is_an_error(
    fallbacks: dict[str, str | None], problem: str
) -> None:
    assert chained(**fallbacks)[0].startswith(problem)


def test_what_stays_inside_never_falls_back_to_the_outside() -> None:
    inside = ChannelSettings(name="duty", kind="console", internal=True, fallback="soc")
    channels = [inside, ChannelSettings(name="soc", kind="console")]
    (fault,) = check([route("duty")], [rule()], [watch()], channels)
    assert fault.line().startswith("channels.duty.fallback: channel 'soc' leaves the organisation")


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ({"rule": "nothing"}, {}, "inhibitions[1].source: matches no level of any rule"),
        ({}, {"watch": "nothing"}, "inhibitions[1].target: matches no level of any rule"),
        ({}, {}, "inhibitions[1]: source and target are the same"),
    ],
)
def test_an_inhibition_that_can_hold_back_nothing_is_an_error(
    source: dict[str, str], target: dict[str, str], problem: str
) -> None:
    holds = Inhibition.model_validate({"source": source, "target": target})
    (fault,) = check([route("duty")], [rule()], [watch()], CHANNELS, [holds])
    assert fault.line().startswith(problem)
