"""Inhibition: a country's alert may hold back its provinces'."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.inhibition import inhibitor
from core.alerts import Alert, AlertState
from core.settings import Inhibition, WatchSettings
from tests.alerts.samples import alert, watch

RULE = Inhibition.model_validate({"source": {"watch": "countries"}, "target": {"watch": "prov*"}})
WATCHES = {"provinces": watch(), "countries": watch(name="countries", group_by=["country"])}


def watch_of(alert: Alert) -> WatchSettings:
    return WATCHES[alert.watch]


def country(**changes: Any) -> Alert:
    given = {"alert_id": "al_country", "watch": "countries", "region": ("Afghanistan",)}
    return alert(**{**given, **changes})


@pytest.mark.parametrize(
    ("source", "target", "held"),
    [
        (country(), alert(), True),
        (country(severity="severe"), alert(), True),
        (country(severity="advisory"), alert(), False),
        (country(state=AlertState.PENDING), alert(), False),
        (country(region=("Pakistan",)), alert(), False),
        (country(watch="provinces"), alert(), False),
        (country(), alert(alert_id="al_country"), False),
    ],
)
def test_an_alert_is_held_back_by_one_that_fires_in_its_country_and_is_as_severe(
    source: Alert, target: Alert, held: bool
) -> None:
    found = inhibitor(target, [target, source], [RULE], watch_of)
    assert found == (source if held else None)


def test_two_alerts_that_could_hold_back_each_other_are_both_told() -> None:
    anything = Inhibition.model_validate({"source": {}, "target": {}})
    assert inhibitor(alert(), [country()], [anything], watch_of) is None


def test_a_value_that_is_not_there_is_equal_to_nothing() -> None:
    WATCHES["cells"] = watch(name="cells", group_by=["region"])
    rule = Inhibition.model_validate({"source": {"rule": "big"}, "target": {"rule": "tempo"}})
    one, other = (
        alert(alert_id=name, watch="cells", rule=rule, region=(name,))
        for name, rule in (("a", "tempo"), ("b", "big"))
    )
    assert inhibitor(one, [other], [rule], watch_of) is None


def test_what_must_be_equal_can_be_chosen() -> None:
    rule = Inhibition.model_validate(
        {"source": {"watch": "countries"}, "target": {"watch": "provinces"}, "equal": ["rule"]}
    )
    assert inhibitor(alert(), [country(region=("Mali",))], [rule], watch_of) is not None
    assert inhibitor(alert(), [country(rule="other")], [rule], watch_of) is None
