"""Who is not told of a step, and why."""

from dataclasses import replace

import pytest

from alerts.lifecycle import Reason
from alerts.muting import Mute, ended_between, hearing, matches
from alerts.routing import country_of
from core.people import Action, ActionKind, Silence
from core.settings import Severity
from tests.alerts.samples import alert, watch

BEFORE, START, WITHIN, END = (f"2022-10-{day:02d}T06:00:00.000000Z" for day in (1, 3, 5, 10))
FIRED, ESCALATED, CLEARED = Reason.CROSSED_ENOUGH_RUNS, Reason.ESCALATED, Reason.CLEARED
KNOWN = Action("al_0123456789abcdef0123", START, "Amina", ActionKind.ACKNOWLEDGED, "on it")


def silence(severities: tuple[Severity, ...] = (), **match: str) -> Silence:
    return Silence(3, match or {"region": "*/Kabul"}, severities, "known", "Bo", START, END)


@pytest.mark.parametrize(
    ("reason", "severity", "silenced", "at", "mute"),
    [
        (FIRED, "elevated", (), WITHIN, Mute.SILENCED),
        (FIRED, "elevated", (), BEFORE, Mute.TOLD),
        (FIRED, "elevated", (), END, Mute.TOLD),
        (FIRED, "elevated", ("elevated",), START, Mute.SILENCED),
        (FIRED, "severe", ("elevated",), WITHIN, Mute.TOLD),
        (CLEARED, "elevated", (), WITHIN, Mute.SILENCED),
        (ESCALATED, "severe", (), WITHIN, Mute.TOLD),
        (ESCALATED, "severe", ("elevated",), WITHIN, Mute.TOLD),
        (ESCALATED, "severe", ("severe",), WITHIN, Mute.SILENCED),
    ],
)
def test_a_silence_mutes_by_this_table(
    reason: Reason, severity: str, silenced: tuple[Severity, ...], at: str, mute: Mute
) -> None:
    heard = hearing(alert(severity=severity), reason, "", [silence(silenced)], None, at)
    assert heard.mute is mute
    assert bool(heard.words) == (mute is not Mute.TOLD)


@pytest.mark.parametrize("reason", [FIRED, ESCALATED, CLEARED, Reason.RETRACTED])
def test_an_acknowledgement_mutes_nothing_new(reason: Reason) -> None:
    assert hearing(alert(), reason, "", [], KNOWN, WITHIN).mute is Mute.TOLD


def test_an_acknowledgement_mutes_what_repeats_and_is_named() -> None:
    heard = hearing(alert(), Reason.SILENCE_ENDED, "", [], KNOWN, WITHIN)
    assert heard == (Mute.ACKNOWLEDGED, "acknowledged by Amina")


def test_a_mute_names_its_silence() -> None:
    heard = hearing(alert(), FIRED, "", [silence()], None, WITHIN)
    assert heard.words == "silence 3 of Bo until 2022-10-10T06:00Z: known"


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"region": "Afghanistan/*"}, True),
        ({"region": "afghanistan/*"}, False),
        ({"watch": "prov*", "rule": "tempo"}, True),
        ({"watch": "prov*", "rule": "other"}, False),
        ({"country": "Afghanistan"}, True),
        ({"country": "Mali"}, False),
        ({"alert": "al_0123*"}, True),
    ],
)
def test_every_glob_of_a_silence_must_match(match: dict[str, str], fits: bool) -> None:
    assert matches(match, alert(), country_of(alert(), watch())) is fits


def test_a_feed_lies_in_no_country() -> None:
    assert country_of(alert(), None) == ""
    assert country_of(alert(), watch(group_by=["admin1"])) == ""


def test_a_lifted_silence_ends_when_it_was_lifted() -> None:
    lifted = replace(silence(), ended_at=WITHIN, ended_by="Bo")
    assert ended_between([lifted, silence()], START, END) == [lifted, silence()]
    assert ended_between([lifted, silence()], START, WITHIN) == [lifted]
    assert ended_between([lifted], WITHIN, END) == []
    assert not lifted.in_force(WITHIN)
